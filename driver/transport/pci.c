/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transport to a PCI function: BAR0 is memory, and the rest is asked of the kernel, through VFIO
 * or, where the user allows it, without an IOMMU.
 */
#include <errno.h>
#include <pciaccess.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/le.h"
#include "driver/transport/pci.h"

#define SPINS 1024u /* how often a loop that polls looks for the device */

/* Without a mapping, VFIO reads and writes for us. */
static uint64_t pci_reg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct nvl_pci *pci = arg;
	uint8_t data[8] = { 0 };

	if (pci->device < 0 || offset >= pci->bar0_bytes || bytes > pci->bar0_bytes - offset ||
	    pread(pci->device, data, bytes, (off_t)(pci->bar0_at + offset)) != (ssize_t)bytes)
		return bytes == 8 ? UINT64_MAX : UINT32_MAX;
	return nvme_load_le64(data);
}

static void pci_reg_write(void *arg, uint32_t offset, uint32_t bytes, uint64_t value)
{
	struct nvl_pci *pci = arg;
	uint8_t data[8];

	nvme_store_le64(data, value);
	if (pci->device < 0 || offset >= pci->bar0_bytes || bytes > pci->bar0_bytes - offset)
		return;
	if (pwrite(pci->device, data, bytes, (off_t)(pci->bar0_at + offset)) != (ssize_t)bytes)
		__atomic_store_n(&pci->lost, -ENODEV, __ATOMIC_RELAXED);
}

static uint32_t pci_cfg_read(void *arg, uint32_t offset, uint32_t bytes)
{
	struct nvl_pci *pci = arg;
	uint8_t data[4] = { 0xff, 0xff, 0xff, 0xff };
	pciaddr_t done = 0;
	bool read;

	if (pci->way == NVL_PCI_VFIO)
		read = pread(pci->device, data, bytes, (off_t)(pci->config_at + offset)) ==
		       (ssize_t)bytes;
	else
		read = pci_device_cfg_read(pci->function, data, offset, bytes, &done) == 0 &&
		       done == bytes;
	if (!read)
		memset(data, 0xff, sizeof(data));
	return nvme_load_le32(data) & (UINT32_MAX >> (32 - 8 * bytes));
}

static void pci_cfg_write(void *arg, uint32_t offset, uint32_t bytes, uint32_t value)
{
	struct nvl_pci *pci = arg;
	uint8_t data[4];
	pciaddr_t done = 0;

	nvme_store_le32(data, value);
	if (pci->way == NVL_PCI_UNSAFE)
		pci_device_cfg_write(pci->function, data, offset, bytes, &done);
	else if (pwrite(pci->device, data, bytes, (off_t)(pci->config_at + offset)) < 0)
		nvl_pci_irq_look(pci);
}

static int pci_dma_map(void *arg, struct nvl_buffer *buffer)
{
	struct nvl_pci *pci = arg;

	if (buffer->bytes == 0 || buffer->bytes % NVL_PAGE_BYTES != 0)
		return -EINVAL;
	return pci->way == NVL_PCI_VFIO ? nvl_pci_vfio_map(pci, buffer)
					: nvl_pci_unsafe_map(pci, buffer);
}

static int pci_dma_unmap(void *arg, struct nvl_buffer *buffer)
{
	struct nvl_pci *pci = arg;

	return pci->way == NVL_PCI_VFIO ? nvl_pci_vfio_unmap(pci, buffer)
					: nvl_pci_unsafe_unmap(buffer);
}

static int pci_irq_assign(void *arg, uint32_t vectors)
{
	return nvl_pci_irq_assign(arg, vectors);
}

static int pci_reset(void *arg)
{
	struct nvl_pci *pci = arg;

	return pci->way == NVL_PCI_VFIO ? nvl_pci_vfio_reset(pci) : nvl_pci_unsafe_reset(pci);
}

static uint64_t pci_now(void *arg)
{
	(void)arg;
	return nvl_real_now();
}

/* Without VFIO nobody tells of a removal; the registers of what is being removed are no help. */
static int pci_alive(void *arg)
{
	struct nvl_pci *pci = arg;
	char path[PATH_MAX];

	if (pci->way == NVL_PCI_UNSAFE &&
	    nvl_pci_path(pci->tree, path, "/sys/bus/pci/devices/%s", pci->facts.info.name) &&
	    access(path, F_OK) != 0)
		__atomic_store_n(&pci->lost, -ENODEV, __ATOMIC_RELAXED);
	return nvl_pci_lost(pci);
}

static void pci_wait(void *arg, uint32_t vector, uint64_t deadline_nsec)
{
	struct nvl_pci *pci = arg;

	if (vector < pci->vectors) {
		nvl_pci_irq_wait(pci, vector, deadline_nsec);
		return;
	}
	/* Several threads may count here; a lost count does not matter. */
	if (__atomic_add_fetch(&pci->spins, 1, __ATOMIC_RELAXED) % SPINS == 0) {
		nvl_pci_irq_look(pci);
		sched_yield();
	}
	nvl_relax();
}

static int pci_steer(struct nvl_transport *transport, uint32_t vector, uint32_t cpu)
{
	struct nvl_pci *pci = (struct nvl_pci *)(void *)transport;

	return nvl_pci_steer(pci->tree, pci->facts.info.name, pci->irq_index, vector, cpu);
}

