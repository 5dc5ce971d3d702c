/* SPDX-License-Identifier: BSD-3-Clause */
/* Ready before the media (CC.CRIME), Base 2.0 3.5.4, and NVM subsystem shutdown, 3.6.3. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define MILLISECOND 1000000ull
#define CRIME	    (1u << 24)
#define SHST	    NVME_MASK(NVME_CSTS_SHST)
#define COMPLETE    NVME_PUT(NVME_CSTS_SHST, NVME_CSTS_SHST_COMPLETE)
#define ST	    NVME_MASK(NVME_CSTS_ST)
#define RDY	    NVME_MASK(NVME_CSTS_RDY)

/* CC.EN with @cc besides; the controller may take its time. */
static struct th_host *start(const char *keys, uint32_t cc)
{
	struct th_host *h = th_off(.controller = keys);

	th_alloc(h, 8192); /* at 100000h, the first there is */
	th_rings(h, 0, 0x100000, 0x101000, 16);
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	th_write64(h, NVME_REG_ASQ, 0x100000);
	th_write64(h, NVME_REG_ACQ, 0x101000);
	th_write32(h, NVME_REG_CC, 0x00460001 | cc);
	th_run(h);
	return h;
}

START_TEST(without_crime_ready_waits_for_the_media)
{
	/* Base 2.0 3.5.3: ready with media; CRTO and CAP say that both ways are possible */
	struct th_host *h = start("media_delay=300ms,ready_delay=20ms,to=7", 0);

	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 59 & 3, 3);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CRTO), 7 << 16 | 7);
	th_time(h, 299 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_time(h, 1 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), RDY);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(with_crime_ready_comes_first_and_io_is_told_to_wait)
{
	/* Base 2.0 3.5.4: Namespace Not Ready, and retry; admin commands without media work */
	struct th_host *h = start("media_delay=300ms,ready_delay=20ms", CRIME);
	uint64_t data = th_alloc(h, 4096);
	const struct nvme_id_ns_independent *id = th_ptr(h, data);

	th_time(h, 20 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), RDY);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC) & CRIME, CRIME);
	th_create_queues(h, 1, 16);
	ck_assert_uint_eq(th_try_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = data),
			  NVME_SC_NS_NOT_READY | NVME_MORE);
	ck_assert_uint_eq(th_try_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1),
			  NVME_SC_NS_NOT_READY | NVME_MORE);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = data,
	      .cdw10 = NVME_CNS_NS_INDEPENDENT);
	ck_assert_uint_eq(id->nstat & 1, 0);
	th_time(h, 280 * MILLISECOND);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = data,
	      .cdw10 = NVME_CNS_NS_INDEPENDENT);
	ck_assert_uint_eq(id->nstat & 1, 1);
	th_free(h);
}
END_TEST

/* Admin commands while the media are not ready: those that touch them wait, others do not. */
static const struct {
	uint8_t opcode;
	uint32_t nsid, cdw10, cdw13;
	uint16_t sc;
} not_ready[] = {
	{ NVME_ADMIN_FORMAT_NVM, 1, 0, 0, NVME_SC_ADMIN_MEDIA_NOT_READY },
	{ NVME_ADMIN_SANITIZE, 0, NVME_SANITIZE_CRYPTO_ERASE, 0, NVME_SC_ADMIN_MEDIA_NOT_READY },
	{ NVME_ADMIN_GET_LBA_STATUS, 1, 0, 0x10000000, NVME_SC_ADMIN_MEDIA_NOT_READY },
	{ NVME_ADMIN_GET_FEATURES, 0, NVME_FID_ARBITRATION, 0, NVME_SC_SUCCESS },
	{ NVME_ADMIN_IDENTIFY, 1, NVME_CNS_NS, 0, NVME_SC_SUCCESS },
	{ NVME_ADMIN_GET_LOG_PAGE, 0, 127u << 16 | NVME_LID_SMART, 0, NVME_SC_SUCCESS },
};

