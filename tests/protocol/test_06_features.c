/* SPDX-License-Identifier: BSD-3-Clause */
/* Get Features and Set Features, Base 2.0 5.15 and 5.27. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define GET	 .opcode = NVME_ADMIN_GET_FEATURES
#define SET	 .opcode = NVME_ADMIN_SET_FEATURES
#define SAVE	 0x80000000u
#define SEL(sel) ((uint32_t)(sel) << 8)
#define CC_ON	 (4 << 20 | 6 << 16 | 1)
#define ALL_NS	 0xffffffffu

/* What Get Features with SEL = 3 says (Base 2.0 5.15.1). */
#define CHANGEABLE 4
#define PER_NS	   2
#define SAVEABLE   1

#define LSIPI (100u << 16) /* the controller's own, in feature 15h */

static const struct {
	uint8_t fid, caps;
	uint32_t initial, change, expect; /* CDW11 of Set, DW0 of Get */
} features[] = {
	{ 0x01, CHANGEABLE | SAVEABLE, 5, 0x04030201, 0x04030201 },
	{ 0x02, CHANGEABLE | SAVEABLE, 0, 0x60, 0x60 },
	{ 0x03, CHANGEABLE | SAVEABLE | PER_NS, 0, 0, 0 },
	{ 0x04, CHANGEABLE | SAVEABLE, 343, 350, 350 },
	{ 0x05, CHANGEABLE | PER_NS, 0, 7, 7 },
	{ 0x06, CHANGEABLE | SAVEABLE, 1, 0, 0 },
	{ 0x07, CHANGEABLE, 6 << 16 | 6, 2 << 16 | 1, 2 << 16 | 1 },
	{ 0x08, CHANGEABLE | SAVEABLE, 0, 0x0a05, 0x0a05 },
	{ 0x09, CHANGEABLE, 3, 1 << 16 | 3, 1 << 16 | 3 },
	{ 0x0a, CHANGEABLE | SAVEABLE, 0, 1, 1 },
	{ 0x0b, CHANGEABLE | SAVEABLE, 0, 0x1f, 0x1f },
	{ 0x0c, CHANGEABLE | SAVEABLE, 0, 1, 1 },
	{ 0x0d, CHANGEABLE, 0, 0, 0 },
	{ 0x0e, CHANGEABLE, 0, 0, 0 },
	{ 0x0f, CHANGEABLE, 0, 4000, 4000 },
	{ 0x10, CHANGEABLE | SAVEABLE, 0, 320 << 16 | 330, 320 << 16 | 330 },
	{ 0x11, CHANGEABLE | SAVEABLE, 0, 1, 1 },
	{ 0x12, CHANGEABLE | SAVEABLE, 4, 0, 0 }, /* the level is in CDW12 */
	{ 0x15, CHANGEABLE | SAVEABLE, LSIPI, 9, LSIPI | 9 },
	{ 0x16, CHANGEABLE, 0, 0, 0 },
	{ 0x17, CHANGEABLE | SAVEABLE, 0, 0, 0 },
	{ 0x19, CHANGEABLE, 0, 0, 0 },
	{ 0x7d, CHANGEABLE, 0, 0, 0 },
	{ 0x7e, CHANGEABLE, 0, 0, 0 },
	{ 0x7f, CHANGEABLE | PER_NS, 0, 0, 0 },
	{ 0x80, CHANGEABLE | SAVEABLE, 0, 0, 0 },
	{ 0x81, CHANGEABLE, 0, 0, 0 },
	{ 0x82, CHANGEABLE | PER_NS, 0, 0x0e, 0x0e },
	{ 0x83, CHANGEABLE | PER_NS, 0, 0, 0 },
	{ 0x84, CHANGEABLE | PER_NS, 0, 0, 0 },
};
#define FEATURES (sizeof(features) / sizeof(features[0]))

static uint64_t buffer(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	memset(th_ptr(h, page), 0, 4096);
	return page;
}

static uint32_t nsid_of(uint32_t row)
{
	return features[row].caps & PER_NS ? 1 : 0;
}

