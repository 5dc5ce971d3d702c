/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Huge pages and their physical addresses, for devices without an IOMMU.
 *
 * The pages of a mapping are put in the order of their addresses, so that those which lie side by
 * side in memory are one piece for the device.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver/transport/transport.h"

#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_FRAME	((UINT64_C(1) << 55) - 1)

struct page {
	uint64_t physical;
	uint64_t offset; /* in the file */
};

int nvl_pagemap_open(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int nvl_pagemap_read(int pagemap, const void *data, uint64_t *ret_physical)
{
	uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);
	uintptr_t at = (uintptr_t)data;
	uint64_t entry;

	if (pread(pagemap, &entry, sizeof(entry), (off_t)(at / page_bytes * sizeof(entry))) !=
	    sizeof(entry))
		return -EIO;
	/* Those who may not know addresses read zeros. */
	if (!(entry & PAGEMAP_PRESENT) || (entry & PAGEMAP_FRAME) == 0)
		return -EPERM;
	*ret_physical = (entry & PAGEMAP_FRAME) * page_bytes + at % page_bytes;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct page *first = a, *second = b;

	return first->physical < second->physical ? -1 : first->physical > second->physical;
}

/*
 * Addresses that are not known are no error: the pages are as good as they were.
 * Return: whether all of them are still mapped.
 */
static bool sort_pages(uint8_t *data, int fd, uint64_t bytes, uint64_t huge_bytes)
{
	uint64_t count = bytes / huge_bytes;
	struct page *pages = calloc(count, sizeof(*pages));
	int pagemap = nvl_pagemap_open();
	bool known = pages && pagemap >= 0, mapped = true;

	for (uint64_t i = 0; known && i < count; i++) {
		pages[i].offset = i * huge_bytes;
		known = nvl_pagemap_read(pagemap, data + i * huge_bytes, &pages[i].physical) == 0;
	}
	if (known)
		qsort(pages, count, sizeof(*pages), compare);
	for (uint64_t i = 0; known && mapped && i < count; i++)
		mapped = mmap(data + i * huge_bytes, huge_bytes, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_POPULATE | MAP_FIXED, fd,
			      (off_t)pages[i].offset) != MAP_FAILED;
	if (pagemap >= 0)
		close(pagemap);
	free(pages);
	return mapped;
}

void *nvl_huge_map(int fd, uint64_t bytes, uint64_t huge_bytes)
{
	void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	int error;

	if (data == MAP_FAILED)
		return MAP_FAILED;
	if (sort_pages(data, fd, bytes, huge_bytes) && mlock(data, bytes) == 0)
		return data;
	error = errno;
	munmap(data, bytes);
	errno = error;
	return MAP_FAILED;
}
