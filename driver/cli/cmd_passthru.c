/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands of your own: admin-passthru, io-passthru. */
#include <string.h>

#include "driver/cli/command_text.h"
#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/files.h"
#include "driver/cli/session.h"

#define DATA_MAX (UINT64_C(64) << 20)

#define DWORD(number, letter)                                                        \
	{                                                                            \
		"cdw" #number, letter, 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, \
			"command dword " #number                                     \
	}

const struct cli_option cli_passthru_options[] = {
	/* clang-format off */
	{ "opcode", 'O', 0, CLI_NUMBER, "NUM", UINT8_MAX, NULL, true, "opcode" },
	{ "flags", 'f', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "dword 0, bits 15:8: fused operation, PRP or SGL" },
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "NSID" },
	{ "data-len", 'l', 0, CLI_SIZE, "SIZE", DATA_MAX, "0", false, "bytes of data" },
	{ "prefill", 'p', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "what the buffer holds before" },
	DWORD(2, '2'),
	DWORD(3, '3'),
	DWORD(10, '4'),
	DWORD(11, '5'),
	DWORD(12, '6'),
	DWORD(13, '7'),
	DWORD(14, '8'),
	DWORD(15, '9'),
	{ "read", 'r', 0, CLI_FLAG, NULL, 0, NULL, false, "data come from the controller" },
	{ "write", 'w', 0, CLI_FLAG, NULL, 0, NULL, false, "data go to the controller" },
	{ "input-file", 'i', 0, CLI_STRING, "FILE", 0, NULL, false, "file with the data to send, or for the data that come" },
	{ "show-command", 's', 0, CLI_FLAG, NULL, 0, NULL, false, "print the command, then send it" },
	{ "dry-run", 'd', 0, CLI_FLAG, NULL, 0, NULL, false, "print the command and do not send it" },
	{ "latency", 'T', 0, CLI_FLAG, NULL, 0, NULL, false, "say how long the command took" },
	{ 0 },
	/* clang-format on */
};

void cli_print_command(struct cli_output *out, const struct nvme_sqe *sqe, uint32_t data_bytes)
{
	const struct {
		const char *name;
		int digits;
		uint32_t value;
	} rows[] = {
		{ "opcode", 2, sqe->opcode },		{ "flags", 2, sqe->flags },
		{ "nsid", 8, nvme_cpu32(sqe->nsid) },	{ "cdw2", 8, nvme_cpu32(sqe->cdw2) },
		{ "cdw3", 8, nvme_cpu32(sqe->cdw3) },	{ "data_len", 8, data_bytes },
		{ "cdw10", 8, nvme_cpu32(sqe->cdw10) }, { "cdw11", 8, nvme_cpu32(sqe->cdw11) },
		{ "cdw12", 8, nvme_cpu32(sqe->cdw12) }, { "cdw13", 8, nvme_cpu32(sqe->cdw13) },
		{ "cdw14", 8, nvme_cpu32(sqe->cdw14) }, { "cdw15", 8, nvme_cpu32(sqe->cdw15) },
	};
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (out->json)
			cli_add_u64(builder, rows[i].name, rows[i].value);
		else
			cli_print(out, "%-12s : %0*x\n", rows[i].name, rows[i].digits,
				  rows[i].value);
	}
	json_builder_end_object(builder);
	if (out->json)
		cli_print_json(out, builder);
}

/* A raw command on the way. */
struct raw {
	bool admin;
	struct nvme_sqe sqe;
	bool to_ctrl;
	uint32_t bytes;
	struct nvl_buffer buffer;
};

static nvme_u32le dword(struct cli *cli, const char *name)
{
	return nvme_le32(cli_u32(cli->args, name));
}

static bool fill_raw(struct cli *cli, struct raw *raw, GError **error)
{
	bool read = cli_given(cli->args, "read") > 0;

	raw->sqe = (struct nvme_sqe){
		.opcode = (uint8_t)cli_number(cli->args, "opcode"),
		.flags = (uint8_t)cli_number(cli->args, "flags"),
		.nsid = dword(cli, "namespace-id"),
		.cdw2 = dword(cli, "cdw2"),
		.cdw3 = dword(cli, "cdw3"),
		.cdw10 = dword(cli, "cdw10"),
		.cdw11 = dword(cli, "cdw11"),
		.cdw12 = dword(cli, "cdw12"),
		.cdw13 = dword(cli, "cdw13"),
		.cdw14 = dword(cli, "cdw14"),
		.cdw15 = dword(cli, "cdw15"),
	};
	raw->bytes = cli_u32(cli->args, "data-len");
	raw->to_ctrl = cli_given(cli->args, "write") > 0;
	if (read && raw->to_ctrl)
		return cli_fail(error, CLI_EXIT_USAGE, "--read and --write exclude each other");
	if (raw->bytes > 0 && !read && !raw->to_ctrl) {
		cli_fail(error, CLI_EXIT_USAGE, "--data-len needs a direction: --read or --write");
		cli_hint(error, "bits 1:0 of opcode %02Xh say %s", raw->sqe.opcode,
			 raw->sqe.opcode & 1   ? "to the controller"
			 : raw->sqe.opcode & 2 ? "from the controller"
					       : "no data");
		return false;
	}
	if (raw->bytes % 4 != 0)
		return cli_fail(error, CLI_EXIT_USAGE, "--data-len: %u is not a multiple of 4",
				raw->bytes);
	return true;
}

