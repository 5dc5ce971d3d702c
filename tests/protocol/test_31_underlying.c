/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Identify for those who export namespaces: CNS 1Dh and 1Eh (Base 2.1 5.1.13.4.1 and 5.1.13.4.2;
 * what NUMENT counts, unverified).
 */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define ATTACH 0
#define DETACH 1

static const void *identify(struct th_host *h, uint32_t cns, uint32_t first)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = cns, .cdw11 = first);
	return th_ptr(h, page);
}

static void expect_entry(const struct nvme_underlying_list *list, unsigned int index, uint32_t nsid,
			 uint16_t cntlid)
{
	ck_assert_uint_eq(nvme_cpu32(list->entry[index].nsid), nsid);
	ck_assert_uint_eq(nvme_cpu16(list->entry[index].cntlid), cntlid);
	ck_assert_str_eq(list->entry[index].subnqn, "nqn.2014-08.org.example:drive");
}

/* Namespaces 1 and 3 of two controllers, with identifiers 7 and 8. */
static struct th_host *pair(void)
{
	return th_enabled(.controller = "underlying=true,cntlid=7,"
					"subnqn=nqn.2014-08.org.example:drive",
			  .controllers = 2, .ns2_blocks = 64);
}

START_TEST(a_namespace_has_an_entry_for_each_controller_that_reaches_it)
{
	/* Base 2.1 5.1.13.4.1. */
	struct th_host *h = pair();
	const struct nvme_underlying_list *list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 0);
	static const struct nvme_underlying_entry none;

	ck_assert_uint_eq(nvme_cpu64(list->genctr), 0);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 4);
	expect_entry(list, 0, 1, 7);
	expect_entry(list, 1, 1, 8);
	expect_entry(list, 2, 3, 7);
	expect_entry(list, 3, 3, 8);
	ck_assert_mem_eq(&list->entry[4], &none, sizeof(none));
	th_free(h);
}
END_TEST

START_TEST(a_list_that_is_too_long_is_read_in_pieces)
{
	/* Base 2.1 5.1.13.4.1: CNSSID is the index of the first entry. */
	struct th_host *h = th_enabled(.controller = "underlying=true,"
						     "subnqn=nqn.2014-08.org.example:drive",
				       .more_ns = 13);
	const struct nvme_underlying_list *list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 0);

	ck_assert_uint_eq(nvme_cpu64(list->nument), NVME_UNDERLYING_ENTRIES);
	expect_entry(list, 11, 25, 1);
	list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 12);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 2);
	expect_entry(list, 0, 27, 1);
	expect_entry(list, 1, 29, 1);
	list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 14);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 0);
	list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 0xffff);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 0);
	th_free(h);
}
END_TEST

static void attach(struct th_host *h, uint32_t nsid, uint32_t sel, uint16_t cntlid)
{
	uint64_t page = th_alloc(h, 4096);
	struct nvme_ctrl_list *list = th_ptr(h, page);

	list->num = nvme_le16(1);
	list->id[0] = nvme_le16(cntlid);
	th_do(h, .opcode = NVME_ADMIN_NS_ATTACH, .nsid = nsid, .prp1 = page, .cdw10 = sel);
}

START_TEST(each_change_is_a_new_generation_until_the_subsystem_is_reset)
{
	/* Base 2.1 5.1.13.4.1: GENCTR. */
	struct th_host *h = pair();
	const struct nvme_underlying_list *list;

	attach(h, 1, DETACH, 7);
	list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu64(list->genctr), 1);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 3);
	expect_entry(list, 0, 1, 8);
	attach(h, 1, ATTACH, 7);
	th_do(h, .opcode = NVME_ADMIN_NS_MGMT, .nsid = 3, .cdw10 = NVME_NS_MGMT_DELETE);
	list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu64(list->genctr), 3);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 2);
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	th_enable(h, 16);
	list = identify(h, NVME_CNS_UNDERLYING_NS_LIST, 0);
	ck_assert_uint_eq(nvme_cpu64(list->genctr), 0);
	ck_assert_uint_eq(nvme_cpu64(list->nument), 2);
	th_free(h);
}
END_TEST

START_TEST(there_are_no_ports_of_fabrics)
{
	/* Base 2.1 5.1.13.4.2: the ports of this subsystem are PCI Express. */
	struct th_host *h = pair();
	static const uint8_t none[4096];

	ck_assert_mem_eq(identify(h, NVME_CNS_PORTS_LIST, 0), none, sizeof(none));
	th_free(h);
}
END_TEST

START_TEST(a_controller_that_was_not_asked_for_them_has_no_such_lists)
{
	/* Base 2.0 5.17: nor has an older one. */
	static const char *const keys[] = { "underlying=false", "underlying=true,vs=1.4" };
	static const uint32_t cns[] = { NVME_CNS_UNDERLYING_NS_LIST, NVME_CNS_PORTS_LIST };
	struct th_host *h = th_enabled(.controller = keys[_i]);

	for (unsigned int i = 0; i < 2; i++)
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY,
					  .prp1 = th_alloc(h, 4096), .cdw10 = cns[i]),
				  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static Suite *underlying(void)
{
	Suite *suite = suite_create("underlying");
	TCase *tcase = tcase_create("lists");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_namespace_has_an_entry_for_each_controller_that_reaches_it);
	tcase_add_test(tcase, a_list_that_is_too_long_is_read_in_pieces);
	tcase_add_test(tcase, each_change_is_a_new_generation_until_the_subsystem_is_reset);
	tcase_add_test(tcase, there_are_no_ports_of_fabrics);
	tcase_add_loop_test(tcase, a_controller_that_was_not_asked_for_them_has_no_such_lists, 0,
			    2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { underlying };

	return th_main(suites, 1);
}
