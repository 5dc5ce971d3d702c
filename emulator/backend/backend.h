/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the data of a namespace lies: one interface, an implementation in each file of this folder.
 *
 * A backend copies between host memory and its medium by struct emu_cursor, which knows the host
 * memory table of the controller that asks. It answers at once, or later with host->done().
 */
#ifndef NVMELAB_EMULATOR_BACKEND_BACKEND_H
#define NVMELAB_EMULATOR_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "emulator/backend/blockmap.h"
#include "emulator/core/emu.h"
#include "emulator/device/device.h"
#include "emulator/device/dma.h"

struct emu_backend;

/**
 * struct emu_backend_host - what a backend gets from the device around it
 * @tables: host memory of each controller
 * @done: answers a request for which submit() gave EMU_PENDING; called from poll() only
 * @event_fd: eventfd that the backend makes readable when poll() has something to do
 * @epoll_fd: epoll where a backend may have more descriptors watched; -1 when there is none. After
 *	one of them made itself heard poll() is called although nothing may be pending.
 * @requests: most requests at a time that need not wait
 * @synchronous: submit() must never give EMU_PENDING
 */
struct emu_backend_host {
	struct emu_dma_table *tables;
	void (*done)(void *arg, uint32_t tag, int result);
	void *arg;
	int event_fd;
	int epoll_fd;
	unsigned int requests;
	bool synchronous;
};

/**
 * struct emu_geometry - how a medium is divided
 * @blocks: 1 or more
 * @lbads: a block has 2^lbads bytes of data
 * @ms: and as many bytes of metadata, in an area of its own
 */
struct emu_geometry {
	uint64_t blocks;
	uint32_t lbads;
	uint32_t ms;
};

/** emu_geometry_bytes - of data and metadata; 0 when that is more than a file can have (2^63) */
uint64_t emu_geometry_bytes(const struct emu_geometry *geometry);

/**
 * struct emu_power_cut - the power goes
 * @keep: what volatile memory may leave behind
 * @unit_blocks: a write that is no longer is kept whole or not at all; a longer one may be torn at
 *	multiples of it
 * @identity: bits 63:48 of what choose() is asked for
 * @choose: as in struct emu_ops, without the site
 */
struct emu_power_cut {
	enum emu_cut keep;
	uint32_t unit_blocks;
	uint64_t identity;
	uint32_t (*choose)(void *arg, uint64_t identity, uint32_t n);
	void *arg;
};

/**
 * struct emu_backend_ops - an implementation
 * @submit: starts a request, as ops->media of the core. @media is copied; its spans, data and
 *	metadata stay. FORMAT and DELETE come while nothing is pending and are answered at once;
 *	DELETE, before close, removes what would be left. emu_backend_submit(), or a function that
 *	takes some requests on itself.
 * @move: what emu_backend_submit() leaves to the medium: READ, WRITE, WRITE_ZEROES and DEALLOCATE
 *	of blocks that it has and can read, and FLUSH; @format: FORMAT; @remove: DELETE, NULL when
 *	nothing would be left
 * @adopt: the medium has another geometry, and what it holds stays; as FORMAT otherwise. NULL: it
 *	holds nothing that could stay.
 * @cancel: gives the request with @tag up if it is there and can be; may be NULL
 * @prefetch: a hint that bytes of the medium will be asked for soon; may be NULL
 * @poll: sends what is queued and answers what is done. Return: how many answers. May be NULL.
 * @cut: the power goes: what is volatile is lost, but for what @cut keeps. Return: 0, or what the
 *	medium said when that was written. NULL: nothing is volatile.
 * @close: waits for requests without answering them and frees everything
 */
struct emu_backend_ops {
	int (*submit)(struct emu_backend *backend, const struct emu_media *media);
	int (*move)(struct emu_backend *backend, const struct emu_media *media);
	int (*format)(struct emu_backend *backend, const struct emu_media *media);
	int (*remove)(struct emu_backend *backend);
	int (*adopt)(struct emu_backend *backend, const struct emu_geometry *geometry);
	void (*cancel)(struct emu_backend *backend, uint32_t tag);
	void (*prefetch)(struct emu_backend *backend, uint64_t offset, uint32_t bytes);
	unsigned int (*poll)(struct emu_backend *backend);
	int (*cut)(struct emu_backend *backend, const struct emu_power_cut *cut);
	void (*close)(struct emu_backend *backend);
};

/**
 * struct emu_backend - the part that all implementations begin with
 * @bytes: of data
 * @map: state of the blocks; of a cache nothing, but that of @inner
 * @inner: the medium behind a cache; else NULL
 * @pending: requests without an answer
 */
struct emu_backend {
	const struct emu_backend_ops *ops;
	const struct emu_backend_host *host;
	struct emu_geometry geometry;
	uint64_t bytes;
	struct emu_blockmap map;
	struct emu_backend *inner;
	unsigned int pending;
};

/**
 * emu_backend_init - the common part of a new medium, all of its blocks deallocated
 */
void emu_backend_init(struct emu_backend *backend, const struct emu_backend_ops *ops,
		      const struct emu_backend_host *host, const struct emu_geometry *geometry);

/** emu_backend_format - the medium has another geometry now, all of its blocks deallocated */
void emu_backend_format(struct emu_backend *backend, const struct emu_geometry *geometry);

/** emu_backend_adopt - as ops->adopt, where there is none as FORMAT; nothing is pending */
int emu_backend_adopt(struct emu_backend *backend, const struct emu_geometry *geometry);

