/* SPDX-License-Identifier: BSD-3-Clause */
/* Trace files: reading good and bad ones, words for records, and the life of a command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/trace_file.h"
#include "tests/harness/main.h"

#define HEADER "{\"format\":3,\"side\":\"controller\"}\n"
#define REC(seq, rest) \
	"{\"seq\":" #seq ",\"time\":\"0x" #seq "00\",\"ctrl\":0,\"event\":" rest "}\n"

/* A read with CID 5 on queue 1 among others, as a controller writes it. */
static const char sample[] = HEADER REC(
	0, "\"reg.write\",\"offset\":20,\"bytes\":4,\"value\":\"0x460001\"")
	REC(1, "\"db.sq\",\"qid\":1,\"old\":0,\"new\":2") REC(
		2, "\"sqe.fetch\",\"qid\":1,\"slot\":0,\"cid\":4,\"opcode\":1,\"nsid\":1")
		REC(3, "\"sqe.fetch\",\"qid\":1,\"slot\":1,\"cid\":5,\"opcode\":2,\"nsid\":1") REC(
			4, "\"cqe.post\",\"qid\":1,\"slot\":0,\"phase\":1,\"sqid\":1,\"cid\":4,"
			   "\"sqhd\":2,\"status\":16512,\"dw0\":0")
			REC(5, "\"prp.list\",\"qid\":1,\"cid\":5,\"iova\":\"0x1000\","
			       "\"entries\":1,\"data\":\"0020000000000000\"")
				REC(6, "\"cqe.post\",\"qid\":1,\"slot\":1,\"phase\":1,\"sqid\":"
				       "1,\"cid\":5,\"sqhd\":2,\"status\":0,\"dw0\":0")
					REC(7, "\"irq.raise\",\"vector\":1")
						REC(8, "\"db.cq\",\"qid\":1,\"old\":0,\"new\":2")
							REC(9, "\"sqe.fetch\",\"qid\":1,\"slot\":2,"
							       "\"cid\":5,\"opcode\":2,\"nsid\":1");

static struct cli_trace *load(const char *text, size_t bytes, GError **error)
{
	FILE *file = fmemopen((void *)text, bytes, "r");
	struct cli_trace *trace;

	ck_assert_ptr_nonnull(file);
	trace = cli_trace_load(file, "trace", error);
	fclose(file);
	return trace;
}

static struct cli_trace *load_sample(void)
{
	GError *error = NULL;
	struct cli_trace *trace = load(sample, sizeof(sample) - 1, &error);

	ck_assert_msg(trace != NULL, "%s", error ? error->message : "");
	return trace;
}

static void expect_refused(const char *text, const char *part)
{
	GError *error = NULL;
	struct cli_trace *trace = load(text, strlen(text), &error);

	ck_assert_ptr_null(trace);
	ck_assert_int_eq(cli_exit_code(error), CLI_EXIT_ENVIRONMENT);
	ck_assert_msg(strstr(error->message, part) != NULL, "'%s' lacks '%s'", error->message,
		      part);
	g_error_free(error);
}

START_TEST(records_have_the_arguments_of_their_event)
{
	g_autoptr(CliTrace) trace = load_sample();
	const struct cli_record *record = cli_trace_record(trace, 3);
	uint64_t value;

	ck_assert_uint_eq(trace->side, NVME_TRACE_CONTROLLER);
	ck_assert_uint_eq(trace->records->len, 10);
	ck_assert_uint_eq(record->seq, 3);
	ck_assert_uint_eq(record->time_nsec, 0x300);
	ck_assert_uint_eq(record->event, NVME_TRACE_SQE_FETCH);
	ck_assert_uint_eq(cli_record_value(record, "slot"), 1);
	ck_assert_uint_eq(cli_record_value(record, "opcode"), 2);
	ck_assert(!cli_record_arg(record, "phase", &value));
	record = cli_trace_record(trace, 5);
	ck_assert_uint_eq(cli_record_value(record, "iova"), 0x1000);
	ck_assert_uint_eq(record->data_bytes, 8);
	ck_assert_uint_eq(record->data[1], 0x20);
	ck_assert_ptr_null(cli_trace_record(trace, 10));
}
END_TEST

