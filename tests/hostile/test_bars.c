/* SPDX-License-Identifier: BSD-3-Clause */
/* BAR2 and BAR4 of the emulator as clients see them: memory they map, or reach by messages. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/hostile/host.h"

#define CMB_BYTES 65536u
#define PMR_BYTES 131072u
#define CBA	  0x7000000000ull

static struct raw_server server;
static char path[64];

static void start(void)
{
	static const char *args[] = { "--controller", "cmb=64K,pmr=128K", "--pmr", path, NULL };

	snprintf(path, sizeof(path), "/tmp/nvmelab-pmr.%d", (int)getpid());
	raw_server_start(&server, args, 0);
}

static void end(void)
{
	ck_assert_int_eq(raw_server_end(&server), 0);
	unlink(path);
}

/* The memory of a region, mapped as its information says. */
static uint8_t *map_region(struct raw_client *client, uint32_t index, uint64_t bytes)
{
	struct {
		struct vfu_region_info info;
		struct vfu_cap_header cap;
		uint32_t areas[2];
		struct vfu_sparse_area area;
	} region = { .info = { .argsz = sizeof(region), .index = index } };
	void *memory;

	ck_assert_int_eq(raw_call(client, VFU_DEVICE_GET_REGION_INFO, &region, sizeof(region.info),
				  NULL, 0, &region, sizeof(region)),
			 0);
	ck_assert_uint_eq(region.info.size, bytes);
	ck_assert_uint_eq(region.info.flags, VFU_REGION_READABLE | VFU_REGION_WRITABLE |
						     VFU_REGION_MAPPABLE | VFU_REGION_CAPS);
	ck_assert_uint_eq(region.areas[0], 1);
	ck_assert_uint_eq(region.area.offset, 0);
	ck_assert_uint_eq(region.area.size, bytes);
	ck_assert_int_ge(client->received_fd, 0);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, client->received_fd,
		      (off_t)(region.info.offset + region.area.offset));
	ck_assert_ptr_ne(memory, MAP_FAILED);
	return memory;
}

START_TEST(a_client_maps_both_and_reaches_them_by_messages_too)
{
	struct raw_client client;
	uint8_t *cmb, *pmr;
	uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	raw_open(&client, &server);
	cmb = map_region(&client, VFU_REGION_BAR2, CMB_BYTES);
	pmr = map_region(&client, VFU_REGION_BAR4, PMR_BYTES);
	ck_assert_int_eq(raw_write(&client, VFU_REGION_BAR2, CMB_BYTES - 8, data, 8), 0);
	ck_assert_mem_eq(cmb + CMB_BYTES - 8, data, 8);
	memset(pmr, 0x99, 16);
	ck_assert_int_eq(raw_read(&client, VFU_REGION_BAR4, 8, data, 8), 0);
	ck_assert_mem_eq(data, pmr, 8);
	ck_assert_int_eq(raw_read(&client, VFU_REGION_BAR4, PMR_BYTES - 7, data, 8), EINVAL);
	ck_assert_int_eq(raw_write(&client, VFU_REGION_BAR2, UINT64_MAX, data, 8), EINVAL);
	munmap(cmb, CMB_BYTES);
	munmap(pmr, PMR_BYTES);
	raw_disconnect(&client);
}
END_TEST

START_TEST(the_next_client_has_a_buffer_of_its_own_and_the_same_region)
{
	struct raw_client client;
	uint8_t *first, *second, *pmr;

	raw_open(&client, &server);
	first = map_region(&client, VFU_REGION_BAR2, CMB_BYTES);
	pmr = map_region(&client, VFU_REGION_BAR4, PMR_BYTES);
	memset(first, 0x11, CMB_BYTES);
	memset(pmr, 0x22, PMR_BYTES);
	raw_disconnect(&client);
	munmap(pmr, PMR_BYTES);
	raw_open(&client, &server);
	second = map_region(&client, VFU_REGION_BAR2, CMB_BYTES);
	pmr = map_region(&client, VFU_REGION_BAR4, PMR_BYTES);
	first[1] = 0x33;
	ck_assert_uint_eq(second[0] | second[1], 0);
	ck_assert_uint_eq(pmr[0], 0x22);
	munmap(first, CMB_BYTES);
	munmap(second, CMB_BYTES);
	munmap(pmr, PMR_BYTES);
	raw_disconnect(&client);
}
END_TEST

START_TEST(the_region_outlives_the_program)
{
	struct raw_client client;
	uint8_t *pmr;

	raw_open(&client, &server);
	pmr = map_region(&client, VFU_REGION_BAR4, PMR_BYTES);
	memcpy(pmr + 5000, "still here", 11);
	munmap(pmr, PMR_BYTES);
	raw_disconnect(&client);
	ck_assert_int_eq(raw_server_end(&server), 0);
	start();
	raw_open(&client, &server);
	pmr = map_region(&client, VFU_REGION_BAR4, PMR_BYTES);
	ck_assert_str_eq((char *)pmr + 5000, "still here");
	munmap(pmr, PMR_BYTES);
	raw_disconnect(&client);
}
END_TEST

START_TEST(commands_read_into_the_buffer)
{
	struct raw_host host;
	uint8_t *cmb;

	raw_host_connect(&host, &server, "{}");
	raw_host_enable(&host);
	cmb = map_region(&host.client, VFU_REGION_BAR2, CMB_BYTES);
	raw_write64(&host.client, NVME_REG_CMBMSC, CBA | 3);
	memset(host.data, 0x5a, 4096);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_WRITE, 0, 8, 0)), 0);
	ck_assert_uint_eq(
		raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, CBA + 8192 - RAW_DATA_IOVA)), 0);
	ck_assert_uint_eq(cmb[8191], 0);
	ck_assert_uint_eq(cmb[8192], 0x5a);
	ck_assert_uint_eq(cmb[8192 + 4095], 0x5a);
	munmap(cmb, CMB_BYTES);
	raw_host_close(&host);
}
END_TEST

START_TEST(a_region_that_loses_its_file_ends_nobody)
{
	struct raw_host host;
	uint8_t data[8];

	raw_host_connect(&host, &server, "{}");
	raw_host_enable(&host);
	raw_write32(&host.client, NVME_REG_PMRMSCU, CBA >> 32);
	raw_write32(&host.client, NVME_REG_PMRMSCL, 2);
	raw_write32(&host.client, NVME_REG_PMRCTL, 1);
	ck_assert_uint_eq(raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, CBA - RAW_DATA_IOVA)),
			  0);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_uint_ne(raw_command(&host, 1, raw_io(NVME_CMD_READ, 0, 8, CBA - RAW_DATA_IOVA)),
			  0);
	ck_assert_int_eq(raw_read(&host.client, VFU_REGION_BAR4, 65536, data, 8), 0);
	ck_assert(raw_server_alive(&server));
	raw_host_close(&host);
}
END_TEST

static Suite *bars(void)
{
	Suite *suite = suite_create("bars");
	TCase *tcase = tcase_create("bars");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, a_client_maps_both_and_reaches_them_by_messages_too);
	tcase_add_test(tcase, the_next_client_has_a_buffer_of_its_own_and_the_same_region);
	tcase_add_test(tcase, the_region_outlives_the_program);
	tcase_add_test(tcase, commands_read_into_the_buffer);
	tcase_add_test(tcase, a_region_that_loses_its_file_ends_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { bars };

	return th_main(suites, 1);
}
