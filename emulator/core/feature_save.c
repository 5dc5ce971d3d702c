/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host saved goes to the program around the subsystem, so that it survives that too.
 *
 * A record of the controller's saved values: version (2 bytes), 0 (2 bytes), then each value of 4
 * bytes in the order of struct emu_feature_values.
 */
#include "emulator/core/feature.h"

#define EINVAL_NEGATIVE (-22)
#define VERSION		1
#define WORDS		(offsetof(struct emu_feature_values, host_behavior) / 4)
#define BYTES		(4 + 4 * WORDS)

/** emu_feature_save - a feature's store has new saved values: @req waits until they are safe */
void emu_feature_save(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		      const struct emu_setting *setting)
{
	const uint8_t *values = (const void *)&ctrl->saved;
	uint8_t data[BYTES] = { VERSION };

	if (setting->row->store != EMU_STORE_CTRL)
		return;
	for (size_t i = 0; i < WORDS; i++) {
		uint32_t value;

		memcpy(&value, values + 4 * i, sizeof(value));
		nvme_store_le32(data + 4 + 4 * i, value);
	}
	emu_save(emu, req, EMU_RECORD_FEATURES, ctrl->index, data, sizeof(data));
}

/** emu_load_features - the saved values of a controller as they were before the power failed */
int emu_load_features(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	uint8_t *values;

	if (id >= emu->config.controllers || bytes != BYTES || nvme_load_le16(data) != VERSION)
		return EINVAL_NEGATIVE;
	values = (void *)&emu->ctrl[id].saved;
	for (size_t i = 0; i < WORDS; i++) {
		uint32_t value = nvme_load_le32(data + 4 + 4 * i);

		memcpy(values + 4 * i, &value, sizeof(value));
	}
	emu->ctrl[id].features = emu->ctrl[id].saved;
	return 0;
}
