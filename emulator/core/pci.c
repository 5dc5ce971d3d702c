/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PCI configuration space of a controller: header, power management, MSI, PCI Express with function
 * level reset, MSI-X. Extended configuration space is empty.
 *
 * In D3hot, and with memory decode off in a strict configuration, BAR0 is not there: it reads all
 * ones and takes no write.
 */
#include "emulator/core/internal.h"

/* Header. */
#define COMMAND	     0x04
#define STATUS	     0x06
#define BAR0	     0x10
#define BAR2	     0x18
#define BAR4	     0x20
#define CAPABILITIES 0x34
#define PIN	     0x3d
#define COMMAND_MEM  (1u << 1)
#define COMMAND_BM   (1u << 2)
#define COMMAND_INTX (1u << 10) /* Interrupt Disable */
#define STATUS_INTX  (1u << 3)
#define CONFIG_BYTES 4096u

/* Where the capabilities are. */
#define PM	0x40
#define MSI	0x48
#define EXPRESS 0x60
#define MSIX	0xb0

#define PM_CONTROL     (PM + 4)
#define PM_STATE       0x3u
#define PM_D3HOT       0x3u
#define PM_NO_RESET    (1u << 3)
#define MSI_CONTROL    (MSI + 2)
#define MSI_ENABLE     (1u << 0)
#define MSI_MASK       (MSI + 16)
#define MSI_PENDING    (MSI + 20)
#define MSI_MESSAGES   5 /* log2 of the most that the capability can have */
#define EXPRESS_DEVCTL (EXPRESS + 8)
#define DEVCTL_FLR     (1u << 15)
#define MSIX_CONTROL   (MSIX + 2)
#define MSIX_ENABLE    (1u << 15)
#define MSIX_MASK      (1u << 14)

/* What a field belongs to; those of a capability that is not offered read 0. */
enum part {
	PART_ALWAYS,
	PART_MSI,
	PART_MSIX,
};

struct field {
	uint8_t offset;
	uint8_t bytes;
	uint32_t value;
	uint32_t writable;
	enum part part;
};

/* PCI Local Bus 3.0 6.1, PCI Express 4.0 7.5.3, PCI Power Management 1.2 3.2 (unverified). */
static const struct field fields[] = {
	/* clang-format off */
	/* offset      bytes value        writable */
	{ COMMAND,       2, 0x0000,     0x0547, PART_ALWAYS },     /* I/O, memory, bus master, parity, SERR#, INTx disable */
	{ STATUS,        2, 0x0010,     0, PART_ALWAYS },          /* capability list */
	{ 0x09,          1, 0x02,       0, PART_ALWAYS },          /* class code 010802h: NVM Express */
	{ 0x0a,          2, 0x0108,     0, PART_ALWAYS },
	{ 0x0c,          1, 0x00,       0xff, PART_ALWAYS },       /* cache line size */
	{ BAR0 + 4,      4, 0,          0xffffffff, PART_ALWAYS }, /* upper half of BAR0 */
	{ 0x3c,          1, 0x00,       0xff, PART_ALWAYS },       /* interrupt line */
	{ PM,            2, 0x0001,     0, PART_ALWAYS },
	{ PM + 2,        2, 0x0003,     0, PART_ALWAYS },          /* version 1.2, D0 and D3hot, no PME */
	{ PM_CONTROL,    2, 0x0000,     PM_STATE, PART_ALWAYS },
	{ MSI,           2, 0x0005,     0, PART_MSI },
	{ MSI_CONTROL,   2, 0x0180,     0x0071, PART_MSI },        /* 64-bit, per-vector masking; enable, MME */
	{ MSI + 4,       4, 0,          0xfffffffc, PART_MSI },
	{ MSI + 8,       4, 0,          0xffffffff, PART_MSI },
	{ MSI + 12,      2, 0,          0xffff, PART_MSI },
	{ MSI_MASK,      4, 0,          0xffffffff, PART_MSI },
	{ EXPRESS,       2, 0x0010,     0, PART_ALWAYS },
	{ EXPRESS + 2,   2, 0x0002,     0, PART_ALWAYS },          /* version 2, endpoint */
	{ EXPRESS + 4,   4, 0x10008fc1, 0, PART_ALWAYS },          /* FLR, role-based errors, any latency, 256 bytes */
	{ EXPRESS_DEVCTL, 2, 0x2810,    0x78ff, PART_ALWAYS },     /* FLR bit reads 0 */
	{ EXPRESS + 12,  4, 0x00000c41, 0, PART_ALWAYS },          /* link: 2.5 GT/s, x4, L0s and L1 */
	{ EXPRESS + 16,  2, 0x0000,     0x01fb, PART_ALWAYS },
	{ EXPRESS + 18,  2, 0x0041,     0, PART_ALWAYS },
	{ EXPRESS + 36,  4, 0x0000001f, 0, PART_ALWAYS },          /* completion timeout ranges */
	{ EXPRESS + 40,  2, 0x0000,     0x001f, PART_ALWAYS },
	{ EXPRESS + 44,  4, 0x00000002, 0, PART_ALWAYS },
	{ EXPRESS + 48,  2, 0x0001,     0x000f, PART_ALWAYS },
	{ MSIX,          2, 0x0011,     0, PART_MSIX },
	{ MSIX_CONTROL,  2, 0x0000,     MSIX_ENABLE | MSIX_MASK, PART_MSIX },
	/* clang-format on */
};

