/* SPDX-License-Identifier: BSD-3-Clause */
/* nbdkit gets a socket that listens already, as from systemd: nobody has to wait until it does. */
#include "tests/unit/nbd_server.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_FD 3

bool th_nbd_missing(void)
{
	const char *path = getenv("PATH");
	char *copy = strdup(path ? path : "");
	char *rest = copy;
	char *folder;
	bool found = false;

	while ((folder = strsep(&rest, ":")) && !found) {
		char name[4096];

		snprintf(name, sizeof(name), "%s/nbdkit", folder);
		found = access(name, X_OK) == 0;
	}
	free(copy);
	if (!found && getenv("CI")) {
		fputs("nbdkit is not installed (Debian: nbdkit)\n", stderr);
		exit(1);
	}
	return !found;
}

void th_nbd_listen(struct th_nbd_server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*server = (struct th_nbd_server){ 0 };
	snprintf(server->socket, sizeof(server->socket), "/tmp/nvmelab-nbd.%d", (int)getpid());
	snprintf(server->uri, sizeof(server->uri), "nbd+unix:///?socket=%s", server->socket);
	unlink(server->socket);
	memcpy(address.sun_path, server->socket, strlen(server->socket) + 1);
	server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(server->listener, 16), 0);
}

static void become_server(int listener, const char *const args[])
{
	const char *argv[TH_NBD_ARGS + 3] = { "nbdkit", "--foreground" };
	char pid[16];

	for (unsigned int i = 0; i < TH_NBD_ARGS && args[i]; i++)
		argv[2 + i] = args[i];
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	unsetenv("LISTEN_FDNAMES");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (listener == FIRST_FD)
		fcntl(listener, F_SETFD, 0);
	else
		dup2(listener, FIRST_FD);
	execvp("nbdkit", (char *const *)(void *)argv);
	_exit(127);
}

void th_nbd_start(struct th_nbd_server *server, const char *const args[])
{
	fflush(NULL);
	server->pid = fork();
	ck_assert_int_ge(server->pid, 0);
	if (server->pid == 0)
		become_server(server->listener, args);
}

void th_nbd_stop(struct th_nbd_server *server)
{
	int status;

	ck_assert_int_eq(kill(server->pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(server->pid, &status, WUNTRACED), server->pid);
	ck_assert(WIFSTOPPED(status));
}

void th_nbd_kill(struct th_nbd_server *server)
{
	if (server->pid == 0)
		return;
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

void th_nbd_end(struct th_nbd_server *server)
{
	th_nbd_kill(server);
	close(server->listener);
	unlink(server->socket);
}
