/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One row for each command, and the commands that are neither about regions nor about interrupts.
 *
 * What a handler returns is the whole outcome: 0 and a reply, or an errno, which becomes a reply of
 * a bare header. Host memory comes and goes here while the controller runs.
 */
#include <errno.h>
#include <string.h>

#include "emulator/app/session.h"

#define BIG_BYTES (1u << 20) /* a mapping of this size is memory, not a page of a device */

enum work_time {
	WORK_NONE,
	WORK_LATER, /* changes of memory come in bursts: after the last one */
	WORK_NOW,   /* before the reply; later if there is none: such commands come in bursts */
};

/*
 * @min_bytes: shortest payload
 * @fds: most descriptors that may come with it
 * @work: when the core does what the command gives it to do
 */
struct command {
	const char *name;
	int (*handle)(struct emu_session *session, struct emu_message *message,
		      struct emu_reply *reply);
	uint32_t min_bytes;
	unsigned int fds;
	enum work_time work;
};

bool emu_may_work(const struct emu_session *session)
{
	if (session->exchanging)
		return false;
	return !session->remote || emu_server_is_virtual(session->server);
}

bool emu_payload(const struct emu_message *message, void *to, uint32_t bytes)
{
	if (message->bytes < bytes)
		return false;
	memcpy(to, message->payload, bytes);
	return true;
}

void emu_reply_add(struct emu_reply *reply, const void *data, uint32_t bytes)
{
	memcpy(reply->payload + reply->bytes, data, bytes);
	reply->bytes += bytes;
}

/* Memory without a descriptor is the commonest mistake of a user of QEMU, so it is told once. */
static void tell_no_fd(struct emu_session *session, const struct vfu_dma_map *map)
{
	if (session->told_no_fd || !(map->flags & VFU_DMA_MAP_WRITE) || map->size < BIG_BYTES)
		return;
	session->told_no_fd = true;
	emu_log(EMU_LOG_WARNING, (int)session->ctrl,
		"the client's memory at 0x%llx comes without a file: %s. "
		"QEMU needs memory-backend-memfd with share=on",
		(unsigned long long)map->addr,
		session->remote ? "it is reached by messages, which is slow"
				: "commands that use it end with Data Transfer Error");
}

static int handle_dma_map(struct emu_session *session, struct emu_message *message,
			  struct emu_reply *reply)
{
	const uint32_t known = VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE | VFU_DMA_MAP_MMAP;
	struct emu_device *device = session->server->device;
	struct vfu_dma_map map;
	unsigned int prot;
	int error;

	(void)reply;
	if (!emu_payload(message, &map, sizeof(map)) || map.argsz < sizeof(map) ||
	    (map.flags & ~known) != 0)
		return -EINVAL;
	prot = map.flags & (VFU_DMA_MAP_READ | VFU_DMA_MAP_WRITE);
	if (message->fd_count == 0) {
		session->remote = emu_config_of(emu_device_core(device))->message_dma;
		tell_no_fd(session, &map);
		error = emu_device_map(device, session->ctrl, map.addr, map.size, prot, NULL);
	} else {
		error = emu_device_map_fd(device, session->ctrl, map.addr, map.size, prot,
					  message->fds[0], map.offset);
	}
	emu_log(EMU_LOG_DEBUG, (int)session->ctrl, "DMA_MAP 0x%llx + 0x%llx, flags %u: %s",
		(unsigned long long)map.addr, (unsigned long long)map.size, map.flags,
		strerror(-error));
	return error;
}

static int handle_dma_unmap(struct emu_session *session, struct emu_message *message,
			    struct emu_reply *reply)
{
	struct emu_device *device = session->server->device;
	struct vfu_dma_unmap unmap;
	int error = 0;

	if (!emu_payload(message, &unmap, sizeof(unmap)) || unmap.argsz < sizeof(unmap) ||
	    (unmap.flags & ~VFU_DMA_UNMAP_ALL) != 0)
		return -EINVAL;
	if (unmap.flags & VFU_DMA_UNMAP_ALL) {
		if (unmap.addr != 0 || unmap.size != 0)
			return -EINVAL;
		emu_device_unmap_all(device, session->ctrl);
	} else {
		error = emu_device_unmap(device, session->ctrl, unmap.addr, unmap.size);
	}
	emu_log(EMU_LOG_DEBUG, (int)session->ctrl, "DMA_UNMAP 0x%llx + 0x%llx: %s",
		(unsigned long long)unmap.addr, (unsigned long long)unmap.size, strerror(-error));
	if (error)
		return error;
	unmap.argsz = sizeof(unmap);
	emu_reply_add(reply, &unmap, sizeof(unmap));
	return 0;
}

static int handle_device_info(struct emu_session *session, struct emu_message *message,
			      struct emu_reply *reply)
{
	struct vfu_device_info info;

