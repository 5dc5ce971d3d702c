/* SPDX-License-Identifier: BSD-3-Clause */
/* The PCI function: configuration space, and MSI-X from the table to the vector that is raised. */
#include <string.h>

#include "common/bits.h"
#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define COMMAND	     0x04
#define BAR0	     0x10
#define PM_CONTROL   0x44
#define MSIX	     0xb0
#define MSIX_CONTROL 0xb2
#define ENABLE	     0x8000u
#define FUNCTION     0x4000u /* function mask */
#define MASKED	     1u

static uint32_t table(struct th_host *h, uint32_t vector, uint32_t word)
{
	return emu_layout_of(th_emu(h))->table_offset + 16 * vector + 4 * word;
}

static uint32_t pending(struct th_host *h)
{
	return th_read32(h, emu_layout_of(th_emu(h))->pba_offset);
}

static void complete_one(struct th_host *h, uint32_t qid, uint16_t cid)
{
	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
	th_expect_cqe(h, .cqid = qid, .cid = cid);
}

/* Nobody reads the completion. */
static void leave_one(struct th_host *h, uint32_t qid, uint16_t cid)
{
	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
}

START_TEST(the_function_is_an_nvme_controller)
{
	/* PCI Local Bus 3.0 6.1: class 010802h, type 0, one 64-bit memory BAR. */
	struct th_host *h = th_off(.controller = "vendor=0x1b36,device=0x10,subvendor=0x1af4,"
						 "subdevice=0x1100,revision=3");

	ck_assert_uint_eq(th_cfg_read(h, 0x00, 4), 0x00101b36);
	ck_assert_uint_eq(th_cfg_read(h, 0x08, 4), 0x01080203);
	ck_assert_uint_eq(th_cfg_read(h, 0x0e, 1), 0);
	ck_assert_uint_eq(th_cfg_read(h, 0x2c, 4), 0x11001af4);
	ck_assert_uint_eq(th_cfg_read(h, BAR0, 4) & 0xf, 4);
	for (uint32_t bar = BAR0 + 8; bar < 0x28; bar += 4)
		ck_assert_uint_eq(th_cfg_read(h, bar, 4), 0);
	th_free(h);
}
END_TEST

START_TEST(the_capabilities_form_a_chain_that_ends)
{
	/* PCI Local Bus 3.0 6.7 */
	struct th_host *h = th_off();
	bool found[256] = { false };
	uint32_t at = th_cfg_read(h, 0x34, 1), steps = 0;

	ck_assert_uint_eq(th_cfg_read(h, 6, 2) & 0x10, 0x10);
	while (at) {
		ck_assert(at >= 0x40 && at % 4 == 0 && ++steps < 48);
		ck_assert(!found[th_cfg_read(h, at, 1)]);
		found[th_cfg_read(h, at, 1)] = true;
		at = th_cfg_read(h, at + 1, 1);
	}
	ck_assert(found[0x01] && found[0x05] && found[0x10] && found[0x11]);
	ck_assert_uint_eq(steps, 4); /* PM, MSI, PCI Express, MSI-X */
	th_free(h);
}
END_TEST

/* Keys and what BAR0 becomes: at least 16 KiB, else the next power of two. */
static const struct {
	const char *keys;
	uint64_t bytes;
} bars[] = {
	{ "queues=1", 16384 },
	{ "queues=511,vectors=256", 16384 },
	{ "queues=512", 32768 },
	{ "queues=1,vectors=257", 32768 },
	{ "queues=1,dstrd=10", 32768 },
	{ "queues=65535", 1 << 20 },
	{ "queues=1023,dstrd=12,vectors=2048", 64 << 20 },
};

