/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host saved goes to the program around the subsystem, so that it survives that too.
 */
#include "emulator/core/feature.h"

/** emu_feature_save - a feature's store has new saved values: @req waits until they are safe */
void emu_feature_save(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
		      const struct emu_setting *setting)
{
	(void)emu;
	(void)ctrl;
	(void)req;
	(void)setting;
}
