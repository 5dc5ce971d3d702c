/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of configuration keys: what is accepted, how the rest is refused, what follows. */
#include <stdlib.h>
#include <string.h>

#include "emulator/core/config.h"
#include "emulator/core/emu.h"
#include "tests/harness/main.h"

static char message[400];
static struct nvme_text error;

static void no_message(void)
{
	nvme_text_init(&error, message, sizeof(message));
}

static int set(struct emu_config *config, const char *key, const char *value)
{
	no_message();
	return emu_config_set(config, key, strlen(key), value, strlen(value), &error);
}

static int check(const struct emu_config *config)
{
	no_message();
	return emu_config_check(config, &error);
}

static struct emu_config initial(void)
{
	struct emu_config config;

	emu_config_init(&config);
	return config;
}

static struct emu_config with_ns(uint64_t blocks, uint32_t lbads)
{
	struct emu_config config = initial();
	struct emu_ns_config ns = { .nsid = 1, .blocks = blocks, .lbads = lbads };

	no_message();
	ck_assert_int_eq(emu_config_add_ns(&config, &ns, &error), 0);
	return config;
}

static unsigned int count_keys(void)
{
	unsigned int count = 0;

	while (emu_config_key(count))
		count++;
	return count;
}

static unsigned int count_profiles(void)
{
	unsigned int count = 0;

	while (emu_profile_name(count))
		count++;
	return count;
}

START_TEST(every_row_of_the_table_is_complete_and_its_own)
{
	const struct emu_key *key = emu_config_key((unsigned int)_i);

	ck_assert(key->name[0] && key->help[0] && key->min <= key->max);
	ck_assert_uint_lt(key->offset, sizeof(struct emu_config));
	ck_assert(key->help[strlen(key->help) - 1] != '.');
	for (unsigned int i = 0; i < (unsigned int)_i; i++) {
		ck_assert_str_ne(emu_config_key(i)->name, key->name);
		ck_assert_uint_ne(emu_config_key(i)->offset, key->offset);
	}
}
END_TEST

START_TEST(what_is_printed_is_read_back_for_every_profile)
{
	const struct emu_key *key = emu_config_key((unsigned int)_i);

	for (unsigned int p = 0; emu_profile_name(p); p++) {
		struct emu_config config = initial(), other = initial();
		char value[256], again[256];
		struct nvme_text text;

		no_message();
		ck_assert_int_eq(emu_config_profile(&config, emu_profile_name(p), &error), 0);
		nvme_text_init(&text, value, sizeof(value));
		emu_config_print(&config, key, &text);
		ck_assert_msg(set(&other, key->name, value) == 0, "%s", message);
		nvme_text_init(&text, again, sizeof(again));
		emu_config_print(&other, key, &text);
		ck_assert_str_eq(value, again);
	}
}
END_TEST

/* The value of a key of a number, as the table says where it is. */
static uint64_t number(const struct emu_config *config, const struct emu_key *key)
{
	const uint8_t *at = (const uint8_t *)config + key->offset;
	uint64_t wide;
	uint32_t narrow;

	memcpy(&wide, at, sizeof(wide));
	memcpy(&narrow, at, sizeof(narrow));
	return key->type == EMU_KEY_DURATION ? wide : narrow;
}

static void print(const struct emu_key *key, uint64_t value, char *buffer, size_t bytes)
{
	struct nvme_text text;

	nvme_text_init(&text, buffer, bytes);
	if (key->type == EMU_KEY_DURATION) {
		nvme_text_u64(&text, value);
		nvme_text_add(&text, "ns");
	} else {
		nvme_text_u64(&text, value);
	}
}

START_TEST(the_ends_of_a_range_are_in_it_and_what_is_beyond_is_not)
{
	const struct emu_key *key = emu_config_key((unsigned int)_i);
	struct emu_config config = initial();
	uint64_t before = number(&config, key);
	char value[40];

	if (key->type != EMU_KEY_NUMBER && key->type != EMU_KEY_DURATION)
		return;
	print(key, key->max + 1, value, sizeof(value));
	ck_assert_int_eq(set(&config, key->name, value), -22);
	if (key->min > 0) {
		print(key, key->min - 1, value, sizeof(value));
		ck_assert_int_eq(set(&config, key->name, value), -22);
	}
	print(key, key->max + (1ull << 32), value, sizeof(value)); /* 32 bits would lose it */
	ck_assert_int_eq(set(&config, key->name, value), -22);
	ck_assert_uint_eq(number(&config, key), before);
	print(key, key->min, value, sizeof(value));
	ck_assert_int_eq(set(&config, key->name, value), 0);
	ck_assert_uint_eq(number(&config, key), key->min);
	print(key, key->max, value, sizeof(value));
	ck_assert_int_eq(set(&config, key->name, value), 0);
	ck_assert_uint_eq(number(&config, key), key->max);
}
END_TEST

