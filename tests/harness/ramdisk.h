/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A disk in memory for the state file: it knows what is durable and what is not, stops or fails at
 * any operation, and shows what a process finds after the power failed.
 */
#ifndef TESTS_HARNESS_RAMDISK_H
#define TESTS_HARNESS_RAMDISK_H

#include <stdbool.h>
#include <stdint.h>

#include "emulator/device/disk.h"

#define TH_DISK_FILES 64
#define TH_DISK_NAMES 2
#define TH_DISK_BYTES (1u << 20) /* of a file */

/** enum th_disk_crash - which of the bytes that were not synced are there after the power failed */
enum th_disk_crash {
	TH_DISK_NONE,
	TH_DISK_ALL,
	TH_DISK_FIRST_HALF,
	TH_DISK_SECOND_HALF,
	TH_DISK_CRASHES,
};

struct th_disk_content {
	uint8_t *bytes;
	uint32_t size;
};

struct th_disk_file {
	struct th_disk_content now;
	struct th_disk_content durable;
	bool locked;
};

/**
 * struct th_disk
 * @names: "state" and "state.new": which file each is, or -1; likewise @durable_names
 * @operations: what changed something, so far
 * @stop_at: after that many nothing happens any more, as if the process had been killed; 0: never
 * @half: of the last operation before, a write, only half happens
 * @fail_at: @fail_count operations from that one on fail with @error
 */
struct th_disk {
	struct emu_disk ops;
	struct th_disk_file files[TH_DISK_FILES];
	int count;
	int names[TH_DISK_NAMES];
	int durable_names[TH_DISK_NAMES];
	unsigned int operations;
	unsigned int stop_at;
	bool half;
	unsigned int fail_at;
	unsigned int fail_count;
	int error;
};

/** th_disk_init - an empty disk */
void th_disk_init(struct th_disk *disk);

/** th_disk_done - frees everything */
void th_disk_done(struct th_disk *disk);

/** th_disk_file - the file called "state", or NULL */
struct th_disk_file *th_disk_file(struct th_disk *disk);

/** th_disk_set - "state" has these bytes, durably */
void th_disk_set(struct th_disk *disk, const void *bytes, uint32_t size);

/**
 * th_disk_killed - the process is gone; the machine goes on
 * th_disk_crash - the machine lost power: @names says whether names that were not synced are there
 *
 * Afterwards nothing is locked, stops or fails.
 */
void th_disk_killed(struct th_disk *disk);
void th_disk_crash(struct th_disk *disk, enum th_disk_crash crash, bool names);

#endif
