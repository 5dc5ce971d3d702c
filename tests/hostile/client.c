/* SPDX-License-Identifier: BSD-3-Clause */
/* A vfio-user client that sends exactly the bytes it is told to. */
#include "tests/hostile/client.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MSEC 60000

/* The server. */

static const char *program(void)
{
	static char path[4096];
	const char *name = getenv("NVMELAB_EMULATOR");
	const char *build = getenv("top_builddir");

	if (name)
		return name;
	snprintf(path, sizeof(path), "%s/nvmelab-emulator", build ? build : ".");
	return path;
}

static void exec_server(const struct raw_server *server, const char *const *args,
			unsigned int max_fds, int output)
{
	const struct rlimit limit = { max_fds, max_fds };
	const char *argv[RAW_ARGS_MAX + 5] = { program(), "--socket", server->socket, "--log",
					       "error" };
	unsigned int count = 5;

	for (unsigned int i = 0; args && args[i] && i + 1 < RAW_ARGS_MAX; i++)
		argv[count++] = args[i];
	argv[count] = NULL;
	dup2(output, STDOUT_FILENO);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	if (max_fds)
		setrlimit(RLIMIT_NOFILE, &limit);
	execv(argv[0], (char **)(void *)argv);
	_exit(127);
}

/* Bytes that are there within a minute; Return: how many, 0 at the end, -1 for an error. */
static ssize_t patient_read(int fd, void *data, size_t bytes)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };

	ck_assert_msg(poll(&in, 1, PATIENCE_MSEC) == 1, "nothing came for a minute");
	return read(fd, data, bytes);
}

void raw_server_start(struct raw_server *server, const char *const *args, unsigned int max_fds)
{
	char line[256] = "";
	size_t used = 0;
	int pipe_fds[2];

	snprintf(server->folder, sizeof(server->folder), "/tmp/nvmelab-hostile.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(server->folder));
	snprintf(server->socket, sizeof(server->socket), "%s/cntrl", server->folder);
	ck_assert_int_eq(pipe(pipe_fds), 0);
	server->pid = fork();
	ck_assert_int_ge(server->pid, 0);
	if (server->pid == 0)
		exec_server(server, args, max_fds, pipe_fds[1]);
	close(pipe_fds[1]);
	server->output = pipe_fds[0];
	while (!strchr(line, '\n') && used + 1 < sizeof(line)) {
		ssize_t bytes = patient_read(server->output, line + used, sizeof(line) - used - 1);

		ck_assert_msg(bytes > 0, "%s did not start", program());
		used += (size_t)bytes;
		line[used] = '\0';
	}
	ck_assert_msg(strncmp(line, "ready ", 6) == 0, "instead of 'ready': %s", line);
}

int raw_server_end(struct raw_server *server)
{
	int status;

	kill(server->pid, SIGTERM);
	ck_assert_int_eq(waitpid(server->pid, &status, 0), server->pid);
	close(server->output);
	unlink(server->socket);
	rmdir(server->folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

unsigned int raw_server_fds(const struct raw_server *server)
{
	unsigned int count = 0;
	char path[64];
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)server->pid);
	folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

bool raw_server_alive(const struct raw_server *server)
{
	char path[64];
	char state = 'X';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)server->pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (fscanf(file, "%*d %*s %c", &state) != 1)
		state = 'X';
	fclose(file);
	return state != 'X' && state != 'Z';
}

/* The connection. */

void raw_connect(struct raw_client *client, const struct raw_server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->socket);
	client->id = 0;
	client->received_fd = -1;
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(client->fd, 0);
	ck_assert_int_eq(connect(client->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void drop_received(struct raw_client *client)
{
	if (client->received_fd >= 0)
		close(client->received_fd);
	client->received_fd = -1;
}

void raw_disconnect(struct raw_client *client)
{
	drop_received(client);
	close(client->fd);
	client->fd = -1;
}

bool raw_send_raw(struct raw_client *client, const void *data, size_t bytes, const int *fds,
		  unsigned int count)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * RAW_FDS_MAX)];
		struct cmsghdr align;
	} control = { 0 };
	const char *from = data;
	size_t sent = 0;

	while (sent < bytes) {
		struct iovec part = { (void *)(uintptr_t)(from + sent), bytes - sent };
		struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t result;

		if (count > 0 && sent == 0) {
			msg.msg_control = &control;
			msg.msg_controllen = CMSG_SPACE(sizeof(int) * count);
			control.align.cmsg_level = SOL_SOCKET;
			control.align.cmsg_type = SCM_RIGHTS;
			control.align.cmsg_len = CMSG_LEN(sizeof(int) * count);
			memcpy(CMSG_DATA(&control.align), fds, sizeof(int) * count);
		}
		result = sendmsg(client->fd, &msg, MSG_NOSIGNAL);
		if (result < 0 && (errno == EPIPE || errno == ECONNRESET))
			return false;
		ck_assert_msg(result > 0, "sendmsg: %s", strerror(errno));
		sent += (size_t)result;
	}
	return true;
}

