/* SPDX-License-Identifier: BSD-3-Clause */
/* What the kernel's trees say of a function. Nothing here changes anything but nvl_pci_system. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/transport/pci.h"

#define KIB 1024u

static int write_file(void *arg, const char *path, const char *text)
{
	size_t bytes = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int result = 0;
	ssize_t done;

	(void)arg;
	if (fd < 0)
		return -errno;
	done = write(fd, text, bytes);
	if (done < 0)
		result = -errno;
	else if ((size_t)done != bytes)
		result = -EIO;
	close(fd);
	return result;
}

const struct nvl_pci_tree nvl_pci_system = { .root = "", .write = write_file };

bool nvl_pci_path(const struct nvl_pci_tree *tree, char path[PATH_MAX], const char *format, ...)
{
	int used = snprintf(path, PATH_MAX, "%s", tree->root);
	va_list args;
	int more;

	if (used < 0 || used >= PATH_MAX)
		return false;
	va_start(args, format);
	more = vsnprintf(path + used, (size_t)(PATH_MAX - used), format, args);
	va_end(args);
	return more >= 0 && more < PATH_MAX - used;
}

void nvl_pci_link(const char *path, char *name, size_t bytes)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	name[0] = 0;
	if (length < 0)
		return;
	target[length] = 0;
	slash = strrchr(target, '/');
	snprintf(name, bytes, "%s", slash ? slash + 1 : target);
}

bool nvl_pci_line(const char *path, char *line, size_t bytes)
{
	FILE *file = fopen(path, "re");

	line[0] = 0;
	if (!file)
		return false;
	if (fgets(line, (int)bytes, file))
		line[strcspn(line, "\n")] = 0;
	fclose(file);
	return true;
}

/*
 * A group can be used when no other function of it has a driver that does DMA: vfio-pci, none, and
 * the drivers of bridges are fine.
 */
static bool is_harmless(const char *driver)
{
	return !driver[0] || strcmp(driver, "vfio-pci") == 0 || strcmp(driver, "pcieport") == 0 ||
	       strcmp(driver, "pci-stub") == 0;
}

static void look_at_group(const struct nvl_pci_tree *tree, struct nvl_pci_facts *facts)
{
	const char *group = facts->info.group;
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *directory;

	if (nvl_pci_path(tree, path, "/sys/kernel/iommu_groups/%s/type", group))
		nvl_pci_line(path, facts->group_type, sizeof(facts->group_type));
	if (!nvl_pci_path(tree, path, "/sys/kernel/iommu_groups/%s/devices", group))
		return;
	directory = opendir(path);
	while (directory && (entry = readdir(directory)) != NULL) {
		char driver[NVL_PCI_DRIVER_BYTES];

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, facts->info.name) == 0 ||
		    !nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/driver", entry->d_name))
			continue;
		nvl_pci_link(path, driver, sizeof(driver));
		if (is_harmless(driver))
			continue;
		snprintf(facts->neighbour, sizeof(facts->neighbour), "%.*s", NVL_PCI_NAME_BYTES - 1,
			 entry->d_name);
		memcpy(facts->neighbour_driver, driver, sizeof(driver));
		break;
	}
	if (directory)
		closedir(directory);
}

static void look_at_memory(const struct nvl_pci_tree *tree, struct nvl_pci_facts *facts)
{
	char path[PATH_MAX], line[128];
	FILE *file = NULL;

	if (nvl_pci_path(tree, path, "/proc/meminfo"))
		file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		const char *colon = strchr(line, ':');

		if (!colon)
			continue;
		if (strncmp(line, "HugePages_Free:", 15) == 0)
			facts->huge_free = strtoull(colon + 1, NULL, 10);
		else if (strncmp(line, "Hugepagesize:", 13) == 0)
			facts->huge_bytes = strtoull(colon + 1, NULL, 10) * KIB;
	}
	fclose(file);
}

void nvl_pci_look(const struct nvl_pci_tree *tree, struct nvl_pci_facts *facts)
{
	struct nvl_pci_info *info = &facts->info;
	char path[PATH_MAX];

	if (nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/driver", info->name))
		nvl_pci_link(path, info->driver, sizeof(info->driver));
	if (nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/iommu_group", info->name))
		nvl_pci_link(path, info->group, sizeof(info->group));
	if (info->group[0])
		look_at_group(tree, facts);
	if (nvl_pci_path(tree, path, "/sys/bus/pci/drivers/vfio-pci"))
		facts->has_vfio = access(path, F_OK) == 0;
	look_at_memory(tree, facts);
	nvl_pci_use(tree, info->name, info->use, sizeof(info->use), info->help, sizeof(info->help));
}
