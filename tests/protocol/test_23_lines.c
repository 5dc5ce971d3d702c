/* SPDX-License-Identifier: BSD-3-Clause */
/* INTx and MSI: what follows from completions that the host has not read yet. */
#include <string.h>

#include "tests/harness/host.h"
#include "tests/harness/main.h"

#define COMMAND	     0x04
#define STATUS	     0x06
#define PIN	     0x3d
#define MSI	     0x48
#define MSI_CONTROL  0x4a
#define MSI_MASK     0x58
#define MSI_PENDING  0x5c
#define MSIX_CONTROL 0xb2
#define ENABLE	     1u
#define MULTIPLE(n)  ((n) << 4) /* 2^n messages */
#define DISABLE_INTX 0x0406
#define ALLOW_INTX   0x0006
#define INTX_STATUS  0x8u

static uint32_t status(struct th_host *h)
{
	return th_cfg_read(h, STATUS, 2) & INTX_STATUS;
}

/* A completion in queue @qid that nobody reads. */
static void leave_one(struct th_host *h, uint32_t qid, uint16_t cid)
{
	th_io(h, qid, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
	th_run(h);
}

static void read_one(struct th_host *h, uint32_t qid, uint16_t cid)
{
	th_expect_cqe(h, .cqid = qid, .cid = cid);
	th_run(h);
}

static unsigned int all_irqs(struct th_host *h)
{
	unsigned int count = 0;

	for (uint32_t vector = 0; vector < TH_VECTORS; vector++)
		count += th_irqs(h, vector);
	return count;
}

/* A controller with MSI of 2^@multiple messages; the I/O queues have vectors of their own. */
static struct th_host *with_msi(uint32_t multiple, uint32_t io_queues)
{
	struct th_host *h = th_off(.no_msix = true);

	th_cfg_write(h, MSI_CONTROL, 2, MULTIPLE(multiple) | ENABLE);
	th_enable(h, 16);
	for (uint32_t qid = 1; qid <= io_queues; qid++)
		th_create_queues(h, qid, 16);
	all_irqs(h);
	return h;
}

START_TEST(the_line_is_asserted_while_something_is_unread)
{
	/* Base 1.4 7.5.1, unverified: a level, not an edge. */
	struct th_host *h = th_enabled(.io_queues = 2, .intx = true);

	ck_assert(!th_line(h) && !status(h));
	leave_one(h, 1, 1);
	ck_assert(th_line(h) && status(h));
	leave_one(h, 2, 2);
	leave_one(h, 2, 3);
	read_one(h, 1, 1);
	ck_assert(th_line(h));
	read_one(h, 2, 2);
	ck_assert(th_line(h));
	read_one(h, 2, 3);
	ck_assert(!th_line(h) && !status(h));
	ck_assert_uint_eq(all_irqs(h), 0); /* no message */
	th_free(h);
}
END_TEST

START_TEST(an_admin_completion_asserts_the_line_too)
{
	/* Base 1.4 7.5.1, unverified */
	struct th_host *h = th_enabled(.intx = true);

	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 7);
	th_run(h);
	ck_assert(th_line(h));
	th_expect_cqe(h, .cid = 7);
	th_run(h);
	ck_assert(!th_line(h));
	th_free(h);
}
END_TEST

START_TEST(intms_masks_the_line_and_intmc_brings_it_back)
{
	/* Base 2.0 3.1.3.3 and 3.1.3.4: bit 0 is the line's. */
	struct th_host *h = th_enabled(.io_queues = 1, .intx = true);

	leave_one(h, 1, 1);
	th_write32(h, NVME_REG_INTMS, 0xfffffffe); /* others */
	th_run(h);
	ck_assert(th_line(h));
	th_write32(h, NVME_REG_INTMS, 1);
	th_run(h);
	ck_assert(!th_line(h));
	leave_one(h, 1, 2);
	ck_assert(!th_line(h));
	th_write32(h, NVME_REG_INTMC, 1);
	th_run(h);
	ck_assert(th_line(h));
	th_write32(h, NVME_REG_INTMS, 1);
	read_one(h, 1, 1);
	read_one(h, 1, 2);
	th_write32(h, NVME_REG_INTMC, 1);
	th_run(h);
	ck_assert(!th_line(h)); /* read meanwhile: nothing comes late */
	th_free(h);
}
END_TEST

