/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds functions with libpciaccess, which has one list for the whole process. */
#include <errno.h>
#include <pciaccess.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/transport/pci.h"

#define CLASS_MASK 0xffffffu

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int users;

/* One to @digits hexadecimal digits, and then @end. */
static bool take_hex(const char **text, size_t digits, char end, uint32_t *ret_number)
{
	size_t length = strspn(*text, "0123456789abcdefABCDEF");

	if (length == 0 || length > digits || (*text)[length] != end)
		return false;
	*ret_number = (uint32_t)strtoul(*text, NULL, 16);
	*text += length + 1;
	return true;
}

int nvl_pci_parse(const char *text, struct nvl_pci_address *ret_address)
{
	struct nvl_pci_address address = { 0 };
	const char *colon = strchr(text, ':');

	if (colon && strchr(colon + 1, ':') && !take_hex(&text, 8, ':', &address.domain))
		return -EINVAL;
	if (!take_hex(&text, 2, ':', &address.bus) || !take_hex(&text, 2, '.', &address.device) ||
	    !take_hex(&text, 1, 0, &address.function) || address.device > 31 ||
	    address.function > 7)
		return -EINVAL;
	*ret_address = address;
	return 0;
}

void nvl_pci_name(const struct nvl_pci_address *address, char name[NVL_PCI_NAME_BYTES])
{
	snprintf(name, NVL_PCI_NAME_BYTES, "%04x:%02x:%02x.%x", address->domain, address->bus,
		 address->device, address->function);
}

/* The list is read when the first user comes, so that what was plugged in since is on it. */
static int begin(void)
{
	int result = 0;

	pthread_mutex_lock(&lock);
	if (users == 0 && pci_system_init() != 0)
		result = -ENODEV;
	else
		users++;
	pthread_mutex_unlock(&lock);
	return result;
}

static void end(void)
{
	pthread_mutex_lock(&lock);
	if (--users == 0)
		pci_system_cleanup();
	pthread_mutex_unlock(&lock);
}

struct pci_device *nvl_pci_get(const struct nvl_pci_address *address)
{
	struct pci_device *function;

	if (begin() != 0)
		return NULL;
	function = pci_device_find_by_slot(address->domain, address->bus, address->device,
					   address->function);
	if (function && pci_device_probe(function) == 0)
		return function;
	end();
	return NULL;
}

void nvl_pci_put(struct pci_device *function)
{
	if (function)
		end();
}

static void fill(const struct pci_device *function, struct nvl_pci_facts *facts)
{
	const struct nvl_pci_address address = {
		.domain = function->domain,
		.bus = function->bus,
		.device = function->dev,
		.function = function->func,
	};

	*facts = (struct nvl_pci_facts){ .class_code = function->device_class & CLASS_MASK };
	nvl_pci_name(&address, facts->info.name);
	facts->info.vendor = function->vendor_id;
	facts->info.device = function->device_id;
	facts->info.subvendor = function->subvendor_id;
	facts->info.subdevice = function->subdevice_id;
}

static int compare(const void *a, const void *b)
{
	const struct pci_device *first = *(struct pci_device *const *)a;
	const struct pci_device *second = *(struct pci_device *const *)b;

	if (first->domain != second->domain)
		return first->domain < second->domain ? -1 : 1;
	if (first->bus != second->bus)
		return first->bus < second->bus ? -1 : 1;
	if (first->dev != second->dev)
		return first->dev < second->dev ? -1 : 1;
	return (int)first->func - (int)second->func;
}

/* All functions of the class, whatever their vendor. Return: how many, or -ENOMEM. */
static int collect(struct pci_device ***ret_functions)
{
	const struct pci_id_match match = {
		.vendor_id = PCI_MATCH_ANY,
		.device_id = PCI_MATCH_ANY,
		.subvendor_id = PCI_MATCH_ANY,
		.subdevice_id = PCI_MATCH_ANY,
		.device_class = NVL_PCI_CLASS,
		.device_class_mask = CLASS_MASK,
	};
	struct pci_device_iterator *iterator = pci_id_match_iterator_create(&match);
	struct pci_device **functions = NULL, *function;
	int count = 0;

	while (iterator && (function = pci_device_next(iterator)) != NULL) {
		struct pci_device **more = realloc(functions,
						   ((size_t)count + 1) * sizeof(*functions));

		if (!more) {
			count = -ENOMEM;
			break;
		}
		functions = more;
		functions[count++] = function;
	}
	pci_iterator_destroy(iterator);
	if (count > 1)
		qsort(functions, (size_t)count, sizeof(*functions), compare);
	*ret_functions = functions;
	return count;
}

int nvl_pci_list_below(const struct nvl_pci_tree *tree, nvl_pci_info_fn *put, void *arg,
		       struct nvme_text *error)
{
	struct pci_device **functions;
	int count;

	if (begin() != 0)
		return nvl_say(error, -ENODEV,
			       "this machine has no PCI, or /sys is not mounted: mount -t sysfs "
			       "sysfs /sys");
	count = collect(&functions);
	for (int i = 0; i < count; i++) {
		struct nvl_pci_facts facts;

		fill(functions[i], &facts);
		nvl_pci_look(tree, &facts);
		put(arg, &facts.info);
	}
	free(functions);
	end();
	return count < 0 ? nvl_say(error, count, "out of memory") : count;
}

int nvl_pci_list(nvl_pci_info_fn *put, void *arg, struct nvme_text *error)
{
	return nvl_pci_list_below(&nvl_pci_system, put, arg, error);
}

void nvl_pci_read(struct pci_device *function, struct nvl_pci_facts *ret_facts)
{
	const struct pci_mem_region *bar0 = &function->regions[0];

	fill(function, ret_facts);
	if (bar0->is_IO)
		return;
	ret_facts->bar0_bytes = bar0->size;
	ret_facts->bar0_address = bar0->base_addr;
}
