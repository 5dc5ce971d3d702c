/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The NVMe functions of this machine, whatever their vendor and whoever uses them. Only the
 * kernel's lists and configuration space are read: no register, and no driver is disturbed.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_PCI_LIST_H
#define NVMELAB_DRIVER_TRANSPORT_PCI_LIST_H

#include <stdint.h>

#include "common/text.h"

#pragma GCC visibility push(default)

#define NVL_PCI_NAME_BYTES   24
#define NVL_PCI_DRIVER_BYTES 64
#define NVL_PCI_USE_BYTES    320

/**
 * struct nvl_pci_info - a function of class 010802h
 * @name: "0000:01:00.0"; a DEVICE is "pci:" and this
 * @driver: "nvme", "vfio-pci"; "" for none
 * @group: its IOMMU group, "12"; "" without an IOMMU
 * @use: what its block devices are used for: "nvme0n1p2 is mounted on /home"; "" for nothing
 * @help: the command that would end that
 */
struct nvl_pci_info {
	char name[NVL_PCI_NAME_BYTES];
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	char driver[NVL_PCI_DRIVER_BYTES];
	char group[16];
	char use[NVL_PCI_USE_BYTES];
	char help[NVL_PCI_USE_BYTES];
};

/** nvl_pci_info_fn - takes a function; @info is valid during the call */
typedef void nvl_pci_info_fn(void *arg, const struct nvl_pci_info *info);

/**
 * nvl_pci_list - all of them, in the order of their names
 * @error: gets a sentence
 * Context: allocates; not needed to be root.
 * Return: how many; -ENODEV when the machine has no PCI, -ENOMEM.
 */
int nvl_pci_list(nvl_pci_info_fn *put, void *arg, struct nvme_text *error);

#pragma GCC visibility pop

#endif
