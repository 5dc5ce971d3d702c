/* SPDX-License-Identifier: BSD-3-Clause */
/* Enable, disable, resets and shutdown, Base 2.0 3.5 to 3.7. */
#include <errno.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define READY	    0x1u
#define FATAL	    0x2u
#define SHUT_DOWN   0x8u
#define OCCURRING   0x4u
#define CC_ENABLED  (4 << 20 | 6 << 16 | 1)
#define CC_DISABLED (4 << 20 | 6 << 16)
#define MILLISECOND 1000000ull

static void set_up_admin(struct th_host *h)
{
	th_write32(h, NVME_REG_AQA, 0x000f000f);
	th_write64(h, NVME_REG_ASQ, th_alloc(h, 4096));
	th_write64(h, NVME_REG_ACQ, th_alloc(h, 4096));
}

START_TEST(enable_makes_ready)
{
	/* Base 2.0 3.5.1 */
	struct th_host *h = th_off();

	set_up_admin(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0); /* a write only records */
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_free(h);
}
END_TEST

START_TEST(ready_waits_for_its_delay)
{
	/* Base 2.0 3.1.3.6: RDY within CAP.TO. */
	struct th_host *h = th_off(.controller = "ready_delay=200ms");

	set_up_admin(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED);
	th_run(h);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 200 * MILLISECOND);
	th_time(h, 200 * MILLISECOND - 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_time(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), EMU_NEVER);
	th_free(h);
}
END_TEST

START_TEST(disable_before_ready_takes_the_delay_back)
{
	/* Base 2.0 3.7.2 */
	struct th_host *h = th_off(.controller = "ready_delay=200ms");

	set_up_admin(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED);
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_time(h, 300 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_free(h);
}
END_TEST

/* Each row spoils one thing that CC.EN = 1 needs. */
static const struct {
	uint32_t aqa;
	uint64_t asq, acq;
	uint32_t cc;
} bad_enables[] = {
	{ 0x000f0000, 0x100000, 0x101000, CC_ENABLED },		  /* ASQS of one entry */
	{ 0x0000000f, 0x100000, 0x101000, CC_ENABLED },		  /* ACQS of one entry */
	{ 0x000f000f, 0x100000, 0x101000, CC_ENABLED | 7 << 4 },  /* CSS: admin only */
	{ 0x000f000f, 0x100000, 0x101000, CC_ENABLED | 1 << 4 },  /* CSS: reserved */
	{ 0x000f000f, 0x100000, 0x101000, CC_ENABLED | 5 << 7 },  /* MPS beyond MPSMAX */
	{ 0x000f000f, 0x100000, 0x101000, CC_ENABLED | 2 << 11 }, /* AMS: reserved */
	{ 0x000f000f, 0x101000, 0x102000, CC_ENABLED | 1 << 7 },  /* ASQ not on an 8 KiB page */
	{ 0x000f000f, 0x102000, 0x103000, CC_ENABLED | 1 << 7 },  /* ACQ not on an 8 KiB page */
};

START_TEST(a_bad_enable_is_fatal_and_a_good_one_heals)
{
	/* Base 2.0 3.5.1, unverified: undefined there; we set CFS and never RDY. */
	struct th_host *h = th_off();

	th_write32(h, NVME_REG_AQA, bad_enables[_i].aqa);
	th_write64(h, NVME_REG_ASQ, bad_enables[_i].asq);
	th_write64(h, NVME_REG_ACQ, bad_enables[_i].acq);
	th_write32(h, NVME_REG_CC, bad_enables[_i].cc);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), FATAL);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_enable(h, 16);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_free(h);
}
END_TEST

START_TEST(css_all_is_accepted_from_2_0_on)
{
	/* Base 2.0 3.1.3.5: CC.CSS = 110b needs CAP.CSS bit 6. */
	struct th_host *h = th_off(.controller = _i ? "vs=1.4" : "vs=2.0");

	set_up_admin(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED | 6 << 4);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), _i ? FATAL : READY);
	th_free(h);
}
END_TEST

