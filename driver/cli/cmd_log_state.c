/* SPDX-License-Identifier: BSD-3-Clause */
/* Logs about operations, and any log: self-test-log, sanitize-log, telemetry-log, get-log. */
#include <string.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/files.h"
#include "driver/cli/send.h"

#define LOG_BYTES_MAX (64u << 20)
#define AER_LOG_BYTES 4096u /* of a log that --aen names */

const struct cli_option cli_self_test_log_options[] = {
	/* clang-format off */
	{ "dst-entries", 'e', 0, CLI_NUMBER, "NUM", NVME_SELF_TEST_RESULTS, "20", false, "results to print at most, newest first" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_telemetry_log_options[] = {
	/* clang-format off */
	{ "output-file", 'O', 0, CLI_STRING, "FILE", 0, NULL, false, "file to write the log to; without it its header is printed" },
	{ "host-generate", 'g', 0, CLI_NUMBER, "0-1", 1, "1", false, "1 makes the controller capture its state now, 0 reads what was captured" },
	{ "controller-init", 'c', 0, CLI_FLAG, NULL, 0, NULL, false, "the log that the controller captured on its own (08h)" },
	{ "data-area", 'd', 0, CLI_NUMBER, "1-4", 4, "3", false, "the last data area to read" },
	{ "rae", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "do not re-arm the asynchronous event of this log" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_get_log_options[] = {
	/* clang-format off */
	{ "log-id", 'i', 0, CLI_NUMBER, "NUM", UINT8_MAX, NULL, false, "the log page" },
	{ "log-len", 'l', 0, CLI_SIZE, "SIZE", LOG_BYTES_MAX, NULL, false, "bytes to read" },
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0xffffffff", false, "the namespace" },
	{ "aen", 'a', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, "result of an asynchronous event, which names the log page" },
	{ "lpo", 'L', 0, CLI_SIZE, "SIZE", UINT64_MAX, "0", false, "first byte of the log page, or its index with --ot" },
	{ "lsp", 's', 0, CLI_NUMBER, "NUM", 127, "0", false, "log specific parameter" },
	{ "lsi", 'S', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "log specific identifier" },
	{ "rae", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "do not re-arm the asynchronous event of this log" },
	{ "uuid-index", 'U', 0, CLI_NUMBER, "NUM", 127, "0", false, "UUID index" },
	{ "csi", 'y', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "the I/O command set" },
	{ "ot", 'O', 0, CLI_FLAG, NULL, 0, NULL, false, "the offset is an index" },
	{ "xfer-len", 'x', 0, CLI_SIZE, "SIZE", LOG_BYTES_MAX, "4096", false, "bytes of one command" },
	{ 0 },
	/* clang-format on */
};

/* self-test-log */

static const char *const outcomes[16] = {
	"completed without error",
	"aborted by a Device Self-test command",
	"aborted by a Controller Level Reset",
	"aborted as a namespace was removed",
	"aborted by a Format NVM command",
	"could not be completed: fatal error",
	"failed in a segment that is not known",
	"failed in the segment given",
	"aborted for an unknown reason",
	"aborted by a sanitize operation",
	"reserved",
	"reserved",
	"reserved",
	"reserved",
	"reserved",
	"entry not used",
};

#define ROW(key, label, member, kind)                                                            \
	{                                                                                        \
		key, "  " label, CLI_AT(struct nvme_self_test_result, member), kind, false, NULL \
	}
static const struct cli_field always[] = {
	ROW("Segment number", "Segment Number", seg, CLI_HEX),
	ROW("Valid Diagnostic Information", "Valid Diagnostic Information", vdinfo, CLI_HEX),
	ROW("Power on hours", "Power on hours (POH)", poh, CLI_DEC),
	{ 0 },
};
static const struct cli_field when_valid[] = {
	ROW("Namespace Identifier", "Namespace Identifier", nsid, CLI_HEX),
	ROW("Failing LBA", "Failing LBA", flba, CLI_HEX),
	ROW("Status Code Type", "Status Code Type", sct, CLI_HEX),
	ROW("Status Code", "Status Code", sc, CLI_HEX),
	{ 0 },
};
static const struct cli_field vendor[] = {
	ROW("Vendor Specific", "Vendor Specific", vs, CLI_HEX),
	{ 0 },
};
#undef ROW

/* Bit n of VDINFO says that field n of when_valid has a meaning. */
static void show_details(struct cli *cli, JsonBuilder *builder,
			 const struct nvme_self_test_result *result)
{
	unsigned int code = NVME_GET(result->dsts, NVME_SELF_TEST_CODE);

	if (builder) {
		cli_add_u64(builder, "Self test code", code);
		cli_add_fields(builder, always, result);
	} else {
		cli_print(cli->out, "  %-29s: %u\n", "Self Test Code", code);
		cli_print_fields(cli->out, always, result, 31, false);
	}
	for (unsigned int i = 0; when_valid[i].key; i++) {
		const struct cli_field one[] = { when_valid[i], { 0 } };

		if (!(result->vdinfo >> i & 1))
			continue;
		if (builder)
			cli_add_fields(builder, one, result);
		else
			cli_print_fields(cli->out, one, result, 31, false);
	}
	if (builder)
		cli_add_fields(builder, vendor, result);
	else
		cli_print_fields(cli->out, vendor, result, 31, false);
}

static void show_result(struct cli *cli, JsonBuilder *builder, unsigned int index,
			const struct nvme_self_test_result *result)
{
	unsigned int outcome = NVME_GET(result->dsts, NVME_SELF_TEST_RESULT);
	bool used = outcome != NVME_SELF_TEST_UNUSED;

	if (builder) {
		json_builder_begin_object(builder);
		cli_add_u64(builder, "Self test result", outcome);
	} else {
		cli_print(cli->out, "Self Test Result[%u]:\n  %-29s: %#x%s%s\n", index,
			  "Operation Result", outcome, cli_human(cli->args) ? " " : "",
			  cli_human(cli->args) ? outcomes[outcome] : "");
	}
	if (used)
		show_details(cli, builder, result);
	if (builder)
		json_builder_end_object(builder);
}

static void show_self_test(struct cli *cli, const char *path, const struct nvme_self_test_log *log)
{
	unsigned int count = cli_u32(cli->args, "dst-entries");
	unsigned int current = NVME_GET(log->current_operation, NVME_SELF_TEST_CURRENT);
	unsigned int percent = NVME_GET(log->completion, NVME_SELF_TEST_PERCENT);
	JsonBuilder *builder = cli->out->json ? cli_json_open() : NULL;

	if (builder) {
		cli_add_u64(builder, "Current Device Self-Test Operation", current);
		cli_add_u64(builder, "Current Device Self-Test Completion", percent);
		cli_json_array(builder, "List of Valid Reports");
	} else {
		cli_heading(cli->out, "Device Self Test Log for NVME device:%s", path);
		cli_print(cli->out, "Current operation  : %#x\nCurrent Completion : %u%%\n",
			  current, percent);
	}
	for (unsigned int i = 0; i < count; i++)
		show_result(cli, builder, i, &log->result[i]);
	if (builder) {
		json_builder_end_array(builder);
		cli_json_close(cli->out, builder);
	}
}

bool cli_self_test_log(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_SELF_TEST, .nsid = NVME_NSID_ALL };
	struct nvme_self_test_log tests;

	if (!cli_get_log(session, &log, &tests, sizeof(tests), error))
		return false;
	if (!cli_write_binary(cli->out, &tests, sizeof(tests)))
		show_self_test(cli, session->path, &tests);
	return true;
}

/* sanitize-log */

static const char *const sanitize_statuses[] = {
	"never sanitized",
	"completed",
	"in progress",
	"failed",
	"completed, and blocks were deallocated all the same",
};

static const char *const sanitize_states[] = {
	"idle",
	"restricted processing",
	"restricted failure",
	"unrestricted processing",
	"unrestricted failure",
	"media verification",
	"post-verification deallocation",
};

#define ROW(key, label, member, kind)                                                   \
	{                                                                               \
		key, label, CLI_AT(struct nvme_sanitize_log, member), kind, false, NULL \
	}
static const struct cli_field sanitize_progress[] = {
	ROW("sprog", "Sanitize Progress (SPROG)", sprog, CLI_DEC),
	{ 0 },
};
static const struct cli_field sanitize_fields[] = {
	ROW("cdw10_info", "Sanitize Command Dword 10 (SCDW10)", scdw10, CLI_HEX),
	ROW("time_over_write", "Seconds For Overwrite", eto, CLI_DEC),
	ROW("time_block_erase", "Seconds For Block Erase", etbe, CLI_DEC),
	ROW("time_crypto_erase", "Seconds For Crypto Erase", etce, CLI_DEC),
	ROW("time_over_write_no_dealloc", "Seconds For Overwrite (No-Deallocate)", etond, CLI_DEC),
	ROW("time_block_erase_no_dealloc", "Seconds For Block Erase (No-Deallocate)", etbend,
	    CLI_DEC),
	ROW("time_crypto_erase_no_dealloc", "Seconds For Crypto Erase (No-Deallocate)", etcend,
	    CLI_DEC),
	ROW("time_post_verification_dealloc", "Seconds For Post-Verification Deallocation", etpvds,
	    CLI_DEC),
	{ 0 },
};
#undef ROW

static char *numbered(const char *const *texts, size_t count, unsigned int number)
{
	return g_strdup_printf("(%u) %s", number, number < count ? texts[number] : "Reserved");
}

static void add_sanitize(JsonBuilder *builder, const char *path,
			 const struct nvme_sanitize_log *log)
{
	unsigned int sstat = nvme_cpu16(log->sstat);
	g_autofree char *status = numbered(sanitize_statuses, G_N_ELEMENTS(sanitize_statuses),
					   NVME_GET(sstat, NVME_SANITIZE_SSTAT_STATUS));
	g_autofree char *state = numbered(sanitize_states, G_N_ELEMENTS(sanitize_states),
					  NVME_GET(log->ssi, NVME_SANITIZE_SSI_SANS));

	cli_json_object(builder, path);
	cli_add_fields(builder, sanitize_progress, log);
	cli_json_object(builder, "sstat");
	cli_add_u64(builder, "media_verification_canceled",
		    NVME_GET(sstat, NVME_SANITIZE_SSTAT_MVCNCLD));
	cli_add_u64(builder, "global_erased", NVME_GET(sstat, NVME_SANITIZE_SSTAT_GDE));
	cli_add_u64(builder, "no_cmplted_passes", NVME_GET(sstat, NVME_SANITIZE_SSTAT_PASSES));
	cli_add_text(builder, "status", status);
	json_builder_end_object(builder);
	cli_add_fields(builder, sanitize_fields, log);
	cli_json_object(builder, "sanitize_state_information");
	cli_add_text(builder, "sanitize_state", state);
	json_builder_end_object(builder);
	json_builder_end_object(builder);
}

static void print_sanitize(struct cli *cli, const struct nvme_sanitize_log *log)
{
	unsigned int sstat = nvme_cpu16(log->sstat);
	g_autofree char *status = numbered(sanitize_statuses, G_N_ELEMENTS(sanitize_statuses),
					   NVME_GET(sstat, NVME_SANITIZE_SSTAT_STATUS));
	g_autofree char *state = numbered(sanitize_states, G_N_ELEMENTS(sanitize_states),
					  NVME_GET(log->ssi, NVME_SANITIZE_SSI_SANS));

	cli_print_fields(cli->out, sanitize_progress, log, 43, false);
	cli_print(cli->out, "%-43s: %#x\n", "Sanitize Status (SSTAT)", sstat);
	if (cli_human(cli->args))
		cli_print(cli->out,
			  "  Status: %s\n  Overwrite passes completed: %u\n"
			  "  Global data erased: %s\n  Media verification cancelled: %s\n",
			  status, NVME_GET(sstat, NVME_SANITIZE_SSTAT_PASSES),
			  NVME_GET(sstat, NVME_SANITIZE_SSTAT_GDE) ? "yes" : "no",
			  NVME_GET(sstat, NVME_SANITIZE_SSTAT_MVCNCLD) ? "yes" : "no");
	cli_print_fields(cli->out, sanitize_fields, log, 43, false);
	cli_print(cli->out, "%-43s: %#x\n", "Sanitize State Information (SSI)", log->ssi);
	if (cli_human(cli->args))
		cli_print(cli->out, "  State: %s\n", state);
}

bool cli_sanitize_log(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_SANITIZE,
				     .rae = cli_given(cli->args, "rae") > 0,
				     .nsid = NVME_NSID_ALL };
	struct nvme_sanitize_log sanitize;
	JsonBuilder *builder;

	if (!cli_get_log(session, &log, &sanitize, sizeof(sanitize), error))
		return false;
	if (cli_write_binary(cli->out, &sanitize, sizeof(sanitize)))
		return true;
	if (cli->out->json) {
		builder = cli_json_open();
		add_sanitize(builder, session->path, &sanitize);
		cli_json_close(cli->out, builder);
	} else {
		print_sanitize(cli, &sanitize);
	}
	return true;
}

/* telemetry-log */

#define ROW(key, member, kind)                                                          \
	{                                                                               \
		key, NULL, CLI_AT(struct nvme_telemetry_log, member), kind, false, NULL \
	}
static const struct cli_field telemetry_fields[] = {
	ROW("log_id", lpi, CLI_HEX),
	ROW("ieee", ieee, CLI_OUI),
	ROW("data_area_1_last_block", dalb1, CLI_DEC),
	ROW("data_area_2_last_block", dalb2, CLI_DEC),
	ROW("data_area_3_last_block", dalb3, CLI_DEC),
	ROW("data_area_4_last_block", dalb4, CLI_DEC),
	ROW("host_generation_number", hostdgn, CLI_DEC),
	ROW("controller_data_available", ctrlavail, CLI_DEC),
	ROW("controller_generation_number", ctrldgn, CLI_DEC),
	ROW("reason", rsnident, CLI_NAME),
	{ 0 },
};
#undef ROW

static uint32_t last_block(const struct nvme_telemetry_log *head, uint32_t area)
{
	switch (area) {
	case 1:
		return nvme_cpu16(head->dalb1);
	case 2:
		return nvme_cpu16(head->dalb2);
	case 3:
		return nvme_cpu16(head->dalb3);
	default:
		return nvme_cpu32(head->dalb4);
	}
}

static bool put_telemetry(struct cli *cli, const uint8_t *data, uint32_t bytes, GError **error)
{
	const char *path = cli_text(cli->args, "output-file");

	if (path && strcmp(path, "-") != 0)
		return cli_write_file(path, data, bytes, error);
	if (path)
		cli_write(cli->out, data, bytes);
	else
		cli_show_fields(cli->out, NULL, telemetry_fields, data, bytes, 28, false);
	return true;
}

bool cli_telemetry_log(struct cli *cli, struct cli_session *session, GError **error)
{
	bool by_ctrl = cli_given(cli->args, "controller-init") > 0;
	bool create = !by_ctrl && cli_number(cli->args, "host-generate") == 1;
	uint32_t area = cli_u32(cli->args, "data-area"), bytes;
	struct nvl_log log = {
		.lid = by_ctrl ? NVME_LID_TELEMETRY_CTRL : NVME_LID_TELEMETRY_HOST,
		.lsp = NVME_PUT(NVME_GET_LOG_LSP_TELEMETRY_CREATE, create),
		.rae = true,
		.nsid = NVME_NSID_ALL,
	};
	struct nvme_telemetry_log head;
	g_autofree uint8_t *data = NULL;

	if (area == 0)
		return cli_fail(error, CLI_EXIT_USAGE, "--data-area: 0 is out of range: 1 to 4");
	if (!cli_get_log(session, &log, &head, sizeof(head), error))
		return false;
	if (last_block(&head, area) >= LOG_BYTES_MAX / NVME_TELEMETRY_BLOCK_BYTES)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT,
				"%s: the telemetry log's data area %u ends with block %u, which is "
				"more than this program reads",
				session->name, area, last_block(&head, area));
	bytes = (last_block(&head, area) + 1) * NVME_TELEMETRY_BLOCK_BYTES;
	data = g_malloc0(bytes);
	log.lsp = 0;
	log.rae = cli_given(cli->args, "rae") > 0;
	if (!cli_get_log(session, &log, data, bytes, error))
		return false;
	return put_telemetry(cli, data, bytes, error);
}

/* get-log */

static void fill_get_log(const struct cli *cli, struct nvme_sqe *sqe, uint8_t lid, uint32_t bytes,
			 uint64_t offset, bool rae)
{
	uint32_t dwords_z = bytes / 4 - 1;

	*sqe = (struct nvme_sqe){
		.opcode = NVME_ADMIN_GET_LOG_PAGE,
		.nsid = nvme_le32(cli_u32(cli->args, "namespace-id")),
		.cdw10 = nvme_le32(NVME_PUT(NVME_GET_LOG_LID, lid) |
				   NVME_PUT(NVME_GET_LOG_LSP, cli_u32(cli->args, "lsp")) |
				   NVME_PUT(NVME_GET_LOG_RAE, rae) |
				   NVME_PUT(NVME_GET_LOG_NUMDL, dwords_z & 0xffff)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_GET_LOG_NUMDU, dwords_z >> 16) |
				   NVME_PUT(NVME_GET_LOG_LSI, cli_u32(cli->args, "lsi"))),
		.cdw12 = nvme_le32((uint32_t)offset),
		.cdw13 = nvme_le32((uint32_t)(offset >> 32)),
		.cdw14 = nvme_le32(NVME_PUT(NVME_GET_LOG_UIDX, cli_u32(cli->args, "uuid-index")) |
				   NVME_PUT(NVME_GET_LOG_OT, cli_given(cli->args, "ot") > 0) |
				   NVME_PUT(NVME_GET_LOG_CSI, cli_u32(cli->args, "csi"))),
	};
}

