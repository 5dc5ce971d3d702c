/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transport to a PCI function, in files:
 *
 *   pci_access.c   libpciaccess: which functions there are, their BARs and configuration space
 *   pci_sysfs.c    what the kernel says of one: its driver, its IOMMU group
 *   pci_use.c      whether its block devices are in use
 *   pci_decide.c   the way to reach it, or the sentence that says what is missing
 *   pci_lease.c    binds it to another driver, and gives it back
 *   pci_keeper.c   gives it back even when the program is killed
 *   pci_vfio.c     the way through VFIO: BAR0, addresses for the device
 *   pci_irq.c      its interrupts
 *   pci_steer.c    the CPU that they are sent to
 *   pci_unsafe.c   the way without an IOMMU
 *   pci_bar.c      a BAR that disappears
 *   pci.c          the transport: struct nvl_ops over either way
 *
 * What is read of the kernel's trees is below a root that tests choose.
 */
#ifndef NVMELAB_DRIVER_TRANSPORT_PCI_H
#define NVMELAB_DRIVER_TRANSPORT_PCI_H

#include <limits.h>
#include <sys/types.h>

#include "driver/transport/pci_list.h"
#include "driver/transport/transport.h"

struct pci_device;

#define NVL_PCI_CLASS	0x010802u /* mass storage, non-volatile memory, NVMe */
#define NVL_PCI_VECTORS 2048u
#define NVL_PCI_HUGE	(16u << 20) /* bytes of an arena without an IOMMU */

/* Configuration space. */
#define NVL_PCI_COMMAND		0x04
#define NVL_PCI_COMMAND_MEMORY	0x0002u
#define NVL_PCI_COMMAND_MASTER	0x0004u
#define NVL_PCI_COMMAND_NO_INTX 0x0400u

/** struct nvl_pci_address - where a function is; its name is 0000:01:00.0 */
struct nvl_pci_address {
	uint32_t domain;
	uint32_t bus;
	uint32_t device;
	uint32_t function;
};

/**
 * nvl_pci_parse - "0000:01:00.0", hexadecimal; the domain may be left out
 * Return: 0, or -EINVAL
 */
int nvl_pci_parse(const char *text, struct nvl_pci_address *ret_address);

/** nvl_pci_name - the opposite, as sysfs has it */
void nvl_pci_name(const struct nvl_pci_address *address, char name[NVL_PCI_NAME_BYTES]);

/**
 * nvl_pci_get - the function at @address, with its BARs looked up
 *
 * libpciaccess keeps one list for the process: it is read anew while nobody holds a function, so
 * each nvl_pci_get() that gave one needs its nvl_pci_put().
 * Return: the function, or NULL: there is none.
 */
struct pci_device *nvl_pci_get(const struct nvl_pci_address *address);

/** nvl_pci_put - the function is not used any more; NULL is fine */
void nvl_pci_put(struct pci_device *function);

struct nvl_pci_facts;

/** nvl_pci_read - class, identifiers and BAR0 of a function; the rest of @ret_facts is zero */
void nvl_pci_read(struct pci_device *function, struct nvl_pci_facts *ret_facts);

/**
 * struct nvl_pci_tree - where the kernel's trees are
 * @root: what stands before /sys, /proc and /dev: "", but in tests
 * @write: writes @text to the file at @path, which begins with @root; Return: 0 or -errno
 */
struct nvl_pci_tree {
	const char *root;
	int (*write)(void *arg, const char *path, const char *text);
	void *arg;
};

/** nvl_pci_system - the real ones */
extern const struct nvl_pci_tree nvl_pci_system;

/** nvl_pci_list_below - nvl_pci_list() with trees of the caller's */
int nvl_pci_list_below(const struct nvl_pci_tree *tree, nvl_pci_info_fn *put, void *arg,
		       struct nvme_text *error);

