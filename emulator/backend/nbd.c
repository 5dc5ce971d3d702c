/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A medium that a network block device server has, by libnbd, without a thread.
 *
 * Metadata lies behind the data. Deallocation is a request for zeros that may make a hole: unlike a
 * trim it promises zeros. While the link is down requests wait, and those without an answer are
 * sent again in the order they came: to write the same twice is to write it once. A flush is not
 * sent again, because a server that went down may have lost what it had acknowledged before: it
 * fails, and with it everything that was under way beside it. So does the next flush when writes
 * were acknowledged, and not flushed, before the link went down. After patience_nsec everything
 * fails with -ENOTCONN until the link is up again.
 */
#include "emulator/backend/nbd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "emulator/device/say.h"

#define WAIT_MSEC     100 /* between looks at the clock when a request is waited for */
#define CLEAR_BYTES   (UINT64_C(1) << 30)
#define NSEC_PER_MSEC 1000000

static struct emu_nbd *of(struct emu_backend *backend)
{
	return (struct emu_nbd *)(void *)backend;
}

/* Requests in use, in the order they came. */

static struct emu_nbd_request *get_request(struct emu_nbd *nbd)
{
	struct emu_nbd_request *request = nbd->free;

	if (!request)
		return NULL;
	nbd->free = request->next;
	request->prev = nbd->last;
	request->next = NULL;
	if (nbd->last)
		nbd->last->next = request;
	else
		nbd->first = request;
	nbd->last = request;
	request->cancelled = false;
	request->error = 0;
	return request;
}

static void put_request(struct emu_nbd *nbd, struct emu_nbd_request *request)
{
	if (request->prev)
		request->prev->next = request->next;
	else
		nbd->first = request->next;
	if (request->next)
		request->next->prev = request->prev;
	else
		nbd->last = request->prev;
	request->state = EMU_NBD_FREE;
	request->next = nbd->free;
	nbd->free = request;
}

static void answer(struct emu_nbd *nbd, struct emu_nbd_request *request, int result)
{
	const struct emu_backend_host *host = nbd->backend.host;
	uint32_t tag = request->job.media.tag;

	result = emu_job_end(&request->job, result);
	put_request(nbd, request);
	nbd->answered++;
	nbd->answer = result;
	nbd->backend.pending--;
	if (!host->synchronous)
		host->done(host->arg, tag, result);
}

static void let_wait(struct emu_nbd *nbd, struct emu_nbd_request *request)
{
	request->state = EMU_NBD_WAITING;
	nbd->waiting++;
}

/* Sending. */

/* The library has an answer, and may not be called from here. */
static int take_answer(void *arg, int *error)
{
	struct emu_nbd_request *request = arg;

	request->error = *error;
	request->state = EMU_NBD_BACK;
	request->next_back = request->nbd->back;
	request->nbd->back = request;
	return 1; /* The library forgets it. */
}

static void send_part(struct emu_nbd *nbd, struct emu_nbd_request *request)
{
	const nbd_completion_callback done = { .callback = take_answer, .user_data = request };
	const struct emu_job *job = &request->job;
	uint32_t fua = job->media.fua && nbd->can_fua ? LIBNBD_CMD_FLAG_FUA : 0;
	int64_t cookie = -1;

	request->state = EMU_NBD_SENT;
	switch (job->part) {
	case EMU_PART_READ:
		cookie = nbd_aio_pread(nbd->handle, job->memory, job->bytes, job->offset, done, 0);
		break;
	case EMU_PART_WRITE:
		cookie = nbd_aio_pwrite(nbd->handle, job->memory, job->bytes, job->offset, done,
					fua);
		break;
	case EMU_PART_DROP:
		cookie = nbd_aio_zero(nbd->handle, job->bytes, job->offset, done, 0);
		break;
	case EMU_PART_FLUSH:
		request->generation = nbd->generation;
		cookie = nbd_aio_flush(nbd->handle, done, 0);
		break;
	}
	/* Refused because the connection has just ended, or for what it asks. */
	if (cookie < 0 && request->state == EMU_NBD_SENT) {
		int refusal = nbd_get_errno();

		take_answer(request, &refusal);
		if (emu_nbd_is_over(nbd))
			request->error = ENOTCONN;
	}
}

