/* SPDX-License-Identifier: BSD-3-Clause */
/* Reservation Register, Acquire and Release (Base 2.0 7.2, 7.3 and 7.4, unverified). */
#include "emulator/core/internal.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)

/* Who acts, on what. @index: EMU_REGISTRANTS while it is not registered. */
struct act {
	struct emu *emu;
	struct emu_ctrl *ctrl;
	struct emu_req *req;
	struct emu_resv *resv;
	const uint8_t *host;
	uint32_t nsid;
	uint32_t cdw10;
	uint32_t index;
};

static struct act act_of(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	struct emu_resv *resv = emu_resv_of(emu, nsid);

	return (struct act){
		.emu = emu,
		.ctrl = ctrl,
		.req = req,
		.resv = resv,
		.host = ctrl->features.host_id,
		.nsid = nsid,
		.cdw10 = nvme_cpu32(req->sqe.cdw10),
		.index = emu_resv_find(resv, ctrl->features.host_id),
	};
}

static nvme_status conflict(struct emu_req *req)
{
	return emu_bad(req, NVME_SC_RESERVATION_CONFLICT, 0, 0);
}

/* A host without an identifier is nobody: Command Sequence Error (unverified). */
static nvme_status check_host(const struct emu_ctrl *ctrl, struct emu_req *req)
{
	return emu_resv_has_id(ctrl) ? NVME_SC_SUCCESS
				     : emu_bad(req, NVME_SC_COMMAND_SEQUENCE_ERROR, 0, 0);
}

static bool is_mine(const struct act *act, uint64_t key)
{
	return act->index < act->resv->count && act->resv->reg[act->index].key == key;
}

/* To every registrant but the one who acts. */
static void tell_others(const struct act *act, uint8_t type)
{
	for (uint32_t i = 0; i < act->resv->count; i++) {
		if (memcmp(act->resv->reg[i].host, act->host, EMU_HOST_BYTES) != 0)
			emu_resv_notify(act->emu, act->resv->reg[i].host, act->nsid, type);
	}
}

/* Types whose release concerns registrants that did not hold it. */
static bool is_shared(uint8_t type)
{
	return type >= NVME_RESV_WRITE_EXCLUSIVE_RO;
}

/* Reservation Register. */

emu_verdict emu_exec_resv_register(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	nvme_status status = check_host(ctrl, req);

	(void)emu;
	if (status)
		return status;
	if (NVME_GET(cdw10, NVME_RESV_REGISTER_RREGA) > NVME_RESV_REGISTER_REPLACE)
		return emu_bad_field(req, CDW10, 0);
	if (NVME_GET(cdw10, NVME_RESV_REGISTER_CPTPL) == 1)
		return emu_bad_field(req, CDW10 + 3, 6);
	return EMU_TRANSFER;
}

static nvme_status add_me(const struct act *act, uint64_t key)
{
	if (key == 0)
		return NVME_SC_INVALID_FIELD | NVME_DNR;
	if (!emu_resv_add(act->resv, act->ctrl, key))
		return NVME_SC_INTERNAL_ERROR;
	act->resv->generation++;
	return NVME_SC_SUCCESS;
}

/* The same key once more changes nothing; another one is a conflict. */
static nvme_status register_me(const struct act *act, uint64_t nrkey)
{
	if (act->index == EMU_REGISTRANTS)
		return add_me(act, nrkey);
	return is_mine(act, nrkey) ? NVME_SC_SUCCESS : conflict(act->req);
}

static nvme_status unregister_me(const struct act *act, uint64_t crkey, bool ignore)
{
	uint8_t type = act->resv->type;

	if (act->index == EMU_REGISTRANTS || (!ignore && !is_mine(act, crkey)))
		return conflict(act->req);
	act->resv->generation++;
	if (emu_resv_remove(act->resv, act->index) && is_shared(type))
		tell_others(act, NVME_RESV_LOG_RELEASED);
	return NVME_SC_SUCCESS;
}

static nvme_status replace_mine(const struct act *act, uint64_t crkey, uint64_t nrkey, bool ignore)
{
	if (nrkey == 0)
		return NVME_SC_INVALID_FIELD | NVME_DNR;
	if (act->index == EMU_REGISTRANTS)
		return ignore ? add_me(act, nrkey) : conflict(act->req);
	if (!ignore && !is_mine(act, crkey))
		return conflict(act->req);
	act->resv->reg[act->index].key = nrkey;
	act->resv->generation++;
	return NVME_SC_SUCCESS;
}

