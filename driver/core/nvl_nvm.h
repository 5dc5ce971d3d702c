/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other commands of the NVM command set, and of I/O queues. Included by nvl.h.
 *
 * Each has a form that calls back, as nvl_read(), and one that waits, as nvl_execute(). Small data
 * (ranges, keys, reports) goes through a bounce buffer of the queue, so any memory of the caller
 * will do, which is read at once; what a command returns is there when it calls back. All of them
 * answer as nvl_submit(), and -NVL_EINVAL where data is longer than a bounce buffer.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_NVM_H
#define NVMELAB_DRIVER_CORE_NVL_NVM_H

#include "driver/core/nvl_io.h"

#pragma GCC visibility push(default)

/** struct nvl_limits - of commands (Identify CNS 06h); 0: none */
struct nvl_limits {
	uint64_t verify_bytes;
	uint64_t zeroes_bytes;
	uint64_t uncorrectable_bytes;
	uint64_t dsm_blocks; /* in all ranges */
	uint32_t dsm_ranges;
	uint32_t dsm_range_blocks;
};

/** nvl_limits - what bring-up found */
const struct nvl_limits *nvl_limits(const struct nvl_ctrl *ctrl);

/** nvl_flush - start a Flush of @nsid (NVM 1.0 3.2.3, unverified); NVME_NSID_ALL where allowed */
int nvl_flush(struct nvl_queue *queue, uint32_t nsid, nvl_done_fn *done, void *arg);
int nvl_flush_wait(struct nvl_queue *queue, uint32_t nsid);

/** nvl_compare - start a Compare of memory with blocks; split as a read is */
int nvl_compare(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg);
int nvl_compare_wait(struct nvl_queue *queue, const struct nvl_io *io);

/**
 * nvl_compare_write - start a Compare and a Write that are fused (NVM 1.0 3.2.5, unverified)
 * @compare: memory that the controller can be told of, one command
 * @write: the same blocks, likewise
 *
 * One callback after both: with what the Compare ended with if it failed, else with the Write's.
 * Never tried again by itself.
 */
int nvl_compare_write(struct nvl_queue *queue, const struct nvl_io *compare,
		      const struct nvl_io *write, nvl_done_fn *done, void *arg);
int nvl_compare_write_wait(struct nvl_queue *queue, const struct nvl_io *compare,
			   const struct nvl_io *write);

/** nvl_verify - start a Verify of a range; buffer and offset do not count */
int nvl_verify(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg);
int nvl_verify_wait(struct nvl_queue *queue, const struct nvl_io *io);

/** nvl_write_zeroes - start Write Zeroes of a range; NVL_IO_DEALLOCATE: it may be deallocated */
int nvl_write_zeroes(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done,
		     void *arg);
int nvl_write_zeroes_wait(struct nvl_queue *queue, const struct nvl_io *io);

/** nvl_write_uncorrectable - start Write Uncorrectable of a range */
int nvl_write_uncorrectable(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done,
			    void *arg);
int nvl_write_uncorrectable_wait(struct nvl_queue *queue, const struct nvl_io *io);

/**
 * struct nvl_dsm - operands of Dataset Management (NVM 1.0 3.2.2, unverified)
 * @ranges: 1 to 256, as the controller takes them
 */
struct nvl_dsm {
	uint32_t nsid;
	bool integral_read;
	bool integral_write;
	bool deallocate;
	const struct nvme_dsm_range *ranges;
	uint32_t range_count;
};

/** nvl_dsm - start Dataset Management; one command */
int nvl_dsm(struct nvl_queue *queue, const struct nvl_dsm *dsm, nvl_done_fn *done, void *arg);
int nvl_dsm_wait(struct nvl_queue *queue, const struct nvl_dsm *dsm);

/** nvl_dsm_range - a range of @nlb blocks from @slba on, without hints */
static inline struct nvme_dsm_range nvl_dsm_range(uint64_t slba, uint32_t nlb)
{
	return (struct nvme_dsm_range){ .slba = nvme_le64(slba), .nlb = nvme_le32(nlb) };
}

/**
 * struct nvl_copy - operands of Copy (NVM 1.0 3.2.1, unverified)
 * @ns: to which is copied
 * @slba: first block there
 * @format: of the ranges: 0 and 2 struct nvme_copy_range, 1 and 3 struct nvme_copy_range_f1; 2
 *	and 3 name the source's namespace, and need Host Behavior Support
 * @ranges: 1 to 256, as the controller takes them
 * @flags: NVL_IO_FUA, NVL_IO_LIMITED_RETRY
 * @read_pi: NVL_PI_* of the read side
 * @has_pi: @pi is the protection information that is written
 */
struct nvl_copy {
	const struct nvl_ns *ns;
	uint64_t slba;
	uint8_t format;
	uint8_t flags;
	uint8_t read_pi;
	bool has_pi;
	const void *ranges;
	uint32_t range_count;
	struct nvl_pi pi;
};

