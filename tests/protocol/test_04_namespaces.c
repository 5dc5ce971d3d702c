/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify for namespaces, NVM 1.0 4.1.5.1 and Base 2.0 5.17.2: sizes, lists, identifiers. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/identify.h"

/* NSID 1 is active, 2 is not, 32 is NN. */
static const struct {
	uint32_t cns, nsid;
	uint16_t sc;
} nsids[] = {
	{ NVME_CNS_NS, 0, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS, 2, NVME_SC_SUCCESS },
	{ NVME_CNS_NS, 32, NVME_SC_SUCCESS },
	{ NVME_CNS_NS, 33, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS, 0xfffffffe, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS, 0xffffffff, NVME_SC_SUCCESS }, /* what all have in common */
	{ NVME_CNS_CTRL, 0, NVME_SC_SUCCESS },
	{ NVME_CNS_CTRL, 33, NVME_SC_SUCCESS }, /* NSID is not used */
	{ NVME_CNS_CTRL, 0xffffffff, NVME_SC_SUCCESS },
	{ NVME_CNS_ACTIVE_NS_LIST, 0, NVME_SC_SUCCESS },
	{ NVME_CNS_ACTIVE_NS_LIST, 33, NVME_SC_SUCCESS },
	{ NVME_CNS_ACTIVE_NS_LIST, 0xfffffffd, NVME_SC_SUCCESS },
	{ NVME_CNS_ACTIVE_NS_LIST, 0xfffffffe, NVME_SC_INVALID_NS },
	{ NVME_CNS_ACTIVE_NS_LIST, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_DESC_LIST, 0, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_DESC_LIST, 2, NVME_SC_INVALID_FIELD },
	{ NVME_CNS_NS_DESC_LIST, 33, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_DESC_LIST, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_CSI, 0, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_CSI, 2, NVME_SC_SUCCESS },
	{ NVME_CNS_NS_CSI, 33, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_CSI, 0xffffffff, NVME_SC_SUCCESS },
	{ NVME_CNS_CTRL_CSI, 33, NVME_SC_SUCCESS },
	{ NVME_CNS_ACTIVE_NS_LIST_CSI, 33, NVME_SC_SUCCESS },
	{ NVME_CNS_ACTIVE_NS_LIST_CSI, 0xfffffffe, NVME_SC_INVALID_NS },
	{ NVME_CNS_ACTIVE_NS_LIST_CSI, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_INDEPENDENT, 0, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_INDEPENDENT, 2, NVME_SC_SUCCESS },
	{ NVME_CNS_NS_INDEPENDENT, 33, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_INDEPENDENT, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_ALLOCATED_NS_LIST, 33, NVME_SC_SUCCESS },
	{ NVME_CNS_ALLOCATED_NS_LIST, 0xfffffffe, NVME_SC_INVALID_NS },
	{ NVME_CNS_ALLOCATED_NS, 0, NVME_SC_INVALID_NS },
	{ NVME_CNS_ALLOCATED_NS, 2, NVME_SC_SUCCESS },
	{ NVME_CNS_ALLOCATED_NS, 33, NVME_SC_INVALID_NS },
	{ NVME_CNS_ALLOCATED_NS, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_CTRL_LIST, 0, NVME_SC_INVALID_NS },
	{ NVME_CNS_NS_CTRL_LIST, 2, NVME_SC_SUCCESS },
	{ NVME_CNS_NS_CTRL_LIST, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_CTRL_LIST, 33, NVME_SC_SUCCESS },
	{ NVME_CNS_ALLOCATED_NS_LIST_CSI, 0xffffffff, NVME_SC_INVALID_NS },
	{ NVME_CNS_ALLOCATED_NS_CSI, 33, NVME_SC_INVALID_NS },
	{ NVME_CNS_IOCS, 33, NVME_SC_SUCCESS },
};
#define NSIDS (sizeof(nsids) / sizeof(nsids[0]))

START_TEST(a_namespace_identifier_counts_where_the_structure_is_of_one)
{
	/* Base 2.0 5.17.1 and 3.2.1, unverified for the inactive ones */
	struct th_host *h = th_enabled();
	nvme_status status = th_try(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = nsids[_i].nsid,
				    .prp1 = th_alloc(h, 4096), .cdw10 = nsids[_i].cns);

	ck_assert_msg(nvme_status_code(status) == nsids[_i].sc, "CNS %02x NSID %x: %04x",
		      nsids[_i].cns, nsids[_i].nsid, status);
	th_free(h);
}
END_TEST

