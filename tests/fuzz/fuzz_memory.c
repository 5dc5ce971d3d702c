/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile client whose memory has no file: DMA_READ and DMA_WRITE of the server are answered as
 * the fuzzer wants, in the middle of the core's stages.
 *
 * One thread: where the server would wait for its client in poll(), the client has its turn. There
 * it answers, or sends something else first: other commands, mappings that come and go, half of a
 * message, nothing. Time passes with each wait, so that silence costs nothing. The input is a
 * configuration and actions, a byte each with operands; what is asked in between takes its bytes
 * from the same input.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "emulator/app/session.h"
#include "tests/fuzz/input.h"

#define BASE	    UINT64_C(0x100000)
#define PAGE	    4096u
#define PAGES	    32u
#define REMOTE	    24u /* pages without a file; the others have one */
#define ENTRIES	    8u
#define ACTIONS_MAX 64u
#define WAITS_MAX   400u /* of a whole input */
#define WAIT_NSEC   UINT64_C(20000000)
#define MSG_MAX	    (PAGES * PAGE + 64u)

enum page_use {
	ASQ,
	ACQ,
	SQ,
	CQ,
	SHADOW,
	EVENT,
	LIST,
	DATA
};

/* Configuration: the first byte. */
#define HOW_REAL  0x01u /* the clock */
#define HOW_SMALL 0x02u /* messages with data of at most 512 bytes */
#define HOW_FILE  0x04u /* shadow doorbells and data have a file */

static struct client {
	struct th_input in;
	struct emu_server *server;
	int fd;
	uint8_t *memory; /* all pages; the last ones are those of the file */
	uint8_t got[4 * MSG_MAX];
	size_t got_bytes;
	uint32_t tail[2];
	unsigned int waits;
	bool silent; /* has given up */
	bool wild;   /* mapped what it wanted: anything may be asked for */
} client;

static struct emu_server *servers[2];
static int file;
static uint64_t now_nsec;

int __real_poll(struct pollfd *fds, nfds_t count, int msec);
int __wrap_poll(struct pollfd *fds, nfds_t count, int msec);
uint64_t __wrap_emu_server_nsec(void);

uint64_t __wrap_emu_server_nsec(void)
{
	return now_nsec;
}

static void remove_sockets(void)
{
	emu_server_free(servers[0]);
	emu_server_free(servers[1]);
}

static struct emu_server *start(enum emu_clock clock)
{
	static char path[2][64];
	static const char *paths[2];
	struct emu_server_options options = { .count = 1, .clock = clock };
	static struct emu_config config;
	static struct emu_ns_spec spec;
	struct emu_server *server = NULL;

	snprintf(path[clock], sizeof(path[0]), "/tmp/nvmelab-fuzz-memory.%d.%d", (int)getpid(),
		 (int)clock);
	paths[clock] = path[clock];
	options.paths = &paths[clock];
	options.lab = clock == EMU_CLOCK_VIRTUAL;
	emu_config_init(&config);
	config.queues = 2;
	config.max_requests = 8;
	config.cmb = 0x4000;
	emu_ns_spec_init(&spec);
	th_claim(emu_server_new(&config, &spec, 1, &options, &server, NULL) == 0, "it starts");
	return server;
}

static void start_all(void)
{
	emu_log_set_level(EMU_LOG_ERROR);
	servers[0] = start(EMU_CLOCK_REAL);
	servers[1] = start(EMU_CLOCK_VIRTUAL);
	atexit(remove_sockets);
	file = memfd_create("memory", MFD_CLOEXEC);
	th_claim(ftruncate(file, PAGES * PAGE) == 0, "there is memory");
	client.memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	th_claim(client.memory != MAP_FAILED, "there is memory");
}

