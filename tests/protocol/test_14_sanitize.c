/* SPDX-License-Identifier: BSD-3-Clause */
/* Sanitize, Base 2.0 5.24 and 8.21, unverified: actions, progress, failure. */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define SECOND	  1000000000ull
#define BLOCK	  NVME_SANITIZE_BLOCK_ERASE
#define OVERWRITE NVME_SANITIZE_OVERWRITE
#define CRYPTO	  NVME_SANITIZE_CRYPTO_ERASE
#define EXIT	  NVME_SANITIZE_EXIT_FAILURE
#define AUSE	  NVME_PUT(NVME_SANITIZE_AUSE, 1)
#define NDAS	  NVME_PUT(NVME_SANITIZE_NDAS, 1)
#define OIPBP	  NVME_PUT(NVME_SANITIZE_OIPBP, 1)
#define PASSES(n) NVME_PUT(NVME_SANITIZE_OWPASS, n)

static uint16_t sanitize(struct th_host *h, uint32_t cdw10, uint32_t pattern)
{
	return th_code(h, .opcode = NVME_ADMIN_SANITIZE, .cdw10 = cdw10, .cdw11 = pattern);
}

static const struct nvme_sanitize_log *status(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = NVME_LID_SANITIZE | 127 << 16);
	return th_ptr(h, page);
}

static uint32_t sstat(struct th_host *h)
{
	return NVME_GET(nvme_cpu16(status(h)->sstat), NVME_SANITIZE_SSTAT_STATUS);
}

static bool erased(struct th_host *h)
{
	return NVME_GET(nvme_cpu16(status(h)->sstat), NVME_SANITIZE_SSTAT_GDE);
}

static uint16_t io(struct th_host *h, uint8_t opcode, uint32_t nsid, uint8_t byte)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), byte, 4096);
	return th_code_io(h, 1, .opcode = opcode, .nsid = nsid, .prp1 = page);
}

static struct th_host *with_data(const char *keys)
{
	struct th_host *h = th_enabled(.controller = keys, .ns2_blocks = 40, .io_queues = 1);

	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1, 0x11), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 3, 0x33), NVME_SC_SUCCESS);
	return h;
}

static uint32_t word(struct th_host *h, uint32_t nsid, uint64_t lba)
{
	return nvme_load_le32(th_media_block(h, nsid, lba));
}

static const uint32_t actions[] = { BLOCK, CRYPTO, OVERWRITE | PASSES(1), OVERWRITE | PASSES(3) };

START_TEST(every_action_takes_all_data_of_all_namespaces)
{
	struct th_host *h = with_data(NULL);
	const struct nvme_sanitize_log *log = status(h);

	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_NEVER);
	ck_assert_uint_eq(nvme_cpu16(log->sprog), NVME_SANITIZE_SPROG_IDLE);
	ck_assert_uint_eq(sanitize(h, actions[_i], 0xdeadbeef), NVME_SC_SUCCESS);
	th_run(h);
	log = status(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	ck_assert_uint_eq(nvme_cpu16(log->sprog), NVME_SANITIZE_SPROG_IDLE);
	ck_assert_uint_eq(nvme_cpu32(log->scdw10), actions[_i]);
	ck_assert_uint_eq(word(h, 1, 0), 0);
	ck_assert_uint_eq(word(h, 3, 0), 0);
	ck_assert(!th_media_allocated(h, 1, 0) && !th_media_allocated(h, 3, 0));
	ck_assert_uint_eq(NVME_GET(nvme_cpu16(log->sstat), NVME_SANITIZE_SSTAT_PASSES),
			  NVME_GET(actions[_i], NVME_SANITIZE_OWPASS));
	th_free(h);
}
END_TEST

