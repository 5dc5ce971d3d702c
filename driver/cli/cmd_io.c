/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that move data: read, write, flush. */
#include <string.h>
#include <unistd.h>

#include "driver/cli/command_text.h"
#include "driver/cli/error.h"
#include "driver/cli/files.h"
#include "driver/cli/session.h"

#define TRANSFER_MAX (UINT64_C(65536) << 16) /* blocks of one command, of 64 KiB each */

#define NAMESPACE                                                                   \
	{                                                                           \
		"namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, \
			"the namespace; the first active one if not given"          \
	}
#define START_BLOCK                                                             \
	{                                                                       \
		"start-block", 's', 0, CLI_SIZE, "NUM", UINT64_MAX, "0", false, \
			"first logical block"                                   \
	}
#define BLOCK_COUNT                                                               \
	{                                                                         \
		"block-count", 'c', 0, CLI_NUMBER, "NUM", UINT16_MAX, "0", false, \
			"how many, less one (0's based)"                          \
	}
#define DATA_SIZE                                                                 \
	{                                                                         \
		"data-size", 'z', 0, CLI_SIZE, "SIZE", TRANSFER_MAX, NULL, false, \
			"bytes; what the blocks have if not given"                \
	}
#define RETRY                                                            \
	{                                                                \
		"limited-retry", 'l', 0, CLI_FLAG, NULL, 0, NULL, false, \
			"limit the controller's effort in errors"        \
	}
#define FUA                                                                  \
	{                                                                    \
		"force-unit-access", 'f', 0, CLI_FLAG, NULL, 0, NULL, false, \
			"past the volatile write cache"                      \
	}
#define SHOW                                                            \
	{                                                               \
		"show-command", 'V', 0, CLI_FLAG, NULL, 0, NULL, false, \
			"print the command, then send it"               \
	}
#define DRY_RUN                                                    \
	{                                                          \
		"dry-run", 'w', 0, CLI_FLAG, NULL, 0, NULL, false, \
			"print the command and do not send it"     \
	}
#define LATENCY                                                                                    \
	{                                                                                          \
		"latency", 't', 0, CLI_FLAG, NULL, 0, NULL, false, "say how long the command took" \
	}

const struct cli_option cli_read_options[] = {
	/* clang-format off */
	NAMESPACE,
	START_BLOCK,
	BLOCK_COUNT,
	DATA_SIZE,
	{ "data", 'd', 0, CLI_STRING, "FILE", 0, NULL, false, "file to write; standard output if not given" },
	RETRY,
	FUA,
	SHOW,
	DRY_RUN,
	LATENCY,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_write_options[] = {
	/* clang-format off */
	NAMESPACE,
	START_BLOCK,
	BLOCK_COUNT,
	DATA_SIZE,
	{ "data", 'd', 0, CLI_STRING, "FILE", 0, NULL, false, "file to read; standard input if not given" },
	RETRY,
	FUA,
	SHOW,
	DRY_RUN,
	LATENCY,
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_flush_options[] = {
	/* clang-format off */
	{ "namespace-id", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, "the namespace; the first active one if not given" },
	{ 0 },
	/* clang-format on */
};

/* One read or write of the command line. */
struct transfer {
	bool write;
	const struct nvl_ns *ns; /* NULL: not in the table, but the controller may answer */
	struct nvme_sqe sqe;
	uint64_t slba;
	uint32_t nlb;
	uint64_t bytes; /* of the blocks */
	uint64_t data_bytes;
	struct nvl_buffer buffer;
};

static void fill_command(struct cli *cli, struct transfer *transfer, uint32_t nsid)
{
	struct nvme_sqe *sqe = &transfer->sqe;

	sqe->opcode = transfer->write ? NVME_CMD_WRITE : NVME_CMD_READ;
	sqe->nsid = nvme_le32(nsid);
	sqe->cdw10 = nvme_le32((uint32_t)transfer->slba);
	sqe->cdw11 = nvme_le32((uint32_t)(transfer->slba >> 32));
	sqe->cdw12 = nvme_le32(
		NVME_PUT(NVME_RW_NLB, transfer->nlb - 1) |
		NVME_PUT(NVME_RW_FUA, cli_given(cli->args, "force-unit-access") > 0) |
		NVME_PUT(NVME_RW_LR, cli_given(cli->args, "limited-retry") > 0));
}

static bool plan(struct cli *cli, struct cli_session *session, struct transfer *transfer,
		 GError **error)
{
	uint32_t nsid = cli_pick_nsid(cli, session);
	uint32_t block_bytes = 0;

	transfer->ns = nvl_ns_find(session->ctrl, nsid);
	if (transfer->ns && transfer->ns->problem)
		return cli_pick_ns(cli, session, error) != NULL;
	if (transfer->ns)
		block_bytes = transfer->ns->block_bytes;
	transfer->slba = cli_number(cli->args, "start-block");
	transfer->nlb = cli_u32(cli->args, "block-count") + 1;
	transfer->bytes = (uint64_t)transfer->nlb * block_bytes;
	transfer->data_bytes = cli_number(cli->args, "data-size");
	if (!cli_given(cli->args, "data-size"))
		transfer->data_bytes = transfer->bytes;
	if (transfer->data_bytes == 0) {
		cli_fail(error, CLI_EXIT_USAGE,
			 "--data-size is missing: namespace %u is not active, so its block size is "
			 "not known",
			 nsid);
		return false;
	}
	if (transfer->bytes == 0)
		transfer->bytes = transfer->data_bytes;
	if (transfer->data_bytes < transfer->bytes)
		cli_log(CLI_LOG_INFO,
			"%u blocks have %" G_GUINT64_FORMAT " bytes, more than --data-size",
			transfer->nlb, transfer->bytes);
	fill_command(cli, transfer, nsid);
	return true;
}

/* One command where it fits; what exceeds the controller's limit (MDTS) becomes several. */
static int send_transfer(struct cli_session *session, struct nvl_queue *queue,
			 struct transfer *transfer)
{
	const struct nvl_data data = { .buffer = &transfer->buffer, .bytes = transfer->bytes };
	const struct nvl_io io = {
		.ns = transfer->ns,
		.slba = transfer->slba,
		.nlb = transfer->nlb,
		.flags = (NVME_GET(nvme_cpu32(transfer->sqe.cdw12), NVME_RW_FUA) ? NVL_IO_FUA : 0) |
			 (NVME_GET(nvme_cpu32(transfer->sqe.cdw12), NVME_RW_LR)
				  ? NVL_IO_LIMITED_RETRY
				  : 0),
		.buffer = &transfer->buffer,
	};

	if (transfer->bytes <= nvl_info(session->ctrl)->max_transfer_bytes || !transfer->ns)
		return nvl_execute(queue, &transfer->sqe, &data, NULL);
	return (transfer->write ? nvl_write_wait : nvl_read_wait)(queue, &io);
}

static bool transfer_failed(struct cli_session *session, const struct transfer *transfer,
			    int result, GError **error)
{
	cli_fail_result(error, result,
			"%s: %s of %u block%s from block %" G_GUINT64_FORMAT " in namespace %u",
			session->name, transfer->write ? "write" : "read", transfer->nlb,
			CLI_PLURAL(transfer->nlb), transfer->slba, nvme_cpu32(transfer->sqe.nsid));
	if (result > 0 && nvme_status_code((nvme_status)result) == NVME_SC_LBA_OUT_OF_RANGE &&
	    transfer->ns)
		cli_hint(error, "namespace %u has %" G_GUINT64_FORMAT " blocks of %u bytes",
			 transfer->ns->nsid, transfer->ns->nsze, transfer->ns->block_bytes);
	return false;
}

static bool run_transfer(struct cli *cli, struct cli_session *session, struct transfer *transfer,
			 GError **error)
{
	struct nvl_queue *queue = cli_io_queue(session, error);
	uint64_t start_nsec;
	int result;

	if (!queue)
		return false;
	start_nsec = nvl_device_now(session->device);
	result = send_transfer(session, queue, transfer);
	if (cli_given(cli->args, "latency")) {
		g_autofree char *took = cli_time_text(nvl_device_now(session->device) - start_nsec);

		fprintf(stderr, " latency: %s: %s\n", cli->command->name, took);
	}
	return result == 0 || transfer_failed(session, transfer, result, error);
}

static bool put_data(struct cli *cli, const struct transfer *transfer, GError **error)
{
	const char *path = cli_text(cli->args, "data");
	uint64_t bytes = MIN(transfer->data_bytes, transfer->bytes);

	if (path && strcmp(path, "-") != 0)
		return cli_write_file(path, transfer->buffer.data, bytes, error);
	if (isatty(fileno(cli->out->file)))
		cli_hexdump(cli->out, transfer->buffer.data, bytes);
	else
		cli_write(cli->out, transfer->buffer.data, bytes);
	return true;
}

static bool do_transfer(struct cli *cli, struct cli_session *session, struct transfer *transfer,
			GError **error)
{
	size_t got;
	int result;

	if (!plan(cli, session, transfer, error))
		return false;
	if (cli_given(cli->args, "show-command") || cli_given(cli->args, "dry-run"))
		cli_print_command(cli->out, &transfer->sqe, (uint32_t)transfer->bytes);
	if (cli_given(cli->args, "dry-run"))
		return true;
	result = nvl_device_alloc(session->device, transfer->bytes, &transfer->buffer);
	if (result != 0)
		return cli_fail_result(error, result, "%s: a buffer of %" G_GUINT64_FORMAT " bytes",
				       session->name, transfer->bytes);
	if (transfer->write &&
	    !cli_read_file(cli_text(cli->args, "data"), transfer->buffer.data,
			   MIN(transfer->data_bytes, transfer->bytes), &got, error))
		return false;
	if (!run_transfer(cli, session, transfer, error))
		return false;
	if (!transfer->write && !put_data(cli, transfer, error))
		return false;
	fprintf(stderr, "%s: Success\n", cli->command->name);
	return true;
}

static bool read_blocks(struct cli *cli, struct cli_session *session, GError **error)
{
	struct transfer transfer = { .write = false };
	bool done = do_transfer(cli, session, &transfer, error);

	nvl_device_free(session->device, &transfer.buffer);
	return done;
}

static bool write_blocks(struct cli *cli, struct cli_session *session, GError **error)
{
	struct transfer transfer = { .write = true };
	bool done = do_transfer(cli, session, &transfer, error);

	nvl_device_free(session->device, &transfer.buffer);
	return done;
}

bool cli_run_read(struct cli *cli, GError **error)
{
	return cli_with_session(cli, NULL, read_blocks, error);
}

bool cli_run_write(struct cli *cli, GError **error)
{
	return cli_with_session(cli, NULL, write_blocks, error);
}

static bool flush(struct cli *cli, struct cli_session *session, GError **error)
{
	struct nvl_queue *queue = cli_io_queue(session, error);
	uint32_t nsid = cli_pick_nsid(cli, session);
	int result;

	if (!queue)
		return false;
	result = nvl_flush_wait(queue, nsid);
	if (result != 0)
		return cli_fail_result(error, result, "%s: flush of namespace %u", session->name,
				       nsid);
	if (cli->out->json) {
		g_autoptr(JsonBuilder) builder = json_builder_new();

		json_builder_begin_object(builder);
		cli_add_u64(builder, "nsid", nsid);
		cli_add_text(builder, "result", "success");
		json_builder_end_object(builder);
		cli_print_json(cli->out, builder);
	} else {
		cli_print(cli->out, "NVMe Flush: success\n");
	}
	return true;
}

bool cli_run_flush(struct cli *cli, GError **error)
{
	return cli_with_session(cli, NULL, flush, error);
}
