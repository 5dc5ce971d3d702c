/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of a function sent to a CPU: VFIO names each in /proc/interrupts, whose number has a
 * list of CPUs in /proc/irq. That takes root; a kernel that manages the list itself refuses.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/transport/pci.h"

#define NAME_BYTES (NVL_PCI_NAME_BYTES + 32)

static void name_vector(const char *function, uint32_t index, uint32_t vector,
			char name[NAME_BYTES])
{
	if (index == VFIO_PCI_INTX_IRQ_INDEX)
		snprintf(name, NAME_BYTES, "vfio-intx(%s)", function);
	else
		snprintf(name, NAME_BYTES, "vfio-msi%s[%u](%s)",
			 index == VFIO_PCI_MSIX_IRQ_INDEX ? "x" : "", vector, function);
}

/* Its number, or 0: no line ends with this name. */
static unsigned long find_irq(FILE *interrupts, const char *name)
{
	unsigned long number = 0;
	char *line = NULL;
	size_t bytes = 0;

	while (number == 0 && getline(&line, &bytes, interrupts) > 0) {
		const char *last;

		line[strcspn(line, "\n")] = 0;
		last = strrchr(line, ' ');
		if (last && strcmp(last + 1, name) == 0)
			number = strtoul(line, NULL, 10);
	}
	free(line);
	return number;
}

int nvl_pci_steer(const struct nvl_pci_tree *tree, const char *function, uint32_t index,
		  uint32_t vector, uint32_t cpu)
{
	char path[PATH_MAX], name[NAME_BYTES], text[16];
	unsigned long number;
	FILE *interrupts;

	interrupts = nvl_pci_path(tree, path, "/proc/interrupts") ? fopen(path, "re") : NULL;
	if (!interrupts)
		return -ENOENT;
	name_vector(function, index, vector, name);
	number = find_irq(interrupts, name);
	fclose(interrupts);
	if (number == 0 || !nvl_pci_path(tree, path, "/proc/irq/%lu/smp_affinity_list", number))
		return -ENOENT;
	snprintf(text, sizeof(text), "%u\n", cpu);
	return tree->write(tree->arg, path, text);
}
