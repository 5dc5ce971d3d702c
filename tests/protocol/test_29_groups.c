/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The endurance group (Base 2.0 3.2.3, 5.16.1.10, 5.16.1.16), the UUID list, security protocol 00h
 * and the Identify directive (Base 2.0 5.9, 5.25, 8.7); unverified where marked.
 */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define LOG(lid, bytes) (((uint32_t)(bytes) / 4 - 1) << 16 | (lid))
#define RETAIN		(1u << 15)
#define GROUP(id)	((uint32_t)(id) << 16) /* LSI, cdw11 */

static const void *get(struct th_host *h, uint32_t cdw10, uint32_t cdw11)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page, .cdw10 = cdw10, .cdw11 = cdw11);
	return th_ptr(h, page);
}

static const void *identify(struct th_host *h, uint32_t cns, uint32_t cdw11)
{
	uint64_t page = th_alloc(h, 4096);

	th_do(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = cns, .cdw11 = cdw11,
	      .nsid = cns ? 0 : 1);
	return th_ptr(h, page);
}

static uint64_t groups(struct th_host *h)
{
	const struct nvme_aggregate_log *log = get(h, LOG(NVME_LID_EG_AGGREGATE, 12), 0);
	uint64_t count = nvme_cpu64(log->num_entries);

	ck_assert_uint_eq(nvme_load_le16((const uint8_t *)(log + 1)), count);
	return count;
}

START_TEST(identify_names_the_group)
{
	/* Base 2.0 5.17.2.1 and 5.17.2.15: CTRATT bit 4, ENDGIDMAX, the list from CNSSID on. */
	struct th_host *h = th_enabled();
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	const struct nvme_id_ns *ns = identify(h, NVME_CNS_NS, 0);
	const struct nvme_eg_list *list = identify(h, NVME_CNS_EG_LIST, 0);

	ck_assert_uint_eq(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_EGS), 1);
	ck_assert_uint_eq(nvme_cpu16(id->endgidmax), 1);
	ck_assert_uint_eq(nvme_cpu16(ns->endgid), 1);
	ck_assert_uint_eq(nvme_cpu16(list->num), 1);
	ck_assert_uint_eq(nvme_cpu16(list->id[0]), 1);
	list = identify(h, NVME_CNS_EG_LIST, 1);
	ck_assert_uint_eq(nvme_cpu16(list->num), 1);
	list = identify(h, NVME_CNS_EG_LIST, 2);
	ck_assert_uint_eq(nvme_cpu16(list->num), 0);
	th_free(h);
}
END_TEST

START_TEST(the_groups_page_sums_up_the_controllers)
{
	/* Base 2.0 5.16.1.10: units of 10^9 bytes, rounded up. */
	struct th_host *h = th_enabled(.io_queues = 1, .controllers = 2);
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_eg_log *log;

	for (uint32_t i = 0; i < 3; i++)
		th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = page);
	th_ctrl(h, 1);
	th_enable(h, 16);
	th_create_queues(h, 1, 16);
	th_try_io(h, 1, .opcode = NVME_CMD_WRITE, .nsid = 1, .prp1 = page);
	th_try_io(h, 1, .opcode = NVME_CMD_READ, .nsid = 1, .prp1 = page);
	log = get(h, LOG(NVME_LID_EG_INFO, 512), GROUP(1));
	ck_assert_uint_eq(nvme_cpu64(log->host_write_commands.lo), 4);
	ck_assert_uint_eq(nvme_cpu64(log->host_read_commands.lo), 1);
	ck_assert_uint_eq(nvme_cpu64(log->data_units_written.lo), 1);
	ck_assert_uint_eq(nvme_cpu64(log->data_units_read.lo), 1);
	ck_assert_uint_eq(nvme_cpu64(log->total_capacity.lo), 2048 * 512);
	ck_assert_uint_eq(log->available_spare, 100);
	th_free(h);
}
END_TEST

