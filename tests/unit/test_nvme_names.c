/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of numbers: common/nvme_names.c and the lists that it is made of. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "common/nvme_names.h"
#include "tests/harness/main.h"

/* Rows of a list with one number, as the list has them. */
struct row {
	const char *text;
	unsigned int number;
};

#define ROW(name, number, text) { text, number },
static const struct row admin_rows[] = { NVME_ADMIN_OPCODE_LIST(ROW) };
static const struct row nvm_rows[] = { NVME_NVM_OPCODE_LIST(ROW) };
static const struct row kv_rows[] = { NVME_KV_OPCODE_LIST(ROW) };
static const struct row csi_rows[] = { NVME_CSI_LIST(ROW) };
static const struct row feature_rows[] = { NVME_FEATURE_LIST(ROW) };
static const struct row log_rows[] = { NVME_LOG_LIST(ROW) };
static const struct row cns_rows[] = { NVME_CNS_LIST(ROW) };
static const struct row pel_rows[] = { NVME_PEL_EVENT_LIST(ROW) };
#undef ROW

/* The lists whose names are looked up by one byte. */
static const struct table {
	const char *(*name)(uint8_t number);
	const struct row *rows;
	size_t n;
	unsigned int vendor_first; /* 256: no range of the vendor's */
	const char *vendor;
	const char *unknown;
} tables[] = {
#define TABLE(name, rows, first, ...)                                          \
	{                                                                      \
		name, rows, sizeof(rows) / sizeof(rows[0]), first, __VA_ARGS__ \
	}
	TABLE(nvme_admin_opcode_name, admin_rows, 0xc0, "vendor-specific", "unknown"),
	TABLE(nvme_nvm_opcode_name, nvm_rows, 0x80, "vendor-specific", "unknown"),
	TABLE(nvme_kv_opcode_name, kv_rows, 0x80, "vendor-specific", "unknown"),
	TABLE(nvme_csi_name, csi_rows, 0x100, "", "Unknown"),
	TABLE(nvme_feature_name, feature_rows, 0xc0, "Vendor Specific", "Unknown"),
	TABLE(nvme_log_name, log_rows, 0xc0, "Vendor Specific", "Unknown"),
	TABLE(nvme_cns_name, cns_rows, 0x100, "", "Unknown"),
	TABLE(nvme_pel_event_name, pel_rows, 0x100, "", "Unknown"),
#undef TABLE
};
#define N_TABLES ((int)(sizeof(tables) / sizeof(tables[0])))

static const char *expected_name(const struct table *table, unsigned int number)
{
	for (size_t i = 0; i < table->n; i++) {
		if (table->rows[i].number == number)
			return table->rows[i].text;
	}
	return number >= table->vendor_first ? table->vendor : table->unknown;
}

START_TEST(every_byte_has_the_name_of_its_row_or_none)
{
	const struct table *table = &tables[_i];

	for (unsigned int number = 0; number < 256; number++)
		ck_assert_str_eq(table->name((uint8_t)number), expected_name(table, number));
}
END_TEST

START_TEST(rows_are_in_ascending_order_and_unique)
{
	const struct table *table = &tables[_i];

	for (size_t i = 1; i < table->n; i++)
		ck_assert_uint_lt(table->rows[i - 1].number, table->rows[i].number);
}
END_TEST

START_TEST(no_two_rows_of_a_list_share_a_name)
{
	const struct table *table = &tables[_i];

	for (size_t i = 0; i < table->n; i++) {
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(table->rows[i].text, table->rows[k].text);
	}
}
END_TEST

START_TEST(opcode_names_can_be_typed)
{
	/* Lower case, digits and dashes, not a number: for scenarios and command lines. */
	const struct table *table = &tables[_i];

	for (size_t i = 0; i < table->n; i++) {
		const char *text = table->rows[i].text;

		ck_assert_uint_eq(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-"),
				  strlen(text));
		ck_assert(islower((unsigned char)text[0]));
	}
}
END_TEST

static const struct status_row {
	const char *identifier;
	const char *text;
	unsigned int sct;
	unsigned int sc;
} status_rows[] = {
#define ROW(name, sct, sc, text) { #name, text, sct, sc },
	NVME_STATUS_LIST(ROW)
#undef ROW
};
#define N_STATUSES ((int)(sizeof(status_rows) / sizeof(status_rows[0])))

START_TEST(every_status_has_its_text_with_and_without_flags)
{
	/* Base 2.0 3.3.3.2.1 (unverified): CRD, M and DNR do not change what a status means. */
	const struct status_row *row = &status_rows[_i];
	nvme_status status = (nvme_status)(row->sct << 8 | row->sc);
	nvme_status flags = NVME_DNR | NVME_MORE | (nvme_status)NVME_PUT(NVME_STATUS_CRD, 3);

	ck_assert_str_eq(nvme_status_name(status), row->text);
	ck_assert_str_eq(nvme_status_name(status | flags), row->text);
	ck_assert_str_eq(nvme_status_identifier(status | flags), row->identifier);
	ck_assert_uint_eq(nvme_status_code(status | flags), status);
}
END_TEST

static bool is_listed(unsigned int code)
{
	for (int i = 0; i < N_STATUSES; i++) {
		if ((status_rows[i].sct << 8 | status_rows[i].sc) == code)
			return true;
	}
	return false;
}

