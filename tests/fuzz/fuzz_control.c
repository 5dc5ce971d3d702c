/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whoever talks to the socket of --control: lines of any bytes, in pieces of any size, from several
 * connections, some of which are closed in between.
 *
 * The input is a series of pieces: who and how (a byte), length (a byte), bytes. The drive is
 * enabled and waits with event requests, so that orders have something to happen to. Each whole
 * line has one answer, which begins with "ok" or "error: ".
 */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "emulator/app/control.h"
#include "emulator/app/session.h"
#include "tests/fuzz/input.h"

#define CONNECTIONS 3u
#define BASE	    UINT64_C(0x100000)
#define BYTES	    0x10000u
#define PIECES_MAX  200u
#define LINE_MAX    EMU_CONTROL_LINE /* a connection with a longer line is closed */

/* Of the first byte of a piece, beside the number of the connection. */
#define HOW_CLOSE 0x80u
#define HOW_LINE  0x40u /* a line feed follows the bytes */

struct connection {
	int fd;
	uint32_t sent; /* bytes since the last line feed */
	uint32_t lines;
	uint32_t answers;
	bool begun; /* an answer has begun */
};

static struct emu_server *server;
static uint8_t memory[BYTES] __attribute__((aligned(4096)));

static void remove_sockets(void)
{
	emu_server_free(server);
}

static void start(void)
{
	static char path[64], control[64];
	static const char *const paths[] = { path };
	static const char faults[] = "[scenario]\nformat = 1\n[fault some]\nat = aer.raise\n"
				     "do = drop\n[fault other]\nat = ctrl.reset\ndo = arm some\n";
	struct emu_server_options options = {
		.paths = paths, .count = 1, .clock = EMU_CLOCK_VIRTUAL, .control_path = control
	};
	static struct emu_config config;
	static struct emu_ns_spec spec;
	struct emu_scenario *scenario;

	snprintf(path, sizeof(path), "/tmp/nvmelab-fuzz-drive.%d", (int)getpid());
	snprintf(control, sizeof(control), "/tmp/nvmelab-fuzz-control.%d", (int)getpid());
	emu_log_set_level(EMU_LOG_ERROR);
	emu_config_init(&config);
	emu_ns_spec_init(&spec);
	th_claim(emu_scenario_parse("", faults, strlen(faults), &config, &scenario, NULL) == 0,
		 "it has faults");
	options.scenario = scenario;
	th_claim(emu_server_new(&config, &spec, 1, &options, &server, NULL) == 0, "it starts");
	emu_scenario_free(scenario);
	atexit(remove_sockets);
	th_claim(emu_device_map(server->device, 0, BASE, BYTES, 3, memory) == 0, "it has memory");
}

static void poke(uint64_t offset, uint64_t value, uint32_t bytes)
{
	uint8_t data[8];

	nvme_store_le64(data, value);
	emu_bar_write(emu_device_core(server->device), 0, offset, data, bytes);
}

/* Enabled, with as many event requests as there may be. */
static void enable(void)
{
	static const uint8_t bus_master[2] = { 0x06, 0x04 };
	struct emu *core = emu_device_core(server->device);

	emu_cfg_write(core, 0, 4, bus_master, sizeof(bus_master));
	poke(NVME_REG_AQA, 0x000f000f, 4);
	poke(NVME_REG_ASQ, BASE, 8);
	poke(NVME_REG_ACQ, BASE + 4096, 8);
	poke(NVME_REG_CC, 0x00460001, 4);
	emu_device_run(server->device, 1000000);
	for (uint32_t i = 0; i < 4; i++)
		memory[i * 64] = NVME_ADMIN_ASYNC_EVENT_REQUEST;
	poke(NVME_DOORBELL_OFFSET, 4, 4);
	emu_device_run(server->device, 1000000);
}

static void serve(void)
{
	struct epoll_event event;

	while (epoll_wait(server->epoll, &event, 1, 0) == 1) {
		if (!emu_control_serve(server->control, event.data.ptr))
			return;
	}
	emu_server_work(server);
}

static void open_connection(struct connection *connection)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*connection = (struct connection){
		.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
	};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->options.control_path);
	th_claim(connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) == 0,
		 "it listens");
	th_claim(connection->fd < 64, "no descriptors are left");
	serve();
}

/* Each answer is a line of its own. */
static void read_answers(struct connection *connection)
{
	char text[4096];
	ssize_t got;

	while ((got = recv(connection->fd, text, sizeof(text), MSG_DONTWAIT)) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (!connection->begun)
				th_claim(text[i] == 'o' || text[i] == 'e', "ok, or an error");
			connection->begun = text[i] != '\n';
			connection->answers += text[i] == '\n';
		}
	}
	th_claim(!connection->begun, "an answer is whole");
}

static void count_lines(struct connection *connection, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		connection->sent = text[i] == '\n' ? 0 : connection->sent + 1;
		connection->lines += text[i] == '\n';
	}
}

static void close_connection(struct connection *connection)
{
	if (connection->fd >= 0)
		close(connection->fd);
	connection->fd = -1;
	serve();
}

static void take_piece(struct th_input *in, struct connection *connections)
{
	uint8_t how = th_u8(in);
	struct connection *connection = &connections[how % CONNECTIONS];
	const uint8_t *from;
	size_t bytes = th_take(in, th_u8(in), &from);
	char text[LINE_MAX];

	if (connection->fd < 0)
		open_connection(connection);
	memcpy(text, from, bytes);
	if (how & HOW_LINE)
		text[bytes++] = '\n';
	count_lines(connection, text, bytes);
	if (bytes > 0 && send(connection->fd, text, bytes, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		th_claim(connection->sent >= LINE_MAX || connection->lines != connection->answers,
			 "only too long a line ends a connection");
		close_connection(connection);
		return;
	}
	serve();
	read_answers(connection);
	if (connection->sent < LINE_MAX && connection->answers != connection->lines) {
		/* A line in between was too long: the connection has to be closed. */
		th_claim(recv(connection->fd, text, 1, MSG_DONTWAIT) == 0,
			 "each line has an answer");
		close_connection(connection);
	} else if (how & HOW_CLOSE || connection->sent >= LINE_MAX) {
		close_connection(connection);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct connection connections[CONNECTIONS] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
	struct th_input in = { data, size };

	if (!server)
		start();
	enable();
	for (uint32_t i = 0; i < PIECES_MAX && in.bytes > 0; i++)
		take_piece(&in, connections);
	for (uint32_t i = 0; i < CONNECTIONS; i++)
		close_connection(&connections[i]);
	emu_reset(emu_device_core(server->device), 0, EMU_RESET_POWER);
	emu_server_work(server);
	return 0;
}