START_TEST(disable_drops_queues_and_keeps_admin_registers)
{
	/* Base 2.0 3.7.2 */
	struct th_host *h = th_enabled(.io_queues = 2);
	uint64_t asq = th_read64(h, NVME_REG_ASQ);

	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_AQA), 0x000f000f);
	ck_assert_uint_eq(th_read64(h, NVME_REG_ASQ), asq);
	th_enable(h, 16);
	th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 4, .cdw10 = 1);
	th_run(h);
	th_expect_cqe(h, .cid = 4, .sc = NVME_SC_INVALID_QUEUE_ID);
	th_free(h);
}
END_TEST

START_TEST(disable_waits_for_the_medium_and_drops_the_command)
{
	/* Base 2.0 3.7.2, unverified: no completion for commands in flight. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	ck_assert(emu_busy(th_emu(h), 0));
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	ck_assert(!emu_busy(th_emu(h), 0));
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

START_TEST(enable_right_after_disable_comes_after_the_reset)
{
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_write32(h, NVME_REG_CC, CC_ENABLED);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_expect_none(h, 1);
	th_free(h);
}
END_TEST

START_TEST(a_reset_that_waits_for_the_medium_processes_nothing)
{
	/* Whatever the host does to the function meanwhile. */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0002);
	th_cfg_write(h, 4, 2, 0x0006);
	th_map(h);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 5);
	th_run(h);
	th_check(h);
	th_expect_none(h, 0);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_free(h);
}
END_TEST

START_TEST(a_reset_asked_for_from_outside_clears_the_enable_bit)
{
	/* The host finds CC.EN = 0 and enables with one write. */
	struct th_host *h = th_enabled();

	emu_reset(th_emu(h), 0, EMU_RESET_CONTROLLER);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), CC_DISABLED);
	th_enable(h, 16);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_free(h);
}
END_TEST

START_TEST(a_thousand_toggles_without_waiting_end_as_the_last_one_says)
{
	struct th_host *h = th_enabled();

	for (int i = 0; i < 1000; i++) {
		th_write32(h, NVME_REG_CC, i % 2 ? CC_ENABLED : CC_DISABLED);
		th_step(h, (unsigned int)i % 3);
	}
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_free(h);
}
END_TEST

START_TEST(a_normal_shutdown_flushes_and_completes)
{
	/* Base 2.0 3.6.1 */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_write32(h, NVME_REG_CC, CC_ENABLED | 1 << 14);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | OCCURRING);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FLUSH);
	ck_assert_uint_eq(th_media_last(h)->nsid, NVME_NSID_ALL);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | SHUT_DOWN);
	th_free(h);
}
END_TEST

START_TEST(a_normal_shutdown_lets_commands_in_flight_complete)
{
	/* Base 2.0 3.6.1, unverified */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true,
				       .controller = "vwc=false");

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED | 1 << 14);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | OCCURRING);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 9);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | SHUT_DOWN);
	th_free(h);
}
END_TEST

START_TEST(a_disable_ends_a_shutdown_that_is_under_way)
{
	/* Base 2.0 3.1.3.6 (SHST), unverified */
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true,
				       .controller = "vwc=false");

	th_io(h, 1, .opcode = NVME_CMD_READ, .cid = 9, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED | 1 << 14);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | OCCURRING);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_enable(h, 16);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_free(h);
}
END_TEST

START_TEST(a_shutdown_flushes_even_when_no_admin_request_is_left)
{
	/* A hostile host: every admin request is a deletion that cannot complete. */
	struct th_host *h = th_enabled(.io_queues = 7, .slow_media = true, .entries = 64,
				       .controller = "aerl=0,acl=0");
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t qid = 1; qid <= 7; qid++)
		th_io(h, qid, .opcode = NVME_CMD_READ, .cid = 1, .nsid = 1, .prp1 = page);
	th_run(h);
	for (uint32_t qid = 1; qid <= 7; qid++)
		th_admin(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cid = 1, .cdw10 = qid);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 2);
	th_run(h);
	for (uint16_t cid = 3; cid <= 5; cid++)
		th_admin(h, .opcode = NVME_ADMIN_SET_FEATURES, .cid = cid,
			 .cdw10 = NVME_FID_VOLATILE_WC, .cdw11 = cid % 2 ? 0 : 1);
	th_run(h);
	th_write32(h, NVME_REG_CC, CC_ENABLED | 1 << 14);
	th_run(h);
	th_unmap(h, th_read64(h, NVME_REG_ACQ));
	while (th_media_pending(h)) {
		th_media(h, 0, 0);
		th_run(h);
	}
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FLUSH);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | SHUT_DOWN);
	th_free(h);
}
END_TEST

