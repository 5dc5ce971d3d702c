/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/disk/disk.c: which namespaces can be bytes, and what statuses are called. */
#include <errno.h>
#include <string.h>

#include "driver/disk/disk.h"
#include "tests/harness/main.h"

/* struct ns_case - @why: what nvl_disk_check() says of @ns begins so; NULL: it can be bytes */
struct ns_case {
	struct nvl_ns ns;
	const char *why;
};

#define PLAIN .nsze = 8, .block_bytes = 512, .block_shift = 9

static const struct ns_case cases[] = {
	{ { PLAIN }, NULL },
	{ { PLAIN, .metadata_bytes = 8, .pi_bytes = 8, .pi_type = 1 }, NULL },
	{ { PLAIN, .metadata_bytes = 8, .pi_bytes = 8, .pi_type = 1, .extended = true }, NULL },
	{ { PLAIN, .metadata_bytes = 8 }, "metadata of 8 bytes a block" },
	{ { PLAIN, .metadata_bytes = 8, .extended = true }, "metadata of 8 bytes a block" },
	{ { PLAIN, .metadata_bytes = 16, .pi_bytes = 8, .pi_type = 1 },
	  "metadata of 16 bytes a block" },
	{ { .nsze = 8, .problem = NVL_REASON_NS_LBADS, .block_shift = NVL_REFUSED_SHIFT }, "" },
	{ { .nsze = UINT64_MAX >> 9, .block_bytes = 512, .block_shift = 9 }, "more bytes than" },
	{ { .nsze = INT64_MAX >> 9, .block_bytes = 512, .block_shift = 9 }, NULL },
};

/* NVM 1.0 5.2: bytes are the data of blocks, and no more is lost than can be made again. */
START_TEST(a_namespace_is_bytes_if_its_blocks_are_data_alone)
{
	const struct ns_case *test = &cases[_i];
	bool usable = !test->why;
	char reason[256];
	struct nvme_text why;

	nvme_text_init(&why, reason, sizeof(reason));
	ck_assert_int_eq(nvl_disk_check(&test->ns, &why), usable ? 0 : -EIO);
	ck_assert_int_eq(strncmp(reason, usable ? "" : test->why, usable ? 1 : strlen(test->why)),
			 0);
	ck_assert_uint_eq(nvl_disk_bytes(&test->ns),
			  usable ? test->ns.nsze << test->ns.block_shift : 0);
}
END_TEST

static const struct {
	int result;
	int error;
} errors[] = {
	{ 0, 0 },
	{ -NVL_ETIMEDOUT, -ETIMEDOUT },
	{ -NVL_ENODEV, -EIO },
	{ NVME_SC_UNRECOVERED_READ_ERROR | NVME_DNR, -ENODATA },
	{ NVME_SC_RESERVATION_CONFLICT, -EBADE },
	{ NVME_SC_GUARD_CHECK_ERROR | NVME_MORE, -EILSEQ },
	{ NVME_SC_LBA_OUT_OF_RANGE, -EIO },
};

START_TEST(a_status_has_the_errno_that_linux_gives_it)
{
	ck_assert_int_eq(nvl_disk_errno(errors[_i].result), errors[_i].error);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("driver/disk/disk");
	TCase *tcase = tcase_create("namespaces");

	tcase_add_loop_test(tcase, a_namespace_is_bytes_if_its_blocks_are_data_alone, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tcase, a_status_has_the_errno_that_linux_gives_it, 0,
			    sizeof(errors) / sizeof(errors[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
