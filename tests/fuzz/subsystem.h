/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A subsystem between a hostile host and a medium, with a judge on its trace.
 *
 * The host's memory is small and every byte of it is under the fuzzer's control. The judge knows
 * the protocol and none of the core's state: what it checks is listed at judge_record() in
 * subsystem.c.
 */
#ifndef TESTS_FUZZ_SUBSYSTEM_H
#define TESTS_FUZZ_SUBSYSTEM_H

#include "emulator/core/internal.h"
#include "tests/fuzz/input.h"

#define TH_BASE	    0x100000ull /* first IOVA of host memory */
#define TH_PAGE	    4096u
#define TH_PAGES    32u
#define TH_BYTES    (TH_PAGES * TH_PAGE)
#define TH_CTRLS    2u
#define TH_QUEUES   4u /* with the admin pair */
#define TH_INFLIGHT 128u
#define TH_STEPS    1000000u
#define TH_SAVES    1024u

/* For a host that can give itself work for ever, as has_shadows() says. */
#define TH_SHADOW_STEPS 10000u
#define TH_WINDOW	0x4000u /* bytes of a CMB or PMR */

#define TH_SETTLE_TURNS 2000u

/* How the medium answers. */
enum th_answer {
	TH_ANSWER_NOW,
	TH_ANSWER_LATER,
	TH_ANSWER_EIO,
	TH_ANSWER_EFAULT,
	TH_ANSWER_ENOSPC,
	TH_ANSWER_OTHER,
	TH_ANSWERS,
};

/** struct th_command - fetched, and not completed */
struct th_command {
	bool used;
	uint16_t cid;
	uint32_t sqid;
	uint32_t cqid;
	uint8_t opcode;
};

/** struct th_ring - what the judge knows of a completion queue; @fresh: it may start anew */
struct th_ring {
	uint32_t tail;
	uint32_t head;
	bool phase;
	bool fresh;
};

/** struct th_judge - of one controller */
struct th_judge {
	struct th_command commands[TH_INFLIGHT];
	struct th_ring cq[TH_QUEUES];
	bool off; /* disabled or reset: nothing may be posted */
};

/** struct th_medium - of a namespace; without @data there is none. @state: a byte for each block */
struct th_medium {
	uint8_t *data;
	uint8_t *meta;
	uint8_t *state;
	uint64_t blocks;
	uint32_t lbads;
	uint32_t ms;
};

/**
 * struct th_subsystem
 * @print: each trace record, when TH_TRACE is in the environment
 * @single: stages are asked for one by one
 * @crc: of all trace records
 */
struct th_subsystem {
	bool print;
	bool single;
	uint64_t crc;
	struct emu *emu;
	void *block;
	uint8_t *memory;
	bool unmapped[TH_PAGES];
	struct th_medium media[EMU_MAX_NAMESPACES + 1];
	struct emu_media pending[EMU_MAX_NAMESPACES];
	uint32_t pending_count;
	uint32_t saves[TH_SAVES]; /* tags of records without an answer */
	uint32_t saves_count;
	enum th_answer answer;
	bool refuse_irqs;
	uint32_t choice;
	uint8_t *shared[TH_CTRLS];
	uint8_t *window[TH_CTRLS][EMU_WINDOWS]; /* CMB and PMR; NULL for none */
	struct emu_range placed[TH_CTRLS][EMU_WINDOWS];
	bool line[TH_CTRLS]; /* INTx */
	struct th_judge judge[TH_CTRLS];
	uint64_t posted;
	uint16_t last_status;
	/* Called for each request to the medium; may be NULL. */
	void (*on_media)(void *arg, const struct emu_media *media);
	void *arg;
};

/** th_open - a subsystem for @config, which must pass emu_config_check() */
void th_open(struct th_subsystem *sub, const struct emu_config *config, bool shared);
void th_close(struct th_subsystem *sub);

/** th_step - at most @max stages; @return how many */
unsigned int th_step(struct th_subsystem *sub, unsigned int max);

/** th_run - step until there is nothing to do */
void th_run(struct th_subsystem *sub);

/** th_memory - what controller @ctrl finds at @iova: a window of its own, host memory, or NULL */
void *th_memory(struct th_subsystem *sub, uint32_t ctrl, uint64_t iova, size_t bytes);

/* medium.c: see struct emu_media. */
int th_medium_do(struct th_subsystem *sub, const struct emu_media *media);
int th_medium_format(struct th_medium *medium, uint64_t blocks, uint32_t lbads, uint32_t ms);
void th_medium_free(struct th_medium *medium);

/** th_answer_media - answer pending request number @index (modulo how many), and a record */
void th_answer_media(struct th_subsystem *sub, uint32_t index, int result);

/** th_reg32, th_reg64, th_write32, th_write64 - BAR0 as the host sees it */
uint32_t th_reg32(struct th_subsystem *sub, uint32_t ctrl, uint64_t offset);
void th_write32(struct th_subsystem *sub, uint32_t ctrl, uint64_t offset, uint32_t value);
void th_write64(struct th_subsystem *sub, uint32_t ctrl, uint64_t offset, uint64_t value);

/** th_set_command - configuration space: memory decoding, and bus master or not; MSI-X on */
void th_set_command(struct th_subsystem *sub, uint32_t ctrl, bool bus_master);

/**
 * th_settle - take away all that commands can wait for, then claim that none of them waits
 *
 * What remains are Asynchronous Event Requests.
 */
void th_settle(struct th_subsystem *sub);

/** th_reset_all - a power cycle, then claim that every request and node is back in its pool */
void th_reset_all(struct th_subsystem *sub);

/** th_count_pools - claim that each request and node is in exactly one place */
void th_count_pools(struct th_subsystem *sub);

#endif
