/* SPDX-License-Identifier: BSD-3-Clause */
/* The way to a function, or the sentence that says what is missing, and the command that helps. */
#include <errno.h>
#include <string.h>

#include "driver/transport/pci.h"

static int refuse_class(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -EINVAL,
		       "%s is a function of class %06Xh, not an NVMe controller (010802h); "
		       "'nvmelab list --pci' shows those",
		       facts->info.name, facts->class_code);
}

static int refuse_bar0(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -ENXIO,
		       "%s: BAR0 %s; 'echo 1 >/sys/bus/pci/devices/%s/remove; echo 1 "
		       ">/sys/bus/pci/rescan' lets the kernel try again",
		       facts->info.name,
		       facts->bar0_bytes ? "has no address: firmware and kernel gave it none"
					 : "is not there, or not in memory",
		       facts->info.name);
}

static int refuse_without_iommu(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -EPERM,
		       "%s: no IOMMU keeps the device to the memory that it is given: turn one on "
		       "in the firmware's setup and for the kernel (intel_iommu=on), or allow the "
		       "device all of memory with --unsafe-dma",
		       facts->info.name);
}

static int refuse_translation(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -EPERM,
		       "%s: its IOMMU group %s translates addresses (type %s), so --unsafe-dma "
		       "would not reach memory; VFIO does, and safely: leave --unsafe-dma out",
		       facts->info.name, facts->info.group, facts->group_type);
}

/* How to change the driver by hand. */
static int refuse_driver(const struct nvl_pci_facts *facts, enum nvl_pci_way way,
			 struct nvme_text *error)
{
	const char *name = facts->info.name, *driver = facts->info.driver;

	if (driver[0])
		nvl_say(error, 0, "%s: it is bound to the kernel's driver %s", name, driver);
	else
		nvl_say(error, 0, "%s: no driver is bound to it, and vfio-pci has to be", name);
	nvl_say(error, 0, "; --rebind changes that until the command ends, and for good: '");
	if (way == NVL_PCI_VFIO)
		nvl_say(error, 0, "echo vfio-pci >/sys/bus/pci/devices/%s/driver_override", name);
	if (driver[0])
		nvl_say(error, 0, "%secho %s >/sys/bus/pci/drivers/%s/unbind",
			way == NVL_PCI_VFIO ? "; " : "", name, driver);
	if (way == NVL_PCI_VFIO)
		nvl_say(error, 0, "; echo %s >/sys/bus/pci/drivers_probe", name);
	return nvl_say(error, -EBUSY, "'");
}

static int refuse_use(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -EBUSY,
		       "%s: it is in use: %s; --rebind does not take that away: '%s' first",
		       facts->info.name, facts->info.use, facts->info.help);
}

static int refuse_module(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -ENXIO,
		       "%s: the kernel's driver vfio-pci is not loaded: 'modprobe vfio-pci'",
		       facts->info.name);
}

static int refuse_group(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	return nvl_say(error, -EBUSY,
		       "%s: its IOMMU group %s is not viable: the device cannot be told apart from "
		       "%s, which the driver %s has: 'echo %s >/sys/bus/pci/drivers/%s/unbind' "
		       "takes it away, if it can be spared",
		       facts->info.name, facts->info.group, facts->neighbour,
		       facts->neighbour_driver, facts->neighbour, facts->neighbour_driver);
}

static int refuse_huge_pages(const struct nvl_pci_facts *facts, struct nvme_text *error)
{
	uint64_t wanted = facts->huge_bytes ? NVL_PCI_HUGE / facts->huge_bytes : 0;

	if (facts->huge_bytes == 0)
		return nvl_say(error, -ENOMEM,
			       "%s: --unsafe-dma needs huge pages, which this kernel does not have",
			       facts->info.name);
	return nvl_say(error, -ENOMEM,
		       "%s: --unsafe-dma needs %llu free huge pages of %llu KiB, whose addresses "
		       "do not change, and there are %llu: 'echo %llu >/proc/sys/vm/nr_hugepages'",
		       facts->info.name, (unsigned long long)(wanted ? wanted : 1),
		       (unsigned long long)(facts->huge_bytes >> 10),
		       (unsigned long long)facts->huge_free,
		       (unsigned long long)(wanted ? 2 * wanted : 2));
}

static bool has_huge_pages(const struct nvl_pci_facts *facts)
{
	return facts->huge_bytes > 0 && facts->huge_free > 0 &&
	       facts->huge_free >= NVL_PCI_HUGE / facts->huge_bytes;
}

/* Drivers that the unsafe way can live with. */
static bool lets_us_in(const char *driver)
{
	return !driver[0] || strcmp(driver, "uio_pci_generic") == 0 ||
	       strcmp(driver, "pci-stub") == 0;
}

static int decide_vfio(const struct nvl_pci_facts *facts, const struct nvl_pci_wish *wish,
		       struct nvl_pci_plan *plan, struct nvme_text *error)
{
	*plan = (struct nvl_pci_plan){ .way = NVL_PCI_VFIO };
	if (strcmp(facts->info.driver, "vfio-pci") != 0) {
		if (!wish->rebind)
			return refuse_driver(facts, NVL_PCI_VFIO, error);
		if (facts->info.use[0])
			return refuse_use(facts, error);
		if (!facts->has_vfio)
			return refuse_module(facts, error);
		plan->rebind = true;
	}
	return facts->neighbour[0] ? refuse_group(facts, error) : 0;
}

static int decide_unsafe(const struct nvl_pci_facts *facts, const struct nvl_pci_wish *wish,
			 struct nvl_pci_plan *plan, struct nvme_text *error)
{
	*plan = (struct nvl_pci_plan){ .way = NVL_PCI_UNSAFE };
	if (facts->info.group[0] && strcmp(facts->group_type, "identity") != 0)
		return refuse_translation(facts, error);
	if (!lets_us_in(facts->info.driver)) {
		if (!wish->rebind)
			return refuse_driver(facts, NVL_PCI_UNSAFE, error);
		if (facts->info.use[0])
			return refuse_use(facts, error);
		plan->rebind = true;
	}
	return has_huge_pages(facts) ? 0 : refuse_huge_pages(facts, error);
}

int nvl_pci_decide(const struct nvl_pci_facts *facts, const struct nvl_pci_wish *wish,
		   struct nvl_pci_plan *ret_plan, struct nvme_text *error)
{
	if (facts->class_code != NVL_PCI_CLASS)
		return refuse_class(facts, error);
	if (facts->bar0_bytes == 0 || facts->bar0_address == 0)
		return refuse_bar0(facts, error);
	if (wish->unsafe_dma && strcmp(facts->info.driver, "vfio-pci") != 0)
		return decide_unsafe(facts, wish, ret_plan, error);
	if (!facts->info.group[0])
		return refuse_without_iommu(facts, error);
	return decide_vfio(facts, wish, ret_plan, error);
}
