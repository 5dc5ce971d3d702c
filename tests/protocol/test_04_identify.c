/* SPDX-License-Identifier: BSD-3-Clause */
/* Identify, Base 2.0 5.17 and NVM 1.0 4.1.5: what exists, for whom, and that it is true. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"
#include "tests/protocol/identify.h"

#define CSI(csi) ((uint32_t)(csi) << 24)

static const struct {
	const char *keys;
	uint32_t vs;
} versions[] = {
	{ "vs=1.0", NVME_VERSION(1, 0, 0) }, { "vs=1.1", NVME_VERSION(1, 1, 0) },
	{ "vs=1.2", NVME_VERSION(1, 2, 0) }, { "vs=1.2.1", NVME_VERSION(1, 2, 1) },
	{ "vs=1.3", NVME_VERSION(1, 3, 0) }, { "vs=1.4", NVME_VERSION(1, 4, 0) },
	{ "vs=2.0", NVME_VERSION(2, 0, 0) },
};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

/* The version that brought a structure (unverified); 0: not offered. */
static uint32_t since(uint32_t cns)
{
	switch (cns) {
	case NVME_CNS_NS:
	case NVME_CNS_CTRL:
		return NVME_VERSION(1, 0, 0);
	case NVME_CNS_ACTIVE_NS_LIST:
		return NVME_VERSION(1, 1, 0);
	case NVME_CNS_ALLOCATED_NS_LIST:
	case NVME_CNS_ALLOCATED_NS:
	case NVME_CNS_NS_CTRL_LIST:
	case NVME_CNS_CTRL_LIST:
		return NVME_VERSION(1, 2, 0);
	case NVME_CNS_NS_GRANULARITY_LIST:
		return NVME_VERSION(1, 4, 0);
	case NVME_CNS_NS_DESC_LIST:
		return NVME_VERSION(1, 3, 0);
	case NVME_CNS_UUID_LIST:
	case NVME_CNS_EG_LIST:
		return NVME_VERSION(1, 4, 0);
	case NVME_CNS_NS_CSI:
	case NVME_CNS_CTRL_CSI:
	case NVME_CNS_ACTIVE_NS_LIST_CSI:
	case NVME_CNS_NS_INDEPENDENT:
	case NVME_CNS_NS_FORMAT:
	case NVME_CNS_NS_CSI_FORMAT:
	case NVME_CNS_ALLOCATED_NS_INDEPENDENT:
	case NVME_CNS_ALLOCATED_NS_LIST_CSI:
	case NVME_CNS_ALLOCATED_NS_CSI:
	case NVME_CNS_IOCS:
	case NVME_CNS_DOMAIN_LIST:
		return NVME_VERSION(2, 0, 0);
	default:
		return 0;
	}
}

START_TEST(a_structure_exists_from_its_version_on_and_no_other_does)
{
	/* Base 2.0 5.17.1, all 256 values of CNS */
	struct th_host *h = th_enabled(.controller = versions[_i].keys);
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t cns = 0; cns < 256; cns++) {
		nvme_status status = th_try(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1,
					    .prp1 = page, .cdw10 = cns);
		bool exists = since(cns) && since(cns) <= versions[_i].vs;

		ck_assert_msg(status == (exists ? NVME_SC_SUCCESS
						: (NVME_SC_INVALID_FIELD | NVME_MORE | NVME_DNR)),
			      "CNS %02x: status %04x", cns, status);
	}
	th_free(h);
}
END_TEST

static const uint32_t of_a_command_set[] = { NVME_CNS_NS_CSI, NVME_CNS_CTRL_CSI,
					     NVME_CNS_ACTIVE_NS_LIST_CSI };

