/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands on the same blocks: what is promised not to be mixed, NVM 1.0 2.1.4. */
#include "common/bits.h"
#include "common/le.h"
#include "tests/harness/main.h"
#include "tests/protocol/two.h"

/* The second of two commands: whether it waits for the first, a write of blocks 8 to 11. */
static const struct {
	uint8_t opcode;
	uint64_t slba;
	uint32_t nlb;
	const char *keys;
	bool waits;
} overlaps[] = {
	{ NVME_CMD_WRITE, 11, 1, "", true },
	{ NVME_CMD_READ, 8, 1, "", true },
	{ NVME_CMD_WRITE, 12, 1, "", false },
	{ NVME_CMD_READ, 4, 4, "", false },
	{ NVME_CMD_WRITE_ZEROES, 0, 200, "", true }, /* in several granules */
	{ NVME_CMD_VERIFY, 9, 1, "", true },
	{ NVME_CMD_WRITE, 8, 4, "awun=2", false },	   /* neither is atomic */
	{ NVME_CMD_WRITE, 8, 3, "awun=2", true },	   /* one is */
	{ NVME_CMD_READ, 8, 3, "awun=2", false },	   /* the write is not */
	{ NVME_CMD_WRITE, 8, 4, "awun=2,nawun=3", true },  /* the namespace's own */
	{ NVME_CMD_WRITE, 8, 4, "nabsn=1,nabo=0", false }, /* both cross boundaries */
	{ NVME_CMD_WRITE, 10, 2, "nabsn=1,nabo=0", true }, /* this one does not */
	{ NVME_CMD_WRITE, 8, 4, "nabsn=7,nabo=0", true },
	{ NVME_CMD_WRITE, 8, 4, "nabsn=7,nabo=10", false }, /* the first boundary is at 10 */
};

START_TEST(an_atomic_write_is_not_mixed_with_what_overlaps_it)
{
	/* NVM 1.0 2.1.4, unverified */
	struct bench b = make(
		th_enabled(.io_queues = 1, .slow_media = true, .controller = overlaps[_i].keys));

	put(&b, command(&b, NVME_CMD_WRITE, 1, 8, 4), 0, true);
	put(&b, command(&b, overlaps[_i].opcode, 2, overlaps[_i].slba, overlaps[_i].nlb), 0, true);
	th_run(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), overlaps[_i].waits ? 1 : 2);
	th_check(b.h);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	ck_assert_uint_eq(th_media_pending(b.h), 1);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	th_free(b.h);
}
END_TEST

START_TEST(disable_normal_leaves_what_a_power_failure_leaves)
{
	/* Base 2.0 5.27.1.10, DN: only AWUPF counts. */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true));

	th_do(b.h, .opcode = NVME_ADMIN_SET_FEATURES, .cdw10 = NVME_FID_WRITE_ATOMICITY,
	      .cdw11 = 1);
	put(&b, command(&b, NVME_CMD_WRITE, 1, 8, 4), 0, true);
	put(&b, command(&b, NVME_CMD_WRITE, 2, 8, 4), 0, true);
	put(&b, command(&b, NVME_CMD_WRITE, 3, 8, 1), 0, true);
	th_run(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), 2);
	th_media(b.h, 0, 0);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	th_expect_cqe(b.h, .cqid = 1, .cid = 3);
	th_free(b.h);
}
END_TEST

START_TEST(who_waits_longest_goes_first)
{
	/* NVM 1.0 2.1.4: readers that come later do not overtake a writer that waits. */
	struct bench b = make(th_enabled(.io_queues = 1, .slow_media = true));

	put(&b, command(&b, NVME_CMD_READ, 1, 8, 1), 0, true);
	put(&b, command(&b, NVME_CMD_WRITE, 2, 8, 1), 0, true);
	put(&b, command(&b, NVME_CMD_READ, 3, 8, 1), 0, true);
	for (uint16_t cid = 1; cid <= 3; cid++) {
		th_run(b.h);
		ck_assert_uint_eq(th_media_pending(b.h), 1);
		th_media(b.h, 0, 0);
		th_run(b.h);
		th_expect_cqe(b.h, .cqid = 1, .cid = cid);
	}
	th_free(b.h);
}
END_TEST

