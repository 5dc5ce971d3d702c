/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The driver's own cost: reads of 4 KiB at depth 32 against a controller that completes at once.
 *
 * cost.sh counts the instructions of submit_batch() and poll_batch() alone, which is what
 * happens from submit to callback; the controller's part is not counted. The doorbells of I/O
 * queues are memory, as in a real BAR0.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/nvl_fake.h"

#define DEPTH	32u
#define ENTRIES 64u
#define BATCHES 2000u
#define BYTES	4096u

/* Doorbells of queue pair 1, behind those of the admin queue. */
static _Alignas(64) uint8_t doorbells[8];

static void count(void *arg, const struct nvl_completion *completion)
{
	uint64_t *done = arg;

	*done += completion->result == 0;
}

__attribute__((noinline)) static void submit_batch(struct nvl_queue *queue, struct nvl_io *io,
						   uint64_t *done)
{
	for (uint32_t i = 0; i < DEPTH; i++) {
		io->slba += BYTES / 512;
		io->offset = (uint64_t)i * BYTES;
		if (nvl_read(queue, io, count, done) != 0)
			abort();
	}
	nvl_ring(queue);
}

__attribute__((noinline)) static void poll_batch(struct nvl_queue *queue)
{
	if (nvl_poll(queue, 0) != DEPTH)
		abort();
}

static void complete_all(struct th_fake *fake)
{
	fake->queues[1].sq_tail = nvme_load_doorbell(doorbells);
	while (fake->queues[1].sq_head != fake->queues[1].sq_tail)
		th_fake_complete(fake, 1, 0);
}

static uint64_t measure(void)
{
	struct nvl_buffer buffer = { .bytes = DEPTH * BYTES, .iova = UINT64_C(0x200000000) };
	struct nvl_io io = { .nlb = BYTES / 512, .buffer = &buffer };
	struct nvl_queue *queue;
	struct th_fake fake;
	uint64_t done = 0;

	th_fake_init(&fake);
	fake.config.entries = ENTRIES;
	fake.mapped = doorbells;
	fake.mapped_offset = NVME_DOORBELL_OFFSET + 8;
	fake.mapped_bytes = sizeof(doorbells);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	queue = nvl_queue(fake.ctrl, 0);
	io.ns = nvl_ns_at(fake.ctrl, 0);
	for (uint32_t i = 0; i < BATCHES; i++) {
		submit_batch(queue, &io, &done);
		complete_all(&fake);
		poll_batch(queue);
	}
	th_fake_done(&fake);
	return done;
}

START_TEST(reads_complete)
{
	uint64_t done = measure();

	ck_assert_uint_eq(done, (uint64_t)BATCHES * DEPTH);
	printf("%u ", BATCHES * DEPTH);
#ifdef __clang__
	printf("clang-%d\n", __clang_major__);
#else
	printf("gcc-%d\n", __GNUC__);
#endif
}
END_TEST

/* The controller is that of the unit tests, which works inside of a test only. */
int main(void)
{
	Suite *suite = suite_create("driver_cost");
	TCase *tcase = tcase_create("reads");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, reads_complete);
	suite_add_tcase(suite, tcase);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
