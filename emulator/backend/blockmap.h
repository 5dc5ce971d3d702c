/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known about each logical block: whether it is allocated, and whether it is uncorrectable.
 *
 * Two sets of block numbers. A set is a tree of tables with 512 entries whose leaves have a bit for
 * each of 4096 blocks; where all blocks below an entry are in the set, or none is, the entry says
 * so and nothing is below it. A medium that is empty, full, or both in large parts costs next to
 * nothing, whatever its size.
 */
#ifndef NVMELAB_EMULATOR_BACKEND_BLOCKMAP_H
#define NVMELAB_EMULATOR_BACKEND_BLOCKMAP_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "emulator/core/emu.h"

/**
 * struct emu_blockset - a set of the blocks 0 .. @blocks - 1
 * @root: NULL for none of them, EMU_BLOCKSET_ALL for all of them, or a table or leaf
 */
struct emu_blockset {
	uint64_t blocks;
	unsigned int levels;
	void *root;
};

#define EMU_BLOCKSET_ALL ((void *)1)

/** emu_blockset_init - the empty set; it allocates nothing. @blocks: 1 .. 2^63 */
void emu_blockset_init(struct emu_blockset *set, uint64_t blocks);

/** emu_blockset_clear - make it empty and free its memory */
void emu_blockset_clear(struct emu_blockset *set);

/**
 * emu_blockset_put - put blocks into the set or take them out of it
 * @count: 1 or more; the range is within the set
 * Return: 0; -ENOMEM when only some of them were.
 */
int emu_blockset_put(struct emu_blockset *set, uint64_t first, uint64_t count, bool member);

/** emu_blockset_add - the same with @member true, quick for a few blocks */
int emu_blockset_add(struct emu_blockset *set, uint64_t first, uint64_t count);

/**
 * emu_blockset_run - how many blocks from @first on are alike
 * @count: 1 or more; the range is within the set
 * @ret_member: whether they are in the set
 * Return: 1 .. @count
 */
uint64_t emu_blockset_run(const struct emu_blockset *set, uint64_t first, uint64_t count,
			  bool *ret_member);

/** emu_blockset_has - whether one of the blocks is in the set, or with @all whether all are */
bool emu_blockset_has(const struct emu_blockset *set, uint64_t first, uint64_t count, bool all);

/**
 * struct emu_blockmap - the state of the blocks of a medium
 * @changes: how often @uncorrectable may have changed; goes on when the map is made anew
 */
struct emu_blockmap {
	struct emu_blockset allocated;
	struct emu_blockset uncorrectable;
	uint32_t changes;
};

/** emu_blockmap_init - all blocks are deallocated */
void emu_blockmap_init(struct emu_blockmap *map, uint64_t blocks);

/** emu_blockmap_done - free its memory */
void emu_blockmap_done(struct emu_blockmap *map);

/**
 * emu_blockmap_check - what stops a read of @media
 * Return: 0; -EBADMSG; -ENODATA when @media->dulbe asks for it.
 */
static inline int emu_blockmap_check(const struct emu_blockmap *map, const struct emu_media *media)
{
	if (__builtin_expect(map->uncorrectable.root != NULL, 0) &&
	    emu_blockset_has(&map->uncorrectable, media->slba, media->nlb, false))
		return -EBADMSG;
	if (__builtin_expect(media->dulbe, 0) &&
	    !emu_blockset_has(&map->allocated, media->slba, media->nlb, true))
		return -ENODATA;
	return 0;
}

/**
 * emu_blockmap_begin - blocks are about to be written: they count as allocated from now on
 * Return: 0, or -ENOSPC without memory.
 */
static inline int emu_blockmap_begin(struct emu_blockmap *map, const struct emu_media *media)
{
	if (map->allocated.root == EMU_BLOCKSET_ALL)
		return 0;
	return emu_blockset_add(&map->allocated, media->slba, media->nlb) ? -ENOSPC : 0;
}

/** emu_blockmap_mend - blocks are correctable, whatever they were; Return: as above */
int emu_blockmap_mend(struct emu_blockmap *map, const struct emu_media *media);

/** emu_blockmap_end - blocks were written: they are correctable; Return: as above */
static inline int emu_blockmap_end(struct emu_blockmap *map, const struct emu_media *media)
{
	if (__builtin_expect(map->uncorrectable.root == NULL, 1))
		return 0;
	return emu_blockmap_mend(map, media);
}

/**
 * emu_blockmap_deallocate - blocks are deallocated; what was uncorrectable of them is gone, too
 * Return: as above
 */
int emu_blockmap_deallocate(struct emu_blockmap *map, const struct emu_media *media);

/**
 * emu_blockmap_spoil - blocks are uncorrectable, and allocated, as after a write
 * Return: as above
 */
int emu_blockmap_spoil(struct emu_blockmap *map, const struct emu_media *media);

/** emu_blockmap_status - the answer to EMU_MEDIA_STATUS */
void emu_blockmap_status(const struct emu_blockmap *map, const struct emu_media *media);

#endif
