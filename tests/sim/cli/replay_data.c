/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * User data of which the trace has only the checksum. Data that has it is made up, and the checksum
 * of all that is read whole is then what it was, also of several writes one behind the other,
 * because the checksum of a whole follows from those of its parts. A part of one write has another
 * one than it had: such blocks are marked.
 */
#include "common/crc.h"
#include "common/le.h"
#include "common/random.h"
#include "tests/sim/cli/replay_parts.h"

#define CRC64_POLYNOMIAL 0x9a6c9329ac4bc9b5ull /* of nvme_crc64(), bits reversed */

/* Block @at of the @count ones that command @write wrote. */
struct mark {
	uint64_t write;
	uint32_t at;
	uint32_t count;
};

/* The register before the 64 bits that ended with @state were shifted in, all of them zeros. */
static uint64_t shift_back(uint64_t state)
{
	for (int i = 0; i < 64; i++)
		state = state >> 63 ? (state ^ CRC64_POLYNOMIAL) << 1 | 1 : state << 1;
	return state;
}

bool sim_replay_make(uint8_t *data, size_t bytes, uint64_t crc, uint64_t salt)
{
	uint64_t begun;

	memset(data, 0, bytes);
	if (bytes < 8 || nvme_crc64(0, data, bytes) == crc)
		return false;
	for (size_t i = 0; i + 8 <= bytes - 8; i += 8)
		nvme_store_le64(data + i, nvme_mix(salt ^ i << 32));
	begun = nvme_crc64(0, data, bytes - 8);
	nvme_store_le64(data + bytes - 8, ~begun ^ shift_back(~crc));
	return true;
}

static uint64_t key_of(const struct emu_media *media, uint64_t i)
{
	return (uint64_t)media->nsid << 48 | (media->slba + i);
}

static void mark(struct sim_replay *replay, const struct emu_media *media)
{
	replay->write++;
	for (uint32_t i = 0; i < media->nlb; i++) {
		uint64_t *key = g_new(uint64_t, 1);
		struct mark *mark = g_new(struct mark, 1);

		*key = key_of(media, i);
		*mark = (struct mark){ replay->write, i, media->nlb };
		g_hash_table_replace(replay->marks, key, mark);
	}
}

static gboolean is_in(gpointer key, gpointer value, gpointer data)
{
	const struct emu_media *media = data;
	uint64_t block = *(const uint64_t *)key;

	(void)value;
	if (block >> 48 != media->nsid)
		return FALSE;
	block &= (1ull << 48) - 1;
	return media->nlb == 0 || block - media->slba < media->nlb;
}

static void forget(struct sim_replay *replay, const struct emu_media *media)
{
	uint64_t key;

	if (media->nlb == 0 || media->nlb > g_hash_table_size(replay->marks)) {
		g_hash_table_foreach_remove(replay->marks, is_in, (gpointer)media);
		return;
	}
	for (uint32_t i = 0; i < media->nlb; i++) {
		key = key_of(media, i);
		g_hash_table_remove(replay->marks, &key);
	}
}

void sim_replay_wrote(struct sim_replay *replay, const struct emu_media *media)
{
	switch (media->op) {
	case EMU_MEDIA_WRITE:
		if (replay->made_up && media->nlb > 0)
			mark(replay, media);
		else
			forget(replay, media);
		replay->made_up = false;
		break;
	case EMU_MEDIA_WRITE_ZEROES:
	case EMU_MEDIA_DEALLOCATE:
	case EMU_MEDIA_FORMAT:
	case EMU_MEDIA_DELETE:
		forget(replay, media);
		break;
	default:
		break;
	}
}

static const struct mark *find(const struct sim_replay *replay, const struct emu_media *media,
			       uint64_t i)
{
	uint64_t key = key_of(media, i);

	return g_hash_table_lookup(replay->marks, &key);
}

bool sim_replay_is_known(const struct sim_replay *replay, const struct emu_media *media)
{
	const struct mark *first;

	for (uint32_t i = 0; i < media->nlb;) {
		first = find(replay, media, i);
		if (!first) {
			i++;
			continue;
		}
		/* All of that write has to be there, in its order. */
		if (first->at != 0 || first->count > media->nlb - i)
			return false;
		for (uint32_t n = 1; n < first->count; n++) {
			const struct mark *next = find(replay, media, i + n);

			if (!next || next->write != first->write || next->at != n)
				return false;
		}
		i += first->count;
	}
	return true;
}
