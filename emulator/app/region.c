/* SPDX-License-Identifier: BSD-3-Clause */
/* Regions: what there is, registers and doorbells (BAR0), configuration space, the lab. */
#include <errno.h>
#include <string.h>

#include "emulator/app/session.h"

#define CONFIG_BYTES 4096u

uint32_t emu_region_count(const struct emu_session *session)
{
	return session->server->options.lab ? VFU_REGIONS_WITH_LAB : VFU_REGIONS;
}

static bool is_memory(uint32_t region)
{
	return region == VFU_REGION_BAR2 || region == VFU_REGION_BAR4;
}

static enum emu_window window_of(uint32_t region)
{
	return region == VFU_REGION_BAR2 ? EMU_WINDOW_CMB : EMU_WINDOW_PMR;
}

static uint64_t region_bytes(const struct emu_session *session, uint32_t index)
{
	const struct emu *core = emu_device_core(session->server->device);

	switch (index) {
	case VFU_REGION_BAR0:
		return session->server->layout.bar0_bytes;
	case VFU_REGION_BAR2:
		return emu_config_of(core)->cmb;
	case VFU_REGION_BAR4:
		return emu_config_of(core)->pmr;
	case VFU_REGION_CONFIG:
		return CONFIG_BYTES;
	case VFU_REGION_LAB:
		return session->server->options.lab ? VFU_LAB_BYTES : 0;
	default:
		return 0;
	}
}

/* The part that can be mapped, and its descriptor; nothing when the client has no room. */
static void add_area(struct vfu_sparse_area area, int fd, uint32_t room,
		     struct vfu_region_info *info, struct emu_reply *reply)
{
	const struct vfu_cap_sparse_mmap cap = {
		.header = { .id = VFU_CAP_SPARSE_MMAP, .version = VFU_CAP_VERSION },
		.nr_areas = 1,
	};
	const uint32_t bytes = sizeof(*info) + sizeof(cap) + sizeof(area);

	info->flags |= VFU_REGION_MAPPABLE;
	info->argsz = bytes;
	if (room < bytes) {
		emu_reply_add(reply, info, sizeof(*info));
		return;
	}
	info->flags |= VFU_REGION_CAPS;
	info->cap_offset = sizeof(*info);
	emu_reply_add(reply, info, sizeof(*info));
	emu_reply_add(reply, &cap, sizeof(cap));
	emu_reply_add(reply, &area, sizeof(area));
	reply->fd = fd;
}

/*
 * QEMU waits for the replies to its writes as soon as any region can be mapped. INTx needs that
 * (see intx.c), and where a host has nothing else it shall have that: a BAR that is not there says
 * it can be mapped.
 */
static bool makes_writes_wait(const struct emu_session *session, uint32_t index)
{
	const struct emu_config *config = emu_config_of(emu_device_core(session->server->device));

	return index == VFU_REGION_BAR1 && config->intx && !config->msix && !config->msi;
}

int emu_handle_region_info(struct emu_session *session, struct emu_message *message,
			   struct emu_reply *reply)
{
	struct emu_device_memory memory;
	struct vfu_region_info info;
	uint32_t room;
	uint32_t index;

	if (!emu_payload(message, &info, sizeof(info)) || info.argsz < sizeof(info) ||
	    info.index >= emu_region_count(session))
		return -EINVAL;
	room = info.argsz;
	index = info.index;
	info = (struct vfu_region_info){
		.argsz = sizeof(info),
		.index = index,
		.size = region_bytes(session, index),
	};
	if (info.size != 0)
		info.flags = VFU_REGION_READABLE | VFU_REGION_WRITABLE;
	else if (makes_writes_wait(session, index))
		info.flags = VFU_REGION_MAPPABLE;
	if (index == VFU_REGION_BAR0 && session->bar0.base) {
		add_area((struct vfu_sparse_area){ session->bar0.area_offset,
						   session->bar0.area_bytes },
			 session->bar0.fd, room, &info, reply);
	} else if (is_memory(index) && emu_device_memory(session->server->device, session->ctrl,
							 window_of(index), &memory) == 0) {
		info.offset = memory.offset;
		add_area((struct vfu_sparse_area){ 0, memory.bytes }, memory.fd, room, &info,
			 reply);
	} else {
		emu_reply_add(reply, &info, sizeof(info));
	}
	return 0;
}

int emu_handle_region_io_fds(struct emu_session *session, struct emu_message *message,
			     struct emu_reply *reply)
{
	struct vfu_region_io_fds io_fds;

