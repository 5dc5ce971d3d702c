/* SPDX-License-Identifier: BSD-3-Clause */
/* Keeps queues filled. One thread serves all of them: submit, ring once a round, poll. */
#include "driver/cli/job.h"

#include <string.h>

#include "driver/cli/error.h"

#define LOOK_NSEC 100000000u /* how often time-outs, health and progress are looked at */
#define IDLE_NSEC 200000u    /* how long to wait for one of several queues */

static void complete(void *arg, const struct nvl_completion *completion)
{
	struct cli_op *op = arg;
	struct cli_job *job = op->job;
	uint64_t now_nsec = nvl_device_now(job->session->device);
	uint32_t queue = nvl_queue_id(op->queue) - 1;

	job->outstanding--;
	job->commands++;
	op->next_free = job->free[queue];
	job->free[queue] = op;
	if (job->stopped)
		return;
	if (completion->result != 0) {
		cli_fail_result(&job->error, completion->result,
				"%s: %s of %" G_GUINT64_FORMAT " bytes at block %" G_GUINT64_FORMAT,
				job->session->name, op->write ? "write" : "read", job->op_bytes,
				op->slba);
		job->stopped = true;
	} else if (!job->done(job, op, now_nsec)) {
		job->stopped = true;
	}
}

static int submit(struct cli_job *job, struct cli_op *op)
{
	uint32_t nlb = (uint32_t)(job->op_bytes >> job->ns->block_shift);
	uint32_t action = nvl_pi_alone(job->ns);
	const struct nvl_data data = { &job->buffer, op->offset, job->op_bytes };
	const struct nvme_sqe sqe = {
		.opcode = op->write ? NVME_CMD_WRITE : NVME_CMD_READ,
		.nsid = nvme_le32(job->ns->nsid),
		.cdw10 = nvme_le32((uint32_t)op->slba),
		.cdw11 = nvme_le32((uint32_t)(op->slba >> 32)),
		.cdw12 = nvme_le32(NVME_PUT(NVME_RW_NLB, nlb - 1) |
				   NVME_PUT(NVME_RW_PRACT, action)),
		.cdw14 = nvme_le32(action ? (uint32_t)op->slba : 0),
	};

	return nvl_submit(op->queue, &sqe, &data, complete, op);
}

/* Return: false when next() has no more. */
static bool fill_queue(struct cli_job *job, uint32_t index)
{
	while (job->free[index] && !job->stopped) {
		struct cli_op *op = job->free[index];
		int result;

		if (!job->next(job, op))
			return false;
		op->start_nsec = nvl_device_now(job->session->device);
		result = submit(job, op);
		if (result != 0) {
			cli_fail_result(&job->error, result, "%s: submitting a command",
					job->session->name);
			job->stopped = true;
			return false;
		}
		job->free[index] = op->next_free;
		job->outstanding++;
	}
	nvl_ring(nvl_queue(job->session->ctrl, index));
	return true;
}

static bool fill_queues(struct cli_job *job, bool more)
{
	for (uint32_t i = 0; i < job->queues; i++) {
		if (more && !fill_queue(job, i))
			more = false;
		nvl_ring(nvl_queue(job->session->ctrl, i));
	}
	return more;
}

static uint32_t poll_queues(struct cli_job *job)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < job->queues; i++)
		taken += nvl_poll(nvl_queue(job->session->ctrl, i), 0);
	return taken;
}

/* Late commands and dead controllers; what is outstanding then is completed by nvl_stop(). */
static void look(struct cli_job *job)
{
	struct nvl_ctrl *ctrl = job->session->ctrl;
	uint32_t late = 0;
	int result = nvl_watch(ctrl);

	for (uint32_t i = 0; i < job->queues; i++)
		late += nvl_tick(nvl_queue(ctrl, i));
	if (result == 0 && late > 0)
		result = -NVL_ETIMEDOUT;
	if (result != 0) {
		if (!job->error)
			cli_fail_result(&job->error, result,
					"%s: looking at the controller, %u commands outstanding",
					job->session->name, job->outstanding);
		job->stopped = true;
		nvl_stop(ctrl);
	}
	if (job->progress && !job->stopped)
		job->progress(job);
}

