/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Get Features and Set Features (Base 2.0 5.15 and 5.27, unverified), for all rows of the table.
 *
 * Each value exists three times: current, default and saved. A reset loads the saved one.
 */
#include "emulator/core/feature.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define NSID  offsetof(struct nvme_sqe, nsid)

/** emu_feature_find - the row of @fid, when the configuration and the version offer it, or NULL */
const struct emu_feature *emu_feature_find(const struct emu *emu, uint32_t fid)
{
	for (const struct emu_feature *row = emu_features; row->caps; row++) {
		if (row->fid != fid)
			continue;
		if (emu->config.vs < row->since || (row->supported && !row->supported(emu)))
			return NULL;
		return row;
	}
	return NULL;
}

/** emu_feature_caps - what the feature can do; without Save and Select nothing is saveable */
uint8_t emu_feature_caps(const struct emu *emu, const struct emu_feature *row)
{
	return emu->config.save ? row->caps : (uint8_t)(row->caps & ~EMU_SAVEABLE);
}

/** emu_feature_effects - entry of the Feature Identifiers Supported and Effects log; 0: none */
uint32_t emu_feature_effects(const struct emu *emu, uint32_t fid)
{
	const struct emu_feature *row = emu_feature_find(emu, fid);

	if (!row)
		return 0;
	return NVME_MASK(NVME_FID_EFFECTS_FSUPP) | row->scope |
	       NVME_PUT(NVME_FID_EFFECTS_USS, fid == NVME_FID_OCP_ERRORS && emu_has_ocp_uuid(emu));
}

uint32_t emu_feature_count(const struct emu_feature *row)
{
	return row->values ? row->values : 1;
}

/** emu_feature_size - bytes of one value, or of the buffer */
uint32_t emu_feature_size(const struct emu_feature *row)
{
	return row->bytes ? row->bytes : (uint32_t)sizeof(uint32_t);
}

uint32_t emu_feature_default(const struct emu *emu, const struct emu_feature *row, uint32_t index)
{
	return row->initial ? row->initial(emu, index) : 0;
}

bool emu_feature_is_set(const struct emu_req *req)
{
	return req->sqe.opcode == NVME_ADMIN_SET_FEATURES;
}

/** emu_feature_fid - the feature that a Get or Set Features command names: the same field */
uint32_t emu_feature_fid(const struct emu_req *req)
{
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_FEATURES_FID);
}

/**
 * emu_feature_place - where one value is; NULL when there is no such version of it
 *
 * Features of namespaces have one version, which counts as saved when it persists.
 */
uint8_t *emu_feature_place(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_feature *row,
			   uint32_t nsid, uint32_t index, bool saved)
{
	uint8_t *base = NULL;

	switch ((enum emu_store)row->store) {
	case EMU_STORE_CTRL:
		base = (uint8_t *)(saved ? &ctrl->saved : &ctrl->features);
		break;
	case EMU_STORE_CTRL_NS:
		base = saved ? NULL : (uint8_t *)&ctrl->ns_features[nsid];
		break;
	case EMU_STORE_NS:
		base = (uint8_t *)&emu->ns_features[nsid];
		break;
	case EMU_STORE_SUBSYSTEM:
		base = (uint8_t *)(saved ? &emu->saved : &emu->features);
		break;
	case EMU_STORE_NONE:
	default:
		break;
	}
	return base ? base + row->offset + (size_t)index * emu_feature_size(row) : NULL;
}

static void put_default(const struct emu *emu, const struct emu_feature *row, uint32_t index,
			uint8_t *place)
{
	uint32_t value = emu_feature_default(emu, row, index);

	if (row->bytes)
		memset(place, 0, row->bytes);
	else
		memcpy(place, &value, sizeof(value));
}

static void put_defaults(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_feature *row,
			 uint32_t nsid)
{
	for (uint32_t i = 0; i < emu_feature_count(row); i++) {
		uint8_t *current = emu_feature_place(emu, ctrl, row, nsid, i, false);
		uint8_t *saved = emu_feature_place(emu, ctrl, row, nsid, i, true);

		if (current)
			put_default(emu, row, i, current);
		if (saved)
			put_default(emu, row, i, saved);
	}
}

