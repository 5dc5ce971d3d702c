/* SPDX-License-Identifier: BSD-3-Clause */
/* The program nvmelab: its table is in commands.c. */
#ifndef NVMELAB_DRIVER_CLI_COMMAND_H
#define NVMELAB_DRIVER_CLI_COMMAND_H

#include "driver/cli/program.h"

extern const struct cli_command cli_commands[];

/* Options of the groups; see enum cli_group. */
extern const struct cli_option cli_device_options[];
extern const struct cli_option cli_emulator_options[];
extern const struct cli_option cli_output_options[];
extern const struct cli_option cli_human_options[];
extern const struct cli_option cli_raw_options[];

/** cli_topic - the help of something that is no command: the driver's parameters */
bool cli_topic(struct cli_output *out, const char *name);

/** cli_man_parameters - the driver's parameters as a part of the manual page */
void cli_man_parameters(struct cli_output *out);

/** cli_bash_parameters - the driver's parameters for completion */
void cli_bash_parameters(struct cli_output *out);

#include "driver/cli/rows.h"

#endif