START_TEST(another_command_set_than_nvm_is_refused)
{
	/* Base 2.0 5.17.1: CSI matters for some structures only. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);

	for (uint32_t csi = 1; csi < 256; csi++) {
		ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = page,
					  .cdw10 = of_a_command_set[_i], .cdw11 = CSI(csi)),
				  NVME_SC_INVALID_FIELD);
		ck_assert_uint_eq(th_try(h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = page,
					 .cdw10 = NVME_CNS_CTRL, .cdw11 = CSI(csi)),
				  NVME_SC_SUCCESS);
	}
	th_free(h);
}
END_TEST

START_TEST(the_controller_says_what_the_configuration_says)
{
	/* Base 2.0 5.17.2.1 */
	struct th_host *h =
		th_enabled(.controller = "mdts=3,aerl=9,acl=6,elpe=20,nn=40,rab=2,kas=7,"
					 "cntlid=77,vendor=0x1234,subvendor=0x5678");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(nvme_cpu16(id->vid), 0x1234);
	ck_assert_uint_eq(nvme_cpu16(id->ssvid), 0x5678);
	ck_assert_uint_eq(id->mdts, 3);
	ck_assert_uint_eq(id->aerl, 9);
	ck_assert_uint_eq(id->acl, 6);
	ck_assert_uint_eq(id->elpe, 20);
	ck_assert_uint_eq(id->rab, 2);
	ck_assert_uint_eq(nvme_cpu16(id->kas), 7);
	ck_assert_uint_eq(nvme_cpu16(id->cntlid), 77);
	ck_assert_uint_eq(nvme_cpu32(id->nn), 40);
	th_free(h);
}
END_TEST

/* OACS: a bit for each command or pair of them. */
static const uint8_t optional_commands[] = {
	NVME_ADMIN_SECURITY_SEND,  NVME_ADMIN_FORMAT_NVM, NVME_ADMIN_FW_COMMIT,
	NVME_ADMIN_NS_MGMT,	   NVME_ADMIN_SELF_TEST,  NVME_ADMIN_DIRECTIVE_SEND,
	NVME_ADMIN_MI_SEND,	   NVME_ADMIN_VIRT_MGMT,  NVME_ADMIN_DBBUF_CONFIG,
	NVME_ADMIN_GET_LBA_STATUS, NVME_ADMIN_LOCKDOWN,
};

START_TEST(a_bit_of_oacs_is_set_when_the_effects_log_has_the_command)
{
	/* Base 2.0 5.17.2.1, in every profile */
	struct th_host *h = th_enabled(.profile = emu_profile_name((unsigned int)_i),
				       .controller = "ready_delay=0s");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_effects_log *log = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
	      .cdw10 = 1023u << 16 | NVME_LID_EFFECTS);
	for (uint32_t bit = 0; bit < sizeof(optional_commands); bit++)
		ck_assert_msg((nvme_cpu16(id->oacs) >> bit & 1) ==
				      NVME_GET(nvme_cpu32(log->acs[optional_commands[bit]]),
					       NVME_EFFECTS_CSUPP),
			      "OACS bit %u", bit);
	th_free(h);
}
END_TEST

/* LPA: the pages that a bit promises. */
static const struct {
	uint8_t bit, lid;
} optional_pages[] = {
	{ 1, NVME_LID_EFFECTS },	{ 3, NVME_LID_TELEMETRY_HOST },
	{ 3, NVME_LID_TELEMETRY_CTRL }, { 4, NVME_LID_PERSISTENT_EVENT },
	{ 5, NVME_LID_SUPPORTED_LOGS }, { 5, NVME_LID_FID_EFFECTS },
};

START_TEST(a_bit_of_lpa_is_set_when_there_are_its_pages)
{
	/* Base 2.0 5.17.2.1, in every profile */
	struct th_host *h = th_enabled(.profile = emu_profile_name((unsigned int)_i),
				       .controller = "ready_delay=0s");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_supported_logs *log = th_ptr(h, page);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = 255u << 16);
	for (size_t i = 0; i < sizeof(optional_pages) / sizeof(optional_pages[0]); i++)
		ck_assert_uint_eq(id->lpa >> optional_pages[i].bit & 1,
				  nvme_cpu32(log->lid_support[optional_pages[i].lid]) & 1);
	ck_assert_uint_eq(id->lpa & 0xc5, 0x04);
	th_free(h);
}
END_TEST

START_TEST(the_controller_says_what_it_can_do_and_no_more)
{
	/* Base 2.0 5.17.2.1; test_40_walk.c compares bits of commands with what answers. */
	struct th_host *h = th_enabled();
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(nvme_cpu16(id->fuses), 1);
	ck_assert_uint_eq(nvme_cpu32(id->sgls), 0x000f0001); /* any byte, all options */
	ck_assert_uint_eq(nvme_cpu32(id->sanicap), 0x40000007);
	ck_assert_uint_eq(id->vwc, 0x07);
	ck_assert_uint_eq(id->sqes, 0x66);
	ck_assert_uint_eq(id->cqes, 0x44);
	ck_assert_uint_eq(id->cntrltype, NVME_CNTRLTYPE_IO);
	th_free(h);
}
END_TEST