START_TEST(interrupt_disable_takes_the_line_but_not_the_status)
{
	/* PCI Local Bus 3.0 6.2.2 and 6.2.3, unverified */
	struct th_host *h = th_enabled(.io_queues = 1, .intx = true);

	th_cfg_write(h, COMMAND, 2, DISABLE_INTX);
	leave_one(h, 1, 1);
	ck_assert(!th_line(h) && status(h));
	th_cfg_write(h, COMMAND, 2, ALLOW_INTX);
	th_run(h);
	ck_assert(th_line(h));
	th_cfg_write(h, STATUS, 2, 0xffff); /* read-only */
	ck_assert(status(h));
	th_cfg_write(h, COMMAND, 2, DISABLE_INTX);
	th_run(h);
	ck_assert(!th_line(h) && status(h));
	read_one(h, 1, 1);
	ck_assert(!status(h));
	th_free(h);
}
END_TEST

START_TEST(a_queue_without_interrupts_does_not_touch_the_line)
{
	/* Base 2.0 5.4: IEN */
	struct th_host *h = th_enabled(.intx = true);
	uint64_t cq = th_alloc(h, 4096), sq = th_alloc(h, 4096);
	struct nvme_sqe *slot = th_ptr(h, sq);

	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = 3 << 16 | 1,
	      .cdw11 = 2 << 16 | 1); /* its vector means nothing then */
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_SQ, .prp1 = sq, .cdw10 = 3 << 16 | 1,
	      .cdw11 = 1 << 16 | 1);
	slot->nsid = nvme_le32(1);
	th_ring_sq(h, 1, 1);
	th_run(h);
	ck_assert(nvme_cqe_phase(th_ptr(h, cq)));
	ck_assert(!th_line(h));
	th_free(h);
}
END_TEST

START_TEST(the_line_knows_no_vector_but_0)
{
	/* Base 2.0 5.4: IV is 0 for pin-based interrupts and a single MSI message. */
	struct th_host *h = th_enabled(.intx = true);
	uint64_t cq = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq,
				  .cdw10 = 3 << 16 | 1, .cdw11 = 1 << 16 | 3),
			  NVME_SC_INVALID_INTERRUPT_VECTOR);
	th_do(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq, .cdw10 = 3 << 16 | 1, .cdw11 = 3);
	th_free(h);
}
END_TEST

START_TEST(msix_silences_the_line)
{
	/* PCI Express 4.0 6.1.4, unverified: a function that uses MSI-X asserts no INTx. */
	struct th_host *h = th_enabled(.io_queues = 1, .intx = true);

	leave_one(h, 1, 1);
	ck_assert(th_line(h));
	th_cfg_write(h, MSIX_CONTROL, 2, 0x8000);
	th_run(h);
	ck_assert(!th_line(h) && !status(h));
	ck_assert_uint_eq(th_irqs(h, 0), 1); /* what was unread, told in the new way */
	th_cfg_write(h, MSIX_CONTROL, 2, 0);
	th_run(h);
	ck_assert(th_line(h));
	th_free(h);
}
END_TEST

/* What ends everything that was unread. */
static void reset_controller(struct th_host *h)
{
	th_write32(h, NVME_REG_CC, 0);
}

static void reset_function(struct th_host *h)
{
	th_cfg_write(h, 0x68, 2, 0x8000);
}

static void reset_subsystem(struct th_host *h)
{
	th_write32(h, NVME_REG_NSSR, NVME_NSSR_RESET);
}

static void (*const resets[])(struct th_host *h) = { reset_controller, reset_function,
						     reset_subsystem };

