/* SPDX-License-Identifier: BSD-3-Clause */
/* Error sentences of the shell around the core. */
#include "emulator/device/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "emulator/device/device.h"

int emu_say(struct nvme_text *text, int result, const char *format, ...)
{
	char line[EMU_PATH_BYTES + 256];
	va_list args;

	if (!text)
		return result;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	nvme_text_add(text, line);
	return result;
}