START_TEST(groups_that_do_not_exist_have_no_page)
{
	/* Base 2.0 5.16.1.10: Log Specific Identifier. */
	static const uint16_t ids[] = { 0, 2, 0xffff };
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = th_alloc(h, 4096),
				  .cdw10 = LOG(NVME_LID_EG_INFO, 512), .cdw11 = GROUP(ids[_i])),
			  NVME_SC_INVALID_FIELD);
	th_free(h);
}
END_TEST

START_TEST(a_warning_that_is_wanted_puts_the_group_into_the_aggregate)
{
	/* Base 2.0 5.16.1.16 and 5.27.1.20, unverified: until the group's own page is read. */
	struct th_host *h = th_enabled();
	const struct nvme_eg_log *log;

	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x0b, .cdw11 = 1u << 14);
	ck_assert_int_eq(emu_inject_event(th_emu(h), 0, NVME_AER_SMART_SPARE), 0);
	th_run(h);
	ck_assert_uint_eq(groups(h), 0); /* nobody wanted it */
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 0x18, .cdw11 = 0x0d << 16 | 1);
	th_admin(h, .opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = 50);
	th_run(h);
	emu_inject_event(th_emu(h), 0, NVME_AER_SMART_SPARE);
	th_run(h);
	th_expect_cqe(h, .cid = 50, .dw0 = NVME_AER_EG_CHANGED);
	ck_assert_uint_eq(groups(h), 1);
	log = get(h, LOG(NVME_LID_EG_INFO, 512) | RETAIN, GROUP(1));
	ck_assert_uint_eq(log->critical_warning, 1);
	ck_assert_uint_lt(log->available_spare, log->available_spare_threshold);
	ck_assert_uint_eq(groups(h), 1);
	get(h, LOG(NVME_LID_EG_INFO, 512), GROUP(1));
	ck_assert_uint_eq(groups(h), 0);
	th_free(h);
}
END_TEST

START_TEST(without_groups_nothing_speaks_of_them)
{
	struct th_host *h = th_enabled(.controller = "endurance=false,uuid_list=false");
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	uint64_t page = th_alloc(h, 4096);

	ck_assert_uint_eq(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_EGS), 0);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_ULIST), 0);
	ck_assert_uint_eq(nvme_cpu16(id->endgidmax), 0);
	ck_assert_uint_eq(
		th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page, .cdw10 = NVME_CNS_EG_LIST),
		NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = page,
				  .cdw10 = NVME_CNS_UUID_LIST),
			  NVME_SC_INVALID_FIELD);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .prp1 = page,
				  .cdw10 = LOG(NVME_LID_EG_INFO, 512), .cdw11 = GROUP(1)),
			  NVME_SC_INVALID_LOG_PAGE);
	th_free(h);
}
END_TEST

START_TEST(the_uuid_list_has_the_vendors)
{
	/* Base 2.0 5.17.2.13: one entry, of the PCI vendor; the list ends with zeros. */
	struct th_host *h = th_enabled();
	const struct nvme_uuid_list *list = identify(h, NVME_CNS_UUID_LIST, 0);
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);
	const struct nvme_effects_log *effects = get(h, LOG(NVME_LID_EFFECTS, 4096), 0);
	static const uint8_t none[32];

	ck_assert_uint_eq(NVME_GET(nvme_cpu32(id->ctratt), NVME_ID_CTRL_CTRATT_ULIST), 1);
	ck_assert_uint_eq(list->entry[0].header, 1);
	ck_assert_mem_ne(list->entry[0].uuid, none, 16);
	ck_assert_uint_eq(list->entry[0].uuid[6] >> 4, 8);
	ck_assert_mem_eq(&list->entry[1], none, 32);
	ck_assert_uint_eq(NVME_GET(nvme_cpu32(effects->acs[2]), NVME_EFFECTS_USS), 1);
	th_free(h);
}
END_TEST

