/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/transport/cpus.c: queue pairs for each CPU, memory near it, a thread's own pair. */
#include <errno.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "driver/transport/cpus.h"
#include "driver/transport/transport.h"
#include "tests/harness/main.h"

#define PAIRS 2u
#define READS 64u

#define FEW 4 /* CPUs, so that the emulator has enough queues on any machine */

static void stay_on_few(void)
{
	cpu_set_t set;
	int kept = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set))
		return; /* more CPUs than a set has */
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set) && kept++ >= FEW)
			CPU_CLR(cpu, &set);
	}
	sched_setaffinity(0, sizeof(set), &set);
}

static struct nvl_device *open_per_cpu(uint32_t pairs)
{
	struct nvl_device_options options;
	struct nvl_device *device;

	stay_on_few();
	nvl_device_options_init(&options);
	nvl_device_options_per_cpu(&options, pairs);
	options.interrupts = true;
	ck_assert_int_eq(nvl_device_open(&options, &device, NULL), 0);
	return device;
}

START_TEST(each_cpu_has_as_many_pairs_as_are_asked_for)
{
	/* 0 is one; pairs are dealt to CPUs in turn. */
	uint32_t pairs = _i > 0 ? (uint32_t)_i : 1;
	struct nvl_device *device = open_per_cpu((uint32_t)_i);
	uint32_t cpus = nvl_cpu_count();
	struct nvl_place place, first;

	ck_assert_uint_ge(cpus, 1);
	ck_assert_uint_eq(nvl_info(nvl_device_ctrl(device))->queues, pairs * cpus);
	for (uint32_t index = 0; index < pairs * cpus; index++) {
		ck_assert_int_eq(nvl_queue_place(device, index, &place), 0);
		ck_assert_int_eq(nvl_queue_place(device, index % cpus, &first), 0);
		ck_assert_uint_eq(place.cpu, first.cpu);
		ck_assert(place.node == NVL_NO_NODE || place.node == nvl_cpu_node("", place.cpu));
		ck_assert_int_eq(place.irq_error, -EOPNOTSUPP); /* of no use to a process */
	}
	ck_assert_int_eq(nvl_queue_place(device, pairs * cpus, &place), -EINVAL);
	nvl_device_close(device);
}
END_TEST

struct worker {
	pthread_t thread;
	struct nvl_device *device;
	struct nvl_buffer buffer;
	uint32_t cpu;
	uint32_t taken_cpu;
	unsigned int done;
};

static void count(void *arg, const struct nvl_completion *completion)
{
	struct worker *worker = arg;

	worker->done += completion->result == 0;
}

