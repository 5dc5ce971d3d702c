/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client as SPDK's host library is one: no JSON, every id 0, region queries of 4080 bytes,
 * doorbells by the mapped page alone, no interrupts, a descriptor with DMA_UNMAP, and connections
 * that follow each other at once.
 */
#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/hostile/host.h"

#define REGION_QUERY_BYTES 4064u
#define CONNECTIONS	   18

static struct raw_server server;

static void start(void)
{
	raw_server_start(&server, NULL, 0);
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
}

struct region_reply {
	struct vfu_region_info info;
	struct vfu_cap_header cap;
	uint32_t nr_areas;
	uint32_t reserved;
	struct vfu_sparse_area area;
};

/* GET_REGION_INFO the way that library asks: a zeroed buffer of fixed size. */
static void query_region(struct raw_client *client, uint32_t index, struct region_reply *ret_reply)
{
	char query[REGION_QUERY_BYTES] = { 0 };
	const struct vfu_region_info info = { .argsz = REGION_QUERY_BYTES, .index = index };

	memcpy(query, &info, sizeof(info));
	memset(ret_reply, 0, sizeof(*ret_reply));
	ck_assert_int_eq(raw_call(client, VFU_DEVICE_GET_REGION_INFO, query, sizeof(query), NULL, 0,
				  ret_reply, sizeof(*ret_reply)),
			 0);
}

START_TEST(a_client_without_json_gets_no_json)
{
	const struct vfu_version version = { 0, 1 };
	char reply[4096];
	struct vfu_header header;
	struct raw_client client;

	raw_connect(&client, &server);
	raw_send(&client, VFU_VERSION, 0, &version, sizeof(version), NULL, 0);
	ck_assert_int_eq(raw_receive(&client, &header, reply, sizeof(reply)), sizeof(version));
	raw_disconnect(&client);
}
END_TEST

START_TEST(every_region_can_be_asked_for_and_bar0_has_one_area)
{
	struct vfu_device_info info = { .argsz = sizeof(info) };
	struct region_reply region;
	struct raw_client client;

	raw_connect(&client, &server);
	ck_assert_int_eq(raw_version(&client, NULL), 0);
	ck_assert_int_eq(raw_call(&client, VFU_DEVICE_GET_INFO, &info, sizeof(info), NULL, 0, &info,
				  sizeof(info)),
			 0);
	ck_assert_uint_eq(info.num_regions, VFU_REGIONS);
	for (uint32_t i = 1; i < VFU_REGIONS; i++) {
		query_region(&client, i, &region);
		ck_assert_uint_eq(region.info.size, i == VFU_REGION_CONFIG ? 4096 : 0);
		ck_assert_int_eq(client.received_fd, -1);
	}
	query_region(&client, VFU_REGION_BAR0, &region);
	ck_assert_uint_eq(region.info.flags, 0xf);
	ck_assert_uint_eq(region.info.cap_offset, sizeof(region.info));
	ck_assert_uint_eq(region.cap.id, VFU_CAP_SPARSE_MMAP);
	ck_assert_uint_eq(region.cap.next, 0);
	ck_assert_uint_eq(region.nr_areas, 1);
	ck_assert_uint_eq(region.area.offset, 0x1000);
	ck_assert_uint_ge(region.area.size, 0x1000);
	ck_assert_int_ge(client.received_fd, 0);
	raw_disconnect(&client);
}
END_TEST

START_TEST(a_client_without_room_for_capabilities_gets_no_descriptor)
{
	struct vfu_region_info info = { .argsz = sizeof(info) };
	struct raw_client client;

	raw_connect(&client, &server);
	ck_assert_int_eq(raw_version(&client, NULL), 0);
	ck_assert_int_eq(raw_call(&client, VFU_DEVICE_GET_REGION_INFO, &info, sizeof(info), NULL, 0,
				  &info, sizeof(info)),
			 0);
	ck_assert_uint_eq(info.argsz, sizeof(struct region_reply));
	ck_assert_uint_eq(info.flags, 0x7);
	ck_assert_uint_eq(info.cap_offset, 0);
	ck_assert_int_eq(client.received_fd, -1);
	raw_disconnect(&client);
}
END_TEST

START_TEST(the_doorbell_file_cannot_be_cut)
{
	struct region_reply region;
	struct raw_client client;

	raw_connect(&client, &server);
	ck_assert_int_eq(raw_version(&client, NULL), 0);
	query_region(&client, VFU_REGION_BAR0, &region);
	ck_assert_int_lt(ftruncate(client.received_fd, 0), 0);
	ck_assert_int_lt(ftruncate(client.received_fd, 1 << 20), 0);
	raw_disconnect(&client);
}
END_TEST

