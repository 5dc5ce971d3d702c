/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory that a device can reach: arenas in sealed memfds, mapped once, and buffers in them.
 *
 * An arena is shared with the process behind the device by its descriptor. It is sealed, so that no
 * one who has it can take pages away from under us.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/transport/transport.h"

#define PAGE NVL_PAGE_BYTES

/* Every memfd mapping of the process, to find the descriptor behind a buffer. */
struct mapping {
	struct mapping *next;
	uint8_t *data;
	uint64_t bytes;
	int fd;
};

static pthread_mutex_t mappings_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mapping *mappings;

/* Rounds @bytes up to pages of @ret_page_bytes, which are huge ones if @kind says so. */
static int make_memfd(enum nvl_arena_kind kind, uint64_t *bytes, uint64_t *ret_page_bytes)
{
	unsigned int huge = kind == NVL_ARENA_HUGE ? MFD_HUGETLB : 0;
	int fd = memfd_create("nvmelab", MFD_CLOEXEC | MFD_ALLOW_SEALING | huge);
	struct stat status;
	uint64_t page;
	int error;

	if (fd < 0)
		return -1;
	page = fstat(fd, &status) == 0 && huge ? (uint64_t)status.st_blksize
					       : (uint64_t)sysconf(_SC_PAGESIZE);
	*ret_page_bytes = page;
	*bytes = (*bytes + page - 1) / page * page;
	if (ftruncate(fd, (off_t)*bytes) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void *nvl_arena_map(enum nvl_arena_kind kind, uint64_t *ret_bytes, int *ret_fd)
{
	struct mapping *mapping = malloc(sizeof(*mapping));
	uint64_t page_bytes, bytes;
	int fd = mapping ? make_memfd(kind, ret_bytes, &page_bytes) : -1;
	void *data = MAP_FAILED;

	bytes = *ret_bytes;
	if (fd >= 0)
		data = kind == NVL_ARENA_HUGE
			       ? nvl_huge_map(fd, bytes, page_bytes)
			       : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (data == MAP_FAILED) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		free(mapping);
		errno = error;
		return NULL;
	}
	*mapping = (struct mapping){ .data = data, .bytes = bytes, .fd = fd };
	pthread_mutex_lock(&mappings_lock);
	mapping->next = mappings;
	mappings = mapping;
	pthread_mutex_unlock(&mappings_lock);
	*ret_fd = fd;
	return data;
}

int nvl_arena_find(const void *data, uint64_t bytes, int *ret_fd, uint64_t *ret_offset)
{
	uintptr_t at = (uintptr_t)data;
	int result = -ENOENT;

	pthread_mutex_lock(&mappings_lock);
	for (const struct mapping *mapping = mappings; mapping; mapping = mapping->next) {
		uintptr_t first = (uintptr_t)mapping->data;

		if (at < first || at - first > mapping->bytes ||
		    bytes > mapping->bytes - (at - first))
			continue;
		*ret_fd = mapping->fd;
		*ret_offset = at - first;
		result = 0;
		break;
	}
	pthread_mutex_unlock(&mappings_lock);
	return result;
}

void nvl_arena_unmap(void *data)
{
	struct mapping **link = &mappings;
	struct mapping *found;

	pthread_mutex_lock(&mappings_lock);
	while (*link && (*link)->data != data)
		link = &(*link)->next;
	found = *link;
	if (found)
		*link = found->next;
	pthread_mutex_unlock(&mappings_lock);
	if (!found)
		return;
	munmap(found->data, found->bytes);
	close(found->fd);
	free(found);
}

uint64_t nvl_iova_take(struct nvl_iova *iova, uint64_t bytes)
{
	uint64_t at = iova->next ? iova->next : NVL_IOVA_FIRST;

	if (iova->align)
		at = (at + iova->align - 1) / iova->align * iova->align;
	/* One page stays free behind it, so that running over an end does not go unnoticed. */
	iova->next = at + bytes + PAGE;
	return at;
}

/* An arena: @used has a byte for each page, 1 when it belongs to a buffer. */
struct arena {
	struct arena *next;
	struct nvl_buffer map;
	uint64_t pages;
	uint8_t used[];
};

struct nvl_memory {
	const struct nvl_ops *ops;
	enum nvl_arena_kind kind;
	uint64_t arena_bytes;
	void (*place)(void *arg, void *data, uint64_t bytes);
	void *place_arg;
	struct arena *arenas; /* in the order they were made */
};

struct nvl_memory *nvl_memory_new(const struct nvl_ops *ops, enum nvl_arena_kind kind,
				  uint64_t arena_bytes)
{
	struct nvl_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->ops = ops;
	memory->kind = kind;
	memory->arena_bytes = (arena_bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	return memory;
}

void nvl_memory_set_place(struct nvl_memory *memory,
			  void (*place)(void *arg, void *data, uint64_t bytes), void *arg)
{
	memory->place = place;
	memory->place_arg = arg;
}

static void free_arena(struct nvl_memory *memory, struct arena *arena)
{
	memory->ops->dma_unmap(memory->ops->arg, &arena->map);
	nvl_arena_unmap(arena->map.data);
	free(arena);
}

void nvl_memory_free(struct nvl_memory *memory)
{
	if (!memory)
		return;
	while (memory->arenas) {
		struct arena *arena = memory->arenas;

		memory->arenas = arena->next;
		free_arena(memory, arena);
	}
	free(memory);
}

static int add_arena(struct nvl_memory *memory, uint64_t bytes)
{
	struct arena **link = &memory->arenas;
	struct arena *arena;
	void *data;
	int fd, result;

	data = nvl_arena_map(memory->kind, &bytes, &fd);
	if (!data)
		return -errno;
	arena = calloc(1, sizeof(*arena) + bytes / PAGE);
	if (!arena) {
		nvl_arena_unmap(data);
		return -ENOMEM;
	}
	arena->pages = bytes / PAGE;
	arena->map.bytes = bytes;
	arena->map.data = data;
	if (memory->place)
		memory->place(memory->place_arg, data, bytes);
	result = memory->ops->dma_map(memory->ops->arg, &arena->map);
	if (result) {
		nvl_arena_unmap(arena->map.data);
		free(arena);
		return result;
	}
	while (*link)
		link = &(*link)->next;
	*link = arena;
	return 0;
}

/* Whether the device finds page @page behind the one before it. */
static bool follows(const struct arena *arena, uint64_t page)
{
	const uint64_t *iova = arena->map.page_iova;

	return !iova || iova[page] == iova[page - 1] + PAGE;
}

static bool take_pages(struct arena *arena, uint64_t pages, bool contiguous, uint64_t *ret_first)
{
	uint64_t run = 0;

	for (uint64_t page = 0; page < arena->pages; page++) {
		if (contiguous && run > 0 && !follows(arena, page))
			run = 0;
		run = arena->used[page] ? 0 : run + 1;
		if (run < pages)
			continue;
		*ret_first = page + 1 - pages;
		memset(arena->used + *ret_first, 1, pages);
		return true;
	}
	return false;
}

static bool take_buffer(struct nvl_memory *memory, uint64_t pages, bool contiguous,
			struct nvl_buffer *ret_buffer)
{
	for (struct arena *arena = memory->arenas; arena; arena = arena->next) {
		const uint64_t *page_iova = arena->map.page_iova;
		uint64_t first;

		if ((!contiguous && !page_iova) || !take_pages(arena, pages, contiguous, &first))
			continue;
		*ret_buffer = (struct nvl_buffer){
			.data = (uint8_t *)arena->map.data + first * PAGE,
			.iova = page_iova ? page_iova[first] : arena->map.iova + first * PAGE,
			.page_iova = contiguous ? NULL : page_iova + first,
		};
		return true;
	}
	return false;
}

/* Scattered pages are for what fits nowhere else. */
static bool take(struct nvl_memory *memory, uint64_t pages, struct nvl_buffer *ret_buffer)
{
	return take_buffer(memory, pages, true, ret_buffer) ||
	       take_buffer(memory, pages, false, ret_buffer);
}

int nvl_memory_alloc(struct nvl_memory *memory, uint64_t bytes, struct nvl_buffer *ret_buffer)
{
	uint64_t pages = bytes / PAGE + (bytes % PAGE != 0);
	int result;

	if (bytes == 0 || pages > (uint64_t)1 << 36)
		return -EINVAL;
	if (!take(memory, pages, ret_buffer)) {
		uint64_t arena_bytes = pages * PAGE;

		if (arena_bytes < memory->arena_bytes)
			arena_bytes = memory->arena_bytes;
		result = add_arena(memory, arena_bytes);
		if (result)
			return result;
		if (!take(memory, pages, ret_buffer))
			return -ENOMEM;
	}
	ret_buffer->bytes = bytes;
	memset(ret_buffer->data, 0, pages * PAGE);
	return 0;
}

void nvl_memory_release(struct nvl_memory *memory, struct nvl_buffer *buffer)
{
	uint64_t pages = buffer->bytes / PAGE + (buffer->bytes % PAGE != 0);

	if (!buffer->data)
		return;
	for (struct arena *arena = memory->arenas; arena; arena = arena->next) {
		uintptr_t at = (uintptr_t)buffer->data, start = (uintptr_t)arena->map.data;
		uint64_t first = (at - start) / PAGE;

		if (at < start || first >= arena->pages)
			continue;
		memset(arena->used + first, 0, pages);
		break;
	}
	*buffer = (struct nvl_buffer){ 0 };
}