START_TEST(a_member_that_was_set_directly_is_checked_as_well)
{
	/* config.h: set by emu_config_set() or directly, verified by emu_config_check(). */
	const struct emu_key *key = emu_config_key((unsigned int)_i);
	const uint64_t bad[] = { key->max + 1, key->min - 1, UINT32_MAX };

	for (unsigned int i = 0; i < 3; i++) {
		struct emu_config config = initial();
		uint8_t *at = (uint8_t *)&config + key->offset;
		uint32_t narrow = (uint32_t)bad[i];

		if (key->type == EMU_KEY_BOOL || key->type == EMU_KEY_TEXT ||
		    (i == 1 && key->min == 0) || (bad[i] >= key->min && bad[i] <= key->max))
			continue;
		if (key->type == EMU_KEY_DURATION || key->type == EMU_KEY_SIZE)
			memcpy(at, &bad[i], sizeof(bad[i]));
		else
			memcpy(at, &narrow, sizeof(narrow));
		ck_assert_int_eq(check(&config), -22);
		ck_assert_msg(strncmp(message, key->name, strlen(key->name)) == 0, "%s", message);
		ck_assert_uint_eq(emu_size(&config), 0);
	}
}
END_TEST

/* Key, value, and the whole message. */
static const char *const refused[][3] = {
	{ "mqes", "0", "mqes = '0': allowed is a number from 1 to 65535" },
	{ "mqes", "65536", "mqes = '65536': allowed is a number from 1 to 65535" },
	{ "mqes", "", "mqes = '': allowed is a number from 1 to 65535" },
	{ "mqes", "-1", "mqes = '-1': allowed is a number from 1 to 65535" },
	{ "mqes", " 1", "mqes = ' 1': allowed is a number from 1 to 65535" },
	{ "mqes", "1k", "mqes = '1k': allowed is a number from 1 to 65535" },
	{ "nn", "18446744073709551617",
	  "nn = '18446744073709551617': allowed is a number from 1 to 256" },
	{ "vwc", "maybe", "vwc = 'maybe': allowed is true or false" },
	{ "vwc", "2", "vwc = '2': allowed is true or false" },
	{ "vs", "1.5", "vs = '1.5': allowed is 1.0, 1.1, 1.2, 1.2.1, 1.3, 1.4 or 2.0" },
	{ "vs", "2", "vs = '2': allowed is 1.0, 1.1, 1.2, 1.2.1, 1.3, 1.4 or 2.0" },
	{ "ready_delay", "5",
	  "ready_delay = '5': allowed is a duration (5us, 10ms, 2s) from 0 to 100s" },
	{ "service_time", "11s",
	  "service_time = '11s': allowed is a duration (5us, 10ms, 2s) from 0 to 10s" },
	{ "serial", "", "serial = '': allowed is printable ASCII of a length from 1 to 20" },
	{ "serial", "123456789012345678901",
	  "serial = '123456789012345678901': allowed is printable ASCII of a length from 1 to 20" },
	{ "firmware", "123456789",
	  "firmware = '123456789': allowed is printable ASCII of a length from 1 to 8" },
	{ "colour", "blue", "no key is called 'colour'; docs/config.md lists them" },
	{ "", "1", "no key is called ''; docs/config.md lists them" },
	{ "mqe", "1", "no key is called 'mqe'; docs/config.md lists them" },
	{ "mqes2", "1", "no key is called 'mqes2'; docs/config.md lists them" },
};

START_TEST(a_refusal_names_the_key_the_value_and_what_is_allowed)
{
	struct emu_config config = initial(), before = config;

	ck_assert_int_eq(set(&config, refused[_i][0], refused[_i][1]), -22);
	ck_assert_str_eq(message, refused[_i][2]);
	ck_assert_mem_eq(&config, &before, sizeof(config));
}
END_TEST

