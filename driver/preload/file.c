/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors: which of the program's are ours. */
#include <errno.h>
#include <fcntl.h>

#include "driver/preload/preload.h"

static struct pre_file pool[PRE_MAX_FD];
static struct pre_file *files[PRE_MAX_FD];
static unsigned int open_files;

static struct pre_file *look_up(int fd)
{
	if (fd < 0 || fd >= PRE_MAX_FD)
		return NULL;
	return __atomic_load_n(&files[fd], __ATOMIC_ACQUIRE);
}

/*
 * fclose(), close_range() and system calls close a descriptor past this library; what is opened
 * next has the number. Only ours are opened with O_PATH.
 */
static bool is_ours(int fd)
{
	int error = errno;
	int flags = pre_real()->fcntl(fd, F_GETFL);

	errno = error;
	return flags >= 0 && (flags & O_PATH);
}

struct pre_file *pre_file(int fd)
{
	struct pre_file *file = look_up(fd);

	return file && is_ours(fd) ? file : NULL;
}

static void forget_closed(void)
{
	for (int fd = 0; fd < PRE_MAX_FD; fd++) {
		if (look_up(fd) && !is_ours(fd))
			pre_file_forget(fd);
	}
}

bool pre_file_any(void)
{
	forget_closed();
	return open_files > 0;
}

bool pre_file_may(const struct pre_file *file, bool write)
{
	int mode = file->flags & O_ACCMODE;

	return !(file->flags & O_PATH) && (mode == O_RDWR || mode == (write ? O_WRONLY : O_RDONLY));
}

int pre_file_share(struct pre_file *file, int fd)
{
	if (fd < 0)
		return fd;
	if (fd >= PRE_MAX_FD) {
		pre_real()->close(fd);
		return pre_fail(EMFILE);
	}
	pre_file_forget(fd);
	file->references++;
	__atomic_store_n(&files[fd], file, __ATOMIC_RELEASE);
	return fd;
}

int pre_file_open(const struct pre_node *node, int flags)
{
	const int only_now = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;
	struct pre_file *file = &pool[0];
	int fd;

	if (open_files == PRE_MAX_FD)
		forget_closed();
	if (open_files == PRE_MAX_FD)
		return pre_fail(EMFILE);
	while (file->references > 0)
		file++;
	*file = (struct pre_file){ .node = *node, .flags = flags & ~only_now };
	fd = pre_file_share(file, pre_real()->open("/dev/null", O_PATH | (flags & O_CLOEXEC)));
	if (fd >= 0)
		open_files++;
	return fd;
}

void pre_file_forget(int fd)
{
	struct pre_file *file = look_up(fd);

	if (!file)
		return;
	__atomic_store_n(&files[fd], NULL, __ATOMIC_RELEASE);
	if (--file->references > 0)
		return;
	open_files--;
}