/* Reads on its CPU's pair until all are done; interrupts wake it. */
static void *work(void *arg)
{
	struct worker *worker = arg;
	const struct nvl_io io = { .ns = nvl_ns_at(nvl_device_ctrl(worker->device), 0),
				   .nlb = 1,
				   .buffer = &worker->buffer };
	struct nvl_queue *queue;
	struct nvl_place place;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(worker->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	queue = nvl_take_queue(worker->device);
	if (!queue || nvl_queue_place(worker->device, nvl_queue_id(queue) - 1, &place))
		return NULL;
	worker->taken_cpu = place.cpu;
	for (unsigned int i = 0; i < READS; i++) {
		if (nvl_read(queue, &io, count, worker))
			break;
		nvl_ring(queue);
		while (worker->done <= i && nvl_queue_outstanding(queue) > 0) {
			if (nvl_poll(queue, 0) == 0)
				nvl_wait(queue, nvl_device_now(worker->device) + 1000000);
		}
	}
	nvl_give_queue(worker->device, queue);
	return NULL;
}

START_TEST(a_thread_gets_the_pair_of_its_cpu)
{
	struct nvl_device *device = open_per_cpu(1);
	uint32_t cpus = nvl_cpu_count();
	struct worker *workers = calloc(cpus, sizeof(*workers));

	for (uint32_t i = 0; i < cpus; i++) {
		struct nvl_place place;

		ck_assert_int_eq(nvl_queue_place(device, i, &place), 0);
		workers[i] = (struct worker){ .device = device,
					      .cpu = place.cpu,
					      .taken_cpu = UINT32_MAX };
		ck_assert_int_eq(nvl_device_alloc(device, 4096, &workers[i].buffer), 0);
	}
	for (uint32_t i = 0; i < cpus; i++)
		ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	for (uint32_t i = 0; i < cpus; i++) {
		pthread_join(workers[i].thread, NULL);
		ck_assert_uint_eq(workers[i].taken_cpu, workers[i].cpu);
		ck_assert_uint_eq(workers[i].done, READS);
	}
	free(workers);
	nvl_device_close(device);
}
END_TEST

START_TEST(a_pair_is_taken_once)
{
	/* Where the CPU has none left, any other one is given; then none, until one comes back. */
	struct nvl_device *device = open_per_cpu(PAIRS);
	uint32_t count_all = nvl_info(nvl_device_ctrl(device))->queues;
	struct nvl_queue **queues = calloc(count_all, sizeof(struct nvl_queue *));
	struct nvl_queue *last;

	for (uint32_t i = 0; i < count_all; i++) {
		queues[i] = nvl_take_queue(device);
		ck_assert_ptr_nonnull(queues[i]);
		for (uint32_t k = 0; k < i; k++)
			ck_assert_ptr_ne(queues[i], queues[k]);
	}
	ck_assert_ptr_null(nvl_take_queue(device));
	last = queues[count_all - 1];
	nvl_give_queue(device, last);
	ck_assert_ptr_eq(nvl_take_queue(device), last);
	for (uint32_t i = 0; i < count_all; i++)
		nvl_give_queue(device, queues[i]);
	free(queues);
	nvl_device_close(device);
}
END_TEST

START_TEST(a_node_is_read_from_the_tree)
{
	char root[] = "/tmp/nvmelab-cpus.XXXXXX";
	char path[128];

	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(nvl_cpu_node(root, 5), NVL_NO_NODE);
	for (const char *part = "/sys\0/sys/devices\0/sys/devices/system\0"
				"/sys/devices/system/cpu\0/sys/devices/system/cpu/cpu5\0"
				"/sys/devices/system/cpu/cpu5/cache\0";
	     *part; part += strlen(part) + 1) {
		snprintf(path, sizeof(path), "%s%s", root, part);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	ck_assert_int_eq(nvl_cpu_node(root, 5), NVL_NO_NODE);
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu5/node3", root);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(nvl_cpu_node(root, 5), 3);
	snprintf(path, sizeof(path), "rm -r %s", root);
	ck_assert_int_eq(system(path), 0);
}
END_TEST

START_TEST(each_pair_has_memory_of_its_own_that_prefers_its_node)
{
	/* The ranges do not overlap; where the system has nodes, the policy is on the pages. */
	struct nvl_cpus *cpus = nvl_cpus_new(PAIRS);
	uint64_t end = 0, offset, bytes;
	struct nvl_config config;
	unsigned int bound = 0;
	uint8_t *dma;

	nvl_config_init(&config);
	config.queues = PAIRS;
	dma = mmap(NULL, nvl_dma_size(&config), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		   -1, 0);
	ck_assert_ptr_ne(dma, MAP_FAILED);
	nvl_cpus_place(cpus, &config, dma, nvl_dma_size(&config));
	for (uint32_t index = 0; index < PAIRS; index++) {
		int mode = -1;

		nvl_queue_memory(&config, index, &offset, &bytes);
		ck_assert_uint_ge(offset, end);
		ck_assert_uint_eq(offset % NVL_PAGE_BYTES, 0);
		ck_assert_uint_ge(bytes, config.entries * (64 + 16));
		end = offset + bytes;
		if (syscall(SYS_get_mempolicy, &mode, NULL, 0, dma + offset, MPOL_F_ADDR) == 0)
			bound += mode == MPOL_PREFERRED;
	}
	ck_assert_uint_eq(end, nvl_dma_size(&config));
	ck_assert_uint_eq(bound % PAIRS, 0);
	munmap(dma, nvl_dma_size(&config));
	nvl_cpus_free(cpus);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_cpus");
	TCase *tcase = tcase_create("cpus");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, each_cpu_has_as_many_pairs_as_are_asked_for, 0, 4);
	tcase_add_test(tcase, a_thread_gets_the_pair_of_its_cpu);
	tcase_add_test(tcase, a_pair_is_taken_once);
	tcase_add_test(tcase, a_node_is_read_from_the_tree);
	tcase_add_test(tcase, each_pair_has_memory_of_its_own_that_prefers_its_node);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
