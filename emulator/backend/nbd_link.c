/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The connection to a network block device server: the first one, those after it was lost, and what
 * the server can do.
 */
#include "emulator/backend/nbd.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "emulator/device/say.h"

#define NSEC_PER_SEC  1000000000u
#define NSEC_PER_MSEC 1000000u
#define DELAY_MIN     (50ull * NSEC_PER_MSEC)
#define DELAY_MAX     (1000ull * NSEC_PER_MSEC)
#define TRY_NSEC      (10ull * NSEC_PER_SEC) /* for one connection to be made */
#define CLOSE_MSEC    1000
#define CONTEXT	      "base:allocation"
#define STATUS_BYTES  (UINT64_C(1) << 30)
#define STATUS_MOST   (UINT64_C(16) << 40) /* asking about more would take too long */
#define IS_HOLE	      3u		   /* a hole that reads as zeros */

static uint64_t read_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static struct nbd_handle *make_handle(void)
{
	struct nbd_handle *handle = nbd_create();

	if (handle && nbd_add_meta_context(handle, CONTEXT) < 0) {
		nbd_close(handle);
		return NULL;
	}
	return handle;
}

/* What this server can do; Return: false when it does not have the medium that we need. */
static bool learn(struct emu_nbd *nbd, uint64_t least_bytes)
{
	int64_t size = nbd_get_size(nbd->handle);

	if (size < 0 || (uint64_t)size < least_bytes || nbd_is_read_only(nbd->handle) != 0)
		return false;
	nbd->size_bytes = (uint64_t)size;
	nbd->can_flush = nbd_can_flush(nbd->handle) > 0;
	nbd->can_fua = nbd_can_fua(nbd->handle) > 0;
	nbd->can_zero = nbd_can_zero(nbd->handle) > 0;
	return true;
}

/* Whether requests for single blocks, and for metadata, are allowed. */
static int check_alignment(const struct emu_nbd *nbd, struct nvme_text *error)
{
	const struct emu_geometry *geometry = &nbd->backend.geometry;
	int64_t least = nbd_get_block_size(nbd->handle, LIBNBD_SIZE_MINIMUM);
	uint32_t ours = geometry->ms ? 1 : 1u << geometry->lbads;

	if (least <= (int64_t)ours)
		return 0;
	return emu_say(
		error, -EINVAL,
		"nbd %s: the server takes requests for multiples of %lld bytes only, %s needs "
		"%u",
		nbd->uri, (long long)least, geometry->ms ? "metadata" : "the block size", ours);
}

static int settle_blocks(struct emu_nbd *nbd, struct nvme_text *error)
{
	struct emu_geometry geometry = nbd->backend.geometry;
	uint64_t block = (UINT64_C(1) << geometry.lbads) + geometry.ms;
	uint64_t bytes = emu_geometry_bytes(&geometry);

	if (geometry.blocks == 0)
		geometry.blocks = nbd->size_bytes / block;
	else if (bytes == 0 || bytes > nbd->size_bytes)
		return emu_say(error, -EINVAL,
			       "nbd %s: %llu blocks of %llu bytes are more than the %llu bytes of "
			       "the export",
			       nbd->uri, (unsigned long long)geometry.blocks,
			       (unsigned long long)block, (unsigned long long)nbd->size_bytes);
	if (geometry.blocks == 0)
		return emu_say(error, -EINVAL, "nbd %s: too small for a block of %llu bytes",
			       nbd->uri, (unsigned long long)block);
	emu_backend_format(&nbd->backend, &geometry);
	return 0;
}

