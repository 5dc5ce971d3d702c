/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that ask what a path or a descriptor is. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "driver/preload/preload.h"

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "64-bit offsets everywhere");

static int stat_node(const struct pre_node *node, struct stat *ret_stat)
{
	int result;

	pre_lock();
	result = pre_node_stat(node, ret_stat);
	pre_unlock();
	return result;
}

PRE_PUBLIC int stat(const char *path, struct stat *ret_stat)
{
	struct pre_node node;

	return pre_node_find(path, &node) ? stat_node(&node, ret_stat)
					  : pre_real()->stat(path, ret_stat);
}

PRE_PUBLIC int lstat(const char *path, struct stat *ret_stat)
{
	struct pre_node node;

	return pre_node_find(path, &node) ? stat_node(&node, ret_stat)
					  : pre_real()->lstat(path, ret_stat);
}

PRE_PUBLIC int fstat(int fd, struct stat *ret_stat)
{
	struct pre_file *file = pre_file(fd);

	return file ? stat_node(&file->node, ret_stat) : pre_real()->fstat(fd, ret_stat);
}

/* With AT_EMPTY_PATH the descriptor itself is meant. */
static bool find_at(int folder, const char *path, int flags, struct pre_node *ret_node)
{
	struct pre_file *file = path && *path == '\0' && (flags & AT_EMPTY_PATH) ? pre_file(folder)
										 : NULL;

	if (!file)
		return pre_node_find(path, ret_node);
	*ret_node = file->node;
	return true;
}

PRE_PUBLIC int fstatat(int folder, const char *path, struct stat *ret_stat, int flags)
{
	struct pre_node node;

	return find_at(folder, path, flags, &node)
		       ? stat_node(&node, ret_stat)
		       : pre_real()->fstatat(folder, path, ret_stat, flags);
}

PRE_PUBLIC int stat64(const char *path, struct stat64 *ret_stat)
{
	return stat(path, (struct stat *)ret_stat);
}

PRE_PUBLIC int lstat64(const char *path, struct stat64 *ret_stat)
{
	return lstat(path, (struct stat *)ret_stat);
}

PRE_PUBLIC int fstat64(int fd, struct stat64 *ret_stat)
{
	return fstat(fd, (struct stat *)ret_stat);
}

PRE_PUBLIC int fstatat64(int folder, const char *path, struct stat64 *ret_stat, int flags)
{
	return fstatat(folder, path, (struct stat *)ret_stat, flags);
}

PRE_PUBLIC int statx(int folder, const char *path, int flags, unsigned int mask,
		     struct statx *ret_stat)
{
	struct pre_node node;
	struct stat plain;

	if (!find_at(folder, path, flags, &node))
		return pre_real()->statx(folder, path, flags, mask, ret_stat);
	if (stat_node(&node, &plain) != 0)
		return -1;
	*ret_stat = (struct statx){
		.stx_mask = STATX_BASIC_STATS,
		.stx_blksize = (uint32_t)plain.st_blksize,
		.stx_nlink = (uint32_t)plain.st_nlink,
		.stx_uid = plain.st_uid,
		.stx_gid = plain.st_gid,
		.stx_mode = (uint16_t)plain.st_mode,
		.stx_ino = plain.st_ino,
		.stx_rdev_major = major(plain.st_rdev),
		.stx_rdev_minor = minor(plain.st_rdev),
	};
	return 0;
}

/* Whoever may use the device may read and write its files; nobody may execute them. */
static int access_node(const struct pre_node *node, int mode)
{
	struct stat unused;

	if (stat_node(node, &unused) != 0)
		return -1;
	return mode & X_OK ? pre_fail(EACCES) : 0;
}

PRE_PUBLIC int access(const char *path, int mode)
{
	struct pre_node node;

	return pre_node_find(path, &node) ? access_node(&node, mode)
					  : pre_real()->access(path, mode);
}

PRE_PUBLIC int faccessat(int folder, const char *path, int mode, int flags)
{
	struct pre_node node;

	return pre_node_find(path, &node) ? access_node(&node, mode)
					  : pre_real()->faccessat(folder, path, mode, flags);
}
