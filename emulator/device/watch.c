/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is told what the controllers do: the trace file, the program's callback, the judge. */
#include "emulator/device/watch.h"

#include <errno.h>
#include <stdlib.h>

#include "emulator/device/say.h"

static void pass_finding(void *arg, const struct emu_judge_finding *finding)
{
	struct emu_watch *watch = arg;

	watch->options.judged(watch->options.arg, finding);
}

static bool find_namespace(void *arg, uint32_t nsid, struct emu_ns_config *ret_ns)
{
	struct emu_watch *watch = arg;
	bool created;

	return *watch->core && emu_namespace_of(*watch->core, nsid, ret_ns, &created);
}

static bool is_unseen(void *arg, uint32_t ctrl)
{
	struct emu_watch *watch = arg;

	return watch->options.shared && watch->options.shared(watch->options.arg, ctrl, 0);
}

static int open_judge(struct emu_watch *watch, const struct emu_config *config,
		      struct nvme_text *error)
{
	const struct emu_judge_ops ops = {
		.arg = watch,
		.found = pass_finding,
		.ns = find_namespace,
		.unseen = is_unseen,
	};
	size_t bytes = emu_judge_size(config);
	void *block = aligned_alloc(64, bytes);

	if (!block)
		return emu_say(error, -ENOMEM, "no memory for %zu bytes of the judge", bytes);
	watch->judge = emu_judge_init(block, config, &ops);
	return 0;
}

int emu_watch_open(struct emu_watch *watch, const struct emu_device_options *options,
		   const struct emu_config *config, struct emu *const *core,
		   struct nvme_text *error)
{
	int result = 0;

	watch->options = *options;
	watch->core = core;
	if (options->trace_path) {
		const char *clock = options->clock == EMU_CLOCK_REAL ? "real" : "virtual";

		result = emu_trace_file_open_setup(&watch->file, options->trace_path, clock, config,
						   options->scenario, error);
		watch->has_file = result == 0;
	}
	if (!result && options->judged)
		result = open_judge(watch, config, error);
	return result;
}

bool emu_watch_wants(const struct emu_watch *watch)
{
	return watch->options.trace || watch->has_file || watch->judge;
}

void emu_watch_record(struct emu_watch *watch, const struct nvme_trace_record *record)
{
	if (watch->has_file)
		emu_trace_file_put(&watch->file, record);
	if (watch->options.trace)
		watch->options.trace(watch->options.arg, record);
	if (watch->judge)
		emu_judge_record(watch->judge, record);
}

void emu_watch_close(struct emu_watch *watch)
{
	if (watch->has_file)
		emu_trace_file_close(&watch->file);
	free(watch->judge);
}
