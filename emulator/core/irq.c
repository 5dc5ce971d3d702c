/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 7 of 7: interrupts. A posted completion makes its vector due; the stage signals it in the
 * way that the host has enabled:
 *
 *   MSI-X  each completion is worth a message; what is masked, or cannot be told, pends in the PBA
 *   MSI    a message when a vector gets its first unread completion, or is unmasked in INTMS
 *   INTx   a level: asserted while an unmasked completion queue has entries that were not read
 *
 * A vector's MSI-X mask bit counts from the first time that the host wrote its table entry: QEMU
 * keeps the table to itself, and its entries would stay masked for ever.
 */
#include "emulator/core/internal.h"

#define ENTRY_BYTES 16
#define MASK_BIT    1u

enum emu_irq_mode emu_irq_mode(const struct emu *emu, uint32_t index)
{
	return emu->ctrl[index].irq_mode;
}

static enum emu_irq_mode find_mode(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (emu_pci_msix_enabled(ctrl))
		return EMU_IRQ_MSIX;
	if (emu_pci_msi_enabled(ctrl))
		return EMU_IRQ_MSI;
	return emu->config.intx ? EMU_IRQ_INTX : EMU_IRQ_NONE;
}

/* MSI and INTx follow what is unread (Base 1.4 7.5.1, unverified); MSI-X does not. */
static bool follows_unread(const struct emu_ctrl *ctrl)
{
	return ctrl->irq_mode == EMU_IRQ_INTX || ctrl->irq_mode == EMU_IRQ_MSI;
}

/* How many vectors a completion queue can choose from now. */
uint32_t emu_irq_vectors(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (ctrl->irq_mode == EMU_IRQ_MSI)
		return emu_pci_msi_messages(ctrl);
	if (ctrl->irq_mode == EMU_IRQ_INTX && emu_pci_intx_allowed(ctrl))
		return 1;
	return emu->layout.vectors;
}

static bool is_deliverable(const struct emu_ctrl *ctrl, uint32_t vector)
{
	const struct emu_msix *entry = &ctrl->msix[vector];

	if (ctrl->irq_mode != EMU_IRQ_MSIX || emu_pci_msix_masked(ctrl) ||
	    !emu_pci_bus_master(ctrl))
		return false;
	return !(entry->touched && (nvme_cpu32(entry->word[3]) & MASK_BIT));
}

void emu_irq_want(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	(void)emu;
	nvme_bitset_set(ctrl->irq_due, vector);
	ctrl->irq_any = true;
}

static bool has_unread(const struct emu_cq *cq)
{
	return cq->created && cq->interrupts && cq->head != cq->tail;
}

/* Whether an interrupt is out that the host will read the completions of @vector for. */
bool emu_irq_is_told(const struct emu_ctrl *ctrl, uint32_t vector)
{
	uint32_t messages = ctrl->irq_mode == EMU_IRQ_MSI ? emu_pci_msi_messages(ctrl) : 1;

	return follows_unread(ctrl) && (ctrl->irq_status >> (vector & (messages - 1)) & 1);
}

/*
 * Bit n: vector n of @messages has an unread completion and is not masked in INTMS. With shadow
 * doorbells the host has to ring when it reads, for the level follows that.
 */
static uint32_t unread_vectors(struct emu *emu, struct emu_ctrl *ctrl, uint32_t messages)
{
	uint32_t status = 0;

	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		const struct emu_cq *cq = &ctrl->cq[qid];

		if (ctrl->dbbuf && has_unread(cq))
			emu_dbbuf_arm(emu, ctrl, qid, true);
		/* Those of an admin queue are told at once, and with them what was held back. */
		if (has_unread(cq) && !ctrl->held[cq->vector].count)
			status |= 1u << (cq->vector & (messages - 1));
	}
	return status & ~ctrl->intm;
}

static void set_line(struct emu *emu, struct emu_ctrl *ctrl, bool asserted)
{
	if (ctrl->intx == asserted)
		return;
	ctrl->intx = asserted;
	emu_trace(emu, ctrl, IRQ_LINE, asserted);
	if (emu->ops.intx)
		emu->ops.intx(emu->ops.arg, ctrl->index, asserted);
}

static void update_intx(struct emu *emu, struct emu_ctrl *ctrl)
{
	bool wanted = unread_vectors(emu, ctrl, 1) != 0;

	ctrl->irq_status = wanted;
	emu_pci_set_intx_status(ctrl, wanted);
	set_line(emu, ctrl, wanted && emu_pci_intx_allowed(ctrl));
}

/* A message for each vector that became unread, and for each that waited for its mask bit. */
static void update_msi(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t status = unread_vectors(emu, ctrl, emu_pci_msi_messages(ctrl));
	uint32_t due = (status & ~ctrl->irq_status) | (status & ctrl->msi_pending);
	uint32_t masked = emu_pci_bus_master(ctrl) ? emu_pci_msi_mask(ctrl) : UINT32_MAX;

	ctrl->irq_status = status;
	ctrl->msi_pending = due;
	for (uint32_t left = due & ~masked; left; left &= left - 1) {
		uint32_t vector = (uint32_t)__builtin_ctz(left);

		if (!emu->ops.irq(emu->ops.arg, ctrl->index, vector))
			continue;
		ctrl->msi_pending &= ~(1u << vector);
		emu_trace(emu, ctrl, IRQ_RAISE, vector);
	}
	emu_pci_set_msi_pending(ctrl, ctrl->msi_pending);
}