START_TEST(the_size_of_bar0_shows_in_the_bits_that_stay_zero)
{
	/* PCI Local Bus 3.0 6.2.5.1 */
	struct th_host *h = th_off(.controller = bars[_i].keys);
	const struct emu_layout *layout = emu_layout_of(th_emu(h));

	ck_assert_uint_eq(layout->bar0_bytes, bars[_i].bytes);
	th_cfg_write(h, BAR0, 4, 0xffffffff);
	th_cfg_write(h, BAR0 + 4, 4, 0xffffffff);
	ck_assert_uint_eq(th_cfg_read(h, BAR0, 4), (uint32_t) ~(bars[_i].bytes - 1) | 4);
	ck_assert_uint_eq(th_cfg_read(h, BAR0 + 4, 4), 0xffffffff);
	th_cfg_write(h, BAR0, 4, 0xfe000000);
	th_cfg_write(h, BAR0 + 4, 4, 0x12);
	ck_assert_uint_eq(th_cfg_read(h, BAR0, 4), (0xfe000000 & ~(bars[_i].bytes - 1)) | 4);
	ck_assert_uint_eq(th_cfg_read(h, BAR0 + 4, 4), 0x12);
	th_free(h);
}
END_TEST

START_TEST(table_and_pending_bits_lie_in_bar0_behind_the_doorbells)
{
	/* PCI Express 4.0 7.7.2 (unverified); MSI-X message control has the size, 0's based. */
	struct th_host *h = th_off(.controller = bars[_i].keys);
	const struct emu_layout *layout = emu_layout_of(th_emu(h));
	uint64_t doorbells = 8ull * (emu_config_of(th_emu(h))->queues + 1)
			     << emu_config_of(th_emu(h))->dstrd;

	ck_assert_uint_eq(th_cfg_read(h, MSIX_CONTROL, 2) & 0x7ff, layout->vectors - 1);
	ck_assert_uint_eq(th_cfg_read(h, MSIX + 4, 4), layout->table_offset);
	ck_assert_uint_eq(th_cfg_read(h, MSIX + 8, 4), layout->pba_offset);
	ck_assert_uint_ge(layout->doorbell_bytes, doorbells);
	ck_assert_uint_ge(layout->table_offset, 0x1000 + layout->doorbell_bytes);
	ck_assert_uint_ge(layout->pba_offset, layout->table_offset + 16 * layout->vectors);
	ck_assert_uint_le(layout->pba_offset + (layout->vectors + 63) / 64 * 8, layout->bar0_bytes);
	th_free(h);
}
END_TEST

START_TEST(read_only_bits_of_configuration_space_stay)
{
	/* PCI Local Bus 3.0 6.1: what is not writable, by a write of all ones everywhere. */
	struct th_host *h = th_off(.no_msix = true);
	/* Offset, and the bits of the dword that a host may change. */
	static const uint32_t writable[][2] = {
		{ 0x04, 0x00000547 }, { 0x0c, 0x000000ff },
		{ 0x10, 0xffffc000 }, { 0x14, 0xffffffff },
		{ 0x3c, 0x000000ff }, { 0x44, 0x00000003 },
		{ 0x48, 0x00710000 }, { 0x4c, 0xfffffffc },
		{ 0x50, 0xffffffff }, { 0x54, 0x0000ffff },
		{ 0x58, 0x000000ff }, { 0x68, 0x000078ff },
		{ 0x70, 0x000001fb }, { 0x88, 0x0000001f },
		{ 0x90, 0x0000000f }, { MSIX, (ENABLE | FUNCTION) << 16 },
	};

	for (uint32_t at = 0; at < 256; at += 4) {
		uint32_t before = th_cfg_read(h, at, 4), mask = 0, after;

		for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
			mask |= writable[i][0] == at ? writable[i][1] : 0;
		th_cfg_write(h, at, 4, at == 0x68 ? 0xffff7fff : 0xffffffff); /* not the reset */
		after = th_cfg_read(h, at, 4);
		if (after != (before | mask))
			ck_abort_msg("%02x: %08x became %08x", at, before, after);
		th_cfg_write(h, at, 4, before & 0xffff7fff);
	}
	th_free(h);
}
END_TEST

START_TEST(bytes_and_words_of_configuration_space_can_be_written)
{
	/* PCI Local Bus 3.0 6.1 */
	struct th_host *h = th_off(.no_msix = true);

	th_cfg_write(h, COMMAND + 1, 1, 0x04);
	ck_assert_uint_eq(th_cfg_read(h, COMMAND, 2), 0x0406);
	th_cfg_write(h, BAR0 + 3, 1, 0xab);
	ck_assert_uint_eq(th_cfg_read(h, BAR0, 4), 0xab000004);
	th_cfg_write(h, BAR0 + 2, 4, 0x12345678); /* across two registers */
	ck_assert_uint_eq(th_cfg_read(h, BAR0, 4), 0x56780004);
	ck_assert_uint_eq(th_cfg_read(h, BAR0 + 4, 4), 0x1234);
	th_free(h);
}
END_TEST

