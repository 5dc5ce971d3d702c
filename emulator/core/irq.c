/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 7 of 7: interrupts. A posted completion makes its vector due; the stage signals it, or
 * leaves it pending in the PBA while it is masked, disabled, or nobody can be told.
 *
 * A vector's mask bit counts from the first time that the host wrote its table entry: QEMU keeps
 * the table to itself, and its entries would stay masked for ever.
 */
#include "emulator/core/internal.h"

#define ENTRY_BYTES 16
#define MASK_BIT    1u

static bool is_deliverable(const struct emu_ctrl *ctrl, uint32_t vector)
{
	const struct emu_msix *entry = &ctrl->msix[vector];

	if (!emu_pci_msix_enabled(ctrl) || emu_pci_msix_masked(ctrl))
		return false;
	return !(entry->touched && (nvme_cpu32(entry->word[3]) & MASK_BIT));
}

void emu_irq_want(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	(void)emu;
	nvme_bitset_set(ctrl->irq_due, vector);
	ctrl->irq_any = true;
}

bool emu_irq_stage(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t vector;

	if (!ctrl->irq_any)
		return false;
	vector = nvme_bitset_next(ctrl->irq_due, 0);
	if (vector == NVME_BITSET_NONE) {
		ctrl->irq_any = false;
		return false;
	}
	nvme_bitset_clear(ctrl->irq_due, vector);
	if (is_deliverable(ctrl, vector) && emu->ops.irq(emu->ops.arg, ctrl->index, vector)) {
		emu_trace(emu, ctrl, IRQ_RAISE, vector);
		return true;
	}
	nvme_bitset_set(ctrl->irq_pending, vector);
	emu_trace(emu, ctrl, IRQ_PEND, vector);
	return true;
}

/* Pending vectors that may be signalled now are due again. */
void emu_irq_retry(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t vector = nvme_bitset_next(ctrl->irq_pending, 0);

	for (; vector != NVME_BITSET_NONE;
	     vector = nvme_bitset_next(ctrl->irq_pending, vector + 1)) {
		if (!is_deliverable(ctrl, vector))
			continue;
		nvme_bitset_clear(ctrl->irq_pending, vector);
		emu_irq_want(emu, ctrl, vector);
	}
}

void emu_irq_changed(struct emu *emu, uint32_t index, uint32_t vector)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];

	if (nvme_bitset_test(ctrl->irq_pending, vector))
		emu_irq_retry(emu, ctrl);
}

static bool in_table(const struct emu *emu, uint64_t offset)
{
	const struct emu_layout *layout = &emu->layout;

	return offset >= layout->table_offset &&
	       offset < layout->table_offset + (uint64_t)layout->vectors * ENTRY_BYTES;
}

/* The dword at BAR0 offset @offset, at or behind the table. */
void emu_msix_read(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint8_t *data)
{
	const struct emu_layout *layout = &emu->layout;
	uint32_t pending = 0;

	if (in_table(emu, offset)) {
		uint64_t at = offset - layout->table_offset;

		memcpy(data, &ctrl->msix[at / ENTRY_BYTES].word[at % ENTRY_BYTES / 4], 4);
		return;
	}
	if (offset >= layout->pba_offset && offset < layout->pba_offset + layout->vectors / 8 + 8) {
		uint32_t first = (uint32_t)(offset - layout->pba_offset) * 8;

		for (uint32_t i = 0; i < 32; i++)
			pending |= (uint32_t)nvme_bitset_test(ctrl->irq_pending, first + i) << i;
	}
	nvme_store_le32(data, pending);
}

void emu_msix_write(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t value)
{
	uint64_t at = offset - emu->layout.table_offset;
	struct emu_msix *entry;

	if (!in_table(emu, offset))
		return; /* The PBA is read-only. */
	entry = &ctrl->msix[at / ENTRY_BYTES];
	entry->word[at % ENTRY_BYTES / 4] = nvme_le32(at % ENTRY_BYTES == 12 ? value & MASK_BIT
									     : value);
	entry->touched = true;
	emu_irq_retry(emu, ctrl);
}
