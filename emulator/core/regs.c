/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Stage 1 of 7: registers. BAR0 as the host reads and writes it; a write records and returns.
 *
 *	0000h  registers           (Base 2.0 3.1.3)
 *	1000h  doorbells           (doorbell.c)
 *	then   MSI-X table, PBA    (irq.c); where exactly says struct emu_layout
 */
#include "emulator/core/window.h"

typedef void write_hook(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value);

/* One row a dword that a host can write; the rest is read-only. */
struct reg {
	uint16_t offset;
	uint32_t writable;
	write_hook *on_write; /* instead of storing value & writable */
};

static write_hook write_intms, write_intmc, write_cc, write_csts, write_nssr, write_nssd;

static const struct reg regs[] = {
	/* clang-format off */
	/* offset               writable     on_write        Base 2.0 */
	{ NVME_REG_INTMS,       0xffffffff, write_intms }, /* 3.1.3.3 */
	{ NVME_REG_INTMC,       0xffffffff, write_intmc }, /* 3.1.3.4 */
	{ NVME_REG_CSTS,        0x00000010, write_csts },  /* 3.1.3.6 */
	{ NVME_REG_NSSR,        0xffffffff, write_nssr },  /* 3.1.3.7 */
	{ NVME_REG_NSSD,        0xffffffff, write_nssd },  /* 3.1.3.20 */
	{ NVME_REG_AQA,         0x0fff0fff, NULL },        /* 3.1.3.8 */
	{ NVME_REG_ASQ,         0xfffff000, NULL },        /* 3.1.3.9 */
	{ NVME_REG_ASQ + 4,     0xffffffff, NULL },
	{ NVME_REG_ACQ,         0xfffff000, NULL },        /* 3.1.3.10 */
	{ NVME_REG_ACQ + 4,     0xffffffff, NULL },
	{ NVME_REG_CMBMSC,      0xfffff003, emu_write_cmbmsc }, /* 3.1.3.16 */
	{ NVME_REG_CMBMSC + 4,  0xffffffff, emu_write_cmbmsc },
	{ NVME_REG_PMRCTL,      0x00000001, emu_write_pmrctl }, /* 3.1.3.23 */
	{ NVME_REG_PMRMSCL,     0xfffff002, emu_write_pmrmsc }, /* 3.1.3.27 */
	{ NVME_REG_PMRMSCU,     0xffffffff, emu_write_pmrmsc },
	{ NVME_REG_CC,          0x00fffff1, write_cc },    /* 3.1.3.5 */
	/* clang-format on */
};

static const struct reg *find_reg(uint32_t offset)
{
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		if (regs[i].offset == offset)
			return &regs[i];
	}
	return NULL;
}

static volatile uint8_t *shared_registers(struct emu *emu, const struct emu_ctrl *ctrl)
{
	return emu->ops.shared ? emu->ops.shared(emu->ops.arg, ctrl->index, 0) : NULL;
}

void emu_set_reg32(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	volatile uint8_t *page = shared_registers(emu, ctrl);

	nvme_store_le32(ctrl->regs + emu_reg_at(offset), value);
	if (page && !ctrl->gone)
		nvme_store_doorbell(page + offset, value);
}

static void set_reg64(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint64_t value)
{
	emu_set_reg32(emu, ctrl, offset, (uint32_t)value);
	emu_set_reg32(emu, ctrl, offset + 4, (uint32_t)(value >> 32));
}

static uint64_t capabilities(const struct emu_config *config, uint32_t ctrl)
{
	uint64_t mqes = emu_config_own(config, ctrl, EMU_OWN_MQES);
	uint64_t to = emu_config_own(config, ctrl, EMU_OWN_TO);
	bool v2 = config->vs >= EMU_VS_2_0;

	return NVME_PUT64(NVME_CAP_MQES, mqes) | NVME_PUT64(NVME_CAP_CQR, config->cqr) |
	       NVME_PUT64(NVME_CAP_AMS_WRR, config->wrr) | NVME_PUT64(NVME_CAP_TO, to) |
	       NVME_PUT64(NVME_CAP_DSTRD, config->dstrd) |
	       NVME_PUT64(NVME_CAP_NSSRS, config->nssrs) | NVME_PUT64(NVME_CAP_CSS_NVM, 1) |
	       NVME_PUT64(NVME_CAP_CSS_IOCS, v2) | NVME_PUT64(NVME_CAP_MPSMAX, config->mpsmax) |
	       NVME_PUT64(NVME_CAP_NSSS, config->nsss) | NVME_PUT64(NVME_CAP_CRWMS, v2) |
	       NVME_PUT64(NVME_CAP_CRIMS, config->crims) |
	       NVME_PUT64(NVME_CAP_PMRS, config->pmr > 0) |
	       NVME_PUT64(NVME_CAP_CMBS, config->cmb > 0);
}