START_TEST(strings_are_padded_with_spaces)
{
	/* Base 2.0 1.4.2, unverified: ASCII, left justified, no NUL. */
	struct th_host *h = th_enabled(.controller = "serial=S,model=two words,firmware=12345678");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_mem_eq(id->sn, "S                   ", 20);
	ck_assert_mem_eq(id->mn, "two words                               ", 40);
	ck_assert_mem_eq(id->fr, "12345678", 8);
	th_free(h);
}
END_TEST

START_TEST(the_longest_strings_fit)
{
	struct th_host *h =
		th_enabled(.controller = "serial=01234567890123456789,"
					 "model=0123456789012345678901234567890123456789");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_mem_eq(id->sn, "01234567890123456789", 20);
	ck_assert_mem_eq(id->mn, "0123456789012345678901234567890123456789", 40);
	ck_assert_mem_eq(id->fr, "0.1     ", 8);
	th_free(h);
}
END_TEST

START_TEST(the_version_is_that_of_the_register)
{
	/* Base 2.0 5.17.2.1: VER has the value of VS, from 1.2 on. */
	struct th_host *h = th_enabled(.controller = versions[_i].keys);
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	uint32_t vs = th_read32(h, NVME_REG_VS);

	ck_assert_uint_eq(vs, versions[_i].vs);
	ck_assert_uint_eq(nvme_cpu32(id->ver), vs >= NVME_VERSION(1, 2, 0) ? vs : 0);
	th_free(h);
}
END_TEST

/* Fields by the version that brought them (unverified). Before that they are reserved: zero. */
static const struct {
	uint32_t vs, cns, offset, bytes;
	uint8_t mask;
	const char *name;
} fields[] = {
	{ NVME_VERSION(1, 1, 0), NVME_CNS_CTRL, 76, 1, 0xff, "CMIC" },
	{ NVME_VERSION(1, 1, 0), NVME_CNS_CTRL, 78, 2, 0xff, "CNTLID" },
	{ NVME_VERSION(1, 1, 0), NVME_CNS_CTRL, 520, 1, 0x10, "ONCS save and select" },
	{ NVME_VERSION(1, 2, 0), NVME_CNS_CTRL, 80, 4, 0xff, "VER" },
	{ NVME_VERSION(1, 2, 0), NVME_CNS_CTRL, 261, 1, 0x02, "LPA effects log" },
	{ NVME_VERSION(1, 2, 0), NVME_CNS_CTRL, 266, 2, 0xff, "WCTEMP" },
	{ NVME_VERSION(1, 2, 0), NVME_CNS_CTRL, 268, 2, 0xff, "CCTEMP" },
	{ NVME_VERSION(1, 2, 1), NVME_CNS_CTRL, 261, 1, 0x04, "LPA extended data" },
	{ NVME_VERSION(1, 2, 1), NVME_CNS_CTRL, 320, 2, 0xff, "KAS" },
	{ NVME_VERSION(1, 2, 1), NVME_CNS_CTRL, 768, 256, 0xff, "SUBNQN" },
	{ NVME_VERSION(1, 4, 0), NVME_CNS_CTRL, 111, 1, 0xff, "CNTRLTYPE" },
	{ NVME_VERSION(1, 4, 0), NVME_CNS_CTRL, 525, 1, 0x06, "VWC flush broadcast" },
	{ NVME_VERSION(2, 0, 0), NVME_CNS_CTRL, 261, 1, 0x20, "LPA logs 00 and 12" },
	{ NVME_VERSION(1, 1, 0), NVME_CNS_NS, 30, 1, 0xff, "NMIC" },
	{ NVME_VERSION(1, 1, 0), NVME_CNS_NS, 120, 8, 0xff, "EUI64" },
	{ NVME_VERSION(1, 2, 0), NVME_CNS_NS, 48, 16, 0xff, "NVMCAP" },
	{ NVME_VERSION(1, 2, 0), NVME_CNS_NS, 104, 16, 0xff, "NGUID" },
	{ NVME_VERSION(1, 3, 0), NVME_CNS_NS, 33, 1, 0xff, "DLFEAT" },
};