static const char *raw_title(const struct raw *raw)
{
	return raw->admin ? cli_admin_title(raw->sqe.opcode) : cli_io_title(raw->sqe.opcode);
}

static void print_result(struct cli *cli, const struct raw *raw,
			 const struct nvl_completion *completion)
{
	bool received = raw->bytes > 0 && !raw->to_ctrl;
	g_autoptr(JsonBuilder) builder = NULL;
	g_autofree char *result = g_strdup_printf("0x%08x", completion->dw0);

	if (!cli->out->json) {
		cli_print(cli->out, "%s Command %s is Success and result: %s\n",
			  raw->admin ? "Admin" : "IO", raw_title(raw), result);
		if (received)
			cli_hexdump(cli->out, raw->buffer.data, raw->bytes);
		return;
	}
	builder = json_builder_new();
	json_builder_begin_object(builder);
	cli_add_u64(builder, "opcode", raw->sqe.opcode);
	cli_add_text(builder, "command", raw_title(raw));
	cli_add_u64(builder, "status", 0);
	cli_add_text(builder, "result", result);
	if (received)
		cli_add_dump(builder, "data", raw->buffer.data, raw->bytes);
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
}

static bool send_raw(struct cli *cli, struct cli_session *session, struct raw *raw, GError **error)
{
	struct nvl_queue *queue = raw->admin ? nvl_admin_queue(session->ctrl)
					     : cli_io_queue(session, error);
	const struct nvl_data data = { .buffer = &raw->buffer, .bytes = raw->bytes };
	struct nvl_completion completion = { 0 };
	uint64_t start_nsec = nvl_device_now(session->device);
	int result;

	if (!queue)
		return false;
	result = nvl_execute(queue, &raw->sqe, raw->bytes > 0 ? &data : NULL, &completion);
	if (cli_given(cli->args, "latency")) {
		g_autofree char *took = cli_time_text(nvl_device_now(session->device) - start_nsec);

		fprintf(stderr, " latency: %s: %s\n", cli->command->name, took);
	}
	if (result != 0)
		return cli_fail_result(error, result, "%s: %s command %02Xh (%s)", session->name,
				       raw->admin ? "admin" : "I/O", raw->sqe.opcode,
				       raw_title(raw));
	if (raw->bytes > 0 && !raw->to_ctrl && cli_text(cli->args, "input-file"))
		return cli_write_file(cli_text(cli->args, "input-file"), raw->buffer.data,
				      raw->bytes, error);
	if (!cli_write_binary(cli->out, raw->buffer.data, raw->to_ctrl ? 0 : raw->bytes))
		print_result(cli, raw, &completion);
	return true;
}

static bool prepare_data(struct cli *cli, struct cli_session *session, struct raw *raw,
			 GError **error)
{
	uint64_t limit = nvl_info(session->ctrl)->max_transfer_bytes;
	size_t got;
	int result;

	if (raw->bytes == 0)
		return true;
	if (raw->bytes > limit)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--data-len: %u is more than a command of this controller can "
				"move: %" G_GUINT64_FORMAT,
				raw->bytes, limit);
	result = nvl_device_alloc(session->device, raw->bytes, &raw->buffer);
	if (result != 0)
		return cli_fail_result(error, result, "%s: a buffer of %u bytes", session->name,
				       raw->bytes);
	memset(raw->buffer.data, (int)cli_number(cli->args, "prefill"), raw->bytes);
	if (!raw->to_ctrl)
		return true;
	return cli_read_file(cli_text(cli->args, "input-file"), raw->buffer.data, raw->bytes, &got,
			     error);
}

static bool run_raw(struct cli *cli, struct cli_session *session, bool admin, GError **error)
{
	struct raw raw = { .admin = admin };
	bool done = fill_raw(cli, &raw, error);

	if (!done)
		return false;
	if (cli_given(cli->args, "show-command") || cli_given(cli->args, "dry-run"))
		cli_print_command(cli->out, &raw.sqe, raw.bytes);
	if (cli_given(cli->args, "dry-run"))
		return true;
	done = prepare_data(cli, session, &raw, error) && send_raw(cli, session, &raw, error);
	nvl_device_free(session->device, &raw.buffer);
	return done;
}

bool cli_admin_passthru(struct cli *cli, struct cli_session *session, GError **error)
{
	return run_raw(cli, session, true, error);
}

bool cli_io_passthru(struct cli *cli, struct cli_session *session, GError **error)
{
	return run_raw(cli, session, false, error);
}
