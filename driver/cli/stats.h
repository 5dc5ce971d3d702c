/* SPDX-License-Identifier: BSD-3-Clause */
/* The driver's statistics. */
#ifndef NVMELAB_DRIVER_CLI_STATS_H
#define NVMELAB_DRIVER_CLI_STATS_H

#include "driver/cli/session.h"

/** cli_print_stats - lines: each queue's counters, what recovery did, the states gone through */
void cli_print_stats(struct cli_output *out, struct nvl_ctrl *ctrl);

/** cli_add_stats - the same as members of the object that @builder has open */
void cli_add_stats(JsonBuilder *builder, struct nvl_ctrl *ctrl);

#endif