START_TEST(admin_commands_that_touch_the_media_wait_for_them)
{
	/* Base 2.0 3.5.4 and 3.3.3.2.1: Admin Command Media Not Ready (unverified for which) */
	struct th_host *h = start("media_delay=300ms,ready_delay=20ms", CRIME);
	uint64_t data = th_alloc(h, 4096);

	th_time(h, 20 * MILLISECOND);
	ck_assert_uint_eq(th_code(h, .opcode = not_ready[_i].opcode, .nsid = not_ready[_i].nsid,
				  .prp1 = data, .cdw10 = not_ready[_i].cdw10,
				  .cdw13 = not_ready[_i].cdw13),
			  not_ready[_i].sc);
	th_time(h, 280 * MILLISECOND);
	ck_assert_uint_eq(th_code(h, .opcode = not_ready[_i].opcode, .nsid = not_ready[_i].nsid,
				  .prp1 = data, .cdw10 = not_ready[_i].cdw10,
				  .cdw13 = not_ready[_i].cdw13),
			  NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(a_reset_starts_the_wait_again)
{
	/* Base 2.0 3.7.2: the timer of the first enable does not end the second wait */
	struct th_host *h = start("media_delay=300ms", CRIME);

	th_time(h, 200 * MILLISECOND);
	th_write32(h, NVME_REG_CC, CRIME);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0x00460001 | CRIME);
	th_run(h);
	th_rings(h, 0, 0x100000, 0x101000, 16);
	th_create_queues(h, 1, 16);
	th_time(h, 200 * MILLISECOND);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1),
			  NVME_SC_NS_NOT_READY);
	th_time(h, 100 * MILLISECOND);
	ck_assert_uint_eq(th_code_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(crime_that_is_not_offered_cannot_be_set)
{
	/* Base 2.0 3.1.3.5: CAP.CRIMS 0, and all of it before 2.0 */
	struct th_host *h = start(_i ? "vs=1.4,media_delay=100ms" : "crims=false,media_delay=100ms",
				  CRIME);

	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 60, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC) & CRIME, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CRTO) >> 16, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_time(h, 100 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), RDY);
	th_free(h);
}
END_TEST

/* Two controllers that are ready. */
static struct th_host *two(const char *keys)
{
	struct th_host *h = th_enabled(.controllers = 2, .io_queues = 1, .controller = keys);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_ctrl(h, 0);
	return h;
}

static uint32_t csts_of(struct th_host *h, uint32_t ctrl)
{
	uint32_t csts;

	th_ctrl(h, ctrl);
	csts = th_read32(h, NVME_REG_CSTS);
	th_ctrl(h, 0);
	return csts;
}

START_TEST(a_subsystem_shutdown_is_one_of_all_controllers)
{
	/* Base 2.0 3.6.3: normal flushes, abrupt does not; CSTS.ST says which kind it was */
	struct th_host *h = two("");

	th_events(h, NVME_TRACE_MEDIA);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 58 & 1, 1);
	th_write32(h, NVME_REG_NSSD, _i ? NVME_NSSD_ABRUPT : NVME_NSSD_NORMAL);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0), RDY | COMPLETE | ST);
	ck_assert_uint_eq(csts_of(h, 1), RDY | COMPLETE | ST);
	ck_assert_uint_eq(th_events(h, NVME_TRACE_MEDIA), _i ? 0 : 2);
	ck_assert_uint_eq(th_read32(h, NVME_REG_NSSD), 0);
	th_free(h);
}
END_TEST

START_TEST(what_was_shut_down_needs_a_reset_of_the_subsystem)
{
	/* Base 2.0 3.6.3: CC.EN does not bring it back, NSSR does (unverified) */
	struct th_host *h = two("");

	th_write32(h, NVME_REG_NSSD, NVME_NSSD_NORMAL);
	th_run(h);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0), COMPLETE | ST);
	th_enable(h, 16);
	ck_assert_uint_eq(csts_of(h, 0), COMPLETE | ST);
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0), NVME_MASK(NVME_CSTS_NSSRO));
	ck_assert_uint_eq(csts_of(h, 1), NVME_MASK(NVME_CSTS_NSSRO));
	th_enable(h, 16);
	ck_assert_uint_eq(csts_of(h, 0), RDY | NVME_MASK(NVME_CSTS_NSSRO));
	th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_ARBITRATION);
	th_free(h);
}
END_TEST

