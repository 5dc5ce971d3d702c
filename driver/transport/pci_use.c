/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the block devices behind a function are in use: mounted, swap space, part of another
 * block device, or held by somebody in a name space that we do not see.
 *
 * Block devices are below the controller, or below the subsystem when controllers share them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver/transport/pci.h"

/* What a search has found. */
struct search {
	const struct nvl_pci_tree *tree;
	char *use;
	size_t use_bytes;
	char *help;
	size_t help_bytes;
};

static bool is_found(const struct search *search)
{
	return search->use[0] != 0;
}

/* mountinfo writes blanks and the like in octal. */
static void decode_octal(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = 0;
}

/* A line of mountinfo: identifier, parent, major:minor, root, mount point... */
static void look_for_mount(struct search *search, const char *name, const char *number)
{
	char path[PATH_MAX], *line = NULL;
	size_t room = 0;
	FILE *file = NULL;

	if (nvl_pci_path(search->tree, path, "/proc/self/mountinfo"))
		file = fopen(path, "re");
	while (file && !is_found(search) && getline(&line, &room, file) > 0) {
		char at[32], point[256];

		if (sscanf(line, "%*s %*s %31s %*s %255s", at, point) != 2 ||
		    strcmp(at, number) != 0)
			continue;
		decode_octal(point);
		snprintf(search->use, search->use_bytes, "%s is mounted on %s", name, point);
		snprintf(search->help, search->help_bytes, "umount '%s'", point);
	}
	free(line);
	if (file)
		fclose(file);
}

static void look_for_swap(struct search *search, const char *name)
{
	char path[PATH_MAX], line[512], file_name[256];
	FILE *file = NULL;

	if (nvl_pci_path(search->tree, path, "/proc/swaps"))
		file = fopen(path, "re");
	while (file && !is_found(search) && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%255s", file_name) != 1 || strncmp(file_name, "/dev/", 5) != 0 ||
		    strcmp(file_name + 5, name) != 0)
			continue;
		snprintf(search->use, search->use_bytes, "%s is swap space", name);
		snprintf(search->help, search->help_bytes, "swapoff /dev/%s", name);
	}
	if (file)
		fclose(file);
}

static void look_for_holder(struct search *search, const char *directory, const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *holders;

	if (snprintf(path, sizeof(path), "%s/holders", directory) >= PATH_MAX)
		return;
	holders = opendir(path);
	while (holders && !is_found(search) && (entry = readdir(holders)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(search->use, search->use_bytes, "%s is a part of %s", name, entry->d_name);
		snprintf(search->help, search->help_bytes, "lsblk /dev/%s", name);
	}
	if (holders)
		closedir(holders);
}

/* Whoever mounts, swaps or builds on a block device holds it, in whatever name space that is. */
static void look_for_claim(struct search *search, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (!nvl_pci_path(search->tree, path, "/dev/%s", name))
		return;
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
	} else if (errno == EBUSY) {
		snprintf(search->use, search->use_bytes, "%s is held by somebody", name);
		snprintf(search->help, search->help_bytes, "lsblk /dev/%s; fuser -v /dev/%s", name,
			 name);
	}
}

/* A disk or partition; @directory is its own. */
static void look_at_block(struct search *search, const char *directory, const char *name)
{
	char path[PATH_MAX], number[32];

	if (snprintf(path, sizeof(path), "%s/dev", directory) >= PATH_MAX ||
	    !nvl_pci_line(path, number, sizeof(number)))
		return;
	look_for_mount(search, name, number);
	if (!is_found(search))
		look_for_swap(search, name);
	if (!is_found(search))
		look_for_holder(search, directory, name);
}

typedef void visit_fn(struct search *search, const char *directory, const char *name);

/* Each entry of @directory whose name begins with @prefix. */
static void visit(struct search *search, const char *directory, const char *prefix, visit_fn *look)
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *opened = opendir(directory);

	while (opened && !is_found(search) && (entry = readdir(opened)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >= PATH_MAX)
			continue;
		look(search, path, entry->d_name);
	}
	if (opened)
		closedir(opened);
}

static void look_at_disk(struct search *search, const char *directory, const char *name)
{
	look_at_block(search, directory, name);
	/* Partitions are directories that begin with the name of their disk. */
	if (!is_found(search))
		visit(search, directory, name, look_at_block);
	if (!is_found(search))
		look_for_claim(search, name);
}

/* Disks of the controller alone, and those of the subsystem that has a controller of this name. */
static void look_at_controller(struct search *search, const char *directory, const char *name)
{
	char path[PATH_MAX], subsystem[PATH_MAX];
	struct dirent *entry;
	DIR *opened = NULL;

	visit(search, directory, "nvme", look_at_disk);
	if (nvl_pci_path(search->tree, path, "/sys/class/nvme-subsystem"))
		opened = opendir(path);
	while (opened && !is_found(search) && (entry = readdir(opened)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    snprintf(subsystem, sizeof(subsystem), "%s/%s/%s", path, entry->d_name, name) >=
			    PATH_MAX ||
		    access(subsystem, F_OK) != 0)
			continue;
		*strrchr(subsystem, '/') = 0;
		visit(search, subsystem, "nvme", look_at_disk);
	}
	if (opened)
		closedir(opened);
}

void nvl_pci_use(const struct nvl_pci_tree *tree, const char *name, char *use, size_t use_bytes,
		 char *help, size_t help_bytes)
{
	struct search search = { tree, use, use_bytes, help, help_bytes };
	char path[PATH_MAX];

	use[0] = 0;
	help[0] = 0;
	if (nvl_pci_path(tree, path, "/sys/bus/pci/devices/%s/nvme", name))
		visit(&search, path, "nvme", look_at_controller);
}
