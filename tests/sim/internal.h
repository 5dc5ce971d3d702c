/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The world of a run. Files are nouns: world.c is the loop, port.c what the driver sees of the
 * device, medium.c the medium, app.c the application, history.c what reads may return, watch.c the
 * oracles that look at records.
 */
#ifndef TESTS_SIM_INTERNAL_H
#define TESTS_SIM_INTERNAL_H

#include "common/le.h"
#include "common/mem.h"
#include "common/random.h"
#include "emulator/core/emu.h"
#include "emulator/core/fault.h"
#include "tests/sim/sim.h"

#define SIM_IOVA_DMA	0x100000000ull /* of the driver's queues */
#define SIM_IOVA_DATA	0x200000000ull /* of the application's buffers */
#define SIM_VECTORS	64
#define SIM_OP_BLOCKS	256    /* of an operation, at most */
#define SIM_META_BYTES	64     /* of a block, at most */
#define SIM_BLOCK_BYTES 65536u /* of the largest format */
#define SIM_ROWS	64     /* blocks whose rows are made at a time */
#define SIM_RAW_BLOCKS	64     /* blocks with contents that no operation wrote, at a time */
#define SIM_UNFLUSHED	65536  /* blocks that the volatile cache holds */
#define SIM_IN_FLIGHT	4096   /* commands that watch.c follows, a power of 2 */
#define SIM_RAW		(1ull << 63)

/** struct sim_block - contents by name: version @version of block @lba; version 0 is zeros */
struct sim_block {
	uint64_t lba;
	uint64_t version;
	bool strange; /* no operation wrote that */
};

#define SIM_UNKNOWN UINT64_MAX

/**
 * struct sim_known - what a block of a buffer holds; @version: SIM_UNKNOWN if nobody knows
 * @crc_behind: what its bytes make of @crc_before; 0: nobody has asked
 */
struct sim_known {
	uint64_t lba;
	uint64_t version;
	uint64_t crc_before;
	uint64_t crc_behind;
};

/* Two words, which most processors have registers for. */
typedef uint64_t sim_pair __attribute__((vector_size(16)));

/**
 * struct sim_contents - what the contents of all blocks of a size have in common
 * @bytes: of a block
 * @place: the word that belongs to each place
 * @passed: what the register of CRC-64 before a block becomes behind as many zeros
 * @marked: what the block's mark adds to that
 * @unmarked: what @place does
 */
struct sim_contents {
	size_t bytes;
	uint64_t passed[8][256];
	uint64_t marked[8][256];
	uint64_t unmarked;
	sim_pair place[SIM_BLOCK_BYTES / 16];
};

/**
 * struct sim_unflushed - a block in the volatile cache
 * @first: of its command
 * @forced: written with FUA: every cut keeps it, after what was written there before
 */
struct sim_unflushed {
	uint64_t lba;
	uint64_t version;
	bool first;
	bool forced;
};

/**
 * struct sim_medium - namespace 1 as one version for each block
 * @current: what is read; SIM_RAW | index of a raw block for contents that no operation wrote
 * @durable: what a power cut leaves
 * @meta: metadata, as is read; @durable_meta likewise, @log_meta by entry of @log: NULL without
 * @flags: SIM_BAD and the like, by block
 * @flushes: that were carried out
 */
struct sim_medium {
	uint64_t capacity; /* blocks that there is memory for */
	uint64_t blocks;
	uint32_t lbads;
	uint32_t ms;
	bool cached;
	uint64_t *current;
	uint64_t *durable;
	uint8_t *meta;
	uint8_t *durable_meta;
	uint8_t *log_meta;
	uint8_t *flags;
	uint8_t *raw;
	uint8_t *scratch;
	struct sim_contents *contents;
	uint64_t raw_used;
	struct sim_unflushed *log;
	uint32_t logged;
	uint64_t flushes;
	uint64_t cuts;
};

enum sim_op_kind {
	SIM_OP_READ,
	SIM_OP_WRITE,
	SIM_OP_FUSED, /* Compare and Write; the last one that has blocks */
	SIM_OP_FLUSH,
	SIM_OP_IDENTIFY,
	SIM_OP_LOG,
};

enum sim_op_state {
	SIM_OP_NEW,
	SIM_OP_IN_FLIGHT,
	SIM_OP_OK,
	SIM_OP_FAILED,
};

/* What the driver has seen of the commands of a fused pair. */
#define SIM_PAIR_EQUAL	 1u
#define SIM_PAIR_UNEQUAL 2u /* Compare Failure */
#define SIM_PAIR_WRITTEN 4u
#define SIM_PAIR_LOST	 8u /* watch.c has lost sight of one of them */

