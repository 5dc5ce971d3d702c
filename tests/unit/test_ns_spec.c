/* SPDX-License-Identifier: BSD-3-Clause */
/* Namespaces as text: what is read, and what a mistake is told. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/nvme_spec.h"
#include "emulator/device/device.h"
#include "tests/harness/main.h"

static const struct {
	const char *text;
	uint64_t size_bytes;
	uint32_t lba_bytes;
	uint32_t nsid;
	const char *file;
} good[] = {
	{ "size=1G", 1ull << 30, 512, 0, "" },
	{ "size=1P", 1ull << 50, 512, 0, "" },
	{ "size=512", 512, 512, 0, "" },
	{ "size=64K,lba=4K", 65536, 4096, 0, "" },
	{ "lba=4096", 64ull << 20, 4096, 0, "" },
	{ "nsid=7,size=8191P", 8191ull << 50, 512, 7, "" },
	{ "file=/a/b", 0, 512, 0, "/a/b" },
	{ "file=/a,,b=c,size=1M", 1 << 20, 512, 0, "/a,b=c" },
	{ "size=1M,file=,,", 1 << 20, 512, 0, "," },
};

START_TEST(what_is_written_is_what_is_read)
{
	struct emu_ns_spec spec;

	ck_assert_int_eq(emu_ns_spec_parse(&spec, good[_i].text, NULL), 0);
	ck_assert_uint_eq(spec.size_bytes, good[_i].size_bytes);
	ck_assert_uint_eq(spec.lba_bytes, good[_i].lba_bytes);
	ck_assert_uint_eq(spec.nsid, good[_i].nsid);
	ck_assert_str_eq(spec.file, good[_i].file);
}
END_TEST

START_TEST(an_export_and_a_cache_are_read)
{
	struct emu_ns_spec spec;

	ck_assert_int_eq(emu_ns_spec_parse(&spec, "nbd=nbd://host:1/a,,b,cache=64K", NULL), 0);
	ck_assert_str_eq(spec.nbd, "nbd://host:1/a,b");
	ck_assert_uint_eq(spec.cache_bytes, 65536);
	ck_assert_uint_eq(spec.size_bytes, 0);
	ck_assert_int_eq(emu_ns_spec_parse(&spec, "size=1M", NULL), 0);
	ck_assert_str_eq(spec.nbd, "");
	ck_assert_uint_eq(spec.cache_bytes, 0);
}
END_TEST

START_TEST(a_format_and_its_controllers_are_read)
{
	struct emu_ns_spec spec;
	const struct emu_ns_config *format = &spec.format;

	ck_assert_int_eq(emu_ns_spec_parse(&spec,
					   "lba=4K,ms=16,pi=2,guard=64,pil=first,meta=extended,"
					   "share=private,ctrl=3,anagrp=7,lbstm=0xff00",
					   NULL),
			 0);
	ck_assert_uint_eq(format->ms, 16);
	ck_assert_uint_eq(format->pi, 2);
	ck_assert_uint_eq(format->pif, NVME_PIF_64);
	ck_assert(format->pi_first && format->extended && format->exclusive && !format->detached);
	ck_assert_uint_eq(format->attached, 1 << 2);
	ck_assert_uint_eq(format->anagrpid, 7);
	ck_assert_uint_eq(format->lbstm_clear, ~0xff00ull);
	ck_assert_int_eq(emu_ns_spec_parse(&spec, "ctrl=1+16,guard=32,pil=last", NULL), 0);
	ck_assert_uint_eq(format->attached, 1 | 1 << 15);
	ck_assert(!format->pi_first && !format->exclusive);
	ck_assert_int_eq(emu_ns_spec_parse(&spec, "ctrl=none", NULL), 0);
	ck_assert(format->detached && format->attached == 0);
	ck_assert_int_eq(emu_ns_spec_parse(&spec, "ctrl=all,share=shared", NULL), 0);
	ck_assert(!format->detached && format->attached == 0);
}
END_TEST

/* @says: a part of the sentence, which names the key and what is allowed */
static const struct {
	const char *text;
	const char *says;
} wrong[] = {
	{ "", "KEY=VALUE" },
	{ ",", "KEY=VALUE" },
	{ "size", "KEY=VALUE" },
	{ "=1", "KEY=VALUE" },
	{ "size=1G,", "KEY=VALUE" },
	{ "colour=red", "size, file, nbd, cache, lba, nsid, ms" },
	{ "siz=1G", "size, file, nbd, cache, lba, nsid, ms" },
	{ "size=", "up to 8191P" },
	{ "size=0", "up to 8191P" },
	{ "size=-1", "up to 8191P" },
	{ "size=1X", "up to 8191P" },
	{ "size=8192P", "up to 8191P" },
	{ "size=99999999999999999999", "up to 8191P" },
	{ "size=1G,size=2G", "size is given twice" },
	{ "lba=256", "512 to 65536" },
	{ "lba=1000", "512 to 65536" },
	{ "lba=128K", "512 to 65536" },
	{ "lba=", "512 to 65536" },
	{ "size=1000", "not a multiple of lba=512" },
	{ "size=6K,lba=4K", "not a multiple of lba=4096" },
	{ "nsid=0", "from 1" },
	{ "nsid=4294967295", "from 1" },
	{ "file=", "1 to 4095 bytes" },
	{ "nbd=", "1 to 4095 bytes" },
	{ "nbd=nbd://host,file=/a", "file and nbd" },
	{ "cache=2G", "0 to 1G" },
	{ "cache=x", "0 to 1G" },
	{ "ms=4", "ms=4: 0, 8, 16 or 64" },
	{ "ms=", "0, 8, 16 or 64" },
	{ "pi=4", "from 0 (none) to 3" },
	{ "pi=-1", "from 0 (none) to 3" },
	{ "guard=8", "guard=8: one of 16, 32, 64" },
	{ "lbstm=all", "lbstm=all: a number of 64 bits" },
	{ "pil=middle", "pil=middle: one of last, first" },
	{ "meta=", "one of separate, extended" },
	{ "share=yes", "one of shared, private" },
	{ "ctrl=0", "controllers from 1 to 16" },
	{ "ctrl=17", "controllers from 1 to 16" },
	{ "ctrl=1+", "controllers from 1 to 16" },
	{ "ctrl=", "controllers from 1 to 16" },
	{ "ctrl=1:2", "controllers from 1 to 16" },
	{ "anagrp=0", "from 1 to" },
	{ "anagrp=4294967296", "from 1 to" },
};

