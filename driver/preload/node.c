/* SPDX-License-Identifier: BSD-3-Clause */
/* Paths: /dev/nvme0, /dev/nvme0n1, /dev/ng0n1, and what stat() says of them. */
#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "driver/preload/preload.h"

/* As Linux numbers them: majors are dynamic there, these are what a usual system shows. */
#define CTRL_MAJOR    242
#define BLOCK_MAJOR   259
#define GENERIC_MAJOR 241

/* A namespace's number in decimal, without a sign or zeros before it; 0 for anything else. */
static uint32_t parse_nsid(const char *digits)
{
	uint64_t nsid = 0;

	if (*digits == '0')
		return 0;
	for (; *digits >= '0' && *digits <= '9' && nsid <= UINT32_MAX; digits++)
		nsid = nsid * 10 + (uint64_t)(*digits - '0');
	return *digits == '\0' && nsid < UINT32_MAX ? (uint32_t)nsid : 0;
}

bool pre_node_find(const char *path, struct pre_node *ret_node)
{
	static const char block[] = "/dev/nvme0n", generic[] = "/dev/ng0n";

	if (!path || strncmp(path, "/dev/n", 6) != 0 || !pre_active())
		return false;
	*ret_node = (struct pre_node){ 0 };
	if (strcmp(path, "/dev/nvme0") == 0) {
		ret_node->kind = PRE_CTRL;
		return true;
	}
	if (strncmp(path, block, sizeof(block) - 1) == 0) {
		ret_node->kind = PRE_BLOCK;
		ret_node->nsid = parse_nsid(path + sizeof(block) - 1);
	} else if (strncmp(path, generic, sizeof(generic) - 1) == 0) {
		ret_node->kind = PRE_GENERIC;
		ret_node->nsid = parse_nsid(path + sizeof(generic) - 1);
	}
	return ret_node->nsid != 0;
}

int pre_node_stat(const struct pre_node *node, struct stat *ret_stat)
{
	static const unsigned int majors[] = {
		[PRE_CTRL] = CTRL_MAJOR,
		[PRE_BLOCK] = BLOCK_MAJOR,
		[PRE_GENERIC] = GENERIC_MAJOR,
	};

	if (!pre_device())
		return -1;
	if (node->nsid != 0 && !nvl_ns_find(pre_ctrl(), node->nsid))
		return pre_fail(ENOENT);
	memset(ret_stat, 0, sizeof(*ret_stat));
	ret_stat->st_mode = 0600 | (node->kind == PRE_BLOCK ? S_IFBLK : S_IFCHR);
	ret_stat->st_nlink = 1;
	ret_stat->st_uid = getuid();
	ret_stat->st_gid = getgid();
	ret_stat->st_ino = node->nsid + 1;
	ret_stat->st_rdev = makedev(majors[node->kind], node->nsid);
	ret_stat->st_blksize = 4096;
	return 0;
}