static void unmap_with_descriptor(struct raw_host *host, uint64_t iova, uint64_t bytes, int fd)
{
	struct vfu_dma_unmap unmap = { .argsz = sizeof(unmap), .addr = iova, .size = bytes };

	ck_assert_int_eq(raw_call(&host->client, VFU_DMA_UNMAP, &unmap, sizeof(unmap), &fd, 1,
				  &unmap, sizeof(unmap)),
			 0);
	ck_assert_uint_eq(unmap.addr, iova);
	ck_assert_uint_eq(unmap.size, bytes);
}

static void write_and_read_back(struct raw_host *host, uint8_t pattern)
{
	memset(host->data, pattern, 4096);
	ck_assert_uint_eq(raw_command(host, 1, raw_io(NVME_CMD_WRITE, pattern, 8, 0)), 0);
	memset(host->data, 0, 4096);
	ck_assert_uint_eq(raw_command(host, 1, raw_io(NVME_CMD_READ, pattern, 8, 8192)), 0);
	ck_assert_uint_eq(host->data[8192], pattern);
	ck_assert_uint_eq(host->data[8192 + 4095], pattern);
}

static void shut_down(struct raw_host *host)
{
	raw_write32(&host->client, NVME_REG_CC, 4 << 20 | 6 << 16 | 1 << 14 | 1);
	while ((raw_read32(&host->client, NVME_REG_CSTS) & 0xc) != 8)
		continue; /* Check's time limit ends it. */
}

START_TEST(connections_follow_each_other_at_once)
{
	struct raw_host host;

	for (uint8_t i = 0; i < CONNECTIONS; i++) {
		raw_host_connect(&host, &server, NULL);
		ck_assert_ptr_nonnull((const void *)host.doorbells);
		/* Nothing of the one before: disabled, registers at their defaults. */
		ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_CC), 0);
		ck_assert_uint_eq(raw_read32(&host.client, NVME_REG_AQA), 0);
		raw_host_enable(&host);
		write_and_read_back(&host, (uint8_t)(i + 1));
		shut_down(&host);
		unmap_with_descriptor(&host, RAW_QUEUE_IOVA, RAW_QUEUE_BYTES, host.queue_fd);
		unmap_with_descriptor(&host, RAW_DATA_IOVA, RAW_DATA_BYTES, host.data_fd);
		raw_host_close(&host);
	}
	ck_assert(raw_server_alive(&server));
}
END_TEST

START_TEST(a_doorbell_page_that_was_kept_rings_nothing)
{
	struct raw_host first;
	struct raw_host second;
	struct nvme_cqe cqe;

	raw_host_connect(&first, &server, NULL);
	raw_host_enable(&first);
	raw_disconnect(&first.client);
	raw_host_connect(&second, &server, NULL);
	raw_host_enable(&second);
	first.ring[1].tail = 5;
	raw_ring(&first, 1);
	ck_assert(!raw_poll(&second, 1, &cqe));
	write_and_read_back(&second, 0x77);
	raw_host_close(&first);
	raw_host_close(&second);
}
END_TEST

START_TEST(random_doorbells_end_in_errors_at_worst)
{
	struct raw_host host;
	uint32_t value = 12345;

	raw_host_connect(&host, &server, NULL);
	raw_host_enable(&host);
	for (unsigned int i = 0; i < 100000; i++) {
		value = value * 1664525 + 1013904223;
		((volatile uint32_t *)(volatile void *)host.doorbells)[value >> 8 & 0x3ff] = value;
	}
	raw_host_close(&host);
	raw_host_connect(&host, &server, NULL);
	raw_host_enable(&host);
	write_and_read_back(&host, 0x42);
	raw_host_close(&host);
}
END_TEST

static Suite *spdk(void)
{
	Suite *suite = suite_create("spdk");
	TCase *tcase = tcase_create("client");

	tcase_add_unchecked_fixture(tcase, start, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_client_without_json_gets_no_json);
	tcase_add_test(tcase, every_region_can_be_asked_for_and_bar0_has_one_area);
	tcase_add_test(tcase, a_client_without_room_for_capabilities_gets_no_descriptor);
	tcase_add_test(tcase, the_doorbell_file_cannot_be_cut);
	tcase_add_test(tcase, connections_follow_each_other_at_once);
	tcase_add_test(tcase, a_doorbell_page_that_was_kept_rings_nothing);
	tcase_add_test(tcase, random_doorbells_end_in_errors_at_worst);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ spdk }, 1);
}