START_TEST(a_field_is_reserved_before_its_version)
{
	struct th_host *h = th_enabled(.controllers = 2, .controller = versions[_i].keys);
	const uint8_t *data[2] = { identify(h, NVME_CNS_NS, 1), identify(h, NVME_CNS_CTRL, 0) };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint8_t any = 0;

		for (uint32_t byte = 0; byte < fields[i].bytes; byte++)
			any |= data[fields[i].cns][fields[i].offset + byte] & fields[i].mask;
		ck_assert_msg((any != 0) == (fields[i].vs <= versions[_i].vs), "%s: %s %s",
			      versions[_i].keys, fields[i].name, any ? "is set" : "is zero");
	}
	th_free(h);
}
END_TEST

START_TEST(subnqn_is_made_of_a_uuid_or_configured)
{
	/* Base 2.0 4.5, unverified */
	struct th_host *h = th_enabled();
	struct th_host *named = th_enabled(.controller = "subnqn=nqn.2024-01.example:disk");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	static const char form[] =
		"nqn.2014-08.org.nvmexpress:uuid:########-####-8###-####-############";

	ck_assert_uint_eq(strnlen(id->subnqn, 256), sizeof(form) - 1);
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '#')
			ck_assert_ptr_nonnull(strchr("0123456789abcdef", id->subnqn[i]));
		else
			ck_assert_int_eq(id->subnqn[i], form[i]);
	}
	ck_assert_ptr_nonnull(strchr("89ab", id->subnqn[51])); /* variant */
	ck_assert(is_zero(id->subnqn + sizeof(form) - 1, 256 - sizeof(form) + 1));
	id = identify(named, NVME_CNS_CTRL, 0);
	ck_assert_str_eq(id->subnqn, "nqn.2024-01.example:disk");
	th_free(h);
	th_free(named);
}
END_TEST

START_TEST(power_states_are_as_many_as_npss_says)
{
	/* Base 2.0 5.17.2.1 */
	struct th_host *h = th_enabled();
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	uint32_t states = id->npss + 1u;

	for (uint32_t i = 0; i < states; i++) {
		ck_assert_uint_gt(nvme_cpu16(id->psd[i].mp), 0);
		ck_assert(id->psd[i].rrt < states && id->psd[i].rrl < states);
		ck_assert(id->psd[i].rwt < states && id->psd[i].rwl < states);
	}
	ck_assert(is_zero(&id->psd[states], (32 - states) * sizeof(id->psd[0])));
	ck_assert_uint_gt(nvme_cpu16(id->wctemp), 0);
	ck_assert_uint_ge(nvme_cpu16(id->cctemp), nvme_cpu16(id->wctemp));
	th_free(h);
}
END_TEST

START_TEST(one_combination_of_command_sets_exists)
{
	/* Base 2.0 5.17.2.21, and CC.CSS can select it. */
	struct th_host *h = th_enabled();
	const uint8_t *list = identify(h, NVME_CNS_IOCS, 0);

	ck_assert_uint_eq(nvme_load_le64(list), 1u << NVME_CSI_NVM);
	ck_assert(is_zero(list + 8, 4096 - 8));
	ck_assert_uint_eq(NVME_GET(th_read64(h, NVME_REG_CAP), NVME_CAP_CSS) & 0x40, 0x40);
	th_free(h);
}
END_TEST

START_TEST(two_controllers_are_one_subsystem)
{
	/* Base 2.0 5.17.2.1: same names, CNTLIDs of their own, CMIC says so. */
	struct th_host *h = th_enabled(.controllers = 2);
	struct nvme_id_ctrl first = *(const struct nvme_id_ctrl *)identify(h, NVME_CNS_CTRL, 0);
	struct nvme_id_ns ns = *(const struct nvme_id_ns *)identify(h, NVME_CNS_NS, 1);
	const struct nvme_id_ctrl *second;

	th_ctrl(h, 1);
	th_enable(h, 16);
	second = identify(h, NVME_CNS_CTRL, 0);
	ck_assert_uint_eq(first.cmic, 0x0b);
	ck_assert_uint_eq(nvme_cpu16(first.cntlid) + 1, nvme_cpu16(second->cntlid));
	first.cntlid = second->cntlid;
	ck_assert_mem_eq(&first, second, sizeof(first));
	ck_assert_mem_eq(&ns, identify(h, NVME_CNS_NS, 1), sizeof(ns));
	th_free(h);
}
END_TEST

