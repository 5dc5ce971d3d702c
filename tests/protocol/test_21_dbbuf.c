/* SPDX-License-Identifier: BSD-3-Clause */
/* Shadow doorbells, Base 2.0 5.8: Doorbell Buffer Config, and a host that rings when it has to. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define ENTRIES 8u

/* A host with shadow doorbells: what it wrote there, and how often it had to ring. */
struct shadow {
	struct th_host *h;
	uint64_t shadow, event;
	unsigned int rings;
};

static void *doorbell(struct th_host *h, uint64_t page, uint32_t qid, bool is_cq)
{
	return (uint8_t *)th_ptr(h, page) +
	       ((2 * qid + is_cq) << (2 + emu_config_of(th_emu(h))->dstrd));
}

static struct shadow configure(struct th_host *h)
{
	struct shadow s = { h, th_alloc(h, 4096), th_alloc(h, 4096), 0 };

	memset(th_ptr(h, s.shadow), 0xee, 4096); /* what was there does not matter */
	memset(th_ptr(h, s.event), 0xee, 4096);
	th_do(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = s.shadow, .prp2 = s.event);
	return s;
}

/* Base 2.0 5.8: write the shadow, then look whether the index was passed (unverified). */
static void move_to(struct shadow *s, uint32_t qid, bool is_cq, uint16_t value)
{
	void *shadow = doorbell(s->h, s->shadow, qid, is_cq);
	uint16_t old = (uint16_t)nvme_load_doorbell(shadow);
	uint16_t event = (uint16_t)nvme_load_doorbell(doorbell(s->h, s->event, qid, is_cq));

	nvme_store_doorbell(shadow, value);
	if ((uint16_t)(value - event - 1) >= (uint16_t)(value - old))
		return;
	s->rings++;
	if (is_cq)
		th_ring_cq(s->h, qid, value);
	else
		th_ring_sq(s->h, qid, value);
}

static void submit(struct shadow *s, uint32_t qid, uint16_t cid)
{
	th_fill(s->h, qid, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = cid);
	move_to(s, qid, false, (uint16_t)th_tail(s->h, qid));
}

static void expect(struct shadow *s, uint32_t qid, uint16_t cid)
{
	struct nvme_cqe cqe;

	th_run(s->h);
	ck_assert(th_next_cqe(s->h, qid, &cqe));
	ck_assert_uint_eq(nvme_cpu16(cqe.cid), cid);
	ck_assert_uint_eq(nvme_cpu16(cqe.status) >> 1, NVME_SC_SUCCESS);
	move_to(s, qid, true, (uint16_t)th_head(s->h, qid));
}

/* @count commands of queue @qid, one at a time. */
static void exchange(struct shadow *s, uint32_t qid, uint16_t count)
{
	for (uint16_t cid = 0; cid < count; cid++) {
		submit(s, qid, cid);
		expect(s, qid, cid);
	}
}

/* A host with shadow doorbells and small queues, as th_enabled() otherwise. */
#define shadowed(...) configure(th_enabled(.entries = ENTRIES, __VA_ARGS__))

static void delete_pair(struct th_host *h, uint32_t qid)
{
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = qid);
	th_run(h);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = qid);
	th_run(h);
}

START_TEST(a_host_that_rings_when_it_has_to_loses_nothing)
{
	/* Base 2.0 5.8: one at a time, trapped and polled; heads are looked at when it matters */
	struct shadow s = shadowed(.io_queues = 2, .shared = _i, .controller = "vwc=false");
	struct th_host *h = s.h;

	for (uint16_t cid = 0; cid < 200; cid++) {
		submit(&s, 1 + cid % 2, cid);
		expect(&s, 1 + cid % 2, cid);
	}
	/* Each tail, since the queue was empty; of the heads only those that were waited for. */
	ck_assert_uint_ge(s.rings, 200);
	ck_assert_uint_lt(s.rings, 300);
	th_free(h);
}
END_TEST

START_TEST(with_a_line_each_head_is_rung)
{
	/* Base 1.4 7.5.1: INTx is asserted while something is unread (unverified) */
	struct shadow s = shadowed(.io_queues = 1, .intx = true, .controller = "vwc=false");
	struct th_host *h = s.h;

	for (uint16_t cid = 0; cid < 20; cid++) {
		submit(&s, 1, cid);
		expect(&s, 1, cid);
		th_run(h);
		ck_assert(!th_line(h));
	}
	th_free(h);
}
END_TEST

