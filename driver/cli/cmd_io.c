/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands that move data: read, write, compare, flush. */
#include <string.h>
#include <unistd.h>

#include "driver/cli/command_text.h"
#include "driver/cli/error.h"
#include "driver/cli/files.h"
#include "driver/cli/rw.h"
#include "driver/cli/send.h"

#define TRANSFER_MAX (UINT64_C(65536) << 16) /* blocks of one command, of 64 KiB each */
#define PART_BYTES   (UINT64_C(4) << 20)     /* moved between two looks at how far it is */
#define METADATA_MAX (UINT64_C(65536) * 128) /* of as many blocks, of 128 bytes each */

/* read, write and compare */
const struct cli_option cli_transfer_options[] = {
	/* clang-format off */
	CLI_RW_NAMESPACE,
	CLI_RW_START,
	CLI_RW_COUNT,
	{ "data-size", 'z', 0, CLI_SIZE, "SIZE", TRANSFER_MAX, NULL, false, "bytes; what the blocks have if not given" },
	{ "data", 'd', 0, CLI_STRING, "FILE", 0, NULL, false, "file with the data, or for them; standard input or output if not given" },
	{ "metadata-size", 'y', 0, CLI_SIZE, "SIZE", METADATA_MAX, "0", false, "bytes of metadata in a buffer of their own" },
	{ "metadata", 'M', 0, CLI_STRING, "FILE", 0, NULL, false, "file with the metadata, or for them" },
	CLI_RW_PRINFO,
	CLI_RW_REF_TAG,
	CLI_RW_APP_TAG,
	CLI_RW_APP_MASK,
	CLI_RW_STORAGE_TAG('g'),
	CLI_RW_STORAGE_CHECK,
	CLI_RW_RETRY,
	CLI_RW_FUA,
	CLI_RW_DIR_TYPE,
	CLI_RW_DIR_SPEC('S'),
	{ "dsm", 'D', 0, CLI_NUMBER, "NUM", UINT8_MAX, "0", false, "hints about how the blocks will be used" },
	{ "show-command", 'V', 0, CLI_FLAG, NULL, 0, NULL, false, "print the command, then send it" },
	{ "dry-run", 'w', 0, CLI_FLAG, NULL, 0, NULL, false, "print the command and do not send it" },
	{ "latency", 't', 0, CLI_FLAG, NULL, 0, NULL, false, "say how long the command took" },
	{ "force", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "for scripts of nvme-cli: nobody else has the device here" },
	{ 0 },
	/* clang-format on */
};

/* One read, write or compare of the command line. */
struct transfer {
	bool from_host;
	const struct nvl_ns *ns; /* NULL: not in the table, but the controller may answer */
	struct cli_request request;
	uint64_t slba;
	uint32_t nlb;
	uint64_t bytes; /* of the blocks */
	uint64_t data_bytes;
};

/* The controller moves no metadata that are a tuple and nothing else, if it makes or takes it. */
static bool moves_metadata(const struct transfer *transfer)
{
	const struct nvl_ns *ns = transfer->ns;

	return ns && ns->metadata_bytes > 0 &&
	       !(NVME_GET(nvme_cpu32(transfer->request.sqe.cdw12), NVME_RW_PRACT) &&
		 nvl_pi_alone(ns));
}

/* Metadata need room, whether the caller wants them or not. */
static void plan_metadata(const struct cli *cli, struct transfer *transfer)
{
	uint64_t bytes = moves_metadata(transfer)
				 ? (uint64_t)transfer->nlb * transfer->ns->metadata_bytes
				 : 0;

	transfer->request.meta_bytes = cli_number(cli->args, "metadata-size");
	if (bytes > 0 && !transfer->ns->extended)
		transfer->request.meta_bytes = MAX(transfer->request.meta_bytes, bytes);
	if (bytes == 0 || !transfer->ns->extended)
		return;
	transfer->bytes += bytes;
	if (!cli_given(cli->args, "data-size"))
		transfer->data_bytes = transfer->bytes;
}

