/* SPDX-License-Identifier: BSD-3-Clause */
/* See rig.h. The server is a child that runs the server's own loop; it dies with the test. */
#include "tests/integration/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulator/app/server.h"

#define MINUTE_NSEC UINT64_C(60000000000)
#define START_MS    20000

static struct emu_server *running_server;

void th_rig_options_init(struct th_rig_options *options)
{
	*options = (struct th_rig_options){ .size_bytes = 64u << 20 };
	nvl_config_init(&options->driver);
	options->driver.queues = 4;
	options->driver.entries = 64;
}

const char *th_test_device(void)
{
	const char *device = getenv("NVMELAB_TEST_DEVICE");

	return device && *device ? device : NULL;
}

static void fill_ns(const struct th_rig_options *options, struct emu_ns_spec *spec)
{
	emu_ns_spec_init(spec);
	if (options->ns)
		ck_assert_int_eq(emu_ns_spec_parse(spec, options->ns, NULL), 0);
	if (!options->ns || spec->size_bytes == 0)
		spec->size_bytes = options->size_bytes;
	if (options->file)
		snprintf(spec->file, sizeof(spec->file), "%s", options->file);
}

/* The server ends when its end of the pipe says that the test has let go of the other one. */
static void *watch(void *arg)
{
	const int *stop = arg;
	char byte;

	while (read(*stop, &byte, 1) < 0 && errno == EINTR)
		;
	emu_server_stop(running_server);
	return NULL;
}

static void run_server(struct th_rig *rig, const struct th_rig_options *options, int ready,
		       int stop)
{
	static const enum emu_bar0_mode modes[TH_LINKS] = {
		[TH_TRAPPED] = EMU_BAR0_TRAPPED,
		[TH_DOORBELLS] = EMU_BAR0_DOORBELLS,
		[TH_SHARED] = EMU_BAR0_SHARED,
	};
	const char *path = rig->socket;
	struct emu_server_options server_options = {
		.paths = &path,
		.count = 1,
		.bar0 = modes[rig->link],
		.clock = options->virtual_clock ? EMU_CLOCK_VIRTUAL : EMU_CLOCK_REAL,
		.lab = options->virtual_clock,
		.trace_path = options->emulator_trace,
		.state_path = options->state,
		.judge = true,
	};
	struct emu_config config;
	struct emu_ns_spec spec;
	char buffer[512];
	struct nvme_text error;
	pthread_t watcher;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	emu_config_init(&config);
	fill_ns(options, &spec);
	result = emu_server_new(options->config ? options->config : &config, &spec, 1,
				&server_options, &running_server, &error);
	if (result) {
		fprintf(stderr, "server: %s\n", buffer);
		_exit(1);
	}
	if (pthread_create(&watcher, NULL, watch, &stop) != 0 || write(ready, "r", 1) != 1)
		_exit(1);
	result = emu_server_run(running_server);
	pthread_join(watcher, NULL);
	if (!result && !options->misbehaves)
		result = emu_server_judgement(running_server);
	emu_server_free(running_server);
	_exit(result ? 1 : 0);
}

void th_rig_serve(struct th_rig *rig, enum th_link link, const struct th_rig_options *options)
{
	struct pollfd wait = { .events = POLLIN };
	int ready[2], stop[2];
	char byte;

	*rig = (struct th_rig){ .link = link };
	if (link == TH_IN_PROCESS || th_test_device())
		return;
	snprintf(rig->directory, sizeof(rig->directory), "/tmp/nvmelab-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(rig->directory));
	snprintf(rig->socket, sizeof(rig->socket), "%s/cntrl", rig->directory);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(stop, O_CLOEXEC), 0);
	fflush(NULL);
	rig->server = fork();
	ck_assert_int_ge(rig->server, 0);
	if (rig->server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		close(stop[1]);
		run_server(rig, options, ready[1], stop[0]);
	}
	close(ready[1]);
	close(stop[0]);
	rig->stop = stop[1];
	wait.fd = ready[0];
	ck_assert_int_eq(poll(&wait, 1, START_MS), 1);
	ck_assert_msg(read(ready[0], &byte, 1) == 1, "the server did not start");
	close(ready[0]);
}

int th_rig_connect(struct th_rig *rig, const struct th_rig_options *options,
		   struct nvme_text *error)
{
	struct nvl_device_options device_options;
	struct emu_ns_spec spec;
	char name[128];
	int result;