START_TEST(texts_are_printable_ascii)
{
	struct emu_config config = initial();
	static const char *const bad[] = { "tab\t", "newline\n", "\x7f", "\xc3\xa9", "\x01" };

	for (unsigned int i = 0; i < 5; i++)
		ck_assert_int_eq(set(&config, "model", bad[i]), -22);
	ck_assert_int_eq(set(&config, "model", " a, b = c ~"), 0);
	ck_assert_str_eq(config.model, " a, b = c ~");
	ck_assert_int_eq(set(&config, "model", "x"), 0);
	ck_assert_str_eq(config.model, "x");
}
END_TEST

START_TEST(keys_and_values_need_not_be_terminated)
{
	struct emu_config config = initial();

	no_message();
	ck_assert_int_eq(emu_config_set(&config, "mqes=63,vs=1.4", 4, "63,vs=1.4", 2, &error), 0);
	ck_assert_uint_eq(config.mqes, 63);
	ck_assert_int_eq(emu_config_set(&config, "serial", 6, "ABCDEF", 3, &error), 0);
	ck_assert_str_eq(config.serial, "ABC");
}
END_TEST

START_TEST(numbers_may_be_hexadecimal_and_truth_has_several_words)
{
	struct emu_config config = initial();

	ck_assert_int_eq(set(&config, "vendor", "0x1B36"), 0);
	ck_assert_uint_eq(config.vendor, 0x1b36);
	ck_assert_int_eq(set(&config, "vwc", "off"), 0);
	ck_assert(!config.vwc);
	ck_assert_int_eq(set(&config, "vwc", "yes"), 0);
	ck_assert(config.vwc);
	ck_assert_int_eq(set(&config, "service_time", "1500us"), 0);
	ck_assert_uint_eq(config.service_time, 1500000);
	ck_assert_int_eq(set(&config, "vs", "1.2.1"), 0);
	ck_assert_uint_eq(config.vs, 0x00010201);
}
END_TEST

START_TEST(every_profile_makes_a_configuration_that_works)
{
	struct emu_config config = with_ns(1000, 9);

	no_message();
	config.controllers = 2;
	config.seed = 99;
	ck_assert(emu_profile_help((unsigned int)_i)[0]);
	ck_assert_int_eq(emu_config_profile(&config, emu_profile_name((unsigned int)_i), &error),
			 0);
	ck_assert_msg(check(&config) == 0, "%s", message);
	ck_assert_uint_gt(emu_size(&config), 0);
	/* What is not a key stays. */
	ck_assert_uint_eq(config.controllers, 2);
	ck_assert_uint_eq(config.namespaces, 1);
	ck_assert_uint_eq(config.ns[0].blocks, 1000);
	ck_assert_uint_eq(config.seed, 99);
}
END_TEST

/* What makes a profile what it is. */
static const char *const profile_values[][3] = {
	/* clang-format off */
	{ "default", "mqes", "1023" }, { "default", "vs", "2.0" }, { "default", "to", "20" },
	{ "default", "mpsmax", "4" }, { "default", "mdts", "7" }, { "default", "queues", "64" },
	{ "default", "max_requests", "1024" }, { "default", "aerl", "3" },
	{ "default", "elpe", "63" }, { "default", "vwc", "true" }, { "default", "save", "true" },
	{ "minimal", "mqes", "63" }, { "minimal", "mpsmax", "0" }, { "minimal", "queues", "1" },
	{ "minimal", "aerl", "0" }, { "minimal", "acl", "0" }, { "minimal", "elpe", "0" },
	{ "minimal", "rab", "0" }, { "minimal", "kas", "0" }, { "minimal", "vwc", "false" },
	{ "minimal", "nssrs", "false" }, { "minimal", "save", "false" },
	{ "consumer", "to", "120" }, { "consumer", "mpsmax", "0" }, { "consumer", "mdts", "6" },
	{ "consumer", "queues", "16" }, { "consumer", "nn", "1" }, { "consumer", "aerl", "7" },
	{ "consumer", "reorder", "4" }, { "consumer", "ready_delay", "50ms" },
	{ "consumer", "nssrs", "false" }, { "consumer", "model", "nvmelab consumer" },
	{ "enterprise", "mqes", "4095" }, { "enterprise", "to", "60" },
	{ "enterprise", "mpsmax", "0" }, { "enterprise", "mdts", "5" },
	{ "enterprise", "queues", "128" }, { "enterprise", "vectors", "129" },
	{ "enterprise", "max_requests", "4096" }, { "enterprise", "nn", "128" },
	{ "enterprise", "aerl", "15" }, { "enterprise", "acl", "7" },
	{ "enterprise", "reorder", "8" }, { "enterprise", "ready_delay", "200ms" },
	{ "enterprise", "vwc", "false" }, { "enterprise", "model", "nvmelab enterprise" },
	/* clang-format on */
};
#define PROFILE_VALUES (sizeof(profile_values) / sizeof(profile_values[0]))

