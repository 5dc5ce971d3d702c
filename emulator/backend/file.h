/* SPDX-License-Identifier: BSD-3-Clause */
/* What file.c, file_open.c and uring.c share. */
#ifndef NVMELAB_EMULATOR_BACKEND_FILE_H
#define NVMELAB_EMULATOR_BACKEND_FILE_H

#include "emulator/backend/backend.h"
#include "emulator/backend/job.h"

struct emu_uring;

/**
 * struct emu_file - a medium in a file
 * @path: of a temporary file, to remove it; else NULL
 * @limit: size of a block device; 0 for a regular file, which grows
 * @no_holes: nothing can be dropped
 * @bounce: EMU_BOUNCE_BYTES for a request that is done at once
 * @uring: NULL when every request is done at once
 * @overlap_until_nsec: writes were slow: until then they are not done at once
 */
struct emu_file {
	struct emu_backend backend;
	int fd;
	char *path;
	uint64_t limit;
	bool no_holes;
	uint8_t *bounce;
	struct emu_uring *uring;
	uint64_t overlap_until_nsec;
};

/** emu_file_error - what the core is told for the negative errno of a file */
int emu_file_error(int error);

/** emu_file_is_no_hole - whether a negative errno says that a part cannot be dropped; notes it */
bool emu_file_is_no_hole(struct emu_file *file, int error);

/** emu_file_map - find out which blocks are allocated; Return: 0 or -ENOMEM */
int emu_file_map(struct emu_file *file);

/** emu_file_grow - have it hold at least a medium like that; Return: 0 or a negative errno */
int emu_file_grow(struct emu_file *file, const struct emu_geometry *geometry);

/** emu_file_format - what EMU_MEDIA_FORMAT asks for; Return: 0 or a negative errno of the file */
int emu_file_format(struct emu_file *file, const struct emu_geometry *geometry);

/**
 * emu_file_open_fd - open and lock a file that is large enough, or becomes so
 * @geometry: @blocks is set when it was 0
 * @ret_limit: see struct emu_file
 * Return: a descriptor, or a negative errno with a sentence.
 */
int emu_file_open_fd(const char *path, struct emu_geometry *geometry, uint64_t *ret_limit,
		     struct nvme_text *error);

/** emu_uring_open - Return: a ring for @file, or NULL when there can be none */
struct emu_uring *emu_uring_open(struct emu_file *file);

/** emu_uring_submit - as emu_backend_ops.submit; -EAGAIN when all of its buffers are in use */
int emu_uring_submit(struct emu_file *file, const struct emu_media *media);

/** emu_uring_cancel - as emu_backend_ops.cancel */
void emu_uring_cancel(struct emu_file *file, uint32_t tag);

/** emu_uring_poll - as emu_backend_ops.poll */
unsigned int emu_uring_poll(struct emu_file *file);

/** emu_uring_close - wait for the kernel to leave our buffers alone; free everything */
void emu_uring_close(struct emu_file *file);

#endif
