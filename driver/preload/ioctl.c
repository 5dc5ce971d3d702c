/* SPDX-License-Identifier: BSD-3-Clause */
/* ioctls: a row each. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <stddef.h>

#include "driver/preload/preload.h"

typedef int ioctl_fn(struct pre_file *file, unsigned long request, void *argument);

static int get_nsid(struct pre_file *file, unsigned long request, void *argument)
{
	(void)request;
	(void)argument;
	return file->node.nsid != 0 ? (int)file->node.nsid : pre_fail(ENOTTY);
}

static int reset(struct pre_file *file, unsigned long request, void *argument)
{
	bool subsystem = request == NVME_IOCTL_SUBSYS_RESET;
	int result = subsystem ? nvl_subsystem_reset(pre_ctrl()) : nvl_reset(pre_ctrl());

	(void)file;
	(void)argument;
	if (result == -NVL_EOPNOTSUPP && subsystem)
		return pre_fail(ENOTTY);
	return result == 0 ? 0 : pre_fail(EIO);
}

static int rescan(struct pre_file *file, unsigned long request, void *argument)
{
	(void)file;
	(void)request;
	(void)argument;
	return nvl_rescan(pre_ctrl()) == 0 ? 0 : pre_fail(EIO);
}

static int size(struct pre_file *file, unsigned long request, void *argument)
{
	uint64_t bytes = pre_block_bytes(&file->node);

	if (request == BLKGETSIZE64)
		*(uint64_t *)argument = bytes;
	else
		*(unsigned long *)argument = (unsigned long)(bytes >> 9);
	return 0;
}

/* All of them are the size of a block; a drive says nothing better. */
static int block_size(struct pre_file *file, unsigned long request, void *argument)
{
	const struct nvl_ns *ns = pre_block_ns(&file->node);

	(void)request;
	if (!ns)
		return -1;
	*(unsigned int *)argument = ns->block_bytes;
	return 0;
}

/* Of the system's cache, which there is none of. nvme-cli sets it after a format. */
static int set_block_size(struct pre_file *file, unsigned long request, void *argument)
{
	const struct nvl_ns *ns = pre_block_ns(&file->node);
	int bytes = *(const int *)argument;

	(void)request;
	if (!ns)
		return -1;
	return bytes > 0 && bytes % (int)ns->block_bytes == 0 ? 0 : pre_fail(EINVAL);
}

static int zero(struct pre_file *file, unsigned long request, void *argument)
{
	(void)file;
	if (request == BLKROTATIONAL)
		*(unsigned short *)argument = 0;
	else
		*(int *)argument = 0;
	return 0;
}

static int flush(struct pre_file *file, unsigned long request, void *argument)
{
	(void)request;
	(void)argument;
	return pre_block_flush(file);
}

/* There are no partitions here: what the table says is for a system that has the drive. */
static int read_partitions(struct pre_file *file, unsigned long request, void *argument)
{
	(void)file;
	(void)request;
	(void)argument;
	return 0;
}

static int range(struct pre_file *file, unsigned long request, void *argument)
{
	const uint64_t *words = argument;

	if (!pre_file_may(file, true))
		return pre_fail(EBADF);
	if (request == BLKDISCARD)
		return pre_block_discard(file, words[0], words[1]);
	return pre_block_zero(file, words[0], words[1], false);
}

/* @block: only block devices have it */
static const struct {
	unsigned long request;
	bool block;
	ioctl_fn *run;
} rows[] = {
	{ NVME_IOCTL_ID, false, get_nsid },
	{ NVME_IOCTL_ADMIN_CMD, false, pre_passthru },
	{ NVME_IOCTL_ADMIN64_CMD, false, pre_passthru },
	{ NVME_IOCTL_IO_CMD, false, pre_passthru },
	{ NVME_IOCTL_IO64_CMD, false, pre_passthru },
	{ NVME_IOCTL_SUBMIT_IO, false, pre_submit_io },
	{ NVME_IOCTL_RESET, false, reset },
	{ NVME_IOCTL_SUBSYS_RESET, false, reset },
	{ NVME_IOCTL_RESCAN, false, rescan },
	{ BLKGETSIZE64, true, size },
	{ BLKGETSIZE, true, size },
	{ BLKSSZGET, true, block_size },
	{ BLKPBSZGET, true, block_size },
	{ BLKBSZGET, true, block_size },
	{ BLKBSZSET, true, set_block_size },
	{ BLKIOMIN, true, block_size },
	{ BLKROGET, true, zero },
	{ BLKROTATIONAL, true, zero },
	{ BLKALIGNOFF, true, zero },
	{ BLKIOOPT, true, zero },
	{ BLKFLSBUF, true, flush },
	{ BLKRRPART, true, read_partitions },
	{ BLKDISCARD, true, range },
	{ BLKZEROOUT, true, range },
};

/* Resets and scans are the controller's; Linux has them on its character device only. */
static bool fits(const struct pre_file *file, unsigned long request, bool block)
{
	if (block)
		return file->node.kind == PRE_BLOCK;
	if (request == NVME_IOCTL_RESET || request == NVME_IOCTL_SUBSYS_RESET ||
	    request == NVME_IOCTL_RESCAN)
		return file->node.kind == PRE_CTRL;
	return true;
}

int pre_ioctl(struct pre_file *file, unsigned long request, void *argument)
{
	/* Some programs have the request as an int, which is negative where bit 31 is set. */
	request = (unsigned int)request;
	if (file->flags & O_PATH)
		return pre_fail(EBADF);
	if (!pre_device())
		return -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].request == request && fits(file, request, rows[i].block))
			return rows[i].run(file, request, argument);
	}
	return pre_fail(ENOTTY);
}
