/* SPDX-License-Identifier: BSD-3-Clause */
/* Getting to know a vfio-user server: what it speaks, which regions it has, what can be mapped. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/le.h"
#include "driver/transport/vfu.h"

#define DOORBELLS    0x1000u
#define REGIONS_MAX  100u
#define INFO_ROOM    4096u
#define CONFIG_BYTES 256u

int nvl_vfu_region_read(struct nvl_vfu *vfu, uint32_t region, uint64_t offset, void *data,
			uint32_t bytes)
{
	struct vfu_region_access access = { .offset = offset, .region = region, .count = bytes };
	uint8_t reply[sizeof(access) + 64];
	struct nvl_vfu_call call = {
		.command = VFU_REGION_READ,
		.request = &access,
		.request_bytes = sizeof(access),
		.reply = reply,
		.reply_room = sizeof(reply),
	};
	int error;

	if (bytes > sizeof(reply) - sizeof(access))
		return -EINVAL;
	error = nvl_vfu_exchange(vfu, &call);
	nvl_vfu_close_fds(&call);
	if (error)
		return error;
	if (call.reply_bytes < sizeof(access) + bytes ||
	    memcmp(reply, &access, sizeof(access)) != 0)
		return -EPROTO;
	memcpy(data, reply + sizeof(access), bytes);
	return 0;
}

int nvl_vfu_region_write(struct nvl_vfu *vfu, uint32_t region, uint64_t offset, const void *data,
			 uint32_t bytes)
{
	struct vfu_region_access access = { .offset = offset, .region = region, .count = bytes };
	struct vfu_region_access reply = { 0 };
	struct nvl_vfu_call call = {
		.command = VFU_REGION_WRITE,
		.request = &access,
		.request_bytes = sizeof(access),
		.data = data,
		.data_bytes = bytes,
		.reply = &reply,
		.reply_room = sizeof(reply),
	};
	int error = nvl_vfu_exchange(vfu, &call);

	nvl_vfu_close_fds(&call);
	if (error)
		return error;
	return call.reply_bytes >= sizeof(reply) && reply.count == bytes ? 0 : -EPROTO;
}

/*
 * A number in the JSON of VERSION. The keys are unique wherever they are nested, and a server that
 * hides one in a string cheats itself alone, so this looks for the key and reads what is behind it.
 */
static uint64_t find_number(const char *json, const char *key, uint64_t otherwise)
{
	const char *at = strstr(json, key);
	uint64_t value = 0;

	if (!at)
		return otherwise;
	at += strlen(key);
	at += strspn(at, " \t\r\n");
	if (*at++ != ':')
		return otherwise;
	at += strspn(at, " \t\r\n");
	if (*at < '0' || *at > '9')
		return otherwise;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (value > UINT32_MAX)
			return otherwise;
		value = value * 10 + (uint64_t)(*at - '0');
	}
	return value;
}

static int negotiate(struct nvl_vfu *vfu, struct nvme_text *error)
{
	static const char json[] = "{\"capabilities\":{\"max_msg_fds\":16,"
				   "\"max_data_xfer_size\":1048576,\"max_dma_maps\":1024,"
				   "\"pgsizes\":4096}}";
	struct vfu_version version = { .major = VFU_VERSION_MAJOR, .minor = VFU_VERSION_MINOR };
	char reply[sizeof(version) + VFU_VERSION_JSON_MAX + 1] = { 0 };
	struct nvl_vfu_call call = {
		.command = VFU_VERSION,
		.request = &version,
		.request_bytes = sizeof(version),
		.data = json,
		.data_bytes = sizeof(json),
		.reply = reply,
		.reply_room = sizeof(reply) - 1,
	};
	int result = nvl_vfu_exchange(vfu, &call);
	uint64_t fds;

	nvl_vfu_close_fds(&call);
	if (result == -ETIMEDOUT)
		return nvl_say(
			error, result,
			"vfio-user: the server does not answer; is another client connected?");
	if (result)
		return nvl_say(error, result, "vfio-user: VERSION: %s", strerror(-result));
	if (call.reply_bytes < sizeof(version))
		return nvl_say(error, -EPROTO, "vfio-user: the server's VERSION is too short");
	memcpy(&version, reply, sizeof(version));
	if (version.major != VFU_VERSION_MAJOR)
		return nvl_say(error, -EPROTO, "vfio-user: the server speaks version %u.%u, not %u",
			       version.major, version.minor, VFU_VERSION_MAJOR);
	fds = find_number(reply + sizeof(version), "\"max_msg_fds\"", VFU_DEFAULT_MSG_FDS);
	vfu->server_fds = fds > VFU_MSG_FDS_MAX ? VFU_MSG_FDS_MAX : (uint32_t)fds;
	return 0;
}

