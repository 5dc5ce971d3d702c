/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads, writes and what goes with their data: pieces of memory, metadata, protection information.
 * Included by nvl.h.
 *
 * Data goes straight between the controller and the caller's memory wherever that can be said to
 * the controller: in PRPs, or in an SGL if it has them and one is shorter. Else it goes through a
 * bounce buffer of the queue (nvl_config.bounce_bytes): memory that no device can reach, and pieces
 * that begin or end in the middle of where PRPs cannot.
 */
/* Before the guard: nvl.h includes this file, and then what needs it. */
#include "driver/core/nvl.h"

#ifndef NVMELAB_DRIVER_CORE_NVL_IO_H
#define NVMELAB_DRIVER_CORE_NVL_IO_H

#pragma GCC visibility push(default)

/* struct nvl_buffer.iova of memory that the device cannot reach: it is copied. */
#define NVL_NOT_MAPPED UINT64_MAX

/* struct nvl_pi.flags. The four checks are those of PRINFO and STC, the controller's. */
#define NVL_PI_CHECK_REF     0x01u
#define NVL_PI_CHECK_APP     0x02u
#define NVL_PI_CHECK_GUARD   0x04u
#define NVL_PI_ACTION	     0x08u /* PRACT: the controller inserts or strips */
#define NVL_PI_CHECK_STORAGE 0x10u
#define NVL_PI_HOST	     0x20u /* tuples are made before a write, verified after a read, here */

/**
 * struct nvl_pi - protection information of one transfer (NVM 1.0 5.2, unverified)
 * @flags: NVL_PI_*
 * @app_tag: application tag, made or expected
 * @app_mask: bits of it that are compared
 * @storage_tag: as many low bits as the format has
 * @ref_tag: of the first block; types 1 and 2 count it up with the blocks
 */
struct nvl_pi {
	uint8_t flags;
	uint16_t app_tag;
	uint16_t app_mask;
	uint64_t storage_tag;
	uint64_t ref_tag;
};

/**
 * struct nvl_io_extra - what most transfers do not have
 * @pieces: memory in several pieces, instead of buffer and offset of struct nvl_io; of any
 *	alignment, together at least as long as the transfer
 * @metadata: buffer of metadata that is not interleaved with the data: at @metadata_offset begin
 *	metadata_bytes of the namespace for each block
 * @has_pi: @pi counts; without it a namespace with protection information and no buffer for it gets
 *	PRACT and the checks of its type
 * @dsm: CDW13 7:0, hints
 * @directive_type: DTYPE, writes only, with @directive (DSPEC)
 *
 * It stays as it is until the transfer is complete, as does everything that it points at.
 */
struct nvl_io_extra {
	const struct nvl_data *pieces;
	uint32_t piece_count;
	bool has_pi;
	uint8_t dsm;
	uint8_t directive_type;
	uint16_t directive;
	const struct nvl_buffer *metadata;
	uint64_t metadata_offset;
	struct nvl_pi pi;
};

#define NVL_IO_FUA	     0x1u /* Force Unit Access */
#define NVL_IO_LIMITED_RETRY 0x2u
#define NVL_IO_DEALLOCATE    0x4u /* DEAC of Write Zeroes */

/**
 * struct nvl_io - a transfer, or a range of blocks
 * @ns: of this controller, not refused
 * @slba: first logical block; the range is checked by the controller
 * @nlb: blocks, 1 or more; any number, split as needed
 * @flags: NVL_IO_*
 * @buffer: at @offset begin nlb blocks of data. Where the namespace interleaves metadata (and the
 *	controller does not strip it) a block is block_bytes + metadata_bytes long.
 * @extra: NULL for most
 */
struct nvl_io {
	const struct nvl_ns *ns;
	uint64_t slba;
	uint32_t nlb;
	uint32_t flags;
	const struct nvl_buffer *buffer;
	uint64_t offset;
	const struct nvl_io_extra *extra;
};

/**
 * nvl_pi_alone - whether the metadata of @ns are protection information and nothing else
 *
 * Then the controller can insert them into writes and strip them from reads (PRACT), as nvl_read()
 * and nvl_write() have it unless they are told otherwise, and blocks are their data alone in memory
 * (NVM 1.0 5.2.2.1 and 5.2.2.2, unverified).
 */
static inline bool nvl_pi_alone(const struct nvl_ns *ns)
{
	return ns->pi_bytes > 0 && ns->pi_bytes == ns->metadata_bytes;
}

/**
 * nvl_data_alone - whether nothing is lost where blocks of @ns are moved without their metadata:
 * it has none, or nvl_pi_alone()
 */
static inline bool nvl_data_alone(const struct nvl_ns *ns)
{
	return ns->metadata_bytes == 0 || nvl_pi_alone(ns);
}

/**
 * nvl_read - start a read; nvl_ring() tells the controller
 *
 * More than nvl_info()->max_transfer_bytes, or what crosses a boundary that the namespace does not
 * like (NOIOB), becomes several commands; what does not fit the queue now follows in nvl_poll().
 * One callback, after the last of them, with the first error. With NVL_PI_HOST tuples are verified
 * before it: one that is wrong is -NVL_EILSEQ, and the status says which check.
 * @io: copied, but what it points at is not
 * Return: as nvl_submit(); -NVL_EINVAL also for a refused namespace, for metadata without a buffer,
 * and for memory that needs a bounce buffer which one block does not fit.
 */
int nvl_read(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg);

/** nvl_write - start a write; see nvl_read() */
int nvl_write(struct nvl_queue *queue, const struct nvl_io *io, nvl_done_fn *done, void *arg);

/** nvl_read_wait - nvl_read() and wait for it, as nvl_execute() */
int nvl_read_wait(struct nvl_queue *queue, const struct nvl_io *io);

/** nvl_write_wait - nvl_write() and wait for it, as nvl_execute() */
int nvl_write_wait(struct nvl_queue *queue, const struct nvl_io *io);

/**
 * nvl_pi_init - what a namespace's type asks for at @slba: guard and, but for type 3, reference tag
 * checked; the reference tag is that of the block; no application or storage tag
 */
void nvl_pi_init(struct nvl_pi *pi, const struct nvl_ns *ns, uint64_t slba);

/**
 * nvl_pi_generate - make the tuples of @io, whose extra->pi says the tags, in its memory
 *
 * Context: any; touches only the memory. What NVL_PI_HOST does before a write.
 * Return: 0; -NVL_EINVAL without protection information, or when memory is missing.
 */
int nvl_pi_generate(const struct nvl_io *io);

/**
 * nvl_pi_verify - check the tuples of @io, as extra->pi says, in its memory
 * @ret_status: which check failed first: the status that a controller has for it; 0 for none
 *
 * Blocks whose application tag is FFFFh (type 3: and whose reference tag is all ones) are not
 * checked. Context: any; touches only the memory.
 * Return: 0; -NVL_EILSEQ; -NVL_EINVAL as nvl_pi_generate().
 */
int nvl_pi_verify(const struct nvl_io *io, nvme_status *ret_status);

#pragma GCC visibility pop

#endif
