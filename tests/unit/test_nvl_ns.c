/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/ns.c: Identify data that cannot be true, and controllers without lists. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

struct ns_case {
	uint64_t nsze;
	uint8_t nlbaf;
	uint8_t flbas;
	uint8_t lbads;
	uint16_t ms;
	enum nvl_reason problem;
};

static const struct ns_case cases[] = {
	{ 1, 0, 0, 9, 0, NVL_REASON_NONE },
	{ 1, 0, 0, 12, 0, NVL_REASON_NONE },
	{ 1, 0, 0, 16, 0, NVL_REASON_NONE },
	{ 0, 0, 0, 9, 0, NVL_REASON_NS_SIZE },
	{ UINT64_MAX, 0, 0, 9, 0, NVL_REASON_NS_SIZE },
	{ UINT64_MAX >> 9, 0, 0, 9, 0, NVL_REASON_NONE },
	{ 1, 0, 0, 0, 0, NVL_REASON_NS_LBADS },
	{ 1, 0, 0, 8, 0, NVL_REASON_NS_LBADS },
	{ 1, 0, 0, 25, 0, NVL_REASON_NS_LBADS },
	{ 1, 0, 0, 63, 0, NVL_REASON_NS_LBADS },
	{ 1, 0, 0, 255, 0, NVL_REASON_NS_LBADS },
	{ 1, 0, 0, 21, 0, NVL_REASON_NS_MDTS },
	{ 1, 0, 1, 9, 0, NVL_REASON_NS_FORMAT },
	{ 1, 3, 0x0f, 9, 0, NVL_REASON_NS_FORMAT },
	{ 1, 15, 0x60, 9, 0, NVL_REASON_NS_FORMAT },
	{ 1, 255, 0x6f, 9, 0, NVL_REASON_NS_LBADS },
	{ 1, 0, 0, 20, 0, NVL_REASON_NONE },
	{ 1, 0, 0x10, 20, 8, NVL_REASON_NS_MDTS },
};

START_TEST(a_namespace_is_used_only_if_it_can_be_true)
{
	/* NVM 1.0 4.1.5.1: Identify Namespace. */
	const struct ns_case *ns = &cases[_i];
	struct th_fake fake;
	struct nvl_io io;

	th_fake_init(&fake);
	fake.ns.nsze = nvme_le64(ns->nsze);
	fake.ns.nlbaf = ns->nlbaf;
	fake.ns.flbas = ns->flbas;
	fake.ns.lbaf[0].lbads = ns->lbads;
	fake.ns.lbaf[0].ms = nvme_le16(ns->ms);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_at(fake.ctrl, 0)->problem, ns->problem);
	io = th_fake_io(&fake, 0);
	ck_assert_int_eq(nvl_read(nvl_queue(fake.ctrl, 0), &io, th_fake_count, NULL),
			 ns->problem ? -NVL_EINVAL : 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_controller_without_lists_is_scanned)
{
	/* Revision 1.0 has no CNS 02h and answers Invalid Field. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.vs = NVME_VERSION(1, 0, 0);
	fake.cns_status[NVME_CNS_ACTIVE_NS_LIST] = NVME_SC_INVALID_FIELD | NVME_DNR;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert(nvl_info(fake.ctrl)->by_scan);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 4);
	ck_assert_uint_eq(nvl_ns_find(fake.ctrl, 4)->nsid, 4);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_scan_is_bounded_whatever_nn_says)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.nn = nvme_le32(UINT32_MAX);
	fake.cns_status[NVME_CNS_ACTIVE_NS_LIST] = NVME_SC_INVALID_FIELD;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 8);
	ck_assert(nvl_info(fake.ctrl)->more_namespaces);
	ck_assert_uint_le(fake.identified_ns, NVL_MAX_NAMESPACES);
	th_fake_done(&fake);
}
END_TEST

START_TEST(no_namespace_is_no_error)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.id.nn = nvme_le32(0);
	fake.nsids[0] = 0;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 0);
	ck_assert_ptr_null(nvl_ns_at(fake.ctrl, 0));
	th_fake_done(&fake);
}
END_TEST

START_TEST(more_namespaces_than_rows_are_left_out_and_said_so)
{
	struct th_fake fake;

	th_fake_init(&fake);
	for (uint32_t i = 0; i < 9; i++)
		fake.nsids[i] = i + 1;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 8);
	ck_assert(nvl_info(fake.ctrl)->more_namespaces);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_full_list_is_followed_by_another)
{
	/* Base 2.0 5.17.2.2: a list has 1,024 identifiers, greater than the one asked for. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.namespaces = NVL_MAX_NAMESPACES;
	for (uint32_t i = 0; i < 1025; i++)
		fake.nsids[i] = i + 1;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 1024);
	ck_assert(nvl_info(fake.ctrl)->more_namespaces);
	th_fake_done(&fake);
}
END_TEST

static const uint32_t bad_lists[][4] = {
	{ 3, 2, 1, 0 },
	{ 3, 3, 3, 0 },
	{ 3, NVME_NSID_ALL, 4, 0 },
};

START_TEST(a_list_that_does_not_ascend_ends_there)
{
	struct th_fake fake;

	th_fake_init(&fake);
	memcpy(fake.nsids, bad_lists[_i], sizeof(bad_lists[_i]));
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 1);
	ck_assert_uint_eq(nvl_ns_at(fake.ctrl, 0)->nsid, 3);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_listed_namespace_that_cannot_be_identified_is_kept_with_the_reason)
{
	struct th_fake fake;

	th_fake_init(&fake);
	fake.cns_status[NVME_CNS_NS] = NVME_SC_INTERNAL_ERROR;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_uint_eq(nvl_ns_at(fake.ctrl, 0)->problem, NVL_REASON_NS_IDENTIFY);
	ck_assert_uint_gt(strlen(nvl_reason_text(NVL_REASON_NS_IDENTIFY)), 0);
	th_fake_done(&fake);
}
END_TEST

START_TEST(a_rescan_that_fails_leaves_the_table)
{
	struct th_fake fake;

	th_fake_init(&fake);
	ck_assert_int_eq(th_fake_start(&fake), 0);
	fake.admin_silent[NVME_ADMIN_IDENTIFY] = true;
	ck_assert_int_eq(nvl_rescan(fake.ctrl), -NVL_ETIMEDOUT);
	ck_assert_uint_eq(nvl_ns_count(fake.ctrl), 1);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_ns");
	TCase *tcase = tcase_create("namespaces");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_namespace_is_used_only_if_it_can_be_true, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, a_controller_without_lists_is_scanned);
	tcase_add_test(tcase, a_scan_is_bounded_whatever_nn_says);
	tcase_add_test(tcase, no_namespace_is_no_error);
	tcase_add_test(tcase, more_namespaces_than_rows_are_left_out_and_said_so);
	tcase_add_test(tcase, a_full_list_is_followed_by_another);
	tcase_add_loop_test(tcase, a_list_that_does_not_ascend_ends_there, 0, 3);
	tcase_add_test(tcase, a_listed_namespace_that_cannot_be_identified_is_kept_with_the_reason);
	tcase_add_test(tcase, a_rescan_that_fails_leaves_the_table);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