START_TEST(what_is_no_trace_is_refused_by_line_and_reason)
{
	expect_refused(" ", "trace:1:");
	expect_refused("hello\n", "trace:1: not JSON");
	expect_refused("[1]\n", "trace:1: not a JSON object");
	expect_refused("{}\n", "trace:1: not a trace");
	expect_refused("{\"format\":1,\"side\":\"driver\"}\n", "format 1; this program reads 3");
	expect_refused("{\"format\":3,\"side\":\"moon\"}\n", "\"side\" is neither");
	expect_refused(HEADER "{\"seq\":0}\n", "trace:2: a record has");
	expect_refused(HEADER "\n", "trace:2: not a JSON object");
	expect_refused(HEADER REC(0, "\"irq.raise\""),
		       "trace:2: event irq.raise without a number \"vector\"");
	expect_refused(HEADER REC(0, "\"irq.raise\",\"vector\":-1"), "vector");
	expect_refused(HEADER REC(0, "\"irq.raise\",\"vector\":\"x\""), "vector");
	expect_refused(HEADER REC(0, "\"irq.raise\",\"vector\":[1]"), "vector");
	expect_refused(HEADER REC(0, "\"irq.raise\",\"vector\":1,\"data\":\"0\""),
		       "\"data\" is not");
	expect_refused(HEADER REC(0, "\"irq.raise\",\"vector\":1,\"data\":\"0g\""),
		       "\"data\" is not");
	expect_refused(HEADER REC(0, "\"irq.raise\",\"vector\":1,\"data\":5"), "\"data\" is not");
}
END_TEST

static void expect_text(const struct cli_trace *trace, unsigned int index, const char *expected)
{
	g_autofree char *text = cli_record_text(cli_trace_record(trace, index));

	ck_assert_str_eq(text, expected);
}

START_TEST(in_a_trace_of_both_sides_each_record_says_whose_it_is)
{
	static const char text[] =
		"{\"format\":3,\"side\":\"both\"}\n"
		"{\"side\":\"driver\",\"seq\":0,\"time\":\"0x1\",\"ctrl\":0,\"event\":\"db.sq\","
		"\"qid\":1,\"old\":0,\"new\":1}\n"
		"{\"side\":\"controller\",\"seq\":0,\"time\":\"0x1\",\"ctrl\":0,\"event\":"
		"\"fault\",\"rule\":0,\"site\":0,\"data\":\"6c6f736500\"}\n";
	GError *error = NULL;
	g_autoptr(CliTrace) trace = load(text, sizeof(text) - 1, &error);
	char buffer[512];
	struct nvme_text line;

	ck_assert_uint_eq(trace->side, NVME_TRACE_BOTH);
	ck_assert_uint_eq(cli_trace_record(trace, 0)->side, NVME_TRACE_DRIVER);
	ck_assert_uint_eq(cli_trace_record(trace, 1)->side, NVME_TRACE_CONTROLLER);
	expect_text(trace, 1, "lose at reg.read");
	nvme_text_init(&line, buffer, sizeof(buffer));
	nvme_trace_header(&line, NVME_TRACE_BOTH);
	ck_assert_str_eq(buffer, "{\"format\":3,\"side\":\"both\"}");
	expect_refused("{\"format\":3,\"side\":\"both\"}\n" REC(0, "\"irq.raise\",\"vector\":1"),
		       "trace:2: a record of a trace of both sides has");
}
END_TEST

