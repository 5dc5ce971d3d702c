/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A BAR0 that faults, and the driver's memory: what is behind addresses, what an access does, time.
 *
 * The controller reaches the driver's memory by an alias, which never faults: both are a memfd's.
 */
#include "emulator/device/trap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/nvme_spec.h"
#include "common/ring.h"
#include "emulator/device/say.h"

#define TICK_NSEC      1000u
#define LOOKS	       4u /* places that are remembered */
#define SLOTS_PER_PAGE (EMU_DMA_PAGE / NVME_CQE_BYTES)
#define OPEN	       (PROT_READ | PROT_WRITE)
#define PCI_COMMAND    4u /* in configuration space */
#define MEMORY_SPACE   2u
#define BUS_MASTER     4u

/** struct region - what emu_trapbar_memory() was given; @page: one for each of its pages */
struct region {
	struct region *next;
	uint8_t *view;
	uint8_t *alias;
	uint64_t bytes;
	uint64_t iova;
	struct emu_trap_page *page;
};

/**
 * struct emu_trapbar - a BAR0, and memory
 * @guard: @reserved bytes, a page before @base and one behind its @bytes
 * @listed: pages that may be closed; room for all of them
 * @look: addresses that were looked at since the last write, @looks in all
 */
struct emu_trapbar {
	struct emu_trapbar *next;
	struct emu_device *device;
	struct emu *core;
	uint32_t ctrl;
	struct emu_trapbar_options options;
	uint8_t *guard;
	uint64_t reserved;
	uint8_t *base;
	uint64_t bytes;
	bool open;
	struct region *regions;
	uint64_t pages;
	struct emu_trap_page **listed;
	uint64_t listed_count;
	uintptr_t look[LOOKS];
	uint32_t looks;
};

static struct emu_trapbar *bars;

