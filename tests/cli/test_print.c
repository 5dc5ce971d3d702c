/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of fields: the same row gives the line and the JSON member. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nvme_spec.h"
#include "driver/cli/fields.h"
#include "tests/harness/main.h"

/* What was printed, and the JSON of the same structure. */
static char *printed;
static size_t printed_bytes;
static struct cli_output out;

static void start(void)
{
	out = (struct cli_output){ .file = open_memstream(&printed, &printed_bytes) };
}

static const char *text(void)
{
	fflush(out.file);
	return printed;
}

static void finish(void)
{
	fclose(out.file);
	free(printed);
}

static void expect_line(const char *line)
{
	ck_assert_msg(strstr(text(), line) != NULL, "no '%s' in:\n%s", line, text());
}

/* The members that the rows give, as compact JSON. */
static char *json_of(const struct cli_field *fields, const void *data)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;

	json_builder_begin_object(builder);
	cli_add_fields(builder, fields, data);
	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	return json_generator_to_data(generator, NULL);
}

static void expect_json(const struct cli_field *fields, const void *data, const char *part)
{
	g_autofree char *json = json_of(fields, data);

	ck_assert_msg(strstr(json, part) != NULL, "no '%s' in %s", part, json);
}

/* One field of @bytes bytes at offset 0. */
static void print_one(enum cli_kind kind, uint16_t bytes, const void *data)
{
	const struct cli_field fields[] = { { "it", NULL, 0, bytes, kind, false, NULL }, { 0 } };

	cli_print_fields(&out, fields, data, 3, false);
}

START_TEST(numbers_are_little_endian_of_any_length)
{
	static const uint8_t data[16] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88 };

	print_one(CLI_DEC, 1, data);
	expect_line("it : 1\n");
	print_one(CLI_HEX, 2, data);
	expect_line("it : 0x201\n");
	print_one(CLI_HEX, 3, data);
	expect_line("it : 0x30201\n");
	print_one(CLI_HEX, 8, data);
	expect_line("it : 0x8807060504030201\n");
	print_one(CLI_DEC, 16, data);
	expect_line("it : 9801809732607083009\n");
	print_one(CLI_HEX, 4, "\0\0\0");
	expect_line("it : 0\n");
}
END_TEST

START_TEST(a_128_bit_number_has_all_its_digits)
{
	uint8_t ones[16];

	memset(ones, 0xff, sizeof(ones));
	print_one(CLI_DEC, 16, ones);
	expect_line("it : 340282366920938463463374607431768211455\n");
}
END_TEST

START_TEST(texts_of_a_device_cannot_speak_to_the_terminal)
{
	print_one(CLI_ASCII, 8, "A\033[1mB\0 ");
	expect_line("it : A?[1mB  \n");
	print_one(CLI_NAME, 8, "nqn\0junk");
	expect_line("it : nqn\n");
	print_one(CLI_ASCII, 2, "\xff\x80");
	expect_line("it : ??\n");
}
END_TEST

START_TEST(identifiers_and_units_have_their_forms)
{
	static const uint8_t uuid[16] = { 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
					  0,	1,    2,    3,	  4,	5,    6,    7 };

	print_one(CLI_UUID, 16, uuid);
	expect_line("it : 12345678-9abc-def0-0001-020304050607\n");
	print_one(CLI_BYTES, 4, uuid);
	expect_line("it : 12345678\n");
	print_one(CLI_OUI, 3, uuid);
	expect_line("it : 563412\n");
	print_one(CLI_KELVIN, 2, "\x43\x01");
	expect_line("it : 50 °C (323 K)\n");
	print_one(CLI_PERCENT, 1, "\x63");
	expect_line("it : 99%\n");
	print_one(CLI_DATA_UNITS, 16, "\xe8\x03\0\0\0\0\0\0\0\0\0\0\0\0\0");
	expect_line("it : 1000 (512.00 MB)\n");
}
END_TEST