START_TEST(beyond_the_header_is_nothing)
{
	/* Extended configuration space is empty; behind 4096 bytes nobody answers. */
	struct th_host *h = th_off();
	uint8_t data[8];

	for (uint32_t at = 0x100; at < 0x1000; at += 4)
		ck_assert(th_cfg_read(h, at, 4) == 0);
	emu_cfg_read(th_emu(h), 0, 0xffc, data, 8);
	ck_assert_uint_eq(nvme_load_le32(data), 0);
	ck_assert_uint_eq(nvme_load_le32(data + 4), 0xffffffff);
	emu_cfg_read(th_emu(h), 0, UINT32_MAX - 1, data, 4);
	ck_assert_uint_eq(nvme_load_le32(data), 0xffffffff);
	th_cfg_write(h, 0x100, 4, 1);
	th_cfg_write(h, 0xfe, 4, 0xffffffff);
	th_cfg_write(h, UINT32_MAX - 1, 4, 0xffffffff);
	ck_assert_uint_eq(th_cfg_read(h, 0x100, 4), 0);
	th_free(h);
}
END_TEST

START_TEST(a_function_in_d3_does_no_dma)
{
	/* PCI Power Management 1.2 5.4.1: D3hot; No_Soft_Reset is set, so that all state stays. */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_cfg_write(h, PM_CONTROL, 2, 3);
	th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = 1, .nsid = 1);
	th_run(h);
	th_expect_none(h, 1);
	th_cfg_write(h, PM_CONTROL, 2, 0);
	th_ring_sq(h, 1, th_tail(h, 1)); /* what was rung in D3hot, nobody heard */
	th_run(h);
	th_expect_cqe(h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_read32(h, NVME_REG_CSTS), 1);
	th_free(h);
}
END_TEST

