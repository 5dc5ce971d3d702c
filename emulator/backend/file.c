/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A medium in a file or block device: opening, sizes, locks, and requests that are done at once.
 *
 * Data passes through bounce buffers of our own, so that host memory can be unmapped at any time
 * without waiting for the file. Where the kernel has io_uring (uring.c) requests overlap; else, and
 * under a virtual clock, each is done before submit returns.
 *
 * A write that need not be durable goes into the page cache. Many file systems do that for io_uring
 * by a worker thread, which takes twenty times as long as the copy itself, or a thousand times
 * where all processors poll. So it is done at once, until one takes so long that the cache must be
 * full: then writes overlap, too, for a while.
 */
#include "emulator/backend/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "emulator/device/say.h"

#define SLOW_NSEC    10000000ull /* a copy takes microseconds */
#define OVERLAP_NSEC 1000000000ull

int emu_file_error(int error)
{
	switch (error) {
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return -ENOSPC;
	case -EFAULT:
		return -EFAULT;
	default:
		return -EIO;
	}
}

/* Moves @bytes between the bounce buffer and the file; all of them or an error. */
static int move(const struct emu_file *file, const struct emu_media *media, uint8_t *bounce,
		uint64_t offset, uint64_t bytes)
{
	while (bytes > 0) {
		struct iovec part = { .iov_base = bounce, .iov_len = bytes };
		ssize_t done;

		if (media->op == EMU_MEDIA_READ)
			done = preadv2(file->fd, &part, 1, (off_t)offset, 0);
		else
			done = pwritev2(file->fd, &part, 1, (off_t)offset,
					media->fua ? RWF_DSYNC : 0);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO; /* 0: the file was cut under us. */
		bounce += done;
		offset += (uint64_t)done;
		bytes -= (uint64_t)done;
	}
	return 0;
}

static int do_now(const struct emu_file *file, const struct emu_media *media)
{
	uint64_t offset = media->slba << media->lbads;
	uint64_t left = (uint64_t)media->nlb << media->lbads;
	struct emu_cursor cursor;

	if (media->op == EMU_MEDIA_FLUSH)
		return fdatasync(file->fd) < 0 ? -errno : 0;
	emu_cursor_init(&cursor, file->backend.host, media);
	while (left > 0) {
		uint64_t part = left < EMU_BOUNCE_BYTES ? left : EMU_BOUNCE_BYTES;
		int error = 0;

		if (media->op == EMU_MEDIA_WRITE)
			error = emu_cursor_from_host(&cursor, file->bounce, part);
		if (!error)
			error = move(file, media, file->bounce, offset, part);
		if (!error && media->op == EMU_MEDIA_READ)
			error = emu_cursor_to_host(&cursor, file->bounce, part);
		if (error)
			return error;
		offset += part;
		left -= part;
	}
	return 0;
}

static uint64_t read_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A write into the page cache; -EAGAIN while such writes are slow. */
static int write_cached(struct emu_file *file, const struct emu_media *media)
{
	uint64_t start = read_clock();
	uint64_t end;
	int error;

	if (start < file->overlap_until_nsec)
		return -EAGAIN;
	error = do_now(file, media);
	end = read_clock();
	if (end - start > SLOW_NSEC)
		file->overlap_until_nsec = end + OVERLAP_NSEC;
	return error ? emu_file_error(error) : 0;
}

static int submit_file(struct emu_backend *backend, const struct emu_media *media)
{
	struct emu_file *file = (struct emu_file *)(void *)backend;
	uint64_t offset = media->slba << media->lbads;
	uint64_t bytes = (uint64_t)media->nlb << media->lbads;
	int error;

	if (media->op > EMU_MEDIA_FLUSH)
		return -ENOTSUP;
	if (media->op != EMU_MEDIA_FLUSH && !media->spans)
		return -ENOTSUP;
	if (media->op != EMU_MEDIA_FLUSH &&
	    (offset > backend->bytes || bytes > backend->bytes - offset))
		return -EIO;
	if (file->uring && media->op == EMU_MEDIA_WRITE && !media->fua) {
		error = write_cached(file, media);
		if (error != -EAGAIN)
			return error;
	}
	if (file->uring) {
		error = emu_uring_submit(file, media);
		if (error != -EAGAIN)
			return error;
	}
	error = do_now(file, media);
	return error ? emu_file_error(error) : 0;
}