static nvme_status try_set(struct th_host *h, uint32_t cdw10, uint32_t cdw11)
{
	return th_try(h, SET, .cdw10 = cdw10, .cdw11 = cdw11);
}

static uint32_t get_row(struct th_host *h, uint32_t row, uint32_t sel)
{
	/* For feature 09h CDW11 names the vector. */
	return th_do(h, GET, .nsid = nsid_of(row), .cdw10 = SEL(sel) | features[row].fid,
		     .cdw11 = features[row].fid == 9 ? 3 : 0, .prp1 = buffer(h));
}

/* A buffer for Set Features. Host metadata is set with one element at least; zeros are one. */
static uint64_t buffer_of(struct th_host *h, uint32_t row)
{
	uint64_t page = buffer(h);

	*(uint8_t *)th_ptr(h, page) = features[row].fid >= 0x7d && features[row].fid <= 0x7f;
	return page;
}

static void set_row(struct th_host *h, uint32_t row, uint32_t save)
{
	th_do(h, SET, .nsid = nsid_of(row), .cdw10 = save | features[row].fid,
	      .cdw11 = features[row].change, .prp1 = buffer_of(h, row));
}

static bool is_row(uint32_t fid)
{
	for (size_t i = 0; i < FEATURES; i++) {
		if (features[i].fid == fid)
			return true;
	}
	return false;
}

static bool is_of_namespaces(uint32_t fid)
{
	for (size_t i = 0; i < FEATURES; i++) {
		if (features[i].fid == fid)
			return features[i].caps & PER_NS;
	}
	return false;
}

static void reset(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, CC_ON & ~1);
	th_run(h);
	th_enable(h, 16);
}

START_TEST(the_features_of_the_table_exist_and_no_other)
{
	/* Base 2.0 5.15 and 5.27, all 256 identifiers */
	struct th_host *h = th_enabled();
	uint64_t page = buffer(h);

	for (uint32_t fid = 0; fid < 256; fid++) {
		uint16_t expected = is_row(fid) ? NVME_SC_SUCCESS : NVME_SC_INVALID_FIELD;

		ck_assert_msg(th_code(h, GET, .nsid = 1, .prp1 = page, .cdw10 = fid) == expected,
			      "Get Features %02x", fid);
		if (!is_row(fid))
			ck_assert_msg(nvme_status_code(try_set(h, fid, 0)) == expected,
				      "Set Features %02x", fid);
	}
	th_free(h);
}
END_TEST

/* Features that a configuration or a version takes away (unverified for the versions). */
static const struct {
	const char *keys;
	uint8_t fid;
} absent[] = {
	{ "vwc=false", 0x06 },	     { "kas=0", 0x0f },
	{ "vs=1.2", 0x0f },	     { "vs=1.3", 0x16 },
	{ "lba_range=false", 0x03 }, { "hmb=false", 0x0d },
	{ "vs=1.1", 0x0d },	     { "timestamp=false", 0x0e },
	{ "vs=1.2", 0x0e },	     { "rrl=false", 0x12 },
	{ "vs=1.3", 0x12 },	     { "vs=1.4", 0x19 },
	{ "progress=false", 0x80 },  { "host_id=false", 0x81 },
	{ "vs=1.0", 0x81 },	     { "write_protect=false", 0x84 },
	{ "vs=1.3", 0x84 },	     { "host_metadata=false", 0x7e },
	{ "vs=1.4", 0x7d },	     { "vs=1.2", 0x7e },
};

