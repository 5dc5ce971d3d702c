/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The features, a row each (Base 2.0 5.27.1, unverified). Get and Set Features, resets, the records
 * of saved values and the Feature Identifiers Supported and Effects log come from here.
 */
#include "emulator/core/feature.h"

#define CHANGEABLE EMU_CHANGEABLE
#define SAVEABLE   EMU_SAVEABLE
#define PER_NS	   EMU_PER_NS

/* A member of the structure of its store, and how far the feature reaches. */
#define OF_CTRL(member)                                                                 \
	.store = EMU_STORE_CTRL, .offset = offsetof(struct emu_feature_values, member), \
	.scope = EMU_SCOPE_CTRL
#define OF_CTRL_NS(member)                                                                   \
	.store = EMU_STORE_CTRL_NS, .offset = offsetof(struct emu_ctrl_ns_features, member), \
	.scope = EMU_SCOPE_NS

#define OF_NS(member)                                                              \
	.store = EMU_STORE_NS, .offset = offsetof(struct emu_ns_features, member), \
	.scope = EMU_SCOPE_NS

const struct emu_feature emu_features[] = {
	{
		.fid = NVME_FID_ARBITRATION,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(arbitration),
		.mask = 0xffffff07,
		.initial = emu_initial_burst,
	},
	{
		.fid = NVME_FID_POWER_MGMT,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(power),
		.mask = 0x000000ff,
		.check = emu_check_power,
		.apply = emu_apply_power,
		.get = emu_get_power,
	},
	{
		.fid = NVME_FID_LBA_RANGE,
		.caps = CHANGEABLE | SAVEABLE | PER_NS,
		.persistent = true,
		OF_NS(lba_range),
		.bytes = EMU_LBA_RANGE_BYTES,
		.supported = emu_has_lba_range,
		.length = emu_lba_range_length,
		.check_data = emu_check_lba_range,
		.get = emu_get_lba_range,
	},
	{
		.fid = NVME_FID_TEMP_THRESHOLD,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(temperature),
		.values = EMU_TEMP_THRESHOLDS,
		.mask = NVME_MASK(NVME_FEAT_TEMP_TMPTH),
		.initial = emu_initial_temperature,
		.select = emu_select_temperature,
		.apply = emu_apply_temperature,
	},
	{
		.fid = NVME_FID_ERROR_RECOVERY,
		.caps = CHANGEABLE | PER_NS,
		OF_CTRL_NS(recovery),
		.mask = NVME_MASK(NVME_FEAT_ERR_TLER) | NVME_MASK(NVME_FEAT_ERR_DULBE),
		.check = emu_check_recovery,
	},
	{
		.fid = NVME_FID_VOLATILE_WC,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(cache),
		.mask = NVME_MASK(NVME_FEAT_VWC_WCE),
		.supported = emu_has_cache,
		.initial = emu_initial_cache,
		.apply = emu_apply_cache,
	},
	{
		.fid = NVME_FID_NUM_QUEUES,
		.caps = CHANGEABLE,
		.scope = EMU_SCOPE_CTRL,
		.mask = 0xffffffff,
		.check = emu_check_queues,
		.apply = emu_apply_queues,
		.get = emu_get_queues,
	},
	{
		.fid = NVME_FID_IRQ_COALESCING,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(coalescing),
		.mask = 0x0000ffff,
		.apply = emu_apply_coalescing,
	},
	{
		.fid = NVME_FID_IRQ_CONFIG,
		.caps = CHANGEABLE,
		.scope = EMU_SCOPE_CTRL,
		.mask = NVME_MASK(NVME_FEAT_IRQ_CONFIG_IV) | NVME_MASK(NVME_FEAT_IRQ_CONFIG_CD),
		.check = emu_check_vector,
		.apply = emu_apply_vector,
		.get = emu_get_vector,
	},
	{
		.fid = NVME_FID_WRITE_ATOMICITY,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(atomicity),
		.mask = NVME_MASK(NVME_FEAT_WRITE_ATOMICITY_DN),
	},
	{
		.fid = NVME_FID_ASYNC_EVENT_CONFIG,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(async_events),
		.mask = 0xffffffff,
		.check = emu_check_events,
		.apply = emu_apply_events,
	},
	{
		.fid = NVME_FID_HOST_MEM_BUF,
		.caps = CHANGEABLE,
		.scope = EMU_SCOPE_CTRL,
		.get_bytes = sizeof(struct nvme_hmb_attributes),
		.since = EMU_VS_1_2,
		.mask = NVME_MASK(NVME_FEAT_HMB_EHM) | NVME_MASK(NVME_FEAT_HMB_MR),
		.supported = emu_has_hmb,
		.check = emu_check_hmb,
		.apply = emu_apply_hmb,
		.get = emu_get_hmb,
	},
	{
		.fid = NVME_FID_TIMESTAMP,
		.caps = CHANGEABLE,
		OF_CTRL(timestamp),
		.bytes = sizeof(struct nvme_timestamp),
		.since = EMU_VS_1_3,
		.supported = emu_has_timestamp,
		.check_data = emu_check_timestamp,
		.apply = emu_apply_timestamp,
		.get = emu_get_timestamp,
	},
	{
		.fid = NVME_FID_KEEP_ALIVE,
		.caps = CHANGEABLE,
		OF_CTRL(keep_alive),
		.mask = 0xffffffff,
		.supported = emu_has_keep_alive,
		.check = emu_check_keep_alive,
		.apply = emu_apply_keep_alive,
	},
	{
		.fid = NVME_FID_READ_RECOVERY_LEVEL,
		.caps = CHANGEABLE | SAVEABLE,
		.store = EMU_STORE_CTRL,
		.offset = offsetof(struct emu_feature_values, read_recovery),
		.scope = EMU_SCOPE_NVM_SET,
		.since = EMU_VS_1_4,
		.supported = emu_has_rrl,
		.initial = emu_initial_rrl,
		.select = emu_select_rrl,
		.check = emu_check_rrl,
	},
	{
		.fid = NVME_FID_LBA_STATUS_ATTRIBUTES,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(lba_status),
		.mask = NVME_MASK(NVME_FEAT_LBA_STATUS_LSIRI),
		.since = EMU_VS_1_4,
		.supported = emu_has_lba_status,
		.get = emu_get_lba_status,
	},
	{
		.fid = NVME_FID_HOST_BEHAVIOR,
		.caps = CHANGEABLE,
		OF_CTRL(host_behavior),
		.bytes = sizeof(struct nvme_host_behavior),
		.since = EMU_VS_1_4,
		.check_data = emu_check_host_behavior,
	},
	{
		.fid = NVME_FID_SANITIZE_CONFIG,
		.caps = CHANGEABLE | SAVEABLE,
		.store = EMU_STORE_SUBSYSTEM,
		.offset = offsetof(struct emu_subsystem_features, sanitize),
		.scope = EMU_SCOPE_SUBSYSTEM,
		.mask = NVME_MASK(NVME_FEAT_SANITIZE_NODRM),
		.since = EMU_VS_1_4,
		.supported = emu_has_sanitize,
	},
	{
		.fid = NVME_FID_EG_EVENT_CONFIG,
		.caps = CHANGEABLE | SAVEABLE,
		.store = EMU_STORE_CTRL,
		.offset = offsetof(struct emu_feature_values, group_events),
		.scope = EMU_SCOPE_EG,
		.values = EMU_GROUPS,
		.mask = NVME_MASK(NVME_FEAT_EG_EVENT_ENDGID) | NVME_MASK(NVME_FEAT_EG_EVENT_EGCW),
		.since = EMU_VS_1_4,
		.supported = emu_has_group_events,
		.initial = emu_initial_group_events,
		.select = emu_select_group_events,
	},
	{
		.fid = NVME_FID_IOCS_PROFILE,
		.caps = CHANGEABLE,
		OF_CTRL(iocs_profile),
		.mask = NVME_MASK(NVME_FEAT_IOCS_PROFILE_IOCSCI),
		.since = EMU_VS_2_0,
		.check = emu_check_profile,
	},
	{
		.fid = NVME_FID_SPINUP_CONTROL,
		.caps = CHANGEABLE | SAVEABLE,
		.store = EMU_STORE_SUBSYSTEM,
		.offset = offsetof(struct emu_subsystem_features, spinup),
		.scope = EMU_SCOPE_SUBSYSTEM,
		.mask = NVME_MASK(NVME_FEAT_SPINUP_ENABLE),
		.since = EMU_VS_2_0,
		.supported = emu_is_rotational,
		.check = emu_check_spinup,
	},
	{
		.fid = NVME_FID_POWER_LOSS_SIGNALING,
		.caps = CHANGEABLE,
		.persistent = true,
		.store = EMU_STORE_SUBSYSTEM,
		.offset = offsetof(struct emu_subsystem_features, pls),
		.scope = EMU_SCOPE_DOMAIN,
		.mask = NVME_MASK(NVME_FEAT_PLS_MODE),
		.since = EMU_VS_2_0,
		.supported = emu_has_power_loss,
		.check = emu_check_power_loss,
	},
	{
		.fid = NVME_FID_PERF_CHARACTERISTICS,
		.caps = CHANGEABLE | SAVEABLE,
		.store = EMU_STORE_SUBSYSTEM,
		.offset = offsetof(struct emu_subsystem_features, perf),
		.bytes = sizeof(struct nvme_perf_vendor),
		.scope = EMU_SCOPE_SUBSYSTEM,
		.since = EMU_VS_2_0,
		.supported = emu_has_perf,
		.check = emu_check_perf,
		.check_data = emu_check_perf_data,
		.apply = emu_apply_perf,
		.get = emu_get_perf,
	},
	{
		.fid = NVME_FID_CDQ,
		.caps = CHANGEABLE,
		.scope = EMU_SCOPE_CDQ,
		.get_bytes = sizeof(struct nvme_cdq_pointers),
		.mask = NVME_MASK(NVME_FEAT_CDQ_CDQID) | NVME_MASK(NVME_FEAT_CDQ_ETPT),
		.since = EMU_VS_2_0,
		.supported = emu_has_cdq,
		.check = emu_check_cdq,
		.apply = emu_apply_cdq,
		.get = emu_get_cdq,
	},
	{
		.fid = NVME_FID_ENHANCED_CTRL_METADATA,
		.caps = CHANGEABLE,
		OF_CTRL(enhanced_metadata),
		.bytes = EMU_METADATA_BYTES,
		.since = EMU_VS_2_0,
		.supported = emu_has_metadata_features,
		.check = emu_check_metadata,
		.check_data = emu_merge_metadata,
	},
	{
		.fid = NVME_FID_CTRL_METADATA,
		.caps = CHANGEABLE,
		OF_CTRL(metadata),
		.bytes = EMU_METADATA_BYTES,
		.since = EMU_VS_1_3,
		.supported = emu_has_metadata_features,
		.check = emu_check_metadata,
		.check_data = emu_merge_metadata,
	},
	{
		.fid = NVME_FID_NS_METADATA,
		.caps = CHANGEABLE | PER_NS,
		OF_NS(metadata),
		.bytes = EMU_METADATA_BYTES,
		.since = EMU_VS_1_3,
		.supported = emu_has_metadata_features,
		.check = emu_check_metadata,
		.check_data = emu_merge_metadata,
	},
	{
		.fid = NVME_FID_SW_PROGRESS,
		.caps = CHANGEABLE | SAVEABLE,
		.persistent = true,
		OF_CTRL(progress),
		.mask = NVME_MASK(NVME_FEAT_SW_PROGRESS_PBSLC),
		.supported = emu_has_progress,
	},
	{
		.fid = NVME_FID_HOST_ID,
		.caps = CHANGEABLE,
		OF_CTRL(host_id),
		.bytes = 16,
		.since = EMU_VS_1_1,
		.supported = emu_has_host_id,
		.select = emu_select_host_id,
		.check = emu_check_host_id,
		.length = emu_host_id_length,
		.apply = emu_apply_host_id,
	},
	{
		.fid = NVME_FID_RESV_NOTIF_MASK,
		.caps = CHANGEABLE | PER_NS,
		OF_CTRL_NS(resv_mask),
		.mask = NVME_MASK(NVME_FEAT_RESV_MASK_REGPRE) |
			NVME_MASK(NVME_FEAT_RESV_MASK_RESREL) |
			NVME_MASK(NVME_FEAT_RESV_MASK_RESPRE),
		.since = EMU_VS_1_1,
		.supported = emu_has_reservations,
	},
	{
		.fid = NVME_FID_RESV_PERSISTENCE,
		.caps = CHANGEABLE | PER_NS,
		.persistent = true,
		OF_NS(ptpl),
		.mask = NVME_MASK(NVME_FEAT_RESV_PERSISTENCE_PTPL),
		.since = EMU_VS_1_1,
		.supported = emu_has_reservations,
		.apply = emu_apply_resv_persistence,
	},
	{
		.fid = NVME_FID_NS_WRITE_PROTECT,
		.caps = CHANGEABLE | PER_NS,
		.persistent = true,
		OF_NS(write_protect),
		.mask = NVME_MASK(NVME_FEAT_NS_WP_WPS),
		.since = EMU_VS_1_4,
		.supported = emu_has_write_protect,
		.check = emu_check_write_protect,
		.apply = emu_apply_write_protect,
	},
	{
		.fid = NVME_FID_APST,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(apst),
		.bytes = sizeof(struct emu_apst),
		.since = EMU_VS_1_1,
		.mask = NVME_MASK(NVME_FEAT_APST_APSTE),
		.supported = emu_has_apst,
		.length = emu_apst_length,
		.check_data = emu_check_apst,
		.apply = emu_apply_apst,
		.get = emu_get_apst,
	},
	{
		.fid = NVME_FID_HCTM,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(hctm),
		.since = EMU_VS_1_3,
		.mask = 0xffffffff,
		.supported = emu_has_hctm,
		.check = emu_check_hctm,
		.apply = emu_apply_hctm,
	},
	{
		.fid = NVME_FID_NOPSC,
		.caps = CHANGEABLE | SAVEABLE,
		OF_CTRL(permissive),
		.since = EMU_VS_1_3,
		.mask = NVME_MASK(NVME_FEAT_NOPSC_NOPPME),
		.supported = emu_has_idle_states,
	},
	{
		.fid = NVME_FID_OCP_ERRORS,
		.caps = CHANGEABLE,
		OF_CTRL(errors),
		.bytes = EMU_ERRORS_BYTES,
		.mask = NVME_MASK(NVME_OCP_ERRORS_NUM),
		.supported = emu_has_errors,
		.select = emu_select_errors,
		.length = emu_errors_length,
		.check_data = emu_check_errors,
		.apply = emu_apply_errors,
		.get = emu_get_errors,
	},
	{ .caps = 0 },
};