static int get_info(struct nvl_vfu *vfu, struct nvme_text *error)
{
	struct vfu_device_info info = { .argsz = sizeof(info) };
	struct nvl_vfu_call call = {
		.command = VFU_DEVICE_GET_INFO,
		.request = &info,
		.request_bytes = sizeof(info),
		.reply = &info,
		.reply_room = sizeof(info),
	};
	int result = nvl_vfu_exchange(vfu, &call);

	nvl_vfu_close_fds(&call);
	if (result)
		return nvl_say(error, result, "vfio-user: DEVICE_GET_INFO: %s", strerror(-result));
	if (call.reply_bytes < sizeof(info) || !(info.flags & VFU_DEVICE_PCI) ||
	    info.num_regions <= VFU_REGION_CONFIG || info.num_regions > REGIONS_MAX)
		return nvl_say(error, -EPROTO, "vfio-user: the server's device is no PCI device");
	vfu->device_flags = info.flags;
	vfu->regions = info.num_regions;
	vfu->irqs = info.num_irqs;
	return 0;
}

/* The first time with room for the structure alone; again if the reply has capabilities. */
static int region_info(struct nvl_vfu *vfu, uint32_t index, uint8_t *reply,
		       struct nvl_vfu_call *call)
{
	struct vfu_region_info info = { .argsz = sizeof(info), .index = index };
	uint32_t argsz;
	int result;

	*call = (struct nvl_vfu_call){
		.command = VFU_DEVICE_GET_REGION_INFO,
		.request = &info,
		.request_bytes = sizeof(info),
		.reply = reply,
		.reply_room = INFO_ROOM,
	};
	for (;;) {
		result = nvl_vfu_exchange(vfu, call);
		if (result)
			return result;
		if (call->reply_bytes < sizeof(info) || call->reply_bytes > INFO_ROOM)
			break;
		memcpy(&argsz, reply, sizeof(argsz));
		if (argsz <= info.argsz || argsz > INFO_ROOM || info.argsz > sizeof(info))
			return 0;
		nvl_vfu_close_fds(call);
		info.argsz = argsz;
	}
	nvl_vfu_close_fds(call);
	return -EPROTO;
}

static int get_region(struct nvl_vfu *vfu, uint32_t index, struct nvl_vfu_region *region)
{
	uint8_t reply[INFO_ROOM];
	struct nvl_vfu_call call;
	struct vfu_region_info info;
	int result = region_info(vfu, index, reply, &call);

	if (result)
		return result;
	nvl_vfu_close_fds(&call);
	memcpy(&info, reply, sizeof(info));
	region->flags = info.flags;
	region->size = info.size;
	return info.index == index ? 0 : -EPROTO;
}

/* A part of a region that can be mapped; @fd is its place in the list of descriptors. */
struct area {
	struct vfu_sparse_area at;
	uint32_t fd;
};

/*
 * The area that has the first doorbell, in the sparse-mmap capability at @offset of @reply.
 * Return: 1; 0 when no area has it; -EPROTO when the capability does not fit the reply.
 */
static int find_in_sparse(const uint8_t *reply, uint32_t bytes, uint32_t offset,
			  struct area *ret_area)
{
	struct vfu_cap_sparse_mmap cap;

	if (bytes - offset < sizeof(cap))
		return -EPROTO;
	memcpy(&cap, reply + offset, sizeof(cap));
	if (cap.nr_areas > NVL_VFU_AREAS ||
	    cap.nr_areas * sizeof(struct vfu_sparse_area) > bytes - offset - sizeof(cap))
		return -EPROTO;
	for (uint32_t i = 0; i < cap.nr_areas; i++) {
		memcpy(&ret_area->at, reply + offset + sizeof(cap) + i * sizeof(ret_area->at),
		       sizeof(ret_area->at));
		ret_area->fd = i;
		if (ret_area->at.offset <= DOORBELLS &&
		    ret_area->at.size > DOORBELLS - ret_area->at.offset)
			return 1;
	}
	return 0;
}

/*
 * Walks the chain, forwards only, inside the reply. Without a sparse area all can be mapped.
 * Return: as find_in_sparse().
 */
static int find_area(const uint8_t *reply, uint32_t bytes, const struct vfu_region_info *info,
		     struct area *ret_area)
{
	uint32_t offset = info->flags & VFU_REGION_CAPS ? info->cap_offset : 0;
	uint32_t least = sizeof(*info);

	while (offset != 0) {
		struct vfu_cap_header header;

		if (offset < least || offset > bytes || bytes - offset < sizeof(header))
			return -EPROTO;
		memcpy(&header, reply + offset, sizeof(header));
		if (header.id == VFU_CAP_SPARSE_MMAP)
			return find_in_sparse(reply, bytes, offset, ret_area);
		least = offset + (uint32_t)sizeof(header);
		offset = header.next;
	}
	*ret_area = (struct area){ .at = { .offset = 0, .size = info->size } };
	return 1;
}

