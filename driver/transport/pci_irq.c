/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts of a function, as eventfds of VFIO: MSI-X where it has that, else MSI, else INTx.
 *
 * INTx is a level: the kernel masks the line when it fires, and it is unmasked before the next
 * wait, when its completions have been read. Two more events say that the bus has seen an error,
 * and that somebody wants the device back: it counts as gone then.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "driver/transport/pci.h"

static int set_irqs(struct nvl_pci *pci, uint32_t index, uint32_t flags, uint32_t count,
		    const int *fds)
{
	size_t data_bytes = fds ? count * sizeof(*fds) : 0;
	struct vfio_irq_set *set = calloc(1, sizeof(*set) + data_bytes);
	int result;

	if (!set)
		return -ENOMEM;
	set->argsz = (uint32_t)(sizeof(*set) + data_bytes);
	set->flags = flags;
	set->index = index;
	set->count = count;
	if (fds)
		memcpy(set->data, fds, data_bytes);
	result = ioctl(pci->device, VFIO_DEVICE_SET_IRQS, set);
	free(set);
	return result < 0 ? -errno : result;
}

static int watch(struct nvl_pci *pci, uint32_t index)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -1;
	if (set_irqs(pci, index, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 1, &fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

void nvl_pci_irq_watch(struct nvl_pci *pci)
{
	pci->error_fd = watch(pci, VFIO_PCI_ERR_IRQ_INDEX);
	pci->request_fd = watch(pci, VFIO_PCI_REQ_IRQ_INDEX);
}

static void close_vectors(struct nvl_pci *pci)
{
	while (pci->vectors > 0)
		close(pci->eventfds[--pci->vectors]);
}

/* The command register's own switch for INTx, which the driver's core sets. */
static void allow_intx(struct nvl_pci *pci, bool allow)
{
	const struct nvl_ops *ops = &pci->transport.ops;
	uint32_t command = ops->cfg_read(ops->arg, NVL_PCI_COMMAND, 2);

	command &= ~NVL_PCI_COMMAND_NO_INTX;
	if (!allow)
		command |= NVL_PCI_COMMAND_NO_INTX;
	ops->cfg_write(ops->arg, NVL_PCI_COMMAND, 2, command & 0xffff);
}

static void disable(struct nvl_pci *pci)
{
	if (pci->vectors == 0)
		return;
	set_irqs(pci, pci->irq_index, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0,
		 NULL);
	if (pci->irq_index == VFIO_PCI_INTX_IRQ_INDEX && !nvl_pci_lost(pci))
		allow_intx(pci, false);
	close_vectors(pci);
}

static int assign(struct nvl_pci *pci, uint32_t index, uint32_t vectors)
{
	int result;

	while (pci->vectors < vectors) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd < 0)
			break;
		pci->eventfds[pci->vectors++] = fd;
	}
	/* The kernel may have fewer than the device: it says how many, and is asked for those. */
	do {
		result = pci->vectors == 0
				 ? -EMFILE
				 : set_irqs(pci, index,
					    VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
					    pci->vectors, pci->eventfds);
		while (result > 0 && pci->vectors > (uint32_t)result)
			close(pci->eventfds[--pci->vectors]);
	} while (result > 0);
	pci->irq_index = index;
	if (result)
		close_vectors(pci);
	return result ? result : (int)pci->vectors;
}

int nvl_pci_irq_assign(struct nvl_pci *pci, uint32_t vectors)
{
	static const uint32_t order[] = { VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX,
					  VFIO_PCI_INTX_IRQ_INDEX };
	int result = -EOPNOTSUPP;

	disable(pci);
	if (vectors == 0)
		return 0;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		uint32_t count = pci->irq_count[order[i]];

		if (count == 0)
			continue;
		if (count > vectors)
			count = vectors;
		if (count > NVL_PCI_VECTORS)
			count = NVL_PCI_VECTORS;
		if (order[i] == VFIO_PCI_INTX_IRQ_INDEX)
			allow_intx(pci, true);
		result = assign(pci, order[i], count);
		if (result > 0)
			break;
	}
	return result;
}

static void set_lost(struct nvl_pci *pci)
{
	__atomic_store_n(&pci->lost, -ENODEV, __ATOMIC_RELAXED);
}

void nvl_pci_irq_look(struct nvl_pci *pci)
{
	struct pollfd wait[2] = {
		{ .fd = pci->request_fd, .events = POLLIN },
		{ .fd = pci->error_fd, .events = POLLIN },
	};

	if (poll(wait, 2, 0) > 0)
		set_lost(pci);
}

void nvl_pci_irq_wait(struct nvl_pci *pci, uint32_t vector, uint64_t deadline_nsec)
{
	if (pci->irq_index == VFIO_PCI_INTX_IRQ_INDEX)
		set_irqs(pci, VFIO_PCI_INTX_IRQ_INDEX,
			 VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, 1, NULL);
	while (!nvl_pci_lost(pci)) {
		struct pollfd wait[3] = {
			{ .fd = pci->eventfds[vector], .events = POLLIN },
			{ .fd = pci->request_fd, .events = POLLIN },
			{ .fd = pci->error_fd, .events = POLLIN },
		};
		struct timespec left;

		if (nvl_eventfd_take(pci->eventfds[vector]) ||
		    !nvl_time_left(nvl_real_now(), deadline_nsec, &left))
			return;
		if (ppoll(wait, 3, &left, NULL) > 0 && (wait[1].revents || wait[2].revents))
			set_lost(pci);
	}
}

void nvl_pci_irq_close(struct nvl_pci *pci)
{
	disable(pci);
	if (pci->request_fd >= 0)
		close(pci->request_fd);
	if (pci->error_fd >= 0)
		close(pci->error_fd);
	pci->request_fd = -1;
	pci->error_fd = -1;
}