/* Goes on with a part: flushes that are not needed, or must not be believed, end here. */
static void start_part(struct emu_nbd *nbd, struct emu_nbd_request *request)
{
	int result = 1;

	if (request->cancelled) {
		answer(nbd, request, -ECANCELED);
		return;
	}
	if (request->job.part == EMU_PART_FLUSH && nbd->unsure) {
		nbd->unsure = false;
		answer(nbd, request, -ENOTCONN);
		return;
	}
	if (request->job.part == EMU_PART_FLUSH && !nbd->can_flush)
		result = emu_job_advance(&request->job, 0);
	if (result <= 0)
		answer(nbd, request, result);
	else if (nbd->link == EMU_NBD_UP)
		send_part(nbd, request);
	else
		let_wait(nbd, request);
}

/* Receiving. */

static int error_of(int error)
{
	switch (error) {
	case ENOSPC:
	case EFBIG:
		return -ENOSPC;
	default:
		return -EIO;
	}
}

/* What a part that the server has done changes. */
static int advance(struct emu_nbd *nbd, struct emu_nbd_request *request)
{
	struct emu_job *job = &request->job;

	if (job->part == EMU_PART_FLUSH) {
		if (request->generation > nbd->flushed)
			nbd->flushed = request->generation;
	} else if (job->part == EMU_PART_DROP ||
		   (job->part == EMU_PART_WRITE && !(job->media.fua && nbd->can_fua))) {
		nbd->generation++;
	}
	return emu_job_advance(job, job->bytes);
}

static void take_back(struct emu_nbd *nbd, struct emu_nbd_request *request)
{
	int error = request->error;
	int result;

	if (error == ENOTCONN || error == ESHUTDOWN) {
		request->state = EMU_NBD_LOST;
		nbd->shut = true;
		return;
	}
	if (error == 0) {
		result = advance(nbd, request);
	} else if (request->job.part == EMU_PART_DROP && error != ENOSPC && error != EIO) {
		emu_job_fill(&request->job);
		result = 1;
	} else {
		result = error_of(error);
	}
	if (result <= 0)
		answer(nbd, request, result);
	else
		start_part(nbd, request);
}

static void take_all_back(struct emu_nbd *nbd)
{
	struct emu_nbd_request *request;

	while ((request = nbd->back)) {
		nbd->back = request->next_back;
		take_back(nbd, request);
	}
}

/* The connection ended. */
static void lose(struct emu_nbd *nbd)
{
	struct emu_nbd_request *request;
	struct emu_nbd_request *next;
	bool flushing = false;

	emu_nbd_drop_link(nbd);
	for (request = nbd->first; request; request = request->next) {
		if (request->state == EMU_NBD_SENT)
			request->state = EMU_NBD_LOST;
		if (request->state == EMU_NBD_LOST && request->job.part == EMU_PART_FLUSH)
			flushing = true;
	}
	if (!flushing && nbd->can_flush && nbd->generation > nbd->flushed)
		nbd->unsure = true;
	nbd->flushed = nbd->generation;
	for (request = nbd->first; request; request = next) {
		next = request->next;
		if (request->state == EMU_NBD_LOST && flushing)
			answer(nbd, request, -ENOTCONN);
		else if (request->state == EMU_NBD_LOST)
			let_wait(nbd, request);
	}
}

static void receive(struct emu_nbd *nbd, int wait_msec)
{
	emu_nbd_pump(nbd, wait_msec);
	take_all_back(nbd);
	if (nbd->link != EMU_NBD_UP || !emu_nbd_is_over(nbd))
		return;
	/* All that was under way has come back with an error. */
	take_all_back(nbd);
	lose(nbd);
}

/* Sends what waits, or answers it when nobody is there to send it to. */
static void serve_waiting(struct emu_nbd *nbd)
{
	struct emu_nbd_request *next;

	for (struct emu_nbd_request *request = nbd->first; request && nbd->waiting > 0;
	     request = next) {
		next = request->next;
		if (request->state != EMU_NBD_WAITING ||
		    (nbd->link != EMU_NBD_UP && !nbd->given_up && !request->cancelled))
			continue;
		nbd->waiting--;
		if (nbd->given_up)
			answer(nbd, request, -ENOTCONN);
		else
			start_part(nbd, request);
	}
}

