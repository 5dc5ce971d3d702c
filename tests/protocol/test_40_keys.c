/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys that take something away, or move a limit: the bit, and what it stands for, go together. */
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/identify.h"
#include "tests/protocol/two.h"

static uint16_t get_log(struct th_host *h, uint32_t lid)
{
	return th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
		       .cdw10 = 3u << 16 | lid);
}

static uint16_t get_feature(struct th_host *h, uint32_t fid)
{
	return th_code(h, .opcode = NVME_ADMIN_GET_FEATURES, .prp1 = th_alloc(h, 4096),
		       .cdw10 = fid);
}

START_TEST(without_lba_status_nothing_speaks_of_it)
{
	/* Base 2.0 5.17.2.1: OACS bit 9, OAES bit 13; NVM 1.0 4.2.1 and 4.1.4.5 */
	struct th_host *h = th_enabled(.controller = _i ? "" : "lba_status=false");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_int_eq(NVME_GET(nvme_cpu16(id->oacs), NVME_ID_CTRL_OACS_LBA_STATUS), _i);
	ck_assert_int_eq(nvme_cpu32(id->oaes) >> 13 & 1, _i);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LBA_STATUS, .nsid = 1,
				  .prp1 = th_alloc(h, 4096), .cdw12 = 3, .cdw13 = 0x10000000),
			  _i ? NVME_SC_SUCCESS : NVME_SC_INVALID_OPCODE);
	ck_assert_uint_eq(get_log(h, NVME_LID_LBA_STATUS),
			  _i ? NVME_SC_SUCCESS : NVME_SC_INVALID_LOG_PAGE);
	ck_assert_uint_eq(get_feature(h, NVME_FID_LBA_STATUS_ATTRIBUTES),
			  _i ? NVME_SC_SUCCESS : NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(without_apst_there_is_no_table_of_transitions)
{
	/* Base 2.0 5.17.2.1: APSTA; 5.27.1.9 */
	struct th_host *h = th_enabled(.controller = _i ? "" : "apst=false");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_int_eq(id->apsta & 1, _i);
	ck_assert_uint_eq(get_feature(h, NVME_FID_APST),
			  _i ? NVME_SC_SUCCESS : NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(without_nssrs_the_register_resets_nothing)
{
	/* Base 2.0 3.1.3.1 and 3.1.3.7: CAP.NSSRS, NSSR */
	struct th_host *h = th_enabled(.controller = _i ? "" : "nssrs=false");

	ck_assert_int_eq(th_read64(h, NVME_REG_CAP) >> 36 & 1, _i);
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	ck_assert_int_eq(NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_NSSRO), _i);
	ck_assert_int_eq(NVME_GET(th_read32(h, NVME_REG_CSTS), NVME_CSTS_RDY), !_i);
	th_free(h);
}
END_TEST

START_TEST(a_namespaces_own_compare_and_write_unit_counts)
{
	/* NVM 1.0 2.1.2 and 4.1.5.1: NACWU instead of ACWU */
	struct bench b = make(th_enabled(.io_queues = 1, .controller = "acwu=0,nacwu=3"));
	const struct nvme_id_ns *id = identify(b.h, NVME_CNS_NS, 1);

	ck_assert(NVME_GET(id->nsfeat, NVME_ID_NS_NSFEAT_NSABP));
	ck_assert_uint_eq(nvme_cpu16(id->nacwu), 3);
	put_pair(&b, 8, 4);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	ck_assert_uint_eq(block(&b, 11), 0x22);
	put_pair(&b, 16, 5);
	ck_assert_uint_eq(next_code(&b, 1), NVME_SC_ABORTED_FAILED_FUSED);
	ck_assert_uint_eq(next_code(&b, 2), NVME_SC_ATOMIC_WRITE_UNIT_EXCEEDED);
	ck_assert_uint_eq(block(&b, 16), 0);
	th_free(b.h);
}
END_TEST

START_TEST(a_boundary_of_power_failures_counts_when_normal_atomicity_is_disabled)
{
	/* NVM 1.0 2.1.4.4, Base 2.0 5.27.1.10 (unverified): NABSPF with DN, from block 2 on */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true,
					 .controller = "awun=7,awupf=7,nabspf=7,nabsn=15,nabo=2"));
	const struct nvme_id_ns *id = identify(b.h, NVME_CNS_NS, 1);

	ck_assert_uint_eq(nvme_cpu16(id->nabspf), 7);
	if (_i)
		th_do(b.h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_WRITE_ATOMICITY,
		      .cdw11 = 1);
	put(&b, command(&b, NVME_CMD_WRITE, 1, 8, 4), 0, true);
	put(&b, command(&b, NVME_CMD_WRITE, 2, 8, 4), 0, true);
	th_run(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), _i ? 2 : 1);
	while (th_media_pending(b.h)) {
		th_media(b.h, 0, 0);
		th_run(b.h);
	}
	th_free(b.h);
}
END_TEST

static Suite *keys(void)
{
	Suite *suite = suite_create("keys");
	TCase *tcase = tcase_create("keys");

	tcase_add_loop_test(tcase, without_lba_status_nothing_speaks_of_it, 0, 2);
	tcase_add_loop_test(tcase, without_apst_there_is_no_table_of_transitions, 0, 2);
	tcase_add_loop_test(tcase, without_nssrs_the_register_resets_nothing, 0, 2);
	tcase_add_test(tcase, a_namespaces_own_compare_and_write_unit_counts);
	tcase_add_loop_test(
		tcase, a_boundary_of_power_failures_counts_when_normal_atomicity_is_disabled, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { keys };

	return th_main(suites, 1);
}
