/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Virtual time over a socket.
 *
 * Region 9 is a clock that the client moves. Once a client has opened it, nothing else moves time;
 * before, each access to BAR0 is a tick, so that a driver which knows nothing of this gets ahead.
 */
#include <errno.h>
#include <string.h>

#include "common/le.h"
#include "emulator/app/session.h"

#define WORD_BYTES 8u

static uint64_t read_word(struct emu_session *session, uint64_t offset)
{
	struct emu_device *device = session->server->device;

	switch (offset) {
	case VFU_LAB_OFF_MAGIC:
		return VFU_LAB_MAGIC;
	case VFU_LAB_OFF_NOW:
		return emu_device_now(device);
	case VFU_LAB_OFF_NEXT:
		return emu_device_deadline(device);
	default:
		return 0;
	}
}

int emu_lab_read(struct emu_session *session, uint64_t offset, uint8_t *data, uint32_t bytes)
{
	if (offset % WORD_BYTES != 0 || bytes % WORD_BYTES != 0)
		return -EINVAL;
	session->lab_opened = true;
	for (uint32_t i = 0; i < bytes; i += WORD_BYTES)
		nvme_store_le64(data + i, read_word(session, offset + i));
	return 0;
}

int emu_lab_write(struct emu_session *session, uint64_t offset, const uint8_t *data, uint32_t bytes)
{
	if (offset != VFU_LAB_OFF_ADVANCE || bytes != WORD_BYTES)
		return -EINVAL;
	session->lab_opened = true;
	return emu_device_advance(session->server->device, nvme_load_le64(data));
}

/* Whether time passes by itself: nobody has opened the lab. */
static bool is_ticking(const struct emu_server *server)
{
	if (!emu_server_is_virtual(server))
		return false;
	for (unsigned int i = 0; i < server->count; i++) {
		if (server->sessions[i].lab_opened)
			return false;
	}
	return true;
}

static void tick(struct emu_device *device)
{
	emu_device_advance(device, emu_device_now(device) + EMU_LAB_TICK_NSEC);
}

void emu_lab_before_read(struct emu_session *session, uint64_t offset, uint32_t bytes)
{
	struct emu_device *device = session->server->device;
	struct emu_last_read *last = &session->last_read;
	bool again = last->bytes == bytes && last->offset == offset;
	uint64_t due;

	if (!is_ticking(session->server))
		return;
	last->offset = offset;
	last->bytes = bytes;
	due = emu_device_deadline(device);
	if (again && due != EMU_NEVER && due > emu_device_now(device))
		emu_device_advance(device, due);
	else
		tick(device);
}

void emu_lab_before_write(struct emu_session *session)
{
	session->last_read.bytes = 0;
	if (is_ticking(session->server))
		tick(session->server->device);
}