static const struct {
	uint8_t opcode;
	uint32_t cdw10, cdw11;
	uint16_t sc;
} security[] = {
	{ NVME_ADMIN_SECURITY_RECV, 0, 512, NVME_SC_SUCCESS },
	{ NVME_ADMIN_SECURITY_RECV, 0, 0, NVME_SC_SUCCESS },
	{ NVME_ADMIN_SECURITY_RECV, 0, 7, NVME_SC_SUCCESS },
	{ NVME_ADMIN_SECURITY_RECV, 1u << 8, 4096, NVME_SC_SUCCESS }, /* certificate: none */
	{ NVME_ADMIN_SECURITY_RECV, 2u << 8, 512, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_SECURITY_RECV, 1u << 16, 512, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_SECURITY_RECV, 1u << 24, 512, NVME_SC_INVALID_FIELD }, /* TCG */
	{ NVME_ADMIN_SECURITY_RECV, 0xefu << 24, 512, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_SECURITY_RECV, 0, 1u << 20, NVME_SC_INVALID_FIELD }, /* beyond MDTS */
	{ NVME_ADMIN_SECURITY_SEND, 0, 512, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_SECURITY_SEND, 1u << 24, 512, NVME_SC_INVALID_FIELD },
};

START_TEST(security_knows_its_own_list_alone)
{
	/* Base 2.0 5.25 and 5.26 */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(th_code(h, .opcode = security[_i].opcode, .prp1 = th_alloc(h, 4096),
				  .cdw10 = security[_i].cdw10, .cdw11 = security[_i].cdw11),
			  security[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(a_host_that_tries_security_protocols_makes_no_error_entry)
{
	/* Base 2.0 5.16.1.2: protocol 01h is refused without an entry, a wrong specific with one */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	const struct nvme_error_log_entry *entry = th_ptr(h, page);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SECURITY_RECV, .prp1 = page,
				  .cdw10 = 1u << 24 | 1u << 8, .cdw11 = 512),
			  NVME_SC_INVALID_FIELD);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = page,
	      .cdw10 = 15u << 16 | NVME_LID_ERROR);
	ck_assert_uint_eq(nvme_cpu64(entry->error_count), 0);
	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_SECURITY_RECV, .prp1 = page,
				  .cdw10 = 2u << 8, .cdw11 = 512),
			  NVME_SC_INVALID_FIELD);
	th_do(h, .opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL, .prp1 = page,
	      .cdw10 = 15u << 16 | NVME_LID_ERROR);
	ck_assert_uint_eq(nvme_cpu64(entry->error_count), 1);
	th_free(h);
}
END_TEST