/* Base 2.0 5.17.2.1, unverified: the row of a field, of its bits, and its key. */
START_TEST(identify_controller_is_printed_and_becomes_json)
{
	struct nvme_id_ctrl *id = g_new0(struct nvme_id_ctrl, 1);

	id->vid = nvme_le16(0x1b36);
	memcpy(id->sn, "S1                  ", 20);
	id->oacs = nvme_le16(0x108);
	id->sqes = 0x66;
	id->tnvmcap = nvme_le128(1, 0);
	memcpy(id->ieee, "\x00\x54\x52", 3);
	cli_print_fields(&out, cli_id_ctrl_fields, id, 10, true);
	expect_line("vid       : 0x1b36\n");
	expect_line("sn        : S1                  \n");
	expect_line("ieee      : 525400\n");
	expect_line("  [8:8]   : 0x1\tDoorbell Buffer Config: Supported\n");
	expect_line("  [1:1]   : 0\tFormat NVM: Not Supported\n");
	expect_line("  [7:4]   : 0x6\tLargest SQ Entry: 64 B\n");
	expect_line("tnvmcap   : 18446744073709551616\n");
	ck_assert_ptr_null(strstr(text(), "subnqn"));
	expect_json(cli_id_ctrl_fields, id,
		    "\"vid\":6966,\"ssvid\":0,\"sn\":\"S1                  \"");
	expect_json(cli_id_ctrl_fields, id, "\"tnvmcap\":\"18446744073709551616\"");
	expect_json(cli_id_ctrl_fields, id, "\"ieee\":5395456");
	memcpy(id->subnqn, "nqn.x", 6);
	expect_json(cli_id_ctrl_fields, id, "\"subnqn\":\"nqn.x\"");
	g_free(id);
}
END_TEST

START_TEST(a_smart_log_leaves_out_sensors_that_are_not_there)
{
	struct nvme_smart_log smart = { .temperature = { 0x43, 0x01 },
					.available_spare = 100,
					.temperature_sensor[1] = nvme_le16(300) };

	cli_print_fields(&out, cli_smart_fields, &smart, 40, false);
	expect_line("temperature                             : 50 °C (323 K)\n");
	expect_line("Temperature Sensor 2                    : 27 °C (300 K)\n");
	ck_assert_ptr_null(strstr(text(), "Temperature Sensor 1 "));
	expect_json(cli_smart_fields, &smart, "\"avail_spare\":100,\"spare_thresh\":0");
	expect_json(cli_smart_fields, &smart, "\"temperature_sensor_2\":300");
}
END_TEST

/* JSON's readers lose digits beyond 2^63; json-glib makes them negative. */
START_TEST(numbers_that_json_would_spoil_are_texts)
{
	struct nvme_id_ns *ns = g_new0(struct nvme_id_ns, 1);

	ns->nsze = nvme_le64(INT64_MAX);
	ns->ncap = nvme_le64(UINT64_MAX);
	expect_json(cli_id_ns_fields, ns,
		    "\"nsze\":9223372036854775807,\"ncap\":\"18446744073709551615\"");
	g_free(ns);
}
END_TEST

/* A field beyond its structure would read what is not there. */
static void check_rows(const struct cli_field *fields, size_t bytes)
{
	for (size_t end = 0; fields->key; fields++) {
		ck_assert_uint_le((size_t)fields->offset + fields->bytes, bytes);
		ck_assert_uint_gt(fields->bytes, 0);
		ck_assert_uint_ge(fields->offset, end);
		end = (size_t)fields->offset + fields->bytes;
		for (const struct cli_bits *bits = fields->bits; bits && bits->name; bits++) {
			ck_assert_uint_ge(bits->hi, bits->lo);
			ck_assert_uint_lt(bits->hi, 8u * fields->bytes);
		}
	}
}

