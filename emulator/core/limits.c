/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Identify says of the I/O commands: which there are, how large they may be, what is atomic
 * (NVM 1.0 4.1.5, unverified).
 */
#include "emulator/core/stage.h"

#define ALL_COPY_FORMATS 0xf

/** emu_put_ctrl_limits - into Identify Controller */
void emu_put_ctrl_limits(const struct emu *emu, struct nvme_id_ctrl *id)
{
	const struct emu_config *config = &emu->config;

	id->awun = nvme_le16((uint16_t)config->awun);
	id->awupf = nvme_le16((uint16_t)config->awupf);
	if (config->fused) {
		id->fuses = nvme_le16((uint16_t)NVME_MASK(NVME_ID_CTRL_FUSES_COMPARE_WRITE));
		id->acwu = nvme_le16((uint16_t)config->acwu);
	}
	if (config->copy)
		id->ocfs = nvme_le16(ALL_COPY_FORMATS);
}

/** emu_put_ns_limits - into Identify Namespace; both structures are zero before */
void emu_put_ns_limits(const struct emu *emu, struct nvme_id_ns *id)
{
	const struct emu_config *config = &emu->config;
	bool own = config->nawun || config->nawupf || config->nacwu;

	if (config->dulbe)
		id->nsfeat |= (uint8_t)NVME_MASK(NVME_ID_NS_NSFEAT_DAE);
	if (config->vs >= EMU_VS_1_2 && own) {
		id->nsfeat |= (uint8_t)NVME_MASK(NVME_ID_NS_NSFEAT_NSABP);
		id->nawun = nvme_le16((uint16_t)(config->nawun ? config->nawun : config->awun));
		id->nawupf = nvme_le16((uint16_t)(config->nawupf ? config->nawupf : config->awupf));
		id->nacwu = nvme_le16((uint16_t)(config->nacwu ? config->nacwu : config->acwu));
	}
	if (config->vs >= EMU_VS_1_2) {
		id->nabsn = nvme_le16((uint16_t)config->nabsn);
		id->nabo = nvme_le16((uint16_t)config->nabo);
		id->nabspf = nvme_le16((uint16_t)config->nabspf);
	}
	if (config->vs >= EMU_VS_1_3 && config->write_zeroes)
		id->dlfeat |= (uint8_t)NVME_MASK(NVME_ID_NS_DLFEAT_DEAC);
	if (config->copy) {
		id->mssrl = nvme_le16((uint16_t)config->mssrl);
		id->mcl = nvme_le32(config->mcl);
		id->msrc = (uint8_t)config->msrc;
	}
}

/** emu_put_nvm_limits - into the NVM command set's Identify Controller */
void emu_put_nvm_limits(const struct emu *emu, struct nvme_id_ctrl_nvm *id)
{
	const struct emu_config *config = &emu->config;

	if (config->verify)
		id->vsl = (uint8_t)config->vsl;
	if (config->write_zeroes)
		id->wzsl = (uint8_t)config->wzsl;
	if (config->write_uncorrectable)
		id->wusl = (uint8_t)config->wusl;
	if (config->dsm) {
		id->dmrl = (uint8_t)config->dmrl;
		id->dmrsl = nvme_le32(config->dmrsl);
		id->dmsl = nvme_le64(config->dmsl);
	}
}