	if (!emu_payload(message, &info, sizeof(info)) || info.argsz < sizeof(info))
		return -EINVAL;
	info = (struct vfu_device_info){
		.argsz = sizeof(info),
		.flags = VFU_DEVICE_RESETTABLE | VFU_DEVICE_PCI,
		.num_regions = emu_region_count(session),
		.num_irqs = VFU_IRQS,
	};
	emu_reply_add(reply, &info, sizeof(info));
	return 0;
}

/* Mappings and eventfds are the client's and stay. */
static int handle_device_reset(struct emu_session *session, struct emu_message *message,
			       struct emu_reply *reply)
{
	struct emu *core = emu_device_core(session->server->device);

	(void)reply;
	emu_reset(core, session->ctrl, EMU_RESET_FUNCTION);
	if (emu_may_work(session))
		emu_server_work(session->server);
	if (emu_busy(core, session->ctrl)) {
		session->state = EMU_SESSION_RESETTING;
		session->reset_header = message->header;
		session->deadline_nsec = emu_server_nsec() + EMU_RESET_NSEC;
	}
	return 0;
}

static const struct command commands[] = {
	/* clang-format off */
	[VFU_VERSION] =
		{ "VERSION", emu_handle_version, sizeof(struct vfu_version), 0, WORK_NONE },
	[VFU_DMA_MAP] =
		{ "DMA_MAP", handle_dma_map, sizeof(struct vfu_dma_map), 1, WORK_LATER },
	[VFU_DMA_UNMAP] = /* SPDK sends a descriptor that nobody needs. */
		{ "DMA_UNMAP", handle_dma_unmap, sizeof(struct vfu_dma_unmap), 1, WORK_LATER },
	[VFU_DEVICE_GET_INFO] =
		{ "DEVICE_GET_INFO", handle_device_info, sizeof(struct vfu_device_info), 0, WORK_NONE },
	[VFU_DEVICE_GET_REGION_INFO] =
		{ "DEVICE_GET_REGION_INFO", emu_handle_region_info,
		  sizeof(struct vfu_region_info), 0, WORK_NONE },
	[VFU_DEVICE_GET_REGION_IO_FDS] =
		{ "DEVICE_GET_REGION_IO_FDS", emu_handle_region_io_fds,
		  sizeof(struct vfu_region_io_fds), 0, WORK_NONE },
	[VFU_DEVICE_GET_IRQ_INFO] =
		{ "DEVICE_GET_IRQ_INFO", emu_handle_irq_info, sizeof(struct vfu_irq_info), 0,
		  WORK_NONE },
	[VFU_DEVICE_SET_IRQS] =
		{ "DEVICE_SET_IRQS", emu_handle_set_irqs, sizeof(struct vfu_set_irqs), EMU_MSG_FDS,
		  WORK_NOW },
	[VFU_REGION_READ] =
		{ "REGION_READ", emu_handle_region_read, sizeof(struct vfu_region_access), 0,
		  WORK_NONE },
	[VFU_REGION_WRITE] =
		{ "REGION_WRITE", emu_handle_region_write, sizeof(struct vfu_region_access), 0,
		  WORK_NOW },
	[VFU_DEVICE_RESET] =
		{ "DEVICE_RESET", handle_device_reset, 0, 0, WORK_LATER },
	[VFU_REGION_WRITE_MULTI] =
		{ "REGION_WRITE_MULTI", emu_handle_write_multi, sizeof(struct vfu_write_multi), 0,
		  WORK_NOW },
	/* clang-format on */
};

static const struct command *find_command(uint16_t number)
{
	if (number >= sizeof(commands) / sizeof(commands[0]) || !commands[number].handle)
		return NULL;
	return &commands[number];
}

int emu_message_handle(struct emu_session *session, struct emu_message *message,
		       struct emu_reply *reply)
{
	const struct command *command = find_command(message->header.command);
	bool posted = message->header.flags & VFU_FLAG_NO_REPLY;
	int error;

	if (session->state == EMU_SESSION_NEW && message->header.command != VFU_VERSION) {
		emu_complain(session, "command %u before VERSION", message->header.command);
		session->state = EMU_SESSION_ENDING;
		return -EINVAL;
	}
	if (!command) {
		emu_complain(session, "unknown command %u", message->header.command);
		return -EINVAL;
	}
	if (message->bytes < command->min_bytes || message->fd_count > command->fds ||
	    message->header.flags & VFU_FLAG_ERROR) {
		emu_complain(session, "%s: %u bytes, %u descriptors, flags 0x%x", command->name,
			     message->bytes, message->fd_count, message->header.flags);
		return -EINVAL;
	}
	error = command->handle(session, message, reply);
	if (error)
		emu_log(EMU_LOG_INFO, (int)session->ctrl, "%s: %s", command->name,
			strerror(-error));
	if (emu_may_work(session) &&
	    (emu_server_is_virtual(session->server) || (command->work == WORK_NOW && !posted)))
		emu_server_work(session->server);
	else if (command->work != WORK_NONE)
		session->server->work = true;
	return error;
}