static const uint32_t of_a_namespace[] = { NVME_CNS_NS, NVME_CNS_NS_CSI, NVME_CNS_NS_INDEPENDENT };

START_TEST(an_inactive_namespace_is_all_zeros)
{
	/* Base 2.0 5.17.2.1 */
	struct th_host *h = th_enabled();

	ck_assert(is_zero(identify(h, of_a_namespace[_i], 2), 4096));
	th_free(h);
}
END_TEST

START_TEST(a_namespace_has_the_size_and_format_of_its_configuration)
{
	/* NVM 1.0 4.1.5.1 */
	struct th_host *h = th_enabled(.blocks = 4000, .ns2_blocks = 77);
	const struct nvme_id_ns *one = identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ns *three = identify(h, NVME_CNS_NS, 3);

	ck_assert_uint_eq(nvme_cpu64(one->nsze), 4000);
	ck_assert_uint_eq(nvme_cpu64(three->nsze), 77);
	ck_assert_uint_eq(one->lbaf[0].lbads, 9);
	ck_assert_uint_eq(three->lbaf[nvme_id_ns_format(three->flbas)].lbads, 12);
	ck_assert_uint_eq(nvme_cpu64(one->nvmcap.lo), 4000 * 512);
	ck_assert_uint_eq(nvme_cpu64(three->nvmcap.lo), 77 * 4096);
	th_free(h);
}
END_TEST

START_TEST(a_namespace_obeys_the_inequalities)
{
	/* NVM 1.0 4.1.5.1: NSZE >= NCAP >= NUSE, equal without thin provisioning; atomic units. */
	struct th_host *h = th_enabled();
	const struct nvme_id_ns *ns = identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(NVME_GET(ns->nsfeat, NVME_ID_NS_NSFEAT_THINP), 0);
	ck_assert_uint_eq(nvme_cpu64(ns->ncap), nvme_cpu64(ns->nsze));
	ck_assert_uint_eq(nvme_cpu64(ns->nuse), nvme_cpu64(ns->nsze));
	ck_assert_uint_le(nvme_cpu16(id->awupf), nvme_cpu16(id->awun));
	ck_assert_uint_le(nvme_cpu16(ns->nawupf), nvme_cpu16(ns->nawun));
	ck_assert_uint_le(nvme_cpu16(ns->nabo), nvme_cpu16(ns->nabsn));
	ck_assert_uint_eq(ns->flbas, 0);
	ck_assert_uint_eq(nvme_cpu16(ns->lbaf[0].ms), 0);
	ck_assert_uint_lt(ns->nlbaf, NVME_LBA_FORMATS_MAX);
	ck_assert(is_zero(&ns->lbaf[ns->nlbaf + 1], sizeof(ns->lbaf) -
							    (ns->nlbaf + 1u) * sizeof(ns->lbaf[0]) +
							    sizeof(ns->vs)));
	th_free(h);
}
END_TEST

START_TEST(a_namespace_says_whether_it_is_behind_a_volatile_cache)
{
	/* Base 2.0 5.17.2.8, unverified: NSFEAT bit 0 of CNS 08h, "not present". */
	struct th_host *h = th_enabled(.controller = _i ? "vwc=true" : "vwc=false");
	const struct nvme_id_ns_independent *id = identify(h, NVME_CNS_NS_INDEPENDENT, 1);

	ck_assert_uint_eq(NVME_GET(id->nsfeat, NVME_ID_NS_IND_NSFEAT_VWCNP), !_i);
	th_free(h);
}
END_TEST

START_TEST(the_active_list_ascends_and_begins_behind_its_nsid)
{
	/* Base 2.0 5.17.2.2: NSIDs 1, 3, 5, 7 ... 23 are active. */
	struct th_host *h = th_enabled(.ns2_blocks = 8, .more_ns = 10);
	uint32_t cns = _i ? NVME_CNS_ACTIVE_NS_LIST_CSI : NVME_CNS_ACTIVE_NS_LIST;

	for (uint32_t start = 0; start < 26; start++) {
		const uint8_t *list = identify(h, cns, start);
		uint32_t expected = (start + 1) | 1, i = 0;

		for (; expected <= 23; expected += 2, i++)
			ck_assert_uint_eq(nvme_load_le32(list + 4 * i), expected);
		ck_assert(is_zero(list + 4 * i, 4096 - 4 * i));
	}
	th_free(h);
}
END_TEST

