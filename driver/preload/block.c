/* SPDX-License-Identifier: BSD-3-Clause */
/* A namespace as bytes: reads and writes of any alignment, flush, zeros, discard. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "driver/preload/preload.h"

#define PIECE_BYTES    (UINT64_C(1) << 20)
#define DISCARD_BLOCKS UINT32_MAX      /* of one range, without DMRSL */
#define ZERO_BLOCKS    UINT64_C(65536) /* of one Write Zeroes command, without WZSL */

const struct nvl_ns *pre_block_ns(const struct pre_node *node)
{
	const struct nvl_ns *ns = nvl_ns_find(pre_ctrl(), node->nsid);

	if (ns && ns->problem == 0)
		return ns;
	errno = ns ? EIO : ENXIO;
	return NULL;
}

uint64_t pre_block_bytes(const struct pre_node *node)
{
	const struct nvl_ns *ns = nvl_ns_find(pre_ctrl(), node->nsid);

	return ns && ns->problem == 0 ? ns->nsze << ns->block_shift : 0;
}

/* struct piece - a part of a transfer that one buffer holds */
struct piece {
	struct nvl_io io;
	uint64_t skip;	/* bytes of the first block before what was asked for */
	uint64_t bytes; /* of what was asked for */
	bool whole;	/* whole blocks */
};

static void cut_piece(const struct nvl_ns *ns, uint64_t offset, uint64_t bytes,
		      struct piece *ret_piece)
{
	uint64_t mask = ns->block_bytes - 1, end;

	ret_piece->skip = offset & mask;
	ret_piece->bytes = bytes;
	if (ret_piece->bytes > PIECE_BYTES - ret_piece->skip)
		ret_piece->bytes = PIECE_BYTES - ret_piece->skip;
	end = offset + ret_piece->bytes;
	ret_piece->whole = ret_piece->skip == 0 && (end & mask) == 0;
	ret_piece->io = (struct nvl_io){
		.ns = ns,
		.slba = offset >> ns->block_shift,
		.nlb = (uint32_t)(((end + mask) >> ns->block_shift) - (offset >> ns->block_shift)),
	};
}

/* O_DIRECT wants whole blocks; a length beyond the end is cut. Return: 0, or -1 with errno. */
static int check_range(const struct pre_file *file, const struct nvl_ns *ns, uint64_t offset,
		       size_t *bytes)
{
	uint64_t size = ns->nsze << ns->block_shift;

	if ((file->flags & O_DIRECT) && ((offset | *bytes) & (ns->block_bytes - 1)) != 0)
		return pre_fail(EINVAL);
	if (offset >= size)
		*bytes = 0;
	else if (*bytes > size - offset)
		*bytes = (size_t)(size - offset);
	return 0;
}

static int read_piece(struct nvl_queue *queue, struct piece *piece, void *data)
{
	int result = nvl_read_wait(queue, &piece->io);

	if (result != 0)
		return pre_result(result);
	memcpy(data, (const char *)piece->io.buffer->data + piece->skip, piece->bytes);
	return 0;
}

/* Blocks of which only a part is written are read first; the lock is held, so it looks atomic. */
static int write_piece(struct nvl_queue *queue, struct piece *piece, const void *data)
{
	int result = piece->whole ? 0 : nvl_read_wait(queue, &piece->io);

	if (result != 0)
		return pre_result(result);
	memcpy((char *)piece->io.buffer->data + piece->skip, data, piece->bytes);
	result = nvl_write_wait(queue, &piece->io);
	return result == 0 ? 0 : pre_result(result);
}

/* What was moved before an error counts, as for a disk. */
static ssize_t move(const struct pre_file *file, char *to, const char *from, size_t bytes,
		    uint64_t offset, uint32_t flags)
{
	const struct nvl_ns *ns = pre_block_ns(&file->node);
	struct nvl_queue *queue = pre_queue();
	size_t done = 0, asked = bytes;

	if (!ns || !queue || check_range(file, ns, offset, &bytes) != 0)
		return -1;
	if (from && bytes == 0 && asked > 0)
		return pre_fail(ENOSPC);
	while (done < bytes) {
		struct piece piece;
		int result;

		cut_piece(ns, offset + done, bytes - done, &piece);
		piece.io.flags = flags;
		piece.io.buffer = pre_buffer(PIECE_BYTES);
		if (!piece.io.buffer)
			return -1;
		result = from ? write_piece(queue, &piece, from + done)
			      : read_piece(queue, &piece, to + done);
		if (result != 0)
			return done > 0 ? (ssize_t)done : -1;
		done += piece.bytes;
	}
	return (ssize_t)done;
}

ssize_t pre_block_read(const struct pre_file *file, void *data, size_t bytes, uint64_t offset)
{
	return move(file, data, NULL, bytes, offset, 0);
}

ssize_t pre_block_write(const struct pre_file *file, const void *data, size_t bytes,
			uint64_t offset, bool fua)
{
	return move(file, NULL, data, bytes, offset, fua ? NVL_IO_FUA : 0);
}

int pre_block_flush(const struct pre_file *file)
{
	struct nvl_queue *queue = pre_queue();
	int result;

	if (!queue)
		return -1;
	result = nvl_flush_wait(queue, file->node.nsid);
	return result == 0 ? 0 : pre_result(result);
}

/* Whole blocks within the namespace. */
static const struct nvl_ns *block_range(const struct pre_file *file, uint64_t offset,
					uint64_t bytes)
{
	const struct nvl_ns *ns = pre_block_ns(&file->node);

	if (!ns)
		return NULL;
	if (((offset | bytes) & (ns->block_bytes - 1)) == 0 && bytes > 0 &&
	    offset <= pre_block_bytes(&file->node) &&
	    bytes <= pre_block_bytes(&file->node) - offset)
		return ns;
	errno = EINVAL;
	return NULL;
}