static void wait_a_moment(struct cli_job *job)
{
	static uint32_t turn;
	uint64_t now_nsec = nvl_device_now(job->session->device);

	nvl_wait(nvl_queue(job->session->ctrl, turn++ % job->queues),
		 now_nsec + (job->queues == 1 ? LOOK_NSEC : IDLE_NSEC));
}

bool cli_job_run(struct cli_job *job, GError **error)
{
	uint64_t look_nsec = nvl_device_now(job->session->device) + LOOK_NSEC;
	bool more = true;

	job->start_nsec = nvl_device_now(job->session->device);
	while (more || job->outstanding > 0) {
		more = fill_queues(job, more) && !job->stopped;
		if (poll_queues(job) == 0 && job->outstanding > 0)
			wait_a_moment(job);
		if (nvl_device_now(job->session->device) >= look_nsec) {
			look(job);
			look_nsec = nvl_device_now(job->session->device) + LOOK_NSEC;
		}
	}
	job->end_nsec = nvl_device_now(job->session->device);
	cli_progress_end();
	if (!job->error)
		return true;
	g_propagate_error(error, g_steal_pointer(&job->error));
	return false;
}

static bool check_limits(struct cli_job *job, GError **error)
{
	const struct nvl_info *info = nvl_info(job->session->ctrl);

	if (!nvl_data_alone(job->ns))
		return cli_fail(error, CLI_EXIT_ENVIRONMENT,
				"%s: namespace %u has metadata of %u bytes, which are more than "
				"protection information: they are not moved here",
				job->session->name, job->ns->nsid, job->ns->metadata_bytes);
	if (job->op_bytes % job->ns->block_bytes != 0 || job->op_bytes == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--block-size: %" G_GUINT64_FORMAT
				" is not a multiple of the namespace's blocks of %u bytes",
				job->op_bytes, job->ns->block_bytes);
	if (job->op_bytes > info->max_transfer_bytes)
		return cli_fail(
			error, CLI_EXIT_USAGE,
			"--block-size: %" G_GUINT64_FORMAT
			" is more than a command of this controller can move: %" G_GUINT64_FORMAT,
			job->op_bytes, info->max_transfer_bytes);
	if (job->queues > info->queues)
		return cli_fail(error, CLI_EXIT_USAGE, "--queues: the controller grants %u",
				info->queues);
	if (job->depth > nvl_queue_depth(nvl_queue(job->session->ctrl, 0)))
		return cli_fail(error, CLI_EXIT_USAGE,
				"--queue-depth: the controller's queues take %u commands at a time",
				nvl_queue_depth(nvl_queue(job->session->ctrl, 0)));
	return true;
}

bool cli_job_prepare(struct cli_job *job, GError **error)
{
	uint32_t count = job->queues * job->depth;
	uint64_t stride;
	int result;

	if (!check_limits(job, error))
		return false;
	stride = (job->op_bytes + NVL_PAGE_BYTES - 1) / NVL_PAGE_BYTES * NVL_PAGE_BYTES;
	result = nvl_device_alloc(job->session->device, stride * count, &job->buffer);
	if (result != 0)
		return cli_fail_result(error, result, "%s: buffers of %" G_GUINT64_FORMAT " bytes",
				       job->session->name, stride * count);
	job->ops = g_new0(struct cli_op, count);
	job->free = g_new0(struct cli_op *, job->queues);
	for (uint32_t i = 0; i < count; i++) {
		struct cli_op *op = &job->ops[i];
		uint32_t queue = i / job->depth;

		op->job = job;
		op->queue = nvl_queue(job->session->ctrl, queue);
		op->offset = stride * i;
		op->data = (uint8_t *)job->buffer.data + op->offset;
		op->next_free = job->free[queue];
		job->free[queue] = op;
	}
	return true;
}

void cli_job_free(struct cli_job *job)
{
	nvl_device_free(job->session->device, &job->buffer);
	g_free(job->ops);
	g_free(job->free);
	g_clear_error(&job->error);
}
