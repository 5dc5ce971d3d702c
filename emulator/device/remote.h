/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory of one controller that is not mapped in this process: it is fetched into a staging
 * area before it is looked at, and what was written there goes back afterwards.
 *
 * A piece is used before the next one is asked for, or before emu_remote_settle(): that is when the
 * bytes of the last one leave. So nobody may keep two pieces that it writes to.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_REMOTE_H
#define NVMELAB_EMULATOR_DEVICE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EMU_REMOTE_SLOTS 4u	  /* pieces that stay readable while others are fetched */
#define EMU_REMOTE_BYTES 0x10000u /* of a piece: the largest memory page */

struct emu_dma_range;
struct emu_dma_table;

/** struct emu_remote_slot - a piece; @dirty: it has to go back */
struct emu_remote_slot {
	uint64_t iova;
	uint32_t bytes;
	bool dirty;
	uint8_t *memory;
};

/**
 * struct emu_remote - the staging area of a controller
 * @read: fills @data with @bytes at @iova; Return: 0 or a negative errno
 * @write: the other way
 */
struct emu_remote {
	int (*read)(void *arg, uint32_t ctrl, uint64_t iova, void *data, size_t bytes);
	int (*write)(void *arg, uint32_t ctrl, uint64_t iova, const void *data, size_t bytes);
	void *arg;
	uint32_t ctrl;
	uint32_t next;
	struct emu_remote_slot slots[EMU_REMOTE_SLOTS];
};

/** emu_remote_new - from the callbacks in @like; Return: NULL without memory */
struct emu_remote *emu_remote_new(const struct emu_remote *like);

/** emu_remote_free - NULL is fine */
void emu_remote_free(struct emu_remote *remote);

/**
 * emu_remote_piece - as emu_dma_piece(), of a range without memory
 * @ret_bytes: how many are wanted; gets how many there are
 * @ret_range: is looked up again: the host may have changed its mappings meanwhile
 */
void *emu_remote_piece(struct emu_dma_table *table, uint64_t iova, unsigned int prot,
		       uint64_t *ret_bytes, const struct emu_dma_range **ret_range);

/**
 * emu_remote_settle - what was written goes to the host
 *
 * Data of an I/O command is settled piece by piece, and a refusal fails the command. What else is
 * refused (a completion, say) is lost, as a posted write that goes nowhere is.
 * Return: 0, or what the first refusal was.
 */
int emu_remote_settle(struct emu_dma_table *table);

#endif