/* Blocks of one Write Zeroes command and of one range of Dataset Management. */
struct limits {
	uint64_t zero_blocks;
	uint64_t discard_blocks;
};

/* VS 2.0 has the limits in CNS 06h; a controller without it has none. NVM 1.0 4.1.5.2. */
static struct limits read_limits(const struct nvl_ns *ns)
{
	const struct nvl_identify identify = { .cns = NVME_CNS_CTRL_CSI };
	uint32_t page_shift = 12 + (uint32_t)NVME_GET64(nvl_info(pre_ctrl())->cap, NVME_CAP_MPSMIN);
	struct limits limits = { ZERO_BLOCKS, DISCARD_BLOCKS };
	struct nvme_id_ctrl_nvm nvm;

	if (nvl_identify(pre_ctrl(), &identify, &nvm) != 0)
		return limits;
	if (nvm.wzsl > 0 && page_shift + nvm.wzsl < 32) {
		uint64_t blocks = (UINT64_C(1) << (page_shift + nvm.wzsl)) >> ns->block_shift;

		limits.zero_blocks = blocks < ZERO_BLOCKS ? blocks : ZERO_BLOCKS;
	}
	if (nvme_cpu32(nvm.dmrsl) > 0)
		limits.discard_blocks = nvme_cpu32(nvm.dmrsl);
	return limits;
}

/* A controller without Write Zeroes gets zeros as data. */
static int write_zeros(const struct pre_file *file, uint64_t offset, uint64_t bytes)
{
	static const char zeros[4096];

	while (bytes > 0) {
		size_t piece = bytes < sizeof(zeros) ? (size_t)bytes : sizeof(zeros);

		if (pre_block_write(file, zeros, piece, offset, false) != (ssize_t)piece)
			return -1;
		offset += piece;
		bytes -= piece;
	}
	return 0;
}

static int zero_blocks(struct nvl_queue *queue, const struct nvl_ns *ns, uint64_t slba,
		       uint32_t nlb, bool deallocate)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_CMD_WRITE_ZEROES,
		.nsid = nvme_le32(ns->nsid),
		.cdw10 = nvme_le32((uint32_t)slba),
		.cdw11 = nvme_le32((uint32_t)(slba >> 32)),
		.cdw12 = nvme_le32((nlb - 1) | NVME_PUT(NVME_RW_DEAC, deallocate)),
	};

	return nvl_execute(queue, &sqe, NULL, NULL);
}

static int discard_blocks(struct nvl_queue *queue, const struct nvl_ns *ns, uint64_t slba,
			  uint32_t nlb)
{
	struct nvl_buffer *buffer = pre_buffer(PIECE_BYTES);
	const struct nvl_data data = { buffer, 0, sizeof(struct nvme_dsm_range) };
	const struct nvme_sqe sqe = {
		.opcode = NVME_CMD_DSM,
		.nsid = nvme_le32(ns->nsid),
		.cdw11 = nvme_le32(NVME_PUT(NVME_DSM_AD, 1)),
	};

	if (!buffer)
		return -errno;
	*(struct nvme_dsm_range *)buffer->data = (struct nvme_dsm_range){ .nlb = nvme_le32(nlb),
									  .slba = nvme_le64(slba) };
	return nvl_execute(queue, &sqe, &data, NULL);
}

static bool has_command(uint32_t oncs_mask)
{
	return (nvme_cpu16(nvl_id_ctrl(pre_ctrl())->oncs) & oncs_mask) != 0;
}

int pre_block_zero(const struct pre_file *file, uint64_t offset, uint64_t bytes, bool deallocate)
{
	const struct nvl_ns *ns = block_range(file, offset, bytes);
	struct nvl_queue *queue = pre_queue();
	uint64_t slba, end;
	struct limits limits;

	if (!ns || !queue)
		return -1;
	if (!has_command(NVME_MASK(NVME_ID_CTRL_ONCS_WRITE_ZEROES)))
		return write_zeros(file, offset, bytes);
	limits = read_limits(ns);
	slba = offset >> ns->block_shift;
	end = slba + (bytes >> ns->block_shift);
	while (slba < end) {
		uint64_t nlb = end - slba < limits.zero_blocks ? end - slba : limits.zero_blocks;
		int result = zero_blocks(queue, ns, slba, (uint32_t)nlb, deallocate);

		if (result != 0)
			return pre_result(result);
		slba += nlb;
	}
	return 0;
}

int pre_block_discard(const struct pre_file *file, uint64_t offset, uint64_t bytes)
{
	const struct nvl_ns *ns = block_range(file, offset, bytes);
	struct nvl_queue *queue = pre_queue();
	uint64_t slba, end;
	struct limits limits;

	if (!ns || !queue)
		return -1;
	if (!has_command(NVME_MASK(NVME_ID_CTRL_ONCS_DSM)))
		return pre_fail(EOPNOTSUPP);
	limits = read_limits(ns);
	slba = offset >> ns->block_shift;
	end = slba + (bytes >> ns->block_shift);
	while (slba < end) {
		uint64_t nlb = end - slba < limits.discard_blocks ? end - slba
								  : limits.discard_blocks;
		int result = discard_blocks(queue, ns, slba, (uint32_t)nlb);

		if (result != 0)
			return pre_result(result);
		slba += nlb;
	}
	return 0;
}
