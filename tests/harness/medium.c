/* SPDX-License-Identifier: BSD-3-Clause */
/* The media of the host in memory: data, metadata and the state of each block of each namespace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/internal.h"

#define ALLOCATED     1
#define UNCORRECTABLE 2

/* Where the data of a request comes from or goes to; NULL when host memory is not there. */
typedef void move_fn(void *host, uint8_t *medium, size_t bytes);

static void to_host(void *host, uint8_t *medium, size_t bytes)
{
	memcpy(host, medium, bytes);
}

static void from_host(void *host, uint8_t *medium, size_t bytes)
{
	memcpy(medium, host, bytes);
}

static int move_data(struct th_host *host, const struct emu_media *media, uint8_t *at,
		     move_fn *move)
{
	if (!media->spans) {
		if (media->data)
			move(media->data, at, (size_t)media->nlb << media->lbads);
		return 0;
	}
	for (const struct emu_spans *node = media->spans; node; node = node->next) {
		for (uint32_t i = 0; i < node->count; i++) {
			size_t bytes = node->span[i].bytes;
			bool bucket = node->span[i].iova == EMU_SPAN_BUCKET && move == to_host;
			void *memory = th_dma_(host, media->ctrl, node->span[i].iova, bytes,
					       EMU_DMA_READ);

			if (!memory && !bucket)
				return -EFAULT;
			if (!bucket)
				move(memory, at, bytes);
			at += bytes;
		}
	}
	return 0;
}

static void release(struct th_medium *medium)
{
	free(medium->data);
	free(medium->meta);
	free(medium->state);
	memset(medium, 0, sizeof(*medium));
}

static int format(struct th_medium *medium, uint64_t blocks, uint32_t lbads, uint32_t ms)
{
	release(medium);
	medium->blocks = blocks;
	medium->lbads = lbads;
	medium->ms = ms;
	medium->data = calloc(blocks, 1u << lbads);
	medium->meta = calloc(blocks, ms ? ms : 1);
	medium->state = calloc(blocks, 1);
	if (medium->data && medium->meta && medium->state)
		return 0;
	release(medium);
	return -ENOSPC;
}

static int read_blocks(struct th_host *host, struct th_medium *medium,
		       const struct emu_media *media)
{
	for (uint64_t lba = media->slba; lba < media->slba + media->nlb; lba++) {
		if (medium->state[lba] & UNCORRECTABLE)
			return -EBADMSG;
		if (media->dulbe && !(medium->state[lba] & ALLOCATED))
			return -ENODATA;
	}
	if (media->meta)
		memcpy(media->meta, medium->meta + media->slba * medium->ms,
		       (size_t)media->nlb * medium->ms);
	return move_data(host, media, medium->data + (media->slba << medium->lbads), to_host);
}

static int write_blocks(struct th_host *host, struct th_medium *medium,
			const struct emu_media *media)
{
	int error = move_data(host, media, medium->data + (media->slba << medium->lbads),
			      from_host);

	if (error)
		return error;
	if (media->meta)
		memcpy(medium->meta + media->slba * medium->ms, media->meta,
		       (size_t)media->nlb * medium->ms);
	memset(medium->state + media->slba, ALLOCATED, media->nlb);
	return 0;
}

static void zero_blocks(struct th_medium *medium, const struct emu_media *media, bool allocated)
{
	memset(medium->data + (media->slba << medium->lbads), 0,
	       (size_t)media->nlb << medium->lbads);
	memset(medium->meta + media->slba * medium->ms, 0, (size_t)media->nlb * medium->ms);
	memset(medium->state + media->slba, allocated ? ALLOCATED : 0, media->nlb);
}

/* The run of blocks from slba on that are as the first one. */
static void status_of(const struct th_medium *medium, const struct emu_media *media)
{
	uint8_t state = medium->state[media->slba];
	uint32_t nlb = 1;

	while (nlb < media->nlb && medium->state[media->slba + nlb] == state)
		nlb++;
	*media->ret_status = (struct emu_media_status){
		.nlb = nlb,
		.allocated = state & ALLOCATED,
		.uncorrectable = state & UNCORRECTABLE,
	};
}

