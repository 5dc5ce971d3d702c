/* SPDX-License-Identifier: BSD-3-Clause */
/* A part of the command list. */
#ifndef NVMELAB_DRIVER_CLI_LIST_PCI_H
#define NVMELAB_DRIVER_CLI_LIST_PCI_H

#include "driver/cli/command.h"

/** cli_list_pci - print the NVMe functions of this machine; no device is opened */
bool cli_list_pci(struct cli *cli, GError **error);

#endif