static void set_persistence(const struct act *act)
{
	uint32_t cptpl = NVME_GET(act->cdw10, NVME_RESV_REGISTER_CPTPL);
	uint32_t *ptpl = &act->emu->ns_features[act->nsid].ptpl;
	uint32_t wanted = cptpl == NVME_RESV_CPTPL_SET;

	if (cptpl == NVME_RESV_CPTPL_NO_CHANGE || *ptpl == wanted)
		return;
	*ptpl = wanted;
	emu_save_ns_features(act->emu, act->req, act->nsid);
}

nvme_status emu_resv_register(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint8_t *data)
{
	const struct nvme_resv_register *keys = (const void *)data;
	struct act act = act_of(emu, ctrl, req);
	uint64_t crkey = nvme_cpu64(keys->crkey), nrkey = nvme_cpu64(keys->nrkey);
	bool ignore = NVME_GET(act.cdw10, NVME_RESV_REGISTER_IEKEY);
	nvme_status status;

	switch (NVME_GET(act.cdw10, NVME_RESV_REGISTER_RREGA)) {
	case NVME_RESV_REGISTER_REGISTER:
		status = register_me(&act, nrkey);
		break;
	case NVME_RESV_REGISTER_UNREGISTER:
		status = unregister_me(&act, crkey, ignore);
		break;
	default:
		status = replace_mine(&act, crkey, nrkey, ignore);
		break;
	}
	if (status)
		return status;
	set_persistence(&act);
	emu_resv_changed(emu, req, act.nsid);
	return NVME_SC_SUCCESS;
}

/* Reservation Acquire. */

emu_verdict emu_exec_resv_acquire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	uint32_t type = NVME_GET(cdw10, NVME_RESV_ACQUIRE_RTYPE);
	nvme_status status = check_host(ctrl, req);

	(void)emu;
	if (status)
		return status;
	if (NVME_GET(cdw10, NVME_RESV_ACQUIRE_RACQA) > NVME_RESV_ACQUIRE_PREEMPT_AND_ABORT)
		return emu_bad_field(req, CDW10, 0);
	if (NVME_GET(cdw10, NVME_RESV_ACQUIRE_IEKEY))
		return emu_bad_field(req, CDW10, 3);
	if (type == NVME_RESV_NONE || type > NVME_RESV_EXCLUSIVE_ACCESS_AR)
		return emu_bad_field(req, CDW10 + 1, 0);
	return EMU_TRANSFER;
}

static nvme_status acquire(const struct act *act, uint8_t type)
{
	struct emu_resv *resv = act->resv;

	if (resv->type == NVME_RESV_NONE) {
		resv->type = type;
		resv->holder = (uint8_t)act->index;
		return NVME_SC_SUCCESS;
	}
	if (emu_resv_holds(resv, act->index) && resv->type == type)
		return NVME_SC_SUCCESS;
	return conflict(act->req);
}

static bool aborts(const struct act *act)
{
	return NVME_GET(act->cdw10, NVME_RESV_ACQUIRE_RACQA) == NVME_RESV_ACQUIRE_PREEMPT_AND_ABORT;
}

/*
 * Unregisters those with @key, or all when @all; the one who acts stays when @spare_me. The others
 * are told, and with Preempt and Abort their commands end. Return: how many.
 */
static uint32_t preempt_registrants(const struct act *act, uint64_t key, bool all, bool spare_me)
{
	uint32_t count = 0;

	for (uint32_t i = act->resv->count; i-- > 0;) {
		struct emu_registrant reg = act->resv->reg[i];
		bool me = memcmp(reg.host, act->host, EMU_HOST_BYTES) == 0;

		if ((!all && reg.key != key) || (me && spare_me))
			continue;
		emu_resv_remove(act->resv, i);
		count++;
		if (me)
			continue;
		emu_resv_notify(act->emu, reg.host, act->nsid,
				NVME_RESV_LOG_REGISTRATION_PREEMPTED);
		if (aborts(act))
			emu_resv_abort(act->emu, reg.host, act->nsid);
	}
	return count;
}

/* The reservation becomes mine, of another type perhaps: who remains is told then. */
static void take_over(const struct act *act, uint64_t key, bool all, uint8_t type)
{
	struct emu_resv *resv = act->resv;
	uint8_t old = resv->type;

	/* Mine before the others go, so that it is never nobody's. */
	resv->type = type;
	resv->holder = (uint8_t)act->index;
	preempt_registrants(act, key, all, true);
	resv->type = type;
	resv->holder = (uint8_t)emu_resv_find(resv, act->host);
	if (old != type)
		tell_others(act, NVME_RESV_LOG_RELEASED);
}

