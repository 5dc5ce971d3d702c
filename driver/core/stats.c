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
	struct nvl_opcode_stats *row = &stats->opcodes[request->opcode];
	uint32_t bucket = bucket_of(nsec);

	row->errors += error;
	row->latency_nsec += nsec;
	row->latency[bucket < NVL_LATENCIES ? bucket : NVL_LATENCIES - 1]++;
	stats->latency[bucket]++;
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

static void add_counts(struct nvl_vector_stats *sum, const struct nvl_queue *queue)
{
	const struct nvl_counters *counters = &queue->counters;

	sum->queues++;
	sum->depth += nvl_queue_depth(queue);
	sum->outstanding += nvl_queue_outstanding(queue);
	sum->submitted += counters->submitted;
	sum->completed += counters->completed;
	sum->errors += counters->errors;
	sum->retries += counters->retries;
	sum->timeouts += counters->timeouts;
	sum->polled += counters->polled;
	sum->aborts += queue->aborts;
	sum->waits += counters->waits;
}

static void add_latencies(struct nvl_vector_stats *sum, const struct nvl_stats *stats)
{
	for (uint32_t i = 0; i < 256; i++)
		sum->bytes += stats->opcodes[i].bytes;
	for (uint32_t i = 0; i < 64; i++)
		sum->latency[i] += stats->latency[i];
	sum->latency_nsec += stats->latency_nsec;
	if (stats->latency_max_nsec > sum->latency_max_nsec)
		sum->latency_max_nsec = stats->latency_max_nsec;
}

int nvl_vector_stats(const struct nvl_ctrl *ctrl, uint32_t vector,
		     struct nvl_vector_stats *ret_stats)
{
	memset(ret_stats, 0, sizeof(*ret_stats));
	for (uint32_t id = 0; id <= ctrl->info.queues; id++) {
		const struct nvl_queue *queue = ctrl->queues[id];

		if (queue->vector != vector)
			continue;
		add_counts(ret_stats, queue);
		if (queue->stats)
			add_latencies(ret_stats, queue->stats);
	}
	return ret_stats->queues > 0 ? 0 : -NVL_EINVAL;
}
