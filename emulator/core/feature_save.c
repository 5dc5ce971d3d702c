/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host saved goes to the program around the subsystem, so that it survives that too.
 *
 * A record holds the features of one store: version (2 bytes), 0 (2 bytes), then for each feature
 * its identifier (1 byte), 0 (1 byte), the length of its values (2 bytes) and the values. What a
 * record does not name has its default.
 */
#include "emulator/core/feature.h"

#define EINVAL_NEGATIVE (-22)
#define VERSION		1
#define RECORD_HEADER	4
#define ROW_HEADER	4

static uint32_t total(const struct emu_feature *row)
{
	return emu_feature_count(row) * emu_feature_size(row);
}

static bool is_kept(const struct emu *emu, const struct emu_feature *row, enum emu_store store)
{
	if (row->store != store || emu_feature_find(emu, row->fid) != row)
		return false;
	return row->persistent || (emu_feature_caps(emu, row) & EMU_SAVEABLE);
}

static void put_value(uint8_t *to, const uint8_t *from, const struct emu_feature *row)
{
	uint32_t value;

	if (row->bytes) {
		memcpy(to, from, row->bytes);
		return;
	}
	memcpy(&value, from, sizeof(value));
	nvme_store_le32(to, value);
}

static void get_value(uint8_t *to, const uint8_t *from, const struct emu_feature *row)
{
	uint32_t value = row->bytes ? 0 : nvme_load_le32(from);

	if (row->bytes)
		memcpy(to, from, row->bytes);
	else
		memcpy(to, &value, sizeof(value));
}

static uint32_t put_row(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_feature *row,
			uint32_t nsid, uint32_t used)
{
	uint8_t *data = emu->feature_record + used;
	uint32_t size = emu_feature_size(row);

	if (used + ROW_HEADER + total(row) > sizeof(emu->feature_record))
		emu_panic(emu, "a record of features is too small for its table");
	data[0] = row->fid;
	data[1] = 0;
	nvme_store_le16(data + 2, (uint16_t)total(row));
	for (uint32_t i = 0; i < emu_feature_count(row); i++)
		put_value(data + ROW_HEADER + (size_t)i * size,
			  emu_feature_place(emu, ctrl, row, nsid, i, true), row);
	return used + ROW_HEADER + total(row);
}

/* The features of one store of @ctrl, or of namespace @nsid. */
static void save_store(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		       enum emu_store store, uint32_t nsid)
{
	uint32_t used = RECORD_HEADER;
	uint32_t id = store == EMU_STORE_CTRL ? ctrl->index : EMU_RECORD_SHARED;

	memset(emu->feature_record, 0, RECORD_HEADER);
	nvme_store_le16(emu->feature_record, VERSION);
	for (const struct emu_feature *row = emu_features; row->caps; row++) {
		if (is_kept(emu, row, store))
			used = put_row(emu, ctrl, row, nsid, used);
	}
	if (store == EMU_STORE_NS) {
		emu->ns_features[nsid].kept = true;
		emu_save(emu, req, EMU_RECORD_NS_FEATURES, nsid, emu->feature_record, used);
	} else {
		emu_save(emu, req, EMU_RECORD_FEATURES, id, emu->feature_record, used);
	}
}

/** emu_feature_save - a feature's store has new saved values: @req waits until they are safe */
void emu_feature_save(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		      const struct emu_setting *setting)
{
	enum emu_store store = (enum emu_store)setting->row->store;
	uint32_t nsid = setting->nsid;

	if (store == EMU_STORE_CTRL || store == EMU_STORE_SUBSYSTEM) {
		save_store(emu, ctrl, req, store, 0);
	} else if (store == EMU_STORE_NS && nsid != NVME_NSID_ALL) {
		save_store(emu, ctrl, req, store, nsid);
	} else if (store == EMU_STORE_NS) {
		for (nsid = emu_ns_next(emu, ctrl, 0); nsid; nsid = emu_ns_next(emu, ctrl, nsid))
			save_store(emu, ctrl, req, store, nsid);
	}
}

/** emu_save_ns_features - another command than Set Features changed features of a namespace */
void emu_save_ns_features(struct emu *emu, struct emu_req *req, uint32_t nsid)
{
	save_store(emu, emu->ctrl, req, EMU_STORE_NS, nsid);
}

/* One row of a record. Return: bytes, or 0 when it is none. */
static uint32_t load_row(struct emu *emu, struct emu_ctrl *ctrl, enum emu_store store,
			 uint32_t nsid, const uint8_t *data, uint32_t left)
{
	const struct emu_feature *row = left < ROW_HEADER ? NULL : emu_feature_find(emu, data[0]);

	if (!row || !is_kept(emu, row, store) || nvme_load_le16(data + 2) != total(row) ||
	    left - ROW_HEADER < total(row))
		return 0;
	for (uint32_t i = 0; i < emu_feature_count(row); i++) {
		const uint8_t *from = data + ROW_HEADER + (size_t)i * emu_feature_size(row);

		get_value(emu_feature_place(emu, ctrl, row, nsid, i, true), from, row);
		get_value(emu_feature_place(emu, ctrl, row, nsid, i, false), from, row);
	}
	return ROW_HEADER + total(row);
}

static int load_store(struct emu *emu, struct emu_ctrl *ctrl, enum emu_store store, uint32_t nsid,
		      const uint8_t *data, uint32_t bytes)
{
	if (bytes < RECORD_HEADER || nvme_load_le16(data) != VERSION)
		return EINVAL_NEGATIVE;
	for (uint32_t at = RECORD_HEADER; at < bytes;) {
		uint32_t now = load_row(emu, ctrl, store, nsid, data + at, bytes - at);

		if (!now)
			return EINVAL_NEGATIVE;
		at += now;
	}
	return 0;
}

/** emu_load_features - values that a controller, or all of them, saved before the power failed */
int emu_load_features(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	if (id == EMU_RECORD_SHARED) {
		int result = load_store(emu, emu->ctrl, EMU_STORE_SUBSYSTEM, 0, data, bytes);

		emu_perf_update(emu);
		return result;
	}
	if (id >= emu->config.controllers)
		return EINVAL_NEGATIVE;
	return load_store(emu, &emu->ctrl[id], EMU_STORE_CTRL, 0, data, bytes);
}

/** emu_load_ns_features - values of a namespace that were kept before the power failed */
int emu_load_ns_features(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	int result;

	if (!emu_ns_valid(emu, id))
		return EINVAL_NEGATIVE;
	result = load_store(emu, emu->ctrl, EMU_STORE_NS, id, data, bytes);
	emu->ns_features[id].kept = true;
	emu_power_up_protection(emu);
	return result;
}
