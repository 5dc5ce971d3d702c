/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 7 of 7: interrupts. A posted completion makes its vector due; the stage signals it in the
 * way that the host has enabled:
 *
 *   MSI-X  each completion is worth a message; what is masked, or cannot be told, pends in the PBA
 *   MSI    a message when a vector gets its first unread completion, or is unmasked in INTMS, or
 *          when the host read some and left others that came after the last message
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

/* How many vectors MSI or INTx tells apart now: a power of two; more are told as one of these. */
static uint32_t messages_of(const struct emu_ctrl *ctrl)
{
	return ctrl->irq_mode == EMU_IRQ_MSI ? emu_pci_msi_messages(ctrl) : 1;
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

/* Whether an interrupt is out that the host will read the completions of @vector for. */
bool emu_irq_is_told(const struct emu_ctrl *ctrl, uint32_t vector)
{
	return follows_unread(ctrl) && (ctrl->irq_status & emu_unread_bit(ctrl, vector));
}

/* Bit n: vector n has an unread completion that is not held back, and is not masked in INTMS. */
static uint32_t unread_vectors(const struct emu_ctrl *ctrl)
{
	uint32_t status = ctrl->unread.status & ~ctrl->intm;

	/* Those of an admin queue are told at once, and with them what was held back. */
	for (uint32_t left = ctrl->coalescing ? status : 0; left; left &= left - 1) {
		if (ctrl->held[__builtin_ctz(left)].count)
			status &= ~(left & -left);
	}
	return status;
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
	bool wanted = unread_vectors(ctrl) != 0;

	ctrl->irq_status = wanted;
	emu_pci_set_intx_status(ctrl, wanted);
	set_line(emu, ctrl, wanted && emu_pci_intx_allowed(ctrl));
}

/* False when nobody can be told now. */
static bool send_message(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector)
{
	if (emu_site(emu, EMU_SITE(IRQ_RAISE)))
		return emu_fault_irq(emu, ctrl, vector);
	return emu->ops.irq(emu->ops.arg, ctrl->index, vector);
}

/* A message for each vector that became unread, and for each that waited for its mask bit. */
static void update_msi(struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t status = unread_vectors(ctrl);
	uint32_t due = (status & ~ctrl->irq_status) | (status & ctrl->msi_pending);
	uint32_t masked = emu_pci_bus_master(ctrl) ? emu_pci_msi_mask(ctrl) : UINT32_MAX;

	ctrl->irq_status = status;
	ctrl->msi_pending = due;
	for (uint32_t left = due & ~masked; left; left &= left - 1) {
		uint32_t vector = (uint32_t)__builtin_ctz(left);

		if (!send_message(emu, ctrl, vector))
			continue;
		ctrl->msi_pending &= ~(1u << vector);
		ctrl->irq_more &= ~(1u << vector);
		emu_trace(emu, ctrl, IRQ_RAISE, vector);
	}
	emu_pci_set_msi_pending(ctrl, ctrl->msi_pending);
}

static bool update_unread(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (!ctrl->irq_dirty)
		return false;
	ctrl->irq_dirty = false;
	/* Once a reset has begun, host memory is the host's again. */
	if (ctrl->dbbuf && !ctrl->resetting)
		emu_unread_arm(emu, ctrl);
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
	if (is_deliverable(ctrl, vector) && send_message(emu, ctrl, vector)) {
		emu_trace(emu, ctrl, IRQ_RAISE, vector);
		return true;
	}
	nvme_bitset_set(ctrl->irq_pending, vector);
	emu_irq_watch(emu, ctrl);
	emu_irq_look(ctrl);
	emu_trace(emu, ctrl, IRQ_PEND, vector);
	return true;
}

/**
 * emu_irq_watch - from now on heads and tails of completion queues matter to interrupts
 *
 * Counting anew looks at all queues; so it goes on for as many reads as there are queues after the
 * last vector that pended (see emu_irq_acknowledge()).
 */
void emu_irq_watch(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->irq_quiet = 0;
	if (ctrl->irq_watched)
		return;
	ctrl->irq_watched = true;
	emu_unread_recount(emu, ctrl, messages_of(ctrl));
}

static bool must_watch(const struct emu_ctrl *ctrl)
{
	return follows_unread(ctrl) || ctrl->coalescing || !nvme_bitset_empty(ctrl->irq_pending);
}

/** emu_irq_hold - whether the completion just posted is held back; only while irq_watched */
bool emu_irq_hold(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid, nvme_status status)
{
	emu_unread_posted(ctrl, cqid);
	if (ctrl->irq_mode == EMU_IRQ_MSI)
		ctrl->irq_more |= ctrl->irq_status & emu_unread_bit(ctrl, ctrl->cq[cqid].vector);
	return ctrl->coalescing && emu_coalesce(emu, ctrl, cqid, status);
}

/*
 * What was told is served. With MSI the host may have looked before it moved the head, and missed
 * what came in between: unlike a level, a message does not last, so there is another one.
 */
static void serve(struct emu_ctrl *ctrl, uint32_t vector)
{
	uint32_t bit = emu_unread_bit(ctrl, vector);

	if ((ctrl->unread.status & bit) && !(ctrl->irq_more & bit))
		return;
	ctrl->irq_status &= ~bit;
	ctrl->irq_more &= ~bit;
}

/*
 * The host read entries of completion queue @cqid, or deletes it, while irq_watched. A vector that
 * has nothing more to say does not pend any longer (PCI Express 4.0 6.1.4.5, unverified).
 */
void emu_irq_acknowledge(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid)
{
	uint32_t vector = ctrl->cq[cqid].vector;

	emu_unread_read(ctrl, cqid);
	if (follows_unread(ctrl))
		serve(ctrl, vector);
	emu_irq_look(ctrl);
	if (ctrl->unread.queues[vector] == 0) {
		nvme_bitset_clear(ctrl->irq_pending, vector);
		emu_coalesce_cancel(emu, ctrl, vector);
	}
	if (!must_watch(ctrl) && ++ctrl->irq_quiet > emu->config.queues)
		ctrl->irq_watched = false;
}

/* Nothing is signalled, and no vector has something to say. */
static void lower_all(struct emu *emu, struct emu_ctrl *ctrl)
{
	set_line(emu, ctrl, false);
	emu_pci_set_intx_status(ctrl, false);
	emu_pci_set_msi_pending(ctrl, 0);
	ctrl->msi_pending = 0;
	ctrl->irq_status = 0;
	ctrl->irq_more = 0;
}

static void update_mode(struct emu *emu, struct emu_ctrl *ctrl)
{
	enum emu_irq_mode mode = find_mode(emu, ctrl);

	if (mode != ctrl->irq_mode) {
		lower_all(emu, ctrl);
		ctrl->irq_mode = mode;
		ctrl->irq_watched = false;
	} else if (messages_of(ctrl) != ctrl->unread.messages) {
		/* Each of the new ones is told again. */
		ctrl->irq_status = 0;
		ctrl->irq_more = 0;
		ctrl->irq_watched = false;
	}
	if (must_watch(ctrl))
		emu_irq_watch(emu, ctrl);
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
	lower_all(emu, ctrl);
	ctrl->irq_any = false;
	ctrl->irq_dirty = false;
	for (uint32_t i = 0; i < emu->layout.vectors; i++)
		ctrl->held[i] = (struct emu_held){ .due_nsec = EMU_NEVER };
	ctrl->irq_watched = false;
	if (must_watch(ctrl))
		emu_irq_watch(emu, ctrl);
}

/* What rises does so in its own time, after the host was made to ring (emu_unread_arm()). */
void emu_irq_settle(struct emu *emu, uint32_t index)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];

	if (ctrl->irq_mode != EMU_IRQ_INTX || !ctrl->intx)
		return;
	emu_unread_look(emu, ctrl);
	if (!unread_vectors(ctrl))
		update_intx(emu, ctrl);
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