START_TEST(a_profile_has_its_values)
{
	for (size_t i = 0; i < PROFILE_VALUES; i++) {
		struct emu_config config = initial();
		char value[64];
		struct nvme_text text;

		no_message();
		ck_assert_int_eq(emu_config_profile(&config, profile_values[i][0], &error), 0);
		nvme_text_init(&text, value, sizeof(value));
		for (unsigned int k = 0; emu_config_key(k); k++) {
			if (strcmp(emu_config_key(k)->name, profile_values[i][1]) == 0)
				emu_config_print(&config, emu_config_key(k), &text);
		}
		ck_assert_str_eq(value, profile_values[i][2]);
	}
}
END_TEST

START_TEST(a_profile_takes_back_what_was_set_before)
{
	struct emu_config config = initial(), fresh = initial();

	set(&config, "mqes", "7");
	set(&config, "model", "something else");
	no_message();
	ck_assert_int_eq(emu_config_profile(&config, "default", &error), 0);
	ck_assert_uint_eq(config.mqes, fresh.mqes);
	ck_assert_str_eq(config.model, fresh.model);
}
END_TEST

START_TEST(an_unknown_profile_is_told_which_there_are)
{
	struct emu_config config = initial(), before = config;

	no_message();
	ck_assert_int_eq(emu_config_profile(&config, "fast", &error), -22);
	ck_assert_str_eq(message, "no profile is called 'fast'; there are default, minimal, "
				  "consumer, enterprise");
	ck_assert_mem_eq(&config, &before, sizeof(config));
	ck_assert_ptr_null(emu_profile_name(count_profiles()));
	ck_assert_ptr_null(emu_profile_help(count_profiles()));
	ck_assert_str_eq(emu_profile_name(0), "default");
}
END_TEST

static const struct {
	struct emu_ns_config ns;
	const char *message;
} namespaces[] = {
	{ { .nsid = 0, .blocks = 1, .lbads = 9 },
	  "namespace 0: NSIDs are from 1 to nn (--controller nn=N)" },
	{ { .nsid = 33, .blocks = 1, .lbads = 9 },
	  "namespace 33: NSIDs are from 1 to nn (--controller nn=N)" },
	{ { .nsid = 1, .blocks = 1, .lbads = 9 }, "namespace 1 exists already" },
	{ { .nsid = 2, .blocks = 1, .lbads = 8 },
	  "namespace 2: blocks have 512 to 65536 bytes, a power of two" },
	{ { .nsid = 2, .blocks = 1, .lbads = 17 },
	  "namespace 2: blocks have 512 to 65536 bytes, a power of two" },
	{ { .nsid = 2, .blocks = 1, .lbads = 64 },
	  "namespace 2: blocks have 512 to 65536 bytes, a power of two" },
	{ { .nsid = 2, .blocks = 0, .lbads = 9 },
	  "namespace 2: the size is one block at least and 8 EiB at most" },
	{ { .nsid = 2, .blocks = 1ull << 54, .lbads = 9 },
	  "namespace 2: the size is one block at least and 8 EiB at most" },
	{ { .nsid = 2, .blocks = UINT64_MAX, .lbads = 9 },
	  "namespace 2: the size is one block at least and 8 EiB at most" },
};

START_TEST(a_namespace_that_cannot_be_is_refused)
{
	struct emu_config config = with_ns(1, 9), direct = config;

	no_message();
	ck_assert_int_eq(emu_config_add_ns(&config, &namespaces[_i].ns, &error), -22);
	ck_assert_str_eq(message, namespaces[_i].message);
	ck_assert_uint_eq(config.namespaces, 1);
	direct.ns[direct.namespaces++] = namespaces[_i].ns;
	ck_assert_int_eq(check(&direct), -22);
	ck_assert_msg(strncmp(message, "namespace ", 10) == 0, "%s", message);
}
END_TEST

