/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of the controller that a host can map: the Controller Memory Buffer in BAR2 and the
 * Persistent Memory Region in BAR4 (Base 2.0 8.5 and 8.14, unverified).
 *
 * The memory is the shell's. What happens here is the registers, and where commands find it: the
 * host picks an address range for it (CBA), which is looked up before host memory while it is
 * enabled. ops->window() says so to the shell; this file knows the ranges too, since not everything
 * may lie in them.
 */
#include "emulator/core/window.h"

#define PMR_BAR	     4
#define CMB_BAR	     2
#define UNIT	     4096u
#define HALF_SECOND  500000000ull
#define PMR_BARRIERS 3 /* any read, and one of PMRSTS, follow the writes before them */

static uint64_t base_of(const struct emu_ctrl *ctrl, enum emu_window window)
{
	uint32_t low = emu_reg32(ctrl, NVME_REG_PMRMSCL);

	if (window == EMU_WINDOW_CMB)
		return emu_reg64(ctrl, NVME_REG_CMBMSC) & NVME_MASK64(NVME_CMBMSC_CBA);
	return (low & NVME_MASK(NVME_PMRMSCL_CBA)) | (uint64_t)emu_reg32(ctrl, NVME_REG_PMRMSCU)
							     << 32;
}

/* Whether the host wants the range, and whether it may have it once the base is valid. */
static bool wants(const struct emu_ctrl *ctrl, enum emu_window window)
{
	if (window == EMU_WINDOW_CMB)
		return NVME_GET64(emu_reg64(ctrl, NVME_REG_CMBMSC), NVME_CMBMSC_CRE) &&
		       NVME_GET64(emu_reg64(ctrl, NVME_REG_CMBMSC), NVME_CMBMSC_CMSE);
	return NVME_GET(emu_reg32(ctrl, NVME_REG_PMRMSCL), NVME_PMRMSCL_CMSE);
}

/* The range ends before the address space does, and leaves the other range alone. */
static bool is_valid(const struct emu_ctrl *ctrl, enum emu_window window, uint64_t base,
		     uint64_t bytes)
{
	const struct emu_range *other = &ctrl->window[!window];

	if (base > UINT64_MAX - (bytes - 1))
		return false;
	return !other->bytes || base > other->base + (other->bytes - 1) ||
	       other->base > base + (bytes - 1);
}

static void set_invalid(struct emu *emu, struct emu_ctrl *ctrl, enum emu_window window, bool on)
{
	uint32_t pmrsts = emu_reg32(ctrl, NVME_REG_PMRSTS);

	if (window == EMU_WINDOW_CMB)
		emu_set_reg32(emu, ctrl, NVME_REG_CMBSTS, NVME_PUT(NVME_CMBSTS_CBAI, on));
	else
		emu_set_reg32(emu, ctrl, NVME_REG_PMRSTS, NVME_WITH(pmrsts, NVME_PMRSTS_CBAI, on));
}

/* Tells the shell when the range began, ended or moved. */
static void place(struct emu *emu, struct emu_ctrl *ctrl, enum emu_window window, uint64_t base,
		  uint64_t bytes)
{
	struct emu_range *range = &ctrl->window[window];

	if (range->base == base && range->bytes == bytes)
		return;
	*range = (struct emu_range){ base, bytes };
	ctrl->windows = ctrl->window[0].bytes || ctrl->window[1].bytes;
	emu_trace(emu, ctrl, WINDOW, window, base, bytes);
	emu->ops.window(emu->ops.arg, ctrl->index, window, base, bytes);
}

static void update(struct emu *emu, struct emu_ctrl *ctrl, enum emu_window window)
{
	uint64_t bytes = window == EMU_WINDOW_CMB ? emu->config.cmb : emu->config.pmr;
	uint64_t base = base_of(ctrl, window);
	bool wanted = bytes && wants(ctrl, window);
	bool valid = wanted && is_valid(ctrl, window, base, bytes);
	bool ready = window == EMU_WINDOW_CMB ||
		     !NVME_GET(emu_reg32(ctrl, NVME_REG_PMRSTS), NVME_PMRSTS_NRDY);

	if (bytes == 0)
		return;
	set_invalid(emu, ctrl, window, wanted && !valid);
	if (valid && ready)
		place(emu, ctrl, window, base, bytes);
	else
		place(emu, ctrl, window, 0, 0);
}

