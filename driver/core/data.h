/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between submit and ring: where the data of a command is, in the ways that are not plain. Private.
 */
#ifndef NVMELAB_DRIVER_CORE_DATA_H
#define NVMELAB_DRIVER_CORE_DATA_H

#include "driver/core/internal.h"

/*
 * pieces.c
 */

/**
 * struct nvl_memory_of - memory of a transfer, as a list of pieces
 * @one: the list, where there is only one piece
 */
struct nvl_memory_of {
	const struct nvl_data *list;
	uint32_t count;
	struct nvl_data one;
};

/** struct nvl_run - memory that is contiguous for the device */
struct nvl_run {
	uint64_t iova;
	uint64_t bytes;
};

/** struct nvl_runs - the runs of @left bytes, in turn; @at is a place in @piece */
struct nvl_runs {
	const struct nvl_data *piece;
	uint32_t count;
	uint64_t at;
	uint64_t left;
};

/** nvl_piece_fits - whether it lies within its buffer */
static inline bool nvl_piece_fits(const struct nvl_data *piece)
{
	return piece->buffer && piece->offset <= piece->buffer->bytes &&
	       piece->bytes <= piece->buffer->bytes - piece->offset;
}

uint64_t nvl_memory_bytes(const struct nvl_memory_of *memory);
bool nvl_memory_fits(const struct nvl_memory_of *memory, uint64_t bytes);
void nvl_memory_copy(const struct nvl_memory_of *memory, uint64_t at, void *bytes, uint64_t count,
		     bool to_memory);
uint8_t *nvl_memory_at(const struct nvl_memory_of *memory, uint64_t at, uint64_t *ret_bytes);
struct nvl_runs nvl_runs(const struct nvl_memory_of *memory, uint64_t at, uint64_t bytes);
bool nvl_runs_next(struct nvl_runs *runs, struct nvl_run *ret_run);

/*
 * prp.c, sgl.c
 */

/** struct nvl_pointer - how a command says where its data is: PSDT and DPTR */
struct nvl_pointer {
	enum nvme_psdt psdt;
	struct nvl_prp words;
};

/** struct nvl_shape - what the memory of a command is like; @reachable: all of it is mapped */
struct nvl_shape {
	uint32_t runs;
	uint64_t pages;
	bool reachable;
	bool prp;   /* in the middle all begins and ends at pages */
	bool dword; /* everything is a multiple of 4 */
};

struct nvl_shape nvl_shape(struct nvl_runs runs);
bool nvl_sgl_wanted(const struct nvl_queue *queue, const struct nvl_shape *shape, uint64_t bytes);
bool nvl_sgl_usable(const struct nvl_queue *queue, const struct nvl_shape *shape);
uint32_t nvl_sgl_room(const struct nvl_queue *queue);
struct nvl_pointer nvl_sgl_build(struct nvl_queue *queue, const struct nvl_request *request,
				 struct nvl_runs runs, uint32_t count);
struct nvl_prp nvl_prp_runs(struct nvl_queue *queue, const struct nvl_request *request,
			    struct nvl_runs runs);

/*
 * meta.c: what a block is in the caller's memory, and what the command says of it.
 */

/**
 * struct nvl_layout - bytes of a block in the data and in the separate metadata buffer
 * @tuple_at: place of the tuple in the block's metadata
 */
struct nvl_layout {
	uint32_t data_bytes;
	uint32_t meta_bytes;
	uint32_t tuple_at;
	uint8_t tuple_bytes;
};

/** struct nvl_tag - storage and reference tag together, up to 80 bits */
struct nvl_tag {
	uint64_t low;
	uint16_t high;
};

void nvl_io_memory(const struct nvl_io *io, const struct nvl_layout *layout,
		   struct nvl_memory_of *ret_data, struct nvl_memory_of *ret_meta);
bool nvl_pi_of(const struct nvl_io *io, struct nvl_pi *ret_pi);
struct nvl_layout nvl_layout(const struct nvl_ns *ns, const struct nvl_pi *pi);
struct nvl_tag nvl_pi_tag(const struct nvl_ns *ns, const struct nvl_pi *pi, uint64_t index);
void nvl_meta_fields(struct nvme_sqe *sqe, const struct nvl_ns *ns, const struct nvl_pi *pi,
		     uint64_t index);

/*
 * pi.c
 */

/** struct nvl_blocks - blocks of a transfer in memory, from @first on */
struct nvl_blocks {
	const struct nvl_ns *ns;
	const struct nvl_pi *pi;
	const struct nvl_memory_of *data;
	const struct nvl_memory_of *meta; /* NULL: interleaved */
	struct nvl_layout layout;
	uint32_t nlb;
};