static bool area_fits(const struct area *area, const struct vfu_region_info *info, int fd,
		      uint64_t *ret_file_offset)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = info->offset + area->at.offset;
	struct stat file;

	if (area->at.size == 0 || area->at.offset > info->size ||
	    area->at.size > info->size - area->at.offset || area->at.size > UINT32_MAX)
		return false;
	if (start < info->offset || start > INT64_MAX - area->at.size)
		return false;
	if ((area->at.offset | area->at.size | start) % page != 0)
		return false;
	*ret_file_offset = start;
	return fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
	       (uint64_t)file.st_size >= start + area->at.size;
}

/*
 * Maps the part of BAR0 that has the doorbells, if the server offers one. What cannot be right is
 * refused rather than ignored: a server that polls memory which we do not write would never see us.
 */
static int map_bar0(struct nvl_vfu *vfu, struct nvme_text *error)
{
	uint8_t reply[INFO_ROOM];
	struct vfu_region_info info;
	struct nvl_vfu_call call;
	struct area area;
	uint64_t file_offset;
	int result = region_info(vfu, VFU_REGION_BAR0, reply, &call);
	int fd;

	if (result)
		return nvl_say(error, result, "vfio-user: information about BAR0: %s",
			       strerror(-result));
	memcpy(&info, reply, sizeof(info));
	result = find_area(reply, call.reply_bytes, &info, &area);
	if (result <= 0)
		goto out;
	result = -EPROTO;
	fd = call.reply_fds[call.reply_fds[area.fd] >= 0 ? area.fd : 0];
	if (!area_fits(&area, &info, fd, &file_offset))
		goto out;
	vfu->bar0_map = mmap(NULL, area.at.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			     (off_t)file_offset);
	if (vfu->bar0_map == MAP_FAILED) {
		vfu->bar0_map = NULL;
		result = -errno;
		goto out;
	}
	vfu->bar0_map_bytes = area.at.size;
	vfu->transport.ops.mapped = vfu->bar0_map;
	vfu->transport.ops.mapped_offset = (uint32_t)area.at.offset;
	vfu->transport.ops.mapped_bytes = (uint32_t)area.at.size;
	result = 0;
out:
	nvl_vfu_close_fds(&call);
	if (result)
		nvl_say(error, result,
			"vfio-user: the server says that BAR0 can be mapped, but it cannot: %s",
			strerror(-result));
	return result;
}

static int get_vectors(struct nvl_vfu *vfu)
{
	struct vfu_irq_info info = { .argsz = sizeof(info), .index = VFU_IRQ_MSIX };
	struct nvl_vfu_call call = {
		.command = VFU_DEVICE_GET_IRQ_INFO,
		.request = &info,
		.request_bytes = sizeof(info),
		.reply = &info,
		.reply_room = sizeof(info),
	};
	int result;

	if (vfu->irqs <= VFU_IRQ_MSIX)
		return 0;
	result = nvl_vfu_exchange(vfu, &call);
	nvl_vfu_close_fds(&call);
	if (result || call.reply_bytes < sizeof(info) || !(info.flags & VFU_IRQ_EVENTFD))
		return nvl_vfu_lost(vfu);
	vfu->msix_vectors = info.count < NVL_VFU_VECTORS ? info.count : NVL_VFU_VECTORS;
	return 0;
}

/* A server without it keeps real time, as far as we are concerned. */
static int open_lab(struct nvl_vfu *vfu)
{
	struct nvl_vfu_region lab;
	uint8_t words[16];

	if (vfu->regions <= VFU_REGION_LAB || get_region(vfu, VFU_REGION_LAB, &lab) ||
	    lab.size < VFU_LAB_BYTES)
		return nvl_vfu_lost(vfu);
	if (nvl_vfu_region_read(vfu, VFU_REGION_LAB, VFU_LAB_OFF_MAGIC, words, sizeof(words)) ||
	    nvme_load_le64(words) != VFU_LAB_MAGIC)
		return nvl_vfu_lost(vfu);
	vfu->lab = true;
	vfu->lab_now = nvme_load_le64(words + VFU_LAB_OFF_NOW);
	return 0;
}

int nvl_vfu_set_up(struct nvl_vfu *vfu, bool map, struct nvme_text *error)
{
	int result = negotiate(vfu, error);

	if (result)
		return result;
	result = get_info(vfu, error);
	if (result)
		return result;
	result = get_region(vfu, VFU_REGION_BAR0, &vfu->bar0);
	if (!result)
		result = get_region(vfu, VFU_REGION_CONFIG, &vfu->config);
	if (!result && (vfu->bar0.size <= DOORBELLS || vfu->config.size < CONFIG_BYTES))
		result = -EPROTO;
	if (!result)
		result = get_vectors(vfu);
	if (!result)
		result = open_lab(vfu);
	if (result)
		return nvl_say(error, result,
			       "vfio-user: the server's device is no NVMe controller: %s",
			       strerror(-result));
	if (map && (vfu->bar0.flags & VFU_REGION_MAPPABLE))
		return map_bar0(vfu, error);
	return 0;
}
