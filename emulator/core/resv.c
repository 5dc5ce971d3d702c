/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reservations (Base 2.0 8.19, unverified): registrants of a namespace, who holds it, what that
 * means for the commands of everybody, and how it outlives the power. Hosts are told apart by their
 * Host Identifier (feature 81h), so several controllers may be of one host.
 */
#include "emulator/core/internal.h"

#define EINVAL_NEGATIVE (-22)
#define VERSION		1
#define HEAD_BYTES	12
#define ENTRY_BYTES	32
#define RECORD_BYTES	(HEAD_BYTES + EMU_REGISTRANTS * ENTRY_BYTES)

/** emu_resv_of - the state of namespace @nsid, which is valid; NULL without reservations */
struct emu_resv *emu_resv_of(const struct emu *emu, uint32_t nsid)
{
	return emu->config.reservations ? &emu->resv[nsid] : NULL;
}

/** emu_resv_has_id - whether the host of @ctrl said who it is */
bool emu_resv_has_id(const struct emu_ctrl *ctrl)
{
	static const uint8_t none[EMU_HOST_BYTES];

	return memcmp(ctrl->features.host_id, none, sizeof(none)) != 0;
}

/** emu_resv_find - index of the registrant @host, or EMU_REGISTRANTS */
uint32_t emu_resv_find(const struct emu_resv *resv, const uint8_t *host)
{
	for (uint32_t i = 0; i < resv->count; i++) {
		if (memcmp(resv->reg[i].host, host, EMU_HOST_BYTES) == 0)
			return i;
	}
	return EMU_REGISTRANTS;
}

/** emu_resv_add - register the host of @ctrl; false when there is no room */
bool emu_resv_add(struct emu_resv *resv, const struct emu_ctrl *ctrl, uint64_t key)
{
	struct emu_registrant *reg = &resv->reg[resv->count];

	if (resv->count == EMU_REGISTRANTS)
		return false;
	memcpy(reg->host, ctrl->features.host_id, sizeof(reg->host));
	reg->id_bytes = (uint8_t)ctrl->features.host_id_bytes;
	reg->key = key;
	resv->count++;
	return true;
}

/** emu_resv_of_all - whether every registrant holds a reservation of @type */
bool emu_resv_of_all(uint8_t type)
{
	return type == NVME_RESV_WRITE_EXCLUSIVE_AR || type == NVME_RESV_EXCLUSIVE_ACCESS_AR;
}

/** emu_resv_holds - whether registrant @index holds the reservation */
bool emu_resv_holds(const struct emu_resv *resv, uint32_t index)
{
	return index < resv->count && resv->type != NVME_RESV_NONE &&
	       (emu_resv_of_all(resv->type) || resv->holder == index);
}

/**
 * emu_resv_remove - registrant @index is none any longer
 * Return: whether the reservation was released with it: it held it, and nobody else does.
 */
bool emu_resv_remove(struct emu_resv *resv, uint32_t index)
{
	bool last = emu_resv_holds(resv, index) &&
		    (!emu_resv_of_all(resv->type) || resv->count == 1);

	resv->count--;
	for (uint32_t i = index; i < resv->count; i++)
		resv->reg[i] = resv->reg[i + 1];
	if (resv->holder > index)
		resv->holder--;
	if (last) {
		resv->type = NVME_RESV_NONE;
		resv->holder = 0;
	}
	return last;
}

/** emu_resv_registered - whether the host of @ctrl is registered with any namespace */
bool emu_resv_registered(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	if (!emu->config.reservations || !emu_resv_has_id(ctrl))
		return false;
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		if (emu_resv_find(&emu->resv[nsid], ctrl->features.host_id) < EMU_REGISTRANTS)
			return true;
	}
	return false;
}

static void update_gate(struct emu *emu)
{
	emu->gates &= ~(uint32_t)EMU_GATE_RESERVATION;
	for (uint32_t nsid = 1; nsid <= emu->config.nn; nsid++) {
		if (emu->resv[nsid].type != NVME_RESV_NONE)
			emu->gates |= EMU_GATE_RESERVATION;
	}
}

static void put_record(const struct emu_resv *resv, uint8_t *data)
{
	memset(data, 0, RECORD_BYTES);
	nvme_store_le16(data, VERSION);
	data[2] = resv->type;
	data[3] = resv->holder;
	nvme_store_le32(data + 4, resv->generation);
	data[8] = resv->count;
	for (uint32_t i = 0; i < resv->count; i++) {
		uint8_t *entry = data + HEAD_BYTES + (size_t)i * ENTRY_BYTES;

		memcpy(entry, resv->reg[i].host, EMU_HOST_BYTES);
		nvme_store_le64(entry + 16, resv->reg[i].key);
		entry[24] = resv->reg[i].id_bytes;
	}
}

/**
 * emu_resv_changed - registrants, reservation or persistence of @nsid are others now
 *
 * With Persist Through Power Loss the new state is durable before @req completes, which may be
 * NULL; without it, nothing is kept.
 */