/* A Copy of blocks 8 to 11 of namespace @nsid to block 100, and of 20 besides. */
static void put_copy(struct bench *b, uint16_t cid, uint32_t nsid)
{
	uint64_t list = th_alloc(b->h, 4096), behavior = th_alloc(b->h, 4096);
	struct nvme_copy_range *range = th_ptr(b->h, list);

	nvme_store_le16((uint8_t *)th_ptr(b->h, behavior) + 4, 0xc); /* CDFE */
	th_do(b->h, .opcode = NVME_ADMIN_SET_FEATURES, .prp1 = behavior,
	      .cdw10 = NVME_FID_HOST_BEHAVIOR);
	range[0] = (struct nvme_copy_range){ .snsid = nvme_le32(1), .slba = nvme_le64(20) };
	range[1] = (struct nvme_copy_range){ .snsid = nvme_le32(nsid),
					     .slba = nvme_le64(8),
					     .nlb = nvme_le16(3) };
	put(b,
	    (struct th_command){ .opcode = NVME_CMD_COPY,
				 .cid = cid,
				 .nsid = 1,
				 .prp1 = list,
				 .cdw10 = 100,
				 .cdw12 = 2 << 8 | 1 },
	    0, true);
	th_run(b->h);
}

/* The other one of two commands: whether it keeps out of a Copy of blocks 8 to 11, and of 20. */
static const struct {
	uint8_t opcode;
	uint32_t nsid, of; /* of the other one, and of the blocks 8 to 11 */
	uint64_t slba;
	uint32_t nlb;
	const char *keys;
	bool waits;
} sources[] = {
	{ NVME_CMD_WRITE, 1, 1, 11, 1, "", true },
	{ NVME_CMD_WRITE, 1, 1, 20, 1, "", true },
	{ NVME_CMD_WRITE_ZEROES, 1, 1, 0, 200, "awun=255", true },
	{ NVME_CMD_WRITE, 1, 1, 12, 8, "", false },
	{ NVME_CMD_READ, 1, 1, 8, 4, "", false },
	{ NVME_CMD_WRITE, 1, 1, 8, 4, "awun=2", false }, /* the write is not atomic */
	{ NVME_CMD_WRITE, 1, 3, 8, 4, "", false },
	{ NVME_CMD_WRITE, 3, 3, 8, 4, "", true },
	{ NVME_CMD_WRITE, 3, 1, 8, 4, "", false },
};

static void put_other(struct bench *b, uint16_t cid, int i)
{
	struct th_command c = command(b, sources[i].opcode, cid, sources[i].slba, sources[i].nlb);

	c.nsid = sources[i].nsid;
	put(b, c, 0, true);
	th_run(b->h);
}

static struct bench make_copying(int i)
{
	return make(th_enabled(.io_queues = 1, .slow_media = true, .ns2_blocks = 256,
			       .ns2_lbads = 9, .controller = sources[i].keys));
}

static void finish(struct bench *b)
{
	while (th_media_pending(b->h)) {
		th_media(b->h, 0, 0);
		th_run(b->h);
	}
}

START_TEST(an_atomic_write_waits_for_a_copy_that_reads_its_blocks)
{
	/* NVM 1.0 2.1.4 and 3.2.2, unverified: until the copy has ended, not its first piece. */
	struct bench b = make_copying(_i);

	put_copy(&b, 1, sources[_i].of);
	ck_assert_uint_eq(th_media_pending(b.h), 1);
	put_other(&b, 2, _i);
	ck_assert_uint_eq(th_media_pending(b.h), sources[_i].waits ? 1 : 2);
	th_check(b.h);
	if (!sources[_i].waits) {
		th_media(b.h, 1, 0);
		th_run(b.h);
		th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	}
	for (unsigned int turns = 4; turns > 0; turns--) { /* two reads, two writes */
		th_expect_none(b.h, 1);
		th_media(b.h, 0, 0);
		th_run(b.h);
	}
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	if (sources[_i].waits) {
		finish(&b);
		th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	}
	th_free(b.h);
}
END_TEST

START_TEST(a_copy_waits_for_an_atomic_write_to_its_sources)
{
	/* NVM 1.0 2.1.4 and 3.2.2, unverified */
	struct bench b = make_copying(_i);

	put_other(&b, 2, _i);
	put_copy(&b, 1, sources[_i].of);
	ck_assert_uint_eq(th_media_pending(b.h), sources[_i].waits ? 1 : 2);
	th_check(b.h);
	th_media(b.h, 0, 0);
	th_run(b.h);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	finish(&b);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_free(b.h);
}
END_TEST

