/* SPDX-License-Identifier: BSD-3-Clause */
/* One line an event on standard error. */
#ifndef NVMELAB_EMULATOR_APP_LOG_H
#define NVMELAB_EMULATOR_APP_LOG_H

#include <stdbool.h>

enum emu_log_level {
	EMU_LOG_ERROR,
	EMU_LOG_WARNING,
	EMU_LOG_INFO,
	EMU_LOG_DEBUG,
	EMU_LOG_LEVELS
};

#define EMU_LOG_NO_CTRL (-1)

/** emu_log_level_name - "error" .. "debug"; NULL past the last one */
const char *emu_log_level_name(unsigned int level);

/** emu_log_set_level - drop what is less important than @level; the default is EMU_LOG_WARNING */
void emu_log_set_level(enum emu_log_level level);

/** emu_log_wants - whether a line of @level would be written */
bool emu_log_wants(enum emu_log_level level);

/**
 * emu_log - write a line: time, level, controller, text; colour only on a terminal
 * @ctrl: index of a controller, or EMU_LOG_NO_CTRL
 */
void emu_log(enum emu_log_level level, int ctrl, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
