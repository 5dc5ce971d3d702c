/* SPDX-License-Identifier: BSD-3-Clause */
/* A network block device server, nbdkit, that a test starts, stops, kills and starts again. */
#ifndef NVMELAB_TESTS_UNIT_NBD_SERVER_H
#define NVMELAB_TESTS_UNIT_NBD_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#define TH_NBD_ARGS 12

/**
 * struct th_nbd_server - one server at a time, on a socket that the test holds
 * @socket: its path; removed in the end
 * @uri: by which it is reached
 *
 * Whoever connects while no server is there waits for the next one.
 */
struct th_nbd_server {
	char socket[64];
	char uri[128];
	int listener;
	pid_t pid;
};

/** th_nbd_missing - whether nbdkit is not installed; fails where CI is set instead of saying so */
bool th_nbd_missing(void);

/** th_nbd_listen - make the socket */
void th_nbd_listen(struct th_nbd_server *server);

/** th_nbd_start - start a server; @args: of nbdkit, a plugin among them; NULL ends them */
void th_nbd_start(struct th_nbd_server *server, const char *const args[]);

/** th_nbd_stop - freeze the server: it takes requests and answers none */
void th_nbd_stop(struct th_nbd_server *server);

/** th_nbd_kill - kill the server, if there is one */
void th_nbd_kill(struct th_nbd_server *server);

/** th_nbd_end - kill the server and remove the socket */
void th_nbd_end(struct th_nbd_server *server);

#endif
