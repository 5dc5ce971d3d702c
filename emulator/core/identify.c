/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Identify (Base 2.0 5.17, NVM 1.0 4.1.5, unverified): a row a data structure.
 */
#include "emulator/core/internal.h"

#include "common/random.h"

#define CDW10 offsetof(struct nvme_sqe, cdw10)
#define CDW11 offsetof(struct nvme_sqe, cdw11)
#define NSID  offsetof(struct nvme_sqe, nsid)

/* Fields of the two halves of a UUID (RFC 9562). */
#define UUID_VERSION 15, 12
#define UUID_VARIANT 63, 62

/* An OUI with the "locally administered" bit: nobody's. Big-endian here. */
static const uint8_t oui[3] = { 0x52, 0x4e, 0x4c };

typedef void fill_identify(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data);

static fill_identify fill_ns, fill_ctrl, fill_ns_list, fill_ns_descs, fill_ns_nvm, fill_ctrl_nvm,
	fill_ns_independent, fill_iocs;

/* What the NSID of a row means. */
enum scope {
	SCOPE_CTRL,   /* nothing */
	SCOPE_LIST,   /* the list begins behind it */
	SCOPE_NS,     /* a namespace; one that is not active gives zeros */
	SCOPE_ACTIVE, /* an active namespace */
};

static const struct identify {
	uint8_t cns;
	uint8_t scope;
	bool csi; /* the NVM command set has to be asked for */
	uint32_t since;
	fill_identify *fill;
} structures[] = {
	/* clang-format off */
	{ NVME_CNS_NS, SCOPE_NS, false, 0, fill_ns },
	{ NVME_CNS_CTRL, SCOPE_CTRL, false, 0, fill_ctrl },
	{ NVME_CNS_ACTIVE_NS_LIST, SCOPE_LIST, false, EMU_VS_1_1, fill_ns_list },
	{ NVME_CNS_NS_DESC_LIST, SCOPE_ACTIVE, false, EMU_VS_1_3, fill_ns_descs },
	{ NVME_CNS_NS_CSI, SCOPE_NS, true, EMU_VS_2_0, fill_ns_nvm },
	{ NVME_CNS_CTRL_CSI, SCOPE_CTRL, true, EMU_VS_2_0, fill_ctrl_nvm },
	{ NVME_CNS_ACTIVE_NS_LIST_CSI, SCOPE_LIST, true, EMU_VS_2_0, fill_ns_list },
	{ NVME_CNS_NS_INDEPENDENT, SCOPE_NS, false, EMU_VS_2_0, fill_ns_independent },
	{ NVME_CNS_IOCS, SCOPE_CTRL, false, EMU_VS_2_0, fill_iocs },
	/* clang-format on */
};

static const struct identify *find_structure(const struct emu *emu, const struct emu_req *req)
{
	uint32_t cns = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_IDENTIFY_CNS);

	for (size_t i = 0; i < sizeof(structures) / sizeof(structures[0]); i++) {
		if (structures[i].cns == cns && emu->config.vs >= structures[i].since)
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
	if (structure->csi &&
	    NVME_GET(nvme_cpu32(req->sqe.cdw11), NVME_IDENTIFY_CSI) != NVME_CSI_NVM)
		return emu_bad_field(req, CDW11 + 3, 0);
	status = check_nsid(emu, ctrl, req, structure->scope);
	return status ? status : EMU_TRANSFER;
}

nvme_status emu_fill_identify(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			      uint8_t *data)
{
	const struct identify *structure = find_structure(emu, req);
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	if (structure->scope != SCOPE_NS || emu_ns_find(emu, ctrl, nsid))
		structure->fill(emu, ctrl, nsid, data);
	return NVME_SC_SUCCESS;
}

/** emu_put_text - ASCII padded with spaces, without a NUL (Base 2.0 1.4.2, unverified) */
void emu_put_text(char *to, uint32_t bytes, const char *text)
{
	for (uint32_t i = 0; i < bytes; i++)
		to[i] = *text ? *text++ : ' ';
}

