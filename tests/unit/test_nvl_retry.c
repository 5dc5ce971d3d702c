/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/policy.c, retry.c, tune.c: what is sent again, when, and how often. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

static struct nvl_queue *first_queue(struct th_fake *fake)
{
	return nvl_queue(fake->ctrl, 0);
}

static void submit(struct th_fake *fake, uint8_t opcode, uint8_t flags,
		   struct th_fake_ending *ending)
{
	const struct nvme_sqe sqe = { .opcode = opcode, .flags = flags, .nsid = nvme_le32(1) };

	ck_assert_int_eq(nvl_submit(first_queue(fake), &sqe, NULL, th_fake_count, ending), 0);
	nvl_ring(first_queue(fake));
}

START_TEST(every_status_reaches_the_caller_whole_or_is_tried_again)
{
	/* C01: each SCT and SC, with and without DNR. Base 2.0 3.3.3.2. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.max_retries = 1;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	for (unsigned int code = 1; code < 0x800; code++) {
		for (unsigned int dnr = 0; dnr < 2; dnr++) {
			uint16_t status = (uint16_t)(code | dnr * NVME_DNR);
			enum nvl_action action = nvl_decide(NVL_POLICY_OURS, status,
							    NVL_CLASS_IDEMPOTENT);
			struct th_fake_ending ending = { 0 };

			submit(&fake, NVME_CMD_READ, 0, &ending);
			th_fake_complete(&fake, 1, status);
			nvl_poll(first_queue(&fake), 0);
			ck_assert_uint_eq(ending.done, action != NVL_ACTION_RETRY);
			ck_assert(!dnr || ending.done == 1);
			if (action == NVL_ACTION_RETRY)
				th_fake_complete(&fake, 1, status);
			nvl_poll(first_queue(&fake), 0);
			ck_assert_uint_eq(ending.done, 1);
			ck_assert_int_eq(ending.result, status);
		}
	}
	th_fake_done(&fake);
}
END_TEST

START_TEST(attempts_are_counted_exactly)
{
	/* C02: j failures, then success; j = 0 .. limit + 1. */
	struct th_fake_ending ending = { 0 };
	unsigned int failures = (unsigned int)_i;
	unsigned int sent = 0;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.max_retries = 3;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	submit(&fake, NVME_CMD_WRITE, 0, &ending);
	while (ending.done == 0) {
		th_fake_complete(&fake, 1, sent < failures ? NVME_SC_COMMAND_INTERRUPTED : 0);
		sent++;
		nvl_poll(first_queue(&fake), 0);
	}
	ck_assert_uint_eq(sent, failures <= 3 ? failures + 1 : 4);
	ck_assert_int_eq(ending.result, failures <= 3 ? 0 : NVME_SC_COMMAND_INTERRUPTED);
	ck_assert_uint_eq(nvl_counters(first_queue(&fake))->retries, failures < 3 ? failures : 3);
	ck_assert_uint_eq(nvl_queue_outstanding(first_queue(&fake)), 0);
	th_fake_done(&fake);
}
END_TEST

struct delay {
	uint32_t crd;
	uint64_t msec;
};

static const struct delay delays[] = { { 0, 0 }, { 1, 100 }, { 2, 2000 }, { 3, 6553500 } };