START_TEST(there_are_at_most_256_namespaces)
{
	struct emu_config config = initial();
	struct emu_ns_config ns = { .blocks = 1, .lbads = 9 };

	set(&config, "nn", "256");
	for (ns.nsid = 1; ns.nsid <= 256; ns.nsid++)
		ck_assert_int_eq(emu_config_add_ns(&config, &ns, &error), 0);
	ck_assert_int_eq(check(&config), 0);
	ck_assert_int_eq(emu_config_add_ns(&config, &ns, &error), -22);
	ck_assert_str_eq(message, "namespace 257: a subsystem has at most 256 namespaces");
	config.namespaces = 257;
	ck_assert_int_eq(check(&config), -22);
	ck_assert_str_eq(message, "a subsystem has at most 256 namespaces");
}
END_TEST

/* Values that are right alone and wrong together. */
static const struct {
	const char *keys[3][2];
	uint32_t lbads;
	const char *message;
} together[] = {
	{ { { "queues", "65535" }, { "dstrd", "7" } },
	  9,
	  "BAR0 would have more than 64 MiB: lower queues or dstrd" },
	{ { { "queues", "65535" }, { "dstrd", "15" } },
	  9,
	  "BAR0 would have more than 64 MiB: lower queues or dstrd" },
	{ { { "mdts", "0" } },
	  16,
	  "mdts = 0 with blocks of 65536 bytes: a command's data would exceed 4 GiB; set mdts" },
	{ { { "mdts", "5" }, { "spans", "4" } },
	  9,
	  "spans = 4 is too few for one command of the size that mdts allows" },
	{ { { "ready_delay", "10001ms" } },
	  9,
	  "ready_delay = 10001ms is longer than what to = 20 says: 10s" },
	{ { { "to", "1" }, { "media_delay", "501ms" } },
	  9,
	  "media_delay = 501ms is longer than what to = 1 says: 500ms" },
	{ { { "nn", "1" } }, 0, "namespace 2: NSIDs are from 1 to nn (--controller nn=N)" },
};

START_TEST(values_that_do_not_go_together_name_the_key_to_change)
{
	struct emu_config config = initial();
	struct emu_ns_config ns = {
		.nsid = 2,
		.blocks = 100,
		.lbads = together[_i].lbads ? together[_i].lbads : 9,
	};

	no_message();
	ck_assert_int_eq(emu_config_add_ns(&config, &ns, &error), 0);
	for (unsigned int i = 0; i < 3 && together[_i].keys[i][0]; i++)
		ck_assert_int_eq(set(&config, together[_i].keys[i][0], together[_i].keys[i][1]), 0);
	ck_assert_int_eq(check(&config), -22);
	ck_assert_str_eq(message, together[_i].message);
	ck_assert_uint_eq(emu_size(&config), 0);
}
END_TEST

START_TEST(a_subsystem_has_1_to_16_controllers)
{
	struct emu_config config = initial();
	static const uint32_t bad[] = { 0, 17, UINT32_MAX };

	for (unsigned int i = 0; i < 3; i++) {
		config.controllers = bad[i];
		ck_assert_int_eq(check(&config), -22);
		ck_assert_str_eq(message, "a subsystem has 1 to 16 controllers");
	}
	config.controllers = 16;
	ck_assert_int_eq(check(&config), 0);
}
END_TEST

START_TEST(a_version_that_was_never_published_is_refused)
{
	struct emu_config config = initial();

	config.vs = 0x00010500;
	ck_assert_int_eq(check(&config), -22);
	ck_assert_str_eq(message, "vs = '1.5': allowed is 1.0, 1.1, 1.2, 1.2.1, 1.3, 1.4 or 2.0");
}
END_TEST

START_TEST(a_text_without_an_end_is_refused)
{
	struct emu_config config = initial();

	memset(config.serial, 'x', sizeof(config.serial));
	ck_assert_int_eq(check(&config), -22);
	ck_assert_msg(strncmp(message, "serial = '", 10) == 0, "%s", message);
	config = initial();
	config.model[0] = '\n';
	ck_assert_int_eq(check(&config), -22);
}
END_TEST