/** nvl_copy - start a Copy; dword 0 of a completion that failed is the range where it did */
int nvl_copy(struct nvl_queue *queue, const struct nvl_copy *copy, nvl_done_fn *done, void *arg);
int nvl_copy_wait(struct nvl_queue *queue, const struct nvl_copy *copy,
		  struct nvl_completion *ret_completion);

/** nvl_copy_range - a source range of formats 0 and 2: @nlb blocks, 1 to 65536, from @slba on */
static inline struct nvme_copy_range nvl_copy_range(uint64_t slba, uint32_t nlb)
{
	return (struct nvme_copy_range){ .slba = nvme_le64(slba),
					 .nlb = nvme_le16((uint16_t)(nlb - 1)) };
}

/*
 * Reservations (Base 2.0 7, unverified).
 */

/** struct nvl_resv_register - operands of Reservation Register */
struct nvl_resv_register {
	uint32_t nsid;
	enum nvme_resv_register_action action;
	enum nvme_resv_cptpl persistence;
	bool ignore_key;
	uint64_t current_key;
	uint64_t new_key;
};

/** nvl_resv_register - start Reservation Register: register, unregister or replace a key */
int nvl_resv_register(struct nvl_queue *queue, const struct nvl_resv_register *resv,
		      nvl_done_fn *done, void *arg);
int nvl_resv_register_wait(struct nvl_queue *queue, const struct nvl_resv_register *resv);

/** struct nvl_resv_acquire - operands of Reservation Acquire; @preempt_key: of whom to preempt */
struct nvl_resv_acquire {
	uint32_t nsid;
	enum nvme_resv_acquire_action action;
	enum nvme_resv_type type;
	bool ignore_key;
	uint64_t current_key;
	uint64_t preempt_key;
};

/** nvl_resv_acquire - start Reservation Acquire: acquire or preempt a reservation */
int nvl_resv_acquire(struct nvl_queue *queue, const struct nvl_resv_acquire *resv,
		     nvl_done_fn *done, void *arg);
int nvl_resv_acquire_wait(struct nvl_queue *queue, const struct nvl_resv_acquire *resv);

/** struct nvl_resv_release - operands of Reservation Release */
struct nvl_resv_release {
	uint32_t nsid;
	enum nvme_resv_release_action action;
	enum nvme_resv_type type;
	bool ignore_key;
	uint64_t current_key;
};

/** nvl_resv_release - start Reservation Release: release it, or clear all */
int nvl_resv_release(struct nvl_queue *queue, const struct nvl_resv_release *resv,
		     nvl_done_fn *done, void *arg);
int nvl_resv_release_wait(struct nvl_queue *queue, const struct nvl_resv_release *resv);

/**
 * struct nvl_resv_report - operands of Reservation Report
 * @extended: EDS, for hosts with identifiers of 128 bits
 * @data: gets struct nvme_resv_status (or _ext) and registrants
 * @bytes: a multiple of 4
 */
struct nvl_resv_report {
	uint32_t nsid;
	bool extended;
	void *data;
	uint32_t bytes;
};

/** nvl_resv_report - start Reservation Report: who is registered */
int nvl_resv_report(struct nvl_queue *queue, const struct nvl_resv_report *report,
		    nvl_done_fn *done, void *arg);
int nvl_resv_report_wait(struct nvl_queue *queue, const struct nvl_resv_report *report);

/*
 * Anything else.
 */

/**
 * struct nvl_command - a raw command of either kind of queue
 * @sqe: opcode, NSID, fields; CID, PRPs and MPTR are filled in
 * @data: in a buffer; or NULL
 * @metadata: in a buffer, contiguous for the device, its place a multiple of 4; or NULL
 */
struct nvl_command {
	const struct nvme_sqe *sqe;
	const struct nvl_data *data;
	const struct nvl_data *metadata;
};

/** nvl_submit_command - nvl_submit() with metadata */
int nvl_submit_command(struct nvl_queue *queue, const struct nvl_command *command,
		       nvl_done_fn *done, void *arg);
int nvl_execute_command(struct nvl_queue *queue, const struct nvl_command *command,
			struct nvl_completion *ret_completion);

/**
 * nvl_submit_copied - a raw command of an I/O queue with data in any memory
 * @data: @bytes of it, at most nvl_config.bounce_bytes; read now or written when it succeeded, as
 *	the opcode's direction (bits 1:0) says
 */
int nvl_submit_copied(struct nvl_queue *queue, const struct nvme_sqe *sqe, void *data,
		      uint32_t bytes, nvl_done_fn *done, void *arg);
int nvl_execute_copied(struct nvl_queue *queue, const struct nvme_sqe *sqe, void *data,
		       uint32_t bytes, struct nvl_completion *ret_completion);

#pragma GCC visibility pop

#endif