START_TEST(commands_in_flight_end_before_the_shutdown_does)
{
	/* Base 2.0 3.6.1 and 3.6.3: the medium still has a command of controller 0 */
	struct th_host *h = th_enabled(.controllers = 2, .io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .nsid = 1, .cid = 5);
	th_run(h);
	th_write32(h, NVME_REG_NSSD, NVME_NSSD_ABRUPT);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0) & (SHST | ST),
			  NVME_PUT(NVME_CSTS_SHST, NVME_CSTS_SHST_OCCURRING) | ST);
	ck_assert_uint_eq(csts_of(h, 1) & (SHST | ST), COMPLETE | ST);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0) & (SHST | ST), COMPLETE | ST);
	th_expect_cqe(h, .cqid = 1, .cid = 5);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_of_one_controller_says_so)
{
	/* Base 2.0 3.1.3.6: CSTS.ST is 0, and the other one goes on */
	struct th_host *h = two("");

	th_write32(h, NVME_REG_CC, th_read32(h, NVME_REG_CC) | NVME_CC_SHN_NORMAL << 14);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0), RDY | COMPLETE);
	ck_assert_uint_eq(csts_of(h, 1), RDY);
	th_free(h);
}
END_TEST

START_TEST(other_values_and_other_controllers_shut_nothing_down)
{
	/* Base 2.0 3.1.3.20: any other value, CAP.NSSS 0, before 2.0 */
	static const char *const keys[] = { "", "nsss=false", "vs=1.4" };
	struct th_host *h = two(keys[_i]);

	th_write32(h, NVME_REG_NSSD, _i ? NVME_NSSD_NORMAL : NVME_NSSD_NORMAL + 1);
	th_run(h);
	ck_assert_uint_eq(csts_of(h, 0), RDY);
	ck_assert_uint_eq(csts_of(h, 1), RDY);
	ck_assert_uint_eq(th_read64(h, NVME_REG_CAP) >> 58 & 1, _i == 0);
	th_free(h);
}
END_TEST

START_TEST(who_asked_for_it_is_told_of_a_normal_shutdown)
{
	/* Base 2.0 5.2: Normal NVM Subsystem Shutdown, feature 0Bh bit 15 */
	struct th_host *h = two("");

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_ASYNC_EVENT_CONFIG,
	      .cdw11 = 1 << 15);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 9);
	th_run(h);
	th_ctrl(h, 1);
	th_write32(h, NVME_REG_NSSD, NVME_NSSD_NORMAL);
	th_run(h);
	th_ctrl(h, 0);
	th_expect_cqe(h, .cid = 9, .dw0 = NVME_AER_SUBSYSTEM_SHUTDOWN);
	th_free(h);
}
END_TEST

static Suite *ready(void)
{
	Suite *suite = suite_create("ready");
	TCase *tcase = tcase_create("ready");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, without_crime_ready_waits_for_the_media);
	tcase_add_test(tcase, with_crime_ready_comes_first_and_io_is_told_to_wait);
	tcase_add_loop_test(tcase, admin_commands_that_touch_the_media_wait_for_them, 0,
			    sizeof(not_ready) / sizeof(not_ready[0]));
	tcase_add_test(tcase, a_reset_starts_the_wait_again);
	tcase_add_loop_test(tcase, crime_that_is_not_offered_cannot_be_set, 0, 2);
	tcase_add_loop_test(tcase, a_subsystem_shutdown_is_one_of_all_controllers, 0, 2);
	tcase_add_test(tcase, what_was_shut_down_needs_a_reset_of_the_subsystem);
	tcase_add_test(tcase, commands_in_flight_end_before_the_shutdown_does);
	tcase_add_test(tcase, a_shutdown_of_one_controller_says_so);
	tcase_add_loop_test(tcase, other_values_and_other_controllers_shut_nothing_down, 0, 3);
	tcase_add_test(tcase, who_asked_for_it_is_told_of_a_normal_shutdown);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { ready };

	return th_main(suites, 1);
}
