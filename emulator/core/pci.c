/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PCI configuration space of a controller: header, power management, PCI Express with function
 * level reset, MSI-X. Extended configuration space is empty.
 */
#include "emulator/core/internal.h"

/* Header. */
#define COMMAND	     0x04
#define STATUS	     0x06
#define BAR0	     0x10
#define CAPABILITIES 0x34
#define COMMAND_BM   (1u << 2)
#define CONFIG_BYTES 4096u

/* Where the capabilities are. */
#define PM	0x40
#define EXPRESS 0x60
#define MSIX	0xb0

#define PM_STATE       0x3
#define EXPRESS_DEVCTL (EXPRESS + 8)
#define DEVCTL_FLR     (1u << 15)
#define MSIX_CONTROL   (MSIX + 2)
#define MSIX_ENABLE    (1u << 15)
#define MSIX_MASK      (1u << 14)

struct field {
	uint8_t offset;
	uint8_t bytes;
	uint32_t value;
	uint32_t writable;
};

/* PCI Local Bus 3.0 6.1, PCI Express 4.0 7.5.3, PCI Power Management 1.2 3.2 (unverified). */
static const struct field fields[] = {
	/* clang-format off */
	/* offset      bytes value        writable */
	{ COMMAND,       2, 0x0000,     0x0547 },     /* I/O, memory, bus master, parity, SERR#, INTx disable */
	{ STATUS,        2, 0x0010,     0 },          /* capability list */
	{ 0x09,          1, 0x02,       0 },          /* class code 010802h: NVM Express */
	{ 0x0a,          2, 0x0108,     0 },
	{ 0x0c,          1, 0x00,       0xff },       /* cache line size */
	{ BAR0 + 4,      4, 0,          0xffffffff }, /* upper half of BAR0 */
	{ CAPABILITIES,  1, PM,         0 },
	{ 0x3c,          1, 0x00,       0xff },       /* interrupt line; pin 0: no INTx */
	{ PM,            2, EXPRESS << 8 | 0x01, 0 },
	{ PM + 2,        2, 0x0003,     0 },          /* version 1.2, no PME */
	{ PM + 4,        2, 0x0008,     PM_STATE },   /* no soft reset; power state */
	{ EXPRESS,       2, MSIX << 8 | 0x10, 0 },
	{ EXPRESS + 2,   2, 0x0002,     0 },          /* version 2, endpoint */
	{ EXPRESS + 4,   4, 0x10008fc1, 0 },          /* FLR, role-based errors, any latency, 256 bytes */
	{ EXPRESS_DEVCTL, 2, 0x2810,    0x78ff },     /* FLR bit reads 0 */
	{ EXPRESS + 12,  4, 0x00000c41, 0 },          /* link: 2.5 GT/s, x4, L0s and L1 */
	{ EXPRESS + 16,  2, 0x0000,     0x01fb },
	{ EXPRESS + 18,  2, 0x0041,     0 },
	{ EXPRESS + 36,  4, 0x0000001f, 0 },          /* completion timeout ranges */
	{ EXPRESS + 40,  2, 0x0000,     0x001f },
	{ EXPRESS + 44,  4, 0x00000002, 0 },
	{ EXPRESS + 48,  2, 0x0001,     0x000f },
	{ MSIX,          2, 0x0011,     0 },
	{ MSIX_CONTROL,  2, 0x0000,     MSIX_ENABLE | MSIX_MASK },
	/* clang-format on */
};

static uint16_t get16(const struct emu_ctrl *ctrl, uint32_t offset)
{
	return nvme_load_le16(ctrl->pci + offset);
}

static void put32(struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	nvme_store_le32(ctrl->pci + offset, value);
}

static void store(struct emu_ctrl *ctrl, const struct field *field, uint32_t value)
{
	for (uint32_t i = 0; i < field->bytes; i++)
		ctrl->pci[field->offset + i] = (uint8_t)(value >> (8 * i));
}