/* An index cannot be moved by bytes, so with --ot one command reads all. */
static bool read_log(struct cli *cli, struct cli_session *session, uint8_t lid, uint8_t *data,
		     uint32_t bytes, GError **error)
{
	bool rae = cli_given(cli->args, "rae") > 0, by_index = cli_given(cli->args, "ot") > 0;
	uint32_t chunk = by_index ? bytes : cli_u32(cli->args, "xfer-len") & ~3u;
	uint64_t first = cli_number(cli->args, "lpo");

	for (uint32_t at = 0; at < bytes; at += chunk) {
		uint32_t part = MIN(chunk, bytes - at);
		struct cli_request request = { .data = data + at, .bytes = part };

		fill_get_log(cli, &request.sqe, lid, part, first + at, rae || at + part < bytes);
		if (!cli_send(session, &request, error, "log page %02Xh (%s), byte %u", lid,
			      nvme_log_name(lid), at))
			return false;
	}
	return true;
}

static void show_log(struct cli *cli, const char *path, uint8_t lid, const uint8_t *data,
		     uint32_t bytes)
{
	uint32_t nsid = cli_u32(cli->args, "namespace-id");
	JsonBuilder *builder;

	if (cli_write_binary(cli->out, data, bytes))
		return;
	if (!cli->out->json) {
		cli_print(cli->out, "Device:%s log-id:%u namespace-id:%#x\n", path, lid, nsid);
		cli_hexdump(cli->out, data, bytes);
		return;
	}
	builder = cli_json_open();
	cli_add_text(builder, "Device", path);
	cli_add_u64(builder, "log-id", lid);
	cli_add_u64(builder, "namespace-id", nsid);
	cli_add_dump(builder, "data", data, bytes);
	cli_json_close(cli->out, builder);
}

bool cli_any_log(struct cli *cli, struct cli_session *session, GError **error)
{
	bool by_event = cli_given(cli->args, "aen") > 0;
	uint32_t bytes = by_event ? AER_LOG_BYTES : cli_u32(cli->args, "log-len");
	uint8_t lid = (uint8_t)cli_u32(cli->args, "log-id");
	g_autofree uint8_t *data = NULL;

	if (by_event)
		lid = (uint8_t)NVME_GET(cli_u32(cli->args, "aen"), NVME_AER_LID);
	else if (!cli_given(cli->args, "log-id"))
		return cli_fail(error, CLI_EXIT_USAGE, "--log-id NUM is missing (the log page)");
	if (bytes == 0 || bytes % 4 != 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--log-len: %u bytes are not a log; a multiple of 4 is", bytes);
	if (cli_u32(cli->args, "xfer-len") < 4)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--xfer-len: a command reads 4 bytes or more");
	data = g_malloc0(bytes);
	if (!read_log(cli, session, lid, data, bytes, error))
		return false;
	show_log(cli, session->path, lid, data, bytes);
	return true;
}
