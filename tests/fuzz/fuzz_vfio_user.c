/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile client against the vfio-user server, over a real socket, in one process.
 *
 * The input is a series of messages: command, how it is sent (below), length of the payload (16
 * bits), payload. Time is virtual and the lab is offered, so the same input does the same each
 * time. When the client is gone the controller is free again and knows no mapping.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/le.h"
#include "emulator/app/session.h"
#include "tests/fuzz/input.h"

#define MEMORY_BYTES 65536
#define FDS_MAX	     17
#define MESSAGES_MAX 64
#define PAYLOAD_MAX  16384

/* How a message is sent. */
#define SEND_FDS	0x1f /* how many descriptors */
#define SEND_EVENTFD	0x20 /* eventfds instead of memory */
#define SEND_NO_REPLY	0x40
#define SEND_RAW_HEADER 0x80 /* size and flags of the header are the first 8 bytes of the payload */

static struct emu_server *server;
static int memory;
static int event;

static void remove_socket(void)
{
	emu_server_free(server);
}

static void start(void)
{
	static char path[64];
	static const char *const paths[] = { path };
	const struct emu_server_options options = {
		.paths = paths,
		.count = 1,
		.clock = EMU_CLOCK_VIRTUAL,
		.lab = true,
	};
	static struct emu_config config;
	static struct emu_ns_spec spec;

	snprintf(path, sizeof(path), "/tmp/nvmelab-fuzz.%d", (int)getpid());
	emu_config_init(&config);
	config.message_dma = false; /* Nobody here would answer: tests/hostile/test_memory does. */
	emu_ns_spec_init(&spec);
	emu_log_set_level(EMU_LOG_ERROR);
	th_claim(emu_server_new(&config, &spec, 1, &options, &server, NULL) == 0, "it starts");
	atexit(remove_socket);
	memory = memfd_create("memory", MFD_CLOEXEC);
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	th_claim(ftruncate(memory, MEMORY_BYTES) == 0, "there is memory");
}

static int connect_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->options.paths[0]);
	th_claim(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "it listens");
	emu_session_accept(&server->sessions[0]);
	return fd;
}

/* Lets the server work, and throws its replies away. */
static void serve(int fd)
{
	static char replies[1 << 16];

	if (server->sessions[0].fd >= 0)
		emu_session_serve(&server->sessions[0]);
	while (recv(fd, replies, sizeof(replies), MSG_DONTWAIT) > 0) {
		if (server->sessions[0].fd >= 0)
			emu_session_serve(&server->sessions[0]);
	}
}

static void send_message(int fd, uint8_t command, uint8_t how, const uint8_t *payload, size_t bytes)
{
	struct vfu_header header = {
		.command = command,
		.msg_size = (uint32_t)(sizeof(header) + bytes),
		.flags = how & SEND_NO_REPLY ? VFU_FLAG_NO_REPLY : 0,
	};
	unsigned int count = how & SEND_FDS;
	int fds[SEND_FDS];
	union {
		char bytes[CMSG_SPACE(sizeof(fds))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec parts[2] = { { &header, sizeof(header) },
				  { (void *)(uintptr_t)payload, bytes } };
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };

	if (how & SEND_RAW_HEADER && bytes >= 8) {
		memcpy(&header.msg_size, payload, 4);
		memcpy(&header.flags, payload + 4, 4);
	}
	count = count > FDS_MAX ? FDS_MAX : count;
	for (unsigned int i = 0; i < count; i++)
		fds[i] = how & SEND_EVENTFD ? event : memory;
	if (count > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, count * sizeof(int));
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		serve(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t version[] = "\0\0\1\0{}";
	int fd;

	if (!server)
		start();
	fd = connect_client();
	/* The first byte: 0 a client with JSON, 1 without, else none that knows VERSION. */
	if (size > 0 && data[0] < 2)
		send_message(fd, VFU_VERSION, 0, version, data[0] ? 4 : sizeof(version));
	for (size_t at = 1, i = 0; at + 4 <= size && i < MESSAGES_MAX; i++) {
		size_t bytes = nvme_load_le16(data + at + 2) % PAYLOAD_MAX;

		if (bytes > size - at - 4)
			bytes = size - at - 4;
		send_message(fd, data[at], data[at + 1], data + at + 4, bytes);
		at += 4 + bytes;
	}
	close(fd);
	if (server->sessions[0].fd >= 0)
		emu_session_serve(&server->sessions[0]);
	th_claim(server->sessions[0].state == EMU_SESSION_FREE, "a client that left is forgotten");
	th_claim(emu_device_maps(server->device, 0) == 0, "its memory is forgotten");
	return 0;
}
