/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A function through VFIO: its group, a container with the IOMMU, its file.
 *
 * The kernel enables the function, keeps its configuration space in order, and resets it when the
 * file is closed. Nothing that the device does reaches memory that was not mapped here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver/transport/pci.h"

#define INFO_BYTES_MAX 65536u
#define IOVA_ALIGN     (2u << 20) /* where an IOMMU may use large pages */

static int open_container(struct nvl_pci *pci, struct nvme_text *error)
{
	char path[PATH_MAX];

	if (!nvl_pci_path(pci->tree, path, "/dev/vfio/vfio"))
		return -ENAMETOOLONG;
	pci->container = open(path, O_RDWR | O_CLOEXEC);
	if (pci->container < 0)
		return nvl_say(error, -errno, "%s: %s: %s; 'modprobe vfio-pci' makes it",
			       pci->facts.info.name, path, strerror(errno));
	if (ioctl(pci->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(pci->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0)
		return nvl_say(error, -EOPNOTSUPP,
			       "%s: VFIO has no IOMMU of type 1 here: 'modprobe vfio_iommu_type1'",
			       pci->facts.info.name);
	return 0;
}

static int say_group_error(const struct nvl_pci *pci, const char *path, struct nvme_text *error)
{
	int result = -errno;

	if (result == -EACCES || result == -EPERM)
		return nvl_say(error, result,
			       "%s: %s may not be opened: %s; as root it may, or after 'chown "
			       "USER %s'",
			       pci->facts.info.name, path, strerror(-result), path);
	if (result == -EBUSY)
		return nvl_say(error, result,
			       "%s: another program uses its IOMMU group: 'fuser -v %s' says which",
			       pci->facts.info.name, path);
	return nvl_say(error, result,
		       "%s: %s: %s; 'ls -l /dev/vfio' shows the groups that can be "
		       "used",
		       pci->facts.info.name, path, strerror(-result));
}

static int open_group(struct nvl_pci *pci, struct nvme_text *error)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	const char *name = pci->facts.info.name;
	char path[PATH_MAX];

	if (!nvl_pci_path(pci->tree, path, "/dev/vfio/%s", pci->facts.info.group))
		return -ENAMETOOLONG;
	pci->group = open(path, O_RDWR | O_CLOEXEC);
	if (pci->group < 0)
		return say_group_error(pci, path, error);
	if (ioctl(pci->group, VFIO_GROUP_GET_STATUS, &status) != 0)
		return nvl_say(error, -errno, "%s: the status of its IOMMU group: %s", name,
			       strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return nvl_say(error, -EBUSY,
			       "%s: its IOMMU group %s is not viable: another function of it has a "
			       "driver; 'ls /sys/kernel/iommu_groups/%s/devices' shows them",
			       name, pci->facts.info.group, pci->facts.info.group);
	if (ioctl(pci->group, VFIO_GROUP_SET_CONTAINER, &pci->container) != 0)
		return nvl_say(error, -errno, "%s: VFIO's container: %s", name, strerror(errno));
	if (ioctl(pci->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0)
		return nvl_say(error, -errno,
			       "%s: the IOMMU: %s; without interrupt remapping the kernel wants "
			       "'modprobe vfio_iommu_type1 allow_unsafe_interrupts=1'",
			       name, strerror(errno));
	return 0;
}

/* Part of an answer that the kernel may make longer than what is asked for. */
static const struct vfio_info_cap_header *find_cap(const void *info, uint32_t bytes, uint32_t at,
						   uint16_t id)
{
	while (at != 0 && bytes >= sizeof(struct vfio_info_cap_header) &&
	       at <= bytes - sizeof(struct vfio_info_cap_header)) {
		const struct vfio_info_cap_header *header = (const void *)((const uint8_t *)info +
									   at);

		if (header->id == id)
			return header;
		if (header->next <= at)
			return NULL;
		at = header->next;
	}
	return NULL;
}

/* Asks how long the answer is, then for all of it. Every such structure begins with argsz. */
static void *ask(int fd, unsigned long request, const void *question, uint32_t bytes)
{
	uint32_t room = bytes, *answer = calloc(1, bytes);

	for (int turn = 0; answer && turn < 2; turn++) {
		memcpy(answer, question, bytes);
		answer[0] = room;
		if (ioctl(fd, request, answer) != 0)
			break;
		if (answer[0] <= room || answer[0] > INFO_BYTES_MAX) {
			answer[0] = room;
			return answer;
		}
		room = answer[0];
		free(answer);
		answer = calloc(1, room);
	}
	free(answer);
	return NULL;
}

/* The range of addresses to use: from 4 GiB on if the IOMMU takes them, else the largest. */
static void pick_iova(struct nvl_pci *pci, const struct vfio_iommu_type1_info_cap_iova_range *cap,
		      uint32_t count)
{
	uint64_t best = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t first = cap->iova_ranges[i].start, last = cap->iova_ranges[i].end;

		if (first < NVL_IOVA_FIRST && last > NVL_IOVA_FIRST)
			first = NVL_IOVA_FIRST;
		if (last < first || last - first < best ||
		    (pci->iova.next >= NVL_IOVA_FIRST && first < NVL_IOVA_FIRST))
			continue;
		best = last - first;
		pci->iova.next = first ? first : IOVA_ALIGN;
		pci->iova_last = last;
	}
}

static void look_at_iommu(struct nvl_pci *pci)
{
	const struct vfio_iommu_type1_info question = { .argsz = sizeof(question) };
	struct vfio_iommu_type1_info *info = ask(pci->container, VFIO_IOMMU_GET_INFO, &question,
						 sizeof(question));
	const struct vfio_info_cap_header *header = NULL;

	pci->iova = (struct nvl_iova){ .align = IOVA_ALIGN };
	pci->iova_last = UINT64_MAX;
	if (info && info->flags & VFIO_IOMMU_INFO_CAPS)
		header = find_cap(info, info->argsz, info->cap_offset,
				  VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	if (header) {
		const struct vfio_iommu_type1_info_cap_iova_range *cap = (const void *)header;
		uint32_t at = (uint32_t)((const uint8_t *)header - (const uint8_t *)info);

		if (info->argsz - at >= sizeof(*cap) &&
		    cap->nr_iovas <=
			    (info->argsz - at - sizeof(*cap)) / sizeof(cap->iova_ranges[0]))
			pick_iova(pci, cap, cap->nr_iovas);
	}
	free(info);
}

/* The part of BAR0 that can be mapped: the one with the doorbells, if there are several. */
static void pick_area(const struct vfio_region_info *info, uint64_t *ret_offset,
		      uint64_t *ret_bytes)
{
	const struct vfio_info_cap_header *header = NULL;
	const struct vfio_region_info_cap_sparse_mmap *sparse;

	*ret_offset = 0;
	*ret_bytes = info->flags & VFIO_REGION_INFO_FLAG_MMAP ? info->size : 0;
	if (info->flags & VFIO_REGION_INFO_FLAG_CAPS)
		header = find_cap(info, info->argsz, info->cap_offset,
				  VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	if (!header)
		return;
	sparse = (const void *)header;
	*ret_bytes = 0;
	for (uint32_t i = 0; i < sparse->nr_areas; i++) {
		const struct vfio_region_sparse_mmap_area *area = &sparse->areas[i];

		if ((const uint8_t *)(area + 1) > (const uint8_t *)info + info->argsz)
			break;
		if (area->offset > NVME_DOORBELL_OFFSET || area->offset >= info->size ||
		    area->size > info->size - area->offset ||
		    area->offset + area->size <= NVME_DOORBELL_OFFSET)
			continue;
		*ret_offset = area->offset;
		*ret_bytes = area->size;
	}
}

static int map_bar0(struct nvl_pci *pci, uint64_t offset, uint64_t bytes, struct nvme_text *error)
{
	void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, pci->device,
			  (off_t)(pci->bar0_at + offset));
	int result;

	if (data == MAP_FAILED)
		return nvl_say(error, -errno, "%s: mapping BAR0: %s", pci->facts.info.name,
			       strerror(errno));
	pci->bar0.data = data;
	pci->bar0.bytes = bytes;
	pci->bar0_offset = offset;
	result = nvl_pci_guard(&pci->bar0);
	return result ? nvl_say(error, result, "too many devices are open") : 0;
}

static int look_at_regions(struct nvl_pci *pci, bool map, struct nvme_text *error)
{
	const struct vfio_region_info question = { .argsz = sizeof(question),
						   .index = VFIO_PCI_BAR0_REGION_INDEX };
	struct vfio_region_info config = { .argsz = sizeof(config),
					   .index = VFIO_PCI_CONFIG_REGION_INDEX };
	struct vfio_region_info *bar0 = ask(pci->device, VFIO_DEVICE_GET_REGION_INFO, &question,
					    sizeof(question));
	uint64_t offset, bytes;

	if (!bar0 || bar0->size <= NVME_DOORBELL_OFFSET ||
	    ioctl(pci->device, VFIO_DEVICE_GET_REGION_INFO, &config) != 0) {
		free(bar0);
		return nvl_say(error, -ENXIO,
			       "%s: VFIO has no BAR0 of it: 'dmesg | grep %s' may say why",
			       pci->facts.info.name, pci->facts.info.name);
	}
	pci->bar0_at = bar0->offset;
	pci->bar0_bytes = bar0->size;
	pci->config_at = config.offset;
	pick_area(bar0, &offset, &bytes);
	free(bar0);
	return map && bytes > 0 ? map_bar0(pci, offset, bytes, error) : 0;
}

static void look_at_interrupts(struct nvl_pci *pci)
{
	static const uint32_t indices[] = { VFIO_PCI_INTX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX,
					    VFIO_PCI_MSIX_IRQ_INDEX };

	for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
		struct vfio_irq_info info = { .argsz = sizeof(info), .index = indices[i] };

		if (ioctl(pci->device, VFIO_DEVICE_GET_IRQ_INFO, &info) == 0 &&
		    info.flags & VFIO_IRQ_INFO_EVENTFD)
			pci->irq_count[indices[i]] = info.count;
	}
}

static int open_device(struct nvl_pci *pci, struct nvme_text *error)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	const char *name = pci->facts.info.name;

	pci->device = ioctl(pci->group, VFIO_GROUP_GET_DEVICE_FD, name);
	if (pci->device < 0)
		return nvl_say(error, -errno, "%s: VFIO does not open it: %s; 'dmesg | grep %s'",
			       name, strerror(errno), name);
	if (ioctl(pci->device, VFIO_DEVICE_GET_INFO, &info) != 0)
		return nvl_say(error, -errno, "%s: VFIO's information: %s", name, strerror(errno));
	pci->can_reset = info.flags & VFIO_DEVICE_FLAGS_RESET;
	return 0;
}

int nvl_pci_vfio_open(struct nvl_pci *pci, bool map, struct nvme_text *error)
{
	int result = open_container(pci, error);

	if (!result)
		result = open_group(pci, error);
	if (!result)
		result = open_device(pci, error);
	if (result)
		return result;
	look_at_iommu(pci);
	look_at_interrupts(pci);
	nvl_pci_irq_watch(pci);
	return look_at_regions(pci, map, error);
}

void nvl_pci_vfio_close(struct nvl_pci *pci)
{
	const int fds[] = { pci->device, pci->group, pci->container };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

int nvl_pci_vfio_map(struct nvl_pci *pci, struct nvl_buffer *buffer)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)buffer->data,
		.size = buffer->bytes,
	};

	map.iova = nvl_iova_take(&pci->iova, buffer->bytes);
	if (map.iova > pci->iova_last || buffer->bytes - 1 > pci->iova_last - map.iova)
		return -ENOSPC;
	if (ioctl(pci->container, VFIO_IOMMU_MAP_DMA, &map) != 0)
		return -errno;
	buffer->iova = map.iova;
	return 0;
}

int nvl_pci_vfio_unmap(struct nvl_pci *pci, struct nvl_buffer *buffer)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = buffer->iova,
		.size = buffer->bytes,
	};

	return ioctl(pci->container, VFIO_IOMMU_UNMAP_DMA, &unmap) == 0 ? 0 : -errno;
}

int nvl_pci_vfio_reset(struct nvl_pci *pci)
{
	if (!pci->can_reset)
		return -EOPNOTSUPP;
	return ioctl(pci->device, VFIO_DEVICE_RESET) == 0 ? 0 : -errno;
}
