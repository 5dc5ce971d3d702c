/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers, doorbells and configuration space.
 *
 * The one place that knows whether a part of BAR0 is memory of ours (a real BAR, or a page shared
 * with the process behind it) or has to be asked for.
 */
#include "driver/core/internal.h"

typedef uint32_t __attribute__((may_alias)) word32;
typedef uint64_t __attribute__((may_alias)) word64;

/** nvl_mapped - where @bytes of BAR0 at @offset can be accessed, or NULL */
volatile void *nvl_mapped(const struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes)
{
	uint64_t from = offset;
	uint64_t first = ctrl->ops.mapped_offset;

	if (!ctrl->ops.mapped || from < first || from + bytes > first + ctrl->ops.mapped_bytes)
		return NULL;
	return (volatile uint8_t *)ctrl->ops.mapped + (from - first);
}

static uint64_t load(const volatile void *at, uint32_t bytes)
{
	if (bytes == 8)
		return nvme_swap_le64(*(const volatile word64 *)at);
	return nvme_swap_le32(*(const volatile word32 *)at);
}

static void store(volatile void *at, uint32_t bytes, uint64_t value)
{
	if (bytes == 8)
		*(volatile word64 *)at = nvme_swap_le64(value);
	else
		*(volatile word32 *)at = nvme_swap_le32((uint32_t)value);
}

static void check_access(const struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes)
{
	if ((bytes != 4 && bytes != 8) || offset % bytes != 0 || offset >= NVME_DOORBELL_OFFSET)
		nvl_panic(ctrl, "a register access of a bad size or place");
}

uint64_t nvl_reg_read(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes)
{
	const volatile void *at = nvl_mapped(ctrl, offset, bytes);
	uint64_t value;

	check_access(ctrl, offset, bytes);
	value = at ? load(at, bytes) : ctrl->ops.reg_read(ctrl->ops.arg, offset, bytes);
	nvl_trace(ctrl, REG_READ, offset, bytes, value);
	return value;
}

void nvl_reg_write(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes, uint64_t value)
{
	volatile void *at = nvl_mapped(ctrl, offset, bytes);

	check_access(ctrl, offset, bytes);
	nvl_trace(ctrl, REG_WRITE, offset, bytes, value);
	if (at)
		store(at, bytes, value);
	else
		ctrl->ops.reg_write(ctrl->ops.arg, offset, bytes, value);
}

/** nvl_doorbell_call - write a doorbell that is not mapped */
void nvl_doorbell_call(struct nvl_queue *queue, uint32_t offset, uint32_t value)
{
	const struct nvl_ops *ops = &queue->ctrl->ops;

	ops->reg_write(ops->arg, offset, 4, value);
}

uint32_t nvl_cfg_read(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes)
{
	uint32_t value = ctrl->ops.cfg_read(ctrl->ops.arg, offset, bytes);

	nvl_trace(ctrl, CFG_READ, offset, bytes, value);
	return value;
}

void nvl_cfg_write(struct nvl_ctrl *ctrl, uint32_t offset, uint32_t bytes, uint32_t value)
{
	nvl_trace(ctrl, CFG_WRITE, offset, bytes, value);
	ctrl->ops.cfg_write(ctrl->ops.arg, offset, bytes, value);
}
