/* SPDX-License-Identifier: BSD-3-Clause */
/* A command before it is sent, as nvme-cli's --show-command prints it. */
#ifndef NVMELAB_DRIVER_CLI_COMMAND_TEXT_H
#define NVMELAB_DRIVER_CLI_COMMAND_TEXT_H

#include "common/nvme_spec.h"
#include "driver/cli/output.h"

/** cli_print_command - a line for each part of @sqe; JSON is an object */
void cli_print_command(struct cli_output *out, const struct nvme_sqe *sqe, uint32_t data_bytes);

#endif