/** struct sim_op - an operation; its number, from 1, is the version that it writes */
struct sim_op {
	uint64_t slba;
	uint16_t nlb;
	uint8_t kind;
	uint8_t state;
	bool fua;
	bool refused;  /* the controller said Do Not Retry */
	uint8_t sent;  /* how often its first command was fetched */
	bool answered; /* its last command was seen to end, with @answer */
	uint16_t answer;
	bool whole : 1;	   /* one command has all of its blocks */
	bool again : 1;	   /* a power cut was between its beginning and its last fetch */
	uint8_t pair;	   /* FUSED: SIM_PAIR_... of its commands */
	uint32_t cuts;	   /* of power, before it began, or @whole was fetched last */
	uint64_t flushes;  /* of the medium, before it began */
	uint32_t acked_at; /* FLUSH: length of the list of acknowledged writes when it began */
	uint32_t end_at;   /* operations from this number on began after it ended; 0: it did not */
	uint32_t seen_at;  /* the same of the first read that found all of it; 0: none did */
	uint32_t begun;	   /* the newest operation when this one began, or was fetched again */
};

static inline bool sim_op_writes(const struct sim_op *op)
{
	return op->kind == SIM_OP_WRITE || op->kind == SIM_OP_FUSED;
}

/**
 * struct sim_truth - what is known of a block
 * @committed: a version that an operation has written, or found
 * @floor: the newest write that a power cut leaves, as far as that is promised
 * @sure: the operation that knows of @committed; the newest one that is over
 * @looked: how many power cuts there had been when @committed was certain
 */
struct sim_truth {
	uint64_t committed;
	uint64_t floor;
	uint32_t sure;
	uint32_t looked;
};

/**
 * struct sim_slot - room for an operation in flight; @op 0: free
 * @host: places belong to controllers in turn
 * @before: what was known of its blocks when it began, or was fetched again after a power cut
 * @extra: with protection information, where that is
 */
struct sim_slot {
	struct sim_world *world;
	const struct sim_host *host;
	struct sim_truth *before;
	struct nvl_io_extra extra;
	uint32_t op;
	uint64_t ready_nsec;
};

/**
 * struct sim_app - the application
 * @op: by number, from 1 on
 * @owner: by block, the number of the operation in flight there; 0: none, or several
 * @truth: by block
 * @acked: writes in the order of their acknowledgements
 * @draws: nvme_draws() of the workload
 */
struct sim_app {
	struct sim_op *op;
	struct sim_slot *slot;
	uint32_t *owner;
	struct sim_truth *truth;
	uint32_t *acked;
	uint64_t draws;
	uint32_t acked_count;
	uint32_t floor_at; /* of @acked, what is in @floor */
	uint32_t lost_at;  /* of @acked, what a power cut may have taken */
	uint32_t told_at;  /* of @acked, of what the driver said that it may be gone */
	uint32_t next;
	uint32_t in_flight;
	uint64_t end_nsec; /* when the last operation ended */
	bool ended;
};

/** struct sim_followed - a command between fetch and completion, or a free place: @key 0 */
struct sim_followed {
	uint64_t key;
	uint32_t op;
	bool compares; /* it is the first one of a fused pair */
};

/**
 * struct sim_host - the driver of one controller, and what it has of the world
 * @index: of its controller
 * @vectors: that were assigned; @fired: messages that nobody has looked at
 * @busy: the driver has an operation under way
 * @begun: what its start, then its shutdown had to say at once
 * @mapped: the controller can reach the queues, and the buffers of operations
 * @timer_nsec: until when the driver wanted to sleep last; @late_nsec: when it is woken up then
 */
struct sim_host {
	struct sim_world *world;
	uint32_t index;
	struct nvl_ctrl *nvl;
	struct nvl_buffer dma;
	uint32_t vectors;
	bool fired[SIM_VECTORS];
	bool busy;
	bool mapped;
	int begun;
	uint64_t timer_nsec;
	uint64_t late_nsec;
};

enum sim_phase {
	SIM_PHASE_POWER_ON,
	SIM_PHASE_START,
	SIM_PHASE_WORK,
	SIM_PHASE_SHUTDOWN,
};

struct sim_world {
	const struct sim_file *file;
	const struct sim_options *options;
	struct sim_result *result; /* @told */
	struct sim_result told;
	enum sim_phase phase;
	uint32_t still; /* turns without time passing */
	struct emu *emu;
	struct emu_judge *judge;
	uint64_t now;
	struct nvl_buffer data;
	uint64_t slot_bytes;
	struct sim_known *known; /* by block of @data, see known.h */
	uint32_t hosts;
	struct sim_host host[EMU_MAX_CONTROLLERS];
	bool *made; /* by SIM_ROWS blocks: their rows in @medium and @app, see sim_touch() */
	struct sim_medium medium;
	struct sim_app app;
	uint32_t tasks_done;
	struct sim_followed followed[SIM_IN_FLIGHT];
};

/** sim_count - @count more of @counter at controller @ctrl, and altogether */
static inline void sim_count(struct sim_world *world, uint32_t ctrl, enum sim_counter counter,
			     uint64_t count)
{
	world->result->counter[counter] += count;
	if (ctrl < EMU_MAX_CONTROLLERS)
		world->result->of[ctrl].counter[counter] += count;
}