/* CRTO: with media as long as CAP.TO says, independent of them no longer (unverified). */
static uint32_t ready_timeouts(const struct emu_config *config, uint32_t ctrl)
{
	uint32_t to = (uint32_t)emu_config_own(config, ctrl, EMU_OWN_TO);

	return NVME_PUT(NVME_CRTO_CRWMT, to) | NVME_PUT(NVME_CRTO_CRIMT, config->crims ? to : 0);
}

/* Registers as after power-on or a function reset (Base 2.0 3.7.2, unverified). */
void emu_reset_registers(struct emu *emu, struct emu_ctrl *ctrl)
{
	const struct emu_config *config = &emu->config;

	for (uint32_t offset = 0; offset < EMU_REG_BYTES; offset += 4)
		emu_set_reg32(emu, ctrl, offset, 0);
	set_reg64(emu, ctrl, NVME_REG_CAP, capabilities(config, ctrl->index));
	emu_set_reg32(emu, ctrl, NVME_REG_VS, config->vs);
	if (config->vs >= EMU_VS_2_0)
		emu_set_reg32(emu, ctrl, NVME_REG_CRTO, ready_timeouts(config, ctrl->index));
	ctrl->intm = 0;
	emu_reset_windows(emu, ctrl);
}

/*
 * INTMS and INTMC act on pin-based and MSI interrupts only; with MSI-X they just remember.
 */
static void set_interrupt_mask(struct emu *emu, struct emu_ctrl *ctrl, uint32_t mask)
{
	ctrl->intm = mask;
	emu_set_reg32(emu, ctrl, NVME_REG_INTMS, mask);
	emu_set_reg32(emu, ctrl, NVME_REG_INTMC, mask);
	emu_irq_look(ctrl);
}

static void write_intms(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	(void)offset;
	set_interrupt_mask(emu, ctrl, ctrl->intm | value);
}

static void write_intmc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	(void)offset;
	set_interrupt_mask(emu, ctrl, ctrl->intm & ~value);
}

static void write_cc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	uint32_t old = emu_reg32(ctrl, offset);
	uint32_t crime = value & NVME_MASK(NVME_CC_CRIME);

	value &= find_reg(offset)->writable;
	if (emu->config.crims)
		value |= crime;
	emu_set_reg32(emu, ctrl, offset, value);
	emu_write_cc(emu, ctrl, old, value);
}

static void write_csts(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	uint32_t csts = emu_reg32(ctrl, offset);

	emu_set_reg32(emu, ctrl, offset, csts & ~(value & NVME_MASK(NVME_CSTS_NSSRO)));
}

static void write_nssr(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	emu_set_reg32(emu, ctrl, offset, 0);
	if (emu->config.nssrs && value == NVME_NSSR_RESET)
		emu_want_reset(emu, ctrl, EMU_RESET_SUBSYSTEM);
}

/* Base 2.0 3.6.3: all controllers of the subsystem (unverified). It reads as 0, as NSSR does. */
static void write_nssd(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	emu_set_reg32(emu, ctrl, offset, 0);
	if (!emu->config.nsss)
		return;
	if (value == NVME_NSSD_NORMAL)
		emu_shut_subsystem(emu, NVME_CC_SHN_NORMAL);
	else if (value == NVME_NSSD_ABRUPT)
		emu_shut_subsystem(emu, NVME_CC_SHN_ABRUPT);
}

static void write_register(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	const struct reg *reg = find_reg(offset);

	if (!reg)
		return;
	if (reg->on_write)
		reg->on_write(emu, ctrl, offset, value);
	else
		emu_set_reg32(emu, ctrl, offset, value & reg->writable);
}

static void write_dword(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint32_t value)
{
	const struct emu_layout *layout = &emu->layout;

	if (offset < NVME_DOORBELL_OFFSET)
		write_register(emu, ctrl, (uint32_t)offset, value);
	else if (offset < NVME_DOORBELL_OFFSET + layout->doorbell_bytes)
		emu_doorbell_write(emu, ctrl, offset - NVME_DOORBELL_OFFSET, value);
	else
		emu_msix_write(emu, ctrl, offset, value);
}

static struct emu_ctrl *find_ctrl(struct emu *emu, uint32_t ctrl)
{
	if (ctrl >= emu->config.controllers)
		emu_panic(emu, "controller index out of range");
	return &emu->ctrl[ctrl];
}

void emu_bar_write(struct emu *emu, uint32_t index, uint64_t offset, const void *data,
		   uint32_t bytes)
{
	struct emu_ctrl *ctrl = find_ctrl(emu, index);
	const uint8_t *from = data;
	uint8_t changed[8];
	uint64_t value;

	if ((bytes != 4 && bytes != 8) || offset % bytes != 0 || offset >= emu->layout.bar0_bytes) {
		emu_trace(emu, ctrl, REG_REFUSED, offset, bytes);
		return;
	}
	if (__builtin_expect(ctrl->hidden, 0))
		return;
	value = bytes == 4 ? nvme_load_le32(from) : nvme_load_le64(from);
	if (offset < NVME_DOORBELL_OFFSET)
		emu_trace(emu, ctrl, REG_WRITE, offset, bytes, value);
	else if (offset >= emu->layout.table_offset)
		emu_trace(emu, ctrl, MSIX_WRITE, offset, bytes, value);
	if (emu_site(emu, EMU_SITE(REG_WRITE)) && offset < NVME_DOORBELL_OFFSET) {
		if (!emu_fault_reg_write(emu, ctrl, offset, bytes, &value))
			return;
		nvme_store_le64(changed, value);
		from = changed;
	}
	if (bytes == 8 && offset == NVME_REG_CMBMSC) {
		emu_write_cmbmsc64(emu, ctrl, value);
		return;
	}
	/* As two writes in the order of addresses. */
	write_dword(emu, ctrl, offset, nvme_load_le32(from));
	if (bytes == 8)
		write_dword(emu, ctrl, offset + 4, nvme_load_le32(from + 4));
}

