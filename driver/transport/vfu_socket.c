/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages of vfio-user: one sendmsg() for each of ours, any number of pieces for one of theirs.
 *
 * Both sides send commands on the one socket, so what arrives is told apart by its type: a reply
 * belongs to the one exchange that waits, a command is served at once from our own table of mapped
 * memory. A stream that cannot be understood any more ends the connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "driver/transport/vfu.h"

static int lose(struct nvl_vfu *vfu, int error)
{
	int expected = 0;

	__atomic_compare_exchange_n(&vfu->lost, &expected, error, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
	return nvl_vfu_lost(vfu);
}

/* Return: 0 when @events are there, or why not; a connection that is late is lost. */
static int wait_socket(struct nvl_vfu *vfu, short events, uint64_t deadline)
{
	for (;;) {
		struct pollfd wait = { .fd = vfu->fd, .events = events };
		uint64_t now = nvl_real_now();
		uint64_t left = deadline > now ? deadline - now : 0;
		int ready = poll(&wait, 1, (int)(left / 1000000u) + (left % 1000000u != 0));

		if (ready > 0)
			return 0;
		if (ready == 0 && nvl_real_now() >= deadline)
			return lose(vfu, -ETIMEDOUT);
		if (ready < 0 && errno != EINTR)
			return lose(vfu, -errno);
	}
}

static bool is_disconnect(int error)
{
	return error == EPIPE || error == ECONNRESET || error == ENOTCONN || error == ECONNREFUSED;
}

struct send_state {
	struct iovec iov[3];
	unsigned int first;
	const int *fds;
	uint32_t fd_count;
};

static ssize_t send_piece(struct nvl_vfu *vfu, struct send_state *state)
{
	char control[CMSG_SPACE(sizeof(int) * VFU_MSG_FDS_MAX)];
	struct msghdr message = {
		.msg_iov = state->iov + state->first,
		.msg_iovlen = 3 - state->first,
	};

	if (state->fd_count > 0) {
		struct cmsghdr *header;

		memset(control, 0, sizeof(control));
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * state->fd_count);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * state->fd_count);
		memcpy(CMSG_DATA(header), state->fds, sizeof(int) * state->fd_count);
	}
	return sendmsg(vfu->fd, &message, MSG_NOSIGNAL);
}

/* Descriptors travel with the first byte, so a partial send must not repeat them. */
static void advance(struct send_state *state, size_t sent)
{
	state->fd_count = 0;
	while (state->first < 3 && sent >= state->iov[state->first].iov_len) {
		sent -= state->iov[state->first].iov_len;
		state->first++;
	}
	if (state->first == 3)
		return;
	state->iov[state->first].iov_base = (uint8_t *)state->iov[state->first].iov_base + sent;
	state->iov[state->first].iov_len -= sent;
}

/* A header and what @call says goes behind it. */
static int send_message(struct nvl_vfu *vfu, struct vfu_header *header,
			const struct nvl_vfu_call *call, uint64_t deadline)
{
	struct send_state state = {
		.iov = { { header, sizeof(*header) },
			 { (void *)(uintptr_t)call->request, call->request_bytes },
			 { (void *)(uintptr_t)call->data, call->data_bytes } },
		.fds = call->fds,
		.fd_count = call->fd_count,
	};

	header->msg_size = (uint32_t)sizeof(*header) + call->request_bytes + call->data_bytes;
	while (state.first < 3) {
		ssize_t sent = send_piece(vfu, &state);
		int error;

		if (sent >= 0) {
			advance(&state, (size_t)sent);
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return lose(vfu, is_disconnect(errno) ? -ECONNRESET : -errno);
		error = wait_socket(vfu, POLLOUT, deadline);
		if (error)
			return error;
	}
	return 0;
}

/* Descriptors that came along; those beyond the room are closed. */
struct fd_list {
	int fds[NVL_VFU_FDS];
	uint32_t count;
};

static void close_list(struct fd_list *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		close(list->fds[i]);
	list->count = 0;
}

static void take_fds(struct msghdr *message, struct fd_list *list)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (list->count < NVL_VFU_FDS)
				list->fds[list->count++] = fd;
			else
				close(fd);
		}
	}
}

