/* SPDX-License-Identifier: BSD-3-Clause */
/* MSI-X in configuration space: see msix.h. */
#include "driver/transport/msix.h"

#include <errno.h>

#define PCI_STATUS		0x06
#define PCI_STATUS_CAPABILITIES 0x0010u
#define PCI_CAPABILITIES	0x34
#define PCI_CAPABILITIES_MAX	48 /* that fit the space before 100h */
#define PCI_CAP_MSIX		0x11
#define MSIX_CONTROL		2
#define MSIX_CONTROL_SIZE	0x07ffu /* vectors, 0's based */
#define MSIX_CONTROL_MASK	0x4000u
#define MSIX_CONTROL_ENABLE	0x8000u

/* Offset of a capability, or 0. The device could make the list a circle: steps are counted. */
static uint32_t find_capability(const struct nvl_ops *ops, uint32_t id)
{
	uint32_t at;

	if (!(ops->cfg_read(ops->arg, PCI_STATUS, 2) & PCI_STATUS_CAPABILITIES))
		return 0;
	at = ops->cfg_read(ops->arg, PCI_CAPABILITIES, 1) & 0xfc;
	for (unsigned int i = 0; i < PCI_CAPABILITIES_MAX && at >= 0x40; i++) {
		uint32_t header = ops->cfg_read(ops->arg, at, 2);

		if (header == 0xffff)
			return 0;
		if ((header & 0xff) == id)
			return at;
		at = (header >> 8) & 0xfc;
	}
	return 0;
}

int nvl_msix_enable(const struct nvl_ops *ops, bool enable)
{
	uint32_t at = find_capability(ops, PCI_CAP_MSIX);
	uint32_t control;

	if (at == 0)
		return -ENOENT;
	control = ops->cfg_read(ops->arg, at + MSIX_CONTROL, 2);
	control &= ~(MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK);
	if (enable)
		control |= MSIX_CONTROL_ENABLE;
	ops->cfg_write(ops->arg, at + MSIX_CONTROL, 2, control & 0xffff);
	return (int)(control & MSIX_CONTROL_SIZE) + 1;
}
