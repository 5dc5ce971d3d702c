/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes a function from its driver, and gives it back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver/transport/pci.h"

#define NO_OVERRIDE "(null)" /* what the file driver_override says then */

static void current_driver(const struct nvl_pci_tree *tree, const char *name,
			   char driver[NVL_PCI_DRIVER_BYTES])
{
	char path[PATH_MAX];

	driver[0] = 0;
	if (nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/driver", name))
		nvl_pci_link(path, driver, NVL_PCI_DRIVER_BYTES);
}

static int write_override(const struct nvl_pci_tree *tree, const char *name, const char *driver)
{
	char path[PATH_MAX];

	if (!nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/driver_override", name))
		return -ENAMETOOLONG;
	return tree->write(tree->arg, path, driver[0] ? driver : "\n");
}

/* Writes @name to a file of @driver's: @verb is bind or unbind. */
static int tell_driver(const struct nvl_pci_tree *tree, const char *name, const char *driver,
		       const char *verb)
{
	char path[PATH_MAX];

	if (!driver[0])
		return 0;
	if (!nvl_pci_path(tree, path, "/sys/bus/pci/drivers/%s/%s", driver, verb))
		return -ENAMETOOLONG;
	return tree->write(tree->arg, path, name);
}

static int unbind(const struct nvl_pci_tree *tree, const char *name, const char *driver)
{
	return tell_driver(tree, name, driver, "unbind");
}

static int bind(const struct nvl_pci_tree *tree, const char *name, const char *driver)
{
	return tell_driver(tree, name, driver, "bind");
}

static int take(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease)
{
	char driver[NVL_PCI_DRIVER_BYTES];
	int result = 0;

	if (lease->given[0])
		result = write_override(tree, lease->name, lease->given);
	if (!result)
		result = unbind(tree, lease->name, lease->driver);
	if (!result)
		result = bind(tree, lease->name, lease->given);
	if (result)
		return result;
	current_driver(tree, lease->name, driver);
	return strcmp(driver, lease->given) == 0 ? 0 : -EIO;
}

int nvl_pci_take(const struct nvl_pci_tree *tree, const struct nvl_pci_facts *facts,
		 const char *driver, struct nvl_pci_lease *lease, struct nvme_text *error)
{
	char path[PATH_MAX];
	int result;

	*lease = (struct nvl_pci_lease){ .taken = true };
	memcpy(lease->name, facts->info.name, sizeof(lease->name));
	memcpy(lease->driver, facts->info.driver, sizeof(lease->driver));
	snprintf(lease->given, sizeof(lease->given), "%s", driver);
	if (nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/driver_override", lease->name))
		nvl_pci_line(path, lease->override, sizeof(lease->override));
	if (strcmp(lease->override, NO_OVERRIDE) == 0)
		lease->override[0] = 0;
	result = take(tree, lease);
	if (!result)
		return 0;
	nvl_pci_give_back(tree, lease);
	return nvl_say(
		error, result,
		result == -EACCES || result == -EPERM
			? "%s: --rebind needs root: run it with sudo (%s)"
			: "%s: it could not be rebound: %s; 'dmesg' has what the kernel says",
		facts->info.name, strerror(-result));
}

int nvl_pci_give_back(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease)
{
	char driver[NVL_PCI_DRIVER_BYTES], path[PATH_MAX];
	int result = 0;

	if (!lease->taken)
		return 0;
	lease->taken = false;
	if (!nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s", lease->name) ||
	    access(path, F_OK) != 0)
		return 0;
	current_driver(tree, lease->name, driver);
	if (strcmp(driver, lease->driver) != 0)
		result = unbind(tree, lease->name, driver);
	if (!result && lease->given[0])
		result = write_override(tree, lease->name, lease->override);
	if (!result && strcmp(driver, lease->driver) != 0)
		result = bind(tree, lease->name, lease->driver);
	return result;
}
