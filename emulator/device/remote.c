/* SPDX-License-Identifier: BSD-3-Clause */
/* Host memory that is not mapped here: see remote.h. */
#include "emulator/device/remote.h"

#include <stdlib.h>

#include "emulator/core/emu.h"
#include "emulator/device/dma.h"

struct emu_remote *emu_remote_new(const struct emu_remote *like)
{
	struct emu_remote *remote = calloc(1, sizeof(*remote));

	if (!remote)
		return NULL;
	*remote = *like;
	for (unsigned int i = 0; i < EMU_REMOTE_SLOTS; i++) {
		remote->slots[i] = (struct emu_remote_slot){ .memory = malloc(EMU_REMOTE_BYTES) };
		if (!remote->slots[i].memory) {
			emu_remote_free(remote);
			return NULL;
		}
	}
	return remote;
}

void emu_remote_free(struct emu_remote *remote)
{
	if (!remote)
		return;
	for (unsigned int i = 0; i < EMU_REMOTE_SLOTS; i++)
		free(remote->slots[i].memory);
	free(remote);
}

void *emu_remote_piece(struct emu_dma_table *table, uint64_t iova, unsigned int prot,
		       uint64_t *ret_bytes, const struct emu_dma_range **ret_range)
{
	struct emu_remote *remote = table->remote;
	struct emu_remote_slot *slot;
	struct emu_dma_range *range;

	if (!remote)
		return NULL;
	emu_remote_settle(table);
	slot = &remote->slots[remote->next];
	remote->next = (remote->next + 1) % EMU_REMOTE_SLOTS;
	slot->iova = iova;
	slot->bytes = *ret_bytes < EMU_REMOTE_BYTES ? (uint32_t)*ret_bytes : EMU_REMOTE_BYTES;
	if ((prot & EMU_DMA_READ) &&
	    remote->read(remote->arg, remote->ctrl, iova, slot->memory, slot->bytes) < 0)
		return NULL;
	range = emu_dma_find(table, iova);
	if (!range || (range->prot & prot) != prot)
		return NULL;
	slot->dirty = (prot & EMU_DMA_WRITE) != 0;
	table->dirty = table->dirty || slot->dirty;
	*ret_bytes = slot->bytes;
	*ret_range = range;
	return slot->memory;
}

int emu_remote_settle(struct emu_dma_table *table)
{
	struct emu_remote *remote = table->remote;
	int result = 0;

	if (!table->dirty)
		return 0;
	table->dirty = false;
	for (uint32_t i = 0; i < EMU_REMOTE_SLOTS; i++) {
		struct emu_remote_slot *slot =
			&remote->slots[(remote->next + i) % EMU_REMOTE_SLOTS];
		int error;

		if (!slot->dirty)
			continue;
		slot->dirty = false;
		error = remote->write(remote->arg, remote->ctrl, slot->iova, slot->memory,
				      slot->bytes);
		result = result ? result : error;
	}
	return result;
}
