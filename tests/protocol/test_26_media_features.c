/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Read recovery levels, the I/O command set profile, and what is kept of features in general: Base
 * 2.0 5.27.1 (unverified).
 */
#include <errno.h>
#include <string.h>

#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define GET    .opcode = NVME_ADMIN_GET_FEATURES
#define SET    .opcode = NVME_ADMIN_SET_FEATURES
#define SAVE   0x80000000u
#define SEL(s) ((uint32_t)(s) << 8)
#define RRL    0x12

START_TEST(a_read_recovery_level_is_one_of_those_identify_tells)
{
	/* Base 2.0 5.27.1.14: RRLS; 4 is the default and 15 tries least. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);
	uint32_t current = 4;

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_RRLVLS));
	ck_assert_uint_eq(nvme_cpu16(id->rrls) & (1 << 4 | 1 << 15), 1 << 4 | 1 << 15);
	for (uint32_t level = 0; level < 16; level++) {
		bool has = nvme_cpu16(id->rrls) >> level & 1;

		ck_assert_uint_eq(th_do(h, GET, .cdw10 = RRL), current);
		ck_assert_uint_eq(th_code(h, SET, .cdw10 = RRL, .cdw12 = level),
				  has ? NVME_SC_SUCCESS : NVME_SC_INVALID_FIELD);
		current = has ? level : current;
	}
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = RRL), 15);
	th_free(h);
}
END_TEST

START_TEST(a_read_recovery_level_can_be_saved)
{
	/* Base 2.0 5.27.1.14 */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = SAVE | RRL, .cdw11 = 1, .cdw12 = 15);
	th_do(h, SET, .cdw10 = RRL, .cdw12 = 0);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = SEL(2) | RRL), 15);
	th_restart(h);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = RRL, .cdw11 = 1), 15);
	th_free(h);
}
END_TEST

START_TEST(an_nvm_set_that_does_not_exist_has_no_level)
{
	/* There are no NVM sets; 0 and 1 mean what there is (unverified). */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(th_code(h, GET, .cdw10 = RRL, .cdw11 = 2), NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, SET, .cdw10 = RRL, .cdw11 = 0xffff), NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(without_levels_identify_tells_none)
{
	struct th_host *h = th_enabled(.controller = "rrl=false");
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_id_ctrl *id = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_CTRL);
	ck_assert(!NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_RRLVLS));
	ck_assert_uint_eq(nvme_cpu16(id->rrls), 0);
	th_free(h);
}
END_TEST

START_TEST(the_command_set_profile_is_the_one_that_exists)
{
	/* Base 2.0 5.27.1.21: another is I/O Command Set Combination Rejected. */
	struct th_host *h = th_enabled();

	th_do(h, SET, .cdw10 = 0x19, .cdw11 = 0xfffffe00);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 0x19), 0);
	for (uint32_t index = 1; index < 512; index++)
		ck_assert_uint_eq(th_code(h, SET, .cdw10 = 0x19, .cdw11 = index),
				  NVME_SC_IOCS_COMBINATION_REJECTED);
	th_free(h);
}
END_TEST

START_TEST(everything_that_can_be_saved_is_there_in_a_new_process)
{
	/* Base 2.0 5.27: the values of a controller are one record; another's stay as they are. */
	static const uint32_t rows[][3] = {
		/* fid, cdw11, cdw12 */
		{ 0x01, 0x03020104, 0 }, { 0x02, 0x40, 0 },
		{ 0x04, 330, 0 },	 { 0x04, 1 << 20 | 222, 0 },
		{ 0x06, 0, 0 },		 { 0x08, 0x0909, 0 },
		{ 0x0a, 1, 0 },		 { 0x0b, 0x15, 0 },
		{ 0x12, 0, 15 },	 { 0x80, 77, 0 },
	};
	struct th_host *h = th_enabled(.controllers = 2);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		th_do(h, SET, .cdw10 = SAVE | rows[i][0], .cdw11 = rows[i][1], .cdw12 = rows[i][2]);
	th_restart(h);
	th_enable(h, 16);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t expected = rows[i][0] == RRL ? rows[i][2] : rows[i][1];
		uint32_t type = rows[i][0] == 4 ? rows[i][1] & 1 << 20 : 0;

		ck_assert_uint_eq(th_do(h, GET, .cdw10 = rows[i][0], .cdw11 = type),
				  expected & ~(1u << 20));
	}
	th_ctrl(h, 1);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 0x80), 0);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 0x06), 1);
	th_free(h);
}
END_TEST

/* A record of one row, as bytes: version, 0, identifier, 0, length, value. */
static int load(struct th_host *h, uint16_t type, uint32_t id, uint8_t fid, uint16_t length,
		uint32_t bytes)
{
	uint8_t record[64] = { 1, 0, 0, 0, fid, 0 };

	nvme_store_le16(record + 6, length);
	record[8] = 1;
	return emu_load(th_emu(h), type, id, record, bytes);
}

START_TEST(a_record_names_features_that_exist_with_their_length)
{
	/* Whatever a state file holds, it is checked row by row. */
	struct th_host *h = th_off();

	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x08, 4, 12), 0);
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x08, 4, 4), 0); /* nothing at all */
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x08, 4, 11), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x08, 4, 13), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x08, 5, 13), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x08, 0xffff, 64), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x04, 4, 12), -EINVAL); /* has two */
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0xff, 4, 12), -EINVAL); /* unknown */
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x07, 4, 12), -EINVAL); /* not saveable */
	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, 0x84, 4, 12), -EINVAL); /* a namespace's */
	ck_assert_int_eq(load(h, EMU_RECORD_NS_FEATURES, 1, 0x84, 4, 12), 0);
	ck_assert_int_eq(load(h, EMU_RECORD_NS_FEATURES, 1, 0x08, 4, 12), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_NS_FEATURES, 0, 0x84, 4, 12), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_NS_FEATURES, 33, 0x84, 4, 12), -EINVAL);
	ck_assert_int_eq(load(h, EMU_RECORD_NS_FEATURES, UINT32_MAX, 0x84, 4, 12), -EINVAL);
	th_enable(h, 16);
	ck_assert_uint_eq(th_do(h, GET, .cdw10 = 0x08), 1);
	ck_assert_uint_eq(th_do(h, GET, .nsid = 1, .cdw10 = 0x84), 1);
	th_free(h);
}
END_TEST

START_TEST(a_feature_that_is_gone_cannot_be_loaded)
{
	/* A state file of another configuration is refused, not half obeyed. */
	struct th_host *h = th_off(.controller = "rrl=false");

	ck_assert_int_eq(load(h, EMU_RECORD_FEATURES, 0, RRL, 4, 12), -EINVAL);
	th_free(h);
}
END_TEST

static Suite *media_features(void)
{
	Suite *suite = suite_create("media_features");
	TCase *tcase = tcase_create("media_features");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_read_recovery_level_is_one_of_those_identify_tells);
	tcase_add_test(tcase, a_read_recovery_level_can_be_saved);
	tcase_add_test(tcase, an_nvm_set_that_does_not_exist_has_no_level);
	tcase_add_test(tcase, without_levels_identify_tells_none);
	tcase_add_test(tcase, the_command_set_profile_is_the_one_that_exists);
	tcase_add_test(tcase, everything_that_can_be_saved_is_there_in_a_new_process);
	tcase_add_test(tcase, a_record_names_features_that_exist_with_their_length);
	tcase_add_test(tcase, a_feature_that_is_gone_cannot_be_loaded);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { media_features };

	return th_main(suites, 1);
}