/** emu_init_features - as the controller was made: all values are their defaults */
void emu_init_features(struct emu *emu, struct emu_ctrl *ctrl)
{
	for (const struct emu_feature *row = emu_features; row->caps; row++) {
		bool per_ns = row->store == EMU_STORE_NS || row->store == EMU_STORE_CTRL_NS;

		for (uint32_t nsid = 0; nsid <= (per_ns ? emu->config.nn : 0); nsid++)
			put_defaults(emu, ctrl, row, nsid);
	}
}

/**
 * emu_forget_ns_features - namespace @nsid is new: its features have their defaults
 *
 * For every controller, and for all of them. Their record is deleted; nobody waits for that, but
 * what is saved after it is not durable before.
 */
void emu_forget_ns_features(struct emu *emu, uint32_t nsid)
{
	for (const struct emu_feature *row = emu_features; row->caps; row++) {
		if (row->store == EMU_STORE_NS)
			put_defaults(emu, emu->ctrl, row, nsid);
		for (uint32_t i = 0; row->store == EMU_STORE_CTRL_NS && i < emu->config.controllers;
		     i++)
			put_defaults(emu, &emu->ctrl[i], row, nsid);
	}
	emu_resv_forget(emu, nsid);
	emu_update_protection(emu);
	if (emu->ns_features[nsid].kept)
		emu_save(emu, NULL, EMU_RECORD_NS_FEATURES, nsid, NULL, 0);
	emu->ns_features[nsid].kept = false;
}

/**
 * emu_reset_features - what a reset does to features: saved values, nothing granted or exempt
 *
 * What more than one controller shares does not change when one of them is reset (unverified):
 * emu_reset_shared_features().
 */
void emu_reset_features(struct emu *emu, struct emu_ctrl *ctrl)
{
	ctrl->features = ctrl->saved;
	emu_forget_errors(emu, ctrl);
	ctrl->clock_set_nsec = emu->now_nsec;
	ctrl->clock_by_host = false;
	emu_hmb_reset(emu, ctrl);
	ctrl->sqs_granted = emu_queues_most(emu, ctrl);
	ctrl->cqs_granted = emu_queues_most(emu, ctrl);
	nvme_bitset_init(ctrl->irq_exempt, emu->layout.vectors);
	for (const struct emu_feature *row = emu_features; row->caps; row++) {
		for (uint32_t nsid = 1; row->store == EMU_STORE_CTRL_NS && nsid <= emu->config.nn;
		     nsid++)
			put_defaults(emu, ctrl, row, nsid);
	}
}

/* What a namespace keeps no longer than there is power. */
static void lose_ns_values(struct emu *emu)
{
	for (const struct emu_feature *row = emu_features; row->caps; row++) {
		for (uint32_t nsid = 1;
		     row->store == EMU_STORE_NS && !row->persistent && nsid <= emu->config.nn;
		     nsid++)
			put_defaults(emu, emu->ctrl, row, nsid);
	}
}

/** emu_reset_shared_features - the same of what controllers share, when all of them are reset */
void emu_reset_shared_features(struct emu *emu, enum emu_reset_kind kind)
{
	emu->features = emu->saved;
	emu_perf_update(emu);
	if (kind == EMU_RESET_POWER) {
		lose_ns_values(emu);
		emu_power_up_protection(emu);
		emu_resv_power_up(emu);
	}
}

/* Which of the versions SEL asks for. Without Save and Select, SEL is reserved. */
static uint32_t sel_of(const struct emu *emu, const struct emu_req *req)
{
	if (emu_feature_is_set(req) || !emu->config.save)
		return NVME_FEATURE_SEL_CURRENT;
	return NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_GET_FEATURES_SEL);
}

