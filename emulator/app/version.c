/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * VERSION: what the two sides can do, and how BAR0 is offered to this client.
 *
 * A client without JSON is one that needs its doorbells mapped; others do better with messages,
 * which need no polling, unless the command line says what to do.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emulator/app/session.h"

_Static_assert(EMU_DMA_MAPS_MAX <= VFU_DEFAULT_DMA_MAPS, "QEMU refuses more");

static const char *mode_name(const struct emu_bar0 *bar0)
{
	if (!bar0->base)
		return "trapped";
	return bar0->registers ? "shared" : "doorbells";
}

static int open_bar0(struct emu_session *session, bool has_json, const struct emu_json_caps *caps)
{
	struct emu_server *server = session->server;
	enum emu_bar0_mode mode = server->options.bar0;
	int error;

	if (mode == EMU_BAR0_AUTO)
		mode = has_json ? EMU_BAR0_TRAPPED : EMU_BAR0_DOORBELLS;
	if (caps->max_msg_fds == 0)
		mode = EMU_BAR0_TRAPPED; /* The client cannot take the descriptor. */
	error = emu_bar0_open(&session->bar0, &server->layout, mode);
	if (error) {
		emu_log(EMU_LOG_ERROR, (int)session->ctrl, "no shared memory for BAR0: %s",
			strerror(-error));
		return error;
	}
	if (session->bar0.base)
		emu_share(emu_device_core(server->device), session->ctrl);
	if (session->bar0.base && emu_server_is_virtual(server))
		emu_complain(session, "doorbells are polled: results depend on the scheduler, "
				      "a virtual clock notwithstanding");
	emu_log(EMU_LOG_INFO, (int)session->ctrl, "client connected, BAR0 %s",
		mode_name(&session->bar0));
	return 0;
}

static int refuse(struct emu_session *session, const char *why)
{
	emu_complain(session, "VERSION: %s", why);
	session->state = EMU_SESSION_ENDING;
	return -EINVAL;
}

/* The JSON part of the request, if there is one. */
static const char *read_json(const struct emu_message *message, bool *ret_has_json,
			     struct emu_json_caps *ret_caps)
{
	const char *text = (const char *)message->payload + sizeof(struct vfu_version);
	size_t bytes = message->bytes - sizeof(struct vfu_version);

	*ret_has_json = bytes > 0;
	*ret_caps = (struct emu_json_caps){
		.max_msg_fds = VFU_DEFAULT_MSG_FDS,
		.max_data_xfer_size = VFU_DEFAULT_DATA_XFER_SIZE,
	};
	if (bytes == 0)
		return NULL;
	if (bytes > VFU_VERSION_JSON_MAX)
		return "more than 4096 bytes of JSON";
	if (text[bytes - 1] != '\0')
		return "JSON without a NUL at its end";
	return emu_json_caps_parse(text, bytes - 1, ret_caps);
}

int emu_handle_version(struct emu_session *session, struct emu_message *message,
		       struct emu_reply *reply)
{
	struct vfu_version version;
	struct emu_json_caps caps;
	const char *wrong;
	bool has_json;
	char json[160];
	int bytes;

	if (session->state != EMU_SESSION_NEW) {
		emu_complain(session, "VERSION twice");
		return -EINVAL;
	}
	if (!emu_payload(message, &version, sizeof(version)))
		return refuse(session, "too short");
	if (version.major != VFU_VERSION_MAJOR)
		return refuse(session, "the major number is not 0");
	wrong = read_json(message, &has_json, &caps);
	if (wrong)
		return refuse(session, wrong);
	if (open_bar0(session, has_json, &caps) < 0) {
		session->state = EMU_SESSION_ENDING;
		return -ENOMEM;
	}
	session->state = EMU_SESSION_READY;
	session->xfer_bytes = caps.max_data_xfer_size < EMU_DATA_XFER_BYTES
				      ? (uint32_t)caps.max_data_xfer_size
				      : EMU_DATA_XFER_BYTES;
	if (version.minor > VFU_VERSION_MINOR)
		version.minor = VFU_VERSION_MINOR;
	emu_reply_add(reply, &version, sizeof(version));
	if (!has_json)
		return 0;
	bytes = snprintf(json, sizeof(json),
			 "{\"capabilities\":{\"max_msg_fds\":%u,\"max_data_xfer_size\":%u,"
			 "\"max_dma_maps\":%d,\"pgsizes\":%u}}",
			 EMU_MSG_FDS, EMU_DATA_XFER_BYTES, EMU_DMA_MAPS_MAX, VFU_DEFAULT_PGSIZES);
	emu_reply_add(reply, json, (uint32_t)bytes + 1);
	return 0;
}
