/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records that outlive the power. A handler saves before it answers; its command completes when the
 * program around the subsystem says that all of them are durable. A reset or shutdown of the
 * controller waits for them as it waits for the medium.
 */
#include "emulator/core/feature.h"

#define EINVAL_NEGATIVE (-22)

typedef int load_record(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

static load_record *const loaders[EMU_RECORD_TYPES] = {
	[EMU_RECORD_NAMESPACE] = emu_load_ns,
	[EMU_RECORD_FEATURES] = emu_load_features,
	[EMU_RECORD_NS_FEATURES] = emu_load_ns_features,
	[EMU_RECORD_RESERVATION] = emu_load_resv,
	[EMU_RECORD_FIRMWARE] = emu_load_firmware,
	[EMU_RECORD_ERROR_LOG] = emu_load_errors,
	[EMU_RECORD_SMART] = emu_load_counters,
	[EMU_RECORD_SELF_TEST] = emu_load_self_test,
	[EMU_RECORD_PEL] = emu_load_pel,
	[EMU_RECORD_SANITIZE] = emu_load_sanitize,
	[EMU_RECORD_SPINDLE] = emu_load_spindle,
};

int emu_load(struct emu *emu, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	int result;

	if (type >= EMU_RECORD_TYPES || !loaders[type] || bytes < 2 || bytes > EMU_RECORD_BYTES)
		return EINVAL_NEGATIVE;
	if (!emu_site(emu, EMU_SITE(STATE_LOAD)) || emu_fault_load_record(emu, type, &result))
		result = loaders[type](emu, id, data, bytes);
	emu_trace(emu, &emu->ctrl[0], STATE_LOAD, type, id, bytes, result != 0);
	return result;
}

/* Who waits for a record, as the trace has it; FFFFh: nobody, or the controller itself. */
static uint32_t sqid_of(const struct emu_req *req)
{
	return req ? (uint16_t)req->sqid : 0xffff;
}

static uint32_t cid_of(const struct emu_req *req)
{
	return req ? req->cid : 0xffff;
}

/** emu_save - keep a record; @req, unless it is NULL, completes after it is durable */
void emu_save(struct emu *emu, struct emu_req *req, enum emu_record_type type, uint32_t id,
	      const void *data, uint32_t bytes)
{
	struct emu_record record = {
		.tag = req ? req->tag : EMU_RECORD_NOBODY,
		.type = (uint16_t)type,
		.id = id,
		.data = bytes ? data : NULL,
		.bytes = bytes,
	};
	int result;

	if (!emu->ops.save)
		return;
	if (bytes > EMU_RECORD_BYTES)
		emu_panic(emu, "emu_save: the record is too large");
	emu_trace(emu, &emu->ctrl[req ? req->ctrl : 0], STATE_SAVE, sqid_of(req), cid_of(req),
		  record.type, id, bytes);
	if (req) {
		req->saves++;
		emu->ctrl[req->ctrl].saves_pending++;
	} else {
		emu->nobodys_saves++;
	}
	if (!emu_site(emu, EMU_SITE(STATE_SAVE)) || emu_fault_save(emu, req, &record, &result))
		result = emu->ops.save(emu->ops.arg, &record);
	if (result != EMU_PENDING)
		emu_save_done(emu, record.tag, result);
}

/* The last answer for a request that had finished before: now it completes. */
static void saved_all(struct emu *emu, struct emu_req *req)
{
	if (req->state != EMU_REQ_SAVING)
		return;
	if (req->dropped)
		emu_req_put(emu, req);
	else
		emu_finish(emu, req, req->status);
}

void emu_save_done(struct emu *emu, uint32_t tag, int result)
{
	struct emu_req *req;

	if (tag == EMU_RECORD_NOBODY && emu->nobodys_saves > 0) {
		emu_trace(emu, &emu->ctrl[0], STATE_SAVED, sqid_of(NULL), cid_of(NULL),
			  (uint32_t)-result);
		emu->nobodys_saves--;
		return;
	}
	if (tag >= emu_requests(&emu->config) || emu->req[tag].saves == 0)
		emu_panic(emu, "emu_save_done: no record of this tag waits");
	req = &emu->req[tag];
	emu_trace(emu, &emu->ctrl[req->ctrl], STATE_SAVED, sqid_of(req), cid_of(req),
		  (uint32_t)-result);
	emu->ctrl[req->ctrl].saves_pending--;
	if (result != 0)
		req->save_failed = true;
	if (--req->saves == 0)
		saved_all(emu, req);
}

/** emu_req_drop - a command of a controller that is reset ends without a completion */
void emu_req_drop(struct emu *emu, struct emu_req *req)
{
	if (req->preempted)
		emu_resv_victim_gone(emu, req);
	if (req->saves == 0) {
		emu_req_put(emu, req);
		return;
	}
	req->state = EMU_REQ_SAVING;
	req->dropped = true;
}
