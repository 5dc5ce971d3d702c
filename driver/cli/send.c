/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends a command with data of the caller's, and says what came of it.
 *
 * Commands are calls of the driver's where there is one that carries all of the options. Raw stay:
 * those on ranges of blocks, which the driver would check against the namespace and split, and here
 * are one command for the controller to judge; those with options for bits that no call has a word
 * for (dsm --cdw11, copy --dir-type, get-log --ot); those whose data may be longer than the
 * driver's own buffers (fw-download, dir-*, security-*, get-lba-status, resv-report); and format,
 * which does not wait in one call but shows how far it is.
 */
#include "driver/cli/send.h"

#include <string.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"

#define DATA_TO_CTRL 1 /* bits 1:0 of an opcode */
#define DATA_TO_HOST 2

static uint64_t first_iova(const struct nvl_buffer *buffer)
{
	return buffer->page_iova ? buffer->page_iova[0] : buffer->iova;
}

/* Memory of the device's for @data, with its contents if they go there. */
static bool borrow(struct cli_session *session, const struct cli_request *request, const void *data,
		   uint64_t bytes, struct nvl_buffer *buffer, GError **error)
{
	int result;

	if (bytes == 0)
		return true;
	result = nvl_device_alloc(session->device, bytes, buffer);
	if (result != 0)
		return cli_fail_result(error, result, "%s: a buffer of %" G_GUINT64_FORMAT " bytes",
				       session->name, bytes);
	if (request->sqe.opcode & DATA_TO_CTRL)
		memcpy(buffer->data, data, bytes);
	return true;
}

/* Metadata have one address. */
static bool check_contiguous(const struct cli_session *session, const struct nvl_buffer *buffer,
			     uint64_t bytes, GError **error)
{
	uint64_t pages = (bytes + NVL_PAGE_BYTES - 1) / NVL_PAGE_BYTES;

	for (uint64_t i = 1; buffer->page_iova && i < pages; i++) {
		if (buffer->page_iova[i] != buffer->page_iova[0] + i * NVL_PAGE_BYTES)
			return cli_fail(error, CLI_EXIT_ENVIRONMENT,
					"%s: no contiguous memory for %" G_GUINT64_FORMAT
					" bytes of metadata",
					session->name, bytes);
	}
	return true;
}

static void give_back(struct cli_session *session, const struct cli_request *request, void *data,
		      uint64_t bytes, struct nvl_buffer *buffer)
{
	if (bytes > 0 && buffer->data && (request->sqe.opcode & DATA_TO_HOST))
		memcpy(data, buffer->data, bytes);
	nvl_device_free(session->device, buffer);
}

static int execute(struct cli_session *session, struct nvl_queue *queue,
		   struct cli_request *request, const struct nvl_buffer *buffer,
		   const struct nvl_buffer *meta)
{
	const struct nvl_data data = { .buffer = buffer, .bytes = request->bytes };
	uint64_t start_nsec = nvl_device_now(session->device);
	struct nvme_sqe sqe = request->sqe;
	int result;

	if (request->meta_bytes > 0)
		sqe.mptr = nvme_le64(first_iova(meta));
	result = nvl_execute(queue, &sqe, request->bytes > 0 ? &data : NULL, &request->completion);
	request->took_nsec = nvl_device_now(session->device) - start_nsec;
	return result;
}

bool cli_send(struct cli_session *session, struct cli_request *request, GError **error,
	      const char *format, ...)
{
	struct nvl_queue *queue = request->io ? cli_io_queue(session, error)
					      : nvl_admin_queue(session->ctrl);
	struct nvl_buffer buffer = { 0 }, meta = { 0 };
	g_autofree char *what = NULL;
	bool sent = false;
	int result = 0;
	va_list list;

	va_start(list, format);
	what = g_strdup_vprintf(format, list);
	va_end(list);
	if (!queue)
		return false;
	if (borrow(session, request, request->data, request->bytes, &buffer, error) &&
	    borrow(session, request, request->meta, request->meta_bytes, &meta, error) &&
	    check_contiguous(session, &meta, request->meta_bytes, error)) {
		result = execute(session, queue, request, &buffer, &meta);
		sent = result == 0;
	}
	give_back(session, request, request->data, request->bytes, &buffer);
	give_back(session, request, request->meta, request->meta_bytes, &meta);
	if (result != 0)
		cli_fail_result(error, result, "%s: %s", session->name, what);
	return sent;
}

bool cli_check(const struct cli_session *session, int result, GError **error, const char *format,
	       ...)
{
	g_autofree char *what = NULL;
	va_list list;

	if (result == 0)
		return true;
	va_start(list, format);
	what = g_strdup_vprintf(format, list);
	va_end(list);
	return cli_fail_result(error, result, "%s: %s", session->name, what);
}

bool cli_identify(struct cli_session *session, const struct nvl_identify *request, void *data,
		  GError **error)
{
	return cli_check(session, nvl_identify(session->ctrl, request, data), error,
			 "Identify (CNS %02Xh, namespace %u)", request->cns, request->nsid);
}

bool cli_get_log(struct cli_session *session, const struct nvl_log *log, void *data, uint32_t bytes,
		 GError **error)
{
	return cli_check(session, nvl_get_log(session->ctrl, log, data, bytes), error,
			 "log page %02Xh (%s)", log->lid, nvme_log_name(log->lid));
}

void cli_done(struct cli *cli, const char *key, uint64_t number, const char *format, ...)
{
	g_autofree char *text = NULL;
	JsonBuilder *builder;
	va_list list;

	va_start(list, format);
	text = g_strdup_vprintf(format, list);
	va_end(list);
	if (!cli->out->json) {
		cli_print(cli->out, "%s\n", text);
		return;
	}
	builder = cli_json_open();
	cli_add_text(builder, "command", cli->command->name);
	cli_add_text(builder, "result", "success");
	if (key)
		cli_add_u64(builder, key, number);
	cli_json_close(cli->out, builder);
}