START_TEST(an_overwrite_leaves_its_pattern_when_blocks_stay_allocated)
{
	/* Whatever the number of passes, the last one is not inverted. */
	struct th_host *h = with_data(NULL);
	uint32_t passes = (uint32_t)_i;

	ck_assert_uint_eq(sanitize(h, OVERWRITE | NDAS | OIPBP | PASSES(passes), 0x12345678),
			  NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	ck_assert_uint_eq(NVME_GET(nvme_cpu16(status(h)->sstat), NVME_SANITIZE_SSTAT_PASSES),
			  passes ? passes : 16);
	for (uint64_t lba = 0; lba < 2048; lba++) {
		ck_assert_uint_eq(word(h, 1, lba), 0x12345678);
		ck_assert(th_media_allocated(h, 1, lba));
	}
	for (uint64_t lba = 0; lba < 40; lba++)
		ck_assert_uint_eq(word(h, 3, lba), 0x12345678);
	th_free(h);
}
END_TEST

START_TEST(passes_alternate_when_the_pattern_is_inverted_between_them)
{
	struct th_host *h = th_enabled(.slow_media = true, .blocks = 8);

	ck_assert_uint_eq(sanitize(h, OVERWRITE | NDAS | OIPBP | PASSES(2), 0x0f0f0f0f),
			  NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_WRITE);
	ck_assert_uint_eq(nvme_load_le32(th_media_last(h)->data), 0xf0f0f0f0);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(nvme_load_le32(th_media_last(h)->data), 0x0f0f0f0f);
	ck_assert_uint_eq(NVME_GET(nvme_cpu16(status(h)->sstat), NVME_SANITIZE_SSTAT_PASSES), 1);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	th_free(h);
}
END_TEST

START_TEST(blocks_that_stay_allocated_after_an_erase_are_zeros)
{
	struct th_host *h = with_data(NULL);

	ck_assert_uint_eq(sanitize(h, BLOCK | NDAS, 0), NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	ck_assert_uint_eq(word(h, 1, 0), 0);
	ck_assert(th_media_allocated(h, 1, 0) && th_media_allocated(h, 3, 39));
	th_free(h);
}
END_TEST

START_TEST(where_no_deallocate_is_inhibited_the_host_chooses_between_error_and_warning)
{
	/* Base 2.0 5.27.1.19: NODRM; SSTAT 4 and the event that says so */
	struct th_host *h = with_data("sanitize_ndi=true");

	ck_assert_uint_eq(sanitize(h, BLOCK | NDAS, 0), NVME_SC_INVALID_FIELD);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_SANITIZE_CONFIG, .cdw11 = 1);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 50);
	th_run(h);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SUCCESS);
	th_admin(h, .opcode = NVME_ADMIN_SANITIZE, .cid = 51, .cdw10 = BLOCK | NDAS);
	th_run(h);
	th_expect_cqe(h, .cid = 51);
	th_expect_cqe(h, .cid = 50, .dw0 = NVME_AER_SANITIZE_DEALLOCATED);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE_DEALLOCATED);
	ck_assert(!th_media_allocated(h, 1, 0));
	th_free(h);
}
END_TEST

START_TEST(progress_is_told_and_its_end_is_an_event_of_every_controller)
{
	struct th_host *h = th_enabled(.controller = "sanitize_time=100s", .controllers = 2);

	th_ctrl(h, 1);
	th_enable(h, 16);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 60);
	th_run(h);
	th_ctrl(h, 0);
	ck_assert_uint_eq(sanitize(h, CRYPTO, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_RUNNING);
	ck_assert_uint_eq(nvme_cpu16(status(h)->sprog), 0);
	ck_assert_uint_eq(nvme_cpu32(status(h)->etce), 100);
	th_time(h, 25 * SECOND);
	ck_assert_uint_eq(nvme_cpu16(status(h)->sprog), 0x4000);
	th_time(h, 74 * SECOND);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_RUNNING);
	th_ctrl(h, 1);
	th_expect_none(h, 0);
	th_time(h, SECOND);
	th_expect_cqe(h, .cid = 60, .dw0 = NVME_AER_SANITIZE_COMPLETED);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	th_free(h);
}
END_TEST

