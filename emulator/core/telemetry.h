/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Telemetry of a controller: what it was like when its host asked, or when something went wrong
 * (Base 2.0 8.24, unverified). docs/telemetry.md has the form of the blocks.
 */
#ifndef NVMELAB_EMULATOR_CORE_TELEMETRY_H
#define NVMELAB_EMULATOR_CORE_TELEMETRY_H

#include "common/nvme_spec.h"

struct emu;
struct emu_ctrl;

#define EMU_TELEMETRY_MAGIC  "NVMELTM1"
#define EMU_TELEMETRY_QUEUES 32
#define EMU_TELEMETRY_ERRORS 32

/** struct emu_telemetry_state - data area 1, one block: the controller's numbers */
struct emu_telemetry_state {
	char magic[8];
	nvme_u64le time_nsec;
	nvme_u64le fetched; /* commands, ever */
	nvme_u64le busy_nsec;
	nvme_u64le sectors_read; /* of 512 bytes */
	nvme_u64le sectors_written;
	nvme_u64le host_reads;
	nvme_u64le host_writes;
	nvme_u64le media_errors;
	nvme_u64le errors; /* entries of the error log, ever */
	nvme_u64le power_cycles;
	nvme_u64le unsafe_shutdowns;
	nvme_u32le cc;
	nvme_u32le csts;
	nvme_u32le aqa;
	nvme_u32le io_queues; /* created, of both kinds */
	nvme_u32le media_pending;
	nvme_u32le nodes_free; /* span nodes */
	nvme_u32le free_io;    /* requests */
	nvme_u32le events;     /* that wait for an Asynchronous Event Request */
	uint8_t rsvd128[384];
};
NVME_ASSERT_SIZE(struct emu_telemetry_state, 512);

/** struct emu_telemetry_queue - data area 2, two blocks: the first queue pairs; entries 0: none */
struct emu_telemetry_queue {
	nvme_u16le qid;
	nvme_u16le cqid;
	nvme_u32le sq_entries;
	nvme_u32le sq_head;
	nvme_u32le sq_tail;
	nvme_u32le inflight;
	nvme_u32le cq_entries;
	nvme_u32le cq_head;
	nvme_u32le cq_tail;
};
NVME_ASSERT_SIZE(struct emu_telemetry_queue, 32);

/** struct emu_telemetry_data - the blocks; area 3, four of them, are the newest errors */
struct emu_telemetry_data {
	struct emu_telemetry_state state;
	struct emu_telemetry_queue queue[EMU_TELEMETRY_QUEUES];
	struct nvme_error_log_entry error[EMU_TELEMETRY_ERRORS];
};
NVME_ASSERT_SIZE(struct emu_telemetry_data, 7ul * NVME_TELEMETRY_BLOCK_BYTES);

/** struct emu_telemetry_capture - data, and why; @generation 0: never */
struct emu_telemetry_capture {
	struct emu_telemetry_data data;
	char reason[128];
	uint8_t generation;
	bool exists;
};

/**
 * struct emu_telemetry - of a controller
 * @host: that the host asked for; @ctrl: that the controller made
 * @available: the host has not read @ctrl yet
 */
struct emu_telemetry {
	struct emu_telemetry_capture host;
	struct emu_telemetry_capture ctrl;
	bool available;
};

/**
 * emu_telemetry_capture - something went wrong: the controller keeps what it was like
 * @reason: a sentence for who reads the log
 *
 * Not while the host has not read what was kept before.
 */
void emu_telemetry_capture(struct emu *emu, struct emu_ctrl *ctrl, const char *reason);

/** emu_telemetry_state - the controller's numbers as they are now */
void emu_telemetry_state(const struct emu *emu, const struct emu_ctrl *ctrl,
			 struct emu_telemetry_state *ret_state);

#endif
