/* SPDX-License-Identifier: BSD-3-Clause */
/* See nvl_pci_tree.h. */
#include "tests/unit/nvl_pci_tree.h"

#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <pciaccess.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUNCTIONS 16u
#define BAR0	  UINT64_C(0xfebf0000)

/* libpciaccess, as far as pci_access.c asks for it. The program's own come before the library's. */
static struct pci_device functions[FUNCTIONS];
static unsigned int function_count;
static bool no_pci;

struct pci_device_iterator {
	struct pci_id_match match;
	unsigned int at;
};

int pci_system_init(void)
{
	return no_pci ? ENOENT : 0;
}

void pci_system_cleanup(void)
{
}

struct pci_device *pci_device_find_by_slot(uint32_t domain, uint32_t bus, uint32_t dev,
					   uint32_t func)
{
	for (unsigned int i = 0; i < function_count; i++) {
		if (functions[i].domain == domain && functions[i].bus == bus &&
		    functions[i].dev == dev && functions[i].func == func)
			return &functions[i];
	}
	return NULL;
}

int pci_device_probe(struct pci_device *dev)
{
	dev->regions[0].base_addr = BAR0;
	dev->regions[0].size = 16384;
	return 0;
}

struct pci_device_iterator *pci_id_match_iterator_create(const struct pci_id_match *match)
{
	struct pci_device_iterator *iterator = calloc(1, sizeof(*iterator));

	iterator->match = *match;
	return iterator;
}

struct pci_device *pci_device_next(struct pci_device_iterator *iter)
{
	while (iter->at < function_count) {
		struct pci_device *function = &functions[iter->at++];

		if ((function->device_class & iter->match.device_class_mask) ==
		    iter->match.device_class)
			return function;
	}
	return NULL;
}

void pci_iterator_destroy(struct pci_device_iterator *iter)
{
	free(iter);
}

void th_pci_forget(bool broken)
{
	memset(functions, 0, sizeof(functions));
	function_count = 0;
	no_pci = broken;
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
}

static void place(const struct th_pci_tree *tree, const char *path, char full[PATH_MAX])
{
	snprintf(full, PATH_MAX, "%s%s", tree->root, path);
	make_folders(full);
}

void th_pci_file(const struct th_pci_tree *tree, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	place(tree, path, full);
	file = fopen(full, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

void th_pci_link(const struct th_pci_tree *tree, const char *path, const char *target)
{
	char full[PATH_MAX];

	place(tree, path, full);
	unlink(full);
	ck_assert_int_eq(symlink(target, full), 0);
}

/* What the kernel does when a name is written to bind or unbind. */
static void obey(struct th_pci_tree *tree, const char *path, const char *text)
{
	const char *drivers = strstr(path, "/drivers/");
	char driver[64], verb[16], link[256], target[512];

	if (!drivers || tree->stubborn ||
	    sscanf(drivers, "/drivers/%63[^/]/%15s", driver, verb) != 2)
		return;
	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/driver", text);
	if (strcmp(verb, "bind") == 0) {
		snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%s", driver);
		th_pci_link(tree, link, target);
	} else {
		snprintf(target, sizeof(target), "%s%s", tree->root, link);
		unlink(target);
	}
}

static int record(void *arg, const char *path, const char *text)
{
	struct th_pci_tree *tree = arg;
	const char *short_path = path + strlen(tree->root) + strlen("/sys/bus/pci/");
	size_t used = strlen(tree->log);

	snprintf(tree->log + used, sizeof(tree->log) - used, "%s%s=%s", used ? " " : "", short_path,
		 strcmp(text, "\n") == 0 ? "none" : text);
	if (tree->writes++ == tree->fail_write)
		return -EACCES;
	obey(tree, path, text);
	return 0;
}

void th_pci_tree_make(struct th_pci_tree *tree)
{
	*tree = (struct th_pci_tree){ .fail_write = TH_PCI_NEVER };
	snprintf(tree->root, sizeof(tree->root), "/tmp/nvmelab-pci-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tree->root));
	tree->tree = (struct nvl_pci_tree){ .root = tree->root, .write = record, .arg = tree };
	th_pci_forget(false);
	th_pci_file(tree, "/sys/bus/pci/drivers/nvme/bind", "");
	th_pci_file(tree, "/sys/bus/pci/drivers/vfio-pci/bind", "");
	th_pci_file(tree, "/proc/meminfo",
		    "MemTotal: 1 kB\nHugePages_Free:       40\nHugepagesize:       2048 kB\n");
}

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

void th_pci_tree_free(struct th_pci_tree *tree)
{
	nftw(tree->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void th_pci_add(const struct th_pci_tree *tree, const char *name, uint32_t class_code,
		const char *driver, const char *group)
{
	struct nvl_pci_address address;
	char path[PATH_MAX], target[PATH_MAX];

	ck_assert_uint_lt(function_count, FUNCTIONS);
	ck_assert_int_eq(nvl_pci_parse(name, &address), 0);
	functions[function_count++] = (struct pci_device){
		.domain = address.domain,
		.bus = (uint8_t)address.bus,
		.dev = (uint8_t)address.device,
		.func = (uint8_t)address.function,
		.device_class = class_code,
		.vendor_id = 0x1b36,
		.device_id = 0x0010,
	};
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", name);
	th_pci_file(tree, path, "(null)\n");
	if (driver) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", name);
		snprintf(target, sizeof(target), "../../../../bus/pci/drivers/%s", driver);
		th_pci_link(tree, path, target);
	}
	if (!group)
		return;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", name);
	snprintf(target, sizeof(target), "../../../../kernel/iommu_groups/%s", group);
	th_pci_link(tree, path, target);
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%s/devices/%s", group, name);
	th_pci_link(tree, path, "../nowhere");
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%s/type", group);
	th_pci_file(tree, path, "DMA\n");
}

struct nvl_pci_facts th_pci_look(const struct th_pci_tree *tree, const char *name)
{
	struct nvl_pci_address address;
	struct pci_device *function;
	struct nvl_pci_facts facts;

	ck_assert_int_eq(nvl_pci_parse(name, &address), 0);
	function = nvl_pci_get(&address);
	ck_assert_ptr_nonnull(function);
	nvl_pci_read(function, &facts);
	nvl_pci_put(function);
	nvl_pci_look(&tree->tree, &facts);
	return facts;
}