void emu_trap_die(const char *what)
{
	static const char prefix[] = "nvmelab: programming error: ";

	/* Not by stdio, whose lock the program may hold. Nothing can be done if it fails. */
	if (write(STDERR_FILENO, prefix, sizeof(prefix) - 1) < 0 ||
	    write(STDERR_FILENO, what, strlen(what)) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
		abort();
	abort();
}

static void protect(void *memory, uint64_t bytes, int prot)
{
	if (mprotect(memory, bytes, prot) != 0)
		emu_trap_die("memory of a trap BAR was unmapped, or the system has no more maps");
}

/* What is where. */

static struct emu_trap_page *page_by_iova(struct emu_trapbar *bar, uint64_t iova)
{
	for (struct region *region = bar->regions; region; region = region->next) {
		if (iova - region->iova < region->bytes)
			return &region->page[(iova - region->iova) / EMU_DMA_PAGE];
	}
	return NULL;
}

bool emu_trap_find(uintptr_t address, struct emu_trap_place *ret_place)
{
	for (struct emu_trapbar *bar = bars; bar; bar = bar->next) {
		*ret_place = (struct emu_trap_place){ bar, NULL };
		if (address - (uintptr_t)bar->base < bar->bytes)
			return true;
		for (struct region *region = bar->regions; region; region = region->next) {
			uint64_t offset = address - (uintptr_t)region->view;

			if (offset >= region->bytes)
				continue;
			ret_place->page = &region->page[offset / EMU_DMA_PAGE];
			return true;
		}
	}
	return false;
}

uint32_t emu_trap_left(const struct emu_trapbar *bar, uintptr_t address, uint32_t bytes)
{
	uint64_t left = (uintptr_t)bar->base + bar->bytes - address;

	return left < bytes ? (uint32_t)left : bytes;
}

/* What faults. */

void emu_trap_open(const struct emu_trap_place *place)
{
	if (!place->page) {
		protect(place->bar->base, place->bar->bytes, OPEN);
		place->bar->open = true;
	} else if (place->page->closed) {
		protect(place->page->view, EMU_DMA_PAGE, OPEN);
		place->page->closed = false;
	}
}

void emu_trap_shut(struct emu_trapbar *bar)
{
	if (bar->open)
		protect(bar->base, bar->bytes, PROT_NONE);
	bar->open = false;
}

static void note_queue(struct emu_trapbar *bar, uint32_t cqid, const struct emu_cq_info *cq)
{
	for (uint32_t first = 0; first < cq->entries; first += SLOTS_PER_PAGE) {
		uint64_t iova = emu_cq_slot(bar->core, bar->ctrl, cqid, first);
		struct emu_trap_page *page = page_by_iova(bar, iova);
		uint32_t left = cq->entries - first;

		if (!page)
			continue;
		page->holds = true;
		page->cqid = cqid;
		page->first = first;
		page->slots = left < SLOTS_PER_PAGE ? left : SLOTS_PER_PAGE;
		if (!page->listed)
			bar->listed[bar->listed_count++] = page;
		page->listed = true;
	}
}

/*
 * Which pages hold completion queues. A controller that was reset has none, but its driver may not
 * have noticed and still be waiting there: what was known stays until there is an admin queue.
 */
static void note_queues(struct emu_trapbar *bar)
{
	uint32_t queues = emu_config_of(bar->core)->queues;
	struct emu_cq_info cq;

	if (!emu_cq_of(bar->core, bar->ctrl, 0, &cq))
		return;
	for (uint64_t i = 0; i < bar->listed_count; i++)
		bar->listed[i]->holds = false;
	for (uint32_t cqid = 0; cqid <= queues; cqid++) {
		if (emu_cq_of(bar->core, bar->ctrl, cqid, &cq))
			note_queue(bar, cqid, &cq);
	}
}

static void close_pages(struct emu_trapbar *bar)
{
	uint64_t kept = 0;

	for (uint64_t i = 0; i < bar->listed_count; i++) {
		struct emu_trap_page *page = bar->listed[i];

		if (page->holds != page->closed)
			protect(page->view, EMU_DMA_PAGE, page->holds ? PROT_NONE : OPEN);
		page->closed = page->holds;
		page->listed = page->holds;
		if (page->holds)
			bar->listed[kept++] = page;
	}
	bar->listed_count = kept;
}

void emu_trap_close_all(void)
{
	for (struct emu_trapbar *bar = bars; bar; bar = bar->next) {
		emu_trap_shut(bar);
		note_queues(bar);
		close_pages(bar);
	}
}

/* Time. */

static bool looked_before(struct emu_trapbar *bar, uintptr_t address)
{
	for (uint32_t i = 0; i < bar->looks && i < LOOKS; i++) {
		if (bar->look[i] == address)
			return true;
	}
	bar->look[bar->looks++ % LOOKS] = address;
	return false;
}

/* Who waits: to the next deadline, or as far as options say; without either a tick. */
static uint64_t end_of_wait(const struct emu_trapbar *bar, uint64_t now_nsec)
{
	uint64_t due = emu_device_deadline(bar->device), jump = bar->options.jump_nsec;

	if (due <= now_nsec)
		return now_nsec + bar->options.tick_nsec;
	if (jump && due - now_nsec > jump)
		return now_nsec + jump;
	return due == EMU_NEVER ? now_nsec + bar->options.tick_nsec : due;
}

/* The device has to be idle afterwards; under a real clock that is all. */
static void pass_time(struct emu_trapbar *bar, bool waits)
{
	uint64_t now = emu_device_now(bar->device);
	uint64_t to = waits ? end_of_wait(bar, now) : now + bar->options.tick_nsec;

	if (emu_device_advance(bar->device, to) != 0)
		emu_device_run(bar->device, EMU_DEVICE_STAGES);
}

/* What an access does. */

void emu_trap_load(struct emu_trapbar *bar, uintptr_t address, void *data, uint32_t bytes)
{
	pass_time(bar, looked_before(bar, address));
	emu_bar_read(bar->core, bar->ctrl, address - (uintptr_t)bar->base, data, bytes);
}

void emu_trap_store(struct emu_trapbar *bar, uintptr_t address, const void *data, uint32_t bytes)
{
	bar->looks = 0;
	pass_time(bar, false);
	emu_bar_write(bar->core, bar->ctrl, address - (uintptr_t)bar->base, data, bytes);
	emu_device_run(bar->device, EMU_DEVICE_STAGES);
}

/* An entry that is there is just read. */
void emu_trap_look(struct emu_trapbar *bar, const struct emu_trap_page *page, uintptr_t address)
{
	uint32_t slot = page->first + (uint32_t)(address % EMU_DMA_PAGE / NVME_CQE_BYTES);
	struct emu_cq_info cq;

	if (!page->holds || slot >= page->first + page->slots)
		return;
	if (emu_cq_of(bar->core, bar->ctrl, page->cqid, &cq) && slot < cq.entries &&
	    nvme_ring_used(cq.head, slot, cq.entries) <
		    nvme_ring_used(cq.head, cq.tail, cq.entries))
		return;
	pass_time(bar, looked_before(bar, address & ~(uintptr_t)(NVME_CQE_BYTES - 1)));
}

/* Memory of the driver. */

/* Return: false with errno set: the driver's memory is as it was then. */
static bool fill_alias(struct region *region, int fd)
{
	void *alias;

	if (ftruncate(fd, (off_t)region->bytes) != 0)
		return false;
	alias = mmap(NULL, region->bytes, OPEN, MAP_SHARED, fd, 0);
	if (alias == MAP_FAILED)
		return false;
	memcpy(alias, region->view, region->bytes);
	region->alias = alias;
	if (mmap(region->view, region->bytes, OPEN, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED)
		return true;
	munmap(alias, region->bytes);
	return false;
}

static bool map_alias(struct region *region)
{
	int fd = memfd_create("nvmelab-trapbar", MFD_CLOEXEC);
	bool good;

	if (fd < 0)
		return false;
	good = fill_alias(region, fd);
	close(fd);
	return good;
}

/* Pages of its own at the same place, with what is in it. */
static int unmap_alias(const struct region *region)
{
	void *own = mmap(NULL, region->bytes, OPEN, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (own == MAP_FAILED)
		return -errno;
	memcpy(own, region->alias, region->bytes);
	if (mremap(own, region->bytes, region->bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
		   region->view) == MAP_FAILED) {
		int result = -errno;

		munmap(own, region->bytes);
		return result;
	}
	munmap(region->alias, region->bytes);
	return 0;
}

static void free_region(struct region *region)
{
	if (region)
		free(region->page);
	free(region);
}

static struct region *new_region(struct emu_trapbar *bar, uint8_t *view, uint64_t bytes,
				 uint64_t iova)
{
	uint64_t pages = bytes / EMU_DMA_PAGE;
	struct region *region = calloc(1, sizeof(*region));
	struct emu_trap_page **listed = reallocarray(bar->listed, bar->pages + pages,
						     sizeof(struct emu_trap_page *));

	if (listed)
		bar->listed = listed;
	if (region)
		region->page = calloc(pages, sizeof(*region->page));
	if (!listed || !region || !region->page) {
		free_region(region);
		return NULL;
	}
	region->view = view;
	region->bytes = bytes;
	region->iova = iova;
	for (uint64_t i = 0; i < pages; i++) {
		region->page[i].view = view + i * EMU_DMA_PAGE;
		region->page[i].iova = iova + i * EMU_DMA_PAGE;
	}
	return region;
}

int emu_trapbar_memory(struct emu_trapbar *bar, void *memory, uint64_t bytes, uint64_t iova)
{
	struct region *region;
	int result;

	if ((uintptr_t)memory % EMU_DMA_PAGE != 0 || bytes == 0 || bytes % EMU_DMA_PAGE != 0)
		return -EINVAL;
	if (iova == EMU_TRAPBAR_SAME)
		iova = (uintptr_t)memory;
	region = new_region(bar, memory, bytes, iova);
	if (!region)
		return -ENOMEM;
	if (!map_alias(region)) {
		result = -errno;
		free_region(region);
		return result;
	}
	result = emu_device_map(bar->device, bar->ctrl, iova, bytes, EMU_DMA_READ | EMU_DMA_WRITE,
				region->alias);
	if (result) {
		unmap_alias(region);
		free_region(region);
		return result;
	}
	region->next = bar->regions;
	bar->regions = region;
	bar->pages += bytes / EMU_DMA_PAGE;
	emu_trap_close_all();
	return 0;
}

/* No page of @region is listed any more. */
static void forget_pages(struct emu_trapbar *bar, const struct region *region)
{
	uint64_t kept = 0;

	for (uint64_t i = 0; i < bar->listed_count; i++) {
		if (bar->listed[i]->iova - region->iova >= region->bytes)
			bar->listed[kept++] = bar->listed[i];
	}
	bar->listed_count = kept;
	bar->pages -= region->bytes / EMU_DMA_PAGE;
}

int emu_trapbar_release(struct emu_trapbar *bar, void *memory)
{
	struct region **link = &bar->regions, *region;
	int result;

	while (*link && (*link)->view != memory)
		link = &(*link)->next;
	region = *link;
	if (!region)
		return -ENOENT;
	result = unmap_alias(region);
	if (result)
		return result;
	emu_device_unmap(bar->device, bar->ctrl, region->iova, region->bytes);
	forget_pages(bar, region);
	*link = region->next;
	free_region(region);
	return 0;
}

/* The BAR. */

static int reserve(struct emu_trapbar *bar)
{
	void *guard;

	bar->bytes = emu_layout_of(bar->core)->bar0_bytes;
	bar->reserved = bar->bytes + UINT64_C(2) * EMU_DMA_PAGE;
	guard = mmap(NULL, bar->reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	if (guard == MAP_FAILED)
		return -errno;
	bar->guard = guard;
	bar->base = bar->guard + EMU_DMA_PAGE;
	return 0;
}

/* What an operating system does before a driver is told of a function. */
static void enable_function(struct emu_trapbar *bar)
{
	uint8_t command[2];

	emu_cfg_read(bar->core, bar->ctrl, PCI_COMMAND, command, sizeof(command));
	command[0] |= MEMORY_SPACE | BUS_MASTER;
	emu_cfg_write(bar->core, bar->ctrl, PCI_COMMAND, command, sizeof(command));
}

int emu_trapbar_new(struct emu_device *device, uint32_t ctrl,
		    const struct emu_trapbar_options *options, struct emu_trapbar **ret_bar,
		    struct nvme_text *error)
{
	struct emu *core = emu_device_core(device);
	struct emu_trapbar *bar;
	int result;

	if (ctrl >= emu_config_of(core)->controllers)
		return emu_say(error, -EINVAL, "there is no controller %u, there are %u of them",
			       ctrl, emu_config_of(core)->controllers);
	bar = calloc(1, sizeof(*bar));
	if (!bar)
		return emu_say(error, -ENOMEM, "no memory");
	bar->device = device;
	bar->core = core;
	bar->ctrl = ctrl;
	if (options)
		bar->options = *options;
	if (bar->options.tick_nsec == 0)
		bar->options.tick_nsec = TICK_NSEC;
	result = reserve(bar);
	if (result) {
		free(bar);
		return emu_say(error, result, "no addresses for a BAR: %s", strerror(-result));
	}
	enable_function(bar);
	bar->next = bars;
	bars = bar;
	emu_trap_catch();
	*ret_bar = bar;
	return 0;
}

volatile void *emu_trapbar_base(const struct emu_trapbar *bar)
{
	return bar->base;
}

void emu_trapbar_free(struct emu_trapbar *bar)
{
	struct emu_trapbar **link = &bars;

	if (!bar)
		return;
	while (bar->regions) {
		if (emu_trapbar_release(bar, bar->regions->view) != 0)
			emu_trap_die("no memory to give the driver's memory back");
	}
	while (*link != bar)
		link = &(*link)->next;
	*link = bar->next;
	if (!bars)
		emu_trap_uncatch();
	munmap(bar->guard, bar->reserved);
	free(bar->listed);
	free(bar);
}