bool raw_send(struct raw_client *client, uint16_t command, uint32_t flags, const void *payload,
	      size_t bytes, const int *fds, unsigned int count)
{
	const struct vfu_header header = {
		.msg_id = ++client->id,
		.command = command,
		.msg_size = (uint32_t)(sizeof(header) + bytes),
		.flags = flags,
	};
	char *message = malloc(sizeof(header) + bytes);
	bool sent;

	memcpy(message, &header, sizeof(header));
	if (bytes > 0)
		memcpy(message + sizeof(header), payload, bytes);
	sent = raw_send_raw(client, message, sizeof(header) + bytes, fds, count);
	free(message);
	return sent;
}

/* Keeps the descriptor that came along; there is never more than one. */
static void keep_fd(struct raw_client *client, struct msghdr *msg)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(msg);

	ck_assert_msg(!(msg->msg_flags & MSG_CTRUNC), "more than one descriptor came");
	if (!part)
		return;
	drop_received(client);
	memcpy(&client->received_fd, CMSG_DATA(part), sizeof(int));
}

/* Return: false when the connection ended. */
static bool receive_bytes(struct raw_client *client, void *data, size_t bytes)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char *to = data;

	while (bytes > 0) {
		struct pollfd in = { .fd = client->fd, .events = POLLIN };
		struct iovec part = { to, bytes };
		struct msghdr msg = {
			.msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control.bytes),
		};
		ssize_t result;

		ck_assert_msg(poll(&in, 1, PATIENCE_MSEC) == 1, "no reply for a minute");
		result = recvmsg(client->fd, &msg, MSG_CMSG_CLOEXEC);
		if (result == 0 || (result < 0 && errno == ECONNRESET))
			return false;
		ck_assert_msg(result > 0, "recvmsg: %s", strerror(errno));
		keep_fd(client, &msg);
		to += result;
		bytes -= (size_t)result;
	}
	return true;
}

long raw_receive(struct raw_client *client, struct vfu_header *header, void *payload, size_t size)
{
	size_t bytes;

	drop_received(client);
	if (!receive_bytes(client, header, sizeof(*header)))
		return RAW_CLOSED;
	ck_assert_uint_ge(header->msg_size, sizeof(*header));
	bytes = header->msg_size - sizeof(*header);
	ck_assert_uint_le(bytes, size);
	if (!receive_bytes(client, payload, bytes))
		return RAW_CLOSED;
	return (long)bytes;
}

int raw_call(struct raw_client *client, uint16_t command, const void *payload, size_t bytes,
	     const int *fds, unsigned int count, void *reply, size_t size)
{
	struct vfu_header header;
	long got;

	if (!raw_send(client, command, 0, payload, bytes, fds, count))
		return RAW_CLOSED;
	got = raw_receive(client, &header, reply, size);
	if (got < 0)
		return RAW_CLOSED;
	ck_assert_uint_eq(header.msg_id, client->id);
	ck_assert_uint_eq(header.command, command);
	ck_assert_uint_eq(header.flags & VFU_FLAG_TYPE_MASK, VFU_FLAG_REPLY);
	if (!(header.flags & VFU_FLAG_ERROR))
		return 0;
	ck_assert_int_eq(got, 0);
	ck_assert_uint_ne(header.error_no, 0);
	return (int)header.error_no;
}

