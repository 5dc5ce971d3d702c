/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * driver/transport: the k-th request for memory, a descriptor or a mapping fails, for every k: an
 * open, I/O, a reset and the end unwind, and leave nothing behind. The address sanitizer looks for
 * what leaked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "driver/transport/cpus.h"
#include "driver/transport/transport.h"
#include "tests/harness/main.h"

/* Which call fails, from 1 on, and how many there were: the linker sends them here (--wrap). */
static unsigned int fail_at;
static unsigned int calls;

static bool fails(void)
{
	if (fail_at == 0 || ++calls != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *data, size_t bytes);
void *__real_aligned_alloc(size_t align, size_t bytes);
void *__real_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
int __real_memfd_create(const char *name, unsigned int flags);
int __real_ftruncate(int fd, off_t bytes);
int __real_eventfd(unsigned int value, int flags);

void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *data, size_t bytes);
void *__wrap_aligned_alloc(size_t align, size_t bytes);
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset);
int __wrap_memfd_create(const char *name, unsigned int flags);
int __wrap_ftruncate(int fd, off_t bytes);
int __wrap_eventfd(unsigned int value, int flags);

void *__wrap_malloc(size_t bytes)
{
	return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *data, size_t bytes)
{
	return fails() ? NULL : __real_realloc(data, bytes);
}

void *__wrap_aligned_alloc(size_t align, size_t bytes)
{
	return fails() ? NULL : __real_aligned_alloc(align, bytes);
}

void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	return fails() ? MAP_FAILED : __real_mmap(at, bytes, protection, flags, fd, offset);
}

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	return fails() ? -1 : __real_memfd_create(name, flags);
}

int __wrap_ftruncate(int fd, off_t bytes)
{
	return fails() ? -1 : __real_ftruncate(fd, bytes);
}

int __wrap_eventfd(unsigned int value, int flags)
{
	return fails() ? -1 : __real_eventfd(value, flags);
}

static unsigned int open_descriptors(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void count_done(void *arg, const struct nvl_completion *completion)
{
	unsigned int *done = arg;

	(void)completion;
	++*done;
}

struct requests {
	unsigned int begun;
	unsigned int done;
};

/* What is asserted is asserted later: the checks need memory, too. */
static void use(struct nvl_device *device, struct requests *requests)
{
	struct nvl_ctrl *ctrl = nvl_device_ctrl(device);
	struct nvl_queue *queue = nvl_queue(ctrl, 0);
	struct nvl_buffer buffer = { 0 }, large = { 0 };
	const struct nvl_io io = { .ns = nvl_ns_at(ctrl, 0), .nlb = 8, .buffer = &buffer };

	if (queue && io.ns && nvl_device_alloc(device, 16384, &buffer) == 0) {
		requests->begun += nvl_write(queue, &io, count_done, &requests->done) == 0;
		requests->begun += nvl_read(queue, &io, count_done, &requests->done) == 0;
		nvl_ring(queue);
	}
	nvl_reset(ctrl);
	nvl_stop(ctrl);
	if (nvl_device_alloc(device, 4 << 20, &large) == 0) /* an arena of its own */
		nvl_device_free(device, &large);
	nvl_device_free(device, &buffer);
}

static int live_a_life(unsigned int at)
{
	char buffer[512] = "";
	struct nvl_device_options options;
	struct nvl_device *device = NULL;
	struct requests requests = { 0 };
	struct nvme_text error;
	int result;

	nvme_text_init(&error, buffer, sizeof(buffer));
	nvl_device_options_init(&options);
	nvl_device_options_per_cpu(&options, 0);
	options.interrupts = true;
	options.memory_bytes = 2 << 20;
	options.emulator.virtual_clock = true;
	calls = 0;
	fail_at = at;
	result = nvl_device_open(&options, &device, &error);
	if (result == 0) {
		use(device, &requests);
		nvl_device_close(device);
	}
	fail_at = 0;
	ck_assert_uint_eq(requests.done, requests.begun);
	if (result)
		ck_assert_uint_gt(strlen(buffer), 0);
	else
		ck_assert(at > 0 || requests.begun == 2);
	return result;
}

START_TEST(the_kth_request_to_the_system_fails)
{
	/* E01: all k, until there is no k-th call any more; no descriptor stays open. */
	unsigned int before = open_descriptors();
	unsigned int refused = 0, k = 0;

	do {
		refused += live_a_life(++k) != 0;
		ck_assert_uint_eq(open_descriptors(), before);
	} while (calls >= k);
	ck_assert_uint_gt(k, 20);
	ck_assert_uint_gt(refused, 10);
	ck_assert_int_eq(live_a_life(0), 0);
}
END_TEST

/* A transport that maps so many arenas and no more. */
struct mapper {
	unsigned int left;
	unsigned int mapped;
};

static int map(void *arg, struct nvl_buffer *buffer)
{
	struct mapper *mapper = arg;

	if (mapper->left == 0)
		return -ENOSPC;
	mapper->left--;
	buffer->iova = 0x100000000 + ((uint64_t)mapper->mapped++ << 32);
	return 0;
}

static int unmap(void *arg, struct nvl_buffer *buffer)
{
	struct mapper *mapper = arg;

	(void)buffer;
	mapper->mapped--;
	return 0;
}

START_TEST(the_kth_mapping_for_the_device_fails)
{
	/* E01: dma_map; what was mapped before stays usable, and is unmapped at the end. */
	struct mapper mapper = { .left = (unsigned int)_i };
	const struct nvl_ops ops = { .arg = &mapper, .dma_map = map, .dma_unmap = unmap };
	struct nvl_memory *memory = nvl_memory_new(&ops, NVL_ARENA_SHARED, 8192);
	unsigned int before = open_descriptors();
	struct nvl_buffer buffers[4];

	for (unsigned int i = 0; i < 4; i++) {
		int expected = i < (unsigned int)_i ? 0 : -ENOSPC;

		ck_assert_int_eq(nvl_memory_alloc(memory, 8192, &buffers[i]), expected);
		if (expected == 0)
			memset(buffers[i].data, 0xa5, 8192);
	}
	ck_assert_uint_eq(mapper.mapped, (unsigned int)_i);
	mapper.left = 1;
	ck_assert_int_eq(nvl_memory_alloc(memory, 8192, &buffers[3]), 0);
	nvl_memory_free(memory);
	ck_assert_uint_eq(mapper.mapped, 0);
	ck_assert_uint_eq(open_descriptors(), before);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_short");
	TCase *tcase = tcase_create("short");

	tcase_set_timeout(tcase, 240);
	tcase_add_test(tcase, the_kth_request_to_the_system_fails);
	tcase_add_loop_test(tcase, the_kth_mapping_for_the_device_fails, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
