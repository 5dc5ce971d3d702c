/* SPDX-License-Identifier: BSD-3-Clause */
/* MSI-X of a function, through the configuration space of a transport. */
#ifndef NVMELAB_DRIVER_TRANSPORT_MSIX_H
#define NVMELAB_DRIVER_TRANSPORT_MSIX_H

#include "driver/core/nvl.h"

/**
 * nvl_msix_enable - find MSI-X in configuration space and set or clear its enable bit
 *
 * The function mask is cleared; the table is not touched: vectors that nobody wrote count as
 * unmasked. The same accesses whatever the transport.
 * Return: vectors of the table, or -ENOENT when there is no MSI-X.
 */
int nvl_msix_enable(const struct nvl_ops *ops, bool enable);

#endif
