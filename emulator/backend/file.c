/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A medium in a file or block device: requests that are done at once, and the choice which are.
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
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "emulator/device/say.h"

#define SLOW_NSEC    10000000ull /* a copy takes microseconds */
#define OVERLAP_NSEC 1000000000ull

static struct emu_file *of(struct emu_backend *backend)
{
	return (struct emu_file *)(void *)backend;
}

int emu_file_error(int error)
{
	switch (error) {
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return -ENOSPC;
	case -EFAULT:
	case -ECANCELED:
		return error;
	default:
		return -EIO;
	}
}

bool emu_file_is_no_hole(struct emu_file *file, int error)
{
	if (error == -EOPNOTSUPP || error == -ENOSYS || error == -ENODEV)
		file->no_holes = true;
	/* A block device refuses what is not aligned to its own blocks. */
	return file->no_holes || error == -EINVAL;
}

/* Moves what the kernel takes of the job's part; Return: bytes or a negative errno. */
static ssize_t move(const struct emu_file *file, const struct emu_job *job)
{
	struct iovec part = { .iov_base = job->memory, .iov_len = job->bytes };
	ssize_t done = 0;

	switch (job->part) {
	case EMU_PART_READ:
		done = preadv2(file->fd, &part, 1, (off_t)job->offset, 0);
		break;
	case EMU_PART_WRITE:
		done = pwritev2(file->fd, &part, 1, (off_t)job->offset,
				job->media.fua ? RWF_DSYNC : 0);
		break;
	case EMU_PART_DROP:
		done = fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				 (off_t)job->offset, (off_t)job->bytes);
		return done < 0 ? -errno : (ssize_t)job->bytes;
	case EMU_PART_FLUSH:
		return fdatasync(file->fd) < 0 ? -errno : 0;
	}
	if (done == 0)
		return -EIO; /* The file was cut under us. */
	return done < 0 ? -errno : done;
}

static int do_now(struct emu_file *file, const struct emu_media *media)
{
	struct emu_job job;
	int result = emu_job_begin(&job, &file->backend, media, file->bounce, file->no_holes,
				   false);

	if (result <= 0)
		return result;
	while (result > 0) {
		ssize_t done = move(file, &job);

		if (done >= 0)
			result = emu_job_advance(&job, (uint64_t)done);
		else if (job.part == EMU_PART_DROP && emu_file_is_no_hole(file, (int)done))
			emu_job_fill(&job);
		else if (done != -EINTR && done != -EAGAIN)
			result = (int)done;
	}
	return emu_job_end(&job, result);
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

static int move_data(struct emu_backend *backend, const struct emu_media *media)
{
	struct emu_file *file = of(backend);
	int error;

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

static int format_file(struct emu_backend *backend, const struct emu_media *media)
{
	const struct emu_geometry geometry = emu_geometry_of(media);
	int error = emu_file_format(of(backend), &geometry);

	if (error)
		return emu_file_error(error);
	emu_backend_format(backend, &geometry);
	return 0;
}

static int remove_file(struct emu_backend *backend)
{
	const struct emu_file *file = of(backend);

	return file->path && unlink(file->path) < 0 ? emu_file_error(-errno) : 0;
}

static int adopt_file(struct emu_backend *backend, const struct emu_geometry *geometry)
{
	struct emu_file *file = of(backend);
	int error = emu_file_grow(file, geometry);

	if (error)
		return emu_file_error(error);
	emu_backend_format(backend, geometry);
	return emu_file_map(file) ? -ENOSPC : 0;
}

static void cancel_file(struct emu_backend *backend, uint32_t tag)
{
	struct emu_file *file = of(backend);

	if (file->uring)
		emu_uring_cancel(file, tag);
}

static unsigned int poll_file(struct emu_backend *backend)
{
	struct emu_file *file = of(backend);

	return file->uring ? emu_uring_poll(file) : 0;
}

static void close_file(struct emu_backend *backend)
{
	struct emu_file *file = of(backend);

	if (file->uring)
		emu_uring_close(file);
	if (file->bounce)
		munmap(file->bounce, EMU_BOUNCE_BYTES);
	close(file->fd);
	emu_blockmap_done(&backend->map);
	free(file->path);
	free(file);
}

static const struct emu_backend_ops file_ops = {
	.submit = emu_backend_submit,
	.move = move_data,
	.format = format_file,
	.remove = remove_file,
	.adopt = adopt_file,
	.cancel = cancel_file,
	.poll = poll_file,
	.close = close_file,
};

static int start_file(struct emu_file *file, const struct emu_file_options *options)
{
	file->bounce = mmap(NULL, EMU_BOUNCE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (file->bounce == MAP_FAILED)
		file->bounce = NULL;
	if (options->temporary)
		file->path = strdup(options->path);
	if (!file->bounce || (options->temporary && !file->path) || emu_file_map(file) < 0)
		return -ENOMEM;
	/* Where io_uring is refused, everything is done at once instead. */
	if (!file->backend.host->synchronous)
		file->uring = emu_uring_open(file);
	return 0;
}

int emu_file_open(const struct emu_backend_host *host, const struct emu_file_options *options,
		  struct emu_backend **ret_backend, struct nvme_text *error)
{
	struct emu_geometry geometry = options->geometry;
	struct emu_file *file;
	uint64_t limit = 0;
	int fd = emu_file_open_fd(options->path, &geometry, &limit, error);

	if (fd < 0)
		return fd;
	file = calloc(1, sizeof(*file));
	if (!file) {
		close(fd);
		return emu_say(error, -ENOMEM, "file %s: no memory", options->path);
	}
	emu_backend_init(&file->backend, &file_ops, host, &geometry);
	file->fd = fd;
	file->limit = limit;
	if (start_file(file, options) < 0) {
		close_file(&file->backend);
		return emu_say(error, -ENOMEM, "file %s: no memory", options->path);
	}
	*ret_backend = &file->backend;
	return 0;
}
