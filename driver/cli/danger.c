/* SPDX-License-Identifier: BSD-3-Clause */
/* Waits: before data are lost, and until an operation has ended. */
#include "driver/cli/danger.h"

#include <unistd.h>

#include "driver/cli/output.h"

#define WARNING_SECONDS 10
#define ASK_USEC	20000 /* between two looks at an operation */

void cli_warn(struct cli *cli, const struct cli_session *session, const char *what)
{
	if (cli_given(cli->args, "force") || !cli_positional(cli->args, 0) ||
	    !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr,
		"%s: %s: data will be lost for good.\n"
		"Ctrl-C keeps them; --force does not wait.\n",
		session->name, what);
	for (int left = WARNING_SECONDS; left > 0; left--) {
		cli_progress("%s in %d s", what, left);
		g_usleep(G_USEC_PER_SEC);
	}
	cli_progress_end();
}

bool cli_wait_for(struct cli_session *session, const char *what, cli_percent_fn *percent,
		  GError **error)
{
	int done;

	while ((done = percent(session, error)) >= 0) {
		cli_progress_bar((uint64_t)done, 100, "%s", what);
		g_usleep(ASK_USEC);
	}
	cli_progress_end();
	return done == -1;
}
