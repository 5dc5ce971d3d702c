/* SPDX-License-Identifier: BSD-3-Clause */
/* Error sentences of the shell around the core. */
#ifndef NVMELAB_EMULATOR_DEVICE_SAY_H
#define NVMELAB_EMULATOR_DEVICE_SAY_H

#include "common/text.h"

/**
 * emu_say - append a formatted sentence to @text; nothing when it is NULL
 * @result: handed through, so that "return emu_say(error, -EINVAL, ...)" is an exit
 */
int emu_say(struct nvme_text *text, int result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