int emu_nbd_connect(struct emu_nbd *nbd, struct nvme_text *error)
{
	int result;

	nbd->handle = make_handle();
	if (!nbd->handle)
		return emu_say(error, -ENOMEM, "nbd %s: %s", nbd->uri, nbd_get_error());
	if (nbd_connect_uri(nbd->handle, nbd->uri) < 0) {
		result = nbd_get_errno() > 0 ? -nbd_get_errno() : -EIO;
		return emu_say(error, result, "nbd %s: %s", nbd->uri, nbd_get_error());
	}
	if (nbd_is_read_only(nbd->handle) > 0)
		return emu_say(error, -EROFS, "nbd %s: the export is read-only", nbd->uri);
	if (!learn(nbd, 0))
		return emu_say(error, -EIO, "nbd %s: %s", nbd->uri, nbd_get_error());
	result = settle_blocks(nbd, error);
	if (!result)
		result = check_alignment(nbd, error);
	nbd->link = EMU_NBD_UP;
	return result;
}

/* Which blocks are allocated. */

struct extents {
	struct emu_nbd *nbd;
	uint64_t next;
	int result;
};

/* Pairs of length and flags, from @offset on. */
static int take_extents(void *arg, const char *context, uint64_t offset, uint32_t *entries,
			size_t count, int *error)
{
	struct extents *extents = arg;
	struct emu_backend *backend = &extents->nbd->backend;
	uint32_t lbads = backend->geometry.lbads;

	if (strcmp(context, CONTEXT) != 0)
		return 0;
	for (size_t i = 0; i + 1 < count; i += 2) {
		uint64_t end = offset + entries[i];

		end = end < backend->bytes ? end : backend->bytes;
		if ((entries[i + 1] & IS_HOLE) != IS_HOLE && end > offset &&
		    emu_blockset_put(&backend->map.allocated, offset >> lbads,
				     ((end - 1) >> lbads) - (offset >> lbads) + 1, true) < 0) {
			extents->result = -ENOMEM;
			*error = ENOMEM;
			return -1;
		}
		offset = end;
	}
	extents->next = offset;
	return 0;
}

int emu_nbd_map(struct emu_nbd *nbd)
{
	struct emu_backend *backend = &nbd->backend;
	struct extents extents = { .nbd = nbd };

	if (nbd_can_meta_context(nbd->handle, CONTEXT) <= 0 || backend->bytes > STATUS_MOST)
		return emu_blockset_put(&backend->map.allocated, 0, backend->geometry.blocks, true);
	while (extents.next < backend->bytes) {
		uint64_t at = extents.next;
		uint64_t left = backend->bytes - at;
		const nbd_extent_callback callback = { .callback = take_extents,
						       .user_data = &extents };

		if (nbd_block_status(nbd->handle, left < STATUS_BYTES ? left : STATUS_BYTES, at,
				     callback, 0) < 0 ||
		    extents.next <= at)
			/* A server that does not keep its word: everything may be there. */
			return extents.result ? extents.result
					      : emu_blockset_put(&backend->map.allocated, 0,
								 backend->geometry.blocks, true);
	}
	return 0;
}

/* The link. */

void emu_nbd_pump(struct emu_nbd *nbd, int wait_msec)
{
	while (nbd->handle && nbd_poll(nbd->handle, wait_msec) > 0)
		wait_msec = 0;
}

bool emu_nbd_is_over(const struct emu_nbd *nbd)
{
	return nbd->shut || nbd_aio_is_dead(nbd->handle) > 0 || nbd_aio_is_closed(nbd->handle) > 0;
}

/* This try is over; the next one is a little later each time. */
static void fail_try(struct emu_nbd *nbd)
{
	nbd_close(nbd->handle);
	nbd->handle = NULL;
	nbd->watched = -1;
	nbd->link = EMU_NBD_DOWN;
	nbd->try_nsec = read_clock() + nbd->delay_nsec;
	nbd->delay_nsec = nbd->delay_nsec * 2 < DELAY_MAX ? nbd->delay_nsec * 2 : DELAY_MAX;
}

void emu_nbd_drop_link(struct emu_nbd *nbd)
{
	nbd->lost_nsec = read_clock();
	nbd->delay_nsec = DELAY_MIN;
	nbd->shut = false;
	fail_try(nbd);
	nbd->try_nsec = nbd->lost_nsec;
}