/* SV, and an NSID where it belongs (Base 2.0 5.27). */
static nvme_status check_common(const struct emu *emu, const struct emu_ctrl *ctrl,
				const struct emu_feature *row, struct emu_req *req)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	bool set = emu_feature_is_set(req);
	bool saved = set && NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_SET_FEATURES_SV);

	if (saved && !(emu_feature_caps(emu, row) & EMU_SAVEABLE))
		return emu_bad(req, NVME_SC_FEATURE_NOT_SAVEABLE, CDW10 + 3, 7);
	if (set && !(row->caps & EMU_CHANGEABLE))
		return emu_bad(req, NVME_SC_FEATURE_NOT_CHANGEABLE, CDW10, 0);
	if (row->caps & EMU_PER_NS) {
		if (!(set && nsid == NVME_NSID_ALL) && !emu_ns_find(emu, ctrl, nsid))
			return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	} else if (set && nsid != 0 && nsid != NVME_NSID_ALL) {
		return emu_bad(req, NVME_SC_FEATURE_NOT_NS_SPECIFIC, NSID, 0);
	}
	return NVME_SC_SUCCESS;
}

/* The feature that the command is about, and which of its values. */
static nvme_status describe(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    struct emu_setting *setting)
{
	const struct emu_feature *row = emu_feature_find(emu, emu_feature_fid(req));

	if (!row)
		return emu_bad_field(req, CDW10, 0);
	*setting = (struct emu_setting){
		.row = row,
		.nsid = row->caps & EMU_PER_NS ? nvme_cpu32(req->sqe.nsid) : 0,
		.count = 1,
		.value = nvme_cpu32(req->sqe.cdw11) & row->mask,
	};
	return row->select ? row->select(emu, ctrl, req, setting) : NVME_SC_SUCCESS;
}

/* A value goes to req->dw0, a buffer to @data, when the command has got so far. */
static nvme_status get_stored(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      const struct emu_setting *setting, uint32_t sel, uint8_t *data)
{
	const struct emu_feature *row = setting->row;
	bool saved = sel == NVME_FEATURE_SEL_SAVED;
	const uint8_t *place = NULL;

	if (sel != NVME_FEATURE_SEL_DEFAULT)
		place = emu_feature_place(emu, ctrl, row, setting->nsid, setting->first, saved);
	if (row->bytes) {
		if (data && place)
			memcpy(data, place, row->bytes);
		return NVME_SC_SUCCESS;
	}
	if (place)
		memcpy(&req->dw0, place, sizeof(req->dw0));
	else
		req->dw0 = emu_feature_default(emu, row, setting->first);
	return NVME_SC_SUCCESS;
}

static nvme_status get(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		       const struct emu_setting *setting, uint8_t *data)
{
	uint32_t sel = sel_of(emu, req);

	if (setting->row->get)
		return setting->row->get(emu, ctrl, req, setting, sel, data);
	return get_stored(emu, ctrl, req, setting, sel, data);
}

emu_verdict emu_exec_get_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct emu_feature *row = emu_feature_find(emu, emu_feature_fid(req));
	uint32_t sel = sel_of(emu, req);
	struct emu_setting setting = { 0 };
	nvme_status status;

	if (!row)
		return emu_bad_field(req, CDW10, 0);
	if (sel > NVME_FEATURE_SEL_CAPABILITIES)
		return emu_bad_field(req, CDW10 + 1, 0);
	if (sel == NVME_FEATURE_SEL_CAPABILITIES) {
		req->dw0 = emu_feature_caps(emu, row);
		return NVME_SC_SUCCESS;
	}
	status = check_common(emu, ctrl, row, req);
	if (!status)
		status = describe(emu, ctrl, req, &setting);
	if (!status && setting.row)
		status = get(emu, ctrl, req, &setting, NULL);
	if (status)
		return status;
	return row->bytes || row->get_bytes ? EMU_TRANSFER : NVME_SC_SUCCESS;
}

/* One value or buffer of one namespace, or of none. */
static void store(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_setting *setting,
		  uint32_t nsid, bool saved, const void *from)
{
	for (uint32_t i = 0; i < setting->count; i++) {
		uint8_t *place = emu_feature_place(emu, ctrl, setting->row, nsid,
						   setting->first + i, saved);

		if (place)
			memcpy(place, from, emu_feature_size(setting->row));
	}
}