static void send_bytes(const void *data, size_t bytes, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { (void *)(uintptr_t)data, bytes };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };

	if (client.fd < 0 || bytes == 0)
		return;
	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control.bytes);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	if (sendmsg(client.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		client.silent = true;
}

static void send_command(uint16_t command, const void *payload, size_t bytes, int fd)
{
	static uint8_t message[MSG_MAX];
	const struct vfu_header header = { .command = command,
					   .msg_size = (uint32_t)(sizeof(header) + bytes) };

	memcpy(message, &header, sizeof(header));
	if (bytes > 0)
		memcpy(message + sizeof(header), payload, bytes);
	send_bytes(message, sizeof(header) + bytes, fd);
}

static void send_poke(uint32_t region, uint64_t offset, uint64_t value, uint32_t bytes)
{
	uint8_t write[sizeof(struct vfu_region_access) + 8];
	const struct vfu_region_access access = { offset, region, bytes };

	memcpy(write, &access, sizeof(access));
	nvme_store_le64(write + sizeof(access), value);
	send_command(VFU_REGION_WRITE, write, sizeof(access) + bytes, -1);
}

static void send_map(uint64_t page, uint64_t pages, bool with_file)
{
	const struct vfu_dma_map map = { sizeof(map), VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE,
					 with_file ? page * PAGE : 0, BASE + page * PAGE,
					 pages * PAGE };

	send_command(VFU_DMA_MAP, &map, sizeof(map), with_file ? file : -1);
}

static void send_unmap(uint64_t page, uint64_t pages)
{
	const struct vfu_dma_unmap unmap = { sizeof(unmap), 0, BASE + page * PAGE, pages * PAGE };

	send_command(VFU_DMA_UNMAP, &unmap, sizeof(unmap), -1);
}

/* What the client's memory has: where nothing is, zeros. */
static void move(const struct vfu_dma_access *access, uint8_t *to, const uint8_t *from)
{
	uint64_t at = access->addr - BASE;

	if (at >= PAGES * PAGE || access->count > PAGES * PAGE - at)
		return;
	if (to)
		memcpy(to, client.memory + at, access->count);
	else
		memcpy(client.memory + at, from, access->count);
}

/* A reply as it should be, in @message; Return: its bytes. */
static size_t make_reply(uint8_t *message, const uint8_t *asked)
{
	struct vfu_header header;
	struct vfu_dma_access access;

	memcpy(&header, asked, sizeof(header));
	memcpy(&access, asked + sizeof(header), sizeof(access));
	th_claim(access.count > 0 && access.count <= PAGES * PAGE, "a part of the memory");
	th_claim(client.wild ||
			 (access.addr >= BASE && access.addr + access.count <= BASE + PAGES * PAGE),
		 "only what was mapped is asked for");
	header.flags = VFU_FLAG_REPLY;
	memcpy(message + sizeof(header), &access, sizeof(access));
	if (header.command == VFU_DMA_READ) {
		th_claim(header.msg_size == sizeof(header) + sizeof(access), "a question");
		memset(message + sizeof(header) + sizeof(access), 0, access.count);
		move(&access, message + sizeof(header) + sizeof(access), NULL);
		header.msg_size += (uint32_t)access.count;
	} else {
		th_claim(header.msg_size == sizeof(header) + sizeof(access) + access.count,
			 "data comes along");
		move(&access, NULL, asked + sizeof(header) + sizeof(access));
		header.msg_size = sizeof(header) + sizeof(access);
	}
	memcpy(message, &header, sizeof(header));
	return header.msg_size;
}

/* Anything that a client may say at any time. */
static void say_something(void)
{
	uint8_t how = th_u8(&client.in);
	uint8_t page = th_u8(&client.in) % PAGES;
	uint8_t pages = 1 + th_u8(&client.in) % PAGES;
	const uint8_t *from;
	size_t got;
	const struct vfu_region_access read = { th_u8(&client.in), VFU_REGION_BAR0, 4 };

	switch (how % 10) {
	case 0:
		send_unmap(page, pages);
		break;
	case 1:
		send_map(page, pages, how & 0x80);
		break;
	case 2:
		send_command(VFU_REGION_READ, &read, sizeof(read), -1);
		break;
	case 3:
		send_poke(VFU_REGION_BAR0, NVME_DOORBELL_OFFSET + 4 * (page % 8u), pages, 4);
		break;
	case 4:
		send_poke(VFU_REGION_BAR0, NVME_REG_CC, page & 1 ? 0x00460001 : 0, 4);
		break;
	case 5:
		send_command(VFU_DEVICE_RESET, NULL, 0, -1);
		break;
	case 6:
		send_poke(VFU_REGION_LAB, VFU_LAB_OFF_ADVANCE, pages * 1000000u, 8);
		break;
	case 7:
		send_poke(VFU_REGION_CONFIG, 4, page & 1 ? 0x0406 : 0x0402, 2);
		break;
	case 8:
		for (uint32_t i = 0; i < EMU_KEPT + 2; i++)
			send_poke(VFU_REGION_BAR0, NVME_DOORBELL_OFFSET + 4, i, 4);
		break;
	default:
		client.wild = true;
		got = th_take(&client.in, 64, &from);
		send_bytes(from, got, -1);
		break;
	}
}

/* Bends a reply; Return: how many bytes of it are sent. */
static size_t bend(uint8_t how, uint8_t *message, size_t bytes)
{
	struct vfu_header header;

	memcpy(&header, message, sizeof(header));
	switch (how) {
	case 1:
		header.flags |= VFU_FLAG_ERROR;
		header.error_no = th_u8(&client.in);
		bytes = sizeof(header);
		break;
	case 2:
		header.msg_id++;
		break;
	case 3:
		header.command ^= VFU_DMA_READ ^ VFU_DMA_WRITE;
		break;
	case 4:
		message[sizeof(header) + th_u8(&client.in) % sizeof(struct vfu_dma_access)] ^= 1;
		break;
	case 5:
		bytes = sizeof(header) + th_u16(&client.in) % (bytes - sizeof(header) + 16);
		break;
	case 6:
		bytes = sizeof(header);
		break;
	default:
		message[th_u16(&client.in) % bytes] = th_u8(&client.in);
		return bytes;
	}
	header.msg_size = (uint32_t)bytes;
	memcpy(message, &header, sizeof(header));
	return bytes;
}

static void answer(const uint8_t *asked)
{
	static uint8_t message[MSG_MAX];
	size_t bytes = make_reply(message, asked);
	uint8_t how = th_u8(&client.in);

	/* Most answers are good ones, or nobody would get far. */
	switch (how % 32) {
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
		bytes = bend(how % 32, message, bytes);
		break;
	case 8:
		client.silent = true;
		return;
	case 9:
		close(client.fd);
		client.fd = -1;
		return;
	case 10:
	case 11:
	case 12:
	case 13:
		say_something();
		break;
	case 14:
		send_bytes(message, bytes, file);
		return;
	case 15:
		send_bytes(message, bytes / 2, -1);
		memmove(message, message + bytes / 2, bytes - bytes / 2);
		bytes -= bytes / 2;
		say_something(); /* between the halves: the server has lost us */
		break;
	default:
		break;
	}
	send_bytes(message, bytes, -1);
}

/* Reads what came, and answers what is asked; Return: whether anything was. */
static bool take_turn(void)
{
	bool asked = false;
	ssize_t got;

	while (client.fd >= 0 &&
	       (got = recv(client.fd, client.got + client.got_bytes,
			   sizeof(client.got) - client.got_bytes, MSG_DONTWAIT)) > 0)
		client.got_bytes += (size_t)got;
	while (client.fd >= 0 && client.got_bytes >= sizeof(struct vfu_header)) {
		struct vfu_header header;

		memcpy(&header, client.got, sizeof(header));
		th_claim(header.msg_size >= sizeof(header) && header.msg_size <= MSG_MAX,
			 "the server's messages are whole");
		if (header.msg_size > client.got_bytes)
			break;
		if ((header.flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_COMMAND && !client.silent) {
			th_claim(header.command == VFU_DMA_READ || header.command == VFU_DMA_WRITE,
				 "nothing else is asked");
			asked = true;
			answer(client.got);
		}
		client.got_bytes -= header.msg_size;
		memmove(client.got, client.got + header.msg_size, client.got_bytes);
	}
	return asked;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int msec)
{
	if (count != 2 || fds[0].fd != client.server->sessions[0].fd)
		return __real_poll(fds, count, msec);
	now_nsec += WAIT_NSEC;
	client.waits++;
	th_claim(client.waits < 100 * WAITS_MAX, "a wait has a bound");
	if (client.waits > WAITS_MAX)
		client.silent = true;
	take_turn();
	return __real_poll(fds, count, 0);
}

/* Lets the server do all that it can. */
static void serve(void)
{
	struct emu_session *session = &client.server->sessions[0];

	for (unsigned int turn = 0; turn < 16; turn++) {
		if (session->fd >= 0)
			emu_session_serve(session);
		take_turn();
		emu_server_work(client.server);
		emu_session_check(session);
		if (session->state == EMU_SESSION_RESETTING)
			now_nsec += EMU_RESET_NSEC;
	}
}

static void act_enable(void)
{
	send_poke(VFU_REGION_CONFIG, 4, 0x0406, 2);
	send_poke(VFU_REGION_BAR0, NVME_REG_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1), 4);
	send_poke(VFU_REGION_BAR0, NVME_REG_ASQ, BASE + ASQ * PAGE, 8);
	send_poke(VFU_REGION_BAR0, NVME_REG_ACQ, BASE + ACQ * PAGE, 8);
	send_poke(VFU_REGION_BAR0, NVME_REG_CC, 4 << 20 | 6 << 16 | 1, 4);
	client.tail[0] = client.tail[1] = 0;
	serve();
}

static void submit(uint32_t qid, const struct nvme_sqe *sqe)
{
	memcpy(client.memory + (qid ? SQ : ASQ) * PAGE + client.tail[qid] * 64, sqe, sizeof(*sqe));
	client.tail[qid] = (client.tail[qid] + 1) % ENTRIES;
	send_poke(VFU_REGION_BAR0, NVME_DOORBELL_OFFSET + 8 * qid, client.tail[qid], 4);
	serve();
}

static void act_create(void)
{
	struct nvme_sqe sqe = { .opcode = NVME_ADMIN_CREATE_IO_CQ,
				.prp1 = nvme_le64(BASE + CQ * PAGE),
				.cdw10 = nvme_le32((ENTRIES - 1) << 16 | 1),
				.cdw11 = nvme_le32(3) };

	submit(0, &sqe);
	sqe.opcode = NVME_ADMIN_CREATE_IO_SQ;
	sqe.prp1 = nvme_le64(BASE + SQ * PAGE);
	sqe.cdw11 = nvme_le32(1 << 16 | 1);
	client.tail[1] = 0;
	submit(0, &sqe);
}

static void act_dbbuf(void)
{
	uint8_t how = th_u8(&client.in);
	const struct nvme_sqe sqe = { .opcode = NVME_ADMIN_DBBUF_CONFIG,
				      .prp1 = nvme_le64(BASE + (how & 1 ? REMOTE : SHADOW) * PAGE),
				      .prp2 = nvme_le64(BASE +
							(how & 2 ? REMOTE + 1 : EVENT) * PAGE) };

	submit(0, &sqe);
}

static void act_io(void)
{
	uint8_t how = th_u8(&client.in);
	uint32_t pages = 1 + th_u8(&client.in) % 12;
	uint32_t first = DATA + th_u8(&client.in) % (PAGES - DATA);
	struct nvme_sqe sqe = { .opcode = how & 1 ? NVME_CMD_WRITE : NVME_CMD_READ,
				.cid = nvme_le16(how),
				.nsid = nvme_le32(1),
				.prp1 = nvme_le64(BASE + first * PAGE),
				.cdw12 = nvme_le32(pages * 8 - 1) };

	if (how & 2)
		sqe.opcode = NVME_CMD_COMPARE;
	for (uint32_t i = 1; i < pages; i++)
		nvme_store_le64(client.memory + LIST * PAGE + 8 * (i - 1),
				BASE + (DATA + (first - DATA + i) % (PAGES - DATA)) * PAGE);
	sqe.prp2 = pages == 2 ? nvme_le64(nvme_load_le64(client.memory + LIST * PAGE))
			      : nvme_le64(BASE + LIST * PAGE);
	submit(1, &sqe);
}

static void act_admin(void)
{
	uint8_t opcode = th_u8(&client.in);
	struct nvme_sqe sqe = { .opcode = opcode & 0x80 ? NVME_ADMIN_GET_LOG_PAGE : opcode,
				.nsid = nvme_le32(th_u8(&client.in)),
				.prp1 = nvme_le64(BASE + DATA * PAGE + th_u16(&client.in)),
				.prp2 = nvme_le64(BASE + (DATA + 2) * PAGE),
				.cdw10 = nvme_le32(th_u32(&client.in)),
				.cdw11 = nvme_le32(th_u16(&client.in)) };

	submit(0, &sqe);
}

static void act_say(void)
{
	say_something();
	serve();
}

static void act_memory(void)
{
	uint32_t at = th_u32(&client.in) % (PAGES * PAGE - 256);
	const uint8_t *from;
	size_t got = th_take(&client.in, th_u8(&client.in), &from);

	memcpy(client.memory + at, from, got);
}

static void act_heads(void)
{
	send_poke(VFU_REGION_BAR0, NVME_DOORBELL_OFFSET + 4, th_u8(&client.in) % ENTRIES, 4);
	send_poke(VFU_REGION_BAR0, NVME_DOORBELL_OFFSET + 12, th_u8(&client.in) % ENTRIES, 4);
	serve();
}

static void open_client(uint8_t how)
{
	static const char small[] = "\0\0\1\0{\"capabilities\":{\"max_data_xfer_size\":512}}";
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	client.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", client.server->options.paths[0]);
	th_claim(connect(client.fd, (struct sockaddr *)&address, sizeof(address)) == 0,
		 "it listens");
	th_claim(client.fd < 64, "no descriptors are left");
	emu_session_accept(&client.server->sessions[0]);
	send_command(VFU_VERSION, how & HOW_SMALL ? small : "\0\0\1\0{}",
		     how & HOW_SMALL ? sizeof(small) : 7, -1);
	send_map(0, REMOTE, false);
	send_map(REMOTE, PAGES - REMOTE, how & HOW_FILE);
	serve();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const actions[])(void) = {
		act_enable, act_create, act_dbbuf,  act_io,    act_io,
		act_admin,  act_say,	act_memory, act_heads,
	};
	struct emu_session *session;
	uint8_t how;

	if (!servers[0])
		start_all();
	client.in = (struct th_input){ data, size };
	how = th_u8(&client.in);
	client.server = servers[how & HOW_REAL ? 0 : 1];
	client.got_bytes = client.waits = 0;
	client.silent = client.wild = false;
	memset(client.memory, 0, PAGES * PAGE);
	open_client(how);
	for (uint32_t i = 0; i < ACTIONS_MAX && client.in.bytes > 0; i++)
		actions[th_u8(&client.in) % (sizeof(actions) / sizeof(actions[0]))]();
	if (client.fd >= 0)
		close(client.fd);
	client.fd = -1;
	session = &client.server->sessions[0];
	serve();
	th_claim(session->state == EMU_SESSION_FREE, "a client that left is forgotten");
	th_claim(emu_device_maps(client.server->device, 0) == 0, "its memory is forgotten");
	return 0;
}
