/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/text.c: results and reasons in words. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

struct text_case {
	int result;
	const char *text;
};

static const struct text_case texts[] = {
	{ 0, "Successful Completion (0/00h)" },
	{ NVME_SC_LBA_OUT_OF_RANGE | NVME_DNR | NVME_MORE, "LBA Out of Range (0/80h, More, DNR)" },
	{ NVME_SC_INVALID_QUEUE_ID, "Invalid Queue Identifier (1/01h)" },
	{ NVME_SC_INTERNAL_ERROR | 2 << 11, "Internal Error (0/06h, CRD 2)" },
	{ -NVL_ETIMEDOUT, "no answer in time (ETIMEDOUT)" },
	{ -9999, "errno 9999" },
};

START_TEST(a_result_is_told_in_words)
{
	char buffer[128];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	nvl_result_text(texts[_i].result, &text);
	ck_assert_str_eq(buffer, texts[_i].text);
}
END_TEST

START_TEST(every_reason_has_a_sentence)
{
	ck_assert_uint_gt(strlen(nvl_reason_text((uint32_t)_i)), 0);
	ck_assert_str_eq(nvl_reason_text(NVL_REASONS), "");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_text");
	TCase *tcase = tcase_create("text");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_result_is_told_in_words, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_loop_test(tcase, every_reason_has_a_sentence, 1, NVL_REASONS);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