/* Everything that can be done now, after at most @wait_msec of waiting for the server. */
static void work(struct emu_nbd *nbd, int wait_msec)
{
	emu_nbd_tend_link(nbd);
	if (nbd->waiting > 0) {
		/* Nothing, least of all a flush, goes to a server that is known to be gone. */
		receive(nbd, 0);
		serve_waiting(nbd);
	}
	receive(nbd, wait_msec);
	emu_nbd_watch(nbd);
}

static unsigned int poll_nbd(struct emu_backend *backend)
{
	struct emu_nbd *nbd = of(backend);
	unsigned int before = nbd->answered;

	work(nbd, 0);
	return nbd->answered - before;
}

/* Submitting. */

static void pause_briefly(void)
{
	const struct timespec time = { .tv_nsec = 10L * NSEC_PER_MSEC };

	nanosleep(&time, NULL);
}

static int wait_for_answer(struct emu_nbd *nbd, unsigned int before)
{
	while (nbd->answered == before) {
		work(nbd, WAIT_MSEC);
		if (nbd->link == EMU_NBD_DOWN && nbd->answered == before)
			pause_briefly();
	}
	return nbd->answer;
}

static int move_data(struct emu_backend *backend, const struct emu_media *media)
{
	struct emu_nbd *nbd = of(backend);
	struct emu_nbd_request *request;
	unsigned int before = nbd->answered;
	bool sync = media->fua && media->op != EMU_MEDIA_READ && !nbd->can_fua;
	int result;

	/* Nobody polls for a synchronous device, so its requests keep trying. */
	if (nbd->given_up && nbd->backend.host->synchronous)
		emu_nbd_tend_link(nbd);
	if (nbd->given_up)
		return -ENOTCONN;
	request = get_request(nbd);
	if (!request) /* Cannot be: there is one for each command of the device. */
		return -EIO;
	result = emu_job_begin(&request->job, &nbd->backend, media, request->bounce, !nbd->can_zero,
			       sync);
	if (result <= 0) {
		put_request(nbd, request);
		return result;
	}
	nbd->backend.pending++;
	let_wait(nbd, request);
	if (nbd->backend.host->synchronous)
		return wait_for_answer(nbd, before);
	return EMU_PENDING; /* poll() sends it, so that no answer comes from inside. */
}

/* The first @bytes of the export become zeros, at once. */
static int clear(struct emu_nbd *nbd, uint64_t bytes)
{
	uint64_t most = nbd->can_zero ? CLEAR_BYTES : EMU_BOUNCE_BYTES;

	memset(nbd->buffers, 0, EMU_BOUNCE_BYTES);
	for (uint64_t at = 0; at < bytes;) {
		uint64_t part = bytes - at < most ? bytes - at : most;
		int result = nbd->can_zero ? nbd_zero(nbd->handle, part, at, 0)
					   : nbd_pwrite(nbd->handle, nbd->buffers, part, at, 0);

		if (result < 0)
			return error_of(nbd_get_errno());
		at += part;
	}
	nbd->generation++;
	return 0;
}

static int format_nbd(struct emu_backend *backend, const struct emu_media *media)
{
	struct emu_nbd *nbd = of(backend);
	const struct emu_geometry geometry = emu_geometry_of(media);
	uint64_t now = emu_geometry_bytes(&backend->geometry);
	uint64_t then = emu_geometry_bytes(&geometry);
	int error;

	if (then == 0 || then > nbd->size_bytes)
		return -ENOSPC;
	if (nbd->link != EMU_NBD_UP)
		return -ENOTCONN;
	error = clear(nbd, now > then ? now : then);
	if (!error)
		emu_backend_format(backend, &geometry);
	return error;
}