static unsigned int poll_file(struct emu_backend *backend)
{
	struct emu_file *file = (struct emu_file *)(void *)backend;

	return file->uring ? emu_uring_poll(file) : 0;
}

static void close_file(struct emu_backend *backend)
{
	struct emu_file *file = (struct emu_file *)(void *)backend;

	if (file->uring)
		emu_uring_close(file);
	if (file->bounce)
		munmap(file->bounce, EMU_BOUNCE_BYTES);
	close(file->fd);
	free(file);
}

static const struct emu_backend_ops file_ops = {
	.submit = submit_file,
	.poll = poll_file,
	.close = close_file,
};

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

static int block_device_size(int fd, uint64_t *bytes, const char *path, struct nvme_text *error)
{
	uint64_t size;

	if (ioctl(fd, BLKGETSIZE64, &size) < 0)
		return emu_say(error, -errno, "file %s: its size is unknown: %s", path,
			       strerror(errno));
	if (*bytes > size)
		return emu_say(error, -EINVAL,
			       "file %s: size=%llu is more than the %llu bytes of the device", path,
			       (unsigned long long)*bytes, (unsigned long long)size);
	if (*bytes == 0)
		*bytes = size;
	return 0;
}

/* Makes the file as large as *@bytes, or takes its size. */
static int settle_size(int fd, uint64_t *bytes, const char *path, struct nvme_text *error)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return emu_say(error, -errno, "file %s: %s", path, strerror(errno));
	if (S_ISBLK(now.st_mode))
		return block_device_size(fd, bytes, path, error);
	if (!S_ISREG(now.st_mode))
		return emu_say(error, -EINVAL, "file %s: not a regular file or block device", path);
	if (*bytes == 0)
		*bytes = (uint64_t)now.st_size;
	if (*bytes > (uint64_t)now.st_size && ftruncate(fd, (off_t)*bytes) < 0)
		return emu_say(error, -errno, "file %s: cannot be extended to %llu bytes: %s", path,
			       (unsigned long long)*bytes, strerror(errno));
	return 0;
}

static int open_locked(const char *path, uint64_t *bytes, uint32_t unit_bytes,
		       struct nvme_text *error)
{
	int fd = open_path(path, *bytes != 0, error);
	int result;

	if (fd < 0)
		return fd;
	result = lock_file(fd, path, error);
	if (!result)
		result = settle_size(fd, bytes, path, error);
	*bytes -= *bytes % unit_bytes;
	if (!result && *bytes == 0)
		result = emu_say(error, -EINVAL,
				 "file %s: too small: one block of %u bytes is the least, "
				 "size=BYTES extends it",
				 path, unit_bytes);
	if (result) {
		close(fd);
		return result;
	}
	return fd;
}

int emu_file_open(const struct emu_backend_host *host, const char *path, uint64_t bytes,
		  uint32_t unit_bytes, struct emu_backend **ret_backend, struct nvme_text *error)
{
	struct emu_file *file;
	int fd = open_locked(path, &bytes, unit_bytes, error);

	if (fd < 0)
		return fd;
	file = calloc(1, sizeof(*file));
	if (!file) {
		close(fd);
		return emu_say(error, -ENOMEM, "file %s: no memory", path);
	}
	file->backend = (struct emu_backend){ .ops = &file_ops, .host = host, .bytes = bytes };
	file->fd = fd;
	file->bounce = mmap(NULL, EMU_BOUNCE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (file->bounce == MAP_FAILED) {
		file->bounce = NULL;
		close_file(&file->backend);
		return emu_say(error, -ENOMEM, "file %s: no memory", path);
	}
	/* Where io_uring is refused, everything is done at once instead. */
	if (!host->synchronous)
		file->uring = emu_uring_open(file);
	*ret_backend = &file->backend;
	return 0;
}
