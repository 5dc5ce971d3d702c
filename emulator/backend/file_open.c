/* SPDX-License-Identifier: BSD-3-Clause */
/* A file or block device: opening, locks, sizes, what of it is allocated, formatting. */
#include "emulator/backend/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emulator/device/say.h"

/* Opens @path for reading and writing, made if @create; only regular files and block devices. */
static int open_path(const char *path, bool create, struct nvme_text *error)
{
	struct stat before;
	int fd;

	if (stat(path, &before) == 0 && !S_ISREG(before.st_mode) && !S_ISBLK(before.st_mode))
		return emu_say(error, -EINVAL, "file %s: not a regular file or block device", path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (create ? O_CREAT : 0), 0600);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT && !create)
		return emu_say(error, -ENOENT,
			       "file %s: does not exist; with size=BYTES it is made", path);
	return emu_say(error, -errno, "file %s: cannot be opened for reading and writing: %s", path,
		       strerror(errno));
}

static int lock_file(int fd, const char *path, struct nvme_text *error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return emu_say(error, -EBUSY, "file %s: another namespace or process uses it",
			       path);
	return emu_say(error, -errno, "file %s: cannot be locked: %s", path, strerror(errno));
}

/* Sets the number of blocks, which @size bytes have to hold. */
static int settle_blocks(struct emu_geometry *geometry, uint64_t size, const char *path,
			 struct nvme_text *error)
{
	uint64_t block = (UINT64_C(1) << geometry->lbads) + geometry->ms;

	if (geometry->blocks == 0)
		geometry->blocks = size / block;
	if (geometry->blocks == 0)
		return emu_say(error, -EINVAL,
			       "file %s: too small: one block of %llu bytes is the least, "
			       "size=BYTES extends it",
			       path, (unsigned long long)block);
	return 0;
}

static int block_device_size(int fd, struct emu_geometry *geometry, uint64_t *ret_limit,
			     const char *path, struct nvme_text *error)
{
	uint64_t size;

	if (ioctl(fd, BLKGETSIZE64, &size) < 0)
		return emu_say(error, -errno, "file %s: its size is unknown: %s", path,
			       strerror(errno));
	if (emu_geometry_bytes(geometry) > size)
		return emu_say(error, -EINVAL,
			       "file %s: %llu bytes are more than the %llu bytes of the device",
			       path, (unsigned long long)emu_geometry_bytes(geometry),
			       (unsigned long long)size);
	*ret_limit = size;
	return settle_blocks(geometry, size, path, error);
}

/* Makes the file as large as is asked for, or takes its size. */
static int settle_size(int fd, struct emu_geometry *geometry, uint64_t *ret_limit, const char *path,
		       struct nvme_text *error)
{
	uint64_t bytes = emu_geometry_bytes(geometry);
	struct stat now;

	if (fstat(fd, &now) < 0)
		return emu_say(error, -errno, "file %s: %s", path, strerror(errno));
	if (S_ISBLK(now.st_mode))
		return block_device_size(fd, geometry, ret_limit, path, error);
	if (!S_ISREG(now.st_mode))
		return emu_say(error, -EINVAL, "file %s: not a regular file or block device", path);
	if (bytes > (uint64_t)now.st_size && ftruncate(fd, (off_t)bytes) < 0) {
		if (errno == EFBIG)
			return emu_say(error, -EFBIG,
				       "file %s: %llu bytes are more than its file system, or the "
				       "limit on file sizes, allows a file to have",
				       path, (unsigned long long)bytes);
		return emu_say(error, -errno, "file %s: cannot be extended to %llu bytes: %s", path,
			       (unsigned long long)bytes, strerror(errno));
	}
	return settle_blocks(geometry, (uint64_t)now.st_size, path, error);
}

int emu_file_open_fd(const char *path, struct emu_geometry *geometry, uint64_t *ret_limit,
		     struct nvme_text *error)
{
	bool absent = access(path, F_OK) < 0 && errno == ENOENT;
	int fd;
	int result;

	if (geometry->blocks != 0 && emu_geometry_bytes(geometry) == 0)
		return emu_say(error, -EFBIG, "file %s: more than 2^63 bytes", path);
	fd = open_path(path, geometry->blocks != 0, error);
	if (fd < 0)
		return fd;
	result = lock_file(fd, path, error);
	if (!result) {
		result = settle_size(fd, geometry, ret_limit, path, error);
		if (result && absent)
			unlink(path); /* It was made for this, and is nobody else's. */
	}
	if (result) {
		close(fd);
		return result;
	}
	return fd;
}

int emu_file_map(struct emu_file *file)
{
	const struct emu_geometry *geometry = &file->backend.geometry;
	struct emu_blockset *allocated = &file->backend.map.allocated;
	uint64_t end = file->backend.bytes;
	uint64_t at = 0;

	while (at < end) {
		off_t data = lseek(file->fd, (off_t)at, SEEK_DATA);
		off_t hole = data < 0 ? -1 : lseek(file->fd, data, SEEK_HOLE);
		uint64_t first;

		if (data < 0 && errno == ENXIO)
			return 0;
		/* Who knows nothing of holes has none. */
		if (data < 0 || hole < 0)
			return emu_blockset_put(allocated, 0, geometry->blocks, true);
		if ((uint64_t)data >= end)
			return 0;
		at = (uint64_t)hole < end ? (uint64_t)hole : end;
		first = (uint64_t)data >> geometry->lbads;
		if (emu_blockset_put(allocated, first, ((at - 1) >> geometry->lbads) - first + 1,
				     true) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The first @bytes of the file become zeros. */
static int clear(const struct emu_file *file, uint64_t bytes)
{
	uint64_t range[2] = { 0, bytes };

	if (fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) == 0)
		return 0;
	if (file->limit > 0)
		return ioctl(file->fd, BLKZEROOUT, range) < 0 ? -errno : 0;
	for (uint64_t at = 0; at < bytes;) {
		uint64_t part = bytes - at < EMU_BOUNCE_BYTES ? bytes - at : EMU_BOUNCE_BYTES;
		ssize_t done;

		memset(file->bounce, 0, part);
		done = pwrite(file->fd, file->bounce, part, (off_t)at);
		if (done < 0 && errno != EINTR)
			return -errno;
		at += done > 0 ? (uint64_t)done : 0;
	}
	return 0;
}

int emu_file_grow(struct emu_file *file, const struct emu_geometry *geometry)
{
	uint64_t then = emu_geometry_bytes(geometry);
	struct stat about;

	if (then == 0 || (file->limit > 0 && then > file->limit))
		return -ENOSPC;
	if (fstat(file->fd, &about) < 0)
		return -errno;
	if (file->limit == 0 && then > (uint64_t)about.st_size &&
	    ftruncate(file->fd, (off_t)then) < 0)
		return -errno;
	return 0;
}

int emu_file_format(struct emu_file *file, const struct emu_geometry *geometry)
{
	uint64_t now = emu_geometry_bytes(&file->backend.geometry);
	uint64_t then = emu_geometry_bytes(geometry);
	uint64_t most = now > then ? now : then;
	/* Grown first, because that is what may fail. */
	int error = emu_file_grow(file, geometry);
	struct stat about;

	if (error)
		return error;
	if (fstat(file->fd, &about) < 0)
		return -errno;
	/* A file that is not ours keeps what is behind the namespace. */
	if (file->limit > 0 || (!file->path && (uint64_t)about.st_size > most))
		return clear(file, most);
	if (ftruncate(file->fd, 0) < 0 || ftruncate(file->fd, (off_t)then) < 0)
		return -errno;
	return 0;
}
