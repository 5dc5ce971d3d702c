/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is told what the controllers do: the trace file, the program's callback, the judge. */
#ifndef NVMELAB_EMULATOR_DEVICE_WATCH_H
#define NVMELAB_EMULATOR_DEVICE_WATCH_H

#include "emulator/device/device.h"
#include "emulator/device/trace_file.h"

/** struct emu_watch - @core: where the device keeps its core, which judges ask for namespaces */
struct emu_watch {
	struct emu_device_options options;
	struct emu *const *core;
	bool has_file;
	struct emu_trace_file file;
	struct emu_judge *judge;
};

/**
 * emu_watch_open - open what the options ask for
 * @core: set before the core gives its first record of a command
 * Return: 0 or a negative errno with a sentence. emu_watch_close() either way.
 */
int emu_watch_open(struct emu_watch *watch, const struct emu_device_options *options,
		   const struct emu_config *config, struct emu *const *core,
		   struct nvme_text *error);

/** emu_watch_wants - whether anybody is to be told */
bool emu_watch_wants(const struct emu_watch *watch);

/** emu_watch_record - the next record of the core's trace */
void emu_watch_record(struct emu_watch *watch, const struct nvme_trace_record *record);

/** emu_watch_close - write what is buffered and free everything */
void emu_watch_close(struct emu_watch *watch);

#endif