static int receive_bytes(struct nvl_vfu *vfu, void *data, size_t bytes, struct fd_list *list,
			 uint64_t deadline)
{
	char control[CMSG_SPACE(sizeof(int) * (NVL_VFU_FDS + 1))];
	uint8_t *at = data;

	while (bytes > 0) {
		struct iovec iov = { at, bytes };
		struct msghdr message = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t got = recvmsg(vfu->fd, &message, MSG_CMSG_CLOEXEC);
		int error;

		if (got > 0) {
			take_fds(&message, list);
			if (message.msg_flags & MSG_CTRUNC)
				return lose(vfu, -EPROTO);
			at += got;
			bytes -= (size_t)got;
			continue;
		}
		if (got == 0)
			return lose(vfu, -ECONNRESET);
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return lose(vfu, is_disconnect(errno) ? -ECONNRESET : -errno);
		error = wait_socket(vfu, POLLIN, deadline);
		if (error)
			return error;
	}
	return 0;
}

/* The next message, whole: its payload in vfu->buffer. */
static int receive_message(struct nvl_vfu *vfu, struct vfu_header *header, struct fd_list *list,
			   uint64_t deadline)
{
	int error = receive_bytes(vfu, header, sizeof(*header), list, deadline);

	if (error)
		return error;
	if (header->msg_size < sizeof(*header) || header->msg_size > NVL_VFU_MSG_BYTES)
		return lose(vfu, -EPROTO);
	return receive_bytes(vfu, vfu->buffer, header->msg_size - sizeof(*header), list, deadline);
}

static uint8_t *find_memory(const struct nvl_vfu *vfu, uint64_t iova, uint64_t bytes)
{
	for (uint32_t i = 0; i < vfu->map_count; i++) {
		const struct nvl_vfu_map *map = &vfu->maps[i];

		if (iova >= map->iova && iova - map->iova < map->bytes &&
		    bytes <= map->bytes - (iova - map->iova))
			return map->data + (iova - map->iova);
	}
	return NULL;
}

/* DMA_READ and DMA_WRITE: the same checks, another direction. Return: 0 or a positive errno. */
static int serve_dma(struct nvl_vfu *vfu, const struct vfu_header *header, uint64_t deadline)
{
	uint32_t bytes = header->msg_size - (uint32_t)sizeof(*header);
	bool is_write = header->command == VFU_DMA_WRITE;
	struct vfu_header reply = {
		.msg_id = header->msg_id,
		.command = header->command,
		.flags = VFU_FLAG_REPLY,
	};
	struct vfu_dma_access access;
	struct nvl_vfu_call answer = { .request = &access, .request_bytes = sizeof(access) };
	uint8_t *memory;

	if (bytes < sizeof(access))
		return EINVAL;
	memcpy(&access, vfu->buffer, sizeof(access));
	if (access.count == 0 || access.count > NVL_VFU_DATA)
		return E2BIG;
	if (is_write && access.count != bytes - sizeof(access))
		return EINVAL;
	memory = find_memory(vfu, access.addr, access.count);
	if (!memory)
		return EFAULT;
	if (is_write) {
		memcpy(memory, vfu->buffer + sizeof(access), access.count);
	} else {
		answer.data = memory;
		answer.data_bytes = (uint32_t)access.count;
	}
	if (!(header->flags & VFU_FLAG_NO_REPLY))
		send_message(vfu, &reply, &answer, deadline);
	return 0;
}

static void serve_command(struct nvl_vfu *vfu, const struct vfu_header *header, uint64_t deadline)
{
	struct vfu_header reply = {
		.msg_id = header->msg_id,
		.command = header->command,
		.flags = VFU_FLAG_REPLY | VFU_FLAG_ERROR,
	};
	const struct nvl_vfu_call nothing = { 0 };
	int error = EINVAL;

	if (header->command == VFU_DMA_READ || header->command == VFU_DMA_WRITE)
		error = serve_dma(vfu, header, deadline);
	if (error == 0 || (header->flags & VFU_FLAG_NO_REPLY))
		return;
	reply.error_no = (uint32_t)error;
	send_message(vfu, &reply, &nothing, deadline);
}