/* The dword at an aligned offset, as the host reads it. Doorbells and holes read 0. */
static void read_dword(struct emu *emu, struct emu_ctrl *ctrl, uint64_t offset, uint8_t *data)
{
	if (offset < EMU_REG_BYTES)
		memcpy(data, ctrl->regs + offset, 4);
	else if (offset >= NVME_REG_PMRCAP && offset < NVME_REG_PMRCAP + EMU_PMR_BYTES)
		memcpy(data, ctrl->regs + emu_reg_at((uint32_t)offset), 4);
	else if (offset >= emu->layout.table_offset && offset < emu->layout.bar0_bytes)
		emu_msix_read(emu, ctrl, offset, data);
	else
		memset(data, 0, 4);
}

void emu_bar_read(struct emu *emu, uint32_t index, uint64_t offset, void *data, uint32_t bytes)
{
	struct emu_ctrl *ctrl = find_ctrl(emu, index);
	uint8_t *to = data;
	uint8_t dword[4];
	uint8_t value[8] = { 0 };

	for (uint32_t i = 0; i < bytes; i++) {
		if (i == 0 || (offset + i) % 4 == 0)
			read_dword(emu, ctrl, (offset + i) & ~3ull, dword);
		to[i] = dword[(offset + i) % 4];
	}
	if (ctrl->hidden)
		memset(data, 0xff, bytes);
	memcpy(value, data, bytes < 8 ? bytes : 8);
	if (emu_site(emu, EMU_SITE(REG_READ)) && offset < NVME_DOORBELL_OFFSET && bytes <= 8) {
		nvme_store_le64(
			value, emu_fault_reg_read(emu, ctrl, offset, bytes, nvme_load_le64(value)));
		memcpy(data, value, bytes);
	}
	if (offset < NVME_DOORBELL_OFFSET)
		emu_trace(emu, ctrl, REG_READ, offset, bytes, nvme_load_le64(value));
	else if (offset >= emu->layout.table_offset)
		emu_trace(emu, ctrl, MSIX_READ, offset, bytes, nvme_load_le64(value));
}

/*
 * CC is read first and applied last: a host that writes AQA, ASQ and ACQ before CC is then seen to
 * have done so, whatever this poll interrupts.
 */
unsigned int emu_poll_registers(struct emu *emu, uint32_t index)
{
	struct emu_ctrl *ctrl = find_ctrl(emu, index);
	volatile uint8_t *page = shared_registers(emu, ctrl);
	unsigned int changed = 0;
	uint32_t cc;

	if (!page || ctrl->hidden)
		return 0;
	cc = nvme_load_doorbell(page + NVME_REG_CC);
	for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		uint32_t offset = regs[i].offset;
		uint32_t value = offset == NVME_REG_CC ? cc : nvme_load_doorbell(page + offset);

		if (value == emu_reg32(ctrl, offset))
			continue;
		emu_trace(emu, ctrl, REG_WRITE, offset, 4, value);
		write_register(emu, ctrl, offset, value);
		changed++;
	}
	return changed;
}

/** emu_share_nothing - shared registers read all ones, as those of a controller that is gone */
void emu_share_nothing(struct emu *emu, struct emu_ctrl *ctrl)
{
	volatile uint8_t *page = shared_registers(emu, ctrl);

	for (uint32_t offset = 0; page && offset < EMU_REG_BYTES; offset += 4)
		nvme_store_doorbell(page + offset, UINT32_MAX);
}

void emu_share(struct emu *emu, uint32_t index)
{
	struct emu_ctrl *ctrl = find_ctrl(emu, index);

	for (uint32_t offset = 0; offset < EMU_REG_BYTES; offset += 4)
		emu_set_reg32(emu, ctrl, offset, emu_reg32(ctrl, offset));
	for (uint32_t at = NVME_REG_PMRCAP; at < NVME_REG_PMRCAP + EMU_PMR_BYTES; at += 4)
		emu_set_reg32(emu, ctrl, at, emu_reg32(ctrl, at));
	for (uint32_t qid = 0; qid <= emu->config.queues; qid++) {
		emu_doorbell_begin(emu, ctrl, qid, false, 0);
		emu_doorbell_begin(emu, ctrl, qid, true, 0);
	}
}
