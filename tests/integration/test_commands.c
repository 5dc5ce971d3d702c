/* SPDX-License-Identifier: BSD-3-Clause */
/* Every typed command of I/O queues, from the driver to the emulator and back. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/integration/rig.h"

#define BYTES 65536u

struct commands {
	struct th_rig rig;
	struct nvl_buffer one;
	struct nvl_buffer two;
	struct nvl_io io; /* 8 blocks from 16 on, in the first buffer */
};

static void begin(struct commands *c)
{
	th_rig_open_default(&c->rig, TH_IN_PROCESS);
	c->one = th_rig_buffer(&c->rig, BYTES, 1);
	c->two = th_rig_buffer(&c->rig, BYTES, 2);
	c->io = (struct nvl_io){ .ns = c->rig.ns, .slba = 16, .nlb = 8, .buffer = &c->one };
	th_ok(nvl_write_wait(c->rig.queue, &c->io));
}

static void end(struct commands *c)
{
	th_rig_close(&c->rig);
}

/* What is in the blocks of c->io, in the second buffer. */
static const uint8_t *read_back(struct commands *c)
{
	struct nvl_io io = c->io;

	io.buffer = &c->two;
	th_ok(nvl_read_wait(c->rig.queue, &io));
	return c->two.data;
}

static int code_of(int result)
{
	return result > 0 ? result & 0x7ff : result;
}

START_TEST(compare_tells_equal_from_different)
{
	/* NVM 1.0 3.2.1: Compare. */
	struct commands c;

	begin(&c);
	th_ok(nvl_compare_wait(c.rig.queue, &c.io));
	((uint8_t *)c.one.data)[4095] ^= 1;
	ck_assert_int_eq(code_of(nvl_compare_wait(c.rig.queue, &c.io)), NVME_SC_COMPARE_FAILURE);
	end(&c);
}
END_TEST

START_TEST(compare_and_write_is_one_operation)
{
	/* NVM 1.0 2.1.3 and 3.2.1: the Write happens if the Compare finds what it expects. */
	struct commands c;

	begin(&c);
	struct nvl_io write = c.io;

	write.buffer = &c.two;
	th_ok(nvl_compare_write_wait(c.rig.queue, &c.io, &write));
	ck_assert_int_eq(code_of(nvl_compare_write_wait(c.rig.queue, &c.io, &write)),
			 NVME_SC_COMPARE_FAILURE);
	th_ok(nvl_compare_wait(c.rig.queue, &write));
	end(&c);
}
END_TEST

START_TEST(fused_commands_that_cannot_be_one_each_are_refused)
{
	struct nvl_buffer heap = { .bytes = 4096, .iova = NVL_NOT_MAPPED };
	struct commands c;

	begin(&c);
	heap.data = calloc(1, heap.bytes);
	struct nvl_io write = c.io;

	write.buffer = &heap;
	ck_assert_int_eq(nvl_compare_write_wait(c.rig.queue, &c.io, &write), -NVL_EINVAL);
	ck_assert_uint_eq(nvl_queue_outstanding(c.rig.queue), 0);
	th_ok(nvl_compare_wait(c.rig.queue, &c.io));
	free(heap.data);
	end(&c);
}
END_TEST

START_TEST(zeroes_are_written_without_data)
{
	/* NVM 1.0 3.2.8: Write Zeroes, with and without DEAC. */
	static const uint8_t zeros[4096];
	struct commands c;

	begin(&c);
	c.io.flags = _i ? NVL_IO_DEALLOCATE : 0;
	th_ok(nvl_write_zeroes_wait(c.rig.queue, &c.io));
	ck_assert_mem_eq(read_back(&c), zeros, sizeof(zeros));
	end(&c);
}
END_TEST

START_TEST(a_range_longer_than_a_command_is_several)
{
	/* NLB is 16 bits, 0's based: 131,072 blocks are two commands of the most there are. */
	struct commands c;

	begin(&c);
	const struct nvl_io io = { .ns = c.rig.ns, .nlb = 131072 };
	uint64_t before = nvl_counters(c.rig.queue)->submitted;

	th_ok(nvl_verify_wait(c.rig.queue, &io));
	ck_assert_uint_ge(nvl_counters(c.rig.queue)->submitted - before, 2);
	end(&c);
}
END_TEST

START_TEST(uncorrectable_blocks_are_found_by_verify_and_healed_by_a_write)
{
	/* NVM 1.0 3.2.7: Write Uncorrectable; 3.2.5: Verify. */
	struct commands c;

	begin(&c);
	th_ok(nvl_verify_wait(c.rig.queue, &c.io));
	th_ok(nvl_write_uncorrectable_wait(c.rig.queue, &c.io));
	ck_assert_int_eq(code_of(nvl_verify_wait(c.rig.queue, &c.io)),
			 NVME_SC_UNRECOVERED_READ_ERROR);
	ck_assert_int_eq(code_of(nvl_read_wait(c.rig.queue, &c.io)),
			 NVME_SC_UNRECOVERED_READ_ERROR);
	th_ok(nvl_write_wait(c.rig.queue, &c.io));
	th_ok(nvl_verify_wait(c.rig.queue, &c.io));
	end(&c);
}
END_TEST