/** nvl_pci_path - a path below the root; @format as printf has it; Return: whether it fits */
bool nvl_pci_path(const struct nvl_pci_tree *tree, char path[PATH_MAX], const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** nvl_pci_link - the last part of what the symbolic link at @path leads to; "" without one */
void nvl_pci_link(const char *path, char *name, size_t bytes);

/** nvl_pci_line - the first line of a file, without its end; Return: whether there is a file */
bool nvl_pci_line(const char *path, char *line, size_t bytes);

/**
 * struct nvl_pci_facts - what the system says of a function
 * @info: what lists show
 * @bar0_bytes: 0: it has no BAR0 in memory
 * @bar0_address: 0: nobody gave it one
 * @group_type: of the group's addresses: "DMA", "DMA-FQ", "identity"...
 * @neighbour: another function of the group, bound to @neighbour_driver, which keeps the group from
 *	being used; "" without one
 * @has_vfio: the driver vfio-pci is loaded
 * @huge_free: huge pages that are free, of @huge_bytes each
 */
struct nvl_pci_facts {
	struct nvl_pci_info info;
	uint32_t class_code;
	uint64_t bar0_bytes;
	uint64_t bar0_address;
	char group_type[16];
	char neighbour[NVL_PCI_NAME_BYTES];
	char neighbour_driver[NVL_PCI_DRIVER_BYTES];
	bool has_vfio;
	uint64_t huge_free;
	uint64_t huge_bytes;
};

/** nvl_pci_look - what the trees say of the function called @facts->info.name */
void nvl_pci_look(const struct nvl_pci_tree *tree, struct nvl_pci_facts *facts);

/**
 * nvl_pci_use - what the block devices of function @name are used for
 * @use: gets "nvme0n1p2 is mounted on /home"; "" for nothing
 * @help: gets the command that ends it
 */
void nvl_pci_use(const struct nvl_pci_tree *tree, const char *name, char *use, size_t use_bytes,
		 char *help, size_t help_bytes);

/**
 * nvl_pci_steer - send interrupts of @function to @cpu
 * @index: VFIO_PCI_MSIX_IRQ_INDEX, MSI or INTX, as they were enabled; @vector: of those
 * Return: 0; -ENOENT: the system has none of that name; -EACCES, -EIO: it does not let us.
 */
int nvl_pci_steer(const struct nvl_pci_tree *tree, const char *function, uint32_t index,
		  uint32_t vector, uint32_t cpu);

/** enum nvl_pci_way - how a function is reached */
enum nvl_pci_way {
	NVL_PCI_VFIO,
	NVL_PCI_UNSAFE, /* with physical addresses */
};

/**
 * struct nvl_pci_wish - what the user allows
 * @unsafe_dma: a device that can write to all of memory
 * @rebind: taking the device away from the driver that has it, for a while
 */
struct nvl_pci_wish {
	bool unsafe_dma;
	bool rebind;
};

/** struct nvl_pci_plan - the way, and whether the driver has to be changed for it */
struct nvl_pci_plan {
	enum nvl_pci_way way;
	bool rebind;
};

/**
 * nvl_pci_decide - how to reach a function
 * @error: gets what is missing, and the command that helps
 * Return: 0; -EINVAL not an NVMe controller; -EBUSY it has another driver, or is in use; -EPERM no
 * IOMMU, or one in the way; -ENXIO a piece that is not there; -ENOMEM no huge pages.
 */
int nvl_pci_decide(const struct nvl_pci_facts *facts, const struct nvl_pci_wish *wish,
		   struct nvl_pci_plan *ret_plan, struct nvme_text *error);

/**
 * struct nvl_pci_lease - a function that another driver lent us
 * @driver: that had it, "" for none
 * @given: that has it now, "" for none
 * @override: what the file driver_override said
 * @keeper: process that gives it back, or 0
 * @keeper_fd: closed to tell it
 */
struct nvl_pci_lease {
	bool taken;
	char name[NVL_PCI_NAME_BYTES];
	char driver[NVL_PCI_DRIVER_BYTES];
	char given[NVL_PCI_DRIVER_BYTES];
	char override[NVL_PCI_DRIVER_BYTES];
	pid_t keeper;
	int keeper_fd;
};

/**
 * nvl_pci_take - take the function from its driver
 * @driver: that it shall have meanwhile, or "" for none
 * Return: 0; or what a write said: then all is as it was.
 */
int nvl_pci_take(const struct nvl_pci_tree *tree, const struct nvl_pci_facts *facts,
		 const char *driver, struct nvl_pci_lease *lease, struct nvme_text *error);

/** nvl_pci_give_back - all is as it was; nothing for a lease that was not taken, or gone */
int nvl_pci_give_back(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease);

/**
 * nvl_pci_keep - from now on the function is given back when this program ends, however it ends
 * Return: 0, or a negative errno: then nvl_pci_let_go() alone does it.
 */
int nvl_pci_keep(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease);

/** nvl_pci_let_go - nvl_pci_give_back(), by the keeper if there is one */
int nvl_pci_let_go(const struct nvl_pci_tree *tree, struct nvl_pci_lease *lease);

/**
 * struct nvl_pci_bar - a mapped BAR
 *
 * A function that was pulled out, or whose memory decode is off, answers an access by SIGBUS. The
 * handler puts memory of all ones in the BAR's place, which is what a read of such a function
 * gives elsewhere, and sets @lost.
 */
struct nvl_pci_bar {
	void *data;
	uint64_t bytes;
	int lost;
};

/** nvl_pci_guard - from now on @bar may disappear; Return: 0, -ENOSPC for too many, -errno */
int nvl_pci_guard(struct nvl_pci_bar *bar);

/** nvl_pci_unguard - @bar is being unmapped */
void nvl_pci_unguard(struct nvl_pci_bar *bar);

/**
 * struct nvl_pci - a function in use
 * @lost: atomic: 0, or the negative errno that ended it
 * @bar0: the part of BAR0 that is mapped, from @bar0_offset on; no data when nothing is
 * @spins: calls of wait() that did not look whether the device is still there
 *
 * VFIO:
 * @bar0_at, @bar0_bytes, @config_at: where the device's file has them
 * @irq_count: vectors that MSI-X, MSI and INTx have
 * @irq_index: which of them is in use, while @vectors is not 0
 * @iova_last: address behind the last one that the IOMMU takes
 *
 * Unsafe:
 * @function: configuration space
 * @command: as it was found
 * @is_enabled: the kernel counts us among those who have enabled the function
 */
struct nvl_pci {
	struct nvl_transport transport;
	const struct nvl_pci_tree *tree;
	struct nvl_pci_address address;
	struct nvl_pci_facts facts;
	struct nvl_pci_lease lease;
	enum nvl_pci_way way;
	int lost;
	uint32_t spins;
	struct nvl_pci_bar bar0;
	uint64_t bar0_offset;

	int container;
	int group;
	int device;
	uint64_t bar0_at;
	uint64_t bar0_bytes;
	uint64_t config_at;
	bool can_reset;
	struct nvl_iova iova;
	uint64_t iova_last;
	uint32_t irq_count[3];
	uint32_t irq_index;
	uint32_t vectors;
	int eventfds[NVL_PCI_VECTORS];
	int request_fd;
	int error_fd;

	struct pci_device *function;
	uint16_t command;
	bool is_enabled;
	int pagemap;
};

/** nvl_pci_vfio_open - group, container, device; @map: BAR0 too; Return: 0 or a negative errno */
int nvl_pci_vfio_open(struct nvl_pci *pci, bool map, struct nvme_text *error);

/** nvl_pci_vfio_close - the kernel resets the device and unmaps all memory */
void nvl_pci_vfio_close(struct nvl_pci *pci);

/** nvl_pci_vfio_map - see ops->dma_map */
int nvl_pci_vfio_map(struct nvl_pci *pci, struct nvl_buffer *buffer);

/** nvl_pci_vfio_unmap - see ops->dma_unmap */
int nvl_pci_vfio_unmap(struct nvl_pci *pci, struct nvl_buffer *buffer);

/** nvl_pci_vfio_reset - see ops->reset */
int nvl_pci_vfio_reset(struct nvl_pci *pci);

/** nvl_pci_irq_watch - be told of errors of the bus, and of a removal that is asked for */
void nvl_pci_irq_watch(struct nvl_pci *pci);

/** nvl_pci_irq_assign - see ops->irq_assign: MSI-X, or MSI, or INTx as one vector */
int nvl_pci_irq_assign(struct nvl_pci *pci, uint32_t vectors);

/** nvl_pci_irq_wait - until @vector fires; @deadline of nvl_real_now() */
void nvl_pci_irq_wait(struct nvl_pci *pci, uint32_t vector, uint64_t deadline_nsec);

/** nvl_pci_irq_look - whether the device is still there, without waiting; sets @pci->lost */
void nvl_pci_irq_look(struct nvl_pci *pci);

/** nvl_pci_irq_close - no interrupts any more */
void nvl_pci_irq_close(struct nvl_pci *pci);

/** nvl_pci_unsafe_open - BAR0, configuration space, and the addresses of memory */
int nvl_pci_unsafe_open(struct nvl_pci *pci, struct nvme_text *error);

/** nvl_pci_unsafe_close - the command register as it was found */
void nvl_pci_unsafe_close(struct nvl_pci *pci);

/** nvl_pci_unsafe_map - the physical address of each page; see ops->dma_map */
int nvl_pci_unsafe_map(struct nvl_pci *pci, struct nvl_buffer *buffer);

/** nvl_pci_unsafe_unmap - see ops->dma_unmap */
int nvl_pci_unsafe_unmap(struct nvl_buffer *buffer);

/** nvl_pci_unsafe_reset - see ops->reset */
int nvl_pci_unsafe_reset(struct nvl_pci *pci);

/** nvl_pci_lost - 0, or why the device is gone */
static inline int nvl_pci_lost(const struct nvl_pci *pci)
{
	int lost = __atomic_load_n(&pci->lost, __ATOMIC_RELAXED);

	return lost ? lost : __atomic_load_n(&pci->bar0.lost, __ATOMIC_RELAXED);
}

#endif