int raw_version(struct raw_client *client, const char *json)
{
	struct vfu_version version = { VFU_VERSION_MAJOR, VFU_VERSION_MINOR };
	size_t json_bytes = json ? strlen(json) + 1 : 0;
	char *message = malloc(sizeof(version) + json_bytes);
	char reply[VFU_VERSION_REPLY_MAX];
	int result;

	memcpy(message, &version, sizeof(version));
	if (json)
		memcpy(message + sizeof(version), json, json_bytes);
	result = raw_call(client, VFU_VERSION, message, sizeof(version) + json_bytes, NULL, 0,
			  reply, sizeof(reply) - sizeof(struct vfu_header));
	free(message);
	return result;
}

void raw_open(struct raw_client *client, const struct raw_server *server)
{
	raw_connect(client, server);
	ck_assert_int_eq(raw_version(client, RAW_JSON), 0);
}

bool raw_works(struct raw_client *client)
{
	struct vfu_device_info info = { .argsz = sizeof(info) };

	return raw_call(client, VFU_DEVICE_GET_INFO, &info, sizeof(info), NULL, 0, &info,
			sizeof(info)) == 0 &&
	       info.num_irqs == VFU_IRQS;
}

int raw_read(struct raw_client *client, uint32_t region, uint64_t offset, void *data,
	     uint32_t bytes)
{
	const struct vfu_region_access access = { offset, region, bytes };
	size_t size = sizeof(access) + bytes;
	char *reply = malloc(size);
	int result = raw_call(client, VFU_REGION_READ, &access, sizeof(access), NULL, 0, reply,
			      size);

	if (result == 0) {
		ck_assert_mem_eq(reply, &access, sizeof(access));
		memcpy(data, reply + sizeof(access), bytes);
	}
	free(reply);
	return result;
}

int raw_write(struct raw_client *client, uint32_t region, uint64_t offset, const void *data,
	      uint32_t bytes)
{
	struct vfu_region_access access = { offset, region, bytes };
	char *message = malloc(sizeof(access) + bytes);
	int result;

	memcpy(message, &access, sizeof(access));
	memcpy(message + sizeof(access), data, bytes);
	result = raw_call(client, VFU_REGION_WRITE, message, sizeof(access) + bytes, NULL, 0,
			  &access, sizeof(access));
	free(message);
	return result;
}

uint32_t raw_read32(struct raw_client *client, uint64_t offset)
{
	uint32_t value = 0;

	ck_assert_int_eq(raw_read(client, VFU_REGION_BAR0, offset, &value, sizeof(value)), 0);
	return value;
}

void raw_write32(struct raw_client *client, uint64_t offset, uint32_t value)
{
	ck_assert_int_eq(raw_write(client, VFU_REGION_BAR0, offset, &value, sizeof(value)), 0);
}

void raw_write64(struct raw_client *client, uint64_t offset, uint64_t value)
{
	ck_assert_int_eq(raw_write(client, VFU_REGION_BAR0, offset, &value, sizeof(value)), 0);
}

int raw_map(struct raw_client *client, uint64_t iova, uint64_t bytes, int fd, uint64_t offset)
{
	const struct vfu_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE,
		.offset = offset,
		.addr = iova,
		.size = bytes,
	};

	return raw_call(client, VFU_DMA_MAP, &map, sizeof(map), &fd, fd >= 0, NULL, 0);
}

int raw_unmap(struct raw_client *client, uint64_t iova, uint64_t bytes)
{
	struct vfu_dma_unmap unmap = { .argsz = sizeof(unmap), .addr = iova, .size = bytes };

	return raw_call(client, VFU_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0, &unmap,
			sizeof(unmap));
}

int raw_set_irqs(struct raw_client *client, struct vfu_set_irqs set, const void *data, size_t bytes,
		 const int *fds, unsigned int count)
{
	char message[sizeof(set) + 4096];

	ck_assert_uint_le(bytes, 4096);
	memcpy(message, &set, sizeof(set));
	if (bytes > 0)
		memcpy(message + sizeof(set), data, bytes);
	return raw_call(client, VFU_DEVICE_SET_IRQS, message, sizeof(set) + bytes, fds, count, NULL,
			0);
}
