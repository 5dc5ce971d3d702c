/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of the driver, by the rows of nvl_config_key(). */
#ifndef NVMELAB_DRIVER_CLI_PARAMS_H
#define NVMELAB_DRIVER_CLI_PARAMS_H

#include <glib.h>
#include <stdbool.h>

#include "driver/cli/options.h"
#include "driver/core/nvl.h"

/**
 * cli_set_parameters - set in @config what --driver says
 * Return: true, or false with an error that names the key and what it takes.
 */
bool cli_set_parameters(const struct cli_args *args, struct nvl_config *config, GError **error);

/** cli_parameter_text - what @key is, takes and has by default; the caller's, for g_free() */
char *cli_parameter_text(const struct nvl_key *key);

#endif
