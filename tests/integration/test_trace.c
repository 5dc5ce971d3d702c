/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The same workload gives the same trace: twice in one process, and over a socket with the lab.
 *
 * Each side's records are compared byte for byte, as the files have them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

struct traces {
	char driver[64];
	char emulator[64];
};

static void make_names(struct traces *traces)
{
	snprintf(traces->driver, sizeof(traces->driver), "/tmp/nvmelab-driver-XXXXXX");
	snprintf(traces->emulator, sizeof(traces->emulator), "/tmp/nvmelab-emulator-XXXXXX");
	close(mkstemp(traces->driver));
	close(mkstemp(traces->emulator));
}

static void batch(struct th_rig *rig, const struct nvl_buffer *buffer, uint32_t index)
{
	struct nvl_queue *queue = nvl_queue(rig->ctrl, index);
	struct th_ending ending = { 0 };

	for (unsigned int i = 0; i < 16; i++) {
		const struct nvl_io io = { .ns = rig->ns,
					   .slba = i * 64 + index,
					   .nlb = 1 + i * 7,
					   .buffer = buffer,
					   .offset = i * 516 };

		th_ok(i % 3 ? nvl_write(queue, &io, th_count, &ending)
			    : nvl_read(queue, &io, th_count, &ending));
	}
	nvl_ring(queue);
	th_await(rig, queue, &ending, 16);
}

/* Something of everything: lists, splits, errors, a flush, a late command, a reset, a shutdown. */
static void workload(enum th_link link, bool interrupts, const struct traces *traces)
{
	struct th_rig_options options;
	struct nvl_buffer buffer;
	struct emu_config config;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.misbehaves = true; /* it reads a block that is not there */
	emu_config_init(&config);
	config.service_time = 50000;
	config.ready_delay = 3000000;
	options.config = &config;
	options.virtual_clock = true;
	options.interrupts = interrupts;
	options.driver.io_timeout_nsec = 40000000;
	options.driver_trace = traces->driver;
	options.emulator_trace = traces->emulator;
	th_rig_open(&rig, link, &options);
	buffer = th_rig_buffer(&rig, 1u << 20, 9);
	const struct nvl_io large = { .ns = rig.ns, .nlb = 2048, .buffer = &buffer };
	const struct nvl_io beyond = {
		.ns = rig.ns, .slba = rig.ns->nsze, .nlb = 1, .buffer = &buffer
	};

	batch(&rig, &buffer, 0);
	batch(&rig, &buffer, 3);
	th_ok(nvl_write_wait(rig.queue, &large));
	ck_assert_int_gt(nvl_read_wait(rig.queue, &beyond), 0);
	th_ok(nvl_flush_wait(rig.queue, rig.ns->nsid));
	th_ok(nvl_reset(rig.ctrl));
	rig.ns = nvl_ns_at(rig.ctrl, 0);
	batch(&rig, &buffer, 1);
	th_rig_close(&rig);
}

static char *read_all(const char *path, size_t *ret_bytes)
{
	FILE *file = fopen(path, "r");
	char *data = NULL;

	ck_assert_ptr_nonnull(file);
	fseek(file, 0, SEEK_END);
	*ret_bytes = (size_t)ftell(file);
	rewind(file);
	data = calloc(1, *ret_bytes + 1);
	ck_assert_uint_eq(fread(data, 1, *ret_bytes, file), *ret_bytes);
	fclose(file);
	return data;
}

/* Shows the first line that differs. */
static void compare(const char *path_a, const char *path_b, unsigned int lines_min)
{
	size_t bytes_a, bytes_b;
	char *a = read_all(path_a, &bytes_a);
	char *b = read_all(path_b, &bytes_b);
	char *line_a = a, *line_b = b;
	unsigned int lines = 0;

	for (;;) {
		char *end_a = strchr(line_a, '\n');
		char *end_b = strchr(line_b, '\n');

		if (!end_a || !end_b)
			break;
		*end_a = 0;
		*end_b = 0;
		ck_assert_msg(strcmp(line_a, line_b) == 0, "line %u:\n%.400s\n%.400s", lines + 1,
			      line_a, line_b);
		line_a = end_a + 1;
		line_b = end_b + 1;
		lines++;
	}
	ck_assert_uint_eq(bytes_a, bytes_b);
	ck_assert_uint_gt(lines, lines_min);
	free(a);
	free(b);
}

static void compare_links(enum th_link first, enum th_link second, bool interrupts)
{
	struct traces a, b;

	make_names(&a);
	make_names(&b);
	workload(first, interrupts, &a);
	workload(second, interrupts, &b);
	compare(a.driver, b.driver, 300);
	compare(a.emulator, b.emulator, 500);
	unlink(a.driver);
	unlink(a.emulator);
	unlink(b.driver);
	unlink(b.emulator);
}

START_TEST(the_same_run_twice_gives_the_same_bytes)
{
	compare_links(TH_IN_PROCESS, TH_IN_PROCESS, _i != 0);
}
END_TEST

START_TEST(a_socket_with_the_lab_gives_the_same_bytes)
{
	compare_links(TH_IN_PROCESS, TH_TRAPPED, _i != 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("trace");
	TCase *tcase = tcase_create("links");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, the_same_run_twice_gives_the_same_bytes, 0, 2);
	tcase_add_loop_test(tcase, a_socket_with_the_lab_gives_the_same_bytes, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
