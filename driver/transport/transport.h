/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the transports share: how one is opened, and where memory for the device comes from.
 *
 * A transport fills in struct nvl_ops; the driver's core uses nothing else. Private to this folder
 * and to tests.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_TRANSPORT_H
#define NVMELAB_DRIVER_TRANSPORT_TRANSPORT_H

#include <stddef.h>
#include <time.h>

#include "driver/core/nvl.h"
#include "driver/transport/device.h"
#include "driver/transport/msix.h"

/** enum nvl_arena_kind - what memory for the device is made of */
enum nvl_arena_kind {
	NVL_ARENA_SHARED, /* pages of the system */
	NVL_ARENA_HUGE,	  /* huge pages, locked: their physical addresses do not change */
};

/**
 * struct nvl_transport - a way to a controller; a transport's own structure begins with it
 * @close: unmap everything from the device, disconnect, free
 * @emulator: see nvl_device_emulator()
 * @arena: of its memory
 * @arena_bytes: 0, or how large its arenas are at most, unless a buffer is larger
 * @steer: send the interrupts of @vector to @cpu; Return: 0 or -errno. NULL: they are not the
 *	system's.
 */
struct nvl_transport {
	struct nvl_ops ops;
	const char *name;
	void (*close)(struct nvl_transport *transport);
	struct emu_device *emulator;
	enum nvl_arena_kind arena;
	uint64_t arena_bytes;
	int (*steer)(struct nvl_transport *transport, uint32_t vector, uint32_t cpu);
};

/** nvl_transport_open - by options->device; see nvl_device_open() */
int nvl_transport_open(const struct nvl_device_options *options,
		       struct nvl_transport **ret_transport, struct nvme_text *error);

/** nvl_emu_open - an emulator inside the process */
int nvl_emu_open(const struct nvl_device_options *options, struct nvl_transport **ret_transport,
		 struct nvme_text *error);

/** nvl_vfio_user_open - a vfio-user server; @path is its socket */
int nvl_vfio_user_open(const struct nvl_device_options *options, const char *path,
		       struct nvl_transport **ret_transport, struct nvme_text *error);

/** nvl_pci_open - a PCI function; @name: "0000:01:00.0" */
int nvl_pci_open(const struct nvl_device_options *options, const char *name,
		 struct nvl_transport **ret_transport, struct nvme_text *error);

/*
 * Addresses for the device. The first is 4 GiB: above everything that has a meaning on a PC, and
 * with bits in both halves of a 64-bit address. They are given in order and never again, so that
 * the same calls give the same addresses whatever the transport.
 */
#define NVL_IOVA_FIRST UINT64_C(0x100000000)

struct nvl_iova {
	uint64_t next;
	uint64_t align; /* 0: of a page */
};

/** nvl_iova_take - @bytes, a multiple of NVL_PAGE_BYTES, of addresses */
uint64_t nvl_iova_take(struct nvl_iova *iova, uint64_t bytes);

/**
 * nvl_arena_map - memory that other processes can map: sealed, zeroed, page aligned
 * @ret_bytes: how much; rounded up to whole pages
 * @ret_fd: a memfd of that size, which belongs to the arena
 * Return: where it is, or NULL with errno set.
 */
void *nvl_arena_map(enum nvl_arena_kind kind, uint64_t *ret_bytes, int *ret_fd);

/**
 * nvl_arena_find - the memfd behind memory of nvl_arena_map()
 * Return: 0 with the fd and the offset in it, or -ENOENT.
 */
int nvl_arena_find(const void *data, uint64_t bytes, int *ret_fd, uint64_t *ret_offset);

/** nvl_arena_unmap - the opposite of nvl_arena_map(); closes the memfd */
void nvl_arena_unmap(void *data);

/** nvl_pagemap_open - where the kernel says addresses of memory; Return: a descriptor, or -errno */
int nvl_pagemap_open(void);

/**
 * nvl_pagemap_read - the physical address of @data, in memory that is locked
 * Return: 0; -EPERM for those who may not know; -EIO.
 */
int nvl_pagemap_read(int pagemap, const void *data, uint64_t *ret_physical);

/**
 * nvl_huge_map - map and lock the pages of @fd, in the order of their addresses
 * @huge_bytes: of a page
 * Return: where they are, or MAP_FAILED with errno set.
 */
void *nvl_huge_map(int fd, uint64_t bytes, uint64_t huge_bytes);

struct nvl_memory;

/**
 * nvl_memory_new - buffers for one device
 * @ops: their transport, which must stay until nvl_memory_free()
 * @arena_bytes: of the arenas that are made when needed; larger buffers get one of their own
 */
struct nvl_memory *nvl_memory_new(const struct nvl_ops *ops, enum nvl_arena_kind kind,
				  uint64_t arena_bytes);

/**
 * nvl_memory_set_place - have @place called with each arena before the device maps, and so pins, it
 * @place: may say where its pages are to be taken from; NULL: nobody
 */
void nvl_memory_set_place(struct nvl_memory *memory,
			  void (*place)(void *arg, void *data, uint64_t bytes), void *arg);

/** nvl_memory_free - unmap and free all of it */
void nvl_memory_free(struct nvl_memory *memory);

/** nvl_memory_alloc - see nvl_device_alloc() */
int nvl_memory_alloc(struct nvl_memory *memory, uint64_t bytes, struct nvl_buffer *ret_buffer);

/** nvl_memory_release - see nvl_device_free() */
void nvl_memory_release(struct nvl_memory *memory, struct nvl_buffer *buffer);

struct nvl_cpus;

/** nvl_cpus_new - deal @queues pairs to the CPUs of the calling thread; NULL without memory */
struct nvl_cpus *nvl_cpus_new(uint32_t queues);

/** nvl_cpus_free - NULL is fine */
void nvl_cpus_free(struct nvl_cpus *cpus);

/** nvl_cpu_node - the node of @cpu by the tree below @root, which is "" but in tests */
int nvl_cpu_node(const char *root, uint32_t cpu);

/** nvl_cpus_place - have the DMA memory of the queues near their CPUs; it is not pinned yet */
void nvl_cpus_place(struct nvl_cpus *cpus, const struct nvl_config *config, uint8_t *dma,
		    uint64_t dma_bytes);

/** nvl_cpus_steer - have the vectors of the queues that exist interrupt their CPUs */
void nvl_cpus_steer(struct nvl_cpus *cpus, struct nvl_transport *transport, struct nvl_ctrl *ctrl);

/** nvl_device_cpus - the device's */
struct nvl_cpus *nvl_device_cpus(const struct nvl_device *device);

/** nvl_transport_panic - ops->panic of all transports: print @what and abort */
void nvl_transport_panic(void *arg, const char *what) __attribute__((noreturn));

/** nvl_real_now - nanoseconds of the monotonic clock */
uint64_t nvl_real_now(void);

/** nvl_time_left - from @now to @deadline, an hour at most; Return: false when it has come */
bool nvl_time_left(uint64_t now_nsec, uint64_t deadline_nsec, struct timespec *ret_left);

/** nvl_eventfd_take - whether a non-blocking eventfd was signalled; it is not any more */
bool nvl_eventfd_take(int fd);

/** nvl_relax - tell the processor that this is a loop that waits */
static inline void nvl_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/** nvl_say - append a formatted sentence to @text, nothing when NULL; Return: @result */
int nvl_say(struct nvme_text *text, int result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