START_TEST(writes_do_not_overtake_a_copy_that_waits)
{
	/* NVM 1.0 2.1.4: the second write would begin while the copy waits for the first one. */
	struct bench b = make_copying(0);

	put(&b, command(&b, NVME_CMD_WRITE, 2, 8, 1), 0, true);
	th_run(b.h);
	put_copy(&b, 1, 1);
	put(&b, command(&b, NVME_CMD_WRITE, 3, 20, 1), 0, true);
	th_run(b.h);
	ck_assert_uint_eq(th_media_pending(b.h), 1);
	finish(&b);
	th_expect_cqe(b.h, .cqid = 1, .cid = 2);
	th_expect_cqe(b.h, .cqid = 1, .cid = 1);
	th_expect_cqe(b.h, .cqid = 1, .cid = 3);
	th_free(b.h);
}
END_TEST

START_TEST(a_reset_lets_go_of_the_sources_of_a_copy)
{
	/* Base 2.0 3.7.2 */
	struct bench b = make_copying(0);

	put_copy(&b, 1, 1);
	put_other(&b, 2, 0);
	th_write32(b.h, NVME_REG_CC, 0x460000);
	th_run(b.h);
	finish(&b);
	th_check(b.h);
	th_enable(b.h, 16);
	th_create_queues(b.h, 1, 16);
	put_other(&b, 3, 0);
	finish(&b);
	th_expect_cqe(b.h, .cqid = 1, .cid = 3);
	th_free(b.h);
}
END_TEST

START_TEST(identify_tells_what_is_atomic)
{
	/* NVM 1.0 4.1.5.1 and Base 2.0 5.17.2.1 */
	struct bench b = make(th_enabled(.controller = "awun=9,awupf=3,acwu=5,nawupf=4,nabsn=15,"
						       "nabo=2"));
	const struct nvme_id_ctrl *ctrl = th_ptr(b.h, b.old);
	const struct nvme_id_ns *ns = th_ptr(b.h, b.new);

	th_do(b.h, .opcode = NVME_ADMIN_IDENTIFY, .prp1 = b.old, .cdw10 = NVME_CNS_CTRL);
	th_do(b.h, .opcode = NVME_ADMIN_IDENTIFY, .nsid = 1, .prp1 = b.new);
	ck_assert_uint_eq(nvme_cpu16(ctrl->awun), 9);
	ck_assert_uint_eq(nvme_cpu16(ctrl->awupf), 3);
	ck_assert_uint_eq(nvme_cpu16(ctrl->acwu), 5);
	ck_assert(NVME_GET(ns->nsfeat, NVME_ID_NS_NSFEAT_NSABP));
	ck_assert_uint_eq(nvme_cpu16(ns->nawun), 9);
	ck_assert_uint_eq(nvme_cpu16(ns->nawupf), 4);
	ck_assert_uint_eq(nvme_cpu16(ns->nacwu), 5);
	ck_assert_uint_eq(nvme_cpu16(ns->nabsn), 15);
	ck_assert_uint_eq(nvme_cpu16(ns->nabo), 2);
	th_free(b.h);
}
END_TEST

static Suite *atomic(void)
{
	Suite *suite = suite_create("atomic");
	TCase *tcase = tcase_create("atomic");

	tcase_add_loop_test(tcase, an_atomic_write_is_not_mixed_with_what_overlaps_it, 0,
			    sizeof(overlaps) / sizeof(overlaps[0]));
	tcase_add_test(tcase, disable_normal_leaves_what_a_power_failure_leaves);
	tcase_add_test(tcase, who_waits_longest_goes_first);
	tcase_add_loop_test(tcase, an_atomic_write_waits_for_a_copy_that_reads_its_blocks, 0, 9);
	tcase_add_loop_test(tcase, a_copy_waits_for_an_atomic_write_to_its_sources, 0, 9);
	tcase_add_test(tcase, writes_do_not_overtake_a_copy_that_waits);
	tcase_add_test(tcase, a_reset_lets_go_of_the_sources_of_a_copy);
	tcase_add_test(tcase, identify_tells_what_is_atomic);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { atomic };

	return th_main(suites, 1);
}