void emu_pci_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	const struct emu_config *config = &emu->config;
	const struct emu_layout *layout = &emu->layout;

	memset(ctrl->pci, 0, sizeof(ctrl->pci));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		store(ctrl, &fields[i], fields[i].value);
	put32(ctrl, 0x00, config->device << 16 | config->vendor);
	put32(ctrl, 0x2c, config->subdevice << 16 | config->subvendor);
	ctrl->pci[0x08] = (uint8_t)config->revision;
	put32(ctrl, BAR0, 0x4); /* 64-bit, not prefetchable */
	nvme_store_le16(ctrl->pci + MSIX_CONTROL, (uint16_t)(layout->vectors - 1));
	put32(ctrl, MSIX + 4, layout->table_offset); /* BIR 0 */
	put32(ctrl, MSIX + 8, layout->pba_offset);
	for (uint32_t i = 0; i < layout->vectors; i++) {
		memset(&ctrl->msix[i], 0, sizeof(ctrl->msix[i]));
		ctrl->msix[i].word[3] = nvme_le32(1); /* masked */
	}
	emu_update_running(emu, ctrl);
}

/* Whether the function may do DMA: Bus Master Enable, and power state D0. */
bool emu_pci_bus_master(const struct emu_ctrl *ctrl)
{
	return (get16(ctrl, COMMAND) & COMMAND_BM) && (get16(ctrl, PM + 4) & PM_STATE) == 0;
}

bool emu_pci_msix_enabled(const struct emu_ctrl *ctrl)
{
	return get16(ctrl, MSIX_CONTROL) & MSIX_ENABLE;
}

bool emu_pci_msix_masked(const struct emu_ctrl *ctrl)
{
	return get16(ctrl, MSIX_CONTROL) & MSIX_MASK;
}

/* What the host may change in the byte at @offset. The size of BAR0 shows in the bits it cannot. */
static uint8_t writable_bits(const struct emu *emu, uint32_t offset)
{
	uint64_t bar_mask = ~(emu->layout.bar0_bytes - 1);

	if (offset >= BAR0 && offset < BAR0 + 8)
		return (uint8_t)(bar_mask >> (8 * (offset - BAR0)));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *field = &fields[i];

		if (offset >= field->offset && offset < (uint32_t)field->offset + field->bytes)
			return (uint8_t)(field->writable >> (8 * (offset - field->offset)));
	}
	return 0;
}

static uint64_t traced(const void *data, uint32_t bytes)
{
	uint8_t value[8] = { 0 };

	memcpy(value, data, bytes < 8 ? bytes : 8);
	return nvme_load_le64(value);
}

void emu_cfg_read(struct emu *emu, uint32_t index, uint32_t offset, void *data, uint32_t bytes)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];
	uint8_t *to = data;

	for (uint32_t i = 0; i < bytes; i++) {
		uint64_t at = (uint64_t)offset + i;

		to[i] = at < EMU_PCI_BYTES ? ctrl->pci[at] : at < CONFIG_BYTES ? 0 : 0xff;
	}
	emu_trace(emu, ctrl, CFG_READ, offset, bytes, traced(data, bytes));
}

void emu_cfg_write(struct emu *emu, uint32_t index, uint32_t offset, const void *data,
		   uint32_t bytes)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];
	const uint8_t *from = data;

	emu_trace(emu, ctrl, CFG_WRITE, offset, bytes, traced(data, bytes));
	for (uint32_t i = 0; i < bytes && (uint64_t)offset + i < EMU_PCI_BYTES; i++) {
		uint8_t writable = writable_bits(emu, offset + i);

		ctrl->pci[offset + i] = (uint8_t)((ctrl->pci[offset + i] & ~writable) |
						  (from[i] & writable));
		if (offset + i == EXPRESS_DEVCTL + 1 && (from[i] & (DEVCTL_FLR >> 8)))
			emu_want_reset(emu, ctrl, EMU_RESET_FUNCTION);
	}
	emu_update_running(emu, ctrl);
	emu_irq_retry(emu, ctrl);
}
