/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify for one namespace: size, format, identifiers (NVM 1.0 4.1.5, Base 2.0 5.17.2). */
#include "emulator/core/identify.h"
#include "emulator/core/stage.h"

#include "common/random.h"

/* Fields of the two halves of a UUID (RFC 9562). */
#define UUID_VERSION 15, 12
#define UUID_VARIANT 63, 62

const uint8_t emu_oui[EMU_OUI_BYTES] = { 0x52, 0x4e, 0x4c };

static uint32_t nsid_of(const struct emu *emu, const struct emu_ns *ns)
{
	return (uint32_t)(ns - emu->ns);
}

/*
 * What tells a namespace from all others, those too that had its NSID before; never 0, which is the
 * NVM subsystem.
 */
static uint64_t object_of(const struct emu *emu, const struct emu_ns *ns)
{
	return nsid_of(emu, ns) | (uint64_t)ns->generation << 32;
}

/* The NVM subsystem and each namespace are told apart by numbers that follow from the serial. */
static uint64_t unique(const struct emu *emu, uint64_t object)
{
	return nvme_mix(nvme_key(emu->config.serial) ^ object);
}

static void put_eui64(const struct emu *emu, const struct emu_ns *ns, uint8_t *eui64)
{
	uint64_t id = unique(emu, object_of(emu, ns));

	memcpy(eui64, emu_oui, sizeof(emu_oui));
	for (uint32_t i = 3; i < 8; i++)
		eui64[i] = (uint8_t)(id >> (8 * i));
}

static void put_nguid(const struct emu *emu, const struct emu_ns *ns, uint8_t *nguid)
{
	uint64_t id = nvme_mix(unique(emu, object_of(emu, ns)));

	for (uint32_t i = 0; i < 8; i++)
		nguid[i] = (uint8_t)(id >> (8 * i));
	put_eui64(emu, ns, nguid + 8);
}

void emu_make_uuid(const struct emu *emu, uint64_t object, uint64_t id[2])
{
	id[0] = NVME_WITH64(unique(emu, object), UUID_VERSION, 8);
	id[1] = NVME_WITH64(nvme_mix(unique(emu, object)), UUID_VARIANT, 2);
}

static void put_uuid(const struct emu *emu, const struct emu_ns *ns, uint8_t *uuid)
{
	uint64_t id[2];

	emu_make_uuid(emu, object_of(emu, ns), id);
	for (uint32_t i = 0; i < 16; i++)
		uuid[i] = (uint8_t)(id[i / 8] >> (56 - 8 * (i % 8)));
}

static uint8_t nmic(const struct emu_ns *ns)
{
	return (uint8_t)NVME_PUT(NVME_ID_NS_NMIC_SHARED, ns->shared);
}

/* The formats that @ctrl can use; one in between that it cannot has LBADS 0 (NVM 1.0 4.1.5.1). */
static void fill_formats(const struct emu *emu, const struct emu_ctrl *ctrl, struct nvme_id_ns *id)
{
	for (uint32_t i = 0; i < EMU_FORMATS; i++) {
		if (!emu_format_available(emu, ctrl, i))
			continue;
		id->lbaf[i].ms = nvme_le16(emu_formats[i].ms);
		id->lbaf[i].lbads = emu_formats[i].lbads;
		id->lbaf[i].rp = (uint8_t)NVME_PUT(NVME_LBAF_RP, emu_formats[i].rp);
		id->nlbaf = (uint8_t)i;
	}
}

/* What is the same for all namespaces (Base 2.0 5.17.2.1, NSID FFFFFFFFh; unverified). */
static void fill_common(const struct emu *emu, const struct emu_ctrl *ctrl, struct nvme_id_ns *id)
{
	const struct emu_config *config = &emu->config;

	fill_formats(emu, ctrl, id);
	if (config->metadata)
		id->mc = NVME_MASK(NVME_ID_NS_MC_EXTENDED) | NVME_MASK(NVME_ID_NS_MC_SEPARATE);
	if (config->pi)
		id->dpc = NVME_MASK(NVME_ID_NS_DPC_TYPE1) | NVME_MASK(NVME_ID_NS_DPC_TYPE2) |
			  NVME_MASK(NVME_ID_NS_DPC_TYPE3) | NVME_MASK(NVME_ID_NS_DPC_FIRST) |
			  NVME_MASK(NVME_ID_NS_DPC_LAST);
	if (config->vs >= EMU_VS_1_2)
		id->fpi = (uint8_t)NVME_PUT(NVME_ID_NS_FPI_SUPPORTED, config->format);
	if (config->vs >= EMU_VS_1_3)
		id->dlfeat = (uint8_t)NVME_PUT(NVME_ID_NS_DLFEAT_READ, 1);
	emu_put_ns_limits(emu, id);
}