/* The capabilities in the order of their chain. */
static const struct {
	uint8_t offset;
	enum part part;
} chain[] = {
	{ PM, PART_ALWAYS },
	{ MSI, PART_MSI },
	{ EXPRESS, PART_ALWAYS },
	{ MSIX, PART_MSIX },
};

static bool has_part(const struct emu *emu, enum part part)
{
	return part == PART_MSI ? emu->config.msi : part == PART_MSIX ? emu->config.msix : true;
}

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

/* log2 of the messages that MSI can have: as many vectors as there are, rounded down. */
static uint32_t msi_capable(const struct emu *emu)
{
	uint32_t log2 = 0;

	while (log2 < MSI_MESSAGES && (2u << log2) <= emu->layout.vectors)
		log2++;
	return log2;
}

static void link_capabilities(const struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t at = CAPABILITIES;

	for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++) {
		if (!has_part(emu, chain[i].part))
			continue;
		ctrl->pci[at] = chain[i].offset;
		at = chain[i].offset + 1u;
	}
	ctrl->pci[at] = 0;
}

static void reset_msix(const struct emu *emu, struct emu_ctrl *ctrl)
{
	const struct emu_layout *layout = &emu->layout;

	for (uint32_t i = 0; i < layout->vectors; i++) {
		memset(&ctrl->msix[i], 0, sizeof(ctrl->msix[i]));
		ctrl->msix[i].word[3] = nvme_le32(1); /* masked */
	}
	if (!emu->config.msix)
		return;
	nvme_store_le16(ctrl->pci + MSIX_CONTROL, (uint16_t)(layout->vectors - 1));
	put32(ctrl, MSIX + 4, layout->table_offset); /* BIR 0 */
	put32(ctrl, MSIX + 8, layout->pba_offset);
}

/* What follows from a write to configuration space, or from a reset of it. */
static void update_state(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->hidden = ctrl->gone || !emu_pci_is_on(ctrl) ||
		       (emu->config.strict_pci && !(get16(ctrl, COMMAND) & COMMAND_MEM));
	emu_update_running(emu, ctrl);
	if (!ctrl->gone)
		emu_irq_retry(emu, ctrl);
}

/** emu_pci_plug - the controller is pulled out (@gone), or in its slot again */
void emu_pci_plug(struct emu *emu, struct emu_ctrl *ctrl, bool gone)
{
	ctrl->gone = gone;
	update_state(emu, ctrl);
}

