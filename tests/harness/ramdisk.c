/* SPDX-License-Identifier: BSD-3-Clause */
/* A disk in memory: see ramdisk.h. */
#include "tests/harness/ramdisk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (!memory)
		abort();
	return memory;
}

static int number_of(const char *path)
{
	return strcmp(path, "state") == 0 ? 0 : 1;
}

/* What becomes of the next operation: 0 it happens, 1 it is the last and half, or an errno. */
static int next_operation(struct th_disk *disk)
{
	unsigned int number = ++disk->operations;

	if (disk->stop_at && number > disk->stop_at)
		return -EIO;
	if (disk->fail_at && number - disk->fail_at < disk->fail_count)
		return disk->error;
	return disk->stop_at && number == disk->stop_at && disk->half;
}

static int new_file(struct th_disk *disk)
{
	struct th_disk_file *file;

	if (disk->count == TH_DISK_FILES)
		abort();
	file = &disk->files[disk->count];
	file->now.bytes = allocate(TH_DISK_BYTES);
	file->durable.bytes = allocate(TH_DISK_BYTES);
	return disk->count++;
}

static int open_ram(void *arg, const char *path, bool fresh)
{
	struct th_disk *disk = arg;
	int *name = &disk->names[number_of(path)];
	int result = next_operation(disk);

	if (result < 0)
		return result;
	if (*name < 0)
		*name = new_file(disk);
	if (fresh)
		disk->files[*name].now.size = 0;
	return *name;
}

static int lock_ram(void *arg, int fd)
{
	struct th_disk *disk = arg;

	if (disk->files[fd].locked)
		return -EBUSY;
	disk->files[fd].locked = true;
	return 0;
}

static bool is_same_ram(void *arg, int fd, const char *path)
{
	struct th_disk *disk = arg;

	return disk->names[number_of(path)] == fd;
}

static int64_t size_of_ram(void *arg, int fd)
{
	struct th_disk *disk = arg;

	return disk->files[fd].now.size;
}

static int read_ram(void *arg, int fd, uint64_t offset, void *to, size_t bytes)
{
	struct th_disk *disk = arg;
	const struct th_disk_content *now = &disk->files[fd].now;

	if (offset > now->size || bytes > now->size - offset)
		return -EIO;
	if (bytes)
		memcpy(to, now->bytes + offset, bytes);
	return 0;
}

static int write_ram(void *arg, int fd, uint64_t offset, const void *from, size_t bytes)
{
	struct th_disk *disk = arg;
	struct th_disk_content *now = &disk->files[fd].now;
	int result = next_operation(disk);

	/* A write that fails leaves a part, as a full disk does. */
	if (result != 0)
		bytes /= 2;
	if (disk->stop_at && disk->operations > disk->stop_at)
		return -EIO;
	if (offset + bytes > TH_DISK_BYTES)
		abort();
	if (offset > now->size)
		memset(now->bytes + now->size, 0, (size_t)offset - now->size);
	memcpy(now->bytes + offset, from, bytes);
	if (now->size < offset + bytes)
		now->size = (uint32_t)(offset + bytes);
	return result < 0 ? result : 0;
}

static int truncate_ram(void *arg, int fd, uint64_t bytes)
{
	struct th_disk *disk = arg;
	int result = next_operation(disk);

	if (result < 0)
		return result;
	disk->files[fd].now.size = (uint32_t)bytes;
	return 0;
}

static void copy(struct th_disk_content *to, const struct th_disk_content *from)
{
	memcpy(to->bytes, from->bytes, from->size);
	to->size = from->size;
}

static int sync_ram(void *arg, int fd)
{
	struct th_disk *disk = arg;
	int result = next_operation(disk);

	if (result < 0)
		return result;
	copy(&disk->files[fd].durable, &disk->files[fd].now);
	return 0;
}

static int rename_ram(void *arg, const char *from, const char *to)
{
	struct th_disk *disk = arg;
	int result = next_operation(disk);

	if (result < 0)
		return result;
	disk->names[number_of(to)] = disk->names[number_of(from)];
	disk->names[number_of(from)] = -1;
	return 0;
}

