/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads and writes of any alignment, and what statuses are called elsewhere. */
#include "driver/disk/disk.h"

#include <errno.h>
#include <string.h>

/* Offsets of files are signed. */
static bool fits_offset(const struct nvl_ns *ns)
{
	return ns->nsze <= (uint64_t)INT64_MAX >> ns->block_shift;
}

int nvl_disk_check(const struct nvl_ns *ns, struct nvme_text *why)
{
	if (ns->problem != 0) {
		nvme_text_add(why, nvl_reason_text(ns->problem));
	} else if (!nvl_data_alone(ns)) {
		nvme_text_add(why, "metadata of ");
		nvme_text_u64(why, ns->metadata_bytes);
		nvme_text_add(why, " bytes a block, which are not protection information alone");
	} else if (!fits_offset(ns)) {
		nvme_text_add(why, "more bytes than the offset of a file can say");
	} else {
		return 0;
	}
	return -EIO;
}

uint64_t nvl_disk_bytes(const struct nvl_ns *ns)
{
	if (!ns || ns->problem != 0 || !nvl_data_alone(ns) || !fits_offset(ns))
		return 0;
	return ns->nsze << ns->block_shift;
}

/*
 * As Linux has it: nvme_error_status() in its driver, then blk_status_to_errno(). What is not here
 * is EIO.
 */
int nvl_disk_errno(int result)
{
	static const struct {
		uint16_t code;
		int error;
	} errors[] = {
		{ NVME_SC_CAPACITY_EXCEEDED, ENOSPC },
		{ NVME_SC_RESERVATION_CONFLICT, EBADE },
		{ NVME_SC_UNRECOVERED_READ_ERROR, ENODATA },
		{ NVME_SC_ACCESS_DENIED, ENODATA },
		{ NVME_SC_COMPARE_FAILURE, ENODATA },
		{ NVME_SC_DEALLOCATED_BLOCK, ENODATA },
		{ NVME_SC_WRITE_FAULT, ENODATA },
		{ NVME_SC_GUARD_CHECK_ERROR, EILSEQ },
		{ NVME_SC_APP_TAG_CHECK_ERROR, EILSEQ },
		{ NVME_SC_REF_TAG_CHECK_ERROR, EILSEQ },
		{ NVME_SC_INVALID_OPCODE, EOPNOTSUPP },
	};

	if (result <= 0)
		return result == -NVL_ETIMEDOUT ? -ETIMEDOUT : result < 0 ? -EIO : 0;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (nvme_status_code((nvme_status)result) == errors[i].code)
			return -errors[i].error;
	}
	return -EIO;
}

bool nvl_disk_whole(const struct nvl_ns *ns, uint64_t offset, uint64_t bytes)
{
	return ((offset | bytes) & (ns->block_bytes - 1)) == 0;
}

/* struct piece - a part of a transfer that the buffer holds */
struct piece {
	struct nvl_io io;
	uint64_t skip;	/* bytes of the first block before what was asked for */
	uint64_t bytes; /* of what was asked for */
	bool whole;	/* whole blocks */
};

static void cut_piece(const struct nvl_disk *disk, uint64_t offset, uint64_t bytes,
		      struct piece *ret_piece)
{
	const struct nvl_ns *ns = disk->ns;
	uint64_t mask = ns->block_bytes - 1, room, end;

	ret_piece->skip = offset & mask;
	room = NVL_DISK_BUFFER_BYTES - ret_piece->skip;
	ret_piece->bytes = bytes < room ? bytes : room;
	end = offset + ret_piece->bytes;
	ret_piece->whole = ret_piece->skip == 0 && (end & mask) == 0;
	ret_piece->io = (struct nvl_io){
		.ns = ns,
		.slba = offset >> ns->block_shift,
		.nlb = (uint32_t)(((end + mask) >> ns->block_shift) - (offset >> ns->block_shift)),
		.buffer = disk->buffer,
	};
}

static char *data_of(const struct piece *piece)
{
	return (char *)piece->io.buffer->data + piece->skip;
}

int nvl_disk_read(const struct nvl_disk *disk, void *data, uint64_t bytes, uint64_t offset,
		  uint64_t *ret_done)
{
	struct piece piece;
	int result = 0;

	for (*ret_done = 0; *ret_done < bytes && result == 0;) {
		cut_piece(disk, offset + *ret_done, bytes - *ret_done, &piece);
		result = nvl_read_wait(disk->queue, &piece.io);
		if (result != 0)
			break;
		memcpy((char *)data + *ret_done, data_of(&piece), piece.bytes);
		*ret_done += piece.bytes;
	}
	return nvl_disk_errno(result);
}

int nvl_disk_write(const struct nvl_disk *disk, const void *data, uint64_t bytes, uint64_t offset,
		   bool fua, uint64_t *ret_done)
{
	struct piece piece;
	int result = 0;

	for (*ret_done = 0; *ret_done < bytes;) {
		cut_piece(disk, offset + *ret_done, bytes - *ret_done, &piece);
		result = piece.whole ? 0 : nvl_read_wait(disk->queue, &piece.io);
		if (result != 0)
			break;
		memcpy(data_of(&piece), (const char *)data + *ret_done, piece.bytes);
		piece.io.flags = fua ? NVL_IO_FUA : 0;
		result = nvl_write_wait(disk->queue, &piece.io);
		if (result != 0)
			break;
		*ret_done += piece.bytes;
	}
	return nvl_disk_errno(result);
}

int nvl_disk_flush(const struct nvl_disk *disk)
{
	return nvl_disk_errno(nvl_flush_wait(disk->queue, disk->ns->nsid));
}
