/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A request to a medium that is a row of bytes, a file say, divided into parts.
 *
 * Data lies at n << lbads and metadata behind all data. A job works on one part at a time: data
 * first, then metadata, then, where the medium needs it, a flush. Whoever moves the parts calls
 *
 *   emu_job_begin -> move the part -> emu_job_advance -> move -> ... -> emu_job_end
 */
#ifndef NVMELAB_EMULATOR_BACKEND_JOB_H
#define NVMELAB_EMULATOR_BACKEND_JOB_H

#include "emulator/backend/backend.h"

#define EMU_BOUNCE_BYTES (128u << 10) /* longer requests go part by part */

enum emu_part {
	EMU_PART_READ,
	EMU_PART_WRITE,
	EMU_PART_DROP, /* becomes zeros, and a hole where that can be */
	EMU_PART_FLUSH,
};

enum emu_job_stage {
	EMU_JOB_DATA,
	EMU_JOB_META,
	EMU_JOB_SYNC,
	EMU_JOB_DONE,
};

/**
 * struct emu_job - a request under way
 * @bounce: EMU_BOUNCE_BYTES for data in host memory
 * @part: what to do now, with @bytes at @offset of the medium and at @memory; no bytes for a flush
 * @left: bytes of this stage that have not been worked on, the part included
 * @start: of the part, before some of it was moved
 * @fill: nothing can be dropped: zeros are written instead
 * @sync: a flush ends the job
 */
struct emu_job {
	struct emu_media media;
	struct emu_backend *backend;
	struct emu_cursor cursor;
	uint8_t *bounce;
	enum emu_job_stage stage;
	enum emu_part part;
	uint64_t offset;
	uint64_t bytes;
	uint64_t left;
	uint64_t start;
	uint8_t *memory;
	bool fill;
	bool sync;
};

/**
 * emu_job_begin - start with the first part
 * @media: READ, WRITE, FLUSH, WRITE_ZEROES or DEALLOCATE that passed emu_backend_check()
 * @fill: zeros are always written
 * @sync: end with a flush
 * Return: 1; 0 when there is nothing to move; -EFAULT; -ENOSPC. Only after 1 emu_job_end() is due.
 */
int emu_job_begin(struct emu_job *job, struct emu_backend *backend, const struct emu_media *media,
		  uint8_t *bounce, bool fill, bool sync);

/**
 * emu_job_advance - @bytes of the part were moved; all of them for a drop, 0 for a flush
 * Return: 1 when there is a part, or the rest of one, to move; 0 when the job is done; -EFAULT.
 */
int emu_job_advance(struct emu_job *job, uint64_t bytes);

/** emu_job_fill - the part cannot be dropped: from now on, zeros are written */
void emu_job_fill(struct emu_job *job);

/** emu_job_end - the last thing; Return: @result, 0 or a negative errno, or what came up now */
int emu_job_end(struct emu_job *job, int result);

#endif
