/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/core/config.c: the parameters of the driver by name. */
#include <stdlib.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_fake.h"

static struct nvl_config config;
static char sentence[1024];
static struct nvme_text error;

static int set(const char *name, const char *value)
{
	nvme_text_init(&error, sentence, sizeof(sentence));
	return nvl_config_set(&config, nvme_slice(name), nvme_slice(value), &error);
}

static const char *get(const char *name)
{
	static char value[64];
	const struct nvl_key *key;
	struct nvme_text text;

	nvme_text_init(&text, value, sizeof(value));
	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++) {
		if (strcmp(key->name, name) == 0)
			nvl_config_print(&config, key, &text);
	}
	return value;
}

static void set_up(void)
{
	nvl_config_init(&config);
}

START_TEST(a_default_is_allowed_and_read_back_as_it_is_printed)
{
	const struct nvl_key *key;

	for (uint32_t i = 0; (key = nvl_config_key(i)) != NULL; i++) {
		struct nvl_config before = config;

		ck_assert_str_ne(get(key->name), "");
		ck_assert_str_ne(key->help, "");
		ck_assert_msg(set(key->name, get(key->name)) == 0, "%s", sentence);
		ck_assert_mem_eq(&config, &before, sizeof(config));
	}
	ck_assert_uint_gt(nvl_size(&config), 0);
}
END_TEST

/* What a value becomes, in the unit of the member. */
START_TEST(a_value_reaches_its_member)
{
	ck_assert_int_eq(set("admin_timeout", "90s"), 0);
	ck_assert_int_eq(set("io_timeout", "250ms"), 0);
	ck_assert_int_eq(set("max_power_latency", "3ms"), 0);
	ck_assert_int_eq(set("max_retries", "0x0f"), 0);
	ck_assert_int_eq(set("policy", "linux"), 0);
	ck_assert_int_eq(set("mode", "hybrid"), 0);
	ck_assert_int_eq(set("max_transfer", "64K"), 0);
	ck_assert_int_eq(set("weighted", "yes"), 0);
	ck_assert_uint_eq(config.admin_timeout_nsec, 90 * NVL_SEC);
	ck_assert_uint_eq(config.io_timeout_nsec, 250000000);
	ck_assert_uint_eq(config.max_power_latency_usec, 3000);
	ck_assert_uint_eq(config.max_retries, 15);
	ck_assert_uint_eq(config.policy, NVL_POLICY_LINUX);
	ck_assert_uint_eq(config.mode, NVL_MODE_HYBRID);
	ck_assert_uint_eq(config.max_transfer_bytes, 65536);
	ck_assert(config.weighted);
	ck_assert_str_eq(get("max_power_latency"), "3ms");
}
END_TEST

struct refusal {
	const char *name;
	const char *value;
	const char *says;
};

static const struct refusal refusals[] = {
	{ "max_retries", "16", "max_retries = '16': allowed is a number from 0 to 15" },
	{ "max_retries", "-1", "max_retries = '-1': allowed is a number from 0 to 15" },
	{ "max_retries", "", "max_retries = ''" },
	{ "entries", "1", "from 2 to 65536" },
	{ "queues", "18446744073709551616", "from 0 to 2048" },
	{ "io_timeout", "0", "from 1ns to 1440m" },
	{ "io_timeout", "30", "a duration (5us, 10ms, 2s)" },
	{ "io_timeout", "1441m", "to 1440m" },
	{ "max_power_latency", "1500ns", "from 0 to 60m" },
	{ "max_transfer", "6K", "from 4K to 64M, a multiple of 4K" },
	{ "max_transfer", "0", "from 4K to 64M" },
	{ "policy", "mine", "allowed is ours, spdk or linux" },
	{ "mode", "Polled", "allowed is vector, polled or hybrid" },
	{ "stats", "2", "allowed is true or false" },
	{ "io_timeout_nsec", "1",
	  "unknown parameter 'io_timeout_nsec'; there are queues, entries" },
	{ "", "1", "unknown parameter ''" },
};

START_TEST(what_cannot_be_is_refused_with_what_can)
{
	const struct nvl_config before = config;

	ck_assert_int_eq(set(refusals[_i].name, refusals[_i].value), -NVL_EINVAL);
	ck_assert_msg(strstr(sentence, refusals[_i].says), "%s", sentence);
	ck_assert_mem_eq(&config, &before, sizeof(config));
}
END_TEST

/* The same rows judge a configuration that a program filled in. */
START_TEST(a_configuration_out_of_range_has_no_size)
{
	config.max_retries = NVL_MAX_RETRIES + 1;
	ck_assert_uint_eq(nvl_size(&config), 0);
	nvl_config_init(&config);
	config.mode = NVL_MODES;
	ck_assert_uint_eq(nvl_size(&config), 0);
	nvl_config_init(&config);
	config.bounce_bytes = 6144;
	ck_assert_uint_eq(nvl_dma_size(&config), 0);
}
END_TEST

START_TEST(queues_have_their_mode_from_the_start)
{
	/* Base 2.0 5.5: IEN of a polled queue is 0. */
	struct th_fake fake;

	th_fake_init(&fake);
	fake.config.vectors = 5;
	fake.config.mode = (uint32_t)_i;
	ck_assert_int_eq(th_fake_start(&fake), 0);
	ck_assert_int_eq(fake.queues[1].ien, _i != NVL_MODE_POLLED);
	ck_assert_int_eq(nvl_queue_vector(nvl_queue(fake.ctrl, 0)) == NVL_NO_VECTOR,
			 _i == NVL_MODE_POLLED);
	th_fake_done(&fake);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_keys");
	TCase *tcase = tcase_create("keys");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, a_default_is_allowed_and_read_back_as_it_is_printed);
	tcase_add_test(tcase, a_value_reaches_its_member);
	tcase_add_loop_test(tcase, what_cannot_be_is_refused_with_what_can, 0,
			    sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tcase, a_configuration_out_of_range_has_no_size);
	tcase_add_loop_test(tcase, queues_have_their_mode_from_the_start, 0, NVL_MODES);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