START_TEST(an_abrupt_shutdown_does_not_flush)
{
	/* Base 2.0 3.6.1 */
	struct th_host *h = th_enabled(.slow_media = true);

	th_write32(h, NVME_REG_CC, CC_ENABLED | 2 << 14);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | SHUT_DOWN);
	ck_assert_uint_eq(th_media_pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(after_a_shutdown_commands_wait_for_the_next_enable)
{
	/* Base 2.0 3.6.1 */
	struct th_host *h = th_enabled();

	th_write32(h, NVME_REG_CC, CC_ENABLED | 2 << 14);
	th_run(h);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 3);
	th_run(h);
	th_expect_none(h, 0);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	th_enable(h, 16);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 4);
	th_run(h);
	th_expect_cqe(h, .cid = 4);
	th_free(h);
}
END_TEST

START_TEST(a_function_reset_clears_every_register)
{
	/* Base 2.0 3.7.2; PCIe FLR through Device Control bit 15. */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_cfg_write(h, 0x68, 2, 0x8000);
	th_run(h);
	ck_assert_uint_eq(th_cfg_read(h, 0x68, 2) & 0x8000, 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_AQA), 0);
	ck_assert_uint_eq(th_read64(h, NVME_REG_ASQ), 0);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0);
	ck_assert_uint_eq(th_cfg_read(h, 4, 2), 0);
	th_free(h);
}
END_TEST

START_TEST(a_subsystem_reset_takes_all_controllers)
{
	/* Base 2.0 3.7.1 */
	struct th_host *h = th_enabled(.controllers = 2);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	for (uint32_t i = 0; i < 2; i++) {
		th_ctrl(h, i);
		ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 0x10);
		ck_assert_uint_eq(th_read32(h, NVME_REG_CC), 0);
	}
	th_free(h);
}
END_TEST

START_TEST(one_controllers_reset_leaves_the_other_alone)
{
	struct th_host *h = th_enabled(.controllers = 2);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 7);
	th_run(h);
	th_ctrl(h, 0);
	th_write32(h, NVME_REG_CC, CC_DISABLED);
	th_run(h);
	th_ctrl(h, 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_admin(h, .opcode = NVME_ADMIN_ABORT, .cid = 8, .cdw10 = 7 << 16);
	th_run(h);
	th_expect_cqe(h, .cid = 7, .sc = NVME_SC_ABORT_REQUESTED, .retry = true, .unlogged = true);
	th_expect_cqe(h, .cid = 8);
	th_free(h);
}
END_TEST

START_TEST(a_power_cycle_without_shutdown_counts_as_unsafe)
{
	/* Base 2.0 5.16.1.3 */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_smart_log *smart = th_ptr(h, page);

	for (uint32_t round = 0; round < 2; round++) {
		if (round)
			th_write32(h, NVME_REG_CC, CC_ENABLED | 1 << 14);
		th_run(h);
		emu_reset(th_emu(h), 0, EMU_RESET_POWER);
		th_run(h);
		th_cfg_write(h, 4, 2, 0x0406);
		th_enable(h, 16);
	}
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 127 << 16 | NVME_LID_SMART);
	ck_assert_uint_eq(nvme_cpu64(smart->power_cycles.lo), 3);
	ck_assert_uint_eq(nvme_cpu64(smart->unsafe_shutdowns.lo), 1);
	th_free(h);
}
END_TEST

START_TEST(queue_memory_that_comes_back_in_time_loses_nothing)
{
	/* A firmware that moves its mappings must not kill the controller. */
	struct th_host *h = th_enabled();

	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 5);
	th_unmap(h, th_read64(h, NVME_REG_ASQ));
	th_time(h, 999 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_map(h);
	th_run(h);
	th_expect_cqe(h, .cid = 5);
	th_unmap(h, th_read64(h, NVME_REG_ACQ));
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 6);
	th_time(h, 999 * MILLISECOND);
	th_map(h);
	th_time(h, 2000 * MILLISECOND);
	th_expect_cqe(h, .cid = 6);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_free(h);
}
END_TEST