START_TEST(meanwhile_only_what_does_not_touch_media_works)
{
	/* Base 2.0 8.21, unverified: 0/1D */
	struct th_host *h = with_data("sanitize_time=10s");

	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 3, 0), NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(sanitize(h, EXIT, 0), NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1),
			  NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_NS_MGMT, .nsid = 1, .cdw10 = 1),
			  NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = 1, .prp1 = th_alloc(h, 4096)),
		NVME_SC_SANITIZE_IN_PROGRESS);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = th_alloc(h, 4096)),
		NVME_SC_SUCCESS);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .cdw10 = 1),
			  NVME_SC_SUCCESS);
	th_time(h, 10 * SECOND);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(an_operation_that_is_not_known_is_refused)
{
	struct th_host *h = th_enabled();
	static const uint32_t wrong[] = { 0, 5, 6, 7 };

	for (unsigned int i = 0; i < 4; i++)
		ck_assert_uint_eq(sanitize(h, wrong[i], 0), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(sanitize(h, EXIT, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_NEVER);
	th_free(h);
}
END_TEST

START_TEST(it_is_prohibited_while_a_persistent_memory_region_is_enabled)
{
	/* Base 2.0 5.24, unverified: 1/23, whichever controller has it */
	struct th_host *h = th_enabled(.controller = "pmr=64K", .controllers = 2);

	th_ctrl(h, 1);
	th_write32(h, NVME_REG_PMRCTL, 1);
	th_ctrl(h, 0);
	ck_assert_uint_eq(sanitize(h, CRYPTO, 0), NVME_SC_SANITIZE_PROHIBITED_PMR);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_NEVER);
	th_ctrl(h, 1);
	th_write32(h, NVME_REG_PMRCTL, 0);
	th_ctrl(h, 0);
	ck_assert_uint_eq(sanitize(h, CRYPTO, 0), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(what_failed_restricted_is_only_left_by_the_same)
{
	/* Base 2.0 8.21, unverified: 0/1C until a restricted operation succeeds */
	struct th_host *h = with_data(NULL);

	th_media_fail(h, -EIO);
	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_FAILURE);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SANITIZE_FAILED);
	ck_assert_uint_eq(sanitize(h, EXIT, 0), NVME_SC_SANITIZE_FAILED);
	ck_assert_uint_eq(sanitize(h, BLOCK | AUSE, 0), NVME_SC_SANITIZE_FAILED);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 3, 0), NVME_SC_SANITIZE_FAILED);
	ck_assert_uint_eq(sanitize(h, CRYPTO, 0), NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

START_TEST(what_failed_unrestricted_can_be_left)
{
	struct th_host *h = with_data(NULL);

	th_media_fail(h, -EIO);
	ck_assert_uint_eq(sanitize(h, OVERWRITE | AUSE | PASSES(1), 0), NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SANITIZE_FAILED);
	ck_assert_uint_eq(sanitize(h, EXIT, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SUCCESS);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_FAILURE);
	th_free(h);
}
END_TEST

START_TEST(global_data_erased_holds_until_the_next_write)
{
	struct th_host *h = with_data(NULL);

	ck_assert(!erased(h));
	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SUCCESS);
	th_run(h);
	ck_assert(erased(h));
	ck_assert_uint_eq(io(h, NVME_CMD_READ, 1, 0), NVME_SC_SUCCESS);
	ck_assert(erased(h));
	ck_assert_uint_eq(io(h, NVME_CMD_WRITE, 1, 1), NVME_SC_SUCCESS);
	ck_assert(!erased(h));
	th_free(h);
}
END_TEST

START_TEST(what_is_under_way_ends_before_it_begins)
{
	struct th_host *h = th_enabled(.io_queues = 1, .slow_media = true);

	th_io(h, 1, .opcode = NVME_CMD_WRITE, .cid = 1, .nsid = 1, .prp1 = th_alloc(h, 4096));
	th_run(h);
	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SUCCESS);
	th_run(h);
	ck_assert_uint_eq(th_media_pending(h), 1);
	th_media(h, 0, 0);
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_media_last(h)->op, EMU_MEDIA_FORMAT);
	th_media(h, 0, 0);
	th_run(h);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	th_free(h);
}
END_TEST

