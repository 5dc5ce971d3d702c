/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests to a file that overlap, by io_uring.
 *
 * A request owns a slot with a bounce buffer until it is answered and has at most one operation and
 * one cancellation in the ring, so the ring, which has two places for each slot, always has one for
 * an operation. Requests longer than a bounce buffer go part by part. Nothing is allocated after
 * opening.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "emulator/backend/file.h"

#define SLOTS_MAX 1024u

/* A request under way. */
struct request {
	struct request *next_free;
	struct emu_job job;
	uint8_t *bounce;
	bool used;
	bool cancelled;
};

struct emu_uring {
	struct io_uring ring;
	unsigned int slots;
	unsigned int unsent;
	struct request *requests;
	struct request *free;
	uint8_t *buffers;
};

static void queue_operation(struct emu_file *file, struct request *request)
{
	struct emu_uring *uring = file->uring;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
	const struct emu_job *job = &request->job;

	if (!sqe) /* Cannot be: see the invariant above. */
		abort();
	switch (job->part) {
	case EMU_PART_READ:
		io_uring_prep_read(sqe, file->fd, job->memory, (unsigned int)job->bytes,
				   job->offset);
		break;
	case EMU_PART_WRITE:
		io_uring_prep_write(sqe, file->fd, job->memory, (unsigned int)job->bytes,
				    job->offset);
		sqe->rw_flags = job->media.fua ? RWF_DSYNC : 0;
		break;
	case EMU_PART_DROP:
		io_uring_prep_fallocate(sqe, file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					(off_t)job->offset, (off_t)job->bytes);
		break;
	case EMU_PART_FLUSH:
		io_uring_prep_fsync(sqe, file->fd, IORING_FSYNC_DATASYNC);
		break;
	}
	io_uring_sqe_set_data(sqe, request);
	uring->unsent++;
}

static void put_request(struct emu_uring *uring, struct request *request)
{
	request->used = false;
	request->next_free = uring->free;
	uring->free = request;
}

int emu_uring_submit(struct emu_file *file, const struct emu_media *media)
{
	struct emu_uring *uring = file->uring;
	struct request *request = uring->free;
	int result;

	if (!request)
		return -EAGAIN;
	result = emu_job_begin(&request->job, &file->backend, media, request->bounce,
			       file->no_holes, false);
	if (result <= 0)
		return result;
	uring->free = request->next_free;
	request->used = true;
	request->cancelled = false;
	queue_operation(file, request);
	file->backend.pending++;
	return EMU_PENDING;
}

void emu_uring_cancel(struct emu_file *file, uint32_t tag)
{
	struct emu_uring *uring = file->uring;

	for (unsigned int i = 0; i < uring->slots; i++) {
		struct request *request = &uring->requests[i];
		struct io_uring_sqe *sqe;

		if (!request->used || request->cancelled || request->job.media.tag != tag)
			continue;
		sqe = io_uring_get_sqe(&uring->ring);
		if (!sqe) /* Its parts end without help, too. */
			return;
		io_uring_prep_cancel(sqe, request, 0);
		io_uring_sqe_set_data(sqe, NULL);
		uring->unsent++;
		request->cancelled = true;
		return;
	}
}

/*
 * The kernel did something for a request.
 * Return: 1 when the request goes on, else 0 or a negative errno, its answer.
 */
static int advance(struct emu_file *file, struct request *request, int result)
{
	struct emu_job *job = &request->job;

	if (result == -EINTR || result == -EAGAIN || result == -ECANCELED) {
		/* A cancellation may hit the request that has the slot now. */
		result = request->cancelled ? -ECANCELED : 1;
	} else if (job->part == EMU_PART_DROP) {
		if (result == 0) {
			result = emu_job_advance(job, job->bytes);
		} else if (emu_file_is_no_hole(file, result)) {
			emu_job_fill(job);
			result = 1;
		}
	} else if (result == 0 && job->part != EMU_PART_FLUSH) {
		result = -EIO; /* The file was cut under us. */
	} else if (result >= 0) {
		result = emu_job_advance(job, (uint64_t)result);
	}
	if (result <= 0)
		return result;
	if (request->cancelled)
		return -ECANCELED;
	queue_operation(file, request);
	return 1;
}

