/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Identify (Base 2.0 5.17, NVM 1.0 4.1.5, unverified): a row a data structure.
 */
#include "emulator/core/identify.h"
#include "emulator/core/stage.h"

#include "emulator/core/log.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define NSID  offsetof(struct nvme_sqe, nsid)

static emu_fill_structure fill_ctrl, fill_ctrl_nvm, fill_iocs;

/* What the NSID of a row means. */
enum scope {
	SCOPE_CTRL,	 /* nothing */
	SCOPE_LIST,	 /* the list begins behind it */
	SCOPE_NS,	 /* a namespace; one that is not active gives zeros */
	SCOPE_COMMON,	 /* the same, or FFFFFFFFh for what all have in common */
	SCOPE_ACTIVE,	 /* an active namespace */
	SCOPE_ALLOCATED, /* a namespace; one that does not exist gives zeros */
};

#define CSI    1 /* the NVM command set has to be asked for */
#define FORMAT 2 /* of an LBA format, not of a namespace */

static const struct identify {
	uint8_t cns;
	uint8_t scope;
	uint8_t flags;
	uint32_t since;
	emu_fill_structure *fill;
	uint16_t key; /* EMU_KEY() of what offers it; 0: always offered */
} structures[] = {
	/* clang-format off */
	{ NVME_CNS_NS, SCOPE_COMMON, 0, 0, .fill = emu_fill_ns },
	{ NVME_CNS_CTRL, SCOPE_CTRL, 0, 0, .fill = fill_ctrl },
	{ NVME_CNS_ACTIVE_NS_LIST, SCOPE_LIST, 0, EMU_VS_1_1, .fill = emu_fill_active },
	{ NVME_CNS_NS_DESC_LIST, SCOPE_ACTIVE, 0, EMU_VS_1_3, .fill = emu_fill_ns_descs },
	{ NVME_CNS_NS_CSI, SCOPE_COMMON, CSI, EMU_VS_2_0, .fill = emu_fill_ns_nvm },
	{ NVME_CNS_CTRL_CSI, SCOPE_CTRL, CSI, EMU_VS_2_0, .fill = fill_ctrl_nvm },
	{ NVME_CNS_ACTIVE_NS_LIST_CSI, SCOPE_LIST, CSI, EMU_VS_2_0, .fill = emu_fill_active },
	{ NVME_CNS_NS_INDEPENDENT, SCOPE_NS, 0, EMU_VS_2_0, .fill = emu_fill_ns_independent },
	{ NVME_CNS_NS_FORMAT, SCOPE_CTRL, FORMAT, EMU_VS_2_0, .fill = emu_fill_ns },
	{ NVME_CNS_NS_CSI_FORMAT, SCOPE_CTRL, CSI | FORMAT, EMU_VS_2_0, .fill = emu_fill_ns_nvm },
	{ NVME_CNS_ALLOCATED_NS_LIST, SCOPE_LIST, 0, EMU_VS_1_2, .fill = emu_fill_allocated, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_ALLOCATED_NS, SCOPE_ALLOCATED, 0, EMU_VS_1_2, .fill = emu_fill_ns, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_NS_CTRL_LIST, SCOPE_ALLOCATED, 0, EMU_VS_1_2, .fill = emu_fill_attached_ctrls, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_CTRL_LIST, SCOPE_CTRL, 0, EMU_VS_1_2, .fill = emu_fill_ctrls, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_UUID_LIST, SCOPE_CTRL, 0, EMU_VS_1_4, .fill = emu_fill_uuids, .key = EMU_KEY(uuid_list) },
	{ NVME_CNS_DOMAIN_LIST, SCOPE_CTRL, 0, EMU_VS_2_0, .fill = emu_fill_domains, .key = EMU_KEY(domains) },
	{ NVME_CNS_EG_LIST, SCOPE_CTRL, 0, EMU_VS_1_4, .fill = emu_fill_groups, .key = EMU_KEY(endurance) },
	{ NVME_CNS_NS_GRANULARITY_LIST, SCOPE_CTRL, 0, EMU_VS_1_4, .fill = emu_fill_granularity, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_ALLOCATED_NS_LIST_CSI, SCOPE_LIST, CSI, EMU_VS_2_0, .fill = emu_fill_allocated, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_ALLOCATED_NS_CSI, SCOPE_ALLOCATED, CSI, EMU_VS_2_0, .fill = emu_fill_ns_nvm, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_ALLOCATED_NS_INDEPENDENT, SCOPE_ALLOCATED, 0, EMU_VS_2_0, .fill = emu_fill_ns_independent, .key = EMU_KEY(ns_mgmt) },
	{ NVME_CNS_IOCS, SCOPE_CTRL, 0, EMU_VS_2_0, .fill = fill_iocs },
	{ NVME_CNS_UNDERLYING_NS_LIST, SCOPE_CTRL, 0, EMU_VS_2_0, .fill = emu_fill_underlying, .key = EMU_KEY(underlying) },
	{ NVME_CNS_PORTS_LIST, SCOPE_CTRL, 0, EMU_VS_2_0, .fill = emu_fill_ports, .key = EMU_KEY(underlying) },
	{ NVME_CNS_CTRL_STATE_FORMATS, SCOPE_CTRL, 0, EMU_VS_2_0, .fill = emu_fill_state_formats, .key = EMU_KEY(migration) },
	/* clang-format on */
};