START_TEST(every_row_lies_in_its_structure_in_order)
{
	check_rows(cli_id_ctrl_fields, sizeof(struct nvme_id_ctrl));
	check_rows(cli_id_ns_fields, sizeof(struct nvme_id_ns));
	check_rows(cli_id_ns_optperf_fields, sizeof(struct nvme_id_ns));
	check_rows(cli_id_ns_more_fields, sizeof(struct nvme_id_ns));
	check_rows(cli_smart_fields, sizeof(struct nvme_smart_log));
	check_rows(cli_error_fields, sizeof(struct nvme_error_log_entry));
	check_rows(cli_error_more_fields, sizeof(struct nvme_error_log_entry));
}
END_TEST

START_TEST(bits_beyond_the_known_values_are_reserved)
{
	static const char *const values[] = { "zero", "one", NULL };
	static const struct cli_bits bits[] = { { 3, 2, "Pair", values },
						{ 1, 0, "Number", NULL },
						{ 0 } };

	cli_print_bits(&out, bits, 0xe);
	expect_line("  [3:2]   : 0x3\tPair: Reserved\n  [1:0]   : 0x2\tNumber\n");
}
END_TEST

START_TEST(parts_of_features_are_decoded)
{
	const struct cli_feature *queues = cli_find_feature(NVME_FID_NUM_QUEUES);
	const struct cli_feature *arbitration = cli_find_feature(NVME_FID_ARBITRATION);
	g_autofree char *burst = cli_part_text(&arbitration->parts[3], 7);
	g_autofree char *finite = cli_part_text(&arbitration->parts[3], 3);
	uint64_t number;

	ck_assert(cli_part_is_number(&queues->parts[0], 0x003f001f, &number));
	ck_assert_uint_eq(number, 64);
	ck_assert(cli_part_is_number(&queues->parts[1], 0x003f001f, &number));
	ck_assert_uint_eq(number, 32);
	ck_assert_str_eq(burst, "No limit");
	ck_assert_str_eq(finite, "8");
	ck_assert_ptr_null(cli_find_feature(0xee));
}
END_TEST

START_TEST(a_hexdump_ends_where_the_data_end)
{
	cli_hexdump(&out, "0123456789abcdef\n ", 18);
	expect_line("0000: 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 \"0123456789abcdef\"\n"
		    "0010: 0a 20                                           \"..\"\n");
}
END_TEST

START_TEST(parts_of_a_command_are_named_by_their_bytes)
{
	ck_assert_str_eq(cli_sqe_part(0), "opcode");
	ck_assert_str_eq(cli_sqe_part(7), "NSID");
	ck_assert_str_eq(cli_sqe_part(40), "CDW10");
	ck_assert_str_eq(cli_sqe_part(63), "CDW15");
	ck_assert_str_eq(cli_sqe_part(64), "beyond it");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("driver/cli/print");
	TCase *fields = tcase_create("fields");

	tcase_add_checked_fixture(fields, start, finish);
	tcase_add_test(fields, numbers_are_little_endian_of_any_length);
	tcase_add_test(fields, a_128_bit_number_has_all_its_digits);
	tcase_add_test(fields, texts_of_a_device_cannot_speak_to_the_terminal);
	tcase_add_test(fields, identifiers_and_units_have_their_forms);
	tcase_add_test(fields, identify_controller_is_printed_and_becomes_json);
	tcase_add_test(fields, a_smart_log_leaves_out_sensors_that_are_not_there);
	tcase_add_test(fields, numbers_that_json_would_spoil_are_texts);
	tcase_add_test(fields, every_row_lies_in_its_structure_in_order);
	tcase_add_test(fields, bits_beyond_the_known_values_are_reserved);
	tcase_add_test(fields, parts_of_features_are_decoded);
	tcase_add_test(fields, a_hexdump_ends_where_the_data_end);
	tcase_add_test(fields, parts_of_a_command_are_named_by_their_bytes);
	suite_add_tcase(suite, fields);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