START_TEST(a_mistake_is_named_with_what_is_allowed)
{
	struct emu_ns_spec spec = { .nsid = 99 };
	char buffer[512];
	struct nvme_text error;

	nvme_text_init(&error, buffer, sizeof(buffer));
	ck_assert_int_eq(emu_ns_spec_parse(&spec, wrong[_i].text, &error), -EINVAL);
	ck_assert_msg(strstr(buffer, wrong[_i].says), "'%s': %s", wrong[_i].text, buffer);
	ck_assert_uint_eq(spec.nsid, 99);
}
END_TEST

START_TEST(a_path_is_bounded)
{
	struct emu_ns_spec spec;
	char *text = calloc(1, 2 * EMU_PATH_BYTES);

	memcpy(text, "file=", 5);
	memset(text + 5, 'x', EMU_PATH_BYTES - 1);
	ck_assert_int_eq(emu_ns_spec_parse(&spec, text, NULL), 0);
	ck_assert_uint_eq(strlen(spec.file), EMU_PATH_BYTES - 1);
	text[5 + EMU_PATH_BYTES - 1] = 'x';
	ck_assert_int_eq(emu_ns_spec_parse(&spec, text, NULL), -EINVAL);
	memset(text + 5, 'x', 2 * EMU_PATH_BYTES - 6);
	ck_assert_int_eq(emu_ns_spec_parse(&spec, text, NULL), -EINVAL);
	free(text);
}
END_TEST

START_TEST(a_list_is_cut_at_single_commas)
{
	const char *list = "a,,b,c,,,,d,,";
	char item[8];

	ck_assert_int_eq(emu_list_next(&list, item, sizeof(item)), 0);
	ck_assert_str_eq(item, "a,b");
	ck_assert_int_eq(emu_list_next(&list, item, sizeof(item)), 0);
	ck_assert_str_eq(item, "c,,d,");
	ck_assert_int_eq(emu_list_next(&list, item, sizeof(item)), -ENOENT);
	list = "12345678";
	ck_assert_int_eq(emu_list_next(&list, item, sizeof(item)), -E2BIG);
}
END_TEST

START_TEST(every_key_is_described)
{
	unsigned int keys = 0;

	for (const struct emu_ns_key *key; (key = emu_ns_key(keys)); keys++) {
		ck_assert_uint_gt(strlen(key->name), 0);
		ck_assert_uint_gt(strlen(key->help), 20);
	}
	ck_assert_uint_eq(keys, 15);
}
END_TEST

static Suite *ns_spec(void)
{
	Suite *suite = suite_create("ns_spec");
	TCase *tcase = tcase_create("text");

	tcase_add_loop_test(tcase, what_is_written_is_what_is_read, 0,
			    (int)(sizeof(good) / sizeof(good[0])));

	tcase_add_test(tcase, an_export_and_a_cache_are_read);
	tcase_add_test(tcase, a_format_and_its_controllers_are_read);
	tcase_add_loop_test(tcase, a_mistake_is_named_with_what_is_allowed, 0,
			    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(tcase, a_path_is_bounded);
	tcase_add_test(tcase, a_list_is_cut_at_single_commas);
	tcase_add_test(tcase, every_key_is_described);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ ns_spec }, 1);
}
