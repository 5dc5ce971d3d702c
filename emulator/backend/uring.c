/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests to a file that overlap, by io_uring.
 *
 * A request owns a slot with a bounce buffer until it is answered and has at most one operation in
 * the ring, so the ring, which has a place for each slot, is never full. Requests longer than a
 * bounce buffer go part by part. Nothing is allocated after opening.
 */
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "emulator/backend/file.h"

#define SLOTS_MAX 1024u

/*
 * A request under way. @offset and @left describe what has not arrived yet; the current part is
 * @part bytes, of which the kernel moved @moved.
 */
struct request {
	struct request *next_free;
	struct emu_media media;
	struct emu_cursor cursor;
	uint8_t *bounce;
	uint64_t offset;
	uint64_t left;
	uint32_t part;
	uint32_t moved;
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
	uint8_t *data = request->bounce + request->moved;
	uint32_t bytes = request->part - request->moved;
	uint64_t offset = request->offset + request->moved;

	if (!sqe) /* Cannot be: see the invariant above. */
		abort();
	switch (request->media.op) {
	case EMU_MEDIA_READ:
		io_uring_prep_read(sqe, file->fd, data, bytes, offset);
		break;
	case EMU_MEDIA_WRITE:
		io_uring_prep_write(sqe, file->fd, data, bytes, offset);
		sqe->rw_flags = request->media.fua ? RWF_DSYNC : 0;
		break;
	case EMU_MEDIA_FLUSH:
		io_uring_prep_fsync(sqe, file->fd, IORING_FSYNC_DATASYNC);
		break;
	default: /* submit_file() lets no other through. */
		abort();
	}
	io_uring_sqe_set_data(sqe, request);
	uring->unsent++;
}

/* Begins the next part of a request; Return: 0 or -EFAULT. */
static int start_part(struct emu_file *file, struct request *request)
{
	request->moved = 0;
	request->part = request->left < EMU_BOUNCE_BYTES ? (uint32_t)request->left
							 : EMU_BOUNCE_BYTES;
	if (request->media.op == EMU_MEDIA_WRITE) {
		int error = emu_cursor_from_host(&request->cursor, request->bounce, request->part);

		if (error)
			return error;
	}
	queue_operation(file, request);
	return 0;
}

static void put_request(struct emu_uring *uring, struct request *request)
{
	request->next_free = uring->free;
	uring->free = request;
}

int emu_uring_submit(struct emu_file *file, const struct emu_media *media)
{
	struct emu_uring *uring = file->uring;
	struct request *request = uring->free;
	int error;

	if (!request)
		return -EAGAIN;
	uring->free = request->next_free;
	request->media = *media;
	request->offset = media->slba << media->lbads;
	request->left = (uint64_t)media->nlb << media->lbads;
	if (media->op != EMU_MEDIA_FLUSH)
		emu_cursor_init(&request->cursor, file->backend.host, media);
	error = start_part(file, request);
	if (error) {
		put_request(uring, request);
		return error;
	}
	file->backend.pending++;
	return EMU_PENDING;
}

/*
 * The kernel did something for a request.
 * Return: 1 when the request goes on, else 0 or a negative errno, its answer.
 */
static int advance(struct emu_file *file, struct request *request, int result)
{
	int error;

	if (result == -EINTR || result == -EAGAIN) {
		queue_operation(file, request);
		return 1;
	}
	if (result < 0)
		return result;
	if (request->media.op == EMU_MEDIA_FLUSH)
		return 0;
	if (result == 0) /* The file was cut under us. */
		return -EIO;
	request->moved += (uint32_t)result;
	if (request->moved < request->part) {
		queue_operation(file, request);
		return 1;
	}
	if (request->media.op == EMU_MEDIA_READ) {
		error = emu_cursor_to_host(&request->cursor, request->bounce, request->part);
		if (error)
			return error;
	}
	request->offset += request->part;
	request->left -= request->part;
	if (request->left == 0)
		return 0;
	error = start_part(file, request);
	return error ? error : 1;
}

static bool reap_one(struct emu_file *file, const struct io_uring_cqe *cqe)
{
	const struct emu_backend_host *host = file->backend.host;
	struct request *request = io_uring_cqe_get_data(cqe);
	uint32_t tag = request->media.tag;
	int result = advance(file, request, cqe->res);

	if (result > 0)
		return false;
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
		io_uring_cqe_seen(&uring->ring, cqe);
		file->backend.pending--;
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
	if (io_uring_queue_init(uring->slots, &uring->ring, 0) < 0) {
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
