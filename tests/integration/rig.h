/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver and an emulator, connected in each of the ways there are, so that one test body runs
 * over all of them.
 */
#ifndef TESTS_INTEGRATION_RIG_H
#define TESTS_INTEGRATION_RIG_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "driver/core/nvl.h"
#include "driver/transport/device.h"
#include "emulator/device/device.h"

/** enum th_link - how the two are connected; the index of loop tests */
enum th_link {
	TH_IN_PROCESS,
	TH_TRAPPED,   /* vfio-user, every access a message */
	TH_DOORBELLS, /* vfio-user, doorbells in shared memory */
	TH_SHARED,    /* vfio-user, all of BAR0 in shared memory */
	TH_LINKS,
};

/**
 * th_test_device - a device to run the tests on instead, from NVMELAB_TEST_DEVICE; or NULL
 *
 * It has one namespace, of 64 MiB in blocks of 512 bytes, 16 queue pairs or more, and loses its
 * data. With NVMELAB_TEST_UNSAFE_DMA it is used without an IOMMU.
 */
const char *th_test_device(void);

/* A test of any device: over every link, or on th_test_device(); @variants times each. */
#define th_add_device_test(tcase, test, variants) \
	tcase_add_loop_test(tcase, test, 0, (th_test_device() ? 1 : TH_LINKS) * (variants))

/* A test of an emulator that is configured for it, over links @first to @end - 1. */
#define th_add_emulator_test(tcase, test, first, end) \
	tcase_add_loop_test(tcase, test, first, th_test_device() ? (first) : (end))

/**
 * struct th_rig_options - what differs from the default
 * @config: of the emulator; NULL: the default one
 * @driver: of the driver; th_rig_options_init() fills it in
 * @virtual_clock: and, over a socket, the lab
 * @driver_trace: trace files, or NULL
 * @emulator_trace: trace files, or NULL
 * @state: state file of the server, or NULL; @file: of the one namespace, or NULL for memory
 * @size_bytes: of the one namespace
 * @ns: more of it, as emu_ns_spec_parse() takes it, or NULL
 * @misbehaves: the test breaks rules on purpose; else the server's judge ends it with an error
 * @do_not_start: nvl_start() is the test's
 */
struct th_rig_options {
	const struct emu_config *config;
	struct nvl_config driver;
	bool interrupts;
	bool virtual_clock;
	bool do_not_start;
	bool misbehaves;
	const char *driver_trace;
	const char *emulator_trace;
	const char *state;
	const char *file;
	const char *ns;
	uint64_t size_bytes;
};

/**
 * struct th_rig - driver and emulator
 * @ns: the first namespace, NULL without one
 * @queue: the first I/O queue, NULL without one
 * @server: its process, 0 in one process
 * @stop: closed to end it
 */
struct th_rig {
	enum th_link link;
	struct nvl_device *device;
	struct nvl_ctrl *ctrl;
	const struct nvl_ns *ns;
	struct nvl_queue *queue;
	pid_t server;
	int stop;
	char directory[64];
	char socket[96];
};

/** th_rig_options_init - 4 queue pairs of 64 entries, polled, 64 MiB of 512-byte blocks */
void th_rig_options_init(struct th_rig_options *options);

/** th_rig_open - start both and bring the controller up; fails the test if it cannot */
void th_rig_open(struct th_rig *rig, enum th_link link, const struct th_rig_options *options);

/** th_rig_open_default - with the options of th_rig_options_init() */
void th_rig_open_default(struct th_rig *rig, enum th_link link);

/** th_rig_serve - start the server alone, without a driver; nothing in one process */
void th_rig_serve(struct th_rig *rig, enum th_link link, const struct th_rig_options *options);

/** th_rig_connect - the driver for a server of th_rig_serve() */
int th_rig_connect(struct th_rig *rig, const struct th_rig_options *options,
		   struct nvme_text *error);

/** th_rig_kill - the server dies at once (SIGKILL), with the driver in operation */
void th_rig_kill(struct th_rig *rig);

/** th_rig_close - shut down in order, and check that both sides end well */
void th_rig_close(struct th_rig *rig);

/** th_rig_abandon - let everything go without asking how it went */
void th_rig_abandon(struct th_rig *rig);

/** th_rig_buffer - a buffer for the device, filled with a pattern that @seed determines */
struct nvl_buffer th_rig_buffer(struct th_rig *rig, uint64_t bytes, uint32_t seed);

/** th_pattern - the pattern of th_rig_buffer() into @data */
void th_pattern(void *data, uint64_t bytes, uint32_t seed);

/** th_explain - @result in words, for messages of failed tests; one static text */
const char *th_explain(int result);

#define th_ok(result)                                                                          \
	do {                                                                                   \
		int th_ok_result = (result);                                                   \
		ck_assert_msg(th_ok_result == 0, "%s: %s", #result, th_explain(th_ok_result)); \
	} while (0)

/** struct th_ending - counts how asynchronous requests ended; argument of th_count() */
struct th_ending {
	unsigned int done;
	unsigned int errors;
	int first_error;
};

/** th_count - nvl_done_fn that counts into a struct th_ending */
void th_count(void *arg, const struct nvl_completion *completion);

/** th_await - poll and wait until @ending has @done requests; fails the test after a minute */
void th_await(struct th_rig *rig, struct nvl_queue *queue, const struct th_ending *ending,
	      unsigned int done);

#endif