	nvl_device_options_init(&device_options);
	device_options.driver = options->driver;
	device_options.interrupts = options->interrupts;
	device_options.start = !options->do_not_start;
	device_options.trace_path = options->driver_trace;
	if (th_test_device()) {
		device_options.device = th_test_device();
		device_options.unsafe_dma = getenv("NVMELAB_TEST_UNSAFE_DMA") != NULL;
	} else if (rig->link != TH_IN_PROCESS) {
		snprintf(name, sizeof(name), "vfio-user:%s", rig->socket);
		device_options.device = name;
	} else {
		fill_ns(options, &spec);
		device_options.emulator.config = options->config;
		device_options.emulator.ns = &spec;
		device_options.emulator.ns_count = 1;
		device_options.emulator.virtual_clock = options->virtual_clock;
		device_options.emulator.trace_path = options->emulator_trace;
	}
	result = nvl_device_open(&device_options, &rig->device, error);
	if (result) {
		rig->device = NULL;
		return result;
	}
	rig->ctrl = nvl_device_ctrl(rig->device);
	rig->ns = nvl_ns_at(rig->ctrl, 0);
	rig->queue = nvl_queue(rig->ctrl, 0);
	return 0;
}

void th_rig_open(struct th_rig *rig, enum th_link link, const struct th_rig_options *options)
{
	char buffer[512];
	struct nvme_text error;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	th_rig_serve(rig, link, options);
	result = th_rig_connect(rig, options, &error);
	ck_assert_msg(result == 0, "open: %d: %s", result, buffer);
}

void th_rig_open_default(struct th_rig *rig, enum th_link link)
{
	struct th_rig_options options;

	th_rig_options_init(&options);
	th_rig_open(rig, link, &options);
}

static int end_server(struct th_rig *rig)
{
	int status = 0;

	if (rig->server <= 0)
		return 0;
	close(rig->stop);
	while (waitpid(rig->server, &status, 0) < 0 && errno == EINTR)
		;
	rig->server = 0;
	return status;
}

static void remove_files(const struct th_rig *rig)
{
	if (!rig->directory[0])
		return;
	unlink(rig->socket);
	rmdir(rig->directory);
}

void th_rig_kill(struct th_rig *rig)
{
	if (rig->server > 0)
		kill(rig->server, SIGKILL);
	end_server(rig);
}

void th_rig_close(struct th_rig *rig)
{
	int status;

	th_ok(nvl_device_close(rig->device));
	status = end_server(rig);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
		      "the server ended with wait status %d", status);
	remove_files(rig);
}

void th_rig_abandon(struct th_rig *rig)
{
	nvl_device_close(rig->device);
	th_rig_kill(rig);
	remove_files(rig);
}

void th_pattern(void *data, uint64_t bytes, uint32_t seed)
{
	uint8_t *byte = data;
	uint32_t state = seed * 2654435761u + 1;

	for (uint64_t i = 0; i < bytes; i++) {
		state = state * 1664525u + 1013904223u;
		byte[i] = (uint8_t)(state >> 24);
	}
}

struct nvl_buffer th_rig_buffer(struct th_rig *rig, uint64_t bytes, uint32_t seed)
{
	struct nvl_buffer buffer;

	th_ok(nvl_device_alloc(rig->device, bytes, &buffer));
	th_pattern(buffer.data, bytes, seed);
	return buffer;
}

const char *th_explain(int result)
{
	static char buffer[128];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	nvl_result_text(result, &text);
	return buffer;
}

void th_count(void *arg, const struct nvl_completion *completion)
{
	struct th_ending *ending = arg;

	ending->done++;
	if (completion->result == 0)
		return;
	if (ending->errors++ == 0)
		ending->first_error = completion->result;
}

void th_await(struct th_rig *rig, struct nvl_queue *queue, const struct th_ending *ending,
	      unsigned int done)
{
	uint64_t deadline = nvl_device_now(rig->device) + MINUTE_NSEC;

	for (;;) {
		nvl_poll(queue, 0);
		if (ending->done >= done)
			return;
		ck_assert_msg(nvl_device_now(rig->device) < deadline, "%u of %u requests ended",
			      ending->done, done);
		nvl_wait(queue, deadline);
	}
}
