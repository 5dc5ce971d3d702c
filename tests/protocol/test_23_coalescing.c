/* SPDX-License-Identifier: BSD-3-Clause */
/* Interrupt Coalescing (feature 08h) and Interrupt Vector Configuration (09h). */
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define UNIT		      100000ull /* nanoseconds of the aggregation time */
#define COALESCE(thr_z, time) ((uint32_t)(time) << 8 | (thr_z))

static void set_coalescing(struct th_host *h, uint32_t value)
{
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_IRQ_COALESCING,
	      .cdw11 = value);
	th_irqs(h, 0);
}

static struct th_host *with(uint32_t value, struct th_options options)
{
	struct th_host *h;

	options.io_queues = 2;
	options.forgets = true;
	h = th_new_(options, true);
	set_coalescing(h, value);
	return h;
}

static void leave_one(struct th_host *h, uint32_t qid, uint16_t cid)
{
	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
}

START_TEST(an_interrupt_comes_when_the_count_is_reached)
{
	/* Base 2.0 5.27.1.8: THR is 0's based: three completions. */
	struct th_host *h = with(COALESCE(2, 10), (struct th_options){ 0 });

	for (uint16_t round = 0; round < 3; round++) {
		leave_one(h, 1, 1);
		leave_one(h, 1, 2);
		ck_assert_uint_eq(th_irqs(h, 1), 0);
		leave_one(h, 1, 3);
		ck_assert_uint_eq(th_irqs(h, 1), 1);
		ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
		for (uint16_t cid = 1; cid <= 3; cid++)
			th_expect_cqe(h, .cqid = 1, .cid = cid);
	}
	th_free(h);
}
END_TEST

START_TEST(an_interrupt_comes_when_the_time_is_over)
{
	/* Base 2.0 5.27.1.8: TIME in 100 microseconds, from the first completion on */
	struct th_host *h = with(COALESCE(9, 5), (struct th_options){ 0 });

	leave_one(h, 1, 1);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 5 * UNIT);
	th_time(h, 3 * UNIT);
	leave_one(h, 1, 2); /* starts no new time */
	th_time(h, 2 * UNIT - 1);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_time(h, 1);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_time(h, 100 * UNIT);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_free(h);
}
END_TEST

START_TEST(each_vector_has_its_own_count_and_time)
{
	/* Base 2.0 5.27.1.8: per interrupt vector */
	struct th_host *h = with(COALESCE(1, 5), (struct th_options){ 0 });

	leave_one(h, 1, 1);
	th_time(h, 2 * UNIT);
	leave_one(h, 2, 2);
	ck_assert_uint_eq(th_irqs(h, 1) + th_irqs(h, 2), 0);
	th_time(h, 3 * UNIT);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(th_irqs(h, 2), 0);
	th_time(h, 2 * UNIT);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	th_free(h);
}
END_TEST

START_TEST(admin_completions_are_never_held_back)
{
	/* Base 2.0 5.27.1.8: it applies to I/O queues. */
	struct th_host *h = with(COALESCE(255, 255), (struct th_options){ 0 });

	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	th_free(h);
}
END_TEST

START_TEST(errors_are_not_held_back_and_take_the_others_along)
{
	/* Base 2.0 5.27.1.8, unverified: a recommendation. */
	struct th_host *h = with(COALESCE(9, 255), (struct th_options){ 0 });

	leave_one(h, 1, 1);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 2, .nsid = 77);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(an_exempt_vector_is_not_coalesced)
{
	/* Base 2.0 5.27.1.9: CD */
	struct th_host *h = with(COALESCE(9, 255), (struct th_options){ 0 });

	leave_one(h, 1, 1);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_IRQ_CONFIG,
	      .cdw11 = 1 << 16 | 1);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1); /* what waited is told */
	leave_one(h, 1, 2);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	leave_one(h, 2, 3);
	ck_assert_uint_eq(th_irqs(h, 2), 0);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_IRQ_CONFIG, .cdw11 = 1);
	leave_one(h, 1, 4);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_free(h);
}
END_TEST

/* Without a count, without a time, or not configured: every completion is told at once. */
static const struct {
	uint32_t value;
	const char *keys;
} immediate[] = {
	{ COALESCE(0, 255), NULL },
	{ COALESCE(255, 0), NULL },
	{ COALESCE(255, 255), "coalescing=false" },
};

START_TEST(without_a_count_or_a_time_nothing_is_held_back)
{
	/* Base 2.0 5.27.1.8, unverified */
	struct th_host *h = with(immediate[_i].value,
				 (struct th_options){ .controller = immediate[_i].keys });

	leave_one(h, 1, 1);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(a_host_that_polls_is_not_interrupted_late)
{
	struct th_host *h = with(COALESCE(9, 5), (struct th_options){ 0 });

	leave_one(h, 1, 1);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_time(h, 100 * UNIT);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_free(h);
}
END_TEST

START_TEST(the_line_waits_as_well)
{
	/* With one vector for all: an admin completion shows what was held back. */
	struct th_host *h = with(COALESCE(2, 5), (struct th_options){ .intx = true });

	th_run(h);
	leave_one(h, 1, 1);
	ck_assert(!th_line(h));
	th_time(h, 5 * UNIT);
	ck_assert(th_line(h));
	leave_one(h, 1, 2);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	th_run(h);
	ck_assert(th_line(h)); /* unread, and told */
	th_expect_cqe(h, .cqid = 1, .cid = 2);
	th_run(h);
	ck_assert(!th_line(h));
	leave_one(h, 1, 3);
	ck_assert(!th_line(h));
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 4);
	th_run(h);
	ck_assert(th_line(h));
	th_free(h);
}
END_TEST

START_TEST(a_reset_forgets_what_was_held_back)
{
	/* Base 2.0 3.7.2: and the feature has its default again. */
	struct th_host *h = with(COALESCE(9, 5), (struct th_options){ 0 });

	leave_one(h, 1, 1);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_time(h, 100 * UNIT);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	leave_one(h, 1, 1);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_free(h);
}
END_TEST

START_TEST(switching_it_off_tells_what_waits)
{
	struct th_host *h = with(COALESCE(9, 200), (struct th_options){ 0 });

	leave_one(h, 2, 1);
	set_coalescing(h, 0);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	ck_assert(emu_deadline(th_emu(h)) == EMU_NEVER);
	th_free(h);
}
END_TEST

static Suite *coalescing(void)
{
	Suite *suite = suite_create("coalescing");
	TCase *tcase = tcase_create("coalescing");

	tcase_add_test(tcase, an_interrupt_comes_when_the_count_is_reached);
	tcase_add_test(tcase, an_interrupt_comes_when_the_time_is_over);
	tcase_add_test(tcase, each_vector_has_its_own_count_and_time);
	tcase_add_test(tcase, admin_completions_are_never_held_back);
	tcase_add_test(tcase, errors_are_not_held_back_and_take_the_others_along);
	tcase_add_test(tcase, an_exempt_vector_is_not_coalesced);
	tcase_add_loop_test(tcase, without_a_count_or_a_time_nothing_is_held_back, 0,
			    sizeof(immediate) / sizeof(immediate[0]));
	tcase_add_test(tcase, a_host_that_polls_is_not_interrupted_late);
	tcase_add_test(tcase, the_line_waits_as_well);
	tcase_add_test(tcase, a_reset_forgets_what_was_held_back);
	tcase_add_test(tcase, switching_it_off_tells_what_waits);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { coalescing };

	return th_main(suites, 1);
}
