/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * driver/transport/vfu_*.c: a vfio-user server that answers wrongly, and one that asks back.
 *
 * The server is a thread that answers every command rightly but for the one that a test twists.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/le.h"
#include "common/vfio_user.h"
#include "driver/transport/transport.h"
#include "tests/harness/main.h"

#define BAR0_BYTES 0x4000u
#define ROOM	   8192u

/* What is wrong with the reply to the twisted command. */
enum twist {
	GOOD,
	SHORT,	       /* the header alone */
	LONG,	       /* more payload than asked for */
	WRONG_ID,      /* of another command */
	WRONG_COMMAND, /* of another kind */
	NOT_A_REPLY,   /* a reserved type */
	TINY,	       /* msg_size below the header's */
	HUGE_SIZE,     /* msg_size beyond every limit */
	ERROR_PAYLOAD, /* an error with a payload, as some servers send */
	ERROR_ZERO,    /* an error without a number */
	CUT,	       /* the connection ends in the middle of it */
	CLOSED,	       /* the connection ends instead */
	SILENT,	       /* nothing */
	EXTRA_FDS,     /* descriptors that nobody asked for */
	IN_PIECES,     /* byte by byte */
	TWISTS,
};

/* What is wrong with the description of BAR0's mapping. */
enum area_twist {
	AREA_GOOD,
	AREA_NO_FD,
	AREA_PIPE,
	AREA_SHORT_FILE,
	AREA_UNALIGNED,
	AREA_OUTSIDE,
	AREA_WRAPS,
	AREA_EMPTY,	 /* no area: no mapping, and no error */
	AREA_COUNT,	 /* more areas than the reply has */
	AREA_CHAIN_BACK, /* a chain of capabilities that goes back */
	AREA_CHAIN_OUT,	 /* ... out of the reply */
	AREA_TWISTS,
};

struct server {
	char directory[64];
	char path[96];
	int listener;
	int client;
	pthread_t thread;
	uint32_t command; /* the twisted one */
	enum twist twist;
	enum area_twist area_twist;
	bool has_area;
	int bar0;
	uint32_t ask; /* a command that the server sends before the reply to DMA_MAP; 0 none */
	struct vfu_dma_access access;
	struct vfu_header answer;
	uint8_t answered[64];
	uint32_t answered_bytes;
	uint64_t mapped_iova;
};

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

static void describe_area(struct server *server, struct reply *reply)
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

static void region_info(struct server *server, const uint8_t *request, struct reply *reply)
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

static void answer_command(struct server *server, const uint8_t *request, uint32_t bytes,
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
static void ask_back(struct server *server)
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
static bool send_twisted(struct server *server, struct reply *reply, enum twist twist)
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

static bool serve_one(struct server *server)
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
	struct server *server = arg;

	server->client = accept(server->listener, NULL, NULL);
	while (serve_one(server))
		;
	close(server->client);
	return NULL;
}

static int make_bar0(enum area_twist twist)
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

static void start(struct server *server)
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

static void stop(struct server *server)
{
	pthread_join(server->thread, NULL);
	close(server->listener);
	close(server->bar0);
	unlink(server->path);
	rmdir(server->directory);
}

static int connect_to(struct server *server, struct nvl_device **ret_device,
		      struct nvme_text *error)
{
	struct nvl_device_options options;
	char name[128];

	snprintf(name, sizeof(name), "vfio-user:%s", server->path);
	nvl_device_options_init(&options);
	options.device = name;
	options.start = false;
	options.message_timeout_nsec = 300000000;
	return nvl_device_open(&options, ret_device, error);
}

