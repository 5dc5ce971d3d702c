/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the core and the state file: see keeper.h. */
#include "emulator/device/keeper.h"

#define SENTENCE_BYTES 5120 /* a path, and what is said of it */

static void say(struct emu_keeper *keeper, const struct nvme_text *sentence)
{
	if (keeper->notice && sentence->used)
		keeper->notice(keeper->arg, sentence->data);
}

int emu_keeper_open(struct emu_keeper *keeper, const char *path, struct nvme_text *error)
{
	char buffer[SENTENCE_BYTES];
	struct nvme_text notice;
	int result;

	nvme_text_init(&notice, buffer, sizeof(buffer));
	result = emu_state_open(&emu_disk_system, path, &keeper->file, &notice, error);
	say(keeper, &notice);
	return result;
}

static int load_record(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	return emu_load(arg, type, id, data, bytes);
}

int emu_keeper_load(struct emu_keeper *keeper, struct emu *core, struct nvme_text *error)
{
	keeper->core = core;
	return keeper->file ? emu_state_each(keeper->file, load_record, core, error) : 0;
}

static void answer(void *arg, uint32_t tag, int result)
{
	struct emu_keeper *keeper = arg;

	keeper->result = result;
	if (!keeper->synchronous && keeper->core)
		emu_save_done(keeper->core, tag, result);
}

unsigned int emu_keeper_commit(struct emu_keeper *keeper)
{
	char buffer[SENTENCE_BYTES];
	struct nvme_text error;
	unsigned int count;

	if (!keeper->file || emu_state_queued(keeper->file) == 0)
		return 0;
	nvme_text_init(&error, buffer, sizeof(buffer));
	count = emu_state_commit(keeper->file, answer, keeper, &error);
	say(keeper, &error);
	return count;
}

int emu_keeper_save(struct emu_keeper *keeper, const struct emu_record *record)
{
	int result = emu_state_put(keeper->file, record);

	if (result || !keeper->synchronous)
		return result ? result : EMU_PENDING;
	emu_keeper_commit(keeper);
	return keeper->result;
}

unsigned int emu_keeper_pending(const struct emu_keeper *keeper)
{
	return keeper->file ? emu_state_queued(keeper->file) : 0;
}

void emu_keeper_close(struct emu_keeper *keeper)
{
	keeper->core = NULL; /* It may be gone. */
	emu_keeper_commit(keeper);
	emu_state_close(keeper->file);
	keeper->file = NULL;
}
