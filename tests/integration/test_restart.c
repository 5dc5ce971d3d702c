/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The emulator's process ends, in order or at once, and a new one begins with the same state file
 * and the same file of the namespace: a host finds what it was promised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/le.h"
#include "common/nvme_spec.h"
#include "driver/core/nvl_admin.h"
#include "tests/harness/main.h"
#include "tests/integration/rig.h"

#define HOST 0x1122334455667788
#define KEY  0xfeedface
#define NLB  64u
#define EA   NVME_RESV_EXCLUSIVE_ACCESS

static struct th_rig rig;
static struct th_rig_options options;
static char folder[64], state[96], file[96];

static void start(void)
{
	snprintf(folder, sizeof(folder), "/tmp/nvmelab-restart-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(state, sizeof(state), "%s/state", folder);
	snprintf(file, sizeof(file), "%s/disk", folder);
	th_rig_options_init(&options);
	options.state = state;
	options.file = file;
	options.size_bytes = 1u << 20;
}

static void end(void)
{
	unlink(state);
	unlink(file);
	rmdir(folder);
}

/* The process ends, cleanly or killed, and another one begins. */
static void restart(bool killed)
{
	if (killed) {
		th_rig_kill(&rig);
		th_rig_abandon(&rig);
	} else {
		th_rig_close(&rig);
	}
	th_rig_open(&rig, TH_TRAPPED, &options);
}

static void set_host(void)
{
	uint8_t id[8];
	const struct nvl_feature feature = { .fid = NVME_FID_HOST_ID, .data = id, .data_bytes = 8 };

	nvme_store_le64(id, HOST);
	th_ok(nvl_set_feature(rig.ctrl, &feature, NULL));
}

/* A reservation command with two keys; Return: as nvl_execute(). */
static int reserve(uint8_t opcode, uint32_t cdw10, uint64_t crkey, uint64_t key)
{
	struct nvl_buffer buffer = th_rig_buffer(&rig, 4096, 0);
	const struct nvl_data data = { .buffer = &buffer, .bytes = 16 };
	struct nvme_sqe sqe = { .opcode = opcode, .nsid = nvme_le32(1), .cdw10 = nvme_le32(cdw10) };
	int result;

	nvme_store_le64(buffer.data, crkey);
	nvme_store_le64((uint8_t *)buffer.data + 8, key);
	result = nvl_execute(rig.queue, &sqe, &data, NULL);
	nvl_device_free(rig.device, &buffer);
	return result;
}

static struct nvme_resv_status report(struct nvme_registered_ctrl *ret_first)
{
	struct nvl_buffer buffer = th_rig_buffer(&rig, 4096, 0);
	const struct nvl_data data = { .buffer = &buffer, .bytes = 1024 };
	struct nvme_sqe sqe = { .opcode = NVME_CMD_RESV_REPORT,
				.nsid = nvme_le32(1),
				.cdw10 = nvme_le32(255) };
	struct nvme_resv_status status;

	th_ok(nvl_execute(rig.queue, &sqe, &data, NULL));
	memcpy(&status, buffer.data, sizeof(status));
	memcpy(ret_first, (uint8_t *)buffer.data + sizeof(status), sizeof(*ret_first));
	nvl_device_free(rig.device, &buffer);
	return status;
}

static void check_data(bool write)
{
	struct nvl_buffer buffer = th_rig_buffer(&rig, NLB * 512, write ? 7 : 8);
	const struct nvl_io io = { .ns = rig.ns, .slba = 100, .nlb = NLB, .buffer = &buffer };
	static uint8_t pattern[NLB * 512];

	th_ok(write ? nvl_write_wait(rig.queue, &io) : nvl_read_wait(rig.queue, &io));
	th_pattern(pattern, sizeof(pattern), 7);
	ck_assert_mem_eq(buffer.data, pattern, sizeof(pattern));
	nvl_device_free(rig.device, &buffer);
}

static uint32_t feature_of(uint8_t fid)
{
	const struct nvl_feature feature = { .fid = fid };
	uint32_t dw0 = 0;

	th_ok(nvl_get_feature(rig.ctrl, &feature, &dw0));
	return dw0;
}

static void set_feature(uint8_t fid, uint32_t value, bool save)
{
	const struct nvl_feature feature = { .fid = fid, .cdw11 = value, .save = save };

	th_ok(nvl_set_feature(rig.ctrl, &feature, NULL));
}

START_TEST(a_host_finds_what_it_was_promised)
{
	struct nvme_registered_ctrl first;
	struct nvme_resv_status status;

	th_rig_open(&rig, TH_TRAPPED, &options);
	check_data(true);
	set_feature(NVME_FID_ARBITRATION, 0x01020303, true);
	set_feature(NVME_FID_IRQ_COALESCING, 0x0101, false);
	set_host();
	th_ok(reserve(NVME_CMD_RESV_REGISTER, 3u << 30, 0, KEY));
	th_ok(reserve(NVME_CMD_RESV_ACQUIRE, EA << 8, KEY, 0));
	for (int i = 0; i < 2; i++) {
		restart(_i ^ i);
		ck_assert_uint_eq(rig.ns->nsze, 2048);
		ck_assert_uint_eq(feature_of(NVME_FID_ARBITRATION), 0x01020303);
		ck_assert_uint_eq(feature_of(NVME_FID_IRQ_COALESCING), 0);
		/* Nobody yet: the namespace is reserved for the host that this one was. */
		status = report(&first);
		ck_assert_uint_eq(status.rtype, EA);
		ck_assert_uint_eq(nvme_cpu16(first.cntlid), 0xffff);
		set_host();
		status = report(&first);
		ck_assert_uint_eq(status.ptpls, 1);
		ck_assert_uint_eq(status.regctl[0], 1);
		ck_assert_uint_eq(nvme_cpu64(first.rkey), KEY);
		ck_assert_uint_eq(nvme_cpu64(first.hostid), HOST);
		ck_assert_uint_eq(first.rcsts, 1);
		check_data(false);
	}
	th_ok(reserve(NVME_CMD_RESV_RELEASE, EA << 8, KEY, 0));
	th_rig_close(&rig);
}
END_TEST

START_TEST(without_its_state_file_it_is_a_new_drive_with_the_same_data)
{
	struct nvme_registered_ctrl first;

	th_rig_open(&rig, TH_TRAPPED, &options);
	check_data(true);
	set_feature(NVME_FID_ARBITRATION, 0x01020303, true);
	set_host();
	th_ok(reserve(NVME_CMD_RESV_REGISTER, 3u << 30, 0, KEY));
	th_rig_close(&rig);
	unlink(state);
	th_rig_open(&rig, TH_TRAPPED, &options);
	ck_assert_uint_ne(feature_of(NVME_FID_ARBITRATION), 0x01020303);
	ck_assert_uint_eq(report(&first).regctl[0], 0);
	check_data(false);
	th_rig_close(&rig);
}
END_TEST

/* A command on the blocks that check_data() uses; Return: as nvl_execute(). */
static int do_blocks(uint8_t opcode)
{
	struct nvme_sqe sqe = { .opcode = opcode,
				.nsid = nvme_le32(1),
				.cdw10 = nvme_le32(100),
				.cdw12 = nvme_le32(NLB - 1) };

	return nvl_execute(rig.queue, &sqe, NULL, NULL);
}

START_TEST(blocks_that_were_marked_uncorrectable_stay_so_until_they_are_written)
{
	struct nvl_buffer buffer;

	th_rig_open(&rig, TH_TRAPPED, &options);
	th_ok(do_blocks(NVME_CMD_WRITE_UNCORRECTABLE));
	restart(_i);
	buffer = th_rig_buffer(&rig, NLB * 512, 8);
	ck_assert_int_eq(nvme_status_code((nvme_status)nvl_read_wait(
				 rig.queue,
				 &(struct nvl_io){
					 .ns = rig.ns, .slba = 163, .nlb = 1, .buffer = &buffer })),
			 NVME_SC_UNRECOVERED_READ_ERROR);
	nvl_device_free(rig.device, &buffer);
	check_data(true);
	restart(_i);
	check_data(false);
	th_rig_close(&rig);
}
END_TEST

static Suite *restarts(void)
{
	Suite *suite = suite_create("restart");
	TCase *tcase = tcase_create("restart");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_loop_test(tcase, a_host_finds_what_it_was_promised, 0, 2);
	tcase_add_test(tcase, without_its_state_file_it_is_a_new_drive_with_the_same_data);
	tcase_add_loop_test(
		tcase, blocks_that_were_marked_uncorrectable_stay_so_until_they_are_written, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { restarts };

	return th_main(suites, 1);
}
