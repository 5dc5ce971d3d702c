/* SPDX-License-Identifier: BSD-3-Clause */
/* See nvl_vfu_server.h. */
#include "tests/unit/nvl_vfu_server.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROOM 8192u

struct reply {
	struct vfu_header header;
	uint8_t payload[ROOM];
	uint32_t bytes;
	int fd;
};

static void send_all(int fd, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	while (bytes > 0) {
		ssize_t sent = send(fd, at, bytes, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		at += sent;
		bytes -= (size_t)sent;
	}
}

static void send_with_fds(int fd, const void *data, size_t bytes, const int *fds, size_t count)
{
	char control[CMSG_SPACE(sizeof(int) * 64)];
	struct iovec iov = { (void *)(uintptr_t)data, bytes };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header;

	memset(control, 0, sizeof(control));
	message.msg_control = control;
	message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
	sendmsg(fd, &message, MSG_NOSIGNAL);
}

static bool receive_all(int fd, void *data, size_t bytes)
{
	char control[CMSG_SPACE(sizeof(int) * 64)];
	uint8_t *at = data;

	while (bytes > 0) {
		struct iovec iov = { at, bytes };
		struct msghdr message = { .msg_iov = &iov,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };
		ssize_t got = recvmsg(fd, &message, 0);

		if (got <= 0)
			return false;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
				int received;

				memcpy(&received, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
				close(received);
			}
		}
		at += got;
		bytes -= (size_t)got;
	}
	return true;
}

static void put(struct reply *reply, const void *data, uint32_t bytes)
{
	memcpy(reply->payload + reply->bytes, data, bytes);
	reply->bytes += bytes;
}

static void describe_area(struct th_vfu_server *server, struct reply *reply)
{
	struct vfu_sparse_area area = { .offset = 0x1000, .size = 0x1000 };
	struct vfu_cap_sparse_mmap cap = {
		.header = { .id = VFU_CAP_SPARSE_MMAP, .version = 1 },
		.nr_areas = 1,
	};

	reply->fd = server->bar0;
	switch (server->area_twist) {
	case AREA_NO_FD:
		reply->fd = -1;
		break;
	case AREA_UNALIGNED:
		area.size = 0xfff;
		break;
	case AREA_OUTSIDE:
		area.size = BAR0_BYTES;
		break;
	case AREA_WRAPS:
		area.offset = 0x1000;
		area.size = UINT64_MAX - 0xfff;
		break;
	case AREA_EMPTY:
		cap.nr_areas = 0;
		break;
	case AREA_COUNT:
		cap.nr_areas = 0x10000000;
		break;
	case AREA_CHAIN_BACK:
		cap.header.id = VFU_CAP_TYPE;
		cap.header.next = sizeof(struct vfu_region_info);
		break;
	case AREA_CHAIN_OUT:
		cap.header.id = VFU_CAP_TYPE;
		cap.header.next = 0xfffffff0;
		break;
	default:
		break;
	}
	put(reply, &cap, sizeof(cap));
	put(reply, &area, sizeof(area));
}

static void region_info(struct th_vfu_server *server, const uint8_t *request, struct reply *reply)
{
	struct vfu_region_info info;
	bool has_area;
	uint32_t needed = sizeof(info) + sizeof(struct vfu_cap_sparse_mmap) +
			  sizeof(struct vfu_sparse_area);

	memcpy(&info, request, sizeof(info));
	has_area = server->has_area && info.index == VFU_REGION_BAR0;
	info.flags = VFU_REGION_READABLE | VFU_REGION_WRITABLE;
	info.size = info.index == VFU_REGION_BAR0     ? BAR0_BYTES
		    : info.index == VFU_REGION_CONFIG ? 4096
						      : 0;
	info.offset = 0;
	info.cap_offset = 0;
	if (has_area)
		info.flags |= VFU_REGION_MAPPABLE;
	if (has_area && info.argsz >= needed) {
		info.flags |= VFU_REGION_CAPS;
		info.cap_offset = sizeof(info);
	}
	info.argsz = has_area ? needed : (uint32_t)sizeof(info);
	put(reply, &info, sizeof(info));
	if (info.flags & VFU_REGION_CAPS)
		describe_area(server, reply);
}

static void answer_command(struct th_vfu_server *server, const uint8_t *request, uint32_t bytes,
			   struct reply *reply)
{
	struct vfu_version version = { 0, 1 };
	struct vfu_device_info device = { 16, VFU_DEVICE_PCI, VFU_REGIONS, VFU_IRQS };
	struct vfu_irq_info irq = { 16, VFU_IRQ_EVENTFD, VFU_IRQ_MSIX, 4 };
	struct vfu_region_access access;
	struct vfu_dma_map map;

	switch (reply->header.command) {
	case VFU_VERSION:
		put(reply, &version, sizeof(version));
		put(reply, "{}", 3);
		break;
	case VFU_DEVICE_GET_INFO:
		put(reply, &device, sizeof(device));
		break;
	case VFU_DEVICE_GET_REGION_INFO:
		region_info(server, request, reply);
		break;
	case VFU_DEVICE_GET_IRQ_INFO:
		put(reply, &irq, sizeof(irq));
		break;
	case VFU_DMA_MAP:
		memcpy(&map, request, sizeof(map));
		server->mapped_iova = map.addr;
		break;
	case VFU_DMA_UNMAP:
		put(reply, request, bytes < 24 ? bytes : 24);
		break;
	case VFU_REGION_READ:
		memcpy(&access, request, sizeof(access));
		put(reply, &access, sizeof(access));
		memset(reply->payload + reply->bytes, 0x5a, access.count);
		reply->bytes += access.count;
		break;
	case VFU_REGION_WRITE:
		put(reply, request, sizeof(access));
		break;
	default:
		break;
	}
}

