/* SPDX-License-Identifier: BSD-3-Clause */
/* What is told and kept of the sanitize operation: the Sanitize Status log, its record. */
#ifndef NVMELAB_EMULATOR_CORE_SANITIZE_LOG_H
#define NVMELAB_EMULATOR_CORE_SANITIZE_LOG_H

#include "emulator/core/log.h"

/** emu_sanitize_save - keep the state; @req, unless it is NULL, completes after it is durable */
void emu_sanitize_save(struct emu *emu, struct emu_req *req);

/** emu_sanitize_start - the operation that emu->sanitize describes begins, or begins again */
void emu_sanitize_start(struct emu *emu);

bool emu_has_sanitize_log(const struct emu *emu);
emu_log_fill emu_fill_sanitize;

#endif
