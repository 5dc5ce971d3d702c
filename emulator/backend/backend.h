/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the data of a namespace lies: one interface, an implementation in each file of this folder.
 *
 * A backend copies between host memory and its medium by emu_media_copy_*(), which know the host
 * memory table of the controller that asks. It answers at once, or later with host->done().
 */
#ifndef NVMELAB_EMULATOR_BACKEND_BACKEND_H
#define NVMELAB_EMULATOR_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "emulator/core/emu.h"
#include "emulator/device/dma.h"

struct emu_backend;

/**
 * struct emu_backend_host - what a backend gets from the device around it
 * @tables: host memory of each controller
 * @done: answers a request for which submit() gave EMU_PENDING; called from poll() only
 * @event_fd: eventfd that the backend makes readable when poll() has something to do
 * @requests: most requests at a time that need not wait
 * @synchronous: submit() must never give EMU_PENDING
 */
struct emu_backend_host {
	struct emu_dma_table *tables;
	void (*done)(void *arg, uint32_t tag, int result);
	void *arg;
	int event_fd;
	unsigned int requests;
	bool synchronous;
};

/**
 * struct emu_backend_ops - an implementation
 * @submit: starts a request, as ops->media of the core. @media is copied; its spans stay.
 * @prefetch: a hint that bytes of the medium will be asked for soon; may be NULL
 * @poll: sends what is queued and answers what is done. Return: how many answers. May be NULL.
 * @close: waits for requests without answering them and frees everything
 */
struct emu_backend_ops {
	int (*submit)(struct emu_backend *backend, const struct emu_media *media);
	void (*prefetch)(struct emu_backend *backend, uint64_t offset, uint32_t bytes);
	unsigned int (*poll)(struct emu_backend *backend);
	void (*close)(struct emu_backend *backend);
};

/**
 * struct emu_backend - the part that all implementations begin with
 * @bytes: size of the medium
 * @pending: requests without an answer
 */
struct emu_backend {
	const struct emu_backend_ops *ops;
	const struct emu_backend_host *host;
	uint64_t bytes;
	unsigned int pending;
};

/**
 * emu_mem_open - a medium in memory; blocks that were never written read as zeros and cost nothing
 * Return: 0 or -ENOMEM.
 */
int emu_mem_open(const struct emu_backend_host *host, uint64_t bytes,
		 struct emu_backend **ret_backend);

/**
 * emu_file_open - a medium in a regular file or block device, locked against other processes
 * @bytes: size; a regular file is made and extended to it; 0: the size it has
 * @unit_bytes: the size used is a multiple of it
 * @error: gets a sentence that names the file
 * Return: 0; -EINVAL (no such kind of file, too small), -EBUSY (locked), -EROFS, -ENOSPC, ...
 */
int emu_file_open(const struct emu_backend_host *host, const char *path, uint64_t bytes,
		  uint32_t unit_bytes, struct emu_backend **ret_backend, struct nvme_text *error);

/** struct emu_cursor - a place in the host memory of a request */
struct emu_cursor {
	struct emu_dma_table *table;
	const struct emu_spans *node;
	uint32_t index;
	uint64_t done;
};

/** emu_cursor_init - the beginning of the host memory of @media */
void emu_cursor_init(struct emu_cursor *cursor, const struct emu_backend_host *host,
		     const struct emu_media *media);

/**
 * emu_cursor_from_host - copy @bytes of host memory to @to and move on
 * Return: 0; -EFAULT when host memory was not there: @to has any contents then.
 */
int emu_cursor_from_host(struct emu_cursor *cursor, void *to, uint64_t bytes);

/**
 * emu_cursor_to_host - copy @bytes at @from, or zeros for NULL, to host memory; Return: as above
 */
int emu_cursor_to_host(struct emu_cursor *cursor, const void *from, uint64_t bytes);

#endif