static int take_reply(struct nvl_vfu *vfu, struct nvl_vfu_call *call,
		      const struct vfu_header *header, struct fd_list *list)
{
	uint32_t bytes = header->msg_size - (uint32_t)sizeof(*header);

	if (header->flags & VFU_FLAG_ERROR) {
		close_list(list);
		if (header->error_no == 0 || header->error_no > 4095)
			return -EIO;
		return -(int)header->error_no;
	}
	call->reply_bytes = bytes;
	if (call->reply_room > 0)
		memcpy(call->reply, vfu->buffer,
		       bytes < call->reply_room ? bytes : call->reply_room);
	for (uint32_t i = 0; i < list->count; i++)
		call->reply_fds[i] = list->fds[i];
	return 0;
}

static int await_reply(struct nvl_vfu *vfu, struct nvl_vfu_call *call, uint16_t id,
		       uint64_t deadline)
{
	for (;;) {
		struct fd_list list = { .count = 0 };
		struct vfu_header header;
		int error = receive_message(vfu, &header, &list, deadline);

		if (error) {
			close_list(&list);
			return error;
		}
		if ((header.flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_COMMAND) {
			close_list(&list);
			serve_command(vfu, &header, deadline);
			continue;
		}
		if ((header.flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_REPLY && header.msg_id == id &&
		    header.command == call->command)
			return take_reply(vfu, call, &header, &list);
		close_list(&list);
		return lose(vfu, -EPROTO);
	}
}

int nvl_vfu_exchange(struct nvl_vfu *vfu, struct nvl_vfu_call *call)
{
	struct vfu_header header = { .command = (uint16_t)call->command };
	uint64_t deadline = nvl_real_now() + vfu->timeout_nsec;
	int error;

	call->reply_bytes = 0;
	for (uint32_t i = 0; i < NVL_VFU_FDS; i++)
		call->reply_fds[i] = -1;
	pthread_mutex_lock(&vfu->lock);
	header.msg_id = vfu->next_id++;
	error = nvl_vfu_lost(vfu);
	if (!error)
		error = send_message(vfu, &header, call, deadline);
	if (!error)
		error = await_reply(vfu, call, header.msg_id, deadline);
	pthread_mutex_unlock(&vfu->lock);
	return error;
}

void nvl_vfu_close_fds(struct nvl_vfu_call *call)
{
	for (uint32_t i = 0; i < NVL_VFU_FDS; i++) {
		if (call->reply_fds[i] >= 0)
			close(call->reply_fds[i]);
		call->reply_fds[i] = -1;
	}
}

/* Another thread that holds the lock is reading the socket: then there is nothing to do here. */
void nvl_vfu_serve(struct nvl_vfu *vfu)
{
	if (pthread_mutex_trylock(&vfu->lock) != 0)
		return;
	while (!nvl_vfu_lost(vfu)) {
		uint64_t deadline = nvl_real_now() + vfu->timeout_nsec;
		struct fd_list list = { .count = 0 };
		struct vfu_header header;
		uint8_t byte;
		ssize_t got = recv(vfu->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (receive_message(vfu, &header, &list, deadline) == 0) {
			if ((header.flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_COMMAND)
				serve_command(vfu, &header, deadline);
			else
				lose(vfu, -EPROTO);
		}
		close_list(&list);
	}
	pthread_mutex_unlock(&vfu->lock);
}

static const char *connect_hint(int error)
{
	switch (error) {
	case ENOENT:
		return "; is 'nvmelab-emulator --socket' running with this path?";
	case ECONNREFUSED:
		return "; nobody listens there any more";
	case EACCES:
	case EPERM:
		return "; the socket belongs to the user who started the server";
	default:
		return "";
	}
}

int nvl_vfu_connect(struct nvl_vfu *vfu, const char *path, struct nvme_text *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t bytes = strlen(path);

	if (bytes >= sizeof(address.sun_path))
		return nvl_say(
			error, -ENAMETOOLONG,
			"vfio-user: the path of a socket has at most %zu bytes, this one %zu",
			sizeof(address.sun_path) - 1, bytes);
	memcpy(address.sun_path, path, bytes + 1);
	vfu->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (vfu->fd < 0)
		return nvl_say(error, -errno, "vfio-user: socket: %s", strerror(errno));
	if (connect(vfu->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int result = -errno;

		return nvl_say(error, result, "vfio-user:%s: %s%s", path, strerror(-result),
			       connect_hint(-result));
	}
	if (fcntl(vfu->fd, F_SETFL, O_NONBLOCK) != 0)
		return nvl_say(error, -errno, "vfio-user: fcntl: %s", strerror(errno));
	return 0;
}
