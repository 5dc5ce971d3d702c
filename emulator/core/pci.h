/* SPDX-License-Identifier: BSD-3-Clause */
/* Interrupts and configuration space, as the rest of the core sees them; part of internal.h. */
#ifndef NVMELAB_EMULATOR_CORE_PCI_H
#define NVMELAB_EMULATOR_CORE_PCI_H

/* irq.c */
void emu_irq_want(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector);
void emu_irq_retry(struct emu *emu, struct emu_ctrl *ctrl);
void emu_irq_look(struct emu_ctrl *ctrl);
void emu_irq_forget(struct emu *emu, struct emu_ctrl *ctrl);
void emu_irq_watch(struct emu *emu, struct emu_ctrl *ctrl);
bool emu_irq_hold(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid, nvme_status status);
void emu_irq_acknowledge(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid);
uint32_t emu_irq_vectors(const struct emu *emu, const struct emu_ctrl *ctrl);
bool emu_irq_is_told(const struct emu_ctrl *ctrl, uint32_t vector);
void emu_msix_read(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint8_t *data);
void emu_msix_write(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t value);

/* unread.c */
uint32_t emu_unread_bit(const struct emu_ctrl *ctrl, uint32_t vector);
void emu_unread_posted(struct emu_ctrl *ctrl, uint32_t cqid);
void emu_unread_read(struct emu_ctrl *ctrl, uint32_t cqid);
void emu_unread_recount(struct emu *emu, struct emu_ctrl *ctrl, uint32_t messages);
void emu_unread_arm(struct emu *emu, struct emu_ctrl *ctrl);
void emu_unread_look(struct emu *emu, struct emu_ctrl *ctrl);

/* coalesce.c */
bool emu_coalesce(struct emu *emu, struct emu_ctrl *ctrl, uint32_t cqid, nvme_status status);
void emu_coalesce_cancel(struct emu *emu, struct emu_ctrl *ctrl, uint32_t vector);
void emu_coalesce_expired(struct emu *emu, struct emu_ctrl *ctrl);
void emu_coalesce_update(struct emu *emu, struct emu_ctrl *ctrl);

/* pci.c */
void emu_pci_reset(struct emu *emu, struct emu_ctrl *ctrl);
void emu_pci_plug(struct emu *emu, struct emu_ctrl *ctrl, bool gone);
bool emu_pci_bus_master(const struct emu_ctrl *ctrl);
bool emu_pci_is_on(const struct emu_ctrl *ctrl);
bool emu_pci_intx_allowed(const struct emu_ctrl *ctrl);
void emu_pci_set_intx_status(struct emu_ctrl *ctrl, bool wanted);
bool emu_pci_msi_enabled(const struct emu_ctrl *ctrl);
uint32_t emu_pci_msi_messages(const struct emu_ctrl *ctrl);
uint32_t emu_pci_msi_mask(const struct emu_ctrl *ctrl);
void emu_pci_set_msi_pending(struct emu_ctrl *ctrl, uint32_t pending);
bool emu_pci_msix_enabled(const struct emu_ctrl *ctrl);
bool emu_pci_msix_masked(const struct emu_ctrl *ctrl);

#endif
