/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Driver and emulator as two threads on the same rings: the test that ThreadSanitizer watches.
 *
 * Doorbells are memory that both see and the emulator polls, as with '--bar0 doorbells', but in one
 * process, so that a missing acquire or release between the two is visible. Registers go through a
 * lock, which the driver does not take while it does I/O.
 */
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/le.h"
#include "driver/core/nvl.h"
#include "emulator/device/device.h"
#include "tests/harness/main.h"

#define PAGE	    4096u
#define DOORBELLS   0x1000u
#define BUFFER_IOVA UINT64_C(0x40000000)
#define DMA_IOVA    UINT64_C(0x10000000)
#define DEPTH	    16u
#define OPERATIONS  20000u

struct race {
	pthread_mutex_t lock;
	pthread_t thread;
	atomic_bool stop;
	struct emu_device *device;
	struct emu *core;
	uint8_t *doorbells;
	struct nvl_buffer dma;
	struct nvl_buffer buffer;
	struct nvl_ctrl *ctrl;
	void *block;
};

static volatile void *shared(void *arg, uint32_t ctrl, uint64_t offset)
{
	struct race *race = arg;

	(void)ctrl;
	return offset == DOORBELLS ? race->doorbells : NULL;
}

static void *emulate(void *arg)
{
	struct race *race = arg;

	while (!atomic_load(&race->stop)) {
		unsigned int work;

		pthread_mutex_lock(&race->lock);
		work = emu_poll_doorbells(race->core, 0);
		work += emu_device_run(race->device, UINT_MAX);
		pthread_mutex_unlock(&race->lock);
		if (work == 0)
			sched_yield();
	}
	return NULL;
}

static uint64_t reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct race *race = arg;
	uint8_t data[8] = { 0 };

	pthread_mutex_lock(&race->lock);
	emu_bar_read(race->core, 0, offset, data, bytes);
	pthread_mutex_unlock(&race->lock);
	return nvme_load_le64(data);
}

static void reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct race *race = arg;
	uint8_t data[8];

	nvme_store_le64(data, value);
	pthread_mutex_lock(&race->lock);
	emu_bar_write(race->core, 0, offset, data, bytes);
	pthread_mutex_unlock(&race->lock);
}

static uint32_t cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct race *race = arg;
	uint8_t data[4] = { 0 };

	pthread_mutex_lock(&race->lock);
	emu_cfg_read(race->core, 0, offset, data, bytes);
	pthread_mutex_unlock(&race->lock);
	return nvme_load_le32(data);
}

static void cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct race *race = arg;
	uint8_t data[4];

	nvme_store_le32(data, value);
	pthread_mutex_lock(&race->lock);
	emu_cfg_write(race->core, 0, offset, data, bytes);
	pthread_mutex_unlock(&race->lock);
}