static const enum emu_reset_kind resets[] = { EMU_RESET_CONTROLLER, EMU_RESET_FUNCTION,
					      EMU_RESET_SUBSYSTEM, EMU_RESET_POWER };

START_TEST(no_reset_ends_it)
{
	struct th_host *h = th_enabled(.controller = "sanitize_time=10s");

	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SUCCESS);
	emu_reset(th_emu(h), 0, resets[_i]);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_RUNNING);
	th_time(h, 10 * SECOND);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	th_free(h);
}
END_TEST

START_TEST(it_begins_again_after_the_power_came_back)
{
	struct th_host *h = with_data("sanitize_time=10s");

	ck_assert_uint_eq(sanitize(h, OVERWRITE | NDAS | PASSES(2), 0x55aa55aa), NVME_SC_SUCCESS);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_RUNNING);
	th_time(h, 20 * SECOND);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	ck_assert_uint_eq(word(h, 1, 2047), 0x55aa55aa);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_DONE);
	ck_assert(erased(h));
	th_free(h);
}
END_TEST

START_TEST(a_failure_outlives_the_power)
{
	struct th_host *h = with_data(NULL);

	th_media_fail(h, -EIO);
	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_SUCCESS);
	th_run(h);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(sstat(h), NVME_SANITIZE_FAILURE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_FORMAT_NVM, .nsid = 1),
			  NVME_SC_SANITIZE_FAILED);
	th_free(h);
}
END_TEST

START_TEST(without_the_key_there_is_nothing_of_it)
{
	struct th_host *h = th_enabled(.controller = "sanitize=false");
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert_uint_eq(nvme_cpu32(((const struct nvme_id_ctrl *)th_ptr(h, page))->sanicap), 0);
	ck_assert_uint_eq(sanitize(h, BLOCK, 0), NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = NVME_LID_SANITIZE),
			  NVME_SC_INVALID_LOG_PAGE);
	th_free(h);
}
END_TEST

static void erase(TCase *tcase)
{
	tcase_add_loop_test(tcase, every_action_takes_all_data_of_all_namespaces, 0, 4);
	tcase_add_loop_test(tcase, an_overwrite_leaves_its_pattern_when_blocks_stay_allocated, 0,
			    4);
	tcase_add_test(tcase, passes_alternate_when_the_pattern_is_inverted_between_them);
	tcase_add_test(tcase, blocks_that_stay_allocated_after_an_erase_are_zeros);
	tcase_add_test(tcase,
		       where_no_deallocate_is_inhibited_the_host_chooses_between_error_and_warning);
	tcase_add_test(tcase, global_data_erased_holds_until_the_next_write);
}

static Suite *sanitizing(void)
{
	Suite *suite = suite_create("sanitize");
	TCase *tcase = tcase_create("sanitize");

	erase(tcase);
	tcase_add_test(tcase, progress_is_told_and_its_end_is_an_event_of_every_controller);
	tcase_add_test(tcase, meanwhile_only_what_does_not_touch_media_works);
	tcase_add_test(tcase, an_operation_that_is_not_known_is_refused);
	tcase_add_test(tcase, it_is_prohibited_while_a_persistent_memory_region_is_enabled);
	tcase_add_test(tcase, what_failed_restricted_is_only_left_by_the_same);
	tcase_add_test(tcase, what_failed_unrestricted_can_be_left);
	tcase_add_test(tcase, what_is_under_way_ends_before_it_begins);
	tcase_add_loop_test(tcase, no_reset_ends_it, 0, 4);
	tcase_add_test(tcase, it_begins_again_after_the_power_came_back);
	tcase_add_test(tcase, a_failure_outlives_the_power);
	tcase_add_test(tcase, without_the_key_there_is_nothing_of_it);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ sanitizing }, 1);
}
