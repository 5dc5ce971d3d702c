/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify data by name: which CNS has it (Base 2.0 5.17, unverified), and if it is believed. */
#include "driver/core/internal.h"

static int identify(struct nvl_ctrl *ctrl, uint8_t cns, uint32_t nsid, void *data)
{
	const struct nvl_identify identify = { .cns = cns, .csi = NVME_CSI_NVM, .nsid = nsid };

	return nvl_identify(ctrl, &identify, data);
}

int nvl_identify_ns(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_ns *ret)
{
	return identify(ctrl, NVME_CNS_NS, nsid, ret);
}

int nvl_identify_allocated_ns(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_ns *ret)
{
	return identify(ctrl, NVME_CNS_ALLOCATED_NS, nsid, ret);
}

int nvl_identify_ns_nvm(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvme_id_ns_nvm *ret)
{
	return identify(ctrl, NVME_CNS_NS_CSI, nsid, ret);
}

int nvl_identify_ctrl_nvm(struct nvl_ctrl *ctrl, struct nvme_id_ctrl_nvm *ret)
{
	return identify(ctrl, NVME_CNS_CTRL_CSI, 0, ret);
}

int nvl_identify_ns_independent(struct nvl_ctrl *ctrl, uint32_t nsid,
				struct nvme_id_ns_independent *ret)
{
	return identify(ctrl, NVME_CNS_NS_INDEPENDENT, nsid, ret);
}

int nvl_ns_list(struct nvl_ctrl *ctrl, bool allocated, uint32_t after, struct nvme_ns_list *ret)
{
	return identify(ctrl, allocated ? NVME_CNS_ALLOCATED_NS_LIST : NVME_CNS_ACTIVE_NS_LIST,
			after, ret);
}

int nvl_ctrl_list(struct nvl_ctrl *ctrl, uint32_t nsid, uint16_t cntlid, struct nvme_ctrl_list *ret)
{
	const struct nvl_identify identify = {
		.cns = nsid ? NVME_CNS_NS_CTRL_LIST : NVME_CNS_CTRL_LIST,
		.cntid = cntlid,
		.nsid = nsid,
	};
	int result = nvl_identify(ctrl, &identify, ret);

	if (result == 0 && nvme_cpu16(ret->num) > NVME_CTRL_LIST_ENTRIES)
		return -NVL_EPROTO;
	return result;
}

/* One descriptor. Return: false if its length is not that of its type. */
static bool take(struct nvl_ns_ids *ids, uint8_t type, const uint8_t *id, uint32_t bytes)
{
	switch (type) {
	case NVME_NIDT_EUI64:
		ids->has_eui64 = bytes == sizeof(ids->eui64);
		if (ids->has_eui64)
			memcpy(ids->eui64, id, sizeof(ids->eui64));
		return ids->has_eui64;
	case NVME_NIDT_NGUID:
		ids->has_nguid = bytes == sizeof(ids->nguid);
		if (ids->has_nguid)
			memcpy(ids->nguid, id, sizeof(ids->nguid));
		return ids->has_nguid;
	case NVME_NIDT_UUID:
		ids->has_uuid = bytes == sizeof(ids->uuid);
		if (ids->has_uuid)
			memcpy(ids->uuid, id, sizeof(ids->uuid));
		return ids->has_uuid;
	case NVME_NIDT_CSI:
		ids->has_csi = bytes == 1;
		ids->csi = bytes == 1 ? id[0] : 0;
		return ids->has_csi;
	default:
		return true; /* of a revision to come */
	}
}

int nvl_ns_ids(struct nvl_ctrl *ctrl, uint32_t nsid, struct nvl_ns_ids *ret)
{
	struct nvl_ns_ids ids = { 0 };
	uint8_t list[NVME_IDENTIFY_BYTES];
	int result = identify(ctrl, NVME_CNS_NS_DESC_LIST, nsid, list);
	uint32_t at = 0;

	if (result)
		return result;
	while (at + sizeof(struct nvme_ns_id_desc) <= sizeof(list) && list[at + 1] > 0) {
		uint32_t bytes = list[at + 1];
		uint32_t id = at + (uint32_t)sizeof(struct nvme_ns_id_desc);

		if (bytes > sizeof(list) - id || !take(&ids, list[at], list + id, bytes))
			return -NVL_EPROTO;
		at = id + bytes;
	}
	*ret = ids;
	return 0;
}