static int adopt_nbd(struct emu_backend *backend, const struct emu_geometry *geometry)
{
	struct emu_nbd *nbd = of(backend);
	uint64_t bytes = emu_geometry_bytes(geometry);

	if (bytes == 0 || bytes > nbd->size_bytes)
		return -ENOSPC;
	if (nbd->link != EMU_NBD_UP)
		return -ENOTCONN;
	emu_backend_format(backend, geometry);
	return emu_nbd_map(nbd) ? -ENOSPC : 0;
}

/* What waits for a server is given up at once, what one has after the part that it works on. */
static void cancel_nbd(struct emu_backend *backend, uint32_t tag)
{
	struct emu_nbd *nbd = of(backend);

	for (struct emu_nbd_request *request = nbd->first; request; request = request->next) {
		if (request->job.media.tag == tag) {
			request->cancelled = true;
			eventfd_write(backend->host->event_fd, 1);
		}
	}
}

/* Opening and closing. */

static void close_nbd(struct emu_backend *backend)
{
	struct emu_nbd *nbd = of(backend);

	emu_nbd_close_link(nbd);
	if (nbd->timer >= 0)
		close(nbd->timer);
	if (nbd->buffers)
		munmap(nbd->buffers, (size_t)nbd->slots * EMU_BOUNCE_BYTES);
	emu_blockmap_done(&backend->map);
	free(nbd->requests);
	free(nbd->uri);
	free(nbd);
}

static const struct emu_backend_ops nbd_ops = {
	.submit = emu_backend_submit,
	.move = move_data,
	.format = format_nbd,
	.adopt = adopt_nbd,
	.cancel = cancel_nbd,
	.poll = poll_nbd,
	.close = close_nbd,
};

static int make_slots(struct emu_nbd *nbd)
{
	nbd->requests = calloc(nbd->slots, sizeof(*nbd->requests));
	nbd->buffers = mmap(NULL, (size_t)nbd->slots * EMU_BOUNCE_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (nbd->buffers == MAP_FAILED)
		nbd->buffers = NULL;
	if (!nbd->requests || !nbd->buffers)
		return -ENOMEM;
	for (unsigned int i = nbd->slots; i-- > 0;) {
		struct emu_nbd_request *request = &nbd->requests[i];

		request->nbd = nbd;
		request->bounce = nbd->buffers + (size_t)i * EMU_BOUNCE_BYTES;
		request->next = nbd->free;
		nbd->free = request;
	}
	return 0;
}

static int make_timer(struct emu_nbd *nbd)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (nbd->backend.host->epoll_fd < 0)
		return 0;
	nbd->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	event.data.fd = nbd->timer;
	if (nbd->timer < 0 ||
	    epoll_ctl(nbd->backend.host->epoll_fd, EPOLL_CTL_ADD, nbd->timer, &event) < 0)
		return -errno;
	return 0;
}

int emu_nbd_open(const struct emu_backend_host *host, const struct emu_nbd_options *options,
		 struct emu_backend **ret_backend, struct nvme_text *error)
{
	const struct emu_geometry none = { .blocks = 1 };
	struct emu_nbd *nbd = calloc(1, sizeof(*nbd));
	int result;

	if (!nbd)
		return emu_say(error, -ENOMEM, "nbd %s: no memory", options->uri);
	emu_backend_init(&nbd->backend, &nbd_ops, host, &none);
	nbd->backend.geometry = options->geometry;
	nbd->uri = strdup(options->uri);
	nbd->patience_nsec = options->patience_nsec;
	nbd->slots = host->requests;
	nbd->timer = -1;
	nbd->watched = -1;
	nbd->link = EMU_NBD_DOWN;
	if (!nbd->uri || make_slots(nbd) < 0 || make_timer(nbd) < 0)
		result = emu_say(error, -ENOMEM, "nbd %s: no memory", options->uri);
	else
		result = emu_nbd_connect(nbd, error);
	if (!result && emu_nbd_map(nbd) < 0)
		result = emu_say(error, -ENOMEM, "nbd %s: no memory", options->uri);
	if (result) {
		close_nbd(&nbd->backend);
		return result;
	}
	emu_nbd_watch(nbd);
	*ret_backend = &nbd->backend;
	return 0;
}