static uint64_t now(void *arg)
{
	struct timespec time;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void relax(void *arg, uint32_t vector, uint64_t deadline)
{
	(void)arg;
	(void)vector;
	(void)deadline;
	sched_yield();
}

static void panic(void *arg, const char *what)
{
	(void)arg;
	ck_abort_msg("%s", what);
}

static void map(struct race *race, struct nvl_buffer *buffer, uint64_t iova, uint64_t bytes)
{
	bytes = (bytes + PAGE - 1) / PAGE * PAGE;
	*buffer = (struct nvl_buffer){ .data = aligned_alloc(PAGE, bytes),
				       .bytes = bytes,
				       .iova = iova };
	memset(buffer->data, 0, bytes);
	ck_assert_int_eq(emu_device_map(race->device, 0, iova, bytes, EMU_DMA_READ | EMU_DMA_WRITE,
					buffer->data),
			 0);
}

static void make_emulator(struct race *race)
{
	struct emu_device_options options = { .shared = shared, .arg = race };
	struct emu_config config;
	struct emu_ns_spec spec;

	race->doorbells = aligned_alloc(PAGE, PAGE);
	memset(race->doorbells, 0, PAGE);
	emu_config_init(&config);
	emu_ns_spec_init(&spec);
	ck_assert_int_eq(emu_device_new(&config, &spec, 1, &options, &race->device, NULL), 0);
	race->core = emu_device_core(race->device);
	emu_share(race->core, 0);
}

static void start(struct race *race, uint32_t entries)
{
	struct nvl_config config;

	*race = (struct race){ .lock = PTHREAD_MUTEX_INITIALIZER };
	make_emulator(race);
	nvl_config_init(&config);
	config.entries = entries;
	map(race, &race->dma, DMA_IOVA, nvl_dma_size(&config));
	map(race, &race->buffer, BUFFER_IOVA, DEPTH * PAGE);
	const struct nvl_ops ops = {
		.arg = race,
		.mapped = race->doorbells,
		.mapped_offset = DOORBELLS,
		.mapped_bytes = PAGE,
		.reg_read = reg_read,
		.reg_write = reg_write,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.now = now,
		.wait = relax,
		.panic = panic,
	};

	race->block = aligned_alloc(PAGE, nvl_size(&config));
	race->ctrl = nvl_init(race->block, &race->dma, &config, &ops, NULL, NULL);
	pthread_create(&race->thread, NULL, emulate, race);
	ck_assert_int_eq(nvl_start(race->ctrl), 0);
}

static void end(struct race *race)
{
	ck_assert_int_eq(nvl_shutdown(race->ctrl, false), 0);
	atomic_store(&race->stop, true);
	pthread_join(race->thread, NULL);
	emu_device_free(race->device);
	free(race->buffer.data);
	free(race->dma.data);
	free(race->doorbells);
	free(race->block);
}

/* One page and one range of the namespace: written with a new pattern, read back, compared. */
struct lane {
	struct race *race;
	uint32_t index;
	uint32_t round;
	bool reading;
	unsigned int *left;
};

static void go_on(void *arg, const struct nvl_completion *completion);

static void submit(struct lane *lane)
{
	const struct nvl_io io = {
		.ns = nvl_ns_at(lane->race->ctrl, 0),
		.slba = lane->index * 8,
		.nlb = 8,
		.buffer = &lane->race->buffer,
		.offset = (uint64_t)lane->index * PAGE,
	};
	struct nvl_queue *queue = nvl_queue(lane->race->ctrl, 0);
	int result = lane->reading ? nvl_read(queue, &io, go_on, lane)
				   : nvl_write(queue, &io, go_on, lane);

	ck_assert_int_eq(result, 0);
}

static void go_on(void *arg, const struct nvl_completion *completion)
{
	struct lane *lane = arg;
	uint8_t *page = (uint8_t *)lane->race->buffer.data + (size_t)lane->index * PAGE;

	ck_assert_int_eq(completion->result, 0);
	if (lane->reading) {
		ck_assert_uint_eq(page[0], (uint8_t)lane->round);
		ck_assert_uint_eq(page[PAGE - 1], (uint8_t)lane->round);
		lane->round++;
	}
	lane->reading = !lane->reading;
	memset(page, lane->reading ? 0xee : (int)(uint8_t)lane->round, PAGE);
	if (*lane->left == 0)
		return;
	--*lane->left;
	submit(lane);
}

static void run(uint32_t entries, uint32_t lanes)
{
	unsigned int left = OPERATIONS;
	struct lane lane[DEPTH];
	struct nvl_queue *queue;
	struct race race;

	start(&race, entries);
	queue = nvl_queue(race.ctrl, 0);
	for (uint32_t i = 0; i < lanes; i++) {
		lane[i] = (struct lane){ .race = &race, .index = i, .left = &left };
		memset((uint8_t *)race.buffer.data + (size_t)i * PAGE, 0, PAGE);
		submit(&lane[i]);
	}
	while (nvl_queue_outstanding(queue) > 0) {
		nvl_ring(queue);
		if (nvl_poll(queue, 0) == 0)
			sched_yield();
	}
	ck_assert_uint_eq(nvl_counters(queue)->completed, OPERATIONS + lanes);
	ck_assert_uint_eq(nvl_counters(queue)->idle_cid + nvl_counters(queue)->bad_sqhd, 0);
	end(&race);
}

START_TEST(data_and_entries_are_seen_in_order_at_depth_16)
{
	/* Base 2.0 3.3.1: who owns which entry is told by doorbells and phase tags alone. */
	run(64, DEPTH);
}
END_TEST

START_TEST(data_and_entries_are_seen_in_order_in_a_queue_that_is_always_full)
{
	run(5, 4);
}
END_TEST

START_TEST(data_and_entries_are_seen_in_order_at_depth_1)
{
	run(2, 1);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("ring_race");
	TCase *tcase = tcase_create("threads");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, data_and_entries_are_seen_in_order_at_depth_16);
	tcase_add_test(tcase, data_and_entries_are_seen_in_order_in_a_queue_that_is_always_full);
	tcase_add_test(tcase, data_and_entries_are_seen_in_order_at_depth_1);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