/* The NVM subsystem and each namespace are told apart by numbers that follow from the serial. */
static uint64_t unique(const struct emu *emu, uint32_t nsid)
{
	return nvme_mix(nvme_key(emu->config.serial) ^ nsid);
}

static void put_eui64(const struct emu *emu, uint32_t nsid, uint8_t *eui64)
{
	uint64_t id = unique(emu, nsid);

	memcpy(eui64, oui, sizeof(oui));
	for (uint32_t i = 3; i < 8; i++)
		eui64[i] = (uint8_t)(id >> (8 * i));
}

static void put_nguid(const struct emu *emu, uint32_t nsid, uint8_t *nguid)
{
	uint64_t id = nvme_mix(unique(emu, nsid));

	for (uint32_t i = 0; i < 8; i++)
		nguid[i] = (uint8_t)(id >> (8 * i));
	put_eui64(emu, nsid, nguid + 8);
}

static uint8_t nmic(const struct emu_ns *ns)
{
	return (uint8_t)NVME_PUT(NVME_ID_NS_NMIC_SHARED, ns->shared);
}

static void fill_ns(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	const struct emu_ns *ns = emu_ns_find(emu, ctrl, nsid);
	struct nvme_id_ns *id = (void *)data;

	id->nsze = nvme_le64(ns->blocks);
	id->ncap = id->nsze;
	id->nuse = id->nsze;
	id->lbaf[0].lbads = (uint8_t)ns->lbads;
	if (emu->config.vs >= EMU_VS_1_1) {
		id->nmic = nmic(ns);
		put_eui64(emu, nsid, id->eui64);
	}
	if (emu->config.vs >= EMU_VS_1_2) {
		id->nvmcap.lo = nvme_le64(ns->blocks << ns->lbads);
		put_nguid(emu, nsid, id->nguid);
	}
	if (emu->config.vs >= EMU_VS_1_3)
		id->dlfeat = (uint8_t)NVME_PUT(NVME_ID_NS_DLFEAT_READ, 1);
}

/* A UUID of version 8: ours. The first half has the digits that are written first. */
static void make_uuid(const struct emu *emu, uint32_t nsid, uint64_t id[2])
{
	id[0] = NVME_WITH64(unique(emu, nsid), UUID_VERSION, 8);
	id[1] = NVME_WITH64(nvme_mix(unique(emu, nsid)), UUID_VARIANT, 2);
}

static void put_uuid(const struct emu *emu, uint32_t nsid, uint8_t *uuid)
{
	uint64_t id[2];

	make_uuid(emu, nsid, id);
	for (uint32_t i = 0; i < 16; i++)
		uuid[i] = (uint8_t)(id[i / 8] >> (56 - 8 * (i % 8)));
}

