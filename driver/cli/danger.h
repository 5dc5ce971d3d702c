/* SPDX-License-Identifier: BSD-3-Clause */
/* What takes long, and what cannot be taken back. */
#ifndef NVMELAB_DRIVER_CLI_DANGER_H
#define NVMELAB_DRIVER_CLI_DANGER_H

#include "driver/cli/session.h"

/**
 * cli_warn - before data are lost: on a terminal, say what will happen and wait ten seconds
 * @what: "format of namespace 1"
 *
 * cli_warn - before data are lost: on a terminal, say so and wait for ten seconds
 * emulator that ends with the command.
 */
void cli_warn(struct cli *cli, const struct cli_session *session, const char *what);

/** cli_percent_fn - how far an operation is: 0 to 100; -1: it has ended; -2 with an error */
typedef int cli_percent_fn(struct cli_session *session, GError **error);

/** cli_wait_for - ask @percent until the operation has ended; progress on a terminal */
bool cli_wait_for(struct cli_session *session, const char *what, cli_percent_fn *percent,
		  GError **error);

#endif
