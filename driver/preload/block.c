/* SPDX-License-Identifier: BSD-3-Clause */
/* A namespace behind a descriptor: what the calls of calls_io.c and ioctl.c come to. */
#include <errno.h>
#include <fcntl.h>

#include "driver/disk/disk.h"
#include "driver/preload/preload.h"

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
	return nvl_disk_bytes(nvl_ns_find(pre_ctrl(), node->nsid));
}

/* The namespace as bytes. Why it cannot be that is said once for each file. */
static const struct nvl_ns *find_disk(struct pre_file *file)
{
	const struct nvl_ns *ns = nvl_ns_find(pre_ctrl(), file->node.nsid);
	struct nvme_text why;
	char reason[256];

	nvme_text_init(&why, reason, sizeof(reason));
	if (ns && nvl_disk_check(ns, &why) == 0)
		return ns;
	if (ns && !file->told)
		pre_say("/dev/nvme0n%u: %s", file->node.nsid, reason);
	file->told = ns != NULL;
	errno = ns ? EIO : ENXIO;
	return NULL;
}

static int open_disk(struct pre_file *file, struct nvl_disk *ret_disk)
{
	const struct nvl_ns *ns = find_disk(file);

	if (!ns)
		return -1;
	*ret_disk = (struct nvl_disk){
		.ctrl = pre_ctrl(),
		.ns = ns,
		.queue = pre_queue(),
		.buffer = pre_buffer(NVL_DISK_BUFFER_BYTES),
	};
	return ret_disk->queue && ret_disk->buffer ? 0 : -1;
}

static int answer(int result)
{
	return result == 0 ? 0 : pre_fail(-result);
}

/* O_DIRECT wants whole blocks; a length beyond the end is cut. */
static int check_range(const struct pre_file *file, const struct nvl_ns *ns, uint64_t offset,
		       size_t *bytes)
{
	uint64_t size = nvl_disk_bytes(ns);

	if ((file->flags & O_DIRECT) && !nvl_disk_whole(ns, offset, *bytes))
		return pre_fail(EINVAL);
	if (offset >= size)
		*bytes = 0;
	else if (*bytes > size - offset)
		*bytes = (size_t)(size - offset);
	return 0;
}

/* What was moved before an error counts, as for a disk. */
static ssize_t moved(int result, uint64_t done)
{
	return done > 0 || result == 0 ? (ssize_t)done : pre_fail(-result);
}

ssize_t pre_block_read(struct pre_file *file, void *data, size_t bytes, uint64_t offset)
{
	struct nvl_disk disk;
	uint64_t done;
	int result;

	if (open_disk(file, &disk) != 0 || check_range(file, disk.ns, offset, &bytes) != 0)
		return -1;
	result = nvl_disk_read(&disk, data, bytes, offset, &done);
	return moved(result, done);
}

ssize_t pre_block_write(struct pre_file *file, const void *data, size_t bytes, uint64_t offset,
			bool fua)
{
	size_t asked = bytes;
	struct nvl_disk disk;
	uint64_t done;
	int result;

	if (open_disk(file, &disk) != 0 || check_range(file, disk.ns, offset, &bytes) != 0)
		return -1;
	if (bytes == 0 && asked > 0)
		return pre_fail(ENOSPC);
	result = nvl_disk_write(&disk, data, bytes, offset, fua, &done);
	return moved(result, done);
}

int pre_block_flush(struct pre_file *file)
{
	struct nvl_disk disk;

	return open_disk(file, &disk) == 0 ? answer(nvl_disk_flush(&disk)) : -1;
}

int pre_block_zero(struct pre_file *file, uint64_t offset, uint64_t bytes, bool deallocate)
{
	struct nvl_disk disk;

	return open_disk(file, &disk) == 0 ? answer(nvl_disk_zero(&disk, offset, bytes, deallocate))
					   : -1;
}

int pre_block_discard(struct pre_file *file, uint64_t offset, uint64_t bytes)
{
	struct nvl_disk disk;

	return open_disk(file, &disk) == 0 ? answer(nvl_disk_discard(&disk, offset, bytes)) : -1;
}