START_TEST(a_feature_that_the_configuration_lacks_is_unknown)
{
	struct th_host *h = th_enabled(.controller = absent[_i].keys);
	uint64_t page = buffer(h);

	ck_assert_uint_eq(th_code(h, GET, .prp1 = page, .cdw10 = absent[_i].fid),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, SET, .prp1 = page, .cdw10 = absent[_i].fid),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(the_log_of_features_is_true)
{
	/* Base 2.0 5.16.1.12 */
	struct th_host *h = th_enabled();
	uint64_t page = buffer(h), data = buffer(h);
	const struct nvme_fid_effects_log *log = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 255u << 16 | NVME_LID_FID_EFFECTS);
	for (uint32_t fid = 0; fid < 256; fid++) {
		uint32_t entry = nvme_cpu32(log->fid_support[fid]);
		nvme_status status = th_try(h, GET, .nsid = 1, .prp1 = data, .cdw10 = fid,
					    .cdw11 = fid == NVME_FID_EG_EVENT_CONFIG);

		ck_assert_uint_eq(NVME_GET(entry, NVME_FID_EFFECTS_FSUPP), status == 0);
		if (status)
			ck_assert_uint_eq(entry, 0);
		else
			ck_assert_uint_eq(NVME_GET(entry, NVME_FID_EFFECTS_FSP_NS),
					  is_of_namespaces(fid));
	}
	th_free(h);
}
END_TEST

START_TEST(capabilities_current_and_default_values_are_told)
{
	/* Base 2.0 5.15.1 */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 3), features[_i].caps);
	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 0), features[_i].initial);
	set_row(h, (uint32_t)_i, 0);
	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 0), features[_i].expect);
	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 1), features[_i].initial);
	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 2), features[_i].initial);
	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 3), features[_i].caps);
	th_free(h);
}
END_TEST

START_TEST(a_reset_brings_back_what_was_not_saved)
{
	/* Base 2.0 5.27 */
	struct th_host *h = th_enabled();

	set_row(h, (uint32_t)_i, 0);
	reset(h);
	ck_assert_uint_eq(get_row(h, (uint32_t)_i, 0), features[_i].initial);
	th_free(h);
}
END_TEST

START_TEST(what_was_saved_survives_and_the_rest_cannot_be_saved)
{
	/* Base 2.0 5.27: SV */
	struct th_host *h = th_enabled();
	uint32_t row = (uint32_t)_i;

	if (!(features[_i].caps & SAVEABLE)) {
		ck_assert_uint_eq(th_code(h, SET, .nsid = nsid_of(row),
					  .cdw10 = SAVE | features[_i].fid,
					  .cdw11 = features[_i].change, .prp1 = buffer(h)),
				  NVME_SC_FEATURE_NOT_SAVEABLE);
		ck_assert_uint_eq(get_row(h, row, 0), features[_i].initial);
		th_free(h);
		return;
	}
	set_row(h, row, SAVE);
	ck_assert_uint_eq(get_row(h, row, 2), features[_i].expect);
	ck_assert_uint_eq(get_row(h, row, 1), features[_i].initial);
	emu_reset(th_emu(h), 0, EMU_RESET_POWER);
	th_run(h);
	th_cfg_write(h, 4, 2, 0x0406);
	th_enable(h, 16);
	ck_assert_uint_eq(get_row(h, row, 0), features[_i].expect);
	th_free(h);
}
END_TEST

START_TEST(a_controller_without_save_and_select_has_one_value_of_each)
{
	/* Base 2.0 5.17.2.1: ONCS bit 4. SEL is reserved then, and nothing can be saved. */
	struct th_host *h = th_enabled(.controller = "save=false");
	uint32_t row = (uint32_t)_i;

	set_row(h, row, 0);
	for (uint32_t sel = 0; sel < 8; sel++)
		ck_assert_uint_eq(get_row(h, row, sel), features[_i].expect);
	ck_assert_uint_eq(th_code(h, SET, .nsid = nsid_of(row), .prp1 = buffer(h),
				  .cdw10 = SAVE | features[_i].fid),
			  NVME_SC_FEATURE_NOT_SAVEABLE);
	th_free(h);
}
END_TEST