void emu_pci_reset(struct emu *emu, struct emu_ctrl *ctrl)
{
	const struct emu_config *config = &emu->config;

	memset(ctrl->pci, 0, sizeof(ctrl->pci));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (has_part(emu, fields[i].part))
			store(ctrl, &fields[i], fields[i].value);
	}
	link_capabilities(emu, ctrl);
	put32(ctrl, 0x00, config->device << 16 | config->vendor);
	put32(ctrl, 0x2c, config->subdevice << 16 | config->subvendor);
	ctrl->pci[0x08] = (uint8_t)config->revision;
	put32(ctrl, BAR0, 0x4); /* 64-bit, not prefetchable */
	if (config->cmb)
		put32(ctrl, BAR2, 0xc); /* 64-bit, prefetchable */
	if (config->pmr)
		put32(ctrl, BAR4, 0xc);
	ctrl->pci[PIN] = config->intx; /* INTA# */
	if (config->no_soft_reset)
		ctrl->pci[PM_CONTROL] = PM_NO_RESET;
	if (config->msi)
		ctrl->pci[MSI_CONTROL] = (uint8_t)(ctrl->pci[MSI_CONTROL] | msi_capable(emu) << 1);
	reset_msix(emu, ctrl);
	update_state(emu, ctrl);
	ctrl->irq_dirty = false; /* No queue is there. */
}

/* Whether the function is in power state D0. */
bool emu_pci_is_on(const struct emu_ctrl *ctrl)
{
	return (get16(ctrl, PM_CONTROL) & PM_STATE) == 0;
}

/* Whether the function may do DMA: Bus Master Enable, and power state D0. */
bool emu_pci_bus_master(const struct emu_ctrl *ctrl)
{
	return (get16(ctrl, COMMAND) & COMMAND_BM) && emu_pci_is_on(ctrl);
}

/* Whether the function may assert INTx: no Interrupt Disable, and power state D0. */
bool emu_pci_intx_allowed(const struct emu_ctrl *ctrl)
{
	return !(get16(ctrl, COMMAND) & COMMAND_INTX) && emu_pci_is_on(ctrl);
}

/* Interrupt Status says that INTx is wanted, whether or not it is allowed. */
void emu_pci_set_intx_status(struct emu_ctrl *ctrl, bool wanted)
{
	uint32_t status = get16(ctrl, STATUS) & ~STATUS_INTX;

	nvme_store_le16(ctrl->pci + STATUS, (uint16_t)(status | (wanted ? STATUS_INTX : 0)));
}

bool emu_pci_msi_enabled(const struct emu_ctrl *ctrl)
{
	return get16(ctrl, MSI_CONTROL) & MSI_ENABLE;
}

/* Messages that the host lets MSI have; more than the capability has are as many as it has. */
uint32_t emu_pci_msi_messages(const struct emu_ctrl *ctrl)
{
	uint32_t control = get16(ctrl, MSI_CONTROL);
	uint32_t capable = control >> 1 & 7;
	uint32_t enabled = control >> 4 & 7;

	return 1u << (enabled < capable ? enabled : capable);
}

uint32_t emu_pci_msi_mask(const struct emu_ctrl *ctrl)
{
	return nvme_load_le32(ctrl->pci + MSI_MASK);
}

void emu_pci_set_msi_pending(struct emu_ctrl *ctrl, uint32_t pending)
{
	put32(ctrl, MSI_PENDING, pending);
}

bool emu_pci_msix_enabled(const struct emu_ctrl *ctrl)
{
	return get16(ctrl, MSIX_CONTROL) & MSIX_ENABLE;
}

bool emu_pci_msix_masked(const struct emu_ctrl *ctrl)
{
	return get16(ctrl, MSIX_CONTROL) & MSIX_MASK;
}

