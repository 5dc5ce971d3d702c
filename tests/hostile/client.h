/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vfio-user client that sends exactly the bytes it is told to, and the emulator it sends them to.
 *
 * Everything here fails the running Check test when the machine does not do its part (no socket, a
 * server that does not answer for a minute); what the tests are about is returned.
 */
#ifndef TESTS_HOSTILE_CLIENT_H
#define TESTS_HOSTILE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/vfio_user.h"

#define RAW_JSON \
	"{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576,\"pgsizes\":4096}}"
#define RAW_CLOSED   (-1) /* the connection ended instead of a reply */
#define RAW_FDS_MAX  253u
#define RAW_ARGS_MAX 24

/** struct raw_server - a running nvmelab-emulator with a socket in a private folder */
struct raw_server {
	pid_t pid;
	char folder[64];
	char socket[96];
	int output; /* its standard output */
};

/**
 * raw_server_start - start the program with "--socket folder/cntrl" and @args, wait for its ready
 * line
 * @args: further options, ended by NULL; or NULL
 * @max_fds: its RLIMIT_NOFILE, or 0 to leave it
 *
 * The program is $NVMELAB_EMULATOR, else nvmelab-emulator in $top_builddir or here.
 */
void raw_server_start(struct raw_server *server, const char *const *args, unsigned int max_fds);

/** raw_server_end - end it by SIGTERM; Return: its exit status, or -1 when a signal ended it */
int raw_server_end(struct raw_server *server);

/** raw_server_fds - how many file descriptors the server has open */
unsigned int raw_server_fds(const struct raw_server *server);

/** raw_server_alive - whether the process still runs */
bool raw_server_alive(const struct raw_server *server);

/** struct raw_client - one connection */
struct raw_client {
	int fd;
	uint16_t id;
	int received_fd; /* came with the last reply, or -1; the caller's to close */
};

/** raw_connect - connect; no message is sent */
void raw_connect(struct raw_client *client, const struct raw_server *server);

/** raw_disconnect - close the connection and what came with the last reply */
void raw_disconnect(struct raw_client *client);

/** raw_send_raw - send @bytes with @count descriptors attached to the first; false on EPIPE */
bool raw_send_raw(struct raw_client *client, const void *data, size_t bytes, const int *fds,
		  unsigned int count);

/** raw_send - send a command with a correct header; @flags are added to it */
bool raw_send(struct raw_client *client, uint16_t command, uint32_t flags, const void *payload,
	      size_t bytes, const int *fds, unsigned int count);

/**
 * raw_receive - receive one message
 * @payload: gets at most @size bytes, which have to be enough
 * Return: bytes of payload, or RAW_CLOSED.
 */
long raw_receive(struct raw_client *client, struct vfu_header *header, void *payload, size_t size);

/**
 * raw_call - send a command and receive its reply
 * @reply: gets the payload; @size bytes; may be NULL with 0
 *
 * The reply has the same id and command; an error reply is a header alone.
 * Return: 0, the errno of an error reply, or RAW_CLOSED.
 */
int raw_call(struct raw_client *client, uint16_t command, const void *payload, size_t bytes,
	     const int *fds, unsigned int count, void *reply, size_t size);

/** raw_version - VERSION 0.1 with @json, or without JSON for NULL; Return: as raw_call() */
int raw_version(struct raw_client *client, const char *json);

/** raw_open - connect and agree on a version */
void raw_open(struct raw_client *client, const struct raw_server *server);

/** raw_works - whether the connection answers DEVICE_GET_INFO */
bool raw_works(struct raw_client *client);

/** raw_read - REGION_READ; Return: as raw_call() */
int raw_read(struct raw_client *client, uint32_t region, uint64_t offset, void *data,
	     uint32_t bytes);

/** raw_write - REGION_WRITE; Return: as raw_call() */
int raw_write(struct raw_client *client, uint32_t region, uint64_t offset, const void *data,
	      uint32_t bytes);

/** raw_read32 - a 32-bit register of BAR0 */
uint32_t raw_read32(struct raw_client *client, uint64_t offset);

/** raw_write32 - the same, written */
void raw_write32(struct raw_client *client, uint64_t offset, uint32_t value);

/** raw_write64 - a 64-bit register of BAR0, written in one message */
void raw_write64(struct raw_client *client, uint64_t offset, uint64_t value);

/** raw_map - DMA_MAP for reading and writing; @fd -1 for none; Return: as raw_call() */
int raw_map(struct raw_client *client, uint64_t iova, uint64_t bytes, int fd, uint64_t offset);

/** raw_unmap - DMA_UNMAP; Return: as raw_call() */
int raw_unmap(struct raw_client *client, uint64_t iova, uint64_t bytes);

/** raw_set_irqs - DEVICE_SET_IRQS with @data after the structure; Return: as raw_call() */
int raw_set_irqs(struct raw_client *client, struct vfu_set_irqs set, const void *data, size_t bytes,
		 const int *fds, unsigned int count);

#endif