static nvme_status preempt(const struct act *act, uint64_t prkey, uint8_t type)
{
	struct emu_resv *resv = act->resv;
	bool of_all = emu_resv_of_all(resv->type);

	if (prkey == 0 && !of_all)
		return NVME_SC_INVALID_FIELD | NVME_DNR;
	if (prkey == 0)
		take_over(act, 0, true, type);
	else if (resv->type != NVME_RESV_NONE && !of_all && resv->reg[resv->holder].key == prkey)
		take_over(act, prkey, false, type);
	else if (preempt_registrants(act, prkey, false, false) == 0)
		return conflict(act->req);
	resv->generation++;
	return NVME_SC_SUCCESS;
}

nvme_status emu_resv_acquire(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     uint8_t *data)
{
	const struct nvme_resv_acquire *keys = (const void *)data;
	struct act act = act_of(emu, ctrl, req);
	uint8_t type = (uint8_t)NVME_GET(act.cdw10, NVME_RESV_ACQUIRE_RTYPE);
	nvme_status status;

	if (!is_mine(&act, nvme_cpu64(keys->crkey)))
		return conflict(req);
	if (NVME_GET(act.cdw10, NVME_RESV_ACQUIRE_RACQA) == NVME_RESV_ACQUIRE_ACQUIRE)
		status = acquire(&act, type);
	else
		status = preempt(&act, nvme_cpu64(keys->prkey), type);
	if (status)
		return status;
	emu_resv_changed(emu, req, act.nsid);
	return aborts(&act) && emu_resv_wait(emu, ctrl, req) ? EMU_PARK : NVME_SC_SUCCESS;
}

/* Reservation Release. */

emu_verdict emu_exec_resv_release(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t cdw10 = nvme_cpu32(req->sqe.cdw10);
	nvme_status status = check_host(ctrl, req);

	(void)emu;
	if (status)
		return status;
	if (NVME_GET(cdw10, NVME_RESV_RELEASE_RRELA) > NVME_RESV_RELEASE_CLEAR)
		return emu_bad_field(req, CDW10, 0);
	if (NVME_GET(cdw10, NVME_RESV_RELEASE_IEKEY))
		return emu_bad_field(req, CDW10, 3);
	return EMU_TRANSFER;
}

/* What is not mine to release is no error; the wrong type of what is mine is one. */
static nvme_status release(const struct act *act, uint8_t type)
{
	struct emu_resv *resv = act->resv;

	if (!emu_resv_holds(resv, act->index))
		return NVME_SC_SUCCESS;
	if (resv->type != type)
		return emu_bad_field(act->req, CDW10 + 1, 0);
	resv->type = NVME_RESV_NONE;
	resv->holder = 0;
	if (is_shared(type))
		tell_others(act, NVME_RESV_LOG_RELEASED);
	return NVME_SC_SUCCESS;
}

static void clear(const struct act *act)
{
	tell_others(act, NVME_RESV_LOG_PREEMPTED);
	act->resv->type = NVME_RESV_NONE;
	act->resv->holder = 0;
	act->resv->count = 0;
	act->resv->generation++;
}

nvme_status emu_resv_release(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			     uint8_t *data)
{
	const struct nvme_resv_release *keys = (const void *)data;
	struct act act = act_of(emu, ctrl, req);
	nvme_status status = NVME_SC_SUCCESS;

	if (!is_mine(&act, nvme_cpu64(keys->crkey)))
		return conflict(req);
	if (NVME_GET(act.cdw10, NVME_RESV_RELEASE_RRELA) == NVME_RESV_RELEASE_CLEAR)
		clear(&act);
	else
		status = release(&act, (uint8_t)NVME_GET(act.cdw10, NVME_RESV_RELEASE_RTYPE));
	if (!status)
		emu_resv_changed(emu, req, act.nsid);
	return status;
}

/** emu_resv_bytes - keys that the commands come with */
uint32_t emu_resv_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	(void)emu;
	(void)ctrl;
	return req->sqe.opcode == NVME_CMD_RESV_RELEASE ? sizeof(struct nvme_resv_release)
							: sizeof(struct nvme_resv_acquire);
}
