/* SPDX-License-Identifier: BSD-3-Clause */
/* Controller Memory Buffer and Persistent Memory Region: see window.c. */
#ifndef NVMELAB_EMULATOR_CORE_WINDOW_H
#define NVMELAB_EMULATOR_CORE_WINDOW_H

#include "emulator/core/internal.h"

/* What a command or queue wants memory for. */
enum emu_window_use {
	EMU_USE_SQ,
	EMU_USE_CQ,
	EMU_USE_LIST,  /* PRP lists and SGL segments */
	EMU_USE_READ,  /* data that goes to the host */
	EMU_USE_WRITE, /* data that comes from it */
};

bool emu_window_allows(const struct emu *emu, const struct emu_ctrl *ctrl, uint64_t iova,
		       uint64_t bytes, enum emu_window_use use);

/** emu_window_has_list - whether a part of a PRP list or SGL may lie where it does */
static inline bool emu_window_has_list(const struct emu *emu, const struct emu_ctrl *ctrl,
				       uint64_t iova, uint64_t bytes)
{
	return __builtin_expect(!ctrl->windows, 1) ||
	       emu_window_allows(emu, ctrl, iova, bytes, EMU_USE_LIST);
}

void emu_write_cmbmsc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value);
void emu_write_cmbmsc64(struct emu *emu, struct emu_ctrl *ctrl, uint64_t value);
void emu_write_pmrctl(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value);
void emu_write_pmrmsc(struct emu *emu, struct emu_ctrl *ctrl, uint32_t offset, uint32_t value);
void emu_reset_windows(struct emu *emu, struct emu_ctrl *ctrl);
void emu_arm_pmr(struct emu *emu);
bool emu_window_allows_all(const struct emu *emu, const struct emu_ctrl *ctrl,
			   const struct emu_spans *spans, enum emu_window_use use);
bool emu_window_enable(const struct emu *emu, struct emu_ctrl *ctrl);
bool emu_window_check_spans(const struct emu *emu, const struct emu_req *req,
			    const struct emu_spans *spans);

#endif
