/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Between the media and the state file: see marks.h.
 *
 * A record has a version (2 bytes), 6 zeros, and for each run of bad blocks the first one and their
 * number (8 bytes each, little-endian), ascending. It is written whole whenever the set changes:
 * who marks blocks is a test, and the runs are few.
 */
#include "emulator/device/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/le.h"
#include "emulator/device/say.h"

#define VERSION	 1
#define HEAD	 8
#define RUN	 16
#define NOT_KEPT (-ENOTSUP) /* which the core calls an Internal Error */

_Static_assert(HEAD + EMU_MARKS_MAX * RUN <= EMU_RECORD_BYTES, "a record is not larger");

/*
 * Answer: all records of a turn are durable, or none is. What was not kept is tried again with the
 * next answer of any medium.
 */
static void told(void *arg, int result)
{
	struct emu_marks *marks = arg;

	for (unsigned int i = 0; i < marks->held_count; i++) {
		struct emu_marked *held = &marks->held[i];

		if (!held->ready && result && !held->result)
			held->result = NOT_KEPT;
		held->ready = true;
	}
	for (uint32_t nsid = 1; result && nsid <= marks->media->nn; nsid++)
		marks->ns[nsid] = (struct emu_mark){ .changes = UINT32_MAX, .kept = true };
}

int emu_marks_init(struct emu_marks *marks, struct emu_media_table *media,
		   struct emu_keeper *keeper)
{
	*marks = (struct emu_marks){ .media = media, .keeper = keeper };
	marks->ns = calloc((size_t)media->nn + 1, sizeof(*marks->ns));
	marks->held = calloc(media->host.requests, sizeof(*marks->held));
	keeper->kept = told;
	keeper->kept_arg = marks;
	return marks->ns && marks->held ? 0 : -ENOMEM;
}

void emu_marks_done(struct emu_marks *marks)
{
	free(marks->held);
	free(marks->ns);
	*marks = (struct emu_marks){ 0 };
}

/* Return: 0, or -EINVAL for anything that save_ns() would not have written. */
static int load(void *arg, uint16_t type, uint32_t nsid, const void *record, uint32_t bytes)
{
	struct emu_marks *marks = arg;
	const uint8_t *data = record;
	uint32_t changes;

	(void)type;
	if (!emu_media_table_changes(marks->media, nsid, &changes) || bytes <= HEAD ||
	    (bytes - HEAD) % RUN || nvme_load_le16(data) != VERSION)
		return -EINVAL;
	for (uint32_t at = HEAD; at < bytes; at += RUN) {
		int error = emu_media_table_set_bad(marks->media, nsid, nvme_load_le64(data + at),
						    nvme_load_le64(data + at + 8));

		if (error)
			return error;
	}
	marks->ns[nsid] = (struct emu_mark){ .changes = changes, .kept = true };
	marks->active = true;
	return 0;
}

int emu_marks_load(struct emu_marks *marks, struct nvme_text *error)
{
	return marks->keeper ? emu_keeper_each(marks->keeper, load, marks, error) : 0;
}

/* The runs of @nsid into @data. Return: bytes of the record, 0 without any; -E2BIG. */
static int build(const struct emu_marks *marks, uint32_t nsid, uint8_t *data)
{
	uint64_t slba, blocks, from = 0;
	uint32_t used = HEAD;

	memset(data, 0, HEAD);
	nvme_store_le16(data, VERSION);
	while (emu_media_table_next_bad(marks->media, nsid, from, &slba, &blocks)) {
		if (used + RUN > EMU_RECORD_BYTES)
			return -E2BIG;
		nvme_store_le64(data + used, slba);
		nvme_store_le64(data + used + 8, blocks);
		used += RUN;
		from = slba + blocks;
	}
	return used > HEAD ? (int)used : 0;
}

static int save_ns(struct emu_marks *marks, uint32_t nsid)
{
	struct emu_mark *mark = &marks->ns[nsid];
	uint8_t data[EMU_RECORD_BYTES];
	int bytes = build(marks, nsid, data);
	const struct emu_record record = {
		.tag = EMU_RECORD_DEVICE,
		.type = EMU_RECORD_UNCORRECTABLE,
		.id = nsid,
		.data = data,
		.bytes = bytes > 0 ? (uint32_t)bytes : 0,
	};

	if (bytes < 0)
		return bytes;
	if (!bytes && !mark->kept)
		return 0;
	mark->kept = bytes > 0;
	return emu_keeper_save(marks->keeper, &record);
}

int emu_marks_look(struct emu_marks *marks)
{
	bool active = false, pending = false;
	int error = 0;

	if (!marks->keeper)
		return 0;
	for (uint32_t nsid = 1; nsid <= marks->media->nn; nsid++) {
		struct emu_mark *mark = &marks->ns[nsid];
		uint32_t changes;
		bool there = emu_media_table_changes(marks->media, nsid, &changes);

		if ((there && changes != mark->changes) || (!there && mark->kept)) {
			int result = save_ns(marks, nsid);

			error = result < 0 ? result : error;
			pending = pending || result == EMU_PENDING;
			mark->changes = result < 0 ? UINT32_MAX : changes;
		}
		active = active || mark->kept || mark->changes == UINT32_MAX;
	}
	marks->active = active;
	return error ? error : pending ? EMU_PENDING : 0;
}

int emu_marks_answer(struct emu_marks *marks, uint32_t tag, int result)
{
	int kept = emu_marks_look(marks);

	if (kept < 0)
		return result ? result : NOT_KEPT;
	if (kept != EMU_PENDING)
		return result;
	marks->held[marks->held_count++] = (struct emu_marked){ .tag = tag, .result = result };
	return EMU_PENDING;
}

unsigned int emu_marks_settle(struct emu_marks *marks)
{
	unsigned int count = 0;

	while (marks->held_count > 0 && marks->held[0].ready) {
		const struct emu_marked held = marks->held[0];

		memmove(marks->held, marks->held + 1, --marks->held_count * sizeof(*marks->held));
		marks->done(marks->arg, held.tag, held.result);
		count++;
	}
	return count;
}