START_TEST(a_reserved_selection_is_refused)
{
	/* Base 2.0 5.15 */
	struct th_host *h = th_enabled();

	for (uint32_t sel = 4; sel < 8; sel++)
		ck_assert_uint_eq(th_code(h, GET, .nsid = 1, .prp1 = buffer(h),
					  .cdw10 = SEL(sel) | features[_i].fid),
				  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_feature_of_the_controller_is_not_set_for_one_namespace)
{
	/* Base 2.0 5.27: Feature Not Namespace Specific; FFFFFFFFh is allowed. */
	struct th_host *h = th_enabled();

	if (!(features[_i].caps & PER_NS)) {
		ck_assert_uint_eq(th_code(h, SET, .nsid = 1, .cdw10 = features[_i].fid,
					  .cdw11 = features[_i].change, .prp1 = buffer(h)),
				  NVME_SC_FEATURE_NOT_NS_SPECIFIC);
		ck_assert_uint_eq(get_row(h, (uint32_t)_i, 0), features[_i].initial);
	}
	/* Elements of metadata are added to those that a namespace has, so not for all at once. */
	ck_assert_uint_eq(th_code(h, SET, .nsid = ALL_NS, .cdw10 = features[_i].fid,
				  .cdw11 = features[_i].change, .prp1 = buffer_of(h, (uint32_t)_i)),
			  features[_i].fid == 0x7f ? NVME_SC_INVALID_NS : NVME_SC_SUCCESS);
	th_free(h);
}
END_TEST

static uint32_t row_of(uint32_t fid)
{
	uint32_t row = 0;

	while (features[row].fid != fid)
		row++;
	return row;
}

/* Values that are refused, and leave the old one. */
static const struct {
	uint32_t fid, cdw11;
} bad_values[] = {
	{ 0x02, 5 },		    /* power state 5 of five */
	{ 0x02, 31 },		    /* and the last of those possible */
	{ 0x04, 3 << 16 | 300 },    /* temperature sensor 3, which does not exist */
	{ 0x04, 8 << 16 | 300 },    /* the last one */
	{ 0x04, 9 << 16 | 300 },    /* reserved */
	{ 0x04, 2 << 20 | 300 },    /* threshold type reserved */
	{ 0x07, 0x0000ffff },	    /* 65,536 submission queues */
	{ 0x07, 0xffff0000 },	    /* 65,536 completion queues */
	{ 0x09, 16 },		    /* beyond the vectors */
	{ 0x09, 1 << 16 | 0xffff }, /* far beyond */
};

START_TEST(a_value_out_of_range_is_refused_and_changes_nothing)
{
	/* Base 2.0 5.27.1 */
	struct th_host *h = th_enabled();
	uint32_t row = row_of(bad_values[_i].fid);

	ck_assert_uint_eq(th_code(h, SET, .nsid = nsid_of(row), .cdw10 = features[row].fid,
				  .cdw11 = bad_values[_i].cdw11),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(get_row(h, row, 0), features[row].initial);
	th_free(h);
}
END_TEST

static void values(TCase *tcase)
{
	tcase_add_loop_test(tcase, capabilities_current_and_default_values_are_told, 0, FEATURES);
	tcase_add_loop_test(tcase, a_reset_brings_back_what_was_not_saved, 0, FEATURES);
	tcase_add_loop_test(tcase, what_was_saved_survives_and_the_rest_cannot_be_saved, 0,
			    FEATURES);
	tcase_add_loop_test(tcase, a_controller_without_save_and_select_has_one_value_of_each, 0,
			    FEATURES);
	tcase_add_loop_test(tcase, a_reserved_selection_is_refused, 0, FEATURES);
	tcase_add_loop_test(tcase, a_feature_of_the_controller_is_not_set_for_one_namespace, 0,
			    FEATURES);
	tcase_add_loop_test(tcase, a_value_out_of_range_is_refused_and_changes_nothing, 0,
			    sizeof(bad_values) / sizeof(bad_values[0]));
}

static Suite *features_suite(void)
{
	Suite *suite = suite_create("features");
	TCase *tcase = tcase_create("features");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_features_of_the_table_exist_and_no_other);
	tcase_add_loop_test(tcase, a_feature_that_the_configuration_lacks_is_unknown, 0,
			    sizeof(absent) / sizeof(absent[0]));
	tcase_add_test(tcase, the_log_of_features_is_true);
	values(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { features_suite };

	return th_main(suites, 1);
}