/**
 * emu_backend_submit - as ops->submit: checks what is asked, answers what the map of blocks knows,
 * and leaves the rest to the medium
 */
int emu_backend_submit(struct emu_backend *backend, const struct emu_media *media);

/** emu_geometry_of - what a FORMAT asks for */
struct emu_geometry emu_geometry_of(const struct emu_media *media);

/** emu_backend_fits - whether a request for blocks is of this geometry and within the medium */
static inline bool emu_backend_fits(const struct emu_backend *backend,
				    const struct emu_media *media)
{
	const struct emu_geometry *geometry = &backend->geometry;

	return media->nlb > 0 && media->slba < geometry->blocks &&
	       media->nlb <= geometry->blocks - media->slba && media->lbads == geometry->lbads &&
	       media->ms == geometry->ms;
}

/**
 * emu_backend_check - whether a request fits the medium, and what stops it
 * @media: READ, WRITE, WRITE_ZEROES, DEALLOCATE, UNCORRECTABLE or STATUS
 * Return: 0; -EIO when it is for another geometry; for a READ also as emu_blockmap_check().
 */
static inline int emu_backend_check(const struct emu_backend *backend,
				    const struct emu_media *media)
{
	if (!emu_backend_fits(backend, media))
		return -EIO;
	return media->op == EMU_MEDIA_READ ? emu_blockmap_check(&backend->map, media) : 0;
}

/**
 * emu_mem_open - a medium in memory; blocks that were never written read as zeros and cost nothing
 * Return: 0 or -ENOMEM.
 */
int emu_mem_open(const struct emu_backend_host *host, const struct emu_geometry *geometry,
		 struct emu_backend **ret_backend);

/**
 * struct emu_file_options - which file, and what may be done with it
 * @path: a regular file or block device
 * @geometry: @blocks 0: as many as the file holds; else a regular file is made and extended
 * @temporary: the file is the device's own: DELETE removes it, and FORMAT makes its size exact
 */
struct emu_file_options {
	const char *path;
	struct emu_geometry geometry;
	bool temporary;
};

/**
 * emu_file_open - a medium in a regular file or block device, locked against other processes
 * @options: needed during the call only
 * @error: gets a sentence that names the file
 *
 * Data lies at the file's beginning and metadata behind it. What is a hole in the file counts as
 * deallocated.
 * Return: 0; -EINVAL (no such kind of file, too small), -EBUSY (locked), -EROFS, -ENOSPC, -EFBIG
 * beyond what its file system can do, ...
 */
int emu_file_open(const struct emu_backend_host *host, const struct emu_file_options *options,
		  struct emu_backend **ret_backend, struct nvme_text *error);

#define EMU_NBD_PATIENCE_NSEC (UINT64_C(30) * 1000000000)

/**
 * struct emu_nbd_options - which export
 * @uri: as libnbd reads it: nbd://HOST/EXPORT, nbd+unix:///?socket=PATH, nbds://...
 * @geometry: @blocks 0: as many as the export holds
 * @patience_nsec: how long requests wait for a server that went away
 */
struct emu_nbd_options {
	const char *uri;
	struct emu_geometry geometry;
	uint64_t patience_nsec;
};

/**
 * emu_nbd_open - a medium that a network block device server has; connects before it returns
 * @options: needed during the call only
 * @error: gets a sentence that names the export
 *
 * Data lies at the export's beginning and metadata behind it. What the server says is a hole of
 * zeros counts as deallocated.
 * Return: 0; -EINVAL when the export is too small; -EROFS; what connecting gave.
 */
int emu_nbd_open(const struct emu_backend_host *host, const struct emu_nbd_options *options,
		 struct emu_backend **ret_backend, struct nvme_text *error);

/**
 * emu_media_piece - where the @bytes of data of @media are, when they are one piece of host memory
 * in the mapping of the last hit; else NULL, and a cursor finds them
 *
 * Nearly all requests have such data. After the copy it has to be seen whether @table->hot was
 * poisoned meanwhile.
 */
static inline uint8_t *emu_media_piece(const struct emu_dma_table *table,
				       const struct emu_media *media, uint64_t bytes,
				       unsigned int prot)
{
	const struct emu_span *span = media->spans ? &media->spans->span[0] : NULL;

	if (!span || span->bytes != bytes || span->iova == EMU_SPAN_BUCKET)
		return NULL;
	return emu_dma_hot(table, span->iova, bytes, prot);
}

/** struct emu_cursor - a place in the data of a request: in host memory, or in @memory */
struct emu_cursor {
	struct emu_dma_table *table;
	const struct emu_spans *node;
	uint32_t index;
	uint64_t done;
	uint8_t *memory;
};

/** emu_cursor_init - the beginning of the data of @media */
void emu_cursor_init(struct emu_cursor *cursor, const struct emu_backend_host *host,
		     const struct emu_media *media);

/** emu_cursor_init_meta - the beginning of the metadata of @media, which has some */
void emu_cursor_init_meta(struct emu_cursor *cursor, const struct emu_media *media);

/**
 * emu_cursor_from_host - copy @bytes of the data to @to and move on
 * Return: 0; -EFAULT when host memory was not there: @to has any contents then.
 */
int emu_cursor_from_host(struct emu_cursor *cursor, void *to, uint64_t bytes);

/**
 * emu_cursor_to_host - copy @bytes at @from, or zeros for NULL, to the data; Return: as above
 */
int emu_cursor_to_host(struct emu_cursor *cursor, const void *from, uint64_t bytes);

#endif