static void begin_try(struct emu_nbd *nbd)
{
	nbd->handle = make_handle();
	if (!nbd->handle || nbd_aio_connect_uri(nbd->handle, nbd->uri) < 0) {
		fail_try(nbd);
		return;
	}
	nbd->link = EMU_NBD_CONNECTING;
	nbd->try_nsec = read_clock() + TRY_NSEC;
}

void emu_nbd_tend_link(struct emu_nbd *nbd)
{
	uint64_t now;

	if (nbd->link == EMU_NBD_UP)
		return;
	now = read_clock();
	if (nbd->link == EMU_NBD_DOWN && now >= nbd->try_nsec)
		begin_try(nbd);
	if (nbd->link == EMU_NBD_CONNECTING) {
		emu_nbd_pump(nbd, 0);
		if (nbd_aio_is_ready(nbd->handle) > 0 &&
		    learn(nbd, emu_geometry_bytes(&nbd->backend.geometry))) {
			nbd->link = EMU_NBD_UP;
			nbd->given_up = false;
			return;
		}
		if (nbd_aio_is_ready(nbd->handle) > 0 || emu_nbd_is_over(nbd) ||
		    now >= nbd->try_nsec)
			fail_try(nbd);
	}
	if (now - nbd->lost_nsec >= nbd->patience_nsec)
		nbd->given_up = true;
}

static void set_timer(struct emu_nbd *nbd)
{
	struct itimerspec time = { 0 };
	uint64_t due = nbd->try_nsec;

	if (!nbd->given_up && due > nbd->lost_nsec + nbd->patience_nsec)
		due = nbd->lost_nsec + nbd->patience_nsec;
	if (nbd->link == EMU_NBD_UP)
		due = 0; /* stops it */
	time.it_value.tv_sec = (time_t)(due / NSEC_PER_SEC);
	time.it_value.tv_nsec = (long)(due % NSEC_PER_SEC);
	timerfd_settime(nbd->timer, TFD_TIMER_ABSTIME, &time, NULL);
}

void emu_nbd_watch(struct emu_nbd *nbd)
{
	int epoll = nbd->backend.host->epoll_fd;
	struct epoll_event event = { 0 };
	unsigned int direction;
	int fd;

	if (epoll < 0)
		return;
	if (nbd->link != EMU_NBD_UP || nbd->watched < 0)
		set_timer(nbd);
	if (!nbd->handle)
		return;
	fd = nbd_aio_get_fd(nbd->handle);
	direction = nbd_aio_get_direction(nbd->handle);
	event.events = (direction & LIBNBD_AIO_DIRECTION_READ ? EPOLLIN : 0u) |
		       (direction & LIBNBD_AIO_DIRECTION_WRITE ? EPOLLOUT : 0u);
	event.data.fd = fd;
	/* A socket of a moment ago may have had the same number: it left with its descriptor. */
	if (fd < 0 || (fd == nbd->watched && event.events == nbd->watched_events))
		return;
	if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) < 0)
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	nbd->watched = fd;
	nbd->watched_events = event.events;
}

void emu_nbd_close_link(struct emu_nbd *nbd)
{
	uint64_t until = read_clock() + CLOSE_MSEC * (uint64_t)NSEC_PER_MSEC;

	if (!nbd->handle)
		return;
	if (nbd->link == EMU_NBD_UP && !emu_nbd_is_over(nbd)) {
		while (nbd_aio_in_flight(nbd->handle) > 0 && !emu_nbd_is_over(nbd) &&
		       read_clock() < until)
			emu_nbd_pump(nbd, 10);
		if (nbd_aio_is_ready(nbd->handle) > 0)
			nbd_aio_disconnect(nbd->handle, 0);
		while (!emu_nbd_is_over(nbd) && read_clock() < until)
			emu_nbd_pump(nbd, 10);
	}
	nbd_close(nbd->handle);
	nbd->handle = NULL;
}
