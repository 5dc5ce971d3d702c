/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gives a function back when the program that took it ends, however it ends.
 *
 * A child waits for the end of a pipe that the program holds open. It gives the function back, and
 * ends: when the program lets go of the pipe, and when it was killed. The child has no descriptor
 * but the pipe's, so that nobody waits for it and VFIO's files are closed by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/transport/pci.h"

static void keep(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease, int pipe_fd)
{
	sigset_t all;
	ssize_t done;
	char byte;
	int null;

	/* What ends the program must not end its keeper. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		dup2(null, fd);
	if (pipe_fd > 3)
		close_range(3, (unsigned int)pipe_fd - 1, 0);
	close_range((unsigned int)pipe_fd + 1, UINT_MAX, 0);
	do {
		done = read(pipe_fd, &byte, 1);
	} while (done > 0 || (done < 0 && errno == EINTR));
	_exit(nvl_pci_give_back(tree, lease) == 0 ? 0 : 1);
}

int nvl_pci_keep(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -errno;
	lease->keeper = fork();
	if (lease->keeper == 0) {
		close(fds[1]);
		keep(tree, lease, fds[0]);
	}
	close(fds[0]);
	if (lease->keeper < 0) {
		int error = errno;

		close(fds[1]);
		lease->keeper = 0;
		return -error;
	}
	lease->keeper_fd = fds[1];
	return 0;
}

int nvl_pci_let_go(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease)
{
	int status = 0;

	if (lease->keeper <= 0)
		return nvl_pci_give_back(tree, lease);
	close(lease->keeper_fd);
	while (waitpid(lease->keeper, &status, 0) < 0) {
		if (errno != EINTR)
			return 0; /* Somebody else has waited for it. */
	}
	lease->keeper = 0;
	lease->taken = false;
	return status == 0 ? 0 : -EIO;
}
