/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two drivers on two controllers of one subsystem, all in one thread and with a virtual clock.
 */
#ifndef TESTS_INTEGRATION_TWIN_H
#define TESTS_INTEGRATION_TWIN_H

#include "tests/integration/rig.h"

#define TH_TWINS 2

/** struct th_side - one of the drivers, and what its transport needs */
struct th_side {
	struct th_twin *twin;
	uint32_t index;
	struct nvl_ctrl *ctrl;
	struct nvl_buffer dma;
	void *block;
	bool gone; /* registers read all ones, as if it had been pulled out */
};

/**
 * struct th_twin - the subsystem
 * @buffer: memory that both controllers reach, at the same address
 */
struct th_twin {
	struct emu_device *device;
	struct emu *core;
	struct th_side side[TH_TWINS];
	struct nvl_buffer buffer;
};

/** th_twin_open - both controllers live, with one shared namespace and ANA group 1 */
void th_twin_open(struct th_twin *twin);

/** th_twin_close - let everything go */
void th_twin_close(struct th_twin *twin);

/** th_twin_ana - the state of group 1 on one of the controllers; enum nvme_ana_state */
void th_twin_ana(struct th_twin *twin, uint32_t side, uint32_t state);

#endif
