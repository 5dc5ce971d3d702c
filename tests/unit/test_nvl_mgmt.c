/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/mgmt.c, firmware.c: operands of admin commands, as dwords of the entry. */
#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

/* The controller knows none of these commands; what counts is the last one that it fetched. */
static struct nvme_sqe last_admin(struct th_fake *fake)
{
	const struct nvme_sqe *ring = th_fake_memory(fake, fake->asq);
	const struct th_fake_queue *queue = &fake->queues[0];

	return ring[(queue->sq_head + queue->entries - 1) % queue->entries];
}

START_TEST(a_format_has_all_its_operands)
{
	/* Base 2.0 5.14: LBAFU 13:12, SES 11:9, PIL 8, PI 7:5, MSET 4, LBAFL 3:0 */
	const struct nvl_format format = { .nsid = 7,
					   .format = 0x25,
					   .extended = true,
					   .pi_first = true,
					   .pi = NVME_PI_TYPE3,
					   .erase = NVME_FORMAT_SES_CRYPTO };
	struct nvme_sqe sqe;
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvme_status_code((nvme_status)nvl_format_ns(fake.ctrl, &format)),
			 NVME_SC_INVALID_OPCODE);
	sqe = last_admin(&fake);
	ck_assert_uint_eq(sqe.opcode, NVME_ADMIN_FORMAT_NVM);
	ck_assert_uint_eq(nvme_cpu32(sqe.nsid), 7);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw10), 0x2000 | 2 << 9 | 1 << 8 | 3 << 5 | 1 << 4 | 5);
	th_fake_done(&fake);
}
END_TEST

static const struct {
	struct nvl_sanitize sanitize;
	uint32_t cdw10;
} sanitizes[] = {
	{ { .action = NVME_SANITIZE_OVERWRITE }, 3 },
	{ { .action = NVME_SANITIZE_EXIT_MEDIA_VERIFICATION }, 5 },
	{ { .unrestricted_exit = true }, 1 << 3 },
	{ { .passes = 15 }, 15 << 4 },
	{ { .invert = true }, 1 << 8 },
	{ { .no_deallocate = true }, 1 << 9 },
	{ { .media_verification = true }, 1 << 10 },
};

START_TEST(a_sanitize_has_each_of_its_operands)
{
	/* Base 2.0 5.24, unverified: dword 10; the pattern is dword 11 */
	struct nvl_sanitize sanitize = sanitizes[_i].sanitize;
	struct nvme_sqe sqe;
	struct th_fake fake;

	sanitize.pattern = 0x5a5aa5a5;
	th_fake_open(&fake);
	ck_assert_int_eq(nvme_status_code((nvme_status)nvl_sanitize(fake.ctrl, &sanitize)),
			 NVME_SC_INVALID_OPCODE);
	sqe = last_admin(&fake);
	ck_assert_uint_eq(sqe.opcode, NVME_ADMIN_SANITIZE);
	ck_assert_uint_eq(nvme_cpu32(sqe.nsid), 0);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw10), sanitizes[_i].cdw10);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw11), 0x5a5aa5a5);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_commit_names_the_slot_or_the_boot_partition)
{
	/* Base 2.0 5.11, unverified: BPID 31, CA 5:3, FS 2:0 */
	const struct nvl_fw_commit slot = { .action = NVME_FW_COMMIT_ACTIVATE_NOW, .slot = 7 };
	const struct nvl_fw_commit partition = { .action = NVME_FW_COMMIT_REPLACE_BP,
						 .boot_partition = 1 };
	struct nvme_sqe sqe;
	struct th_fake fake;

	th_fake_open(&fake);
	ck_assert_int_eq(nvme_status_code((nvme_status)nvl_fw_commit(fake.ctrl, &slot, NULL)),
			 NVME_SC_INVALID_OPCODE);
	sqe = last_admin(&fake);
	ck_assert_uint_eq(sqe.opcode, NVME_ADMIN_FW_COMMIT);
	ck_assert_uint_eq(nvme_cpu32(sqe.cdw10), 3 << 3 | 7);
	nvl_fw_commit(fake.ctrl, &partition, NULL);
	ck_assert_uint_eq(nvme_cpu32(last_admin(&fake).cdw10), UINT32_C(1) << 31 | 6 << 3);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_mgmt");
	TCase *tcase = tcase_create("operands");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_format_has_all_its_operands);
	tcase_add_loop_test(tcase, a_sanitize_has_each_of_its_operands, 0,
			    (int)(sizeof(sanitizes) / sizeof(sanitizes[0])));
	tcase_add_test(tcase, a_commit_names_the_slot_or_the_boot_partition);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