START_TEST(a_reset_lets_the_line_go)
{
	/* Base 2.0 3.7.2: completion queues are gone. */
	struct th_host *h = th_enabled(.io_queues = 1, .intx = true);

	leave_one(h, 1, 1);
	ck_assert(th_line(h));
	resets[_i](h);
	th_run(h);
	ck_assert(!th_line(h) && !status(h));
	th_free(h);
}
END_TEST

START_TEST(a_deleted_queue_lets_the_line_go)
{
	/* Base 2.0 5.5: what it held is nobody's any more. */
	struct th_host *h = th_enabled(.io_queues = 1, .intx = true);

	leave_one(h, 1, 1);
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_SQ, .cdw10 = 1);
	th_run(h);
	ck_assert(th_line(h));
	th_do(h, .opcode = NVME_ADMIN_DELETE_IO_CQ, .cdw10 = 1);
	th_run(h);
	ck_assert(!th_line(h));
	th_free(h);
}
END_TEST

START_TEST(the_line_of_one_controller_is_not_the_others)
{
	struct th_host *h = th_enabled(.intx = true, .controllers = 2);

	th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = 1);
	th_run(h);
	ck_assert(th_line(h));
	th_ctrl(h, 1);
	ck_assert(!th_line(h) && !status(h));
	th_free(h);
}
END_TEST

START_TEST(msi_sends_one_message_for_what_comes_until_it_is_read)
{
	/* Base 1.4 7.5.1, unverified: a message when the status of a vector goes from 0 to 1. */
	struct th_host *h = with_msi(0, 0);

	ck_assert_uint_eq(emu_irq_mode(th_emu(h), 0), EMU_IRQ_MSI);
	for (uint16_t cid = 1; cid <= 3; cid++) {
		th_admin(h, .opcode = NVME_ADMIN_KEEP_ALIVE, .cid = cid);
		th_run(h);
	}
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	for (uint16_t cid = 1; cid <= 3; cid++)
		th_expect_cqe(h, .cid = cid);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 0), 0);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE);
	ck_assert_uint_eq(th_irqs(h, 0), 1);
	ck_assert(!th_line(h) && !status(h));
	th_free(h);
}
END_TEST

START_TEST(msi_tells_what_the_host_missed_while_it_read)
{
	/*
	 * Base 1.4 7.5.1, unverified: when some of it is read, a new message. The host looked, then
	 * cid 3 came, then the host moved its head: it may not look again.
	 */
	struct th_host *h = with_msi(1, 1);

	leave_one(h, 1, 1);
	leave_one(h, 1, 2);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	leave_one(h, 1, 3);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_ring_cq(h, 1, 2);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_ring_cq(h, 1, 3);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	th_free(h);
}
END_TEST

START_TEST(msi_tells_what_comes_together_with_the_head)
{
	/* Base 1.4 7.5.1, unverified: all is read and something new is there in one turn. */
	struct th_host *h = with_msi(1, 1);

	for (uint16_t cid = 1; cid <= 20; cid++) {
		th_io(h, 1, .opcode = NVME_CMD_FLUSH, .cid = cid, .nsid = 1);
		if (cid > 1)
			th_expect_cqe(h, .cqid = 1, .cid = (uint16_t)(cid - 1));
		th_run(h);
		ck_assert_uint_eq(th_irqs(h, 1), 1);
	}
	th_free(h);
}
END_TEST

START_TEST(multiple_msi_has_a_message_for_each_vector)
{
	/* Base 1.4 7.5.1, unverified */
	struct th_host *h = with_msi(3, 3);

	leave_one(h, 2, 1);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	leave_one(h, 3, 2);
	leave_one(h, 2, 3);
	ck_assert_uint_eq(th_irqs(h, 3), 1);
	ck_assert_uint_eq(all_irqs(h), 0);
	th_ring_cq(h, 2, 2);
	th_run(h);
	leave_one(h, 2, 4);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	ck_assert_uint_eq(all_irqs(h), 0);
	th_free(h);
}
END_TEST

