/* SPDX-License-Identifier: BSD-3-Clause */
/* CPUs and queue pairs: whose is which, memory near it, interrupts to it, threads that take one. */
#include "driver/transport/cpus.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "driver/transport/transport.h"

#define NODES_MAX 1024
#define CPUS_MAX  8192

#define WORD_BITS (CHAR_BIT * sizeof(unsigned long))

struct nvl_cpus {
	uint32_t queues;
	struct nvl_place *places; /* of each queue pair */
	uint8_t *taken;		  /* atomic, of each */
};

static cpu_set_t *allowed(size_t *ret_bytes)
{
	cpu_set_t *set = CPU_ALLOC(CPUS_MAX);

	*ret_bytes = CPU_ALLOC_SIZE(CPUS_MAX);
	if (!set || sched_getaffinity(0, *ret_bytes, set) == 0)
		return set;
	CPU_ZERO_S(*ret_bytes, set);
	CPU_SET_S(0, *ret_bytes, set);
	return set;
}

uint32_t nvl_cpu_count(void)
{
	size_t bytes;
	cpu_set_t *set = allowed(&bytes);
	int count = set ? CPU_COUNT_S(bytes, set) : 1;

	CPU_FREE(set);
	return count > 0 ? (uint32_t)count : 1;
}

void nvl_device_options_per_cpu(struct nvl_device_options *options, uint32_t pairs)
{
	uint64_t wanted = (uint64_t)nvl_cpu_count() * (pairs > 0 ? pairs : 1);

	options->near_cpus = true;
	options->driver.queues = wanted < NVL_MAX_QUEUES ? (uint32_t)wanted : NVL_MAX_QUEUES;
}

int nvl_cpu_node(const char *root, uint32_t cpu)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	unsigned long node = NODES_MAX;
	DIR *folder;

	if (snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%u", root, cpu) >=
	    (int)sizeof(path))
		return NVL_NO_NODE;
	folder = opendir(path);
	if (!folder)
		return NVL_NO_NODE;
	while ((entry = readdir(folder)) != NULL) {
		const char *digits = entry->d_name + strlen("node");

		if (strncmp(entry->d_name, "node", strlen("node")) != 0 ||
		    !isdigit((unsigned char)*digits))
			continue;
		node = strtoul(digits, NULL, 10);
		break;
	}
	closedir(folder);
	return node < NODES_MAX ? (int)node : NVL_NO_NODE;
}

/* CPUs in turn, from the first one on. */
static void deal(struct nvl_cpus *cpus, const cpu_set_t *set, size_t bytes)
{
	uint32_t dealt = 0;

	while (dealt < cpus->queues) {
		uint32_t before = dealt;

		for (uint32_t cpu = 0; cpu < CPUS_MAX && dealt < cpus->queues; cpu++) {
			if (CPU_ISSET_S(cpu, bytes, set))
				cpus->places[dealt++] = (struct nvl_place){
					.cpu = cpu,
					.node = NVL_NO_NODE,
					.irq_error = -EOPNOTSUPP,
				};
		}
		if (dealt == before)
			return;
	}
}

struct nvl_cpus *nvl_cpus_new(uint32_t queues)
{
	struct nvl_cpus *cpus = calloc(1, sizeof(*cpus));
	size_t bytes;
	cpu_set_t *set = allowed(&bytes);

	if (cpus) {
		cpus->queues = queues;
		cpus->places = calloc(queues + 1u, sizeof(*cpus->places));
		cpus->taken = calloc(queues + 1u, 1);
	}
	if (!set || !cpus || !cpus->places || !cpus->taken) {
		nvl_cpus_free(cpus);
		CPU_FREE(set);
		return NULL;
	}
	deal(cpus, set, bytes);
	CPU_FREE(set);
	return cpus;
}

void nvl_cpus_free(struct nvl_cpus *cpus)
{
	if (!cpus)
		return;
	free(cpus->places);
	free(cpus->taken);
	free(cpus);
}

/* The policy is of the memory, not of this process: whoever touches a page first, it is there. */
static bool prefer_node(void *data, uint64_t bytes, uint32_t node)
{
	unsigned long mask[NODES_MAX / WORD_BITS + 1] = { 0 };

	mask[node / WORD_BITS] = 1ul << node % WORD_BITS;
	return syscall(SYS_mbind, data, (unsigned long)bytes, MPOL_PREFERRED, mask,
		       (unsigned long)NODES_MAX, 0ul) == 0;
}

void nvl_cpus_place(struct nvl_cpus *cpus, const struct nvl_config *config, uint8_t *dma,
		    uint64_t dma_bytes)
{
	for (uint32_t index = 0; index < cpus->queues; index++) {
		struct nvl_place *place = &cpus->places[index];
		int node = nvl_cpu_node("", place->cpu);
		uint64_t offset, bytes;

		nvl_queue_memory(config, index, &offset, &bytes);
		if (node < 0 || offset > dma_bytes || bytes > dma_bytes - offset)
			continue;
		if (prefer_node(dma + offset, bytes, (uint32_t)node))
			place->node = node;
	}
}

void nvl_cpus_steer(struct nvl_cpus *cpus, struct nvl_transport *transport, struct nvl_ctrl *ctrl)
{
	if (!transport->steer)
		return;
	for (uint32_t index = 0; index < cpus->queues && nvl_queue(ctrl, index); index++) {
		struct nvl_place *place = &cpus->places[index];
		uint32_t vector = nvl_queue_vector(nvl_queue(ctrl, index));
		bool shared = false;

		/* The first pair of a vector that is shared decides. */
		for (uint32_t i = 0; i < index && !shared; i++)
			shared = nvl_queue_vector(nvl_queue(ctrl, i)) == vector;
		if (vector != NVL_NO_VECTOR && !shared)
			place->irq_error = transport->steer(transport, vector, place->cpu);
	}
}

int nvl_queue_place(const struct nvl_device *device, uint32_t index, struct nvl_place *ret_place)
{
	const struct nvl_cpus *cpus = nvl_device_cpus(device);

	if (index >= cpus->queues)
		return -EINVAL;
	*ret_place = cpus->places[index];
	return 0;
}

static struct nvl_queue *take(struct nvl_device *device, bool any, uint32_t cpu)
{
	struct nvl_cpus *cpus = nvl_device_cpus(device);

	for (uint32_t index = 0; index < cpus->queues; index++) {
		struct nvl_queue *queue = nvl_queue(nvl_device_ctrl(device), index);

		if (!queue)
			return NULL;
		if (!any && cpus->places[index].cpu != cpu)
			continue;
		if (__atomic_exchange_n(&cpus->taken[index], 1, __ATOMIC_ACQ_REL))
			continue;
		nvl_queue_claim(queue);
		return queue;
	}
	return NULL;
}

struct nvl_queue *nvl_take_queue(struct nvl_device *device)
{
	int cpu = sched_getcpu();
	struct nvl_queue *queue = cpu < 0 ? NULL : take(device, false, (uint32_t)cpu);

	return queue ? queue : take(device, true, 0);
}

void nvl_give_queue(struct nvl_device *device, struct nvl_queue *queue)
{
	uint32_t index = nvl_queue_id(queue) - 1;

	nvl_queue_release(queue);
	__atomic_store_n(&nvl_device_cpus(device)->taken[index], 0, __ATOMIC_RELEASE);
}
