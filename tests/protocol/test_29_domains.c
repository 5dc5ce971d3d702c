/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Domains of the subsystem (Base 2.0 3.2.5, 5.17.2.14; unverified): who is in which, and what of
 * the media.
 */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

static const void *identify(struct th_host *h, uint32_t cns, uint32_t cdw11)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = cns, .cdw11 = cdw11);
	return th_ptr(h, page);
}

static uint16_t domain_of_group(struct th_host *h)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 127u << 16 | NVME_LID_EG_INFO, .cdw11 = 1u << 16);
	return nvme_cpu16(((const struct nvme_eg_log *)th_ptr(h, page))->domainid);
}

START_TEST(each_controller_is_in_one_domain_and_the_group_in_the_first)
{
	/* Base 2.0 5.17.2.1 and 5.16.1.10, unverified: CTRATT bit 10, DOMAINID. */
	struct th_host *h = th_enabled(.controllers = 3, .controller = "domains=2");

	for (uint32_t i = 0; i < 3; i++) {
		const struct nvme_id_ctrl *id;

		th_ctrl(h, i);
		if (i)
			th_enable(h, 16);
		id = identify(h, NVME_CNS_CTRL, 0);
		ck_assert_uint_eq(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_MDS), 1);
		ck_assert_uint_eq(NVME_GET(id->cmic, NVME_ID_CTRL_CMIC_ANARS), 1);
		ck_assert_uint_eq(nvme_cpu16(id->domainid), 1 + i % 2);
		ck_assert_uint_eq(domain_of_group(h), 1);
	}
	th_free(h);
}
END_TEST

START_TEST(the_list_has_the_capacity_of_the_domain_with_the_media)
{
	/* Base 2.0 5.17.2.14, unverified: what Identify Controller says of all; none in others. */
	struct th_host *h = th_enabled(.controller = "domains=2,capacity=1G");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	const struct nvme_domain_list *list = identify(h, NVME_CNS_DOMAIN_LIST, 0);
	static const struct nvme_domain none;

	ck_assert_uint_eq(list->num, 2);
	ck_assert_uint_eq(nvme_cpu16(list->domain_attr[0].dom_id), 1);
	ck_assert_uint_eq(nvme_cpu64(list->domain_attr[0].dom_cap.lo), 1u << 30);
	ck_assert_mem_eq(&list->domain_attr[0].dom_cap, &id->tnvmcap, 16);
	ck_assert_mem_eq(&list->domain_attr[0].unalloc_dom_cap, &id->unvmcap, 16);
	ck_assert_uint_eq(nvme_cpu64(list->domain_attr[0].unalloc_dom_cap.lo),
			  (1u << 30) - 2048 * 512);
	ck_assert_uint_eq(nvme_cpu64(list->domain_attr[0].max_egrp_dom_cap.lo), 1u << 30);
	ck_assert_uint_eq(nvme_cpu16(list->domain_attr[1].dom_id), 2);
	ck_assert_uint_eq(nvme_cpu64(list->domain_attr[1].dom_cap.lo), 0);
	ck_assert_mem_eq(&list->domain_attr[2], &none, sizeof(none));
	th_free(h);
}
END_TEST

START_TEST(without_namespace_management_nothing_of_a_domain_is_left)
{
	/* Base 2.0 5.17.2.14, unverified: nobody could allocate it. */
	struct th_host *h = th_enabled(.controller = "ns_mgmt=false");
	const struct nvme_domain_list *list = identify(h, NVME_CNS_DOMAIN_LIST, 0);

	ck_assert_uint_eq(list->num, 1);
	ck_assert_uint_eq(nvme_cpu64(list->domain_attr[0].dom_cap.lo), 2048 * 512);
	ck_assert_uint_eq(nvme_cpu64(list->domain_attr[0].unalloc_dom_cap.lo), 0);
	th_free(h);
}
END_TEST

static const struct {
	uint16_t from;
	uint16_t first;
	uint8_t count;
} parts[] = { { 0, 1, 31 },  { 1, 1, 31 }, { 30, 30, 2 },
	      { 31, 31, 1 }, { 32, 0, 0 }, { 0xffff, 0, 0 } };

START_TEST(the_list_begins_with_the_domain_that_is_asked_for)
{
	/* Base 2.0 5.17.2.14, unverified: identifiers from CDW11.CNSSID on, at most 31. */
	struct th_host *h = th_enabled(.controller = "domains=31");
	const struct nvme_domain_list *list = identify(h, NVME_CNS_DOMAIN_LIST, parts[_i].from);

	ck_assert_uint_eq(list->num, parts[_i].count);
	ck_assert_uint_eq(nvme_cpu16(list->domain_attr[0].dom_id), parts[_i].first);
	th_free(h);
}
END_TEST

static const char *const without[] = { "domains=0", "endurance=false", "ana=false", "vs=1.4" };

START_TEST(without_domains_nothing_speaks_of_them)
{
	/* Base 2.0 5.17.2.1, unverified: they need endurance groups and ANA. */
	struct th_host *h = th_enabled(.controller = without[_i]);
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_MDS), 0);
	ck_assert_uint_eq(nvme_cpu16(id->domainid), 0);
	if (_i != 1)
		ck_assert_uint_eq(domain_of_group(h), 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = th_alloc(h, 4096),
				  .cdw10 = NVME_CNS_DOMAIN_LIST),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

static Suite *domains_suite(void)
{
	Suite *suite = suite_create("domains");
	TCase *tcase = tcase_create("domains");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, each_controller_is_in_one_domain_and_the_group_in_the_first);
	tcase_add_test(tcase, the_list_has_the_capacity_of_the_domain_with_the_media);
	tcase_add_test(tcase, without_namespace_management_nothing_of_a_domain_is_left);
	tcase_add_loop_test(tcase, the_list_begins_with_the_domain_that_is_asked_for, 0,
			    sizeof(parts) / sizeof(parts[0]));
	tcase_add_loop_test(tcase, without_domains_nothing_speaks_of_them, 0,
			    sizeof(without) / sizeof(without[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { domains_suite };

	return th_main(suites, 1);
}
