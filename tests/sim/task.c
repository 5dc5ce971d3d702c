/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the application does between operations: a row for each task, at the first controller. Some
 * of them wait.
 */
#include "common/crc.h"
#include "emulator/core/firmware.h"
#include "tests/sim/internal.h"

#define IMAGE_BYTES 4096

static int begin(struct sim_world *world, enum nvl_operation operation)
{
	int result = nvl_begin(world->host->nvl, operation);

	world->host->busy = result == 0;
	return result;
}

static int reset(struct sim_world *world)
{
	return begin(world, NVL_OP_RESET);
}

static int subsystem_reset(struct sim_world *world)
{
	return begin(world, NVL_OP_SUBSYSTEM_RESET);
}

static int rescan(struct sim_world *world)
{
	return nvl_rescan(world->host->nvl);
}

static int suspend(struct sim_world *world)
{
	int result = nvl_suspend(world->host->nvl);

	return result ? result : nvl_resume(world->host->nvl);
}

static int abrupt(struct sim_world *world)
{
	int result = nvl_shutdown(world->host->nvl, true);

	return result ? result : nvl_start(world->host->nvl);
}

/* Whether a command that failed has erased blocks, nobody knows. */
static void forget(struct sim_world *world, int result)
{
	if (result == 0)
		sim_history_clear(world);
	else
		sim_history_doubt(world);
}

static int format(struct sim_world *world)
{
	const struct nvl_ns *ns = nvl_ns_find(world->host->nvl, 1);
	const struct nvl_format again = { .nsid = 1, .format = ns ? ns->format : 0 };
	int result = nvl_format_ns(world->host->nvl, &again);

	forget(world, result);
	return result;
}

static int sanitize(struct sim_world *world)
{
	const struct nvl_sanitize erase = { .action = NVME_SANITIZE_BLOCK_ERASE };
	int result = nvl_sanitize(world->host->nvl, &erase);

	forget(world, result);
	return result;
}

static int download(struct sim_world *world)
{
	uint8_t image[IMAGE_BYTES];
	struct emu_fw_head head = { .bytes = nvme_le32(IMAGE_BYTES) };
	const size_t covered = offsetof(struct emu_fw_head, revision);

	memset(image, 0x5a, sizeof(image));
	memcpy(head.magic, EMU_FW_MAGIC, sizeof(head.magic));
	memcpy(head.revision, "SIM2    ", sizeof(head.revision));
	memcpy(image, &head, sizeof(head));
	head.crc32c = nvme_le32(nvme_crc32c(0, image + covered, IMAGE_BYTES - covered));
	memcpy(image, &head, sizeof(head));
	return nvl_fw_download(world->host->nvl, image, sizeof(image));
}

static int firmware(struct sim_world *world)
{
	const struct nvl_fw_commit commit = {
		.action = NVME_FW_COMMIT_REPLACE_AND_ACTIVATE_AT_RESET,
		.slot = 2,
	};
	int result = download(world);

	return result ? result : nvl_fw_commit(world->host->nvl, &commit, NULL);
}

/* Into the slot first: only what is in one can be activated at once. */
static int activate(struct sim_world *world)
{
	struct nvl_fw_commit commit = { .action = NVME_FW_COMMIT_REPLACE, .slot = 2 };
	int result = download(world);

	if (result == 0)
		result = nvl_fw_commit(world->host->nvl, &commit, NULL);
	commit.action = NVME_FW_COMMIT_ACTIVATE_NOW;
	return result ? result : nvl_fw_commit(world->host->nvl, &commit, NULL);
}

static int flush(struct sim_world *world)
{
	struct nvl_queue *queue = nvl_queue(world->host->nvl, 0);

	return queue ? nvl_flush_wait(queue, 1) : -NVL_ENODEV;
}

static int (*const tasks[SIM_TASK_KINDS])(struct sim_world *world) = {
	[SIM_TASK_RESET] = reset,	[SIM_TASK_SUBSYSTEM_RESET] = subsystem_reset,
	[SIM_TASK_RESCAN] = rescan,	[SIM_TASK_SUSPEND] = suspend,
	[SIM_TASK_ABRUPT] = abrupt,	[SIM_TASK_FORMAT] = format,
	[SIM_TASK_SANITIZE] = sanitize, [SIM_TASK_FIRMWARE] = firmware,
	[SIM_TASK_ACTIVATE] = activate, [SIM_TASK_FLUSH] = flush,
};

static const struct sim_task *next_task(const struct sim_world *world)
{
	const struct sim_workload *workload = &world->file->workload;

	return world->tasks_done < workload->tasks ? &workload->task[world->tasks_done] : NULL;
}

bool sim_task_is_due(const struct sim_world *world)
{
	const struct sim_task *task = next_task(world);

	return task && world->app.next >= task->before;
}

void sim_task_do(struct sim_world *world)
{
	int result = tasks[next_task(world)->kind](world);

	world->tasks_done++;
	world->result->counter[SIM_TASK_RESULT] = result < 0 ? 65536 + (uint64_t)-result
							     : (uint64_t)result;
}

bool sim_task_set(struct sim_workload *workload, struct nvme_slice number, struct nvme_slice value,
		  struct nvme_text *message)
{
	struct sim_task task = { 0 };
	uint64_t before;

	if (nvme_parse_u64(number.data, number.bytes, &before) != NVME_PARSE_OK || before == 0 ||
	    before > UINT32_MAX) {
		nvme_text_add(message, "before.N: N is the number of an operation, from 1");
		return false;
	}
	if (workload->tasks == SIM_TASKS ||
	    (workload->tasks && workload->task[workload->tasks - 1].before >= before)) {
		nvme_text_add(message, workload->tasks == SIM_TASKS
					       ? "too many tasks"
					       : "tasks stand in the order of their operations");
		return false;
	}
	task.before = (uint32_t)before;
	while (sim_task_name(task.kind) && !nvme_slice_is(value, sim_task_name(task.kind)))
		task.kind++;
	if (sim_task_name(task.kind)) {
		workload->task[workload->tasks++] = task;
		return true;
	}
	nvme_text_add(message, "no such task; there are");
	for (unsigned int i = 0; sim_task_name(i); i++) {
		nvme_text_add(message, i ? ", " : " ");
		nvme_text_add(message, sim_task_name(i));
	}
	return false;
}

void sim_task_print(const struct sim_workload *workload, struct nvme_text *text)
{
	for (uint32_t i = 0; i < workload->tasks; i++) {
		nvme_text_add(text, "before.");
		nvme_text_u64(text, workload->task[i].before);
		nvme_text_add(text, " = ");
		nvme_text_add(text, sim_task_name(workload->task[i].kind));
		nvme_text_char(text, '\n');
	}
}
