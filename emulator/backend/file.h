/* SPDX-License-Identifier: BSD-3-Clause */
/* What file.c and uring.c share. */
#ifndef NVMELAB_EMULATOR_BACKEND_FILE_H
#define NVMELAB_EMULATOR_BACKEND_FILE_H

#include "emulator/backend/backend.h"

#define EMU_BOUNCE_BYTES (128u << 10) /* longer requests go part by part */

struct emu_uring;

/**
 * struct emu_file - a medium in a file
 * @bounce: EMU_BOUNCE_BYTES for a request that is done at once
 * @uring: NULL when every request is done at once
 * @overlap_until_nsec: writes were slow: until then they are not done at once
 */
struct emu_file {
	struct emu_backend backend;
	int fd;
	uint8_t *bounce;
	struct emu_uring *uring;
	uint64_t overlap_until_nsec;
};

/** emu_file_error - what the core is told for the negative errno of a file */
int emu_file_error(int error);

/** emu_uring_open - Return: a ring for @file, or NULL when there can be none */
struct emu_uring *emu_uring_open(struct emu_file *file);

/** emu_uring_submit - as emu_backend_ops.submit; -EAGAIN when all of its buffers are in use */
int emu_uring_submit(struct emu_file *file, const struct emu_media *media);

/** emu_uring_poll - as emu_backend_ops.poll */
unsigned int emu_uring_poll(struct emu_file *file);

/** emu_uring_close - wait for the kernel to leave our buffers alone; free everything */
void emu_uring_close(struct emu_file *file);

#endif
