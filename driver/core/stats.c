/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics of a queue: commands, errors and bytes for each opcode, and how long they took.
 *
 * Off, they cost nothing: a queue that counts takes the way of one that is traced.
 */
#include "driver/core/internal.h"

/** nvl_stats_submit - @request is with the controller from now on */
void nvl_stats_submit(struct nvl_queue *queue, struct nvl_request *request)
{
	struct nvl_opcode_stats *row = &queue->stats->opcodes[request->opcode];

	request->flags |= NVL_REQUEST_COUNTED;
	request->submitted_nsec = nvl_now(queue->ctrl);
	row->commands++;
	row->bytes += request->data_bytes;
}

/* The place of the highest bit: bucket n has 2^n .. 2^(n+1) - 1 ns, the first also 0. */
static uint32_t bucket_of(uint64_t nsec)
{
	uint32_t bucket = 0;

	while (nsec >>= 1)
		bucket++;
	return bucket;
}

/** nvl_stats_complete - @request was answered, with a status other than success if @error */
void nvl_stats_complete(struct nvl_queue *queue, const struct nvl_request *request, bool error)
{
	struct nvl_stats *stats = queue->stats;
	uint64_t now = nvl_now(queue->ctrl);
	uint64_t nsec = now > request->submitted_nsec ? now - request->submitted_nsec : 0;

	stats->opcodes[request->opcode].errors += error;
	stats->latency[bucket_of(nsec)]++;
	stats->latency_nsec += nsec;
	if (nsec > stats->latency_max_nsec)
		stats->latency_max_nsec = nsec;
}

const struct nvl_stats *nvl_stats(const struct nvl_queue *queue)
{
	return queue->stats;
}

uint32_t nvl_queue_aborts(const struct nvl_queue *queue)
{
	return queue->aborts;
}