/* What follows for BAR0: doorbells from 1000h on, whole pages, then the table, then the PBA. */
static const struct {
	uint32_t queues, dstrd, vectors;
	uint64_t bar0, doorbells;
	uint32_t got_vectors, table, pba;
} layouts[] = {
	{ 1, 0, 0, 0x4000, 0x1000, 2, 0x2000, 0x3000 },
	{ 64, 0, 0, 0x4000, 0x1000, 64, 0x2000, 0x3000 },
	{ 511, 0, 256, 0x4000, 0x1000, 256, 0x2000, 0x3000 },
	{ 511, 0, 257, 0x8000, 0x1000, 257, 0x2000, 0x4000 },
	{ 512, 0, 64, 0x8000, 0x2000, 64, 0x3000, 0x4000 },
	{ 63, 3, 0, 0x4000, 0x1000, 64, 0x2000, 0x3000 },
	{ 64, 3, 0, 0x8000, 0x2000, 64, 0x3000, 0x4000 },
	{ 65535, 0, 2048, 0x100000, 0x80000, 2048, 0x81000, 0x89000 },
	{ 65535, 6, 0, 0x4000000, 0x2000000, 64, 0x2001000, 0x2002000 },
	{ 1, 15, 0, 0x100000, 0x80000, 2, 0x81000, 0x82000 },
};

START_TEST(bar0_is_laid_out_by_queues_stride_and_vectors)
{
	struct emu_config config = initial();
	struct emu_layout layout;

	config.queues = layouts[_i].queues;
	config.dstrd = layouts[_i].dstrd;
	config.vectors = layouts[_i].vectors;
	ck_assert_msg(check(&config) == 0, "%s", message);
	emu_config_layout(&config, &layout);
	ck_assert_uint_eq(layout.bar0_bytes, layouts[_i].bar0);
	ck_assert_uint_eq(layout.doorbell_bytes, layouts[_i].doorbells);
	ck_assert_uint_eq(layout.vectors, layouts[_i].got_vectors);
	ck_assert_uint_eq(layout.table_offset, layouts[_i].table);
	ck_assert_uint_eq(layout.pba_offset, layouts[_i].pba);
}
END_TEST

START_TEST(no_limit_on_a_transfer_is_one_of_65536_blocks)
{
	struct emu_config config = with_ns(100000, 15);
	size_t limited;

	limited = emu_size(&config);
	ck_assert_int_eq(set(&config, "mdts", "0"), 0);
	ck_assert_msg(check(&config) == 0, "%s", message);
	ck_assert_uint_gt(emu_size(&config), limited); /* room for its pieces of memory */
}
END_TEST

static void one_key(TCase *tcase)
{
	int keys = (int)count_keys();

	tcase_add_loop_test(tcase, every_row_of_the_table_is_complete_and_its_own, 0, keys);
	tcase_add_loop_test(tcase, what_is_printed_is_read_back_for_every_profile, 0, keys);
	tcase_add_loop_test(tcase, the_ends_of_a_range_are_in_it_and_what_is_beyond_is_not, 0,
			    keys);
	tcase_add_loop_test(tcase, a_member_that_was_set_directly_is_checked_as_well, 0, keys);
	tcase_add_loop_test(tcase, a_refusal_names_the_key_the_value_and_what_is_allowed, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, texts_are_printable_ascii);
	tcase_add_test(tcase, keys_and_values_need_not_be_terminated);
	tcase_add_test(tcase, numbers_may_be_hexadecimal_and_truth_has_several_words);
}

static void all_keys(TCase *tcase)
{
	tcase_add_loop_test(tcase, every_profile_makes_a_configuration_that_works, 0,
			    (int)count_profiles());
	tcase_add_test(tcase, a_profile_has_its_values);
	tcase_add_test(tcase, a_profile_takes_back_what_was_set_before);
	tcase_add_test(tcase, an_unknown_profile_is_told_which_there_are);
	tcase_add_loop_test(tcase, a_namespace_that_cannot_be_is_refused, 0,
			    sizeof(namespaces) / sizeof(namespaces[0]));
	tcase_add_test(tcase, there_are_at_most_256_namespaces);
	tcase_add_loop_test(tcase, values_that_do_not_go_together_name_the_key_to_change, 0,
			    sizeof(together) / sizeof(together[0]));
	tcase_add_test(tcase, a_subsystem_has_1_to_16_controllers);
	tcase_add_test(tcase, a_version_that_was_never_published_is_refused);
	tcase_add_test(tcase, a_text_without_an_end_is_refused);
	tcase_add_loop_test(tcase, bar0_is_laid_out_by_queues_stride_and_vectors, 0,
			    sizeof(layouts) / sizeof(layouts[0]));
	tcase_add_test(tcase, no_limit_on_a_transfer_is_one_of_65536_blocks);
}

static Suite *config_suite(void)
{
	Suite *suite = suite_create("emu_config");
	TCase *tcase = tcase_create("emu_config");

	one_key(tcase);
	all_keys(tcase);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { config_suite };

	return th_main(suites, 1);
}
