/* SPDX-License-Identifier: BSD-3-Clause */
/* Who this host is. */
#ifndef NVMELAB_DRIVER_CLI_HOST_H
#define NVMELAB_DRIVER_CLI_HOST_H

#include <stdint.h>

#include "driver/cli/session.h"

/** cli_host_nqn - that of /etc/nvme/hostnqn, or one made of the machine ID; freed by the caller */
char *cli_host_nqn(void);

/** cli_host_id - a UUID: that of /etc/nvme/hostid, or the machine ID's; freed by the caller */
char *cli_host_id(void);

/**
 * cli_identify_host - tell the controller who this host is, unless it knows (feature 81h)
 *
 * It forgets with each reset, so with each run. A controller without the feature is left alone.
 * Return: true, or false with an error, also when --hostid is no UUID.
 */
bool cli_identify_host(struct cli *cli, struct cli_session *session, GError **error);

#endif