/* A namespace that the driver refuses is no reason not to ask, if the caller says how much. */
static bool plan(struct cli *cli, struct cli_session *session, struct transfer *transfer,
		 GError **error)
{
	uint32_t nsid = cli_pick_nsid(cli, session);

	transfer->ns = nvl_ns_find(session->ctrl, nsid);
	if (transfer->ns && transfer->ns->problem && !cli_given(cli->args, "data-size"))
		return cli_pick_ns(cli, session, error) != NULL;
	transfer->slba = cli_number(cli->args, "start-block");
	transfer->nlb = cli_u32(cli->args, "block-count") + 1;
	if (transfer->ns)
		transfer->bytes = (uint64_t)transfer->nlb * transfer->ns->block_bytes;
	transfer->data_bytes = cli_number(cli->args, "data-size");
	if (!cli_given(cli->args, "data-size"))
		transfer->data_bytes = transfer->bytes;
	if (transfer->data_bytes == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--data-size is missing: namespace %u is not active, so its block "
				"size is not known",
				nsid);
	if (transfer->bytes == 0)
		transfer->bytes = transfer->data_bytes;
	if (transfer->data_bytes < transfer->bytes)
		cli_log(CLI_LOG_INFO,
			"%u blocks have %" G_GUINT64_FORMAT " bytes, more than --data-size",
			transfer->nlb, transfer->bytes);
	transfer->request.io = true;
	if (!cli_fill_rw(cli, session, &transfer->request.sqe, error))
		return false;
	plan_metadata(cli, transfer);
	return true;
}

static bool transfer_failed(struct cli_session *session, const struct transfer *transfer,
			    GError **error)
{
	if (error && *error && (*error)->domain == NVME_STATUS_ERROR &&
	    nvme_status_code((nvme_status)(*error)->code) == NVME_SC_LBA_OUT_OF_RANGE &&
	    transfer->ns)
		cli_hint(error, "namespace %u has %" G_GUINT64_FORMAT " blocks of %u bytes",
			 transfer->ns->nsid, transfer->ns->nsze, transfer->ns->block_bytes);
	(void)session;
	return false;
}

/* A part at a time of what is as long as that, so that it can be said how far it is. */
static int move_large(struct nvl_queue *queue, struct nvl_io *io, const struct transfer *transfer,
		      const char *verb)
{
	uint32_t left = transfer->nlb, most = (uint32_t)(PART_BYTES / io->ns->block_bytes);
	int result = 0;

	while (left > 0 && result == 0) {
		io->nlb = MIN(left, most);
		result = (transfer->from_host ? nvl_write_wait : nvl_read_wait)(queue, io);
		io->slba += io->nlb;
		io->offset += (uint64_t)io->nlb * io->ns->block_bytes;
		left -= io->nlb;
		cli_progress_bar(transfer->nlb - left, transfer->nlb, "%s", verb);
	}
	cli_progress_end();
	return result;
}

/* What exceeds the controller's limit (MDTS) becomes several commands, without tags or metadata. */
static bool send_large(struct cli *cli, struct cli_session *session, struct transfer *transfer,
		       GError **error)
{
	struct nvl_queue *queue = cli_io_queue(session, error);
	struct cli_request *request = &transfer->request;
	uint32_t cdw12 = nvme_cpu32(request->sqe.cdw12);
	struct nvl_buffer buffer = { 0 };
	struct nvl_io io = {
		.ns = transfer->ns,
		.slba = transfer->slba,
		.flags = (NVME_GET(cdw12, NVME_RW_FUA) ? NVL_IO_FUA : 0) |
			 (NVME_GET(cdw12, NVME_RW_LR) ? NVL_IO_LIMITED_RETRY : 0),
		.buffer = &buffer,
	};
	uint64_t start_nsec;
	int result;

	if (!queue)
		return false;
	result = nvl_device_alloc(session->device, transfer->bytes, &buffer);
	if (result != 0)
		return cli_fail_result(error, result, "%s: a buffer of %" G_GUINT64_FORMAT " bytes",
				       session->name, transfer->bytes);
	if (transfer->from_host)
		memcpy(buffer.data, request->data, transfer->bytes);
	start_nsec = nvl_device_now(session->device);
	result = move_large(queue, &io, transfer, cli->command->name);
	request->took_nsec = nvl_device_now(session->device) - start_nsec;
	if (!transfer->from_host)
		memcpy(request->data, buffer.data, transfer->bytes);
	nvl_device_free(session->device, &buffer);
	if (result == 0)
		return true;
	return cli_fail_result(error, result,
			       "%s: %s of %u blocks from block %" G_GUINT64_FORMAT
			       " in namespace %u",
			       session->name, cli->command->name, transfer->nlb, transfer->slba,
			       transfer->ns->nsid);
}