START_TEST(a_list_of_all_namespaces_that_can_be_is_whole)
{
	/* Base 2.0 5.17.2.2 */
	struct th_host *h = th_enabled(.ns2_blocks = 8, .more_ns = 126, .controller = "nn=256");
	const uint8_t *list = identify(h, NVME_CNS_ACTIVE_NS_LIST, 0);

	for (uint32_t i = 0; i < 128; i++)
		ck_assert_uint_eq(nvme_load_le32(list + 4 * i), 2 * i + 1);
	ck_assert(is_zero(list + 4 * 128, 4096 - 4 * 128));
	th_free(h);
}
END_TEST

START_TEST(descriptors_are_there_once_and_agree_with_identify_namespace)
{
	/* Base 2.0 5.17.2.3 */
	struct th_host *h = th_enabled(.controller = _i ? "vs=1.4" : "vs=2.0");
	const uint8_t *start = identify(h, NVME_CNS_NS_DESC_LIST, 1), *list = start;
	const struct nvme_id_ns *ns = identify(h, NVME_CNS_NS, 1);
	static const uint8_t lengths[] = { [NVME_NIDT_EUI64] = 8,
					   [NVME_NIDT_NGUID] = 16,
					   [NVME_NIDT_UUID] = 16,
					   [NVME_NIDT_CSI] = 1 };
	const uint8_t *at[5] = { NULL };

	while (list[1]) {
		ck_assert(list[0] > 0 && list[0] < 5);
		ck_assert_ptr_null(at[list[0]]);
		ck_assert_uint_eq(list[1], lengths[list[0]]);
		at[list[0]] = list + 4;
		list += 4 + list[1];
	}
	ck_assert(is_zero(list, 4096 - 52 - (_i ? 0 : 5)));
	ck_assert_mem_eq(at[NVME_NIDT_EUI64], ns->eui64, 8);
	ck_assert_mem_eq(at[NVME_NIDT_NGUID], ns->nguid, 16);
	ck_assert_uint_eq(at[NVME_NIDT_UUID][6] >> 4, 8); /* version */
	ck_assert_uint_eq(at[NVME_NIDT_UUID][8] >> 6, 2); /* variant */
	ck_assert_ptr_nonnull(at[NVME_NIDT_UUID]);
	ck_assert_uint_eq(at[NVME_NIDT_UUID][6] >> 4, 8); /* RFC 9562: version 8, its variant */
	ck_assert_uint_eq(at[NVME_NIDT_UUID][8] >> 6, 2);
	if (_i)
		ck_assert_ptr_null(at[NVME_NIDT_CSI]);
	else
		ck_assert_uint_eq(at[NVME_NIDT_CSI][0], NVME_CSI_NVM);
	th_free(h);
}
END_TEST

START_TEST(identifiers_differ_by_namespace_and_by_serial_number)
{
	/* Base 2.0 4.5.1, unverified */
	struct th_host *h = th_enabled(.ns2_blocks = 8);
	struct th_host *other = th_enabled(.controller = "serial=OTHER");
	const struct nvme_id_ns *one = identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ns *three = identify(h, NVME_CNS_NS, 3);
	const struct nvme_id_ns *others = identify(other, NVME_CNS_NS, 1);
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_mem_ne(one->eui64, three->eui64, 8);
	ck_assert_mem_ne(one->nguid, three->nguid, 16);
	ck_assert_mem_ne(one->eui64, others->eui64, 8);
	ck_assert_mem_ne(one->nguid, others->nguid, 16);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(one->eui64[i], id->ieee[2 - i]); /* the OUI, big-endian */
	th_free(h);
	th_free(other);
}
END_TEST

START_TEST(a_format_has_structures_without_a_namespace)
{
	/* NVM 1.0 4.1.5 (unverified): CNS 09h and 0Ah; the format's index is in CDW11 15:0. */
	struct th_host *h = th_enabled(.ns = { .ms = 8, .pi = 1 });
	const struct nvme_id_ns *of_all = identify_csi(h, NVME_CNS_NS, NVME_NSID_ALL, 0);
	const struct nvme_id_ns *ns = identify_csi(h, NVME_CNS_NS_FORMAT, 0, 8);
	const struct nvme_id_ns_nvm *nvm = identify_csi(h, NVME_CNS_NS_CSI_FORMAT, 0, 8);

	ck_assert_mem_eq(ns, of_all, sizeof(*ns));
	ck_assert_uint_eq(nvme_cpu64(ns->nsze), 0);
	ck_assert_uint_eq(nvme_cpu64(nvm->lbstm), 0);
	for (uint8_t cns = NVME_CNS_NS_FORMAT; cns <= NVME_CNS_NS_CSI_FORMAT; cns++) {
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = cns,
					  .cdw11 = 12, .prp1 = th_alloc(h, 4096)),
				  NVME_SC_INVALID_FIELD); /* not without LBAFEE */
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .cdw10 = cns,
					  .cdw11 = 63, .prp1 = th_alloc(h, 4096)),
				  NVME_SC_INVALID_FIELD);
	}
	th_free(h);
}
END_TEST