START_TEST(ranges_are_deallocated)
{
	/* NVM 1.0 3.2.3: Dataset Management. */
	static const uint8_t zeros[1024];
	const struct nvme_dsm_range ranges[] = { nvl_dsm_range(16, 2), nvl_dsm_range(20, 4) };
	struct commands c;

	begin(&c);
	const struct nvl_dsm dsm = {
		.nsid = c.rig.ns->nsid, .deallocate = true, .ranges = ranges, .range_count = 2
	};

	th_ok(nvl_dsm_wait(c.rig.queue, &dsm));
	const uint8_t *data = read_back(&c);

	ck_assert_mem_eq(data, zeros, 1024);
	ck_assert_mem_eq(data + 1024, (uint8_t *)c.one.data + 1024, 1024);
	ck_assert_mem_eq(data + 2048, zeros, 1024);
	end(&c);
}
END_TEST

START_TEST(lists_that_are_empty_or_too_long_are_refused)
{
	static const struct nvme_dsm_range ranges[257];
	struct commands c;

	begin(&c);
	struct nvl_dsm dsm = { .nsid = 1, .ranges = ranges };
	struct nvl_copy copy = { .ns = c.rig.ns, .ranges = ranges, .format = 4, .range_count = 1 };

	ck_assert_int_eq(nvl_dsm_wait(c.rig.queue, &dsm), -NVL_EINVAL);
	dsm.range_count = 257;
	ck_assert_int_eq(nvl_dsm_wait(c.rig.queue, &dsm), -NVL_EINVAL);
	ck_assert_int_eq(nvl_copy_wait(c.rig.queue, &copy, NULL), -NVL_EINVAL);
	end(&c);
}
END_TEST

START_TEST(blocks_are_copied_by_the_controller)
{
	/* NVM 1.0 3.2.2: Copy; formats 1 and 3 are for formats with wide tags. */
	struct nvme_copy_range ranges[] = { nvl_copy_range(20, 4), nvl_copy_range(16, 4) };
	struct commands c;

	begin(&c);
	struct nvl_copy copy = { .ns = c.rig.ns,
				 .slba = 100,
				 .format = (uint8_t)_i,
				 .ranges = ranges,
				 .range_count = 2 };

	if (_i == 2) {
		ranges[0].snsid = nvme_le32(c.rig.ns->nsid);
		ranges[1].snsid = nvme_le32(c.rig.ns->nsid);
	}
	th_ok(nvl_copy_wait(c.rig.queue, &copy, NULL));
	c.io.slba = 100;
	const uint8_t *data = read_back(&c);

	ck_assert_mem_eq(data, (uint8_t *)c.one.data + 2048, 2048);
	ck_assert_mem_eq(data + 2048, c.one.data, 2048);
	end(&c);
}
END_TEST

START_TEST(a_reservation_is_taken_seen_and_given_up)
{
	/* Base 2.0 8.19: Reservations; a host has to say who it is first. */
	uint8_t host_id[16] = { 1, 2, 3 };
	uint8_t data[256];
	const struct nvme_resv_status_ext *status = (const void *)data;
	struct commands c;

	begin(&c);
	const struct nvl_feature feature = {
		.fid = NVME_FID_HOST_ID, .cdw11 = 1, .data = host_id, .data_bytes = 16
	};
	const struct nvl_resv_register reg = { .nsid = 1, .new_key = 0xabcd };
	const struct nvl_resv_acquire acquire = { .nsid = 1,
						  .type = NVME_RESV_EXCLUSIVE_ACCESS,
						  .current_key = 0xabcd };
	const struct nvl_resv_release release = { .nsid = 1,
						  .type = NVME_RESV_EXCLUSIVE_ACCESS,
						  .current_key = 0xabcd };
	const struct nvl_resv_report report = {
		.nsid = 1, .extended = true, .data = data, .bytes = sizeof(data)
	};

	th_ok(nvl_set_feature(c.rig.ctrl, &feature, NULL));
	th_ok(nvl_resv_register_wait(c.rig.queue, &reg));
	th_ok(nvl_resv_acquire_wait(c.rig.queue, &acquire));
	th_ok(nvl_resv_report_wait(c.rig.queue, &report));
	ck_assert_uint_eq(status->status.rtype, NVME_RESV_EXCLUSIVE_ACCESS);
	ck_assert_uint_eq(status->status.regctl[0], 1);
	th_ok(nvl_resv_release_wait(c.rig.queue, &release));
	th_ok(nvl_resv_report_wait(c.rig.queue, &report));
	ck_assert_uint_eq(status->status.rtype, NVME_RESV_NONE);
	end(&c);
}
END_TEST