/* The address bits of the BAR that the byte at @offset is in; none when there is no such BAR. */
static uint64_t bar_mask(const struct emu *emu, uint32_t offset)
{
	const uint64_t bytes[] = { emu->layout.bar0_bytes, emu->config.cmb, emu->config.pmr };

	return ~(bytes[(offset - BAR0) / 8] - 1) & (bytes[(offset - BAR0) / 8] ? UINT64_MAX : 0);
}

/* What the host may change in the byte at @offset. The size of BAR0 shows in the bits it cannot. */
static uint8_t writable_bits(const struct emu *emu, uint32_t offset)
{
	uint64_t msi_mask = (1ull << (1u << msi_capable(emu))) - 1;

	if (offset >= MSI_MASK && offset < MSI_MASK + 4)
		return emu->config.msi ? (uint8_t)(msi_mask >> (8 * (offset - MSI_MASK))) : 0;
	if (offset >= BAR0 && offset < BAR4 + 8)
		return (uint8_t)(bar_mask(emu, offset) >> (8 * (offset % 8)));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *field = &fields[i];

		if (offset >= field->offset && offset < (uint32_t)field->offset + field->bytes &&
		    has_part(emu, field->part))
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

static void read_faulty(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, void *data,
			uint32_t bytes)
{
	uint8_t value[8];

	nvme_store_le64(value, emu_fault_cfg_read(emu, ctrl, offset, bytes, traced(data, bytes)));
	memcpy(data, value, bytes);
}

void emu_cfg_read(struct emu *emu, uint32_t index, uint32_t offset, void *data, uint32_t bytes)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];
	uint8_t *to = data;

	for (uint32_t i = 0; i < bytes; i++) {
		uint64_t at = (uint64_t)offset + i;

		to[i] = at < EMU_PCI_BYTES ? ctrl->pci[at] : at < CONFIG_BYTES ? 0 : 0xff;
	}
	if (ctrl->gone)
		memset(data, 0xff, bytes);
	if (emu_site(emu, EMU_SITE(CFG_READ)) && bytes <= 8)
		read_faulty(emu, ctrl, offset, data, bytes);
	emu_trace(emu, ctrl, CFG_READ, offset, bytes, traced(data, bytes));
}

/*
 * Power Management 1.2 5.4: D1 and D2 do not exist, and asking for them changes nothing. Without
 * No_Soft_Reset, D0 after D3hot is an uninitialized function (unverified).
 */
static void write_power(struct emu *emu, struct emu_ctrl *ctrl, uint32_t old, uint32_t state)
{
	if (state != 0 && state != PM_D3HOT)
		ctrl->pci[PM_CONTROL] = (uint8_t)((ctrl->pci[PM_CONTROL] & ~PM_STATE) | old);
	else if (old == PM_D3HOT && state == 0 && !emu->config.no_soft_reset)
		emu_want_reset(emu, ctrl, EMU_RESET_FUNCTION);
}

static void write_byte(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint8_t value)
{
	uint8_t writable = writable_bits(emu, offset);
	uint32_t state = ctrl->pci[PM_CONTROL] & PM_STATE;

	ctrl->pci[offset] = (uint8_t)((ctrl->pci[offset] & ~writable) | (value & writable));
	if (offset == PM_CONTROL)
		write_power(emu, ctrl, state, value & PM_STATE);
	if (offset == EXPRESS_DEVCTL + 1 && (value & (DEVCTL_FLR >> 8)))
		emu_want_reset(emu, ctrl, EMU_RESET_FUNCTION);
}

void emu_cfg_write(struct emu *emu, uint32_t index, uint32_t offset, const void *data,
		   uint32_t bytes)
{
	struct emu_ctrl *ctrl = &emu->ctrl[index];
	const uint8_t *from = data;

	emu_trace(emu, ctrl, CFG_WRITE, offset, bytes, traced(data, bytes));
	if (ctrl->gone)
		return;
	for (uint32_t i = 0; i < bytes && (uint64_t)offset + i < EMU_PCI_BYTES; i++)
		write_byte(emu, ctrl, offset + i, from[i]);
	update_state(emu, ctrl);
}