START_TEST(fewer_messages_tell_everything_that_is_unread_again)
{
	/* PCI Local Bus 3.0 6.8.1.3, unverified: vectors 1 and 3 of eight are 1 of two */
	struct th_host *h = with_msi(3, 3);

	leave_one(h, 1, 1);
	leave_one(h, 3, 2);
	ck_assert_uint_eq(all_irqs(h), 2);
	th_cfg_write(h, MSI_CONTROL, 2, MULTIPLE(1) | ENABLE);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(all_irqs(h), 0);
	th_cfg_write(h, MSI_CONTROL, 2, 0);
	th_cfg_write(h, COMMAND, 2, ALLOW_INTX);
	th_run(h);
	ck_assert(th_line(h));
	th_check(h);
	read_one(h, 1, 1);
	ck_assert(th_line(h));
	read_one(h, 3, 2);
	ck_assert(!th_line(h));
	th_check(h);
	th_free(h);
}
END_TEST

START_TEST(a_vector_that_was_not_granted_is_refused)
{
	/* Base 2.0 5.4: IV beyond MSICAP.MC.MME */
	struct th_host *h = with_msi(1, 1);
	uint64_t cq = th_alloc(h, 4096);

	ck_assert_uint_eq(th_code(h, .opcode = NVME_ADMIN_CREATE_IO_CQ, .prp1 = cq,
				  .cdw10 = 3 << 16 | 2, .cdw11 = 2 << 16 | 3),
			  NVME_SC_INVALID_INTERRUPT_VECTOR);
	th_free(h);
}
END_TEST

START_TEST(a_masked_message_pends_and_unmasking_sends_it)
{
	/* PCI Local Bus 3.0 6.8.1.7 to 6.8.1.9, unverified */
	struct th_host *h = with_msi(3, 2);

	th_cfg_write(h, MSI_MASK, 4, 0x6);
	leave_one(h, 1, 1);
	leave_one(h, 2, 2);
	ck_assert_uint_eq(all_irqs(h), 0);
	ck_assert_uint_eq(th_cfg_read(h, MSI_PENDING, 4), 0x6);
	th_cfg_write(h, MSI_PENDING, 4, 0); /* read-only */
	th_cfg_write(h, MSI_MASK, 4, 0x4);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(th_cfg_read(h, MSI_PENDING, 4), 0x4);
	read_one(h, 2, 2); /* nothing is unread: nothing pends */
	ck_assert_uint_eq(th_cfg_read(h, MSI_PENDING, 4), 0);
	th_cfg_write(h, MSI_MASK, 4, 0);
	th_run(h);
	ck_assert_uint_eq(all_irqs(h), 0);
	th_free(h);
}
END_TEST

START_TEST(intms_holds_a_message_back_without_a_pending_bit)
{
	/* Base 1.4 7.5.1, unverified: INTMS masks before the logic of MSI. */
	struct th_host *h = with_msi(3, 2);

	th_write32(h, NVME_REG_INTMS, 1 << 1);
	leave_one(h, 1, 1);
	leave_one(h, 2, 2);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	ck_assert_uint_eq(th_irqs(h, 2), 1);
	ck_assert_uint_eq(th_cfg_read(h, MSI_PENDING, 4), 0);
	th_write32(h, NVME_REG_INTMC, 1 << 1);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_write32(h, NVME_REG_INTMS, 1 << 1);
	th_run(h);
	th_write32(h, NVME_REG_INTMC, 1 << 1); /* unread still: a mask that goes is an edge */
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_free(h);
}
END_TEST