START_TEST(what_is_added_to_a_trace_is_written_as_it_was_read)
{
	g_autoptr(CliTrace) trace = cli_trace_new(NVME_TRACE_BOTH);
	struct nvme_trace_record record = { .time_nsec = 0x10,
					    .event = NVME_TRACE_IRQ_RAISE,
					    .side = NVME_TRACE_CONTROLLER,
					    .args = { 3 },
					    .data = "ab",
					    .data_bytes = 2 };
	char buffer[512];
	struct nvme_text line;

	cli_trace_add(trace, &record);
	ck_assert_uint_eq(cli_record_value(cli_trace_record(trace, 0), "vector"), 3);
	ck_assert_mem_eq(cli_trace_record(trace, 0)->data, "ab", 2);
	nvme_text_init(&line, buffer, sizeof(buffer));
	nvme_trace_json_both(&line, &record);
	ck_assert_str_eq(buffer, "{\"side\":\"controller\",\"seq\":0,\"time\":\"0x10\",\"ctrl\":0,"
				 "\"event\":\"irq.raise\",\"vector\":3,\"data\":\"6162\"}");
}
END_TEST

START_TEST(a_line_that_never_ends_is_refused)
{
	size_t bytes = (2 << 20) + sizeof(HEADER);
	g_autofree char *text = g_malloc(bytes);
	GError *error = NULL;

	memset(text, ' ', bytes);
	memcpy(text, HEADER, sizeof(HEADER) - 1);
	ck_assert_ptr_null(load(text, bytes, &error));
	ck_assert_str_eq(error->message, "trace:2: a line that is too long");
	g_error_free(error);
}
END_TEST

START_TEST(a_last_line_without_end_and_unknown_events_are_left_out)
{
	static const char text[] = HEADER REC(0, "\"irq.raise\",\"vector\":1")
		REC(1, "\"from.the.future\",\"x\":1") "{\"seq\":2,\"ti";
	GError *error = NULL;
	g_autoptr(CliTrace) trace = load(text, sizeof(text) - 1, &error);

	ck_assert_ptr_nonnull(trace);
	ck_assert_uint_eq(trace->records->len, 1);
}
END_TEST

START_TEST(records_in_words_have_names_beside_numbers)
{
	g_autoptr(CliTrace) trace = load_sample();

	expect_text(trace, 0, "CC      = 0x460001");
	expect_text(trace, 1, "qid=1 old=0 new=2");
	expect_text(trace, 3, "qid=1 slot=1 cid=5 opcode=02h (read) nsid=0x1");
	expect_text(trace, 4,
		    "qid=1 slot=0 phase=1 sqid=1 cid=4 sqhd=2 status=0x4080 (LBA Out of Range, "
		    "DNR) dw0=0");
	expect_text(trace, 5, "qid=1 cid=5 iova=0x1000 entries=1 data=8 bytes");
}
END_TEST

/* The events of a life, as text: "db.sq sqe.fetch ..." */
static char *life(const struct cli_trace *trace, const char *select, GError **error)
{
	char *printed = NULL;
	size_t bytes = 0;
	struct cli_output out = { .file = open_memstream(&printed, &bytes), .json = true };
	bool found = cli_print_life(&out, trace, select, error);
	g_autoptr(GString) events = g_string_new(NULL);

	fclose(out.file);
	for (char *at = printed; found && (at = strstr(at, "\"event\" : \"")) != NULL; at++) {
		at += strlen("\"event\" : \"");
		g_string_append_printf(events, "%s%.*s", events->len > 0 ? " " : "",
				       (int)strcspn(at, "\""), at);
	}
	free(printed);
	return found ? g_strdup(events->str) : NULL;
}

START_TEST(a_life_is_the_commands_own_records_with_doorbells_and_interrupt)
{
	static const struct {
		const char *select, *events;
	} rows[] = {
		/* The last read did not end, so the one that did is worth more. */
		{ "last-read", "db.sq sqe.fetch prp.list cqe.post irq.raise db.cq" },
		{ "first-read", "db.sq sqe.fetch prp.list cqe.post irq.raise db.cq" },
		{ "1:5", "db.sq sqe.fetch prp.list cqe.post irq.raise db.cq" },
		{ "last-write", "db.sq sqe.fetch cqe.post irq.raise db.cq" },
	};
	g_autoptr(CliTrace) trace = load_sample();
	g_autofree char *events = life(trace, rows[_i].select, NULL);

	ck_assert_str_eq(events, rows[_i].events);
}
END_TEST

