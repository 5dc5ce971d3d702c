/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine made of files, for the tests of driver/transport/pci_*.c: /sys, /proc and /dev below a
 * folder, a libpciaccess that knows the functions of a test, and a kernel that binds and unbinds.
 */
#ifndef TESTS_UNIT_NVL_PCI_TREE_H
#define TESTS_UNIT_NVL_PCI_TREE_H

#include "driver/transport/pci.h"

#define TH_PCI_LOG   1024
#define TH_PCI_NEVER 99u

/**
 * struct th_pci_tree - the machine
 * @tree: for the functions under test
 * @log: what was written, in order: "drivers/nvme/unbind=0000:01:00.0 ..."
 * @writes: how many writes there were
 * @fail_write: the number of the write that is denied, from 0 on
 * @stubborn: binding does nothing
 */
struct th_pci_tree {
	struct nvl_pci_tree tree;
	char root[64];
	char log[TH_PCI_LOG];
	unsigned int writes;
	unsigned int fail_write;
	bool stubborn;
};

/** th_pci_tree_make - an empty machine, with the drivers nvme and vfio-pci */
void th_pci_tree_make(struct th_pci_tree *tree);

/** th_pci_tree_free - remove it */
void th_pci_tree_free(struct th_pci_tree *tree);

/** th_pci_file - a file below the root, and the folders above it */
void th_pci_file(const struct th_pci_tree *tree, const char *path, const char *text);

/** th_pci_link - a symbolic link below the root, and the folders above it */
void th_pci_link(const struct th_pci_tree *tree, const char *path, const char *target);

/**
 * th_pci_add - a function of @class_code, also in libpciaccess's list
 * @driver: or NULL
 * @group: IOMMU group, or NULL
 */
void th_pci_add(const struct th_pci_tree *tree, const char *name, uint32_t class_code,
		const char *driver, const char *group);

/** th_pci_look - what is known of the function at @name, which libpciaccess knows */
struct nvl_pci_facts th_pci_look(const struct th_pci_tree *tree, const char *name);

/** th_pci_forget - libpciaccess knows no function any more, and no PCI if @broken */
void th_pci_forget(bool broken);

#endif
