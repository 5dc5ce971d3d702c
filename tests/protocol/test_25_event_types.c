/* SPDX-License-Identifier: BSD-3-Clause */
/* The types of asynchronous events, what switches them on and off, and re-arming: Base 2.0 5.2. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define EVENT	    NVME_ADMIN_ASYNC_EVENT_REQUEST
#define REGISTER    NVME_AER_INVALID_DB_REGISTER
#define TEMPERATURE NVME_AER_SMART_TEMPERATURE
#define SPARE	    NVME_AER_SMART_SPARE
#define RELIABILITY NVME_AER_SMART_RELIABILITY
#define RAE	    (1u << 15)
#define NO_SUCH	    (-22)

#define NVME_ROW(name, type, info, lid, text) NVME_AER_##name,
static const uint32_t all[] = { NVME_AER_LIST(NVME_ROW) };
#undef NVME_ROW

#define ALL (sizeof(all) / sizeof(all[0]))

static void request_events(struct th_host *h, uint16_t first, uint16_t last)
{
	for (uint16_t cid = first; cid <= last; cid++)
		th_admin(h, .opcode = EVENT, .cid = cid);
	th_run(h);
}

static void configure(struct th_host *h, uint32_t bits)
{
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = 90, .cdw10 = 0x0b, .cdw11 = bits);
}

static int inject(struct th_host *h, uint32_t aer)
{
	int result = emu_inject_event(th_emu(h), 0, aer);

	th_run(h);
	return result;
}

static void read_log(struct th_host *h, uint32_t lid, uint32_t rae)
{
	th_admin(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .cid = 80, .prp1 = th_alloc(h, 4096),
		 .cdw10 = 127u << 16 | rae | lid);
	th_run(h);
}

static uint32_t oaes(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	return nvme_cpu32(id->oaes);
}

START_TEST(what_can_be_switched_on_is_what_identify_tells)
{
	/* Base 2.0 5.17.2.1: OAES; bits 8 and up of feature 0Bh mean the same events. */
	struct th_host *h = th_enabled();
	uint32_t bits;

	configure(h, 0xffffffff);
	bits = th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 0x0b);
	ck_assert_uint_eq(bits & 0xff, 0xff);
	/* Telemetry notices have no bit of OAES, but one of LPA. */
	ck_assert_uint_eq(bits & ~0x4ffu, oaes(h));
	th_free(h);
}
END_TEST