	if (!emu_payload(message, &io_fds, sizeof(io_fds)) || io_fds.argsz < sizeof(io_fds) ||
	    io_fds.flags != 0 || io_fds.index >= emu_region_count(session))
		return -EINVAL;
	io_fds.argsz = sizeof(io_fds);
	io_fds.count = 0; /* A doorbell's value matters, so an eventfd cannot stand for it. */
	emu_reply_add(reply, &io_fds, sizeof(io_fds));
	return 0;
}

static bool is_inside(const struct emu_session *session, uint32_t region, uint64_t offset,
		      uint32_t count)
{
	uint64_t bytes = region_bytes(session, region);

	return count >= 1 && count <= EMU_DATA_XFER_BYTES && offset <= bytes &&
	       count <= bytes - offset;
}

int emu_handle_region_read(struct emu_session *session, struct emu_message *message,
			   struct emu_reply *reply)
{
	struct emu *core = emu_device_core(session->server->device);
	struct vfu_region_access access;
	uint8_t *data;

	if (!emu_payload(message, &access, sizeof(access)) ||
	    !is_inside(session, access.region, access.offset, access.count))
		return -EINVAL;
	emu_reply_add(reply, &access, sizeof(access));
	data = reply->payload + reply->bytes;
	reply->bytes += access.count;
	if (access.region == VFU_REGION_LAB)
		return emu_lab_read(session, access.offset, data, access.count);
	if (access.region == VFU_REGION_CONFIG) {
		emu_cfg_read(core, session->ctrl, (uint32_t)access.offset, data, access.count);
		return 0;
	}
	if (is_memory(access.region))
		return emu_device_memory_copy(session->server->device, session->ctrl,
					      window_of(access.region), access.offset, data, NULL,
					      access.count);
	/* What was due before this read has happened when it is answered. */
	if (emu_may_work(session)) {
		emu_lab_before_read(session, access.offset, access.count);
		emu_server_work(session->server);
	}
	emu_bar_read(core, session->ctrl, access.offset, data, access.count);
	return 0;
}

static int write_region(struct emu_session *session, const struct vfu_region_access *access,
			const uint8_t *data)
{
	struct emu *core = emu_device_core(session->server->device);

	if (!is_inside(session, access->region, access->offset, access->count))
		return -EINVAL;
	if (access->region == VFU_REGION_LAB)
		return emu_lab_write(session, access->offset, data, access->count);
	if (is_memory(access->region))
		return emu_device_memory_copy(session->server->device, session->ctrl,
					      window_of(access->region), access->offset, NULL, data,
					      access->count);
	if (session->exchanging)
		return emu_memory_keep(session, access, data);
	if (access->region == VFU_REGION_CONFIG) {
		emu_cfg_write(core, session->ctrl, (uint32_t)access->offset, data, access->count);
		return 0;
	}
	emu_lab_before_write(session);
	emu_bar_write(core, session->ctrl, access->offset, data, access->count);
	/* What serves INTx takes it back before the reply. */
	if (session->irqs.intx.asserted)
		emu_irq_settle(core, session->ctrl);
	return 0;
}

int emu_handle_region_write(struct emu_session *session, struct emu_message *message,
			    struct emu_reply *reply)
{
	struct vfu_region_access access;
	int error;

	if (!emu_payload(message, &access, sizeof(access)) ||
	    message->bytes - sizeof(access) != access.count)
		return -EINVAL;
	error = write_region(session, &access, message->payload + sizeof(access));
	if (!error)
		emu_reply_add(reply, &access, sizeof(access));
	return error;
}

/* Writes in order until one is wrong; the reply says how many were done. */
int emu_handle_write_multi(struct emu_session *session, struct emu_message *message,
			   struct emu_reply *reply)
{
	struct vfu_write_multi multi;
	struct vfu_write_multi_entry entry;
	uint64_t done = 0;
	uint64_t present;

	if (!emu_payload(message, &multi, sizeof(multi)))
		return -EINVAL;
	present = (message->bytes - sizeof(multi)) / sizeof(entry);
	if (multi.wr_cnt == 0 || multi.wr_cnt != present ||
	    (message->bytes - sizeof(multi)) % sizeof(entry) != 0)
		return -EINVAL;
	for (; done < multi.wr_cnt; done++) {
		struct vfu_region_access access;

		memcpy(&entry, message->payload + sizeof(multi) + done * sizeof(entry),
		       sizeof(entry));
		access = (struct vfu_region_access){ entry.offset, entry.region, entry.count };
		if (entry.count > VFU_WRITE_MULTI_BYTES_MAX ||
		    write_region(session, &access, entry.data) != 0)
			break;
	}
	if (done == 0)
		return -EINVAL;
	multi.wr_cnt = done;
	emu_reply_add(reply, &multi, sizeof(multi));
	return 0;
}