START_TEST(commands_call_back_once_with_what_the_controller_said)
{
	struct nvme_dsm_range range = nvl_dsm_range(0, 8);
	struct th_ending ending = { 0 };
	struct commands c;

	begin(&c);
	const struct nvl_dsm dsm = {
		.nsid = 1, .deallocate = true, .ranges = &range, .range_count = 1
	};
	const struct nvl_dsm nowhere = { .nsid = 77, .ranges = &range, .range_count = 1 };

	th_ok(nvl_dsm(c.rig.queue, &dsm, th_count, &ending));
	range = nvl_dsm_range(UINT64_MAX, 8); /* It was copied. */
	th_ok(nvl_compare(c.rig.queue, &c.io, th_count, &ending));
	th_ok(nvl_verify(c.rig.queue, &c.io, th_count, &ending));
	th_ok(nvl_flush(c.rig.queue, 1, th_count, &ending));
	nvl_ring(c.rig.queue);
	th_await(&c.rig, c.rig.queue, &ending, 4);
	ck_assert_uint_eq(ending.errors, 0);
	th_ok(nvl_dsm(c.rig.queue, &nowhere, th_count, &ending));
	nvl_ring(c.rig.queue);
	th_await(&c.rig, c.rig.queue, &ending, 5);
	ck_assert_int_eq(code_of(ending.first_error), NVME_SC_INVALID_NS);
	end(&c);
}
END_TEST

START_TEST(raw_commands_carry_metadata_and_memory_of_any_kind)
{
	struct th_rig_options options;
	struct th_rig rig;

	th_rig_options_init(&options);
	options.ns = "ms=8,meta=separate";
	th_rig_open(&rig, TH_IN_PROCESS, &options);
	struct nvl_buffer data = th_rig_buffer(&rig, 4096, 1);
	struct nvl_buffer meta = th_rig_buffer(&rig, 4096, 2);
	struct nvme_sqe sqe = { .opcode = NVME_CMD_WRITE,
				.nsid = nvme_le32(1),
				.cdw12 = nvme_le32(7) };
	const struct nvl_data piece = { .buffer = &data, .bytes = 4096 };
	struct nvl_data tags = { .buffer = &meta, .bytes = 64 };
	const struct nvl_command command = { .sqe = &sqe, .data = &piece, .metadata = &tags };
	uint8_t *expected = malloc(64);

	memcpy(expected, meta.data, 64);
	th_ok(nvl_execute_command(rig.queue, &command, NULL));
	memset(meta.data, 0, 64);
	sqe.opcode = NVME_CMD_READ;
	th_ok(nvl_execute_command(rig.queue, &command, NULL));
	ck_assert_mem_eq(meta.data, expected, 64);
	tags.offset = 2;
	ck_assert_int_eq(nvl_execute_command(rig.queue, &command, NULL), -NVL_EINVAL);
	free(expected);
	th_rig_close(&rig);
}
END_TEST

START_TEST(raw_commands_are_copied_if_asked)
{
	/* A Write and a Read by opcode, from the heap. */
	struct nvme_sqe sqe = { .opcode = NVME_CMD_WRITE,
				.nsid = nvme_le32(1),
				.cdw12 = nvme_le32(7) };
	uint8_t *heap = malloc(8192);
	struct commands c;

	begin(&c);
	th_pattern(heap, 4096, 9);
	memset(heap + 4096, 0, 4096);
	th_ok(nvl_execute_copied(c.rig.queue, &sqe, heap, 4096, NULL));
	sqe.opcode = NVME_CMD_READ;
	th_ok(nvl_execute_copied(c.rig.queue, &sqe, heap + 4096, 4096, NULL));
	ck_assert_mem_eq(heap + 4096, heap, 4096);
	ck_assert_int_eq(nvl_execute_copied(c.rig.queue, &sqe, heap, 1 << 20, NULL), -NVL_EINVAL);
	free(heap);
	end(&c);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("commands");
	TCase *tcase = tcase_create("commands");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, compare_tells_equal_from_different);
	tcase_add_test(tcase, compare_and_write_is_one_operation);
	tcase_add_test(tcase, fused_commands_that_cannot_be_one_each_are_refused);
	tcase_add_loop_test(tcase, zeroes_are_written_without_data, 0, 2);
	tcase_add_test(tcase, a_range_longer_than_a_command_is_several);
	tcase_add_test(tcase, uncorrectable_blocks_are_found_by_verify_and_healed_by_a_write);
	tcase_add_test(tcase, ranges_are_deallocated);
	tcase_add_test(tcase, lists_that_are_empty_or_too_long_are_refused);
	tcase_add_test(tcase, blocks_are_copied_by_the_controller);
	tcase_add_loop_test(tcase, blocks_are_copied_by_the_controller, 2, 3);
	tcase_add_test(tcase, a_reservation_is_taken_seen_and_given_up);
	tcase_add_test(tcase, commands_call_back_once_with_what_the_controller_said);
	tcase_add_test(tcase, raw_commands_carry_metadata_and_memory_of_any_kind);
	tcase_add_test(tcase, raw_commands_are_copied_if_asked);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
