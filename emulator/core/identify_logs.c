/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Identify says of firmware, logs, self-tests and the endurance group (Base 2.0 5.17.2.1), and
 * the lists of UUIDs and groups (5.17.2.13 and 5.17.2.15, unverified).
 */
#include "emulator/core/identify.h"

#include "emulator/core/log.h"

#define PELS_UNIT	0x10000
#define UUID_OBJECT	0xffffffff00000001ull /* no namespace has this number */
#define UUID_PCI_VENDOR 1

/* Firmware slots, and how they are filled. */
static void fill_firmware(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	bool update = config->fw_update;

	id->frmw = (uint8_t)(NVME_PUT(NVME_ID_CTRL_FRMW_FFSRO, config->fw_slot1_ro) |
			     NVME_PUT(NVME_ID_CTRL_FRMW_NOFS, config->fw_slots));
	if (config->vs >= EMU_VS_1_3 && update) {
		id->frmw |= (uint8_t)NVME_MASK(NVME_ID_CTRL_FRMW_FAWR);
		id->mtfa = nvme_le16((uint16_t)config->mtfa);
		id->fwug = (uint8_t)config->fwug;
	}
	if (config->vs >= EMU_VS_2_0 && update)
		id->frmw |= (uint8_t)NVME_MASK(NVME_ID_CTRL_FRMW_SMUD);
}

void emu_identify_logs(const struct emu *emu, struct nvme_id_ctrl *id)
{
	const struct emu_config *config = &emu->config;
	uint32_t ctratt = nvme_cpu32(id->ctratt);

	fill_firmware(config, id);
	id->lpa = emu_log_lpa(emu);
	if (config->pel)
		id->pels = nvme_le32((emu_pel_context_bytes(config->pel) + PELS_UNIT - 1) /
				     PELS_UNIT);
	if (config->self_test) {
		id->edstt = nvme_le16((uint16_t)config->edstt);
		id->dsto = 1; /* one operation in the subsystem */
	}
	if (config->endurance) {
		id->endgidmax = nvme_le16(EMU_ENDGID);
		ctratt |= NVME_MASK(NVME_ID_CTRL_CTRATT_EGS);
	}
	if (config->uuid_list)
		ctratt |= NVME_MASK(NVME_ID_CTRL_CTRATT_ULIST);
	id->ctratt = nvme_le32(ctratt);
}

/* In the order of its bytes (unverified). */
static const uint8_t ocp_uuid[16] = { 0xc1, 0x94, 0xd5, 0x5b, 0xe0, 0x94, 0x47, 0x94,
				      0xa2, 0x1d, 0x29, 0x99, 0x8f, 0x56, 0xbe, 0x6f };

/* This controller's vendor, for its log pages; and OCP, if it has a feature of theirs. */
void emu_fill_uuids(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		    const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_uuid_list *list = (void *)data;
	uint64_t id[2];

	(void)ctrl;
	(void)req;
	(void)ns;
	emu_make_uuid(emu, UUID_OBJECT, id);
	list->entry[0].header = (uint8_t)NVME_PUT(NVME_UUID_ASSOCIATION, UUID_PCI_VENDOR);
	for (uint32_t i = 0; i < sizeof(list->entry[0].uuid); i++)
		list->entry[0].uuid[i] = (uint8_t)(id[i / 8] >> (56 - 8 * (i % 8)));
	if (emu_has_ocp_uuid(emu))
		memcpy(list->entry[EMU_OCP_UUID - 1].uuid, ocp_uuid, sizeof(ocp_uuid));
}

/* From the identifier in CNSSID on. */
void emu_fill_groups(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		     const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_eg_list *list = (void *)data;

	(void)emu;
	(void)ctrl;
	(void)ns;
	if (NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_IDENTIFY_CNSSID) > EMU_ENDGID)
		return;
	list->num = nvme_le16(1);
	list->id[0] = nvme_le16(EMU_ENDGID);
}