/* Asks the client for its memory, and keeps what it says. */
static void ask_back(struct th_vfu_server *server)
{
	struct vfu_header header = {
		.msg_id = 0x7777,
		.command = (uint16_t)server->ask,
		.msg_size = sizeof(header) + sizeof(server->access),
	};
	uint8_t data[16] = "written by them";

	server->access.addr += server->mapped_iova;
	if (server->ask == VFU_DMA_WRITE)
		header.msg_size += sizeof(data);
	send_all(server->client, &header, sizeof(header));
	send_all(server->client, &server->access, sizeof(server->access));
	if (server->ask == VFU_DMA_WRITE)
		send_all(server->client, data, sizeof(data));
	if (!receive_all(server->client, &server->answer, sizeof(server->answer)))
		return;
	server->answered_bytes = server->answer.msg_size - (uint32_t)sizeof(server->answer);
	ck_assert_uint_le(server->answered_bytes, sizeof(server->answered));
	receive_all(server->client, server->answered, server->answered_bytes);
}

/* Return: whether the connection goes on. */
static bool send_twisted(struct th_vfu_server *server, struct reply *reply, enum th_twist twist)
{
	int fds[8] = { 0, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t *bytes = (uint8_t *)reply;

	switch (twist) {
	case SHORT:
		reply->bytes = 0;
		break;
	case LONG:
		memset(reply->payload + reply->bytes, 0x77, 300);
		reply->bytes += 300;
		break;
	case WRONG_ID:
		reply->header.msg_id ^= 1;
		break;
	case WRONG_COMMAND:
		reply->header.command = VFU_DIRTY_PAGES;
		break;
	case NOT_A_REPLY:
		reply->header.flags = 7;
		break;
	case ERROR_PAYLOAD:
	case ERROR_ZERO:
		reply->header.flags |= VFU_FLAG_ERROR;
		reply->header.error_no = twist == ERROR_ZERO ? 0 : EBUSY;
		break;
	case CLOSED:
		return false;
	case SILENT:
		return true;
	default:
		break;
	}
	reply->header.msg_size = (uint32_t)sizeof(reply->header) + reply->bytes;
	if (twist == TINY)
		reply->header.msg_size = 8;
	if (twist == HUGE_SIZE)
		reply->header.msg_size = UINT32_MAX;
	if (twist == EXTRA_FDS) {
		send_with_fds(server->client, reply, sizeof(reply->header) + reply->bytes, fds, 8);
		return true;
	}
	if (twist == IN_PIECES) {
		for (uint32_t i = 0; i < sizeof(reply->header) + reply->bytes; i++)
			send_all(server->client, bytes + i, 1);
		return true;
	}
	if (twist == CUT) {
		send_all(server->client, reply, sizeof(reply->header) - 1);
		return false;
	}
	if (reply->fd >= 0)
		send_with_fds(server->client, reply, sizeof(reply->header) + reply->bytes,
			      &reply->fd, 1);
	else
		send_all(server->client, reply, sizeof(reply->header) + reply->bytes);
	return true;
}

static bool serve_one(struct th_vfu_server *server)
{
	static struct reply reply;
	static uint8_t request[ROOM];
	struct vfu_header header;
	uint32_t bytes;

	if (!receive_all(server->client, &header, sizeof(header)) || header.msg_size > ROOM)
		return false;
	bytes = header.msg_size - (uint32_t)sizeof(header);
	if (!receive_all(server->client, request, bytes))
		return false;
	reply.header = header;
	reply.header.flags = VFU_FLAG_REPLY;
	reply.bytes = 0;
	reply.fd = -1;
	answer_command(server, request, bytes, &reply);
	if (server->ask && header.command == VFU_DMA_MAP) {
		ask_back(server);
		server->ask = 0;
	}
	return send_twisted(server, &reply,
			    header.command == server->command ? server->twist : GOOD);
}

static void *serve(void *arg)
{
	struct th_vfu_server *server = arg;

	server->client = accept(server->listener, NULL, NULL);
	while (serve_one(server))
		;
	close(server->client);
	return NULL;
}

static int make_bar0(enum th_area_twist twist)
{
	int fds[2];
	int fd;

	if (twist == AREA_PIPE) {
		ck_assert_int_eq(pipe(fds), 0);
		close(fds[1]);
		return fds[0];
	}
	fd = memfd_create("bar0", MFD_CLOEXEC);
	ck_assert_int_eq(ftruncate(fd, twist == AREA_SHORT_FILE ? 0x1fff : BAR0_BYTES), 0);
	return fd;
}

void th_vfu_start(struct th_vfu_server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(server->directory, sizeof(server->directory), "/tmp/nvmelab-vfu-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/cntrl", server->directory);
	memcpy(address.sun_path, server->path, strlen(server->path) + 1);
	server->bar0 = make_bar0(server->area_twist);
	server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(server->listener, 1), 0);
	ck_assert_int_eq(pthread_create(&server->thread, NULL, serve, server), 0);
}

void th_vfu_stop(struct th_vfu_server *server)
{
	pthread_join(server->thread, NULL);
	close(server->listener);
	close(server->bar0);
	unlink(server->path);
	rmdir(server->directory);
}