START_TEST(the_data_may_be_split_into_two_pages)
{
	/* Base 2.0 4.1.1: PRP1 with any offset, the rest in PRP2; nothing around is touched. */
	struct th_host *h = th_enabled();
	const uint8_t *whole = identify(h, NVME_CNS_CTRL, 0);
	static const uint32_t offsets[] = { 4, 8, 64, 2048, 4092 };
	uint32_t offset = offsets[_i];
	uint64_t page = th_alloc(h, 4096), other = th_alloc(h, 3 * 4096) + 4096;
	uint8_t *first = th_ptr(h, page), *second = th_ptr(h, other);

	memset(first, 0xa5, 4096);
	memset(second - 4096, 0xa5, 3 * 4096);
	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page + offset, .prp2 = other,
	      .cdw10 = NVME_CNS_CTRL);
	ck_assert_mem_eq(first + offset, whole, 4096 - offset);
	ck_assert_mem_eq(second, whole + 4096 - offset, offset);
	for (uint32_t i = 0; i < offset; i++)
		ck_assert_uint_eq(first[i], 0xa5);
	for (uint32_t i = 0; i < 4096; i++)
		ck_assert_uint_eq(second[(int)i - 4096], 0xa5);
	for (uint32_t i = offset; i < 2 * 4096; i++)
		ck_assert_uint_eq(second[i], 0xa5);
	th_free(h);
}
END_TEST

START_TEST(a_reset_changes_nothing_of_the_identity)
{
	struct th_host *h = th_enabled();
	struct nvme_id_ctrl before = *(const struct nvme_id_ctrl *)identify(h, NVME_CNS_CTRL, 0);

	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
	th_run(h);
	th_enable(h, 16);
	ck_assert_mem_eq(&before, identify(h, NVME_CNS_CTRL, 0), sizeof(before));
	th_free(h);
}
END_TEST

START_TEST(the_minimal_profile_offers_nothing_optional)
{
	struct th_host *h = th_enabled(.profile = "minimal");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(nvme_cpu16(id->oncs), 0);
	ck_assert_uint_eq(nvme_cpu16(id->oacs), 0);
	ck_assert_uint_eq(nvme_cpu32(id->oaes), 0);
	ck_assert_uint_eq(nvme_cpu16(id->kas), 0);
	ck_assert_uint_eq(nvme_cpu32(id->nn), 1);
	ck_assert_uint_eq(id->vwc, 0);
	ck_assert_uint_eq(id->aerl, 0);
	ck_assert_uint_eq(id->acl, 0);
	ck_assert_uint_eq(id->elpe, 0);
	ck_assert_uint_eq(NVME_GET(th_read64(h, NVME_REG_CAP), NVME_CAP_NSSRS), 0);
	th_free(h);
}
END_TEST

static void say_what_it_is(TCase *tcase)
{
	tcase_add_test(tcase, the_controller_says_what_the_configuration_says);
	tcase_add_test(tcase, the_controller_says_what_it_can_do_and_no_more);
	tcase_add_loop_test(tcase, a_bit_of_oacs_is_set_when_the_effects_log_has_the_command, 0, 4);
	tcase_add_loop_test(tcase, a_bit_of_lpa_is_set_when_there_are_its_pages, 0, 4);
	tcase_add_test(tcase, strings_are_padded_with_spaces);
	tcase_add_test(tcase, the_longest_strings_fit);
	tcase_add_loop_test(tcase, the_version_is_that_of_the_register, 0, VERSIONS);
	tcase_add_loop_test(tcase, a_field_is_reserved_before_its_version, 0, VERSIONS);
	tcase_add_test(tcase, subnqn_is_made_of_a_uuid_or_configured);
	tcase_add_test(tcase, power_states_are_as_many_as_npss_says);
	tcase_add_test(tcase, two_controllers_are_one_subsystem);
	tcase_add_test(tcase, a_reset_changes_nothing_of_the_identity);
	tcase_add_test(tcase, the_minimal_profile_offers_nothing_optional);
}

static Suite *identify_suite(void)
{
	Suite *suite = suite_create("identify");
	TCase *tcase = tcase_create("identify");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_structure_exists_from_its_version_on_and_no_other_does, 0,
			    VERSIONS);
	tcase_add_loop_test(tcase, another_command_set_than_nvm_is_refused, 0, 3);
	say_what_it_is(tcase);
	tcase_add_test(tcase, one_combination_of_command_sets_exists);
	tcase_add_loop_test(tcase, the_data_may_be_split_into_two_pages, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { identify_suite };

	return th_main(suites, 1);
}