static int sync_ram_folder(void *arg, const char *path)
{
	struct th_disk *disk = arg;
	int result = next_operation(disk);

	(void)path;
	if (result < 0)
		return result;
	memcpy(disk->durable_names, disk->names, sizeof(disk->names));
	return 0;
}

static void unlink_ram(void *arg, const char *path)
{
	struct th_disk *disk = arg;

	if (next_operation(disk) >= 0)
		disk->names[number_of(path)] = -1;
}

static void close_ram(void *arg, int fd)
{
	struct th_disk *disk = arg;

	disk->files[fd].locked = false;
}

void th_disk_init(struct th_disk *disk)
{
	memset(disk, 0, sizeof(*disk));
	disk->ops = (struct emu_disk){
		.arg = disk,
		.open = open_ram,
		.lock = lock_ram,
		.same = is_same_ram,
		.size = size_of_ram,
		.read = read_ram,
		.write = write_ram,
		.truncate = truncate_ram,
		.sync = sync_ram,
		.rename = rename_ram,
		.sync_folder = sync_ram_folder,
		.unlink = unlink_ram,
		.close = close_ram,
	};
	for (int i = 0; i < TH_DISK_NAMES; i++) {
		disk->names[i] = -1;
		disk->durable_names[i] = -1;
	}
}

void th_disk_done(struct th_disk *disk)
{
	for (int i = 0; i < disk->count; i++) {
		free(disk->files[i].now.bytes);
		free(disk->files[i].durable.bytes);
	}
}

struct th_disk_file *th_disk_file(struct th_disk *disk)
{
	return disk->names[0] < 0 ? NULL : &disk->files[disk->names[0]];
}

void th_disk_set(struct th_disk *disk, const void *bytes, uint32_t size)
{
	struct th_disk_file *file;

	if (size > TH_DISK_BYTES)
		abort();
	disk->names[0] = new_file(disk);
	disk->durable_names[0] = disk->names[0];
	file = th_disk_file(disk);
	if (size)
		memcpy(file->now.bytes, bytes, size);
	file->now.size = size;
	copy(&file->durable, &file->now);
}

void th_disk_killed(struct th_disk *disk)
{
	for (int i = 0; i < disk->count; i++)
		disk->files[i].locked = false;
	disk->stop_at = 0;
	disk->fail_at = 0;
	disk->half = false;
}

static uint8_t byte_at(const struct th_disk_content *content, uint32_t at)
{
	return at < content->size ? content->bytes[at] : 0;
}

/* One half of what differs is as it was written, the other as it was before: zeros, if nothing. */
static void mix(struct th_disk_file *file, bool first)
{
	uint32_t size = file->now.size > file->durable.size ? file->now.size : file->durable.size;
	uint32_t differ = 0, seen = 0;

	for (uint32_t i = 0; i < size; i++)
		differ += byte_at(&file->now, i) != byte_at(&file->durable, i);
	for (uint32_t i = 0; i < size; i++) {
		uint8_t now = byte_at(&file->now, i), durable = byte_at(&file->durable, i);
		bool written = (seen < differ / 2) == first;

		seen += now != durable;
		file->durable.bytes[i] = written ? now : durable;
	}
	file->durable.size = size;
}

void th_disk_crash(struct th_disk *disk, enum th_disk_crash crash, bool names)
{
	for (int i = 0; i < disk->count; i++) {
		struct th_disk_file *file = &disk->files[i];

		if (crash == TH_DISK_ALL)
			copy(&file->durable, &file->now);
		else if (crash != TH_DISK_NONE)
			mix(file, crash == TH_DISK_FIRST_HALF);
		copy(&file->now, &file->durable);
	}
	if (names)
		memcpy(disk->durable_names, disk->names, sizeof(disk->names));
	else
		memcpy(disk->names, disk->durable_names, sizeof(disk->names));
	th_disk_killed(disk);
}