/* CMBLOC and CMBSZ show only while CRE is 1, so that older hosts do not find the buffer. */
static void show_cmb(struct emu *emu, struct emu_ctrl *ctrl)
{
	const struct emu_config *config = &emu->config;
	bool on = NVME_GET64(emu_reg64(ctrl, NVME_REG_CMBMSC), NVME_CMBMSC_CRE);
	uint32_t loc = NVME_PUT(NVME_CMBLOC_BIR, CMB_BAR) | NVME_MASK(NVME_CMBLOC_CQMMS) |
		       NVME_MASK(NVME_CMBLOC_CQPDS) | NVME_MASK(NVME_CMBLOC_CDPMLS) |
		       NVME_MASK(NVME_CMBLOC_CDPCILS) | NVME_MASK(NVME_CMBLOC_CDMMMS);
	uint32_t size = NVME_PUT(NVME_CMBSZ_SQS, config->cmb_sqs) |
			NVME_PUT(NVME_CMBSZ_CQS, config->cmb_cqs) |
			NVME_PUT(NVME_CMBSZ_LISTS, config->cmb_lists) |
			NVME_PUT(NVME_CMBSZ_RDS, config->cmb_rds) |
			NVME_PUT(NVME_CMBSZ_WDS, config->cmb_wds) |
			NVME_PUT(NVME_CMBSZ_SZ, (uint32_t)(config->cmb / UNIT));

	emu_set_reg32(emu, ctrl, NVME_REG_CMBLOC, on ? loc : 0);
	emu_set_reg32(emu, ctrl, NVME_REG_CMBSZ, on ? size : 0);
	emu_set_reg32(emu, ctrl, NVME_REG_CMBEBS, on ? NVME_MASK(NVME_CMBEBS_RBB) : 0);
}

static void store_cmbmsc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	if (emu->config.cmb == 0)
		value = 0;
	if (offset == NVME_REG_CMBMSC)
		value &= 0xfffff003;
	emu_set_reg32(emu, ctrl, offset, value);
}

static void apply_cmbmsc(struct emu *emu, struct emu_ctrl *ctrl)
{
	if (emu->config.cmb == 0)
		return;
	show_cmb(emu, ctrl);
	update(emu, ctrl, EMU_WINDOW_CMB);
}

void emu_write_cmbmsc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	store_cmbmsc(emu, ctrl, offset, value);
	apply_cmbmsc(emu, ctrl);
}

/** emu_write_cmbmsc64 - the whole register: a range moves in one step */
void emu_write_cmbmsc64(struct emu *emu, struct emu_ctrl *ctrl, uint64_t value)
{
	store_cmbmsc(emu, ctrl, NVME_REG_CMBMSC, (uint32_t)value);
	store_cmbmsc(emu, ctrl, NVME_REG_CMBMSC + 4, (uint32_t)(value >> 32));
	apply_cmbmsc(emu, ctrl);
}

/* Ready a while after EN, not ready at once without it; the contents stay in either case. */
void emu_write_pmrctl(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	uint32_t sts = emu_reg32(ctrl, NVME_REG_PMRSTS);
	bool enabled = NVME_GET(emu_reg32(ctrl, offset), NVME_PMRCTL_EN);
	bool enable = NVME_GET(value, NVME_PMRCTL_EN);

	enable = enable && emu->config.pmr;
	emu_set_reg32(emu, ctrl, offset, NVME_PUT(NVME_PMRCTL_EN, enable));
	if (enabled == enable)
		return;
	if (enable && emu->config.pmr_delay) {
		ctrl->pmr_due_nsec = emu->now_nsec + emu->config.pmr_delay;
		emu_arm_pmr(emu);
		return;
	}
	ctrl->pmr_due_nsec = EMU_NEVER;
	emu_set_reg32(emu, ctrl, NVME_REG_PMRSTS, NVME_WITH(sts, NVME_PMRSTS_NRDY, !enable));
	update(emu, ctrl, EMU_WINDOW_PMR);
}

/* The next of all controllers' regions; it has to pass resets by, as the registers do. */
void emu_arm_pmr(struct emu *emu)
{
	uint64_t due = EMU_NEVER;

	for (uint32_t i = 0; i < emu->config.controllers; i++)
		due = emu->ctrl[i].pmr_due_nsec < due ? emu->ctrl[i].pmr_due_nsec : due;
	emu_sub_timer_set(emu, EMU_TIMER_PMR, due);
}

void emu_pmr_expired(struct emu *emu)
{
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		struct emu_ctrl *ctrl = &emu->ctrl[i];

		if (ctrl->pmr_due_nsec > emu->now_nsec)
			continue;
		ctrl->pmr_due_nsec = EMU_NEVER;
		emu_set_reg32(emu, ctrl, NVME_REG_PMRSTS,
			      NVME_WITH(emu_reg32(ctrl, NVME_REG_PMRSTS), NVME_PMRSTS_NRDY, 0));
		update(emu, ctrl, EMU_WINDOW_PMR);
	}
	emu_arm_pmr(emu);
}

void emu_write_pmrmsc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value)
{
	if (emu->config.pmr == 0)
		value = 0;
	if (offset == NVME_REG_PMRMSCL)
		value &= NVME_MASK(NVME_PMRMSCL_CBA) | NVME_MASK(NVME_PMRMSCL_CMSE);
	emu_set_reg32(emu, ctrl, offset, value);
	update(emu, ctrl, EMU_WINDOW_PMR);
}

