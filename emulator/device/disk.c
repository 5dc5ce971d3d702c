/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of the machine for the journal: see disk.h. */
#include "emulator/device/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(void *arg, const char *path, bool fresh)
{
	int fd = open(path,
		      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			      (fresh ? O_TRUNC : 0),
		      0600);
	struct stat now;

	(void)arg;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &now) == 0 && S_ISREG(now.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

static int lock_file(void *arg, int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	(void)arg;
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

static bool is_same(void *arg, int fd, const char *path)
{
	struct stat there, here;

	(void)arg;
	return fstat(fd, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

static int64_t size_of(void *arg, int fd)
{
	struct stat now;

	(void)arg;
	return fstat(fd, &now) == 0 ? (int64_t)now.st_size : -errno;
}

/* All of @bytes, however many calls that takes: a write only reads @data. */
static int move_all(int fd, uint64_t offset, uint8_t *data, size_t bytes, bool write)
{
	for (size_t at = 0; at < bytes;) {
		off_t place = (off_t)(offset + at);
		ssize_t done = write ? pwrite(fd, data + at, bytes - at, place)
				     : pread(fd, data + at, bytes - at, place);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		at += (size_t)done;
	}
	return 0;
}

static int read_file(void *arg, int fd, uint64_t offset, void *to, size_t bytes)
{
	(void)arg;
	return move_all(fd, offset, to, bytes, false);
}

static int write_file(void *arg, int fd, uint64_t offset, const void *from, size_t bytes)
{
	(void)arg;
	return move_all(fd, offset, (uint8_t *)(uintptr_t)from, bytes, true);
}

static int truncate_file(void *arg, int fd, uint64_t bytes)
{
	(void)arg;
	return ftruncate(fd, (off_t)bytes) == 0 ? 0 : -errno;
}

static int sync_file(void *arg, int fd)
{
	(void)arg;
	return fdatasync(fd) == 0 ? 0 : -errno;
}

static int rename_file(void *arg, const char *from, const char *to)
{
	(void)arg;
	return rename(from, to) == 0 ? 0 : -errno;
}

static int sync_folder(void *arg, const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int result = copy ? -errno : -ENOMEM;

	(void)arg;
	if (fd >= 0) {
		result = fsync(fd) == 0 ? 0 : -errno;
		close(fd);
	}
	free(copy);
	return result;
}

static void unlink_file(void *arg, const char *path)
{
	(void)arg;
	unlink(path);
}

static void close_file(void *arg, int fd)
{
	(void)arg;
	close(fd);
}

const struct emu_disk emu_disk_system = {
	.open = open_file,
	.lock = lock_file,
	.same = is_same,
	.size = size_of,
	.read = read_file,
	.write = write_file,
	.truncate = truncate_file,
	.sync = sync_file,
	.rename = rename_file,
	.sync_folder = sync_folder,
	.unlink = unlink_file,
	.close = close_file,
};
