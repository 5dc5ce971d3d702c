/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that tell what came of their work: see child.h. */
#include "tests/sim/cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/cli/error.h"

bool sim_child_start(struct sim_child *child, sim_child_fn *run, const void *arg, uint64_t index,
		     GError **error)
{
	int fds[2];

	*child = (struct sim_child){ .fd = -1 };
	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot make a pipe: %s",
				g_strerror(errno));
	child->pid = fork();
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(arg, index, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	if (child->pid < 0) {
		close(fds[0]);
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot make a process: %s",
				g_strerror(errno));
	}
	child->fd = fds[0];
	return true;
}

void sim_child_tell(int fd, const void *word, size_t bytes)
{
	const char *at = word;

	while (bytes > 0) {
		ssize_t put = write(fd, at, bytes);

		if (put < 0 && errno != EINTR)
			_exit(CLI_EXIT_ENVIRONMENT);
		if (put > 0) {
			at += put;
			bytes -= (size_t)put;
		}
	}
}

enum sim_heard sim_child_hear(struct sim_child *child, void *word, size_t bytes)
{
	ssize_t got = read(child->fd, (char *)word + child->got, bytes - child->got);

	if (got < 0 && errno == EINTR)
		return SIM_HEARD_NOTHING;
	if (got <= 0)
		return SIM_HEARD_END;
	child->got += (size_t)got;
	if (child->got < bytes)
		return SIM_HEARD_NOTHING;
	child->got = 0;
	return SIM_HEARD_WORD;
}

int sim_child_end(struct sim_child *child)
{
	int status = 0;

	close(child->fd);
	child->fd = -1;
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

void sim_child_kill(struct sim_child *child)
{
	if (child->fd < 0)
		return;
	kill(child->pid, SIGKILL);
	sim_child_end(child);
}