/** emu_reset_windows - the registers as after a reset that is more than CC.EN 1 -> 0 */
void emu_reset_windows(struct emu *emu, struct emu_ctrl *ctrl)
{
	const struct emu_config *config = &emu->config;
	uint32_t timeout = (uint32_t)((config->pmr_delay + HALF_SECOND - 1) / HALF_SECOND);

	ctrl->pmr_due_nsec = EMU_NEVER;
	if (config->cmb)
		place(emu, ctrl, EMU_WINDOW_CMB, 0, 0);
	if (!config->pmr)
		return;
	place(emu, ctrl, EMU_WINDOW_PMR, 0, 0);
	emu_set_reg32(emu, ctrl, NVME_REG_PMRCAP,
		      NVME_PUT(NVME_PMRCAP_RDS, 1) | NVME_PUT(NVME_PMRCAP_WDS, 1) |
			      NVME_PUT(NVME_PMRCAP_BIR, PMR_BAR) |
			      NVME_PUT(NVME_PMRCAP_PMRWBM, PMR_BARRIERS) |
			      NVME_PUT(NVME_PMRCAP_PMRTO, timeout) | NVME_PUT(NVME_PMRCAP_CMSS, 1));
	emu_set_reg32(emu, ctrl, NVME_REG_PMRCTL, 0);
	emu_set_reg32(emu, ctrl, NVME_REG_PMRSTS, NVME_MASK(NVME_PMRSTS_NRDY));
	emu_set_reg32(emu, ctrl, NVME_REG_PMREBS, NVME_MASK(NVME_PMREBS_RBB));
	emu_set_reg32(emu, ctrl, NVME_REG_PMRSWTP, 0);
	emu_set_reg32(emu, ctrl, NVME_REG_PMRMSCL, 0);
	emu_set_reg32(emu, ctrl, NVME_REG_PMRMSCU, 0);
}

static bool touches(const struct emu_range *range, uint64_t iova, uint64_t bytes)
{
	return range->bytes && bytes && iova <= range->base + (range->bytes - 1) &&
	       range->base <= iova + (bytes - 1);
}

/** emu_window_allows - whether @bytes at @iova may be used for @use, wherever they are */
bool emu_window_allows(const struct emu *emu, const struct emu_ctrl *ctrl, uint64_t iova,
		       uint64_t bytes, enum emu_window_use use)
{
	const struct emu_config *config = &emu->config;
	const bool cmb[] = {
		[EMU_USE_SQ] = config->cmb_sqs,	    [EMU_USE_CQ] = config->cmb_cqs,
		[EMU_USE_LIST] = config->cmb_lists, [EMU_USE_READ] = config->cmb_rds,
		[EMU_USE_WRITE] = config->cmb_wds,
	};

	if (touches(&ctrl->window[EMU_WINDOW_CMB], iova, bytes) && !cmb[use])
		return false;
	return use == EMU_USE_READ || use == EMU_USE_WRITE ||
	       !touches(&ctrl->window[EMU_WINDOW_PMR], iova, bytes);
}

/** emu_window_allows_all - the same for all of a list of pieces */
bool emu_window_allows_all(const struct emu *emu, const struct emu_ctrl *ctrl,
			   const struct emu_spans *spans, enum emu_window_use use)
{
	for (; spans && ctrl->windows; spans = spans->next) {
		for (uint32_t i = 0; i < spans->count; i++) {
			const struct emu_span *span = &spans->span[i];

			if (span->iova != EMU_SPAN_BUCKET &&
			    !emu_window_allows(emu, ctrl, span->iova, span->bytes, use))
				return false;
		}
	}
	return true;
}

/** emu_window_check_spans - the same for a command's data */
bool emu_window_check_spans(const struct emu *emu, const struct emu_req *req,
			    const struct emu_spans *spans)
{
	bool in = NVME_GET(req->sqe.opcode, NVME_OPCODE_DIRECTION) == NVME_DIRECTION_TO_CTRL;

	return emu_window_allows_all(emu, &emu->ctrl[req->ctrl], spans,
				     in ? EMU_USE_WRITE : EMU_USE_READ);
}

/** emu_window_enable - whether the admin queues may lie where they do */
bool emu_window_enable(const struct emu *emu, struct emu_ctrl *ctrl)
{
	uint32_t aqa = emu_reg32(ctrl, NVME_REG_AQA);
	uint64_t asq = emu_reg64(ctrl, NVME_REG_ASQ);
	uint64_t sq_bytes = (NVME_GET(aqa, NVME_AQA_ASQS) + 1ull) * NVME_SQE_BYTES;
	uint64_t cq_bytes = (NVME_GET(aqa, NVME_AQA_ACQS) + 1ull) * NVME_CQE_BYTES;

	ctrl->asq_in_cmb = touches(&ctrl->window[EMU_WINDOW_CMB], asq, sq_bytes);
	return emu_window_allows(emu, ctrl, asq, sq_bytes, EMU_USE_SQ) &&
	       emu_window_allows(emu, ctrl, emu_reg64(ctrl, NVME_REG_ACQ), cq_bytes, EMU_USE_CQ);
}