int th_medium_do_(struct th_host *host, const struct emu_media *media)
{
	struct th_medium *medium =
		&host->media[media->nsid <= EMU_MAX_NAMESPACES ? media->nsid : 0];

	if (media->op == EMU_MEDIA_FLUSH)
		return 0;
	if (media->op == EMU_MEDIA_FORMAT)
		return format(medium, media->blocks, media->lbads, media->ms);
	ck_assert_ptr_nonnull(medium->data);
	if (media->op == EMU_MEDIA_DELETE) {
		release(medium);
		return 0;
	}
	ck_assert_uint_eq(media->lbads, medium->lbads);
	ck_assert_uint_le(media->slba + media->nlb, medium->blocks);
	switch (media->op) {
	case EMU_MEDIA_READ:
		return read_blocks(host, medium, media);
	case EMU_MEDIA_WRITE:
		return write_blocks(host, medium, media);
	case EMU_MEDIA_WRITE_ZEROES:
		zero_blocks(medium, media, !media->deallocate);
		return 0;
	case EMU_MEDIA_DEALLOCATE:
		zero_blocks(medium, media, false);
		return 0;
	case EMU_MEDIA_UNCORRECTABLE:
		memset(medium->state + media->slba, ALLOCATED | UNCORRECTABLE, media->nlb);
		return 0;
	case EMU_MEDIA_STATUS:
		status_of(medium, media);
		return 0;
	default:
		return -ENOTSUP;
	}
}

void th_media_make_(struct th_host *host, const struct emu_config *config)
{
	for (uint32_t i = 0; i < config->namespaces; i++) {
		const struct emu_ns_config *ns = &config->ns[i];

		ck_assert_int_eq(format(&host->media[ns->nsid], ns->blocks, ns->lbads, ns->ms), 0);
	}
}

void th_media_copy_(struct th_medium *to, const struct th_medium *from)
{
	for (uint32_t i = 0; i <= EMU_MAX_NAMESPACES; i++) {
		release(&to[i]);
		if (!from[i].data)
			continue;
		ck_assert_int_eq(format(&to[i], from[i].blocks, from[i].lbads, from[i].ms), 0);
		memcpy(to[i].data, from[i].data, from[i].blocks << from[i].lbads);
		memcpy(to[i].meta, from[i].meta, from[i].blocks * from[i].ms);
		memcpy(to[i].state, from[i].state, from[i].blocks);
	}
}

void th_media_free_(struct th_medium *media)
{
	for (uint32_t i = 0; i <= EMU_MAX_NAMESPACES; i++)
		release(&media[i]);
}

static struct th_medium *medium_of(struct th_host *host, uint32_t nsid, uint64_t lba)
{
	ck_assert_uint_le(nsid, EMU_MAX_NAMESPACES);
	ck_assert_uint_lt(lba, host->media[nsid].blocks);
	return &host->media[nsid];
}

void *th_media_block(struct th_host *host, uint32_t nsid, uint64_t lba)
{
	struct th_medium *medium = medium_of(host, nsid, lba);

	return medium->data + (lba << medium->lbads);
}

uint8_t th_block_byte(struct th_host *host, uint64_t lba)
{
	return *(const uint8_t *)th_media_block(host, 1, lba);
}

void *th_media_meta(struct th_host *host, uint32_t nsid, uint64_t lba)
{
	struct th_medium *medium = medium_of(host, nsid, lba);

	return medium->meta + lba * medium->ms;
}

void th_media_spoil(struct th_host *host, uint32_t nsid, uint64_t lba)
{
	medium_of(host, nsid, lba)->state[lba] |= UNCORRECTABLE;
}

bool th_media_allocated(struct th_host *host, uint32_t nsid, uint64_t lba)
{
	return medium_of(host, nsid, lba)->state[lba] & ALLOCATED;
}

uint64_t th_media_blocks(struct th_host *host, uint32_t nsid)
{
	ck_assert_uint_le(nsid, EMU_MAX_NAMESPACES);
	return host->media[nsid].blocks;
}