START_TEST(while_a_queue_is_busy_nobody_rings)
{
	/* Base 2.0 5.8: the second and third tail are seen when the first commands are done */
	struct shadow s = shadowed(.io_queues = 1, .slow_media = true,
				   .controller = "max_requests=1");
	struct th_host *h = s.h;

	for (uint16_t cid = 0; cid < 6; cid++) {
		submit(&s, 1, cid);
		th_run(h);
	}
	ck_assert_uint_eq(s.rings, 2);
	for (uint16_t cid = 0; cid < 6; cid++) {
		th_media(h, 0, 0);
		expect(&s, 1, cid);
	}
	ck_assert_uint_eq(th_media_pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(a_full_completion_queue_looks_for_its_head_before_it_waits)
{
	/* Base 2.0 5.8: seven fit; the host took some without having to ring */
	struct shadow s = shadowed(.io_queues = 1, .controller = "vwc=false");
	struct th_host *h = s.h;

	for (uint16_t cid = 0; cid < 7; cid++)
		submit(&s, 1, cid);
	for (uint16_t cid = 0; cid < 5; cid++)
		expect(&s, 1, cid);
	/* One of the admin queue, one that had to be rung: nothing waited for the others. */
	ck_assert_uint_eq(th_events(h, NVME_TRACE_CQ_DOORBELL), 2);
	for (uint16_t cid = 7; cid < 12; cid++)
		submit(&s, 1, cid);
	for (uint16_t cid = 5; cid < 12; cid++)
		expect(&s, 1, cid);
	th_free(h);
}
END_TEST

START_TEST(the_shadow_counts_and_not_a_late_message)
{
	/* Base 2.0 5.8: shadow 2 was seen when the message about tail 1 comes */
	struct shadow s = shadowed(.io_queues = 1, .controller = "vwc=false");
	struct th_host *h = s.h;

	th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 0);
	th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 1);
	nvme_store_doorbell(doorbell(h, s.shadow, 1, false), 2);
	th_ring_sq(h, 1, 2);
	th_run(h);
	th_ring_sq(h, 1, 1);
	th_run(h);
	expect(&s, 1, 0);
	expect(&s, 1, 1);
	th_expect_none(h, 1);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_SQE_FETCH), 3);
	th_free(h);
}
END_TEST

START_TEST(a_poll_looks_at_shadows)
{
	/* Base 2.0 5.8: a host that never rings is seen where doorbells are polled anyway */
	struct shadow s = shadowed(.io_queues = 3, .shared = true, .controller = "vwc=false");
	struct th_host *h = s.h;

	for (uint16_t cid = 0; cid < 40; cid++) {
		uint32_t qid = 1 + cid % 3;
		struct nvme_cqe cqe;

		th_fill(h, qid, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = cid);
		nvme_store_doorbell(doorbell(h, s.shadow, qid, false), th_tail(h, qid));
		th_run(h);
		ck_assert(th_next_cqe(h, qid, &cqe));
		ck_assert_uint_eq(nvme_cpu16(cqe.cid), cid);
		nvme_store_doorbell(doorbell(h, s.shadow, qid, true), th_head(h, qid));
	}
	th_free(h);
}
END_TEST

START_TEST(the_admin_queue_is_always_rung)
{
	/* Base 2.0 5.8: hosts do not keep a shadow of it, and nobody has to */
	struct th_host *h = th_enabled(.entries = 4);

	configure(h);
	for (uint32_t i = 0; i < 20; i++)
		th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_ARBITRATION);
	th_free(h);
}
END_TEST

START_TEST(a_new_queue_begins_at_zero_whatever_its_shadow_held)
{
	/* Base 2.0 5.8: a queue deleted at tail 5 and made again */
	struct shadow s = shadowed(.io_queues = 1, .controller = "vwc=false");
	struct th_host *h = s.h;

	exchange(&s, 1, 5);
	delete_pair(h, 1);
	th_create_queues(h, 1, ENTRIES);
	th_events(h, NVME_TRACE_SQE_FETCH);
	th_run(h);
	submit(&s, 1, 77);
	expect(&s, 1, 77);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_SQE_FETCH), 1);
	th_free(h);
}
END_TEST

START_TEST(the_shadow_of_a_deleted_queue_says_nothing)
{
	/* Base 2.0 5.8: trapped and polled; the values of its last use stay there */
	struct shadow s = shadowed(.io_queues = 2, .shared = _i, .controller = "vwc=false");
	struct th_host *h = s.h;

	exchange(&s, 1, 5);
	delete_pair(h, 1);
	nvme_store_doorbell(doorbell(h, s.shadow, 1, false), 6);
	nvme_store_doorbell(doorbell(h, s.shadow, 1, true), 6);
	submit(&s, 2, 50);
	expect(&s, 2, 50);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_AER_RAISE), 0);
	th_free(h);
}
END_TEST