START_TEST(a_completion_raises_the_vector_of_its_queue)
{
	/* Base 2.0 5.4: IV of Create I/O Completion Queue; vector 0 for the admin queue. */
	struct th_host *h = th_enabled(.io_queues = 3);

	complete_one(h, 2, 1);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	ck_assert_uint_eq(th_irqs(h, 1) + th_irqs(h, 3), 0);
	ck_assert_uint_eq(pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(commands_rung_together_raise_one_interrupt)
{
	/* Base 2.0 3.3.3.2, unverified: one for all completions of a queue's turn. */
	struct th_host *h = th_enabled(.io_queues = 1);

	for (uint16_t cid = 0; cid < 10; cid++)
		th_fill(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_ring_sq(h, 1, th_tail(h, 1));
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	for (uint16_t cid = 0; cid < 10; cid++)
		th_expect_cqe(h, .cqid = 1, .cid = cid);
	th_free(h);
}
END_TEST

START_TEST(a_queue_without_interrupts_raises_none)
{
	/* Base 2.0 5.4: IEN */
	struct th_host *h = th_enabled();
	uint64_t cq = th_alloc(h, 4096), sq = th_alloc(h, 4096);
	struct nvme_sqe *slot = th_ptr(h, sq);

	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = 3 << 16 | 1,
	      .cdw11 = 2 << 16 | 1);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = 3 << 16 | 1,
	      .cdw11 = 1 << 16 | 1);
	slot->nsid = nvme_le32(1); /* a Flush */
	th_ring_sq(h, 1, 1);
	th_run(h);
	ck_assert(nvme_cqe_phase(th_ptr(h, cq)));
	ck_assert_uint_eq(th_irqs(h, 2), 0);
	ck_assert_uint_eq(pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(without_msix_the_vector_stays_pending)
{
	/* PCI Express 4.0 6.1.4.5 (unverified): enabling delivers it, once. */
	struct th_host *h = th_enabled(.io_queues = 1, .no_msix = true);

	leave_one(h, 1, 1);
	leave_one(h, 1, 2);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	ck_assert_uint_eq(pending(h) & 2, 2);
	th_cfg_write(h, MSIX_CONTROL, 2, ENABLE);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(the_function_mask_holds_all_vectors_back)
{
	/* PCI Express 4.0 7.7.2.2 (unverified) */
	struct th_host *h = th_enabled(.io_queues = 2);

	th_cfg_write(h, MSIX_CONTROL, 2, ENABLE | FUNCTION);
	leave_one(h, 1, 1);
	leave_one(h, 2, 2);
	ck_assert_uint_eq(th_irqs(h, 1) + th_irqs(h, 2), 0);
	ck_assert_uint_eq(pending(h), 6);
	th_cfg_write(h, MSIX_CONTROL + 1, 1, ENABLE >> 8);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	ck_assert_uint_eq(pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(a_vectors_mask_counts_from_the_first_write_to_its_entry)
{
	/* A client that keeps the table to itself never writes ours, and is not masked by it. */
	struct th_host *h = th_enabled(.io_queues = 2);

	ck_assert_uint_eq(th_read32(h, table(h, 1, 3)), MASKED);
	leave_one(h, 1, 1);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_write32(h, table(h, 1, 0), 0xfee00000); /* masked still, and now it counts */
	leave_one(h, 1, 2);
	leave_one(h, 2, 3);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	ck_assert_uint_eq(pending(h), 2);
	th_write32(h, table(h, 1, 3), 0);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(unmasking_delivers_what_is_pending_once)
{
	/* PCI Express 4.0 6.1.4.5 (unverified) */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_write32(h, table(h, 1, 3), MASKED);
	for (uint16_t cid = 0; cid < 5; cid++)
		leave_one(h, 1, cid);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	for (int i = 0; i < 3; i++)
		th_write32(h, table(h, 1, 3), 0);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_write32(h, table(h, 1, 3), MASKED);
	th_write32(h, table(h, 1, 3), 0);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_free(h);
}
END_TEST

START_TEST(the_table_keeps_what_is_written_and_the_pending_bits_do_not)
{
	/* PCI Express 4.0 7.7.2 (unverified): vector control has one bit; the PBA is read-only. */
	struct th_host *h = th_off();
	uint32_t pba = emu_layout_of(th_emu(h))->pba_offset;

	for (uint32_t word = 0; word < 4; word++)
		th_write32(h, table(h, 7, word), 0xa0b0c0d0 + word);
	ck_assert_uint_eq(th_read32(h, table(h, 7, 0)), 0xa0b0c0d0);
	ck_assert_uint_eq(th_read32(h, table(h, 7, 1)), 0xa0b0c0d1);
	ck_assert_uint_eq(th_read32(h, table(h, 7, 2)), 0xa0b0c0d2);
	ck_assert_uint_eq(th_read32(h, table(h, 7, 3)), 0xa0b0c0d3 & 1);
	th_write32(h, table(h, 0, 0), 0xfee01000); /* right behind the doorbells */
	ck_assert_uint_eq(th_read32(h, table(h, 0, 0)), 0xfee01000);
	th_write64(h, table(h, 6, 0), 0x1122334455667788);
	ck_assert_uint_eq(th_read64(h, table(h, 6, 0)), 0x1122334455667788);
	th_write32(h, table(h, 8, 0), 0xffffffff); /* behind the last of 8 vectors */
	ck_assert_uint_eq(th_read32(h, table(h, 8, 0)), 0);
	th_write64(h, pba, UINT64_MAX);
	ck_assert_uint_eq(th_read64(h, pba), 0);
	th_free(h);
}
END_TEST

START_TEST(nobody_to_tell_leaves_the_vector_pending_until_there_is)
{
	/* A client that takes its eventfd away and gives another: nothing is lost. */
	struct th_host *h = th_enabled(.io_queues = 2);

	th_refuse_irqs(h, true);
	leave_one(h, 1, 1);
	leave_one(h, 2, 2);
	ck_assert_uint_eq(pending(h), 6);
	emu_irq_changed(th_emu(h), 0, 1);
	th_run(h);
	ck_assert_uint_eq(pending(h), 6);
	th_refuse_irqs(h, false);
	emu_irq_changed(th_emu(h), 0, 0); /* not one of those */
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1) + th_irqs(h, 2), 0);
	emu_irq_changed(th_emu(h), 0, 1);
	emu_irq_changed(th_emu(h), 0, 2);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	ck_assert_uint_eq(pending(h), 0);
	th_free(h);
}
END_TEST

START_TEST(a_controller_reset_forgets_pending_interrupts_and_keeps_the_table)
{
	/* Base 2.0 3.7.2: MSI-X belongs to PCI; a function reset clears it. */
	struct th_host *h = th_enabled(.io_queues = 1);

	th_write32(h, table(h, 1, 0), 0xfee00000);
	leave_one(h, 1, 1);
	ck_assert_uint_eq(pending(h), 2);
	th_write32(h, NVME_REG_CC, 0);
	th_run(h);
	ck_assert_uint_eq(pending(h), 0);
	ck_assert_uint_eq(th_read32(h, table(h, 1, 0)), 0xfee00000);
	ck_assert_uint_eq(th_cfg_read(h, MSIX_CONTROL, 2) & ENABLE, ENABLE);
	th_cfg_write(h, 0x68, 2, 0x8000);
	th_run(h);
	ck_assert_uint_eq(th_read32(h, table(h, 1, 0)), 0);
	ck_assert_uint_eq(th_read32(h, table(h, 1, 3)), MASKED);
	ck_assert_uint_eq(th_cfg_read(h, MSIX_CONTROL, 2) & ENABLE, 0);
	th_free(h);
}
END_TEST

START_TEST(two_thousand_vectors_have_entries_and_pending_bits)
{
	struct th_host *h = th_enabled(.io_queues = 1, .controller = "vectors=2048",
				       .no_msix = true);
	uint32_t pba = emu_layout_of(th_emu(h))->pba_offset;

	leave_one(h, 1, 1);
	th_do(h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = 9, .cdw11 = 1 << 16 | 2047);
	ck_assert_uint_eq(pending(h), 2); /* the admin completion was read */
	for (uint32_t at = 4; at < 256 + 32; at += 4)
		ck_assert(th_read32(h, pba + at) == 0);
	th_write32(h, table(h, 2047, 2), 77);
	ck_assert_uint_eq(th_read32(h, table(h, 2047, 2)), 77);
	th_free(h);
}
END_TEST

static TCase *configuration_space(void)
{
	TCase *tcase = tcase_create("configuration space");
	int rows = sizeof(bars) / sizeof(bars[0]);

	tcase_add_test(tcase, the_function_is_an_nvme_controller);
	tcase_add_test(tcase, the_capabilities_form_a_chain_that_ends);
	tcase_add_loop_test(tcase, the_size_of_bar0_shows_in_the_bits_that_stay_zero, 0, rows);
	tcase_add_loop_test(tcase, table_and_pending_bits_lie_in_bar0_behind_the_doorbells, 0,
			    rows);
	tcase_add_test(tcase, read_only_bits_of_configuration_space_stay);
	tcase_add_test(tcase, bytes_and_words_of_configuration_space_can_be_written);
	tcase_add_test(tcase, beyond_the_header_is_nothing);
	tcase_add_test(tcase, a_function_in_d3_does_no_dma);
	return tcase;
}

static TCase *msix(void)
{
	TCase *tcase = tcase_create("MSI-X");

	tcase_add_test(tcase, a_completion_raises_the_vector_of_its_queue);
	tcase_add_test(tcase, commands_rung_together_raise_one_interrupt);
	tcase_add_test(tcase, a_queue_without_interrupts_raises_none);
	tcase_add_test(tcase, without_msix_the_vector_stays_pending);
	tcase_add_test(tcase, the_function_mask_holds_all_vectors_back);
	tcase_add_test(tcase, a_vectors_mask_counts_from_the_first_write_to_its_entry);
	tcase_add_test(tcase, unmasking_delivers_what_is_pending_once);
	tcase_add_test(tcase, the_table_keeps_what_is_written_and_the_pending_bits_do_not);
	tcase_add_test(tcase, nobody_to_tell_leaves_the_vector_pending_until_there_is);
	tcase_add_test(tcase, a_controller_reset_forgets_pending_interrupts_and_keeps_the_table);
	tcase_add_test(tcase, two_thousand_vectors_have_entries_and_pending_bits);
	return tcase;
}

static Suite *interrupts(void)
{
	Suite *suite = suite_create("interrupts");

	suite_add_tcase(suite, configuration_space());
	suite_add_tcase(suite, msix());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { interrupts };

	return th_main(suites, 1);
}
