/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The few things that a journal does with files, as calls that a test can replace: it loses what
 * was not synced, or fails at any of them.
 */
#ifndef NVMELAB_EMULATOR_DEVICE_DISK_H
#define NVMELAB_EMULATOR_DEVICE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct emu_disk - files of a folder; each call returns 0 or a negative errno unless it says more
 * @arg: first argument of all
 * @open: opens a regular file for reading and writing, made when it is absent; @fresh empties it.
 *	Return: a descriptor. -ELOOP for a symbolic link, -EINVAL for what is no regular file.
 * @lock: against other processes; -EBUSY
 * @same: whether the file at @path is the one that was opened as @fd
 * @size: Return: bytes
 * @read: exactly @bytes; -EIO when the file has fewer
 * @write: exactly @bytes
 * @truncate: cuts the file to @bytes
 * @sync: what was written and the size are durable
 * @rename: replaces @to by @from at once
 * @sync_folder: names in the folder of @path are durable
 */
struct emu_disk {
	void *arg;
	int (*open)(void *arg, const char *path, bool fresh);
	int (*lock)(void *arg, int fd);
	bool (*same)(void *arg, int fd, const char *path);
	int64_t (*size)(void *arg, int fd);
	int (*read)(void *arg, int fd, uint64_t offset, void *to, size_t bytes);
	int (*write)(void *arg, int fd, uint64_t offset, const void *from, size_t bytes);
	int (*truncate)(void *arg, int fd, uint64_t bytes);
	int (*sync)(void *arg, int fd);
	int (*rename)(void *arg, const char *from, const char *to);
	int (*sync_folder)(void *arg, const char *path);
	void (*unlink)(void *arg, const char *path);
	void (*close)(void *arg, int fd);
};

/** emu_disk_system - the files of the machine */
extern const struct emu_disk emu_disk_system;

#endif