static bool send_transfer(struct cli *cli, struct cli_session *session, struct transfer *transfer,
			  GError **error)
{
	struct cli_request *request = &transfer->request;
	bool sent;

	if (transfer->bytes > nvl_info(session->ctrl)->max_transfer_bytes && transfer->ns &&
	    !transfer->ns->problem && transfer->ns->metadata_bytes == 0 &&
	    request->sqe.opcode != NVME_CMD_COMPARE)
		sent = send_large(cli, session, transfer, error);
	else
		sent = cli_send(session, request, error,
				"%s of %u block%s from block %" G_GUINT64_FORMAT " in namespace %u",
				cli->command->name, transfer->nlb, CLI_PLURAL(transfer->nlb),
				transfer->slba, nvme_cpu32(request->sqe.nsid));
	cli_say_latency(cli, request->took_nsec);
	return sent || transfer_failed(session, transfer, error);
}

static bool put_data(struct cli *cli, const struct transfer *transfer, GError **error)
{
	const char *path = cli_text(cli->args, "data"), *meta = cli_text(cli->args, "metadata");
	uint64_t bytes = MIN(transfer->data_bytes, transfer->bytes);

	if (meta && transfer->request.meta &&
	    !cli_write_file(meta, transfer->request.meta, transfer->request.meta_bytes, error))
		return false;
	if (path && strcmp(path, "-") != 0)
		return cli_write_file(path, transfer->request.data, bytes, error);
	if (isatty(fileno(cli->out->file)) && !cli->out->binary)
		cli_hexdump(cli->out, transfer->request.data, bytes);
	else
		cli_write(cli->out, transfer->request.data, bytes);
	return true;
}

static bool take_data(struct cli *cli, struct transfer *transfer, GError **error)
{
	const char *meta = cli_text(cli->args, "metadata");
	size_t got;

	if (cli_given(cli->args, "metadata-size") && !meta)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--metadata FILE is missing (--metadata-size "
				"says that there are metadata)");
	if (meta && transfer->request.meta &&
	    !cli_read_file(meta, transfer->request.meta, transfer->request.meta_bytes, &got, error))
		return false;
	return cli_read_file(cli_text(cli->args, "data"), transfer->request.data,
			     MIN(transfer->data_bytes, transfer->bytes), &got, error);
}

static bool do_transfer(struct cli *cli, struct cli_session *session, struct transfer *transfer,
			GError **error)
{
	struct cli_request *request = &transfer->request;

	if (!plan(cli, session, transfer, error))
		return false;
	if (cli_given(cli->args, "show-command") || cli_given(cli->args, "dry-run"))
		cli_print_command(cli->out, &request->sqe, (uint32_t)transfer->bytes);
	if (cli_given(cli->args, "dry-run"))
		return true;
	request->data = g_try_malloc0(transfer->bytes);
	if (!request->data)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT,
				"no memory for %" G_GUINT64_FORMAT " bytes", transfer->bytes);
	request->bytes = transfer->bytes;
	if (request->meta_bytes > 0)
		request->meta = g_malloc0(request->meta_bytes);
	if (transfer->from_host && !take_data(cli, transfer, error))
		return false;
	if (!send_transfer(cli, session, transfer, error))
		return false;
	if (!transfer->from_host && !put_data(cli, transfer, error))
		return false;
	fprintf(stderr, "%s: Success\n", cli->command->name);
	return true;
}

static bool transfer_and_free(struct cli *cli, struct cli_session *session, uint8_t opcode,
			      GError **error)
{
	struct transfer transfer = { .from_host = opcode != NVME_CMD_READ,
				     .request.sqe.opcode = opcode };
	bool done = do_transfer(cli, session, &transfer, error);

	g_free(transfer.request.data);
	g_free(transfer.request.meta);
	return done;
}

bool cli_read(struct cli *cli, struct cli_session *session, GError **error)
{
	return transfer_and_free(cli, session, NVME_CMD_READ, error);
}

bool cli_write_blocks(struct cli *cli, struct cli_session *session, GError **error)
{
	return transfer_and_free(cli, session, NVME_CMD_WRITE, error);
}

bool cli_compare(struct cli *cli, struct cli_session *session, GError **error)
{
	return transfer_and_free(cli, session, NVME_CMD_COMPARE, error);
}

bool cli_flush(struct cli *cli, struct cli_session *session, GError **error)
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
	cli_done(cli, "nsid", nsid, "NVMe Flush: success");
	return true;
}