static bool reap_one(struct emu_file *file, const struct io_uring_cqe *cqe)
{
	const struct emu_backend_host *host = file->backend.host;
	struct request *request = io_uring_cqe_get_data(cqe);
	uint32_t tag;
	int result;

	if (!request) /* Of a cancellation. */
		return false;
	tag = request->job.media.tag;
	result = advance(file, request, cqe->res);
	if (result > 0)
		return false;
	result = emu_job_end(&request->job, result);
	put_request(file->uring, request);
	file->backend.pending--;
	host->done(host->arg, tag, result ? emu_file_error(result) : 0);
	return true;
}

/* Hands what is queued to the kernel; Return: false when that is short of something now. */
static bool send_queued(struct emu_uring *uring)
{
	int sent;

	if (uring->unsent == 0)
		return true;
	sent = io_uring_submit(&uring->ring);
	if (sent > 0)
		uring->unsent -= (unsigned int)sent;
	return uring->unsent == 0;
}

unsigned int emu_uring_poll(struct emu_file *file)
{
	struct emu_uring *uring = file->uring;
	unsigned int answered = 0;
	struct io_uring_cqe *cqe;

	if (file->backend.pending == 0)
		return 0;
	do {
		if (!send_queued(uring)) {
			eventfd_write(file->backend.host->event_fd, 1); /* Come back. */
			break;
		}
		while (io_uring_peek_cqe(&uring->ring, &cqe) == 0) {
			struct io_uring_cqe copy = *cqe;

			io_uring_cqe_seen(&uring->ring, cqe);
			answered += reap_one(file, &copy);
		}
	} while (uring->unsent > 0); /* Parts that follow parts. */
	return answered;
}

void emu_uring_close(struct emu_file *file)
{
	struct emu_uring *uring = file->uring;

	while (file->backend.pending > 0) {
		struct io_uring_cqe *cqe;
		int error;

		io_uring_submit(&uring->ring);
		error = io_uring_wait_cqe(&uring->ring, &cqe);
		if (error == -EINTR)
			continue;
		if (error < 0)
			break;
		if (io_uring_cqe_get_data(cqe))
			file->backend.pending--;
		io_uring_cqe_seen(&uring->ring, cqe);
	}
	io_uring_queue_exit(&uring->ring);
	munmap(uring->buffers, (size_t)uring->slots * EMU_BOUNCE_BYTES);
	free(uring->requests);
	free(uring);
}

static bool make_slots(struct emu_uring *uring)
{
	uring->requests = calloc(uring->slots, sizeof(*uring->requests));
	if (!uring->requests)
		return false;
	uring->buffers = mmap(NULL, (size_t)uring->slots * EMU_BOUNCE_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (uring->buffers == MAP_FAILED) {
		free(uring->requests);
		return false;
	}
	for (unsigned int i = uring->slots; i-- > 0;) {
		uring->requests[i].bounce = uring->buffers + (size_t)i * EMU_BOUNCE_BYTES;
		put_request(uring, &uring->requests[i]);
	}
	return true;
}

struct emu_uring *emu_uring_open(struct emu_file *file)
{
	const struct emu_backend_host *host = file->backend.host;
	struct emu_uring *uring = calloc(1, sizeof(*uring));

	if (!uring)
		return NULL;
	uring->slots = host->requests < SLOTS_MAX ? host->requests : SLOTS_MAX;
	if (!make_slots(uring)) {
		free(uring);
		return NULL;
	}
	if (io_uring_queue_init(2 * uring->slots, &uring->ring, 0) < 0) {
		munmap(uring->buffers, (size_t)uring->slots * EMU_BOUNCE_BYTES);
		free(uring->requests);
		free(uring);
		return NULL;
	}
	/*
	 * For every answer: the kernel's variant for asynchronous ones alone leaves out those that
	 * its workers hand back to this thread.
	 */
	io_uring_register_eventfd(&uring->ring, host->event_fd);
	return uring;
}
