/* SPDX-License-Identifier: BSD-3-Clause */
/* The media of a fuzzed subsystem: data, metadata and the state of each block of each namespace. */
#include <errno.h>
#include <sys/mman.h>

#include "tests/fuzz/subsystem.h"

#define ALLOCATED     1
#define UNCORRECTABLE 2

static void *map(uint64_t bytes)
{
	return mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void release(struct th_medium *medium)
{
	if (!medium->data)
		return;
	munmap(medium->data, medium->blocks << medium->lbads);
	munmap(medium->meta, medium->ms ? medium->blocks * medium->ms : 1);
	munmap(medium->state, medium->blocks);
	memset(medium, 0, sizeof(*medium));
}

/* A mapping costs only what is touched. */
int th_medium_format(struct th_medium *medium, uint64_t blocks, uint32_t lbads, uint32_t ms)
{
	release(medium);
	*medium = (struct th_medium){
		.data = map(blocks << lbads),
		.meta = map(blocks * ms),
		.state = map(blocks),
		.blocks = blocks,
		.lbads = lbads,
		.ms = ms,
	};
	th_claim(medium->data != MAP_FAILED && medium->meta != MAP_FAILED &&
			 medium->state != MAP_FAILED,
		 "there is memory");
	return 0;
}

void th_medium_free(struct th_medium *medium)
{
	release(medium);
}

/* Page by page: a span may go from host memory into a window, and out of it. */
static int move_span(struct th_subsystem *sub, const struct emu_media *media,
		     const struct emu_span *span, uint8_t *at)
{
	bool read = media->op == EMU_MEDIA_READ;

	for (size_t done = 0; done < span->bytes;) {
		size_t bytes = TH_PAGE - (span->iova + done) % TH_PAGE;
		uint8_t *memory;

		bytes = bytes < span->bytes - done ? bytes : span->bytes - done;
		memory = th_memory(sub, media->ctrl, span->iova + done, bytes);
		if (!memory)
			return -EFAULT;
		memcpy(read ? memory : at + done, read ? at + done : memory, bytes);
		done += bytes;
	}
	return 0;
}

static int move_data(struct th_subsystem *sub, const struct emu_media *media, uint8_t *at)
{
	bool read = media->op == EMU_MEDIA_READ;

	if (!media->spans && media->data)
		memcpy(read ? media->data : at, read ? at : media->data,
		       (size_t)media->nlb << media->lbads);
	for (const struct emu_spans *node = media->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			const struct emu_span *span = &node->span[i];
			int error = span->iova == EMU_SPAN_BUCKET ? 0
								  : move_span(sub, media, span, at);

			if (error)
				return error;
			at += span->bytes;
		}
	}
	return 0;
}

static int check_readable(const struct th_medium *medium, const struct emu_media *media)
{
	for (uint64_t lba = media->slba; lba < media->slba + media->nlb; lba++) {
		if (medium->state[lba] & UNCORRECTABLE)
			return -EBADMSG;
		if (media->dulbe && !(medium->state[lba] & ALLOCATED))
			return -ENODATA;
	}
	return 0;
}

static int read_write(struct th_subsystem *sub, struct th_medium *medium,
		      const struct emu_media *media)
{
	bool read = media->op == EMU_MEDIA_READ;
	uint8_t *meta = medium->meta + media->slba * medium->ms;
	int error = read ? check_readable(medium, media) : 0;

	if (!error)
		error = move_data(sub, media, medium->data + (media->slba << medium->lbads));
	if (error)
		return error;
	if (media->meta)
		memcpy(read ? media->meta : meta, read ? meta : media->meta,
		       (size_t)media->nlb * medium->ms);
	if (!read)
		memset(medium->state + media->slba, ALLOCATED, media->nlb);
	return 0;
}

static void zero(struct th_medium *medium, const struct emu_media *media, uint8_t state)
{
	memset(medium->data + (media->slba << medium->lbads), 0,
	       (size_t)media->nlb << medium->lbads);
	memset(medium->meta + media->slba * medium->ms, 0, (size_t)media->nlb * medium->ms);
	memset(medium->state + media->slba, state, media->nlb);
}

static void status_of(const struct th_medium *medium, const struct emu_media *media)
{
	const uint8_t *state = medium->state + media->slba;
	uint32_t nlb = 1;

	while (nlb < media->nlb && state[nlb] == state[0])
		nlb++;
	*media->ret_status = (struct emu_media_status){ .nlb = nlb,
							.allocated = state[0] & ALLOCATED,
							.uncorrectable = state[0] & UNCORRECTABLE };
}

int th_medium_do(struct th_subsystem *sub, const struct emu_media *media)
{
	struct th_medium *medium = &sub->media[media->nsid <= EMU_MAX_NAMESPACES ? media->nsid : 0];

	switch (media->op) {
	case EMU_MEDIA_FLUSH:
		return 0;
	case EMU_MEDIA_FORMAT:
		return th_medium_format(medium, media->blocks, media->lbads, media->ms);
	case EMU_MEDIA_DELETE:
		release(medium);
		return 0;
	case EMU_MEDIA_READ:
	case EMU_MEDIA_WRITE:
		return read_write(sub, medium, media);
	case EMU_MEDIA_WRITE_ZEROES:
		zero(medium, media, media->deallocate ? 0 : ALLOCATED);
		return 0;
	case EMU_MEDIA_DEALLOCATE:
		zero(medium, media, 0);
		return 0;
	case EMU_MEDIA_UNCORRECTABLE:
		memset(medium->state + media->slba, ALLOCATED | UNCORRECTABLE, media->nlb);
		return 0;
	case EMU_MEDIA_STATUS:
		status_of(medium, media);
		return 0;
	case EMU_MEDIA_OPS:
	default:
		return -ENOTSUP;
	}
}
