/* SPDX-License-Identifier: BSD-3-Clause */
/* Reservation commands (Base 2.0 7, unverified): who may write to a namespace that hosts share. */
#include "driver/core/data.h"

/** struct keys - the data of Register and Acquire; Release has the first alone */
struct keys {
	nvme_u64le key[2];
};

_Static_assert(sizeof(struct keys) == sizeof(struct nvme_resv_register) &&
		       sizeof(struct keys) == sizeof(struct nvme_resv_acquire),
	       "two keys");

/** struct call - a command and its data: keys, or memory of the caller */
struct call {
	struct nvme_sqe sqe;
	struct keys keys;
	void *data;
	uint32_t bytes;
};

static int start(struct nvl_queue *queue, const void *what, nvl_done_fn *done, void *arg)
{
	const struct call *call = what;
	struct keys keys = call->keys;

	return nvl_join_copy(queue, &call->sqe, call->data ? call->data : &keys, call->bytes, done,
			     arg);
}

static struct call make_register(const struct nvl_resv_register *resv)
{
	return (struct call){
		.sqe = {
			.opcode = NVME_CMD_RESV_REGISTER,
			.nsid = nvme_le32(resv->nsid),
			.cdw10 = nvme_le32(NVME_PUT(NVME_RESV_REGISTER_RREGA, resv->action) |
					   NVME_PUT(NVME_RESV_REGISTER_IEKEY, resv->ignore_key) |
					   NVME_PUT(NVME_RESV_REGISTER_CPTPL, resv->persistence)),
		},
		.keys = { { nvme_le64(resv->current_key), nvme_le64(resv->new_key) } },
		.bytes = sizeof(struct nvme_resv_register),
	};
}

int nvl_resv_register(struct nvl_queue *queue, const struct nvl_resv_register *resv,
		      nvl_done_fn *done, void *arg)
{
	const struct call call = make_register(resv);

	return start(queue, &call, done, arg);
}

int nvl_resv_register_wait(struct nvl_queue *queue, const struct nvl_resv_register *resv)
{
	const struct call call = make_register(resv);

	return nvl_call_wait(queue, start, &call, NULL);
}

static struct call make_acquire(const struct nvl_resv_acquire *resv)
{
	return (struct call){
		.sqe = {
			.opcode = NVME_CMD_RESV_ACQUIRE,
			.nsid = nvme_le32(resv->nsid),
			.cdw10 = nvme_le32(NVME_PUT(NVME_RESV_ACQUIRE_RACQA, resv->action) |
					   NVME_PUT(NVME_RESV_ACQUIRE_IEKEY, resv->ignore_key) |
					   NVME_PUT(NVME_RESV_ACQUIRE_RTYPE, resv->type)),
		},
		.keys = { { nvme_le64(resv->current_key), nvme_le64(resv->preempt_key) } },
		.bytes = sizeof(struct nvme_resv_acquire),
	};
}

int nvl_resv_acquire(struct nvl_queue *queue, const struct nvl_resv_acquire *resv,
		     nvl_done_fn *done, void *arg)
{
	const struct call call = make_acquire(resv);

	return start(queue, &call, done, arg);
}

int nvl_resv_acquire_wait(struct nvl_queue *queue, const struct nvl_resv_acquire *resv)
{
	const struct call call = make_acquire(resv);

	return nvl_call_wait(queue, start, &call, NULL);
}

static struct call make_release(const struct nvl_resv_release *resv)
{
	return (struct call){
		.sqe = {
			.opcode = NVME_CMD_RESV_RELEASE,
			.nsid = nvme_le32(resv->nsid),
			.cdw10 = nvme_le32(NVME_PUT(NVME_RESV_RELEASE_RRELA, resv->action) |
					   NVME_PUT(NVME_RESV_RELEASE_IEKEY, resv->ignore_key) |
					   NVME_PUT(NVME_RESV_RELEASE_RTYPE, resv->type)),
		},
		.keys = { { nvme_le64(resv->current_key) } },
		.bytes = sizeof(struct nvme_resv_release),
	};
}

int nvl_resv_release(struct nvl_queue *queue, const struct nvl_resv_release *resv,
		     nvl_done_fn *done, void *arg)
{
	const struct call call = make_release(resv);

	return start(queue, &call, done, arg);
}

int nvl_resv_release_wait(struct nvl_queue *queue, const struct nvl_resv_release *resv)
{
	const struct call call = make_release(resv);

	return nvl_call_wait(queue, start, &call, NULL);
}

static struct call make_report(const struct nvl_resv_report *report)
{
	return (struct call){
		.sqe = {
			.opcode = NVME_CMD_RESV_REPORT,
			.nsid = nvme_le32(report->nsid),
			.cdw10 = nvme_le32(report->bytes / 4 - 1),
			.cdw11 = nvme_le32(NVME_PUT(NVME_RESV_REPORT_EDS, report->extended)),
		},
		.data = report->data,
		.bytes = report->bytes,
	};
}

int nvl_resv_report(struct nvl_queue *queue, const struct nvl_resv_report *report,
		    nvl_done_fn *done, void *arg)
{
	const struct call call = make_report(report);

	if (!report->data || report->bytes == 0 || report->bytes % 4 != 0)
		return -NVL_EINVAL;
	return start(queue, &call, done, arg);
}

int nvl_resv_report_wait(struct nvl_queue *queue, const struct nvl_resv_report *report)
{
	const struct call call = make_report(report);

	if (!report->data || report->bytes == 0 || report->bytes % 4 != 0)
		return -NVL_EINVAL;
	return nvl_call_wait(queue, start, &call, NULL);
}