START_TEST(the_list_of_security_protocols_is_big_endian)
{
	/* Base 2.0 5.25: six reserved bytes, a length of two, then the protocols. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	static const uint8_t expected[9] = { [7] = 1 };

	memset(th_ptr(h, page), 0xa5, 600);
	th_do(h, .opcode = NVME_ADMIN_SECURITY_RECV, .prp1 = page, .cdw11 = 512);
	ck_assert_mem_eq(th_ptr(h, page), expected, sizeof(expected));
	ck_assert_uint_eq(((const uint8_t *)th_ptr(h, page))[511], 0);
	ck_assert_uint_eq(((const uint8_t *)th_ptr(h, page))[512], 0xa5);
	th_free(h);
}
END_TEST

/* NSID 1 is active, 2 is not, 32 is NN. */
static const struct {
	uint8_t opcode;
	uint32_t nsid, cdw11, cdw12;
	uint16_t sc;
} directives[] = {
	{ NVME_ADMIN_DIRECTIVE_RECV, 1, 0x0001, 0, NVME_SC_SUCCESS },
	{ NVME_ADMIN_DIRECTIVE_RECV, 1, 0x0002, 0, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_DIRECTIVE_RECV, 1, 0x0101, 0, NVME_SC_INVALID_FIELD }, /* streams */
	{ NVME_ADMIN_DIRECTIVE_RECV, 2, 0x0001, 0, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_DIRECTIVE_RECV, 33, 0x0001, 0, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_DIRECTIVE_RECV, 0, 0x0001, 0, NVME_SC_INVALID_NS },
	{ NVME_ADMIN_DIRECTIVE_SEND, 1, 0x0001, 0x0001, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_DIRECTIVE_SEND, 1, 0x0001, 0x0000, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_DIRECTIVE_SEND, 1, 0x0001, 0x0101, NVME_SC_INVALID_FIELD }, /* streams */
	{ NVME_ADMIN_DIRECTIVE_SEND, 1, 0x0101, 0, NVME_SC_INVALID_FIELD },
	{ NVME_ADMIN_DIRECTIVE_SEND, 33, 0x0001, 0x0101, NVME_SC_INVALID_NS },
};

START_TEST(the_identify_directive_is_there_and_no_other_can_be_enabled)
{
	/* Base 2.0 8.7.2, unverified for the order of the reasons */
	struct th_host *h = th_enabled();

	ck_assert_uint_eq(th_code(h, .opcode = directives[_i].opcode, .nsid = directives[_i].nsid,
				  .prp1 = th_alloc(h, 4096), .cdw10 = 1023,
				  .cdw11 = directives[_i].cdw11, .cdw12 = directives[_i].cdw12),
			  directives[_i].sc);
	th_free(h);
}
END_TEST

START_TEST(the_identify_directive_names_itself)
{
	/* Base 2.0 8.7.2.1: bitmaps of supported, enabled and persistent directives. */
	struct th_host *h = th_enabled();
	uint64_t page = th_alloc(h, 4096);
	uint8_t expected[4096] = { [0] = 1, [32] = 1 };

	memset(th_ptr(h, page), 0xa5, 4096);
	th_do(h, .opcode = NVME_ADMIN_DIRECTIVE_RECV, .prp1 = page, .nsid = 1, .cdw10 = 1023,
	      .cdw11 = 1);
	ck_assert_mem_eq(th_ptr(h, page), expected, sizeof(expected));
	memset(th_ptr(h, page), 0xa5, 4096);
	th_do(h, .opcode = NVME_ADMIN_DIRECTIVE_RECV, .prp1 = page, .nsid = 1, .cdw10 = 7,
	      .cdw11 = 1);
	ck_assert_mem_eq(th_ptr(h, page), expected, 32);
	ck_assert_uint_eq(((const uint8_t *)th_ptr(h, page))[32], 0xa5);
	th_free(h);
}
END_TEST

START_TEST(commands_without_their_keys_are_unknown)
{
	/* Base 2.0 5.17.2.1: OACS bits 0 and 5. */
	struct th_host *h = th_enabled(.controller = "security=false,directives=false");
	static const uint8_t opcodes[] = { 0x19, 0x1a, 0x81, 0x82 };
	const struct nvme_id_ctrl *id = identify(h, NVME_CNS_CTRL, 0);

	ck_assert_uint_eq(nvme_cpu16(id->oacs) & 0x21, 0);
	ck_assert_uint_eq(th_code(h, .opcode = opcodes[_i]), NVME_SC_INVALID_OPCODE);
	th_free(h);
}
END_TEST

static Suite *groups_suite(void)
{
	Suite *suite = suite_create("groups");
	TCase *tcase = tcase_create("groups");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, identify_names_the_group);
	tcase_add_test(tcase, the_groups_page_sums_up_the_controllers);
	tcase_add_loop_test(tcase, groups_that_do_not_exist_have_no_page, 0, 3);
	tcase_add_test(tcase, a_warning_that_is_wanted_puts_the_group_into_the_aggregate);
	tcase_add_test(tcase, without_groups_nothing_speaks_of_them);
	tcase_add_test(tcase, the_uuid_list_has_the_vendors);
	tcase_add_loop_test(tcase, security_knows_its_own_list_alone, 0,
			    sizeof(security) / sizeof(security[0]));
	tcase_add_test(tcase, a_host_that_tries_security_protocols_makes_no_error_entry);
	tcase_add_test(tcase, the_list_of_security_protocols_is_big_endian);
	tcase_add_loop_test(tcase, the_identify_directive_is_there_and_no_other_can_be_enabled, 0,
			    sizeof(directives) / sizeof(directives[0]));
	tcase_add_test(tcase, the_identify_directive_names_itself);
	tcase_add_loop_test(tcase, commands_without_their_keys_are_unknown, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { groups_suite };

	return th_main(suites, 1);
}