START_TEST(nobody_to_tell_leaves_a_message_pending)
{
	/* A client that takes its eventfd away and gives another: nothing is lost. */
	struct th_host *h = with_msi(3, 1);

	th_refuse_irqs(h, true);
	leave_one(h, 1, 1);
	ck_assert_uint_eq(th_cfg_read(h, MSI_PENDING, 4), 2);
	th_refuse_irqs(h, false);
	emu_irq_changed(th_emu(h), 0, 1);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	ck_assert_uint_eq(th_cfg_read(h, MSI_PENDING, 4), 0);
	th_free(h);
}
END_TEST

/* vectors, and Multiple Message Capable: log2, rounded down, of 32 at most */
static const struct {
	const char *keys;
	uint32_t mmc;
} capable[] = {
	{ "vectors=1", 0 },  { "vectors=2", 1 },  { "vectors=3", 1 },	 { "vectors=8", 3 },
	{ "vectors=31", 4 }, { "vectors=32", 5 }, { "vectors=2048", 5 },
};

START_TEST(the_msi_capability_says_how_many_messages_there_are)
{
	/* PCI Local Bus 3.0 6.8.1.3, unverified: 64-bit addresses, per-vector masking */
	struct th_host *h = th_off(.controller = capable[_i].keys, .no_msix = true);
	uint32_t messages = 1u << capable[_i].mmc;

	ck_assert_uint_eq(th_cfg_read(h, MSI, 1), 5);
	ck_assert_uint_eq(th_cfg_read(h, MSI_CONTROL, 2), 0x180 | capable[_i].mmc << 1);
	th_cfg_write(h, MSI_MASK, 4, 0xffffffff);
	ck_assert_uint_eq(th_cfg_read(h, MSI_MASK, 4), (uint32_t)((1ull << messages) - 1));
	th_cfg_write(h, MSI_CONTROL, 2, MULTIPLE(7) | ENABLE); /* as many as there are */
	th_cfg_write(h, MSI + 4, 4, 0xfee00fff);
	ck_assert_uint_eq(th_cfg_read(h, MSI + 4, 4), 0xfee00ffc);
	th_free(h);
}
END_TEST

START_TEST(what_is_not_configured_is_not_there)
{
	/* Keys msix, msi, intx: capabilities and pin. */
	struct th_host *h = th_off(.controller = "msix=false,msi=false,intx=false",
				   .no_msix = true);
	uint32_t at = th_cfg_read(h, 0x34, 1);
	uint32_t table = emu_layout_of(th_emu(h))->table_offset;

	for (; at; at = th_cfg_read(h, at + 1, 1))
		ck_assert(th_cfg_read(h, at, 1) == 0x01 || th_cfg_read(h, at, 1) == 0x10);
	ck_assert_uint_eq(th_cfg_read(h, PIN, 1), 0);
	th_cfg_write(h, MSI_CONTROL, 2, 0xffff);
	th_cfg_write(h, MSI_MASK, 4, 0xffffffff);
	th_cfg_write(h, MSIX_CONTROL, 2, 0xffff);
	ck_assert_uint_eq(th_cfg_read(h, MSI_CONTROL, 2), 0);
	ck_assert_uint_eq(th_cfg_read(h, MSI_MASK, 4), 0);
	ck_assert_uint_eq(th_cfg_read(h, MSIX_CONTROL, 2), 0);
	th_write32(h, table, 0xfee00000);
	ck_assert_uint_eq(th_read32(h, table), 0);
	ck_assert_uint_eq(emu_irq_mode(th_emu(h), 0), EMU_IRQ_NONE);
	th_cfg_write(h, COMMAND, 2, ALLOW_INTX);
	th_enable(h, 16);
	th_do(h, .opcode = NVME_ADMIN_KEEP_ALIVE); /* polled, it works all the same */
	ck_assert(!th_line(h) && !status(h));
	ck_assert_uint_eq(all_irqs(h), 0);
	th_free(h);
}
END_TEST

