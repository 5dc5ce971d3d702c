/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests in parts: what is moved when, from where to where. */
#include "emulator/backend/job.h"

#define DROP_BYTES (UINT64_C(1) << 30) /* more at a time would hold up everybody */

/* Written to media only, so it stays what it is. */
static uint8_t zeros[EMU_BOUNCE_BYTES];

static bool is_drop(const struct emu_job *job)
{
	return !job->fill && (job->media.op == EMU_MEDIA_DEALLOCATE ||
			      (job->media.op == EMU_MEDIA_WRITE_ZEROES && job->media.deallocate));
}

/* Where the data of this stage is in memory; NULL when it has to go through the bounce buffer. */
static uint8_t *memory_of(const struct emu_job *job)
{
	if (job->media.op == EMU_MEDIA_WRITE_ZEROES || job->media.op == EMU_MEDIA_DEALLOCATE)
		return zeros;
	return job->cursor.memory;
}

/* Begins the next part of a stage; Return: 1 or -EFAULT. */
static int begin_part(struct emu_job *job)
{
	uint64_t most = EMU_BOUNCE_BYTES;

	job->part = job->media.op == EMU_MEDIA_READ ? EMU_PART_READ : EMU_PART_WRITE;
	if (is_drop(job)) {
		job->part = EMU_PART_DROP;
		most = DROP_BYTES;
	}
	job->start = job->offset;
	job->bytes = job->left < most ? job->left : most;
	job->memory = memory_of(job);
	if (job->memory)
		return 1;
	job->memory = job->bounce;
	if (job->part == EMU_PART_WRITE) {
		int error = emu_cursor_from_host(&job->cursor, job->bounce, job->bytes);

		return error ? error : 1;
	}
	return 1;
}

/* The bytes that a stage works on; 0 when it is left out. */
static uint64_t stage_bytes(const struct emu_job *job, enum emu_job_stage stage)
{
	const struct emu_media *media = &job->media;
	bool moves = media->op == EMU_MEDIA_READ || media->op == EMU_MEDIA_WRITE;

	if (stage == EMU_JOB_DATA)
		return moves && !media->spans && !media->data
			       ? 0
			       : (uint64_t)media->nlb << media->lbads;
	return moves && !media->meta ? 0 : (uint64_t)media->nlb * media->ms;
}

/* Goes to the first part of the first stage from @stage on that there is. */
static int begin_stage(struct emu_job *job, enum emu_job_stage stage)
{
	const struct emu_media *media = &job->media;

	while (stage < EMU_JOB_SYNC && stage_bytes(job, stage) == 0)
		stage++;
	job->stage = stage;
	if (stage == EMU_JOB_DATA) {
		emu_cursor_init(&job->cursor, job->backend->host, media);
		job->offset = media->slba << media->lbads;
	} else if (stage == EMU_JOB_META) {
		emu_cursor_init_meta(&job->cursor, media);
		job->offset = job->backend->bytes + media->slba * media->ms;
	} else if (stage == EMU_JOB_SYNC && job->sync) {
		job->part = EMU_PART_FLUSH;
		job->bytes = 0;
		return 1;
	} else {
		job->stage = EMU_JOB_DONE;
		return 0;
	}
	job->left = stage_bytes(job, stage);
	return begin_part(job);
}

/* Whether there is nothing to drop: what is deallocated is zeros already. */
static bool is_dropped(const struct emu_backend *backend, const struct emu_media *media)
{
	bool drops = media->op == EMU_MEDIA_DEALLOCATE ||
		     (media->op == EMU_MEDIA_WRITE_ZEROES && media->deallocate);

	return drops && !emu_blockset_has(&backend->map.allocated, media->slba, media->nlb, false);
}

/* What becomes of the state of the blocks before anything is moved. */
static int begin_map(struct emu_job *job)
{
	struct emu_blockmap *map = &job->backend->map;

	switch (job->media.op) {
	case EMU_MEDIA_WRITE:
		return emu_blockmap_begin(map, &job->media);
	case EMU_MEDIA_WRITE_ZEROES:
		if (!job->media.deallocate)
			return emu_blockmap_begin(map, &job->media);
		return emu_blockmap_deallocate(map, &job->media);
	case EMU_MEDIA_DEALLOCATE:
		return emu_blockmap_deallocate(map, &job->media);
	default:
		return 0;
	}
}

int emu_job_begin(struct emu_job *job, struct emu_backend *backend, const struct emu_media *media,
		  uint8_t *bounce, bool fill, bool sync)
{
	enum emu_job_stage first = EMU_JOB_DATA;
	int result;

	if (media->op == EMU_MEDIA_FLUSH || is_dropped(backend, media))
		first = EMU_JOB_SYNC;
	job->media = *media;
	job->backend = backend;
	job->bounce = bounce;
	job->fill = fill;
	job->sync = sync || media->op == EMU_MEDIA_FLUSH;
	result = begin_map(job);
	/* Dropped parts know no FUA. */
	if (is_drop(job) && media->fua)
		job->sync = true;
	if (result)
		return result;
	return begin_stage(job, first);
}

int emu_job_advance(struct emu_job *job, uint64_t bytes)
{
	if (job->stage == EMU_JOB_SYNC)
		return begin_stage(job, EMU_JOB_DONE);
	job->bytes -= bytes;
	job->offset += bytes;
	job->left -= bytes;
	if (job->bytes > 0) {
		job->memory += bytes;
		return 1;
	}
	if (job->cursor.memory)
		job->cursor.memory += job->offset - job->start;
	else if (job->part == EMU_PART_READ) {
		int error = emu_cursor_to_host(&job->cursor, job->bounce, job->offset - job->start);

		if (error)
			return error;
	}
	if (job->left > 0)
		return begin_part(job);
	return begin_stage(job, job->stage + 1);
}

void emu_job_fill(struct emu_job *job)
{
	job->fill = true;
	if (job->media.fua)
		job->sync = true;
	begin_part(job);
}

int emu_job_end(struct emu_job *job, int result)
{
	struct emu_blockmap *map = &job->backend->map;

	switch (job->media.op) {
	case EMU_MEDIA_WRITE:
	case EMU_MEDIA_WRITE_ZEROES:
		return result ? result : emu_blockmap_end(map, &job->media);
	case EMU_MEDIA_DEALLOCATE:
		/* What may not be zeros must not count as deallocated. */
		if (result)
			emu_blockmap_begin(map, &job->media);
		return result;
	default:
		return result;
	}
}