static const struct identify *find_structure(const struct emu *emu, const struct emu_req *req)
{
	uint32_t cns = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_IDENTIFY_CNS);

	for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]); i++) {
		if (structures[i].cns == cns && emu->config.vs >= structures[i].since &&
		    emu_offers(&emu->config, structures[i].key))
			return &structures[i];
	}
	return NULL;
}

static nvme_status check_nsid(const struct emu *emu, const struct emu_ctrl *ctrl,
			      struct emu_req *req, enum scope scope)
{
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	if (scope == SCOPE_CTRL)
		return NVME_SC_SUCCESS;
	if (scope == SCOPE_LIST)
		return nsid >= NVME_NSID_ALL - 1 ? emu_bad(req, NVME_SC_INVALID_NS, NSID, 0) : 0;
	if (scope == SCOPE_COMMON && nsid == NVME_NSID_ALL && emu->config.ns_mgmt)
		return NVME_SC_SUCCESS;
	if (!emu_ns_valid(emu, nsid))
		return emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	if (scope == SCOPE_ACTIVE && !emu_ns_find(emu, ctrl, nsid))
		return emu_bad_field(req, NSID, 0);
	return NVME_SC_SUCCESS;
}

emu_verdict emu_exec_identify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	const struct identify *structure = find_structure(emu, req);
	nvme_status status;

	if (!structure)
		return emu_bad_field(req, CDW10, 0);
	if ((structure->flags & CSI) &&
	    NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_IDENTIFY_CSI) != NVME_CSI_NVM)
		return emu_bad_field(req, CDW11 + 3, 0);
	if ((structure->flags & FORMAT) &&
	    !emu_format_available(emu, ctrl,
				  NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_IDENTIFY_CNSSID)))
		return emu_bad_field(req, CDW11, 0);
	status = check_nsid(emu, ctrl, req, structure->scope);
	return status ? status : EMU_TRANSFER;
}

nvme_status emu_fill_identify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint8_t *data)
{
	const struct identify *structure = find_structure(emu, req);
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);
	bool one = structure->scope >= SCOPE_NS && nsid != NVME_NSID_ALL;
	const struct emu_ns *ns = NULL;

	if (one)
		ns = structure->scope == SCOPE_ALLOCATED ? emu_ns_allocated(emu, nsid)
							 : emu_ns_find(emu, ctrl, nsid);
	if (!one || ns)
		structure->fill(emu, ctrl, req, ns, data);
	return NVME_SC_SUCCESS;
}

/** emu_put_text - ASCII padded with spaces, without a NUL (Base 2.0 1.4.2, unverified) */
void emu_put_text(char *to, uint32_t bytes, const char *text)
{
	for (uint32_t i = 0; i < bytes; i++)
		to[i] = *text ? *text++ : ' ';
}

/* The configured name, or the form for a UUID (Base 2.0 4.5, unverified). */
void emu_put_subnqn(const struct emu *emu, char *subnqn, size_t bytes)
{
	static const uint8_t digits[] = { 8, 4, 4, 4, 12 };
	struct nvme_text text;
	uint64_t id[2];

	nvme_text_init(&text, subnqn, bytes);
	nvme_text_add(&text, emu->config.subnqn);
	if (text.used)
		return;
	emu_make_uuid(emu, 0, id);
	nvme_text_add(&text, "nqn.2014-08.org.nvmexpress:uuid");
	for (uint32_t i = 0, bit = 128; i < sizeof(digits); i++) {
		bit -= digits[i] * 4;
		nvme_text_char(&text, i ? '-' : ':');
		nvme_text_hex_width(&text, id[bit < 64] >> (bit % 64), digits[i]);
	}
}

/* What a host finds out about the cache grew with the versions (unverified). */
static void fill_cache(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	uint32_t vwc = 0;

	if (config->vwc)
		vwc |= NVME_PUT(NVME_ID_CTRL_VWC_PRESENT, 1);
	if (config->vwc && config->vs >= EMU_VS_1_4)
		vwc |= NVME_PUT(NVME_ID_CTRL_VWC_FLUSH, 3);
	id->vwc = (uint8_t)vwc;
}

/* SGLS: any byte or dwords, and what each key adds (Base 2.0 5.17.2.1, unverified). */
static uint32_t sgls_of(const struct emu_config *config)
{
	if (config->sgls == EMU_SGLS_NONE)
		return 0;
	return NVME_PUT(NVME_ID_CTRL_SGLS_SUPPORT, config->sgls) |
	       NVME_PUT(NVME_ID_CTRL_SGLS_BIT_BUCKET, config->sgl_bucket) |
	       NVME_PUT(NVME_ID_CTRL_SGLS_MPTR_BYTE, config->sgls == EMU_SGLS_BYTE) |
	       NVME_PUT(NVME_ID_CTRL_SGLS_OVERSIZE, config->sgl_oversize) |
	       NVME_PUT(NVME_ID_CTRL_SGLS_MPTR_SGL, config->sgl_meta);
}