START_TEST(msix_and_msi_at_once_are_msix)
{
	/* PCI Express 4.0 6.1.4: a host must not; then the richer one rules (unverified). */
	struct th_host *h = with_msi(3, 1);

	th_cfg_write(h, MSIX_CONTROL, 2, 0x8000);
	ck_assert_uint_eq(emu_irq_mode(th_emu(h), 0), EMU_IRQ_MSIX);
	leave_one(h, 1, 1);
	leave_one(h, 1, 2);
	ck_assert_uint_eq(th_irqs(h, 1), 2); /* a message for each turn */
	th_free(h);
}
END_TEST

START_TEST(what_was_read_while_its_vector_was_masked_pends_no_longer)
{
	/* PCI Express 4.0 6.1.4.5, unverified: a satisfied event clears its pending bit. */
	struct th_host *h = th_enabled(.io_queues = 2);
	const struct emu_layout *layout = emu_layout_of(th_emu(h));

	th_write32(h, layout->table_offset + 16 + 12, 1);
	leave_one(h, 1, 1);
	leave_one(h, 1, 2);
	ck_assert_uint_eq(th_read32(h, layout->pba_offset), 2);
	read_one(h, 1, 1);
	ck_assert_uint_eq(th_read32(h, layout->pba_offset), 2);
	read_one(h, 1, 2);
	ck_assert_uint_eq(th_read32(h, layout->pba_offset), 0);
	th_write32(h, layout->table_offset + 16 + 12, 0);
	th_run(h);
	ck_assert_uint_eq(th_irqs(h, 1), 0);
	leave_one(h, 1, 3);
	ck_assert_uint_eq(th_irqs(h, 1), 1);
	th_free(h);
}
END_TEST

static TCase *line(void)
{
	TCase *tcase = tcase_create("INTx");

	tcase_add_test(tcase, the_line_is_asserted_while_something_is_unread);
	tcase_add_test(tcase, an_admin_completion_asserts_the_line_too);
	tcase_add_test(tcase, intms_masks_the_line_and_intmc_brings_it_back);
	tcase_add_test(tcase, interrupt_disable_takes_the_line_but_not_the_status);
	tcase_add_test(tcase, a_queue_without_interrupts_does_not_touch_the_line);
	tcase_add_test(tcase, the_line_knows_no_vector_but_0);
	tcase_add_test(tcase, msix_silences_the_line);
	tcase_add_loop_test(tcase, a_reset_lets_the_line_go, 0, 3);
	tcase_add_test(tcase, a_deleted_queue_lets_the_line_go);
	tcase_add_test(tcase, the_line_of_one_controller_is_not_the_others);
	return tcase;
}

static TCase *messages(void)
{
	TCase *tcase = tcase_create("MSI");

	tcase_add_test(tcase, msi_sends_one_message_for_what_comes_until_it_is_read);
	tcase_add_test(tcase, msi_tells_what_the_host_missed_while_it_read);
	tcase_add_test(tcase, msi_tells_what_comes_together_with_the_head);
	tcase_add_test(tcase, fewer_messages_tell_everything_that_is_unread_again);
	tcase_add_test(tcase, multiple_msi_has_a_message_for_each_vector);
	tcase_add_test(tcase, a_vector_that_was_not_granted_is_refused);
	tcase_add_test(tcase, a_masked_message_pends_and_unmasking_sends_it);
	tcase_add_test(tcase, intms_holds_a_message_back_without_a_pending_bit);
	tcase_add_test(tcase, nobody_to_tell_leaves_a_message_pending);
	tcase_add_loop_test(tcase, the_msi_capability_says_how_many_messages_there_are, 0,
			    sizeof(capable) / sizeof(capable[0]));
	tcase_add_test(tcase, what_is_not_configured_is_not_there);
	tcase_add_test(tcase, msix_and_msi_at_once_are_msix);
	tcase_add_test(tcase, what_was_read_while_its_vector_was_masked_pends_no_longer);
	return tcase;
}

static Suite *lines(void)
{
	Suite *suite = suite_create("lines and messages");

	suite_add_tcase(suite, line());
	suite_add_tcase(suite, messages());
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { lines };

	return th_main(suites, 1);
}