START_TEST(a_namespace_that_is_not_attached_has_an_independent_structure_too)
{
	/* Base 2.0 5.17.2 (unverified): CNS 1Fh */
	struct th_host *h = th_enabled(.ns = { .detached = true, .anagrpid = 1 });
	const struct nvme_id_ns_independent *id;

	ck_assert(is_zero(identify(h, NVME_CNS_NS_INDEPENDENT, 1), 4096));
	id = identify(h, NVME_CNS_ALLOCATED_NS_INDEPENDENT, 1);
	ck_assert_uint_eq(nvme_cpu32(id->anagrpid), 1);
	ck_assert_uint_eq(NVME_GET(id->nstat, NVME_ID_NS_IND_NSTAT_NRDY), 1);
	ck_assert(is_zero(identify(h, NVME_CNS_ALLOCATED_NS_INDEPENDENT, 2), 4096));
	th_free(h);
}
END_TEST

START_TEST(command_set_structures_agree_with_the_others)
{
	/* NVM 1.0 4.1.5.2 to 4.1.5.4; Base 2.0 5.17.2.8 */
	struct th_host *h = th_enabled(.controllers = 2);
	const struct nvme_id_ns *ns = identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ns_independent *same = identify(h, NVME_CNS_NS_INDEPENDENT, 1);
	const struct nvme_id_ns_nvm *nvm;

	ck_assert_uint_eq(same->nmic, ns->nmic);
	ck_assert_uint_eq(NVME_GET(same->nmic, NVME_ID_NS_NMIC_SHARED), 1);
	ck_assert_uint_eq(same->rescap, ns->rescap);
	ck_assert_uint_eq(NVME_GET(same->nstat, NVME_ID_NS_IND_NSTAT_NRDY), 1);
	ck_assert(is_zero(same->rsvd24, sizeof(same->rsvd24)));
	nvm = identify(h, NVME_CNS_NS_CSI, 1);
	ck_assert_uint_eq(nvm->pic, NVME_MASK(NVME_ID_NS_NVM_PIC_STCRS)); /* of Copy */
	ck_assert_uint_eq(nvme_cpu64(nvm->lbstm), 0);
	ck_assert(is_zero(&nvm->pifa, 4096 - offsetof(struct nvme_id_ns_nvm, pifa)));
	ck_assert(is_zero(identify(h, NVME_CNS_CTRL_CSI, 0), 4096)); /* no limits of their own */
	th_free(h);
}
END_TEST

static Suite *namespaces(void)
{
	Suite *suite = suite_create("namespaces");
	TCase *tcase = tcase_create("namespaces");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_namespace_identifier_counts_where_the_structure_is_of_one, 0,
			    NSIDS);
	tcase_add_loop_test(tcase, an_inactive_namespace_is_all_zeros, 0, 3);
	tcase_add_test(tcase, a_namespace_has_the_size_and_format_of_its_configuration);
	tcase_add_test(tcase, a_namespace_obeys_the_inequalities);
	tcase_add_loop_test(tcase, a_namespace_says_whether_it_is_behind_a_volatile_cache, 0, 2);
	tcase_add_loop_test(tcase, the_active_list_ascends_and_begins_behind_its_nsid, 0, 2);
	tcase_add_test(tcase, a_list_of_all_namespaces_that_can_be_is_whole);
	tcase_add_loop_test(tcase, descriptors_are_there_once_and_agree_with_identify_namespace, 0,
			    2);
	tcase_add_test(tcase, identifiers_differ_by_namespace_and_by_serial_number);
	tcase_add_test(tcase, a_format_has_structures_without_a_namespace);
	tcase_add_test(tcase, a_namespace_that_is_not_attached_has_an_independent_structure_too);
	tcase_add_test(tcase, command_set_structures_agree_with_the_others);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { namespaces };

	return th_main(suites, 1);
}
