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

#define SIM_IOVA_DMA   0x100000000ull /* of the driver's queues */
#define SIM_IOVA_DATA  0x200000000ull /* of the application's buffers */
#define SIM_VECTORS    64
#define SIM_RAW_BLOCKS 64    /* blocks with contents that no operation wrote, at a time */
#define SIM_UNFLUSHED  65536 /* blocks that the volatile cache holds */
#define SIM_IN_FLIGHT  4096  /* commands that watch.c follows, a power of 2 */
#define SIM_RAW	       (1ull << 63)

/** struct sim_block - contents by name: version @version of block @lba; version 0 is zeros */
struct sim_block {
	uint64_t lba;
	uint64_t version;
	bool strange; /* no operation wrote that */
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
	uint8_t *flags;
	uint8_t *raw;
	uint8_t *scratch;
	uint64_t raw_used;
	struct sim_unflushed *log;
	uint32_t logged;
	uint64_t flushes;
	uint64_t cuts;
};

enum sim_op_kind {
	SIM_OP_READ,
	SIM_OP_WRITE,
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
	uint32_t cuts;	   /* of power, before it began */
	uint64_t flushes;  /* of the medium, before it began */
	uint32_t acked_at; /* FLUSH: length of the list of acknowledged writes when it began */
};

/** struct sim_slot - room for an operation in flight; @op 0: free */
struct sim_slot {
	struct sim_world *world;
	uint32_t op;
	uint64_t ready_nsec;
};

/**
 * struct sim_app - the application
 * @op: by number, from 1 on
 * @owner: by block, the number of the operation in flight there; 0: none
 * @committed: by block, the newest version that was acknowledged, or seen by a read
 * @floor: by block, the oldest version that a power cut may leave
 * @looked: by block, how many power cuts there had been when @committed was certain
 * @acked: writes in the order of their acknowledgements
 */
struct sim_app {
	struct sim_op *op;
	struct sim_slot *slot;
	uint32_t *owner;
	uint64_t *committed;
	uint64_t *floor;
	uint32_t *looked;
	uint32_t *acked;
	uint32_t acked_count;
	uint32_t floor_at; /* of @acked, what is in @floor */
	uint32_t next;
	uint32_t in_flight;
	uint64_t end_nsec; /* when the last operation ended */
	bool ended;
};

/** struct sim_followed - a command between fetch and completion, or a free place: @key 0 */
struct sim_followed {
	uint32_t key;
	uint32_t op;
};

struct sim_world {
	const struct sim_file *file;
	const struct sim_options *options;
	struct sim_result *result;
	struct emu *emu;
	struct emu_judge *judge;
	struct nvl_ctrl *nvl;
	uint64_t now;
	struct nvl_buffer dma;
	struct nvl_buffer data;
	uint64_t slot_bytes;
	uint32_t vectors;
	bool fired[SIM_VECTORS];

	bool busy; /* the driver has an operation under way */
	struct sim_medium medium;
	struct sim_app app;
	uint32_t tasks_done;
	struct sim_followed followed[SIM_IN_FLIGHT];
};

/* watch.c */
void sim_violation(struct sim_world *world, enum sim_oracle oracle, const char *what, uint64_t op,
		   uint64_t lba);
void sim_watch_controller(void *arg, const struct nvme_trace_record *record);
void sim_watch_judge(void *arg, const struct emu_judge_finding *finding);
void sim_watch_driver(void *arg, const struct nvme_trace_record *record);

/* port.c */
void sim_port_ops(struct sim_world *world, struct nvl_ops *ret_ops);
void sim_device_ops(struct sim_world *world, struct emu_ops *ret_ops);
void *sim_host_memory(struct sim_world *world, uint64_t iova, uint64_t bytes, enum emu_prot prot);
bool sim_run_device(struct sim_world *world);
void sim_advance(struct sim_world *world, uint64_t to_nsec);

/* medium.c */
const struct emu_ns_config *sim_first_namespace(const struct sim_file *file);
size_t sim_medium_bytes(const struct sim_file *file);
void sim_medium_init(struct sim_world *world, void *memory);
int sim_medium_do(struct sim_world *world, const struct emu_media *media);
int sim_medium_cut(struct sim_world *world, enum emu_cut keep);
void sim_block_fill(void *data, size_t bytes, uint64_t lba, uint64_t version);
struct sim_block sim_block_of(const void *data, size_t bytes);

/* app.c */
size_t sim_app_bytes(const struct sim_file *file);
void sim_app_init(struct sim_world *world, void *memory);
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
void sim_history_write(struct sim_world *world, uint32_t op);
void sim_history_read(struct sim_world *world, uint32_t op, const void *data);
void sim_history_flush(struct sim_world *world, uint32_t op);
void sim_history_clear(struct sim_world *world);
void sim_history_doubt(struct sim_world *world);

/* expect.c */
bool sim_expect_set(struct sim_file *file, struct nvme_slice key, struct nvme_slice value,
		    struct nvme_text *message);
void sim_expect_print(const struct sim_file *file, struct nvme_text *text);

#endif