void nvl_blocks_generate(const struct nvl_blocks *blocks);
nvme_status nvl_blocks_verify(const struct nvl_blocks *blocks);

/** nvl_moves_data - whether a command with the fields of Read has data */
static inline bool nvl_moves_data(uint8_t opcode)
{
	return opcode == NVME_CMD_READ || opcode == NVME_CMD_WRITE || opcode == NVME_CMD_COMPARE;
}

/* CDW12: NLB, and the caller's flags, which are bits of their own there. */
static inline uint32_t nvl_io_cdw12(uint32_t flags, uint32_t nlb)
{
	return (nlb - 1) | NVME_PUT(NVME_RW_FUA, (flags & NVL_IO_FUA) != 0) |
	       NVME_PUT(NVME_RW_LR, (flags & NVL_IO_LIMITED_RETRY) != 0) |
	       NVME_PUT(NVME_RW_DEAC, (flags & NVL_IO_DEALLOCATE) != 0);
}

/*
 * bounce.c
 */

#define NVL_NO_BOUNCE UINT32_MAX

uint32_t nvl_bounce_get(struct nvl_queue *queue);
void nvl_bounce_put(struct nvl_queue *queue, uint32_t slot);
uint8_t *nvl_bounce_data(const struct nvl_queue *queue, uint32_t slot);
uint64_t nvl_bounce_iova(const struct nvl_queue *queue, uint32_t slot);

/*
 * io.c: nvl_start_fn starts @what, as nvl_submit()
 */
typedef int nvl_start_fn(struct nvl_queue *queue, const void *what, nvl_done_fn *done, void *arg);
int nvl_call_wait(struct nvl_queue *queue, nvl_start_fn *start, const void *what,
		  struct nvl_completion *ret_completion);
int nvl_io_start(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		 nvl_done_fn *done, void *arg);
int nvl_io_wait(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io);

/*
 * join.c: transfers of more than one command, or that need something done when they end.
 */

/**
 * struct nvl_part - one command of a join, by the place of its request in the queue
 * @first: its first block, counted in the transfer
 * @bounce: slot that its data goes through, or NVL_NO_BOUNCE
 */
struct nvl_part {
	struct nvl_join *join;
	uint32_t first;
	uint32_t nlb;
	uint32_t bounce;
};

/**
 * struct nvl_join - a transfer of several commands
 * @io: all of it; @position is how many of its blocks were submitted
 * @ns: what @io.ns points at: the namespace as it was when the transfer began. The row of the table
 *	may be another one by now, with other blocks, and the buffer is as large as it was.
 * @copy: memory of the caller that the one command's data is copied to, @copy_bytes
 * @limit: blocks of one command
 * @outstanding: its commands that are
 * @next: the next one that waits for a slot, or that is free; NVL_NO_JOIN ends the list
 * @completion: of the first command that failed, else of the last one
 * @second: of the second of two fused commands
 */
struct nvl_join {
	struct nvl_io io;
	struct nvl_ns ns;
	struct nvl_pi pi;
	struct nvl_layout layout;
	struct nvl_memory_of data;
	struct nvl_memory_of meta;
	nvl_done_fn *done;
	void *arg;
	struct nvl_queue *queue;
	void *copy;
	uint32_t copy_bytes;
	struct nvl_completion completion;
	struct nvl_completion second;
	uint32_t position;
	uint32_t limit;
	uint32_t outstanding;
	uint32_t next;
	uint8_t opcode;
	uint8_t fuse;
	bool used;
	bool waiting;
};

/*
 * plan.c: the next part
 */

/** struct nvl_plan - how a part's data is to be described */
struct nvl_plan {
	uint32_t nlb;
	bool bounce;
	bool sgl;
	struct nvl_shape data;
};

int nvl_plan_part(const struct nvl_join *join, struct nvl_plan *plan);
void nvl_part_describe(struct nvl_join *join, struct nvl_request *request,
		       const struct nvl_part *part, const struct nvl_plan *plan,
		       struct nvme_sqe *sqe);
struct nvme_sqe nvl_part_command(const struct nvl_join *join, const struct nvl_part *part);
const void *nvl_part_traced(const struct nvl_join *join, const struct nvl_part *part,
			    uint64_t bytes);

/*
 * join.c
 */
int nvl_join_start(struct nvl_queue *queue, uint8_t opcode, const struct nvl_io *io,
		   nvl_done_fn *done, void *arg);
int nvl_join_fused(struct nvl_queue *queue, const struct nvl_io *compare,
		   const struct nvl_io *write, nvl_done_fn *done, void *arg);
int nvl_join_copy(struct nvl_queue *queue, const struct nvme_sqe *sqe, void *data, uint32_t bytes,
		  nvl_done_fn *done, void *arg);

#endif
