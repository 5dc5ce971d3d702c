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
		.fid = NVME_FID_KEEP_ALIVE,
		.caps = CHANGEABLE,
		OF_CTRL(keep_alive),
		.mask = 0xffffffff,
		.supported = emu_has_keep_alive,
		.check = emu_check_keep_alive,
		.apply = emu_apply_keep_alive,
	},
	{
		.fid = NVME_FID_HOST_BEHAVIOR,
		.caps = CHANGEABLE,
		OF_CTRL(host_behavior),
		.bytes = sizeof(struct nvme_host_behavior),
		.since = EMU_VS_1_4,
		.check_data = emu_check_host_behavior,
	},
	{ .caps = 0 },
};