START_TEST(every_other_status_is_unknown_or_the_vendors)
{
	unsigned int sct = (unsigned int)_i;

	for (unsigned int sc = 0; sc < 256; sc++) {
		nvme_status status = (nvme_status)(sct << 8 | sc);
		bool vendor = sct == NVME_SCT_VENDOR || sc >= 0xc0;

		if (is_listed(status))
			continue;
		ck_assert_str_eq(nvme_status_name(status), vendor ? "Vendor Specific" : "Unknown");
		ck_assert_str_eq(nvme_status_identifier(status), "UNKNOWN");
	}
}
END_TEST

START_TEST(status_types_have_names)
{
	ck_assert_str_eq(nvme_sct_name(NVME_SCT_GENERIC), "Generic Command Status");
	ck_assert_str_eq(nvme_sct_name(NVME_SCT_COMMAND), "Command Specific Status");
	ck_assert_str_eq(nvme_sct_name(NVME_SCT_MEDIA), "Media and Data Integrity Errors");
	ck_assert_str_eq(nvme_sct_name(NVME_SCT_PATH), "Path Related Status");
	ck_assert_str_eq(nvme_sct_name(NVME_SCT_VENDOR), "Vendor Specific");
	ck_assert_str_eq(nvme_sct_name(4), "Unknown");
	ck_assert_str_eq(nvme_sct_name(256), "Unknown");
}
END_TEST

START_TEST(every_byte_of_a_register_has_its_name)
{
	/* Base 2.0 3.1.3 (unverified): the properties and the gaps between them. */
	static const struct {
		const char *name;
		uint32_t offset;
		uint32_t bytes;
	} registers[] = {
#define ROW(name, offset, bytes, clause) { #name, offset, bytes },
		NVME_REGISTER_LIST(ROW)
#undef ROW
	};
	uint32_t next = 0;

	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		for (; next < registers[i].offset; next++)
			ck_assert_str_eq(nvme_register_name(next), "Unknown");
		for (; next < registers[i].offset + registers[i].bytes; next++)
			ck_assert_str_eq(nvme_register_name(next), registers[i].name);
	}
	ck_assert_str_eq(nvme_register_name(next), "Unknown");
	ck_assert_str_eq(nvme_register_name(NVME_DOORBELL_OFFSET), "Unknown");
	ck_assert_str_eq(nvme_register_name(UINT32_MAX), "Unknown");
}
END_TEST

START_TEST(an_event_is_named_by_type_and_information)
{
	/* Base 2.0 5.2.1 (unverified). */
	ck_assert_str_eq(nvme_aer_name(NVME_AER_INVALID_DB_VALUE), "Invalid Doorbell Write Value");
	ck_assert_str_eq(nvme_aer_name(NVME_AER_NS_CHANGED),
			 "Attached Namespace Attribute Changed");
	ck_assert_str_eq(nvme_aer_name(0x00000102), "Firmware Activation Starting");
	ck_assert_str_eq(nvme_aer_name(0xff7f0102), "Firmware Activation Starting");
	ck_assert_str_eq(nvme_aer_name(0x0000ff02), "Unknown");
	ck_assert_str_eq(nvme_aer_name(0x00000007), "Vendor Specific");
}
END_TEST

START_TEST(an_event_is_the_dword_that_a_completion_has)
{
	/* Base 2.0 5.2.1 (unverified): type 2:0, information 15:8, log page 23:16. */
	ck_assert_uint_eq(NVME_AER_INVALID_DB_REGISTER, 0x010000);
	ck_assert_uint_eq(NVME_AER_INVALID_DB_VALUE, 0x010100);
	ck_assert_uint_eq(NVME_AER_SMART_TEMPERATURE, 0x020101);
	ck_assert_uint_eq(NVME_AER_NS_CHANGED, 0x040002);
	ck_assert_uint_eq(NVME_AER_SANITIZE_COMPLETED, 0x810106);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("common/nvme_names");
	TCase *lists = tcase_create("lists");
	TCase *statuses = tcase_create("statuses");
	TCase *others = tcase_create("registers and events");

	tcase_add_loop_test(lists, every_byte_has_the_name_of_its_row_or_none, 0, N_TABLES);
	tcase_add_loop_test(lists, rows_are_in_ascending_order_and_unique, 0, N_TABLES);
	tcase_add_loop_test(lists, no_two_rows_of_a_list_share_a_name, 0, N_TABLES);
	tcase_add_loop_test(lists, opcode_names_can_be_typed, 0, 3);
	suite_add_tcase(suite, lists);
	tcase_add_loop_test(statuses, every_status_has_its_text_with_and_without_flags, 0,
			    N_STATUSES);
	tcase_add_loop_test(statuses, every_other_status_is_unknown_or_the_vendors, 0, 8);
	tcase_add_test(statuses, status_types_have_names);
	suite_add_tcase(suite, statuses);
	tcase_add_test(others, every_byte_of_a_register_has_its_name);
	tcase_add_test(others, an_event_is_named_by_type_and_information);
	tcase_add_test(others, an_event_is_the_dword_that_a_completion_has);
	suite_add_tcase(suite, others);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
