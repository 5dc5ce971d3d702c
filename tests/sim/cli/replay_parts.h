/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the replay share: where it is in the trace, host memory, media. */
#ifndef TESTS_SIM_CLI_REPLAY_PARTS_H
#define TESTS_SIM_CLI_REPLAY_PARTS_H

#include "emulator/device/media.h"
#include "tests/sim/cli/replay.h"

#define SIM_REPLAY_ACCESS_BYTES 4096u /* of one access to registers or configuration space */

enum sim_replay_kind {
	SIM_REPLAY_INSIDE, /* nobody but the controller knows */
	SIM_REPLAY_INPUT,  /* the host did something */
	SIM_REPLAY_OUTPUT, /* the controller did, and the host can see it */
};

/** struct sim_replay_feed - the record whose data goes to the controller, and how much went */
struct sim_replay_feed {
	unsigned int index;
	uint64_t used;
	uint8_t *made; /* its data, when the trace has only the checksum; of record @made_index */
	unsigned int made_index;
};

/** struct sim_replay_pending - a request that the medium answers later, as it was recorded */
struct sim_replay_pending {
	uint32_t tag;
	uint64_t qid;
	uint64_t cid;
	int result;
	bool unknown;
};

#define SIM_REPLAY_RANGES 64 /* more than a controller uses of a Host Memory Buffer */

/**
 * struct sim_replay_own - of one controller
 * @intx: the level of INTx
 * @page_bytes: as the host set it
 * @shadow: shadow doorbells; 0 for none
 * @hmb: the @hmbs pieces of the Host Memory Buffer, in which the controller finds what it wrote
 */
struct sim_replay_own {
	bool intx;
	uint32_t page_bytes;
	uint64_t shadow;
	struct emu_span hmb[SIM_REPLAY_RANGES];
	unsigned int hmbs;
};

/**
 * struct sim_replay - see replay.h
 * @at: index of the first record that was not met yet
 * @tables: host memory of each controller, in chunks that come when they are touched
 * @own: of each controller
 * @marks: blocks whose contents are made up: key to struct sim_replay_mark
 * @write: names what is made up
 * @made_up: the data on their way to the medium are
 * @unknown: the data on their way to the host cannot be compared
 * @qid: with @cid of the last request to a medium
 * @fault: index of the first record from which on no fault of the trace was met
 * @nudged: index of the record for which something was done that the trace does not have
 */
struct sim_replay {
	const struct cli_trace *trace;
	const char *name;
	unsigned int at;
	struct emu *core;
	void *block;
	struct emu_config config;
	struct emu_dma_table *tables;
	struct emu_media_table media;
	GPtrArray *chunks;
	struct sim_replay_own *own;
	struct sim_replay_feed feed;
	GArray *pending;
	GHashTable *marks;
	uint64_t write;
	bool made_up;
	bool unknown;
	uint64_t qid;
	uint64_t cid;
	unsigned int fault;
	unsigned int nudged;
	bool ended;
	struct sim_replayed result;
	struct cli_trace *other; /* the record that differs */
};

/* replay.c */

/** sim_replay_kind - of an event */
enum sim_replay_kind sim_replay_kind(unsigned int event);

/** sim_replay_next - the next record from index @from on that is not inside; NULL for none */
const struct cli_record *sim_replay_next(const struct sim_replay *replay, unsigned int from,
					 unsigned int *ret_index);

/** sim_replay_differs - end here: @why, and what the controller did (NULL: nothing) */
void sim_replay_differs(struct sim_replay *replay, const struct nvme_trace_record *replayed,
			const char *why);

/** sim_replay_take - the controller's next record: compared with the trace */
void sim_replay_take(struct sim_replay *replay, const struct nvme_trace_record *record);

/* replay_host.c */

/** sim_replay_ops - host and media of the controller */
struct emu_ops sim_replay_ops(struct sim_replay *replay);

/** sim_replay_answer - the medium answers as @record says; Return: false when it was not asked */
bool sim_replay_answer(struct sim_replay *replay, const struct cli_record *record);

/** sim_replay_shadow - the host writes a shadow doorbell, where there are such */
void sim_replay_shadow(struct sim_replay *replay, uint32_t ctrl, uint64_t offset, uint32_t value);

/* replay_data.c */

/**
 * sim_replay_make - data with a given checksum
 * @data: gets @bytes of it, zeros if that is what they were
 * @crc: nvme_crc64() of them
 * @salt: different ones give different data
 * Return: whether it is made up, and not what was there.
 */
bool sim_replay_make(uint8_t *data, size_t bytes, uint64_t crc, uint64_t salt);

/** sim_replay_wrote - blocks have other contents from now on; of a WRITE as @made_up says */
void sim_replay_wrote(struct sim_replay *replay, const struct emu_media *media);

/** sim_replay_is_known - whether the checksum of blocks that are read can be told */
bool sim_replay_is_known(const struct sim_replay *replay, const struct emu_media *media);

#endif