void emu_resv_changed(struct emu *emu, struct emu_req *req, uint32_t nsid)
{
	const struct emu_resv *resv = &emu->resv[nsid];
	bool kept = emu->ns_features[nsid].ptpl && (resv->count || resv->generation);
	uint8_t data[RECORD_BYTES];

	update_gate(emu);
	if (kept)
		put_record(resv, data);
	emu_save(emu, req, EMU_RECORD_RESERVATION, nsid, data,
		 kept ? HEAD_BYTES + resv->count * (uint32_t)ENTRY_BYTES : 0);
}

/** emu_resv_forget - namespace @nsid is new, or gone: nobody is registered */
void emu_resv_forget(struct emu *emu, uint32_t nsid)
{
	struct emu_resv *resv = emu_resv_of(emu, nsid);

	if (!resv || (!resv->count && !resv->generation))
		return;
	resv->generation = 0;
	resv->type = NVME_RESV_NONE;
	resv->holder = 0;
	resv->count = 0;
	update_gate(emu);
	emu_save(emu, NULL, EMU_RECORD_RESERVATION, nsid, NULL, 0);
}

/** emu_resv_power_up - the power was away: what was not to persist is gone */
void emu_resv_power_up(struct emu *emu)
{
	for (uint32_t nsid = 1; emu->config.reservations && nsid <= emu->config.nn; nsid++) {
		struct emu_resv *resv = &emu->resv[nsid];

		if (emu->ns_features[nsid].ptpl)
			continue;
		resv->generation = 0;
		resv->type = NVME_RESV_NONE;
		resv->holder = 0;
		resv->count = 0;
	}
	if (emu->config.reservations)
		update_gate(emu);
}

/* Each entry of a record could have been one, and no host is there twice. */
static bool is_good(const uint8_t *data, uint32_t count)
{
	static const uint8_t none[EMU_HOST_BYTES];

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *entry = data + HEAD_BYTES + (size_t)i * ENTRY_BYTES;

		if (memcmp(entry, none, EMU_HOST_BYTES) == 0 || nvme_load_le64(entry + 16) == 0 ||
		    (entry[24] != 8 && entry[24] != 16))
			return false;
		for (uint32_t j = 0; j < i; j++) {
			if (memcmp(entry, data + HEAD_BYTES + (size_t)j * ENTRY_BYTES,
				   EMU_HOST_BYTES) == 0)
				return false;
		}
	}
	return true;
}

int emu_load_resv(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	struct emu_resv *resv;
	uint32_t count;

	if (!emu->config.reservations || !emu_ns_valid(emu, id) || bytes < HEAD_BYTES ||
	    nvme_load_le16(data) != VERSION)
		return EINVAL_NEGATIVE;
	count = data[8];
	if (count > EMU_REGISTRANTS || bytes != HEAD_BYTES + count * ENTRY_BYTES ||
	    data[2] > NVME_RESV_EXCLUSIVE_ACCESS_AR || (data[2] ? data[3] >= count : data[3]) ||
	    !is_good(data, count))
		return EINVAL_NEGATIVE;
	resv = &emu->resv[id];
	resv->type = data[2];
	resv->holder = data[3];
	resv->generation = nvme_load_le32(data + 4);
	resv->count = (uint8_t)count;
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *entry = data + HEAD_BYTES + (size_t)i * ENTRY_BYTES;

		memcpy(resv->reg[i].host, entry, EMU_HOST_BYTES);
		resv->reg[i].key = nvme_load_le64(entry + 16);
		resv->reg[i].id_bytes = entry[24];
	}
	update_gate(emu);
	return 0;
}

/* What a host may do, by type and by what it is to the namespace (Base 2.0 8.19, unverified). */
enum {
	R = EMU_CMD_READS,
	W = EMU_CMD_WRITES,
	RW = R | W,
};

static const struct {
	uint8_t holder, registrant, other;
} allowed[] = {
	[NVME_RESV_NONE] = { RW, RW, RW },
	[NVME_RESV_WRITE_EXCLUSIVE] = { RW, R, R },
	[NVME_RESV_EXCLUSIVE_ACCESS] = { RW, 0, 0 },
	[NVME_RESV_WRITE_EXCLUSIVE_RO] = { RW, RW, R },
	[NVME_RESV_EXCLUSIVE_ACCESS_RO] = { RW, RW, 0 },
	[NVME_RESV_WRITE_EXCLUSIVE_AR] = { RW, RW, R },
	[NVME_RESV_EXCLUSIVE_ACCESS_AR] = { RW, RW, 0 },
};

/** emu_check_resv - the gate: whether the host of @ctrl may do to @ns what the command does */
emu_verdict emu_check_resv(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			   struct emu_ns *ns, const struct emu_cmd *cmd)
{
	const struct emu_resv *resv;
	uint32_t index, may;

	if (!ns || !(cmd->flags & RW))
		return EMU_TRANSFER;
	resv = &emu->resv[ns - emu->ns];
	index = emu_resv_has_id(ctrl) ? emu_resv_find(resv, ctrl->features.host_id)
				      : EMU_REGISTRANTS;
	if (emu_resv_holds(resv, index))
		may = allowed[resv->type].holder;
	else
		may = index < resv->count ? allowed[resv->type].registrant
					  : allowed[resv->type].other;
	if (cmd->flags & RW & ~may)
		return emu_bad(req, NVME_SC_RESERVATION_CONFLICT, 0, 0);
	return EMU_TRANSFER;
}