/* The configured name, or the form for a UUID (Base 2.0 4.5, unverified). */
static void put_subnqn(const struct emu *emu, char *subnqn, size_t bytes)
{
	static const uint8_t digits[] = { 8, 4, 4, 4, 12 };
	struct nvme_text text;
	uint64_t id[2];

	nvme_text_init(&text, subnqn, bytes);
	nvme_text_add(&text, emu->config.subnqn);
	if (text.used)
		return;
	make_uuid(emu, 0, id);
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

static void fill_commands(const struct emu_config *config, struct nvme_id_ctrl *id)
{
	id->acl = (uint8_t)config->acl;
	id->aerl = (uint8_t)config->aerl;
	id->frmw = (uint8_t)(NVME_PUT(NVME_ID_CTRL_FRMW_FFSRO, 1) |
			     NVME_PUT(NVME_ID_CTRL_FRMW_NOFS, 1));
	id->elpe = (uint8_t)config->elpe;
	if (config->vs >= EMU_VS_1_2) {
		id->wctemp = nvme_le16(EMU_WCTEMP_KELVIN);
		id->cctemp = nvme_le16(EMU_CCTEMP_KELVIN);
	}
	id->kas = nvme_le16((uint16_t)config->kas);
	id->sqes = 0x66;
	id->cqes = 0x44;
	id->nn = nvme_le32(config->nn);
	id->oncs = nvme_le16((uint16_t)NVME_PUT(NVME_ID_CTRL_ONCS_SAVE_SELECT, config->save));
	id->psd[0].mp = nvme_le16(2500); /* 25 W */
}

static void fill_ctrl(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	const struct emu_config *config = &emu->config;
	struct nvme_id_ctrl *id = (void *)data;

	(void)nsid;
	id->vid = nvme_le16((uint16_t)config->vendor);
	id->ssvid = nvme_le16((uint16_t)config->subvendor);
	emu_put_text(id->sn, sizeof(id->sn), config->serial);
	emu_put_text(id->mn, sizeof(id->mn), config->model);
	emu_put_text(id->fr, sizeof(id->fr), config->firmware);
	id->rab = (uint8_t)config->rab;
	for (uint32_t i = 0; i < 3; i++)
		id->ieee[i] = oui[2 - i];
	id->mdts = (uint8_t)config->mdts;
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
		put_subnqn(emu, id->subnqn, sizeof(id->subnqn));
	if (config->vs >= EMU_VS_1_4)
		id->cntrltype = NVME_CNTRLTYPE_IO;
	fill_commands(config, id);
	fill_cache(config, id);
	id->lpa = emu_log_lpa(emu);
}

/* All namespaces belong to the NVM command set, so both lists are the same. */
static void fill_ns_list(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	uint32_t next = nsid;

	for (uint32_t i = 0; i < NVME_IDENTIFY_BYTES / 4; i++) {
		next = emu_ns_next(emu, ctrl, next);
		if (!next)
			break;
		nvme_store_le32(data + 4 * (size_t)i, next);
	}
}

static uint8_t *add_desc(uint8_t *at, enum nvme_nidt type, uint8_t bytes)
{
	struct nvme_ns_id_desc *desc = (void *)at;

	desc->nidt = (uint8_t)type;
	desc->nidl = bytes;
	return at + sizeof(*desc);
}

static void fill_ns_descs(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	uint8_t *at = add_desc(data, NVME_NIDT_EUI64, 8);

	(void)ctrl;
	put_eui64(emu, nsid, at);
	at = add_desc(at + 8, NVME_NIDT_NGUID, 16);
	put_nguid(emu, nsid, at);
	at = add_desc(at + 16, NVME_NIDT_UUID, 16);
	put_uuid(emu, nsid, at);
	if (emu->config.vs >= EMU_VS_2_0)
		*add_desc(at + 16, NVME_NIDT_CSI, 1) = NVME_CSI_NVM;
}

/* No protection information, no preferences: zeros say so. */
static void fill_ns_nvm(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	(void)emu;
	(void)ctrl;
	(void)nsid;
	memset(data, 0, sizeof(struct nvme_id_ns_nvm));
}

/* None of the commands that have limits of their own is supported. */
static void fill_ctrl_nvm(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	(void)emu;
	(void)ctrl;
	(void)nsid;
	memset(data, 0, sizeof(struct nvme_id_ctrl_nvm));
}

static void fill_ns_independent(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid,
				uint8_t *data)
{
	struct nvme_id_ns_independent *id = (void *)data;

	id->nsfeat = (uint8_t)NVME_PUT(NVME_ID_NS_IND_NSFEAT_VWCNP, !emu->config.vwc);
	id->nmic = nmic(emu_ns_find(emu, ctrl, nsid));
	id->nstat = (uint8_t)NVME_MASK(NVME_ID_NS_IND_NSTAT_NRDY);
}

/* One combination: the NVM command set alone. */
static void fill_iocs(struct emu *emu, struct emu_ctrl *ctrl, uint32_t nsid, uint8_t *data)
{
	struct nvme_id_iocs *id = (void *)data;

	(void)emu;
	(void)ctrl;
	(void)nsid;
	id->iocsc[0] = nvme_le64(1u << NVME_CSI_NVM);
}