START_TEST(a_life_that_is_not_there_is_an_error)
{
	g_autoptr(CliTrace) trace = load_sample();
	GError *error = NULL;

	ck_assert_ptr_null(life(trace, "last-flush", &error));
	ck_assert_int_eq(cli_exit_code(error), CLI_EXIT_FAILED);
	g_clear_error(&error);
	ck_assert_ptr_null(life(trace, "whatever", &error));
	ck_assert_int_eq(cli_exit_code(error), CLI_EXIT_USAGE);
	g_clear_error(&error);
	ck_assert_ptr_null(life(trace, "1:", &error));
	ck_assert_int_eq(cli_exit_code(error), CLI_EXIT_USAGE);
	g_clear_error(&error);
}
END_TEST

/* A doorbell that passes the end of the ring covers the slots at both ends. */
START_TEST(a_doorbell_round_the_end_of_the_ring_is_found)
{
	static const char text[] = HEADER REC(0, "\"db.sq\",\"qid\":1,\"old\":2,\"new\":3") REC(
		1, "\"db.sq\",\"qid\":1,\"old\":3,\"new\":1")
		REC(2, "\"db.sq\",\"qid\":2,\"old\":0,\"new\":1") REC(
			3, "\"sqe.fetch\",\"qid\":1,\"slot\":0,\"cid\":1,\"opcode\":2,\"nsid\":1");
	GError *error = NULL;
	g_autoptr(CliTrace) trace = load(text, sizeof(text) - 1, &error);
	g_autofree char *events = life(trace, "last-read", &error);

	ck_assert_str_eq(events, "db.sq sqe.fetch");
}
END_TEST

START_TEST(perfetto_gets_a_slice_for_each_command_that_ended)
{
	g_autoptr(CliTrace) trace = load_sample();
	g_autoptr(JsonParser) parser = json_parser_new();
	char *printed = NULL;
	size_t bytes = 0;
	struct cli_output out = { .file = open_memstream(&printed, &bytes) };
	unsigned int begins = 0, ends = 0;
	JsonArray *events;

	cli_print_perfetto(&out, trace);
	fclose(out.file);
	ck_assert(json_parser_load_from_data(parser, printed, -1, NULL));
	events = json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)),
					      "traceEvents");
	for (guint i = 0; i < json_array_get_length(events); i++) {
		const char *phase = json_object_get_string_member(
			json_array_get_object_element(events, i), "ph");

		begins += strcmp(phase, "b") == 0;
		ends += strcmp(phase, "e") == 0;
	}
	ck_assert_uint_eq(begins, 3);
	ck_assert_uint_eq(ends, 2);
	free(printed);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("driver/cli/trace");
	TCase *files = tcase_create("files");
	TCase *lives = tcase_create("lives");

	cli_set_level(CLI_LOG_ERROR);
	tcase_add_test(files, records_have_the_arguments_of_their_event);
	tcase_add_test(files, what_is_no_trace_is_refused_by_line_and_reason);
	tcase_add_test(files, in_a_trace_of_both_sides_each_record_says_whose_it_is);
	tcase_add_test(files, what_is_added_to_a_trace_is_written_as_it_was_read);
	tcase_add_test(files, a_line_that_never_ends_is_refused);
	tcase_add_test(files, a_last_line_without_end_and_unknown_events_are_left_out);
	tcase_add_test(files, records_in_words_have_names_beside_numbers);
	suite_add_tcase(suite, files);
	tcase_add_loop_test(lives, a_life_is_the_commands_own_records_with_doorbells_and_interrupt,
			    0, 4);
	tcase_add_test(lives, a_life_that_is_not_there_is_an_error);
	tcase_add_test(lives, a_doorbell_round_the_end_of_the_ring_is_found);
	tcase_add_test(lives, perfetto_gets_a_slice_for_each_command_that_ended);
	suite_add_tcase(suite, lives);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