START_TEST(queue_memory_that_stays_away_is_fatal)
{
	struct th_host *h = th_enabled();

	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 5);
	th_unmap(h, th_read64(h, NVME_REG_ASQ));
	th_run(h);
	ck_assert_uint_eq(emu_deadline(th_emu(h)), 1000 * MILLISECOND);
	th_time(h, 1000 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | FATAL);
	th_free(h);
}
END_TEST

START_TEST(without_bus_master_commands_wait)
{
	/* PCI: no DMA with the Bus Master bit clear. */
	struct th_host *h = th_enabled();

	th_cfg_write(h, 4, 2, 0x0002);
	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 5);
	th_time(h, 5000 * MILLISECOND);
	th_expect_none(h, 0);
	th_cfg_write(h, 4, 2, 0x0006);
	th_run(h);
	th_expect_cqe(h, .cid = 5);
	th_free(h);
}
END_TEST

START_TEST(the_keep_alive_timer_expires_into_fatal_status)
{
	/* Base 2.0 3.9, unverified; KATO is rounded up to KAS. */
	struct th_host *h = th_enabled();

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_KEEP_ALIVE, .cdw11 = 1500);
	ck_assert_uint_eq(th_do(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = NVME_FID_KEEP_ALIVE),
			  2000);
	th_time(h, 1900 * MILLISECOND);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	th_time(h, 1999 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY);
	th_time(h, 1 * MILLISECOND);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), READY | FATAL);
	th_free(h);
}
END_TEST

static Suite *life(void)
{
	Suite *suite = suite_create("life");
	TCase *tcase = tcase_create("life");

	tcase_add_test(tcase, enable_makes_ready);
	tcase_add_test(tcase, ready_waits_for_its_delay);
	tcase_add_test(tcase, disable_before_ready_takes_the_delay_back);
	tcase_add_loop_test(tcase, a_bad_enable_is_fatal_and_a_good_one_heals, 0,
			    sizeof(bad_enables) / sizeof(bad_enables[0]));
	tcase_add_loop_test(tcase, css_all_is_accepted_from_2_0_on, 0, 2);
	tcase_add_test(tcase, disable_drops_queues_and_keeps_admin_registers);
	tcase_add_test(tcase, disable_waits_for_the_medium_and_drops_the_command);
	tcase_add_test(tcase, enable_right_after_disable_comes_after_the_reset);
	tcase_add_test(tcase, a_reset_that_waits_for_the_medium_processes_nothing);
	tcase_add_test(tcase, a_reset_asked_for_from_outside_clears_the_enable_bit);
	tcase_add_test(tcase, a_thousand_toggles_without_waiting_end_as_the_last_one_says);
	tcase_add_test(tcase, a_normal_shutdown_flushes_and_completes);
	tcase_add_test(tcase, a_normal_shutdown_lets_commands_in_flight_complete);
	tcase_add_test(tcase, a_disable_ends_a_shutdown_that_is_under_way);
	tcase_add_test(tcase, a_shutdown_flushes_even_when_no_admin_request_is_left);
	tcase_add_test(tcase, an_abrupt_shutdown_does_not_flush);
	tcase_add_test(tcase, after_a_shutdown_commands_wait_for_the_next_enable);
	tcase_add_test(tcase, a_function_reset_clears_every_register);
	tcase_add_test(tcase, a_subsystem_reset_takes_all_controllers);
	tcase_add_test(tcase, one_controllers_reset_leaves_the_other_alone);
	tcase_add_test(tcase, a_power_cycle_without_shutdown_counts_as_unsafe);
	tcase_add_test(tcase, queue_memory_that_comes_back_in_time_loses_nothing);
	tcase_add_test(tcase, queue_memory_that_stays_away_is_fatal);
	tcase_add_test(tcase, without_bus_master_commands_wait);
	tcase_add_test(tcase, the_keep_alive_timer_expires_into_fatal_status);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { life };

	return th_main(suites, 1);
}