static bool update_unread(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (!ctrl->irq_dirty)
		return false;
	ctrl->irq_dirty = false;
	if (ctrl->irq_mode == EMU_IRQ_INTX)
		update_intx(emu, ctrl);
	else if (ctrl->irq_mode == EMU_IRQ_MSI)
		update_msi(emu, ctrl);
	return true;
}

/* Something changed that MSI or INTx depends on; looked at when the stage has its turn. */
void emu_irq_look(struct emu_ctrl *ctrl)
{
	if (!follows_unread(ctrl))
		return;
	ctrl->irq_dirty = true;
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
		return update_unread(emu, ctrl);
	}
	nvme_bitset_clear(ctrl->irq_due, vector);
	if (is_deliverable(ctrl, vector) && emu->ops.irq(emu->ops.arg, ctrl->index, vector)) {
		emu_trace(emu, ctrl, IRQ_RAISE, vector);
		return true;
	}
	nvme_bitset_set(ctrl->irq_pending, vector);
	ctrl->irq_watched = true;
	emu_irq_look(ctrl);
	emu_trace(emu, ctrl, IRQ_PEND, vector);
	return true;
}

static bool vector_has_unread(const struct emu *emu, const struct emu_ctrl *ctrl, uint32_t vector)
{
	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		if (ctrl->cq[qid].vector == vector && has_unread(&ctrl->cq[qid]))
			return true;
	}
	return false;
}

/*
 * The host read entries of a completion queue, or deleted it, while irq_watched. A vector that has
 * nothing more to say does not pend any longer (PCI Express 4.0 6.1.4.5, unverified).
 */
void emu_irq_acknowledge(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	bool pending = nvme_bitset_test(ctrl->irq_pending, vector);

	emu_irq_look(ctrl);
	if (!(pending || ctrl->held[vector].count) || vector_has_unread(emu, ctrl, vector))
		return;
	nvme_bitset_clear(ctrl->irq_pending, vector);
	emu_coalesce_cancel(emu, ctrl, vector);
	ctrl->irq_watched = follows_unread(ctrl) || ctrl->coalescing ||
			    nvme_bitset_next(ctrl->irq_pending, 0) != NVME_BITSET_NONE;
}

static void update_mode(struct emu *emu, struct emu_ctrl *ctrl)
{
	enum emu_irq_mode mode = find_mode(emu, ctrl);

	if (mode == ctrl->irq_mode)
		return;
	set_line(emu, ctrl, false);
	emu_pci_set_intx_status(ctrl, false);
	emu_pci_set_msi_pending(ctrl, 0);
	ctrl->msi_pending = 0;
	ctrl->irq_status = 0;
	ctrl->irq_mode = mode;
	ctrl->irq_watched = true;
}

/* Masks, modes or listeners changed: pending vectors that may be signalled now are due again. */
void emu_irq_retry(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t vector = nvme_bitset_next(ctrl->irq_pending, 0);

	update_mode(emu, ctrl);
	emu_irq_look(ctrl);
	for (; vector != NVME_BITSET_NONE;
	     vector = nvme_bitset_next(ctrl->irq_pending, vector + 1)) {
		if (!is_deliverable(ctrl, vector))
			continue;
		nvme_bitset_clear(ctrl->irq_pending, vector);
		emu_irq_want(emu, ctrl, vector);
	}
}

/* What a controller reset does: nothing is unread any more. */
void emu_irq_forget(struct emu *emu, struct emu_ctrl *ctrl)
{
	nvme_bitset_init(ctrl->irq_due, emu->layout.vectors);
	nvme_bitset_init(ctrl->irq_pending, emu->layout.vectors);
	set_line(emu, ctrl, false);
	emu_pci_set_intx_status(ctrl, false);
	emu_pci_set_msi_pending(ctrl, 0);
	ctrl->msi_pending = 0;
	ctrl->irq_status = 0;
	ctrl->irq_any = false;
	ctrl->irq_dirty = false;
	for (uint32_t i = 0; i < emu->layout.vectors; i++)
		ctrl->held[i] = (struct emu_held){ .due_nsec = EMU_NEVER };
	ctrl->irq_watched = follows_unread(ctrl);
}

void emu_irq_changed(struct emu *emu, uint32_t index, uint32_t vector)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];

	if (ctrl->irq_mode == EMU_IRQ_MSI || nvme_bitset_test(ctrl->irq_pending, vector))
		emu_irq_retry(emu, ctrl);
}

static bool in_table(const struct emu *emu, uint64_t offset)
{
	const struct emu_layout *layout = &emu->layout;

	return emu->config.msix && offset >= layout->table_offset &&
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
	if (emu->config.msix && offset >= layout->pba_offset &&
	    offset < layout->pba_offset + layout->vectors / 8 + 8) {
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