/* A host that does not know the format must not take its lower bits for another one. */
static uint8_t flbas_of(const struct emu *emu, const struct emu_ctrl *ctrl, const struct emu_ns *ns)
{
	uint32_t format = ns->format;

	if (format >= EMU_FORMATS_PLAIN && !emu_format_available(emu, ctrl, format))
		format = EMU_FORMAT_NOT_PLAIN;
	return (uint8_t)(NVME_PUT(NVME_ID_NS_FLBAS_FORMAT_LOW, format & 0xf) |
			 NVME_PUT(NVME_ID_NS_FLBAS_MSET, ns->extended) |
			 NVME_PUT(NVME_ID_NS_FLBAS_FORMAT_HIGH, format >> 4));
}

static void fill_in_use(const struct emu *emu, const struct emu_ctrl *ctrl, const struct emu_ns *ns,
			struct nvme_id_ns *id)
{
	id->flbas = flbas_of(emu, ctrl, ns);
	id->dps = (uint8_t)(NVME_PUT(NVME_ID_NS_DPS_PI, ns->pi_type) |
			    NVME_PUT(NVME_ID_NS_DPS_FIRST, ns->pi_first));
	if (emu->config.vs >= EMU_VS_1_4) {
		id->anagrpid = nvme_le32(ns->anagrpid);
		id->endgid = nvme_le16(emu_endgid(emu));
		id->nsattr = emu_nsattr(emu, ns);
	}
}

void emu_fill_ns(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		 const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_id_ns *id = (void *)data;

	(void)req;
	fill_common(emu, ctrl, id);
	if (!ns)
		return;
	id->nsze = nvme_le64(ns->blocks);
	id->ncap = id->nsze;
	id->nuse = id->nsze;
	fill_in_use(emu, ctrl, ns, id);
	if (emu->config.vs >= EMU_VS_1_1) {
		id->nmic = nmic(ns);
		id->rescap = emu_rescap(emu);
		put_eui64(emu, ns, id->eui64);
	}
	if (emu->config.vs >= EMU_VS_1_2) {
		id->fpi |= emu_format_remaining(emu, ns);
		id->nvmcap.lo = nvme_le64(ns->blocks << ns->lbads);
		put_nguid(emu, ns, id->nguid);
	}
}

static uint8_t *add_desc(uint8_t *at, enum nvme_nidt type, uint8_t bytes)
{
	struct nvme_ns_id_desc *desc = (void *)at;

	desc->nidt = (uint8_t)type;
	desc->nidl = bytes;
	return at + sizeof(*desc);
}

void emu_fill_ns_descs(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		       const struct emu_ns *ns, uint8_t *data)
{
	uint8_t *at = add_desc(data, NVME_NIDT_EUI64, 8);

	(void)ctrl;
	(void)req;
	put_eui64(emu, ns, at);
	at = add_desc(at + 8, NVME_NIDT_NGUID, 16);
	put_nguid(emu, ns, at);
	at = add_desc(at + 16, NVME_NIDT_UUID, 16);
	put_uuid(emu, ns, at);
	if (emu->config.vs >= EMU_VS_2_0)
		*add_desc(at + 16, NVME_NIDT_CSI, 1) = NVME_CSI_NVM;
}

/*
 * The protection information format of each LBA format, and which bits of the storage tag are
 * checked: as many as the namespace's format has (NVM 1.0 4.1.5.3, unverified).
 */
void emu_fill_ns_nvm(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
		     const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_id_ns_nvm *id = (void *)data;

	(void)req;
	if (!emu->config.pi)
		return;
	id->pic = (uint8_t)NVME_PUT(NVME_ID_NS_NVM_PIC_STCRS, emu->config.copy);
	if (ns)
		id->lbstm = nvme_le64(~ns->lbstm_clear &
				      ((1ull << emu_formats[ns->format].sts) - 1));
	for (uint32_t i = 0; i < EMU_FORMATS; i++) {
		if (emu_format_available(emu, ctrl, i))
			id->elbaf[i] = nvme_le32(NVME_PUT(NVME_ELBAF_STS, emu_formats[i].sts) |
						 NVME_PUT(NVME_ELBAF_PIF, emu_formats[i].pif));
	}
}

void emu_fill_ns_independent(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			     const struct emu_ns *ns, uint8_t *data)
{
	struct nvme_id_ns_independent *id = (void *)data;

	(void)req;
	id->nsfeat = (uint8_t)(NVME_PUT(NVME_ID_NS_IND_NSFEAT_VWCNP, !emu->config.vwc) |
			       NVME_PUT(NVME_ID_NS_IND_NSFEAT_RMEDIA, emu->config.rotational));
	id->rescap = emu_rescap(emu);
	id->nmic = nmic(ns);
	id->fpi = (uint8_t)(NVME_PUT(NVME_ID_NS_FPI_SUPPORTED, emu->config.format) |
			    emu_format_remaining(emu, ns));
	id->anagrpid = nvme_le32(ns->anagrpid);
	id->endgid = nvme_le16(emu_endgid(emu));
	id->nsattr = emu_nsattr(emu, ns);
	id->nstat = (uint8_t)NVME_PUT(NVME_ID_NS_IND_NSTAT_NRDY, !ctrl->media_wait);
}