static void pci_close(struct nvl_transport *transport)
{
	struct nvl_pci *pci = (struct nvl_pci *)(void *)transport;

	if (pci->device >= 0)
		nvl_pci_irq_close(pci);
	if (pci->bar0.data)
		nvl_pci_unguard(&pci->bar0);
	if (pci->bar0.data && pci->way == NVL_PCI_VFIO)
		munmap(pci->bar0.data, pci->bar0.bytes);
	if (pci->way == NVL_PCI_VFIO)
		nvl_pci_vfio_close(pci);
	else
		nvl_pci_unsafe_close(pci);
	nvl_pci_let_go(pci->tree, &pci->lease);
	free(pci);
}

static struct nvl_pci *make_transport(void)
{
	struct nvl_pci *pci = calloc(1, sizeof(*pci));

	if (!pci)
		return NULL;
	pci->tree = &nvl_pci_system;
	pci->container = -1;
	pci->group = -1;
	pci->device = -1;
	pci->request_fd = -1;
	pci->error_fd = -1;
	pci->pagemap = -1;
	pci->transport = (struct nvl_transport){
		.name = "pci",
		.close = pci_close,
		.steer = pci_steer,
		.ops = {
			.arg = pci,
			.reg_read = pci_reg_read,
			.reg_write = pci_reg_write,
			.cfg_read = pci_cfg_read,
			.cfg_write = pci_cfg_write,
			.dma_map = pci_dma_map,
			.dma_unmap = pci_dma_unmap,
			.irq_assign = pci_irq_assign,
			.reset = pci_reset,
			.now = pci_now,
			.wait = pci_wait,
			.alive = pci_alive,
			.panic = nvl_transport_panic,
		},
	};
	return pci;
}

/* Everything that is known of the function before anything is done with it. */
static int look(struct nvl_pci *pci, const char *text, struct nvme_text *error)
{
	char name[NVL_PCI_NAME_BYTES];
	struct pci_device *function;

	if (nvl_pci_parse(text, &pci->address) != 0)
		return nvl_say(error, -EINVAL,
			       "'pci:%.64s' is no PCI function: it is pci:DOMAIN:BUS:DEV.FN, as "
			       "pci:0000:01:00.0; 'nvmelab list --pci' shows what there is",
			       text);
	nvl_pci_name(&pci->address, name);
	function = nvl_pci_get(&pci->address);
	if (!function)
		return nvl_say(error, -ENODEV,
			       "there is no PCI function %s; 'nvmelab list --pci' shows the NVMe "
			       "functions, and 'echo 1 >/sys/bus/pci/rescan' looks for new ones",
			       name);
	nvl_pci_read(function, &pci->facts);
	nvl_pci_put(function);
	nvl_pci_look(pci->tree, &pci->facts);
	return 0;
}

/* Changes of driver may change the group, which is numbered anew. */
static int take(struct nvl_pci *pci, struct nvme_text *error)
{
	int result = nvl_pci_take(pci->tree, &pci->facts,
				  pci->way == NVL_PCI_VFIO ? "vfio-pci" : "", &pci->lease, error);

	if (result)
		return result;
	result = nvl_pci_keep(pci->tree, &pci->lease);
	if (result)
		return nvl_say(error, result, "no process to give %s back: %s",
			       pci->facts.info.name, strerror(-result));
	nvl_pci_look(pci->tree, &pci->facts);
	if (pci->way == NVL_PCI_VFIO && !pci->facts.info.group[0])
		return nvl_say(error, -ENODEV, "%s: the device is gone", pci->facts.info.name);
	return 0;
}

static int open_way(struct nvl_pci *pci, const struct nvl_device_options *options,
		    struct nvme_text *error)
{
	if (pci->way == NVL_PCI_VFIO)
		return nvl_pci_vfio_open(pci, !options->no_mapping, error);
	if (options->no_mapping)
		return nvl_say(error, -EINVAL,
			       "%s: --no-mapping and --unsafe-dma do not go together: without VFIO "
			       "registers are reached through a mapping alone",
			       pci->facts.info.name);
	if (options->interrupts)
		return nvl_say(error, -EINVAL,
			       "%s: --interrupts and --unsafe-dma do not go together: without VFIO "
			       "there are none",
			       pci->facts.info.name);
	pci->transport.ops.irq_assign = NULL;
	pci->transport.arena = NVL_ARENA_HUGE;
	pci->transport.arena_bytes = NVL_PCI_HUGE;
	return nvl_pci_unsafe_open(pci, error);
}

int nvl_pci_open(const struct nvl_device_options *options, const char *name,
		 struct nvl_transport **ret_transport, struct nvme_text *error)
{
	const struct nvl_pci_wish wish = { options->unsafe_dma, options->rebind };
	struct nvl_pci *pci = make_transport();
	struct nvl_pci_plan plan = { 0 };
	int result;

	if (!pci)
		return nvl_say(error, -ENOMEM, "out of memory");
	result = look(pci, name, error);
	if (!result)
		result = nvl_pci_decide(&pci->facts, &wish, &plan, error);
	pci->way = plan.way;
	if (!result && plan.rebind)
		result = take(pci, error);
	if (!result)
		result = open_way(pci, options, error);
	if (result) {
		pci_close(&pci->transport);
		return result;
	}
	pci->transport.ops.mapped = pci->bar0.data;
	pci->transport.ops.mapped_offset = (uint32_t)pci->bar0_offset;
	pci->transport.ops.mapped_bytes = pci->bar0.bytes > UINT32_MAX ? UINT32_MAX
								       : (uint32_t)pci->bar0.bytes;
	*ret_transport = &pci->transport;
	return 0;
}