static unsigned int open_fds(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static const uint32_t commands[] = {
	VFU_VERSION,
	VFU_DEVICE_GET_INFO,
	VFU_DEVICE_GET_REGION_INFO,
	VFU_DEVICE_GET_IRQ_INFO,
	VFU_DMA_MAP,
	VFU_DMA_UNMAP,
	VFU_REGION_READ,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

START_TEST(a_wrong_reply_is_an_error_and_leaks_nothing)
{
	/* Any reply to any command: an error with a sentence, or a device that can be closed. */
	unsigned int before = open_fds();
	struct nvl_device *device = NULL;
	struct server server = {
		.command = commands[_i / TWISTS],
		.twist = (enum twist)(_i % TWISTS),
	};
	char buffer[512];
	struct nvme_text error;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	start(&server);
	result = connect_to(&server, &device, &error);
	ck_assert_msg(result == 0 || error.used > 0, "no sentence for %d", result);
	if (result == 0) {
		const struct nvl_ops *ops = nvl_device_ops(device);

		ops->reg_read(ops->arg, 0, 8);
		ops->reg_write(ops->arg, 0x14, 4, 0);
		nvl_device_close(device);
	}
	stop(&server);
	ck_assert_uint_eq(open_fds(), before);
}
END_TEST

struct fatal_case {
	uint32_t command;
	enum twist twist;
	int result;
};

static const struct fatal_case fatal_cases[] = {
	{ VFU_VERSION, SILENT, -ETIMEDOUT },
	{ VFU_VERSION, CLOSED, -ECONNRESET },
	{ VFU_VERSION, WRONG_ID, -EPROTO },
	{ VFU_VERSION, TINY, -EPROTO },
	{ VFU_VERSION, HUGE_SIZE, -EPROTO },
	{ VFU_VERSION, ERROR_PAYLOAD, -EBUSY },
	{ VFU_VERSION, ERROR_ZERO, -EIO },
	{ VFU_DEVICE_GET_INFO, SHORT, -EPROTO },
	{ VFU_DEVICE_GET_INFO, LONG, 0 },
	{ VFU_DEVICE_GET_INFO, IN_PIECES, 0 },
	{ VFU_DEVICE_GET_REGION_INFO, CUT, -ECONNRESET },
	{ VFU_DEVICE_GET_IRQ_INFO, ERROR_PAYLOAD, 0 },
	{ VFU_DMA_MAP, ERROR_PAYLOAD, -EBUSY },
	{ VFU_DMA_MAP, EXTRA_FDS, 0 },
};

START_TEST(the_error_says_what_was_wrong)
{
	const struct fatal_case *bad = &fatal_cases[_i];
	struct server server = { .command = bad->command, .twist = bad->twist };
	struct nvl_device *device = NULL;

	start(&server);
	ck_assert_int_eq(connect_to(&server, &device, NULL), bad->result);
	nvl_device_close(device);
	stop(&server);
}
END_TEST

START_TEST(registers_of_a_server_that_went_wrong_are_all_ones)
{
	struct server server = { .command = VFU_REGION_READ, .twist = WRONG_ID };
	struct nvl_device *device = NULL;
	const struct nvl_ops *ops;

	start(&server);
	ck_assert_int_eq(connect_to(&server, &device, NULL), 0);
	ops = nvl_device_ops(device);
	ck_assert_uint_eq(ops->reg_read(ops->arg, 0, 8), UINT64_MAX);
	ck_assert_uint_eq(ops->reg_read(ops->arg, 0x1c, 4), UINT32_MAX);
	ck_assert_uint_eq(ops->cfg_read(ops->arg, 4, 2), 0xffff);
	ck_assert_int_eq(ops->alive(ops->arg), -EPROTO);
	nvl_device_close(device);
	stop(&server);
}
END_TEST

START_TEST(a_mapping_is_checked_before_it_is_made)
{
	struct server server = { .has_area = true, .area_twist = (enum area_twist)_i };
	unsigned int before = open_fds();
	struct nvl_device *device = NULL;
	char buffer[512];
	struct nvme_text error;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	start(&server);
	result = connect_to(&server, &device, &error);
	ck_assert_int_eq(result, _i == AREA_GOOD || _i == AREA_EMPTY ? 0 : -EPROTO);
	ck_assert(result == 0 || strstr(buffer, "BAR0"));
	ck_assert(result != 0 || (nvl_device_ops(device)->mapped != NULL) == (_i == AREA_GOOD));
	nvl_device_close(device);
	stop(&server);
	ck_assert_uint_eq(open_fds(), before);
}
END_TEST

struct ask_case {
	uint32_t command;
	uint64_t offset; /* in the memory that was mapped last */
	uint64_t count;
	uint32_t error;
};

static const struct ask_case asks[] = {
	{ VFU_DMA_READ, 0, 16, 0 },
	{ VFU_DMA_WRITE, 16, 16, 0 },
	{ VFU_DMA_WRITE, 16, 15, EINVAL },
	{ VFU_DMA_READ, 0, 0, E2BIG },
	{ VFU_DMA_READ, 0, UINT64_MAX, E2BIG },
	{ VFU_DMA_READ, UINT64_MAX - 7, 16, EFAULT },
	{ VFU_DMA_READ, (64u << 20) - 8, 16, EFAULT },
	{ VFU_DMA_READ, UINT64_C(1) << 40, 16, EFAULT },
	{ VFU_DIRTY_PAGES, 0, 16, EINVAL },
	{ 999, 0, 0, EINVAL },
};

START_TEST(the_server_may_ask_for_memory_while_we_wait)
{
	/* DMA_READ and DMA_WRITE come before the reply to DMA_MAP: the memory is known already. */
	const struct ask_case *ask = &asks[_i];
	struct server server = {
		.ask = ask->command,
		.access = { .addr = ask->offset, .count = ask->count },
	};
	struct nvl_device *device = NULL;

	start(&server);
	ck_assert_int_eq(connect_to(&server, &device, NULL), 0);
	nvl_device_close(device);
	stop(&server);
	ck_assert_uint_eq(server.answer.msg_id, 0x7777);
	ck_assert_uint_eq(server.answer.command, ask->command);
	ck_assert_uint_eq(server.answer.flags,
			  ask->error ? VFU_FLAG_REPLY | VFU_FLAG_ERROR : VFU_FLAG_REPLY);
	ck_assert_uint_eq(server.answer.error_no, ask->error);
	ck_assert_uint_eq(server.answered_bytes, ask->error			? 0
						 : ask->command == VFU_DMA_READ ? 32
										: 16);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_vfu");
	TCase *tcase = tcase_create("server");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_wrong_reply_is_an_error_and_leaks_nothing, 0,
			    (int)COMMANDS * TWISTS);
	tcase_add_loop_test(tcase, the_error_says_what_was_wrong, 0,
			    sizeof(fatal_cases) / sizeof(fatal_cases[0]));
	tcase_add_test(tcase, registers_of_a_server_that_went_wrong_are_all_ones);
	tcase_add_loop_test(tcase, a_mapping_is_checked_before_it_is_made, 0, AREA_TWISTS);
	tcase_add_loop_test(tcase, the_server_may_ask_for_memory_while_we_wait, 0,
			    sizeof(asks) / sizeof(asks[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
