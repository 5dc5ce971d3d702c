/* SPDX-License-Identifier: BSD-3-Clause */
/* Firmware: fw-download, fw-commit. */
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/files.h"
#include "driver/cli/send.h"

#define IMAGE_BYTES_MAX (64u << 20)
#define PIECE_BYTES	4096u /* where the controller does not care, FWUG of 0 or FFh */
#define FWUG_ANY	0xff

const struct cli_option cli_fw_download_options[] = {
	/* clang-format off */
	{ "fw", 'f', 0, CLI_STRING, "FILE", 0, NULL, true, "the image" },
	{ "xfer", 'x', 0, CLI_SIZE, "SIZE", IMAGE_BYTES_MAX, "0", false, "bytes of one command; 0 is what the controller asks for" },
	{ "offset", 'O', 0, CLI_NUMBER, "NUM", UINT32_MAX, "0", false, "dword of the image that the file begins with" },
	{ "progress", 'p', 0, CLI_FLAG, NULL, 0, NULL, false, "for scripts of nvme-cli: a terminal shows how far it is anyway" },
	{ "ignore-ovr", 'i', 0, CLI_FLAG, NULL, 0, NULL, false, "go on when pieces overlap" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_fw_commit_options[] = {
	/* clang-format off */
	{ "slot", 's', 0, CLI_NUMBER, "0-7", 7, "0", false, "firmware slot; 0 lets the controller choose" },
	{ "action", 'a', 0, CLI_NUMBER, "0-7", 7, "0", false, "0 put into the slot, 1 and activate at a reset, 2 activate the slot at a reset, 3 at once" },
	{ "bpid", 'b', 0, CLI_NUMBER, "0-1", 1, "0", false, "boot partition" },
	{ "fw", 'f', 0, CLI_STRING, "FILE", 0, NULL, false, "download this image first" },
	{ 0 },
	/* clang-format on */
};

static uint32_t piece_bytes(const struct cli_session *session, uint32_t asked)
{
	uint8_t fwug = nvl_id_ctrl(session->ctrl)->fwug;
	uint64_t limit = nvl_info(session->ctrl)->max_transfer_bytes;
	uint32_t bytes = fwug == 0 || fwug == FWUG_ANY ? PIECE_BYTES : fwug * 4096u;

	if (asked > 0)
		bytes = asked;
	return (uint32_t)MIN(bytes, limit);
}

struct image {
	uint8_t *data;
	uint32_t bytes;
	uint32_t offset; /* dwords */
	uint32_t piece;
	bool ignore_overlap;
};

static bool send_piece(struct cli_session *session, const struct image *image, uint32_t at,
		       GError **error)
{
	uint32_t bytes = MIN(image->piece, image->bytes - at);
	g_autoptr(GError) failed = NULL;
	struct cli_request request = {
		.sqe = { .opcode = NVME_ADMIN_FW_DOWNLOAD,
			 .cdw10 = nvme_le32(bytes / 4 - 1),
			 .cdw11 = nvme_le32(image->offset + at / 4) },
		.data = image->data + at,
		.bytes = bytes,
	};

	if (cli_send(session, &request, &failed, "firmware download at byte %u of %u", at,
		     image->bytes))
		return true;
	if (image->ignore_overlap && failed->domain == NVME_STATUS_ERROR &&
	    nvme_status_code((nvme_status)failed->code) == NVME_SC_OVERLAPPING_RANGE)
		return true;
	g_propagate_error(error, g_steal_pointer(&failed));
	return false;
}

static bool read_image(const char *path, struct image *image, GError **error)
{
	size_t bytes;

	image->data = g_malloc0(IMAGE_BYTES_MAX);
	if (!cli_read_file(path, image->data, IMAGE_BYTES_MAX, &bytes, error))
		return false;
	if (bytes % 4 != 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%s: an image is a multiple of 4 bytes long, not %zu", path, bytes);
	image->bytes = (uint32_t)bytes;
	return true;
}

static bool download(struct cli_session *session, const char *path, struct image *image,
		     GError **error)
{
	bool done = read_image(path, image, error);

	if (done && (image->piece == 0 || image->piece % 4 != 0))
		done = cli_fail(error, CLI_EXIT_USAGE, "--xfer: %u is not a multiple of 4",
				image->piece);
	for (uint32_t at = 0; done && at < image->bytes; at += image->piece) {
		cli_progress_bar(at, image->bytes, "downloading");
		done = send_piece(session, image, at, error);
	}
	cli_progress_end();
	g_free(image->data);
	return done;
}

bool cli_fw_download(struct cli *cli, struct cli_session *session, GError **error)
{
	struct image image = {
		.offset = cli_u32(cli->args, "offset"),
		.piece = piece_bytes(session, cli_u32(cli->args, "xfer")),
		.ignore_overlap = cli_given(cli->args, "ignore-ovr") > 0,
	};

	if (!download(session, cli_text(cli->args, "fw"), &image, error))
		return false;
	cli_log(CLI_LOG_WARNING,
		"the end of this run resets the controller, which forgets the image; "
		"'nvmelab fw-commit --fw FILE' does both");
	cli_done(cli, "bytes", image.bytes, "Firmware download success");
	return true;
}

/* What these statuses want is a kind of reset, after which the firmware is active. */
static void hint_reset(GError **error)
{
	if (!error || !*error || (*error)->domain != NVME_STATUS_ERROR)
		return;
	switch (nvme_status_code((nvme_status)(*error)->code)) {
	case NVME_SC_FW_NEEDS_CONVENTIONAL_RESET:
		cli_hint(error, "it is committed, and active after a conventional reset");
		break;
	case NVME_SC_FW_NEEDS_SUBSYSTEM_RESET:
		cli_hint(error, "it is committed, and active after 'nvmelab subsystem-reset'");
		break;
	case NVME_SC_FW_NEEDS_CONTROLLER_RESET:
		cli_hint(error, "it is committed, and active after 'nvmelab reset'");
		break;
	default:
		break;
	}
}

bool cli_fw_commit(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t slot = cli_u32(cli->args, "slot"), action = cli_u32(cli->args, "action");
	const char *path = cli_text(cli->args, "fw");
	struct image image = { .piece = piece_bytes(session, 0) };
	const struct nvl_fw_commit commit = {
		.action = action,
		.slot = (uint8_t)slot,
		.boot_partition = (uint8_t)cli_u32(cli->args, "bpid"),
	};

	if (path && !download(session, path, &image, error))
		return false;
	if (!cli_check(session, nvl_fw_commit(session->ctrl, &commit, NULL), error,
		       "firmware commit, action %u, slot %u", action, slot)) {
		hint_reset(error);
		return false;
	}
	cli_done(cli, "slot", slot, "Success committing firmware action:%u slot:%u", action, slot);
	return true;
}
