/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A function without an IOMMU: BAR0 and configuration space by libpciaccess, physical addresses of
 * huge pages, no interrupts. The device could write anywhere, and goes on after a program that was
 * killed: docs/pci.md says what that risks.
 */
#include <errno.h>
#include <pciaccess.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/transport/pci.h"

static int write_attribute(const struct nvl_pci *pci, const char *attribute, const char *text)
{
	char path[PATH_MAX];

	if (!nvl_pci_path(pci->tree, path, "/sys/bus/pci/devices/%s/%s", pci->facts.info.name,
			  attribute))
		return -ENAMETOOLONG;
	return pci->tree->write(pci->tree->arg, path, text);
}

static int enable(struct nvl_pci *pci, struct nvme_text *error)
{
	const uint16_t wanted = NVL_PCI_COMMAND_MEMORY | NVL_PCI_COMMAND_MASTER;
	const char *name = pci->facts.info.name;
	uint16_t command = 0;

	if (pci_device_cfg_read_u16(pci->function, &pci->command, NVL_PCI_COMMAND) != 0)
		return nvl_say(error, -EIO, "%s: its configuration space cannot be read", name);
	/* The kernel counts who has enabled it, unless a driver has it, which does that already. */
	pci->is_enabled = write_attribute(pci, "enable", "1") == 0;
	pci_device_cfg_write_u16(pci->function, pci->command | wanted, NVL_PCI_COMMAND);
	pci_device_cfg_read_u16(pci->function, &command, NVL_PCI_COMMAND);
	if ((command & wanted) == wanted && command != UINT16_MAX)
		return 0;
	return nvl_say(error, -EIO,
		       "%s: memory decode or bus master is off and stays off (command register "
		       "%04Xh): 'setpci -s %s COMMAND=6:6' shows whether it can be turned on",
		       name, command, name);
}

static int map_bar0(struct nvl_pci *pci, struct nvme_text *error)
{
	const struct pci_mem_region *region = &pci->function->regions[0];
	int result = pci_device_map_range(pci->function, region->base_addr, region->size,
					  PCI_DEV_MAP_FLAG_WRITABLE, &pci->bar0.data);

	if (result) {
		pci->bar0.data = NULL;
		return nvl_say(error, -result,
			       "%s: mapping BAR0: %s; 'dmesg | grep -i lockdown' shows whether "
			       "the kernel forbids it",
			       pci->facts.info.name, strerror(result));
	}
	pci->bar0.bytes = region->size;
	pci->bar0_bytes = region->size;
	result = nvl_pci_guard(&pci->bar0);
	return result ? nvl_say(error, result, "too many devices are open") : 0;
}

int nvl_pci_unsafe_open(struct nvl_pci *pci, struct nvme_text *error)
{
	int result;

	if (geteuid() != 0)
		return nvl_say(error, -EPERM,
			       "%s: --unsafe-dma needs root, for BAR0 and the addresses of memory: "
			       "run it with sudo",
			       pci->facts.info.name);
	pci->function = nvl_pci_get(&pci->address);
	if (!pci->function)
		return nvl_say(error, -ENODEV, "%s: the device is gone", pci->facts.info.name);
	result = enable(pci, error);
	if (!result)
		result = map_bar0(pci, error);
	if (result)
		return result;
	pci->pagemap = nvl_pagemap_open();
	return pci->pagemap >= 0 ? 0
				 : nvl_say(error, pci->pagemap, "the addresses of memory: %s",
					   strerror(-pci->pagemap));
}

void nvl_pci_unsafe_close(struct nvl_pci *pci)
{
	if (pci->pagemap >= 0)
		close(pci->pagemap);
	if (!pci->function)
		return;
	if (pci->bar0.data)
		pci_device_unmap_range(pci->function, pci->bar0.data, pci->bar0.bytes);
	if (!nvl_pci_lost(pci)) {
		if (pci->is_enabled)
			write_attribute(pci, "enable", "0");
		pci_device_cfg_write_u16(pci->function, pci->command, NVL_PCI_COMMAND);
	}
	nvl_pci_put(pci->function);
}

int nvl_pci_unsafe_map(struct nvl_pci *pci, struct nvl_buffer *buffer)
{
	uint64_t count = buffer->bytes / NVL_PAGE_BYTES;
	uint64_t *pages = calloc(count, sizeof(*pages));
	int result = 0;

	if (!pages)
		return -ENOMEM;
	for (uint64_t i = 0; i < count && !result; i++)
		result = nvl_pagemap_read(pci->pagemap,
					  (const uint8_t *)buffer->data + i * NVL_PAGE_BYTES,
					  &pages[i]);
	if (result) {
		free(pages);
		return result;
	}
	buffer->iova = pages[0];
	buffer->page_iova = pages;
	return 0;
}

int nvl_pci_unsafe_unmap(struct nvl_buffer *buffer)
{
	free((void *)(uintptr_t)buffer->page_iova);
	buffer->page_iova = NULL;
	return 0;
}

/* The kernel saves and restores what a reset takes from configuration space. */
int nvl_pci_unsafe_reset(struct nvl_pci *pci)
{
	int result = write_attribute(pci, "reset", "1");

	return result == -ENOENT ? -EOPNOTSUPP : result;
}
