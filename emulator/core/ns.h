/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Namespaces as dynamic objects: which exist, which controllers they are attached to, and the LBA
 * formats that they can have.
 */
#ifndef NVMELAB_EMULATOR_CORE_NS_H
#define NVMELAB_EMULATOR_CORE_NS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/nvme_spec.h"

struct emu;
struct emu_config;
struct emu_ctrl;
struct emu_ns_config;
struct emu_req;

/**
 * struct emu_format - an LBA format; its index is the one that Identify and Format use
 * @lbads: a block has 2^lbads bytes of data
 * @ms: and @ms bytes of metadata
 * @pif: enum nvme_pi_format of the guard, when there is protection information
 * @pi_bytes: of a tuple of that format; 0 when @ms is
 * @sts: bits of the storage tag
 * @rp: relative performance, 0 is best
 */
struct emu_format {
	uint8_t lbads;
	uint8_t pif;
	uint16_t ms;
	uint8_t pi_bytes;
	uint8_t sts;
	uint8_t rp;
};

#define EMU_FORMATS	     19
#define EMU_FORMATS_PLAIN    16 /* indices below fit into the 4 bits that every host knows */
#define EMU_FORMAT_NOT_PLAIN 12 /* one of them that is not available without LBAFEE */

extern const struct emu_format emu_formats[EMU_FORMATS];

/** enum emu_job_kind - operations on whole namespaces */
enum emu_job_kind {
	EMU_JOB_NONE,
	EMU_JOB_CREATE,
	EMU_JOB_DELETE,
	EMU_JOB_FORMAT,
};

#define EMU_TAG_JOB 0xfffffffe /* of its requests to the medium */

/**
 * struct emu_job - an operation on namespaces, those with ns->job == @kind; job.c has its states
 * @tag: of its command, or EMU_NONE once the controller of that was reset
 * @at: NSID that the medium is asked about
 * @due_nsec: it does not end before
 * @cdw10: of Format NVM; @format: the new format
 */
struct emu_job {
	uint8_t kind;
	uint8_t state;
	uint8_t format;
	nvme_status status;
	uint32_t tag;
	uint32_t at;
	uint32_t cdw10;
	uint64_t due_nsec;
};

/**
 * struct emu_ns - a namespace
 * @allocated: it exists
 * @job: the operation that is under way, or that waits (EMU_JOB_CREATE)
 * @attached: bit n: to the controller with index n; an active NSID there
 * @shared: may be attached to several controllers
 * @extended: metadata is interleaved with the data; otherwise it has a buffer of its own
 * @pi_type: enum nvme_pi_type in use
 * @pi_first: the tuple is in the first bytes of the metadata
 * @format: index in emu_formats[]
 * @lbads: copy of the format's; likewise @ms
 * @lbstm_clear: bits of the storage tag that are not checked: those that LBSTM has 0 for
 * @generation: 0 for a namespace of the configuration, else a number that no other one had
 * @blocks: size in logical blocks; the capacity is the same, there is no thin provisioning
 * @hidden: blocks that the medium has behind them, since a fault rule made the namespace smaller
 */
struct emu_ns {
	bool allocated;
	bool shared;
	bool extended;
	bool pi_first;
	uint8_t pi_type;
	uint8_t format;
	uint8_t job;
	uint16_t attached;
	uint32_t lbads;
	uint32_t ms;
	uint64_t blocks;
	uint64_t hidden;
	uint32_t anagrpid;
	uint16_t endgid;
	uint32_t generation;
	uint64_t lbstm_clear;
};

/** emu_format_find - the first row with these values, or EMU_FORMATS */
uint32_t emu_format_find(uint32_t lbads, uint32_t ms, uint32_t pif);

/**
 * emu_format_available - whether @ctrl can use format @index
 *
 * Guards other than of 16 bits, and indices beyond 15, need a host that said that it knows them
 * (Host Behavior Support, LBAFEE: Base 2.0 5.27.1.18, unverified).
 */
bool emu_format_available(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t index);

/** emu_ns_allocated - namespace @nsid if it exists, or NULL */
struct emu_ns *emu_ns_allocated(const struct emu *emu, uint32_t nsid);

/** emu_ns_valid - whether @nsid could be one (Base 2.0 3.2.1.1): 1 .. NN */
bool emu_ns_valid(const struct emu *emu, uint32_t nsid);

/** emu_ns_next - the first NSID greater than @after that is active for @ctrl, or 0 */
uint32_t emu_ns_next(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t after);

/** emu_ns_next_allocated - the first NSID greater than @after that exists, or 0 */
uint32_t emu_ns_next_allocated(const struct emu *emu, uint32_t after);

/** emu_ns_bad - the status for an NSID that is not active: invalid, or merely inactive */
nvme_status emu_ns_bad(const struct emu *emu, struct emu_req *req);

/** emu_ns_set_format - namespace @ns has format @index and its sizes */
void emu_ns_set_format(struct emu_ns *ns, uint32_t index);

/** emu_ns_attach - controllers of the bits @attached have @ns; who gets or loses it is told */
void emu_ns_attach(struct emu *emu, struct emu_ns *ns, uint32_t attached);

/** emu_ns_tell - namespace @nsid changed for the controllers whose bit is set in @concerned */
void emu_ns_tell(struct emu *emu, uint32_t nsid, uint32_t concerned);

/** emu_ns_changed - the same for all that it is attached to, but not @except, which may be NULL */
void emu_ns_changed(struct emu *emu, uint32_t nsid, const struct emu_ctrl *except);

/** emu_ns_save - keep what @ns is now; @req, unless it is NULL, completes after it is durable */
void emu_ns_save(struct emu *emu, struct emu_req *req, const struct emu_ns *ns);

/** emu_load_ns - as emu_load() */
int emu_load_ns(struct emu *emu, uint32_t nsid, const uint8_t *data, uint32_t bytes);

/** emu_wide_formats - whether the host of @ctrl set LBAFEE of Host Behavior Support */
bool emu_wide_formats(const struct emu_ctrl *ctrl);

/** emu_pi_possible - whether protection information of type @pi fits into @format */
bool emu_pi_possible(const struct emu *emu, uint32_t format, uint32_t pi);

/** emu_format_remaining - percent of the Format NVM of @ns that are left; 0: there is none */
uint8_t emu_format_remaining(const struct emu *emu, const struct emu_ns *ns);

/** emu_capacity_used - bytes of all namespaces, including those that are being created */
uint64_t emu_capacity_used(const struct emu *emu);

/** emu_ns_init - the namespaces of the configuration */
void emu_ns_init(struct emu *emu);

/** emu_ns_check_range - LBA Out of Range for blocks that the namespace does not have */
nvme_status emu_ns_check_range(const struct emu_ns *ns, struct emu_req *req, uint64_t slba,
			       uint32_t nlb);

#endif
