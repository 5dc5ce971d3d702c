/* SPDX-License-Identifier: BSD-3-Clause */
/* Directives and security protocols: dir-receive, dir-send, security-recv, security-send. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/files.h"
#include "driver/cli/send.h"

#define DATA_MAX (1u << 20)

/* clang-format off */
#define DIR_TYPE { "dir-type", 'D', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "directive type: 0 identify" }
#define DIR_SPEC { "dir-spec", 'S', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "directive specific field" }
/* clang-format on */

const struct cli_option cli_dir_receive_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "data-len", 'l', 0, CLI_SIZE, "SIZE", DATA_MAX, NULL, false, "bytes to read; known for the specification's operations" },
	DIR_TYPE,
	DIR_SPEC,
	{ "dir-oper", 'O', 0, CLI_NUMBER, "NUM", UINT8_MAX, "1", false, "operation: 1 return parameters" },
	{ "req-resource", 'r', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "streams to allocate" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_dir_send_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "data-len", 'l', 0, CLI_SIZE, "SIZE", DATA_MAX, "0", false, "bytes to send" },
	DIR_TYPE,
	DIR_SPEC,
	{ "dir-oper", 'O', 0, CLI_NUMBER, "NUM", UINT8_MAX, "1", false, "operation: 1 enable or disable a directive" },
	{ "target-dir", 'T', 0, CLI_NUMBER, "NUM", UINT8_MAX, "1", false, "the directive to enable or disable" },
	{ "endir", 'e', 0, CLI_NUMBER, "0-1", 1, "1", false, "1 enables it" },
	{ "input-file", 'i', 0, CLI_STRING, "FILE", 0, NULL, false, "file with the data; standard input if not given" },
	{ 0 },
	/* clang-format on */
};

/* clang-format off */
#define SECURITY_NAMESPACE { "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "the namespace" }
#define SECURITY_NSSF { "nssf", 'N', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "NVMe security specific field" }
#define SECURITY_SECP { "secp", 'p', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "security protocol; 0 is information about protocols" }
#define SECURITY_SPSP { "spsp", 's', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, "security protocol specific field" }
/* clang-format on */