START_TEST(a_delay_that_the_controller_asks_for_is_kept)
{
	/* C03: CRDT[CRD - 1] x 100 ms, with ACRE. Base 2.0 5.17.2.1. */
	const struct delay *delay = &delays[_i];
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.crdt1 = nvme_le16(1);
	fake.id.crdt2 = nvme_le16(20);
	fake.id.crdt3 = nvme_le16(65535);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(fake.features_set[NVME_FID_HOST_BEHAVIOR], 1);
	submit(&fake, NVME_CMD_READ, 0, &ending);
	th_fake_complete(&fake, 1,
			 (uint16_t)(NVME_SC_NS_NOT_READY | NVME_PUT(NVME_STATUS_CRD, delay->crd)));
	nvl_poll(first_queue(&fake), 0);
	if (delay->msec > 0) {
		fake.now += delay->msec * TH_FAKE_MSEC - 1;
		nvl_poll(first_queue(&fake), 0);
		ck_assert_uint_eq(fake.queues[1].sq_tail, 1);
		fake.now++;
		nvl_poll(first_queue(&fake), 0);
	}
	ck_assert_uint_eq(fake.queues[1].sq_tail, 2);
	th_fake_complete(&fake, 1, 0);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_int_eq(ending.result, 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_delay_is_ignored_without_acre)
{
	/* C03, C16: Host Behavior Support was refused. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.crdt1 = nvme_le16(100);
	fake.feature_status[NVME_FID_HOST_BEHAVIOR] = NVME_SC_INVALID_FIELD;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert(nvl_info(fake.ctrl)->refused_features & 1u << NVME_FID_HOST_BEHAVIOR);
	submit(&fake, NVME_CMD_READ, 0, &ending);
	th_fake_complete(&fake, 1, NVME_SC_NS_NOT_READY | NVME_PUT(NVME_STATUS_CRD, 1));
	nvl_poll(first_queue(&fake), 0);
	ck_assert_uint_eq(fake.queues[1].sq_tail, 2);
	th_fake_done(&fake);
}
END_TEST

struct once {
	uint8_t opcode;
	uint8_t flags;
};

/* Zone Append, reservations, Copy; and a fused write. */
static const struct once onces[] = {
	{ 0x7d, 0 }, { 0x0d, 0 }, { 0x11, 0 }, { 0x15, 0 }, { 0x19, 0 }, { NVME_CMD_WRITE, 2 },
};

START_TEST(what_would_be_done_twice_is_never_sent_again)
{
	/* C05. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	submit(&fake, onces[_i].opcode, onces[_i].flags, &ending);
	th_fake_complete(&fake, 1, NVME_SC_NS_NOT_READY);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, NVME_SC_NS_NOT_READY);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_command_keeps_its_data_when_it_is_sent_again)
{
	/* The same entry under another CID, and the same PRP list. */
	struct th_fake_ending ending = { 0 };
	struct nvme_sqe first, second;
	struct nvl_io io;
	struct th_fake fake;

	th_fake_open(&fake);
	io = th_fake_io(&fake, 77);
	io.nlb = 64;
	ck_assert_int_eq(nvl_read(first_queue(&fake), &io, th_fake_count, &ending), 0);
	nvl_ring(first_queue(&fake));
	first = fake.queues[1].sq_tail > 0
			? *(struct nvme_sqe *)th_fake_memory(&fake, fake.queues[1].sq_iova)
			: (struct nvme_sqe){ 0 };
	th_fake_complete(&fake, 1, NVME_SC_TRANSIENT_TRANSPORT_ERROR);
	nvl_poll(first_queue(&fake), 0);
	second = th_fake_fetch(&fake, 1);
	ck_assert_uint_ne(nvme_cpu16(first.cid), nvme_cpu16(second.cid));
	second.cid = first.cid;
	ck_assert_mem_eq(&first, &second, sizeof(first));
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_reset_ends_what_waits_to_be_sent_again)
{
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.crdt1 = nvme_le16(100);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	submit(&fake, NVME_CMD_READ, 0, &ending);
	th_fake_complete(&fake, 1, NVME_SC_NS_NOT_READY | NVME_PUT(NVME_STATUS_CRD, 1));
	nvl_poll(first_queue(&fake), 0);
	ck_assert_int_eq(nvl_reset(fake.ctrl), 0);
	ck_assert_uint_eq(ending.done, 1);
	ck_assert_int_eq(ending.result, -NVL_ECANCELED);
	ck_assert_uint_eq(nvl_queue_deadline(first_queue(&fake)), NVL_NEVER);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_command_that_waits_sees_its_retries)
{
	/* A07: 0/84h Format in Progress, twice; with the delays, in one call. */
	const struct nvl_identify identify = { .cns = NVME_CNS_NS, .nsid = 1 };
	uint8_t data[NVME_IDENTIFY_BYTES];
	uint64_t start;
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.crdt2 = nvme_le16(5);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	fake.cns_status[NVME_CNS_NS] = NVME_SC_FORMAT_IN_PROGRESS | NVME_PUT(NVME_STATUS_CRD, 2);
	fake.cns_failures = 2;
	start = fake.now;
	ck_assert_int_eq(nvl_identify(fake.ctrl, &identify, data), 0);
	ck_assert_uint_eq(fake.now - start, 1000 * TH_FAKE_MSEC);
	th_fake_done(&fake);
}
END_TEST

START_TEST(an_invalid_namespace_is_reported_and_looked_for)
{
	/* A08: 0/0Bh: its I/O fails, no endless retry, and a rescan. */
	struct th_fake_ending ending = { 0 };
	struct th_fake fake;

	th_fake_open(&fake);
	submit(&fake, NVME_CMD_READ, 0, &ending);
	th_fake_complete(&fake, 1, NVME_SC_INVALID_NS | NVME_DNR);
	nvl_poll(first_queue(&fake), 0);
	ck_assert_int_eq(ending.result, NVME_SC_INVALID_NS | NVME_DNR);
	fake.nsids[0] = 0;
	th_fake_steps(&fake, 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 0);
	th_fake_done(&fake);
}
END_TEST

struct verdict {
	uint16_t status;
	enum nvl_action actions[NVL_POLICIES]; /* for a read */
};

static const struct verdict verdicts[] = {
	{ NVME_SC_NS_NOT_READY, { NVL_ACTION_RETRY, NVL_ACTION_RETRY, NVL_ACTION_RETRY } },
	{ NVME_SC_NS_NOT_READY | NVME_DNR, { 0, 0, 0 } },
	{ NVME_SC_COMMAND_INTERRUPTED, { NVL_ACTION_RETRY, 0, NVL_ACTION_RETRY } },
	{ NVME_SC_INTERNAL_ERROR, { 0, 0, NVL_ACTION_RETRY } },
	{ 0x281, { 0, 0, NVL_ACTION_RETRY } },
	{ 0x300, { NVL_ACTION_RETRY, NVL_ACTION_RETRY, NVL_ACTION_RETRY } },
	{ NVME_SC_ABORT_REQUESTED, { 0, 0, NVL_ACTION_RETRY } },
	{ NVME_SC_RESERVATION_CONFLICT, { 0, 0, NVL_ACTION_RETRY } },
	{ 0x7c1, { 0, 0, NVL_ACTION_RETRY } },
};

START_TEST(three_policies_disagree_as_they_do)
{
	/* C01: the table of each. */
	const struct verdict *verdict = &verdicts[_i];

	for (unsigned int policy = 0; policy < NVL_POLICIES; policy++)
		ck_assert_uint_eq(
			nvl_decide((enum nvl_policy)policy, verdict->status, NVL_CLASS_IDEMPOTENT),
			verdict->actions[policy]);
}
END_TEST

START_TEST(a_power_latency_builds_the_table_of_sleep)
{
	/* Base 2.0 5.27.1.9: APST. States 0..2 work, 3 wakes up in 2 ms, 4 in 20 ms. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.max_power_latency_usec = 5000;
	fake.id.apsta = 1;
	fake.id.npss = 4;
	fake.id.psd[3].flags = 2;
	fake.id.psd[3].enlat = nvme_le32(1000);
	fake.id.psd[3].exlat = nvme_le32(1000);
	fake.id.psd[4].flags = 2;
	fake.id.psd[4].exlat = nvme_le32(20000);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	const struct nvme_apst *apst = (const void *)fake.feature_data;

	ck_assert_uint_eq(fake.feature_dw11[NVME_FID_APST], 1);
	ck_assert_uint_eq(nvme_cpu64(apst->entry[0]), 3u << 3 | 100u << 8);
	ck_assert_uint_eq(nvme_cpu64(apst->entry[2]), 3u << 3 | 100u << 8);
	ck_assert_uint_eq(nvme_cpu64(apst->entry[3]), 0);
	ck_assert_uint_eq(nvme_cpu64(apst->entry[4]), 0);
	th_fake_done(&fake);
}
END_TEST

static const uint8_t optional[] = { NVME_FID_ASYNC_EVENT_CONFIG, NVME_FID_HOST_BEHAVIOR,
				    NVME_FID_APST };

START_TEST(an_optional_feature_that_is_refused_is_done_without)
{
	/* C16. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.max_power_latency_usec = 5000;
	fake.id.apsta = 1;
	fake.id.crdt1 = nvme_le16(1);
	fake.feature_status[optional[_i]] = NVME_SC_INVALID_FIELD | NVME_DNR;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_int_eq(nvl_state(fake.ctrl), NVL_STATE_LIVE);
	ck_assert_uint_eq(nvl_info(fake.ctrl)->refused_features, 1u << optional[_i]);
	th_fake_done(&fake);
}
END_TEST

START_TEST(all_commands_of_a_queue_are_sent_again)
{
	/* C02: a full queue is refused at once, twice; each command succeeds in the end. */
	struct th_fake_ending ending = { 0 };
	uint32_t slots;
	struct th_fake fake;

	th_fake_init(&fake);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	slots = nvl_info(fake.ctrl)->entries - 1;
	for (uint32_t i = 0; i < slots; i++)
		submit(&fake, NVME_CMD_READ, 0, &ending);
	for (unsigned int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < slots; i++)
			th_fake_complete(&fake, 1, round < 2 ? NVME_SC_NS_NOT_READY : 0);
		nvl_poll(first_queue(&fake), 0);
	}
	ck_assert_uint_eq(ending.done, slots);
	ck_assert_int_eq(ending.result, 0);
	ck_assert_uint_eq(nvl_counters(first_queue(&fake))->retries, 2 * slots);
	ck_assert_uint_eq(nvl_queue_deadline(first_queue(&fake)), NVL_NEVER);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_retry");
	TCase *tcase = tcase_create("retry");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, every_status_reaches_the_caller_whole_or_is_tried_again);
	tcase_add_loop_test(tcase, attempts_are_counted_exactly, 0, 6);
	tcase_add_loop_test(tcase, a_delay_that_the_controller_asks_for_is_kept, 0,
			    sizeof(delays) / sizeof(delays[0]));
	tcase_add_test(tcase, a_delay_is_ignored_without_acre);
	tcase_add_loop_test(tcase, what_would_be_done_twice_is_never_sent_again, 0,
			    sizeof(onces) / sizeof(onces[0]));
	tcase_add_test(tcase, a_command_keeps_its_data_when_it_is_sent_again);
	tcase_add_test(tcase, a_reset_ends_what_waits_to_be_sent_again);
	tcase_add_test(tcase, a_command_that_waits_sees_its_retries);
	tcase_add_test(tcase, all_commands_of_a_queue_are_sent_again);
	tcase_add_test(tcase, an_invalid_namespace_is_reported_and_looked_for);
	tcase_add_loop_test(tcase, three_policies_disagree_as_they_do, 0,
			    sizeof(verdicts) / sizeof(verdicts[0]));
	tcase_add_test(tcase, a_power_latency_builds_the_table_of_sleep);
	tcase_add_loop_test(tcase, an_optional_feature_that_is_refused_is_done_without, 0,
			    sizeof(optional));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
