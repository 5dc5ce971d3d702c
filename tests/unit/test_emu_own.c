/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of which one controller of a subsystem can have a value of its own. */
#include <string.h>

#include "emulator/core/config.h"
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

static int set_own(struct emu_config *config, uint32_t ctrl, const char *key, const char *value)
{
	no_message();
	return emu_config_set_own(config, ctrl, key, strlen(key), value, strlen(value), &error);
}

START_TEST(a_controller_can_have_values_of_its_own)
{
	struct emu_config config = initial();
	char text[40];
	struct nvme_text printed;

	config.controllers = 3;
	ck_assert_int_eq(set_own(&config, 1, "mqes", "7"), 0);
	ck_assert_int_eq(set_own(&config, 1, "ready_delay", "10ms"), 0);
	ck_assert_int_eq(set(&config, "mqes", "63"), 0);
	ck_assert_uint_eq(emu_config_own(&config, 0, EMU_OWN_MQES), 63);
	ck_assert_uint_eq(emu_config_own(&config, 1, EMU_OWN_MQES), 7);
	ck_assert_uint_eq(emu_config_own(&config, 2, EMU_OWN_MQES), 63);
	ck_assert_uint_eq(emu_config_own(&config, 1, EMU_OWN_ACL), config.acl);
	ck_assert_int_eq(check(&config), 0);
	for (unsigned int own = 0; emu_own_name(own); own++) {
		nvme_text_init(&printed, text, sizeof(text));
		emu_config_print_own(&config, 1, (enum emu_own)own, &printed);
		ck_assert_int_eq(set_own(&config, 2, emu_own_name(own), text), 0);
		ck_assert_uint_eq(config.own[2].value[own],
				  emu_config_own(&config, 1, (enum emu_own)own));
	}
	ck_assert_int_eq(check(&config), 0);
}
END_TEST

START_TEST(what_one_controller_cannot_have_is_refused)
{
	static const char *const keys = "allowed: mqes, to, mdts, queues, aerl, acl, ready_delay";
	static const struct {
		const char *key, *value, *message;
	} bounds[] = {
		{ "queues", "65",
		  "controller 2: queues = 65 is more than all controllers have room for: 64" },
		{ "aerl", "4",
		  "controller 2: aerl = 4 is more than all controllers have room for: 3" },
		{ "mdts", "0",
		  "controller 2: mdts = 0 is more than all controllers have room for: 7" },
		{ "to", "0", NULL },
		{ "ready_delay", "11s",
		  "controller 2: ready_delay = 11s is longer than what to = 20 says: 10s" },
	};
	struct emu_config config = initial();

	ck_assert_int_eq(set_own(&config, 1, "vwc", "true"), -22);
	ck_assert_msg(strstr(message, "'vwc' is no key of one controller"), "%s", message);
	ck_assert_msg(strstr(message, keys), "%s", message);
	ck_assert_int_eq(set_own(&config, 1, "mqes", "0"), -22);
	ck_assert_str_eq(message, "mqes = '0': allowed is a number from 1 to 65535");
	ck_assert_uint_eq(config.own[1].has, 0);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		config = initial();
		config.controllers = 2;
		if (set_own(&config, 1, bounds[i].key, bounds[i].value) != 0)
			continue;
		ck_assert_int_eq(check(&config), -22);
		if (bounds[i].message)
			ck_assert_str_eq(message, bounds[i].message);
	}
	config = initial();
	config.controllers = 2;
	config.own[1] = (struct emu_own_keys){ .has = 1u << EMU_OWN_MQES };
	ck_assert_int_eq(check(&config), -22);
	ck_assert_str_eq(message, "controller 2: mqes: allowed is a number from 1 to 65535");
}
END_TEST

static Suite *own(void)
{
	Suite *suite = suite_create("own");
	TCase *tcase = tcase_create("own");

	tcase_add_test(tcase, a_controller_can_have_values_of_its_own);
	tcase_add_test(tcase, what_one_controller_cannot_have_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ own }, 1);
}