static bool has(const struct emu *emu, enum nvme_feature fid)
{
	return emu_feature_find(emu, fid) != NULL;
}

/** emu_nsattr - Identify Namespace's NSATTR */
uint8_t emu_nsattr(const struct emu *emu, const struct emu_ns *ns)
{
	const struct emu_ns_features *features = &emu->ns_features[ns - emu->ns];

	return (uint8_t)NVME_PUT(NVME_ID_NS_NSATTR_WP, features->write_protect != 0);
}

/** emu_identify_features - what Identify Controller tells of features that have a row */
void emu_identify_features(const struct emu *emu, struct nvme_id_ctrl *id)
{
	uint32_t ctratt = nvme_cpu32(id->ctratt), oncs = nvme_cpu16(id->oncs);

	ctratt |= NVME_PUT(NVME_ID_CTRL_CTRATT_NOPSPM, has(emu, NVME_FID_NOPSC));
	ctratt |= NVME_PUT(NVME_ID_CTRL_CTRATT_HIDS, emu_has_wide_host_id(emu));
	ctratt |= NVME_PUT(NVME_ID_CTRL_CTRATT_RRLVLS, has(emu, NVME_FID_READ_RECOVERY_LEVEL));
	ctratt |= NVME_PUT(NVME_ID_CTRL_CTRATT_TBKAS,
			   emu->config.tbkas && has(emu, NVME_FID_KEEP_ALIVE));
	id->ctratt = nvme_le32(ctratt);
	oncs |= NVME_PUT(NVME_ID_CTRL_ONCS_TIMESTAMP, has(emu, NVME_FID_TIMESTAMP));
	id->oncs = nvme_le16((uint16_t)oncs);
	id->rrls = nvme_le16((uint16_t)emu_rrls(emu));
	if (has(emu, NVME_FID_NS_WRITE_PROTECT))
		id->nwpc = (uint8_t)(NVME_MASK(NVME_ID_CTRL_NWPC_WP) |
				     NVME_MASK(NVME_ID_CTRL_NWPC_UNTIL_POWER_CYCLE) |
				     NVME_MASK(NVME_ID_CTRL_NWPC_PERMANENT));
	if (has(emu, NVME_FID_HOST_MEM_BUF)) {
		id->hmpre = nvme_le32(EMU_HMB_PREFERRED);
		id->hmmin = nvme_le32(emu_hmb_units(emu));
		id->hmminds = nvme_le32(1);
		id->hmmaxd = nvme_le16(EMU_HMB_RANGES);
	}
}