const struct cli_option cli_security_recv_options[] = {
	/* clang-format off */
	SECURITY_NAMESPACE,
	{ "size", 'x', 0, CLI_SIZE, "SIZE", DATA_MAX, "512", false, "bytes to read" },
	SECURITY_NSSF,
	SECURITY_SECP,
	SECURITY_SPSP,
	{ "al", 't', 0, CLI_SIZE, "SIZE", DATA_MAX, NULL, false, "allocation length; --size if not given" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_security_send_options[] = {
	/* clang-format off */
	SECURITY_NAMESPACE,
	{ "file", 'f', 0, CLI_STRING, "FILE", 0, NULL, false, "file with the data; standard input if not given" },
	SECURITY_NSSF,
	SECURITY_SECP,
	SECURITY_SPSP,
	{ "tl", 't', 0, CLI_SIZE, "SIZE", DATA_MAX, NULL, false, "transfer length; what the file has if not given" },
	{ 0 },
	/* clang-format on */
};

static void show_data(struct cli_output *out, const void *data, uint32_t bytes)
{
	JsonBuilder *builder;

	if (cli_write_binary(out, data, bytes))
		return;
	if (out->json) {
		builder = cli_json_open();
		cli_add_dump(builder, "data", data, bytes);
		cli_json_close(out, builder);
	} else {
		cli_hexdump(out, data, bytes);
	}
}

/* dir-receive */

static bool fill_directive(struct cli *cli, struct cli_session *session, struct nvme_sqe *sqe,
			   uint32_t bytes, GError **error)
{
	if (bytes % 4 != 0)
		return cli_fail(error, CLI_EXIT_USAGE, "--data-len: %u is not a multiple of 4",
				bytes);
	sqe->nsid = nvme_le32(cli_pick_nsid(cli, session));
	sqe->cdw10 = nvme_le32(bytes > 0 ? bytes / 4 - 1 : 0);
	sqe->cdw11 = nvme_le32(NVME_PUT(NVME_DIRECTIVE_DOPER, cli_u32(cli->args, "dir-oper")) |
			       NVME_PUT(NVME_DIRECTIVE_DTYPE, cli_u32(cli->args, "dir-type")) |
			       NVME_PUT(NVME_DIRECTIVE_DSPEC, cli_u32(cli->args, "dir-spec")));
	return true;
}

static const char *const directive_names[] = { "Identify Directive", "Stream Directive",
					       "Data Placement Directive" };

static void print_directives(struct cli_output *out, const char *what, const uint8_t *bits,
			     const char *yes, const char *no)
{
	cli_print(out, "\t%s\n", what);
	for (size_t i = 0; i < G_N_ELEMENTS(directive_names); i++)
		cli_print(out, "\t\t%-24s : %s\n", directive_names[i], bits[0] >> i & 1 ? yes : no);
}

static void show_received(struct cli *cli, const struct cli_request *request)
{
	const struct nvme_id_directives *id = request->data;
	uint32_t type = cli_u32(cli->args, "dir-type"), operation = cli_u32(cli->args, "dir-oper");
	JsonBuilder *builder;

	if (cli_write_binary(cli->out, request->data, request->bytes))
		return;
	if (cli->out->json) {
		builder = cli_json_open();
		cli_add_u64(builder, "Type", type);
		cli_add_u64(builder, "Operation", operation);
		cli_add_u64(builder, "spec", cli_u32(cli->args, "dir-spec"));
		cli_add_u64(builder, "NSID", nvme_cpu32(request->sqe.nsid));
		cli_add_u64(builder, "Result", request->completion.dw0);
		cli_add_dump(builder, "data", request->data, request->bytes);
		cli_json_close(cli->out, builder);
		return;
	}
	cli_print(cli->out, "dir-receive: type:%#x operation:%#x spec:%#x nsid:%#x result:%#x\n",
		  type, operation, cli_u32(cli->args, "dir-spec"), nvme_cpu32(request->sqe.nsid),
		  request->completion.dw0);
	if (cli_human(cli->args) && type == NVME_DIRECTIVE_IDENTIFY &&
	    operation == NVME_DIRECTIVE_IDENTIFY_RECV_PARAMS && request->bytes >= sizeof(*id)) {
		print_directives(cli->out, "Directive support", id->supported, "supported",
				 "not supported");
		print_directives(cli->out, "Directive enabled", id->enabled, "enabled", "disabled");
		print_directives(cli->out, "Directive kept through controller level resets",
				 id->persistent, "enabled", "disabled");
	} else {
		cli_hexdump(cli->out, request->data, request->bytes);
	}
}

/* Identify has a page, streams 32 bytes of parameters; the rest is the caller's to say. */
static uint32_t receive_bytes(const struct cli *cli)
{
	if (cli_given(cli->args, "data-len"))
		return cli_u32(cli->args, "data-len");
	return cli_u32(cli->args, "dir-type") == NVME_DIRECTIVE_STREAMS
		       ? (uint32_t)sizeof(struct nvme_streams_params)
		       : (uint32_t)sizeof(struct nvme_id_directives);
}

bool cli_dir_receive(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t bytes = receive_bytes(cli);
	g_autofree uint8_t *data = g_malloc0(MAX(bytes, 4));
	struct cli_request request = { .sqe = { .opcode = NVME_ADMIN_DIRECTIVE_RECV },
				       .data = data,
				       .bytes = bytes };

	if (!fill_directive(cli, session, &request.sqe, bytes, error))
		return false;
	request.sqe.cdw12 = nvme_le32(
		NVME_PUT(NVME_DIRECTIVE_ALLOCATE_NSR, cli_u32(cli->args, "req-resource")));
	if (!cli_send(session, &request, error, "directive receive"))
		return false;
	show_received(cli, &request);
	return true;
}

bool cli_dir_send(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t bytes = cli_u32(cli->args, "data-len");
	g_autofree uint8_t *data = g_malloc0(MAX(bytes, 4));
	struct cli_request request = { .sqe = { .opcode = NVME_ADMIN_DIRECTIVE_SEND },
				       .data = data,
				       .bytes = bytes };
	size_t got;

	if (!fill_directive(cli, session, &request.sqe, bytes, error) ||
	    (bytes > 0 &&
	     !cli_read_file(cli_text(cli->args, "input-file"), data, bytes, &got, error)))
		return false;
	request.sqe.cdw12 = nvme_le32(
		NVME_PUT(NVME_DIRECTIVE_ENABLE_ENDIR, cli_u32(cli->args, "endir")) |
		NVME_PUT(NVME_DIRECTIVE_ENABLE_TDTYPE, cli_u32(cli->args, "target-dir")));
	if (!cli_send(session, &request, error, "directive send"))
		return false;
	cli_done(cli, "result", request.completion.dw0,
		 "dir-send: type %#x, operation %#x, spec_val %#x, nsid %#x, result %#x",
		 cli_u32(cli->args, "dir-type"), cli_u32(cli->args, "dir-oper"),
		 cli_u32(cli->args, "dir-spec"), nvme_cpu32(request.sqe.nsid),
		 request.completion.dw0);
	return true;
}

/* security-recv, security-send */

static void fill_security(struct cli *cli, struct nvme_sqe *sqe, uint32_t length)
{
	uint32_t spsp = cli_u32(cli->args, "spsp");

	sqe->nsid = nvme_le32(cli_u32(cli->args, "namespace-id"));
	sqe->cdw10 = nvme_le32(NVME_PUT(NVME_SECURITY_NSSF, cli_u32(cli->args, "nssf")) |
			       NVME_PUT(NVME_SECURITY_SPSP0, spsp & 0xff) |
			       NVME_PUT(NVME_SECURITY_SPSP1, spsp >> 8) |
			       NVME_PUT(NVME_SECURITY_SECP, cli_u32(cli->args, "secp")));
	sqe->cdw11 = nvme_le32(length);
}

bool cli_security_recv(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t bytes = (cli_u32(cli->args, "size") + 3) & ~3u;
	g_autofree uint8_t *data = g_malloc0(MAX(bytes, 4));
	struct cli_request request = { .sqe = { .opcode = NVME_ADMIN_SECURITY_RECV },
				       .data = data,
				       .bytes = bytes };
	uint32_t length = cli_given(cli->args, "al") ? cli_u32(cli->args, "al")
						     : cli_u32(cli->args, "size");

	if (length > bytes)
		return cli_fail(error, CLI_EXIT_USAGE, "--al: %u is more than --size has, %u",
				length, bytes);
	fill_security(cli, &request.sqe, length);
	if (!cli_send(session, &request, error, "security receive"))
		return false;
	if (!cli->out->binary && !cli->out->json)
		cli_print(cli->out, "NVME Security Receive Command Success\n");
	show_data(cli->out, data, cli_u32(cli->args, "size"));
	return true;
}

bool cli_security_send(struct cli *cli, struct cli_session *session, GError **error)
{
	g_autofree uint8_t *data = g_malloc0(DATA_MAX);
	struct cli_request request = { .sqe = { .opcode = NVME_ADMIN_SECURITY_SEND },
				       .data = data };
	size_t bytes;

	if (!cli_read_file(cli_text(cli->args, "file"), data, DATA_MAX, &bytes, error))
		return false;
	if (cli_given(cli->args, "tl"))
		bytes = cli_u32(cli->args, "tl");
	request.bytes = (bytes + 3) & ~(size_t)3;
	fill_security(cli, &request.sqe, (uint32_t)bytes);
	if (!cli_send(session, &request, error, "security send"))
		return false;
	cli_done(cli, "bytes", bytes, "NVME Security Send Command Success");
	return true;
}
