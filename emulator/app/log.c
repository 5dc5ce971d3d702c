/* SPDX-License-Identifier: BSD-3-Clause */
/* One line an event on standard error. */
#include "emulator/app/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static enum emu_log_level limit = EMU_LOG_WARNING;

static const struct {
	const char *name;
	const char *colour;
} levels[EMU_LOG_LEVELS] = {
	[EMU_LOG_ERROR] = { "error", "\033[31m" },
	[EMU_LOG_WARNING] = { "warning", "\033[33m" },
	[EMU_LOG_INFO] = { "info", "\033[32m" },
	[EMU_LOG_DEBUG] = { "debug", "\033[36m" },
};

const char *emu_log_level_name(unsigned int level)
{
	return level < EMU_LOG_LEVELS ? levels[level].name : NULL;
}

void emu_log_set_level(enum emu_log_level level)
{
	limit = level;
}

bool emu_log_wants(enum emu_log_level level)
{
	return level <= limit;
}

/* A line is built whole, so that lines of several processes on one terminal do not mix. */
void emu_log(enum emu_log_level level, int ctrl, const char *format, ...)
{
	bool colour = isatty(STDERR_FILENO);
	char text[1024];
	char who[16] = "";
	char when[16] = "";
	struct timespec now;
	struct tm local;
	va_list args;

	if (!emu_log_wants(level))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &local))
		strftime(when, sizeof(when), "%H:%M:%S", &local);
	if (ctrl >= 0)
		snprintf(who, sizeof(who), " ctrl%d", ctrl);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "%s.%03ld %s%s%s%s: %s\n", when, now.tv_nsec / 1000000,
		colour ? levels[level].colour : "", levels[level].name, colour ? "\033[0m" : "",
		who, text);
}