START_TEST(a_wrong_value_in_the_shadow_is_an_error_event_once)
{
	/* Base 2.0 3.1.3.23: Invalid Doorbell Write Value, by the shadow */
	struct shadow s = shadowed(.io_queues = 1);
	struct th_host *h = s.h;

	nvme_store_doorbell(doorbell(h, s.shadow, 1, false), ENTRIES);
	th_ring_sq(h, 1, ENTRIES);
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_run(h);
	th_expect_cqe(h, .cid = 9, .dw0 = NVME_AER_INVALID_DB_VALUE);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_AER_RAISE), 1);
	th_free(h);
}
END_TEST

START_TEST(shadow_pages_that_cannot_be_are_refused)
{
	/* Base 2.0 5.8: offsets, one page twice (Invalid Field, as SPDK), no memory (unverified) */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 8192);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = page + 4,
				  .prp2 = page + 4096),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = page, .prp2 = page + 2048),
		NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = page, .prp2 = page),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = page, .prp2 = 1ull << 40),
		NVME_SC_DATA_TRANSFER_ERROR);
	th_free(h);
}
END_TEST

START_TEST(a_reset_forgets_the_shadows)
{
	/* Base 2.0 5.8: lost on a controller level reset; afterwards what is rung counts */
	struct shadow s = shadowed(.io_queues = 1, .controller = "vwc=false");
	struct th_host *h = s.h;

	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	th_enable(h, ENTRIES);
	th_create_queues(h, 1, ENTRIES);
	nvme_store_doorbell(doorbell(h, s.shadow, 1, false), 5);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	ck_assert_uint_eq(nvme_load_doorbell(doorbell(h, s.shadow, 1, false)), 5);
	th_free(h);
}
END_TEST

START_TEST(shadow_pages_that_go_away_leave_what_is_rung)
{
	/* Base 2.0 5.8: unmapped by the host, which then rings */
	struct shadow s = shadowed(.io_queues = 1, .controller = "vwc=false");
	struct th_host *h = s.h;

	th_unmap(h, s.shadow);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	th_map(h);
	th_free(h);
}
END_TEST

/* Whether Doorbell Buffer Config is there. */
static const struct {
	const char *keys;
	bool offered;
} offers[] = {
	{ "", true },	      { "dbbuf=false", false },	    { "vs=1.2.1", false },
	{ "vs=1.3", true },   { "dstrd=6,queues=7", true }, { "dstrd=7,queues=7", false },
	{ "mpsmax=0", true },
};

START_TEST(what_is_offered_works_and_nothing_else)
{
	/* Base 2.0 5.17.2.1: OACS bit 8; all doorbells fit into a page */
	struct th_host *h = th_enabled(.controller = offers[_i].keys);
	uint64_t data = th_alloc(h, 4096), page = th_alloc(h, 8192);
	const struct nvme_id_ctrl *id = th_ptr(h, data);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = data, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(NVME_GET(nvme_cpu16(id->oacs), NVME_ID_CTRL_OACS_DBBUF),
			  offers[_i].offered);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_DBBUF_CONFIG, .prp1 = page, .prp2 = page + 4096),
		offers[_i].offered ? NVME_SC_SUCCESS : NVME_SC_INVALID_OPCODE);
	th_free(h);
}
END_TEST

static Suite *dbbuf(void)
{
	Suite *suite = suite_create("dbbuf");
	TCase *tcase = tcase_create("dbbuf");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_host_that_rings_when_it_has_to_loses_nothing, 0, 2);
	tcase_add_test(tcase, with_a_line_each_head_is_rung);
	tcase_add_test(tcase, while_a_queue_is_busy_nobody_rings);
	tcase_add_test(tcase, a_full_completion_queue_looks_for_its_head_before_it_waits);
	tcase_add_test(tcase, the_shadow_counts_and_not_a_late_message);
	tcase_add_test(tcase, a_poll_looks_at_shadows);
	tcase_add_test(tcase, the_admin_queue_is_always_rung);
	tcase_add_test(tcase, a_new_queue_begins_at_zero_whatever_its_shadow_held);
	tcase_add_loop_test(tcase, the_shadow_of_a_deleted_queue_says_nothing, 0, 2);
	tcase_add_test(tcase, a_wrong_value_in_the_shadow_is_an_error_event_once);
	tcase_add_test(tcase, shadow_pages_that_cannot_be_are_refused);
	tcase_add_test(tcase, a_reset_forgets_the_shadows);
	tcase_add_test(tcase, shadow_pages_that_go_away_leave_what_is_rung);
	tcase_add_loop_test(tcase, what_is_offered_works_and_nothing_else, 0,
			    sizeof(offers) / sizeof(offers[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { dbbuf };

	return th_main(suites, 1);
}
