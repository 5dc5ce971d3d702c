/* SPDX-License-Identifier: BSD-3-Clause */
/* Between the core and the state file: see keeper.h. */
#include "emulator/device/keeper.h"

#define SENTENCE_BYTES 5120 /* a path, and what is said of it */
#define HOUR_NSEC      3600000000000ull

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

/* Which blocks are bad, is known by the medium and not by the core. */
static bool is_own(uint16_t type)
{
	return type == EMU_RECORD_UNCORRECTABLE;
}

static int load_record(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	return is_own(type) ? 0 : emu_load(arg, type, id, data, bytes);
}

/* The argument of emu_keeper_each() on its way through the file. */
struct walk {
	int (*load)(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes);
	void *arg;
};

static int load_own(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	const struct walk *walk = arg;

	return is_own(type) ? walk->load(walk->arg, type, id, data, bytes) : 0;
}

int emu_keeper_each(const struct emu_keeper *keeper,
		    int (*load)(void *arg, uint16_t type, uint32_t id, const void *data,
				uint32_t bytes),
		    void *arg, struct nvme_text *error)
{
	struct walk walk = { load, arg };

	return keeper->file ? emu_state_each(keeper->file, load_own, &walk, error) : 0;
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
	if (tag == EMU_RECORD_DEVICE) {
		keeper->kept(keeper->kept_arg, result);
		return;
	}
	if (!keeper->synchronous && keeper->core)
		emu_save_done(keeper->core, tag, result);
}

uint64_t emu_keeper_due(const struct emu_keeper *keeper)
{
	return keeper->file ? keeper->hours * HOUR_NSEC + HOUR_NSEC : EMU_NEVER;
}

/* The hours of a drive that nobody uses. */
static void keep_hours(struct emu_keeper *keeper)
{
	if (!keeper->file || emu_time(keeper->core) < emu_keeper_due(keeper))
		return;
	keeper->hours = emu_time(keeper->core) / HOUR_NSEC;
	emu_keep_counters(keeper->core);
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

unsigned int emu_keeper_turn(struct emu_keeper *keeper)
{
	keep_hours(keeper);
	return emu_keeper_commit(keeper);
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