static uint32_t old_value(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_setting *setting)
{
	const uint8_t *place = NULL;
	uint32_t old = 0;

	if (!setting->row->bytes && setting->nsid != NVME_NSID_ALL)
		place = emu_feature_place(emu, ctrl, setting->row, setting->nsid, setting->first,
					  false);
	if (place)
		memcpy(&old, place, sizeof(old));
	return old;
}

/* The value was checked: it becomes the current one, and the saved one, and does its work. */
static emu_verdict commit(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			  struct emu_setting *setting, const uint8_t *data)
{
	const void *from = setting->row->bytes ? (const void *)data : &setting->value;
	bool saved = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_SET_FEATURES_SV) ||
		     setting->row->persistent;
	uint32_t nsid = setting->nsid == NVME_NSID_ALL ? emu_ns_next(emu, ctrl, 0) : setting->nsid;
	emu_verdict verdict = NVME_SC_SUCCESS;

	setting->old = old_value(emu, ctrl, setting);
	/* Features of no namespace are stored once, with NSID 0. */
	while (nsid || !(setting->row->caps & EMU_PER_NS)) {
		store(emu, ctrl, setting, nsid, false, from);
		if (saved)
			store(emu, ctrl, setting, nsid, true, from);
		nsid = nsid ? emu_setting_next(emu, ctrl, setting, nsid) : 0;
		if (!nsid)
			break;
	}
	if (setting->row->apply)
		verdict = setting->row->apply(emu, ctrl, req, setting);
	if (saved)
		emu_feature_save(emu, ctrl, req, setting);
	if (verdict == NVME_SC_SUCCESS || verdict == EMU_TRANSFER)
		emu_pel_set_feature(emu, ctrl, req);
	return verdict;
}

emu_verdict emu_exec_set_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct emu_feature *row = emu_feature_find(emu, emu_feature_fid(req));
	struct emu_setting setting = { 0 };
	nvme_status status;

	if (!row)
		return emu_bad_field(req, CDW10, 0);
	status = check_common(emu, ctrl, row, req);
	if (!status)
		status = describe(emu, ctrl, req, &setting);
	if (!status && row->check)
		status = row->check(emu, ctrl, req, &setting);
	if (status || !setting.row)
		return status;
	if (row->bytes && setting.count && emu_feature_bytes(emu, ctrl, req) > 0)
		return EMU_TRANSFER;
	/* A value, or a list of nothing: no data comes. */
	memset(emu->scratch, 0, sizeof(emu->scratch));
	return row->bytes && setting.count ? emu_transfer_features(emu, ctrl, req, emu->scratch)
					   : commit(emu, ctrl, req, &setting, emu->scratch);
}

uint32_t emu_feature_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req)
{
	const struct emu_feature *row = emu_feature_find(emu, emu_feature_fid(req));

	if (row->get_bytes)
		return emu_feature_is_set(req) ? 0 : row->get_bytes;
	return row->length ? row->length(emu, ctrl, req) : row->bytes;
}

/*
 * The buffer of a feature that has one; @data is zero behind what the command brought. The command
 * is checked again: since it was executed, its namespace may have been detached or deleted.
 */
nvme_status emu_transfer_features(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				  uint8_t *data)
{
	const struct emu_feature *row = emu_feature_find(emu, emu_feature_fid(req));
	struct emu_setting setting = { 0 };
	nvme_status status = check_common(emu, ctrl, row, req);

	if (!status)
		status = describe(emu, ctrl, req, &setting);
	if (status || !setting.row)
		return status;
	if (!emu_feature_is_set(req))
		return get(emu, ctrl, req, &setting, data);
	if (setting.row->check)
		status = setting.row->check(emu, ctrl, req, &setting);
	if (!status && setting.row->check_data)
		status = setting.row->check_data(emu, ctrl, req, &setting, data);
	return status ? status : commit(emu, ctrl, req, &setting, data);
}
