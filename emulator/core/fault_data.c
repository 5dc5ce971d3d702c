/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault rules about the data of commands: bytes that change or stay behind on their way, and writes
 * of which the medium gets a part.
 *
 * Data of a Read or Write goes between host memory and the medium without passing the core; what a
 * rule changes goes through a bounce buffer, like blocks with metadata.
 */
#include "emulator/core/stage.h"

/** emu_fault_keep_patch - FLIP, PUT or SHORT; of too many patches the first ones count */
void emu_fault_keep_patch(struct emu_fault_act *act, const struct nvme_fault_action *action)
{
	struct emu_fault_data *data = &act->data;

	if (action->kind == NVME_DO_SHORT) {
		data->moved = action->value < data->moved ? action->value : data->moved;
		return;
	}
	if (data->patches == EMU_PATCHES)
		return;
	data->patch[data->patches++] = (struct emu_fault_patch){
		.at = action->at,
		.value = action->value,
		.bytes = action->bytes,
		.flips = action->kind == NVME_DO_FLIP,
	};
}

/* A Compare looks at the host's data where it is, and fused commands are not taken apart. */
static bool is_asked(const struct emu *emu, const struct emu_req *req, enum nvme_fault_site site)
{
	return emu_site(emu, 1u << site) && emu_cmd_of(req)->turn != emu_turn_compare &&
	       !NVME_GET(req->sqe.flags, NVME_SQE_FUSE);
}

/** emu_fault_xfer - data of a command is about to be moved */
void emu_fault_xfer(struct emu *emu, struct emu_req *req)
{
	bool in = NVME_GET(req->sqe.opcode, NVME_OPCODE_DIRECTION) == NVME_DIRECTION_TO_CTRL;
	enum nvme_fault_site site = in ? NVME_SITE_XFER_IN : NVME_SITE_XFER_OUT;
	struct emu_req_fault *fault = emu_fault_of(emu, req);
	struct emu_fault_act act;

	if (req->data_bytes == 0 || !is_asked(emu, req, site) ||
	    !emu_fault_first(emu, req, EMU_MARK_XFER))
		return;
	emu_fault_begin_cmd(&act, emu, req);
	nvme_fault_put(&act.view, NVME_FAULT_BYTES, req->data_bytes);
	emu_fault_ask(&act, site);
	if (!EMU_DOES(&act, FLIP) && !EMU_DOES(&act, PUT) && !EMU_DOES(&act, SHORT))
		return;
	fault->marks |= EMU_MARK_DATA;
	fault->data = act.data;
	req->staged = req->staged || emu_cmd_of(req)->turn;
}

static void patch(const struct emu_fault_patch *patch, uint64_t at, uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < patch->bytes; i++) {
		uint64_t position = patch->at + i - at;
		uint8_t value = (uint8_t)(patch->value >> 8 * i);

		if (patch->at + i >= at && position < bytes)
			data[position] = patch->flips ? data[position] ^ value : value;
	}
}

/** emu_fault_patch - what rules make of @bytes of a command's data, from its byte @at on */
void emu_fault_patch(const struct emu *emu, const struct emu_req *req, uint64_t at, uint8_t *data,
		     uint32_t bytes)
{
	const struct emu_req_fault *fault = emu_fault_of(emu, req);

	if (!(fault->marks & EMU_MARK_DATA))
		return;
	for (uint32_t i = 0; i < fault->data.patches; i++)
		patch(&fault->data.patch[i], at, data, bytes);
}

/** emu_fault_moved - how many of @bytes of a command's data, from its byte @at on, are moved */
uint32_t emu_fault_moved(const struct emu *emu, const struct emu_req *req, uint64_t at,
			 uint32_t bytes)
{
	const struct emu_req_fault *fault = emu_fault_of(emu, req);
	uint64_t moved = fault->marks & EMU_MARK_DATA ? fault->data.moved : UINT64_MAX;
	uint64_t left = at < moved ? moved - at : 0;

	return left < bytes ? (uint32_t)left : bytes;
}

/* What is behind @bytes is no longer part of the list; its nodes still belong to the request. */
static void truncate(struct emu_spans *node, uint64_t bytes)
{
	for (; node; node = node->next) {
		uint32_t count = 0;

		while (count < node->count && bytes > 0) {
			struct emu_span *span = &node->span[count++];

			span->bytes = span->bytes < bytes ? span->bytes : bytes;
			bytes -= span->bytes;
		}
		node->count = count;
	}
}

/** emu_fault_tear - the medium is asked for the first @blocks only */
void emu_fault_tear(struct emu_media *media, struct emu_req *req, uint64_t blocks)
{
	if (blocks >= media->nlb)
		return;
	media->nlb = (uint32_t)blocks;
	if (media->spans)
		truncate(&req->spans, blocks << media->lbads);
}