static void fill_commands(const struct emu *emu, uint32_t ctrl, struct nvme_id_ctrl *id)
{
	const struct emu_config *config = &emu->config;

	id->acl = (uint8_t)emu_config_own(config, ctrl, EMU_OWN_ACL);
	id->aerl = (uint8_t)emu_config_own(config, ctrl, EMU_OWN_AERL);
	id->elpe = (uint8_t)config->elpe;
	emu_heat_identify(config, id);
	id->kas = nvme_le16((uint16_t)config->kas);
	id->sqes = 0x66;
	id->cqes = 0x44;
	id->nn = nvme_le32(config->nn);
	id->oacs = nvme_le16((uint16_t)emu_cmd_caps(emu, true));
	id->oncs = nvme_le16((uint16_t)(emu_cmd_caps(emu, false) |
					NVME_PUT(NVME_ID_CTRL_ONCS_SAVE_SELECT, config->save)));
	id->sgls = nvme_le32(sgls_of(config));
	emu_power_identify(config, id);
}

static uint32_t ctratt(const struct emu_config *config)
{
	uint32_t ctratt = 0;

	if (config->vs >= EMU_VS_1_4)
		ctratt |= NVME_PUT(NVME_ID_CTRL_CTRATT_NG, config->ns_mgmt);
	if (config->vs >= EMU_VS_2_0)
		ctratt |= NVME_PUT(NVME_ID_CTRL_CTRATT_ELBAS, config->metadata);
	return ctratt;
}

static void fill_ctrl(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		      const struct emu_ns *ns, uint8_t *data)
{
	const struct emu_config *config = &emu->config;
	struct nvme_id_ctrl *id = (void *)data;

	(void)req;
	(void)ns;
	id->vid = nvme_le16((uint16_t)config->vendor);
	id->ssvid = nvme_le16((uint16_t)config->subvendor);
	emu_put_text(id->sn, sizeof(id->sn), config->serial);
	emu_put_text(id->mn, sizeof(id->mn), config->model);
	emu_put_text(id->fr, sizeof(id->fr), emu_firmware_revision(emu));
	id->rab = (uint8_t)config->rab;
	for (uint32_t i = 0; i < 3; i++)
		id->ieee[i] = emu_oui[2 - i];
	id->mdts = (uint8_t)emu_config_own(config, ctrl->index, EMU_OWN_MDTS);
	id->ctratt = nvme_le32(ctratt(config));
	if (config->ns_mgmt) {
		id->tnvmcap.lo = nvme_le64(config->capacity);
		id->unvmcap.lo = nvme_le64(config->capacity - emu_capacity_used(emu));
	}
	id->sanicap = nvme_le32(emu_sanicap(emu));
	if (config->format)
		id->fna = NVME_MASK(NVME_ID_CTRL_FNA_CRYPTO_ERASE);
	if (config->vs >= EMU_VS_1_1) {
		id->cmic = (uint8_t)(NVME_PUT(NVME_ID_CTRL_CMIC_MPORTS, config->controllers > 1) |
				     NVME_PUT(NVME_ID_CTRL_CMIC_MCTRS, config->controllers > 1));
		id->cntlid = nvme_le16((uint16_t)(config->cntlid + ctrl->index));
	}
	if (config->vs >= EMU_VS_1_2) {
		id->ver = nvme_le32(config->vs);
		id->oaes = nvme_le32(emu_oaes(emu));
	}
	if (config->vs >= EMU_VS_1_2_1)
		emu_put_subnqn(emu, id->subnqn, sizeof(id->subnqn));
	if (config->vs >= EMU_VS_1_4)
		id->cntrltype = NVME_CNTRLTYPE_IO;
	fill_commands(emu, ctrl->index, id);
	emu_put_ctrl_limits(emu, id);
	fill_cache(config, id);
	emu_identify_logs(emu, id);
	emu_identify_features(emu, id);
	emu_ana_identify(emu, id);
	emu_identify_domain(emu, ctrl, id);
	emu_power_loss_identify(config, id);
	emu_cdq_identify(config, id);
}

static void fill_ctrl_nvm(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			  const struct emu_ns *ns, uint8_t *data)
{
	(void)ctrl;
	(void)req;
	(void)ns;
	emu_put_nvm_limits(emu, (void *)data);
}

/* One combination: the NVM command set alone. */
static void fill_iocs(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		      const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_id_iocs *id = (void *)data;

	(void)emu;
	(void)ctrl;
	(void)req;
	(void)ns;
	id->iocsc[0] = nvme_le64(1u << NVME_CSI_NVM);
}
