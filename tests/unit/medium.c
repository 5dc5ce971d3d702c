/* SPDX-License-Identifier: BSD-3-Clause */
/* Host memory, answers, and backends to try. */
#include "tests/unit/medium.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATIENCE_MSEC 60000

static void take_answer(void *arg, uint32_t tag, int result)
{
	struct th_medium *medium = arg;

	ck_assert_int_eq(medium->results[tag], 1);
	medium->results[tag] = result;
	medium->answers++;
}

void th_medium_start(struct th_medium *medium, bool synchronous)
{
	const uint32_t half = TH_MEDIUM_MEMORY / 2;

	memset(medium, 0, sizeof(*medium));
	medium->memory = mmap(NULL, TH_MEDIUM_MEMORY, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	emu_dma_init(&medium->table);
	/* Two mappings, so that spans cross from one to the other. */
	ck_assert_int_eq(emu_dma_map(&medium->table, 0, half, 3, medium->memory), 0);
	ck_assert_int_eq(emu_dma_map(&medium->table, half, half, 3, medium->memory + half), 0);
	medium->host = (struct emu_backend_host){
		.tables = &medium->table,
		.done = take_answer,
		.arg = medium,
		.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
		.requests = TH_MEDIUM_SLOTS,
		.synchronous = synchronous,
	};
	if (synchronous) {
		close(medium->host.epoll_fd);
		medium->host.epoll_fd = -1;
	} else {
		struct epoll_event event = { .events = EPOLLIN };

		ck_assert_int_eq(epoll_ctl(medium->host.epoll_fd, EPOLL_CTL_ADD,
					   medium->host.event_fd, &event),
				 0);
	}
	snprintf(medium->path, sizeof(medium->path), "/tmp/nvmelab-medium.%d", (int)getpid());
}

void th_medium_end(struct th_medium *medium)
{
	if (medium->backend)
		medium->backend->ops->close(medium->backend);
	medium->backend = NULL;
	emu_dma_done(&medium->table);
	munmap(medium->memory, TH_MEDIUM_MEMORY);
	close(medium->host.event_fd);
	if (medium->host.epoll_fd >= 0)
		close(medium->host.epoll_fd);
	unlink(medium->path);
}

void th_medium_wait(struct th_medium *medium)
{
	while (medium->backend->pending > 0) {
		struct pollfd in = { .fd = medium->host.epoll_fd, .events = POLLIN };
		eventfd_t count;

		if (medium->backend->ops->poll(medium->backend) > 0)
			continue;
		ck_assert_int_eq(poll(&in, 1, PATIENCE_MSEC), 1);
		eventfd_read(medium->host.event_fd, &count);
	}
}

int th_medium_submit(struct th_medium *medium, const struct emu_media *media)
{
	int *result = &medium->results[media->tag];

	*result = 1;
	*result = medium->backend->ops->submit(medium->backend, media);
	return *result;
}

int th_medium_do(struct th_medium *medium, struct emu_media media)
{
	media.tag = medium->tag++ % TH_MEDIUM_ANSWERS;
	media.nsid = 1;
	if (media.lbads == 0) {
		media.lbads = medium->backend->geometry.lbads;
		media.ms = medium->backend->geometry.ms;
	}
	th_medium_submit(medium, &media);
	th_medium_wait(medium);
	return medium->results[media.tag];
}

void th_medium_fill(uint8_t *at, size_t bytes, uint32_t seed)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
}

void th_medium_open_mem(struct th_medium *medium, struct emu_geometry geometry)
{
	ck_assert_int_eq(emu_mem_open(&medium->host, &geometry, &medium->backend), 0);
}

void th_medium_open_file(struct th_medium *medium, struct emu_geometry geometry)
{
	const struct emu_file_options options = { .path = medium->path, .geometry = geometry };
	char buffer[512] = "";
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	ck_assert_msg(emu_file_open(&medium->host, &options, &medium->backend, &error) == 0, "%s",
		      buffer);
}