/* watch.c */
void sim_violation(struct sim_world *world, enum sim_oracle oracle, const char *what, uint64_t op,
		   uint64_t lba);
void sim_watch_controller(void *arg, const struct nvme_trace_record *record);
void sim_watch_judge(void *arg, const struct emu_judge_finding *finding);
void sim_watch_driver(void *arg, const struct nvme_trace_record *record);

/* port.c */
void sim_port_ops(struct sim_host *host, struct nvl_ops *ret_ops);
void sim_device_ops(struct sim_world *world, struct emu_ops *ret_ops);
void *sim_host_memory(struct sim_host *host, uint64_t iova, uint64_t bytes, enum emu_prot prot);
int sim_map(struct sim_host *host);
void sim_unmap(struct sim_host *host);
uint64_t sim_wake(struct sim_host *host, uint64_t at_nsec, uint64_t other_nsec);
bool sim_run_device(struct sim_world *world);
void sim_advance(struct sim_world *world, uint64_t to_nsec);

/* medium.c */
const struct emu_ns_config *sim_first_namespace(const struct sim_file *file);
size_t sim_medium_bytes(const struct sim_file *file);
void sim_medium_init(struct sim_world *world, void *memory);
int sim_medium_do(struct sim_world *world, const struct emu_media *media);
int sim_medium_cut(struct sim_world *world, enum emu_cut keep);
void sim_medium_clear(struct sim_world *world, uint64_t lba, size_t blocks);

/* block.c */
void sim_contents_make(struct sim_contents *contents, size_t bytes);
void sim_block_fill(const struct sim_contents *contents, void *data, uint64_t lba,
		    uint64_t version);
struct sim_block sim_block_of(const struct sim_contents *contents, const void *data);
uint64_t sim_crc64(const struct sim_contents *contents, struct sim_known *known, uint64_t crc,
		   const void *data, size_t bytes);

/** sim_contents_of - what the contents of blocks of @bytes have in common; made when it is not */
static inline const struct sim_contents *sim_contents_of(struct sim_contents *contents,
							 size_t bytes)
{
	if (__builtin_expect(contents->bytes != bytes, 0))
		sim_contents_make(contents, bytes);
	return contents;
}

/* rows.c */
size_t sim_rows_bytes(const struct sim_file *file);
void sim_rows_init(struct sim_world *world, void *memory);
void sim_rows_make(struct sim_world *world, uint64_t lba);
void sim_rows_each(struct sim_world *world,
		   void (*clear)(struct sim_world *world, uint64_t lba, size_t blocks));

/**
 * sim_touch - make the rows of these blocks, if they are looked at for the first time
 *
 * A run has few blocks in its hands and a medium many: those that nobody asked for cost nothing.
 */
static inline void sim_touch(struct sim_world *world, uint64_t lba, uint64_t blocks)
{
	for (uint64_t at = lba - lba % SIM_ROWS; at < lba + blocks; at += SIM_ROWS) {
		if (!world->made[at / SIM_ROWS])
			sim_rows_make(world, at);
	}
}

/* app.c */
size_t sim_app_bytes(const struct sim_file *file);
void sim_app_init(struct sim_world *world, void *memory);
void sim_app_clear(struct sim_world *world, uint64_t lba, size_t blocks);
bool sim_app_turn(struct sim_world *world);
bool sim_app_over(const struct sim_world *world);
uint64_t sim_app_deadline(const struct sim_world *world);

/* task.c */
bool sim_task_is_due(const struct sim_world *world);
void sim_task_do(struct sim_world *world);
bool sim_task_set(struct sim_workload *workload, struct nvme_slice number, struct nvme_slice value,
		  struct nvme_text *message);
void sim_task_print(const struct sim_workload *workload, struct nvme_text *text);

/* history.c */
void sim_history_begin(struct sim_slot *slot);
void sim_history_again(struct sim_slot *slot);
void sim_history_swap(struct sim_world *world, uint64_t version, uint64_t lba, uint64_t replaced);
void sim_history_pair(struct sim_world *world, uint32_t op, bool success);
void sim_history_write(struct sim_world *world, uint32_t op);
void sim_history_read(const struct sim_slot *slot, const void *data);
void sim_history_flush(struct sim_world *world, uint32_t op);
void sim_history_shutdown(struct sim_world *world);
void sim_history_cut(struct sim_world *world);
void sim_history_told(struct sim_world *world);
void sim_history_clear(struct sim_world *world);
void sim_history_doubt(struct sim_world *world);

/* expect.c */
bool sim_expect_set(struct sim_file *file, struct nvme_slice key, struct nvme_slice value,
		    struct nvme_text *message);
bool sim_expect_fits(const struct sim_file *file, struct nvme_text *message);
void sim_expect_print(const struct sim_file *file, struct nvme_text *text);

#endif