START_TEST(each_event_that_can_be_is_told_with_its_type_and_log)
{
	/* Base 2.0 5.2 */
	struct th_host *h = th_enabled(.controller = "aerl=7");

	configure(h, 0xffffffff);
	request_events(h, 1, 1);
	if (inject(h, all[_i]) == 0)
		th_expect_cqe(h, .cid = 1, .dw0 = all[_i]);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(an_event_that_the_controller_lacks_cannot_be_injected)
{
	/* Nothing is advertised that has no row. */
	struct th_host *h = th_enabled(.profile = "minimal");
	static const uint32_t absent[] = { NVME_AER_ANA_CHANGED,	NVME_AER_PLM_CHANGED,
					   NVME_AER_ZONE_CHANGED,	NVME_AER_DISCOVERY_CHANGED,
					   NVME_AER_RESV_LOG_AVAILABLE, 0x00ffffff };

	configure(h, 0xffffffff);
	request_events(h, 1, 1);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		ck_assert_int_eq(inject(h, absent[i]), NO_SUCH);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

/* Which critical warnings of feature 0Bh switch which event on. */
static const struct {
	uint32_t aer, bits;
} warnings[] = {
	{ SPARE, 1 << 0 },
	{ TEMPERATURE, 1 << 1 },
	{ RELIABILITY, 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 },
};

START_TEST(each_critical_warning_has_its_own_switch)
{
	/* Base 2.0 5.27.1.8: bits 7:0 are those of the SMART log (unverified for reliability). */
	for (uint32_t bit = 0; bit < 8; bit++) {
		struct th_host *h = th_enabled();

		configure(h, 1u << bit);
		request_events(h, 1, 1);
		ck_assert_int_eq(inject(h, warnings[_i].aer), 0);
		if (warnings[_i].bits >> bit & 1)
			th_expect_cqe(h, .cid = 1, .dw0 = warnings[_i].aer);
		th_expect_none(h, 0);
		th_free(h);
	}
}
END_TEST

START_TEST(errors_cannot_be_switched_off)
{
	/* Base 2.0 5.27.1.8: feature 0Bh has no bit for them. */
	struct th_host *h = th_enabled();

	configure(h, 0);
	request_events(h, 1, 1);
	inject(h, NVME_AER_PERSISTENT_INTERNAL);
	th_expect_cqe(h, .cid = 1, .dw0 = NVME_AER_PERSISTENT_INTERNAL);
	th_free(h);
}
END_TEST

START_TEST(an_event_that_is_switched_off_while_it_waits_is_not_told)
{
	/* unverified: nor is it when it is switched on again. */
	struct th_host *h = th_enabled();

	configure(h, 2);
	inject(h, TEMPERATURE);
	configure(h, 1);
	configure(h, 2);
	request_events(h, 1, 1);
	th_expect_none(h, 0);
	inject(h, TEMPERATURE);
	th_expect_cqe(h, .cid = 1, .dw0 = TEMPERATURE);
	th_free(h);
}
END_TEST

START_TEST(one_of_a_type_is_told_and_the_next_when_its_log_was_read)
{
	/* Base 2.0 5.2: other types go on meanwhile; another log re-arms nothing. */
	struct th_host *h = th_enabled(.controller = "aerl=7");

	configure(h, 0xff);
	request_events(h, 1, 5);
	inject(h, SPARE);
	inject(h, TEMPERATURE);
	inject(h, RELIABILITY);
	inject(h, NVME_AER_DIAG_FAILURE);
	th_expect_cqe(h, .cid = 1, .dw0 = SPARE);
	th_expect_cqe(h, .cid = 2, .dw0 = NVME_AER_DIAG_FAILURE);
	read_log(h, NVME_LID_ERROR, 0);
	th_expect_cqe(h, .cid = 80);
	read_log(h, NVME_LID_SMART, RAE);
	th_expect_cqe(h, .cid = 80);
	th_expect_none(h, 0);
	read_log(h, NVME_LID_SMART, 0);
	th_expect_cqe(h, .cid = 3, .dw0 = TEMPERATURE);
	th_expect_cqe(h, .cid = 80);
	read_log(h, NVME_LID_SMART, 0);
	th_expect_cqe(h, .cid = 4, .dw0 = RELIABILITY);
	th_expect_cqe(h, .cid = 80);
	th_free(h);
}
END_TEST

/* Reads each log there is, so that every type is armed again; counts events of CIDs below 80. */
static uint32_t count_told(struct th_host *h, uint64_t page)
{
	uint32_t told = 0;
	struct nvme_cqe cqe;

	for (uint32_t lid = 1; lid < 256; lid++) {
		th_admin(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .cid = 80, .prp1 = page,
			 .cdw10 = 127u << 16 | lid);
		th_run(h);
		while (th_next_cqe(h, 0, &cqe)) {
			told += nvme_cpu16(cqe.cid) < 80 &&
				nvme_cqe_status(nvme_cpu16(cqe.status)) == NVME_SC_SUCCESS;
			th_ring_cq(h, 0, th_head(h, 0));
			th_run(h);
		}
	}
	return told;
}

START_TEST(every_event_can_wait_at_once)
{
	/* Base 2.0 5.2: events without a request wait, each once, and none is lost. */
	struct th_host *h = th_enabled(.controller = "aerl=15", .entries = 64);
	uint64_t page = th_alloc(h, 4096);
	uint32_t told = 0, possible = 0;

	configure(h, 0xffffffff);
	for (uint32_t round = 0; round < 3; round++) {
		for (size_t i = 0; i < ALL; i++)
			possible += inject(h, all[i]) == 0 && round == 0;
	}
	ck_assert_uint_ge(possible, 9);
	for (uint32_t round = 0; round < ALL; round++) {
		request_events(h, 1, 8);
		told += count_told(h, page);
	}
	ck_assert_uint_eq(told, possible);
	th_free(h);
}
END_TEST

START_TEST(events_of_a_controller_that_is_not_ready_are_not_kept)
{
	/* unverified: its host finds out when it enables it. */
	struct th_host *h = th_off();

	ck_assert_int_eq(inject(h, REGISTER), 0);
	th_enable(h, 16);
	request_events(h, 1, 1);
	th_expect_none(h, 0);
	th_free(h);
}
END_TEST

START_TEST(a_saved_configuration_of_events_survives_a_power_cycle)
{
	/* Base 2.0 5.27: feature 0Bh is saveable here. */
	struct th_host *h = th_enabled();

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 1u << 31 | 0x0b, .cdw11 = 2);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
	request_events(h, 1, 1);
	inject(h, TEMPERATURE);
	th_expect_cqe(h, .cid = 1, .dw0 = TEMPERATURE);
	th_free(h);
}
END_TEST

static Suite *event_types(void)
{
	Suite *suite = suite_create("event_types");
	TCase *tcase = tcase_create("event_types");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_can_be_switched_on_is_what_identify_tells);
	tcase_add_loop_test(tcase, each_event_that_can_be_is_told_with_its_type_and_log, 0, ALL);
	tcase_add_test(tcase, an_event_that_the_controller_lacks_cannot_be_injected);
	tcase_add_loop_test(tcase, each_critical_warning_has_its_own_switch, 0, 3);
	tcase_add_test(tcase, errors_cannot_be_switched_off);
	tcase_add_test(tcase, an_event_that_is_switched_off_while_it_waits_is_not_told);
	tcase_add_test(tcase, one_of_a_type_is_told_and_the_next_when_its_log_was_read);
	tcase_add_test(tcase, every_event_can_wait_at_once);
	tcase_add_test(tcase, events_of_a_controller_that_is_not_ready_are_not_kept);
	tcase_add_test(tcase, a_saved_configuration_of_events_survives_a_power_cycle);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { event_types };

	return th_main(suites, 1);
}
