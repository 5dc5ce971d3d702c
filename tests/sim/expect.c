/* SPDX-License-Identifier: BSD-3-Clause */
/* [expect]: what has to come of a run, and whether it did. */
#include "tests/sim/internal.h"

static bool starts(struct nvme_slice slice, const char *prefix, struct nvme_slice *ret_rest)
{
	struct nvme_slice start = nvme_slice(prefix);

	if (slice.bytes <= start.bytes ||
	    !nvme_slice_equal(start, (struct nvme_slice){ slice.data, start.bytes }))
		return false;
	*ret_rest = (struct nvme_slice){ slice.data + start.bytes, slice.bytes - start.bytes };
	return true;
}

/* Index of @name among the names that @at gives; false: it is none of them. */
static bool pick(struct nvme_slice name, const char *(*at)(unsigned int index), uint8_t *ret_index)
{
	for (unsigned int i = 0; at(i); i++) {
		if (nvme_slice_is(name, at(i))) {
			*ret_index = (uint8_t)i;
			return true;
		}
	}
	return false;
}

static const char *state_name(unsigned int state)
{
	return state < NVL_STATES ? nvl_state_name((enum nvl_state)state) : NULL;
}

static bool list(const char *what, const char *(*at)(unsigned int index), struct nvme_text *message)
{
	nvme_text_add(message, what);
	for (unsigned int i = 0; at(i); i++) {
		nvme_text_add(message, i ? ", " : " ");
		nvme_text_add(message, at(i));
	}
	return false;
}

/* "driver2.resets" is "driver.resets" of controller 2: the number is before the dot. */
static struct nvme_slice take_number(struct nvme_slice key, char *name, size_t size,
				     uint8_t *ret_ctrl)
{
	size_t dot = 0, digits, rest;
	uint64_t number;

	while (dot < key.bytes && key.data[dot] != '.')
		dot++;
	for (digits = dot;
	     digits > 0 && key.data[digits - 1] >= '0' && key.data[digits - 1] <= '9';)
		digits--;
	rest = key.bytes - dot;
	if (digits == dot || digits + rest > size ||
	    nvme_parse_u64(key.data + digits, dot - digits, &number) != NVME_PARSE_OK ||
	    number == 0 || number > EMU_MAX_CONTROLLERS)
		return key;
	memcpy(name, key.data, digits);
	if (rest > 0)
		memcpy(name + digits, key.data + dot, rest);
	*ret_ctrl = (uint8_t)number;
	return (struct nvme_slice){ name, digits + rest };
}

static bool is_divided(const struct sim_expect *expect)
{
	return expect->kind == SIM_EXPECT_STATE ||
	       (expect->kind == SIM_EXPECT_COUNTER && expect->index != SIM_TASK_RESULT &&
		expect->index != SIM_TIME_MS);
}

static bool name_expect(struct sim_expect *expect, struct nvme_slice key, struct nvme_text *message)
{
	struct nvme_slice rest;

	if (nvme_slice_is(key, "driver.state")) {
		expect->kind = SIM_EXPECT_STATE;
		return true;
	}
	if (starts(key, "fault.", &rest)) {
		expect->kind = SIM_EXPECT_FAULT;
		if (rest.bytes < sizeof(expect->name))
			memcpy(expect->name, rest.data, rest.bytes);
		else
			nvme_text_add(message, "no rule has so long a name");
		return rest.bytes < sizeof(expect->name);
	}
	if (starts(key, "oracle.", &rest)) {
		expect->kind = SIM_EXPECT_ORACLE;
		return pick(rest, sim_oracle_name, &expect->index) ||
		       list("no such oracle; there are", sim_oracle_name, message);
	}
	expect->kind = SIM_EXPECT_COUNTER;
	if (pick(key, sim_counter_name, &expect->index))
		return true;
	return list("no such count; there are driver.state, fault.NAME, oracle.NAME,",
		    sim_counter_name, message);
}

/* "5", "5..7", "5.." */
static bool read_range(struct nvme_slice value, uint64_t *ret_low, uint64_t *ret_high)
{
	size_t dots = 0;

	while (dots + 1 < value.bytes && !(value.data[dots] == '.' && value.data[dots + 1] == '.'))
		dots++;
	if (dots + 1 >= value.bytes) {
		if (nvme_parse_u64(value.data, value.bytes, ret_low) != NVME_PARSE_OK)
			return false;
		*ret_high = *ret_low;
		return true;
	}
	if (nvme_parse_u64(value.data, dots, ret_low) != NVME_PARSE_OK)
		return false;
	*ret_high = UINT64_MAX;
	if (dots + 2 == value.bytes)
		return true;
	return nvme_parse_u64(value.data + dots + 2, value.bytes - dots - 2, ret_high) ==
		       NVME_PARSE_OK &&
	       *ret_low <= *ret_high;
}

bool sim_expect_set(struct sim_file *file, struct nvme_slice key, struct nvme_slice value,
		    struct nvme_text *message)
{
	struct sim_expect expect = { 0 };
	char name[NVME_FAULT_NAME_BYTES];
	uint8_t state = 0;

	if (file->expects == SIM_EXPECTS) {
		nvme_text_add(message, "too many expectations");
		return false;
	}
	if (!name_expect(&expect, take_number(key, name, sizeof(name), &expect.ctrl), message))
		return false;
	if (expect.ctrl && !is_divided(&expect)) {
		nvme_text_add(message, "there is one for all controllers, without a number");
		return false;
	}
	if (expect.kind == SIM_EXPECT_STATE) {
		if (!pick(value, state_name, &state))
			return list("no such state; there are", state_name, message);
		expect.low = expect.high = state;
	} else if (!read_range(value, &expect.low, &expect.high)) {
		nvme_text_add(message, "what is expected is N, LOW..HIGH or LOW..");
		return false;
	}
	file->expect[file->expects++] = expect;
	return true;
}

/* The number of a controller stands before the dot. */
static void print_divided(const char *name, uint32_t ctrl, struct nvme_text *text)
{
	for (; *name; name++) {
		if (*name == '.' && ctrl > 0)
			nvme_text_u64(text, ctrl);
		nvme_text_char(text, *name);
	}
}

static void print_name(const struct sim_expect *expect, struct nvme_text *text)
{
	switch (expect->kind) {
	case SIM_EXPECT_STATE:
		print_divided("driver.state", expect->ctrl, text);
		break;
	case SIM_EXPECT_FAULT:
		nvme_text_add(text, "fault.");
		nvme_text_add(text, expect->name);
		break;
	case SIM_EXPECT_ORACLE:
		nvme_text_add(text, "oracle.");
		nvme_text_add(text, sim_oracle_name(expect->index));
		break;
	default:
		print_divided(sim_counter_name(expect->index), expect->ctrl, text);
		break;
	}
}

bool sim_expect_fits(const struct sim_file *file, struct nvme_text *message)
{
	for (uint32_t i = 0; i < file->expects; i++) {
		if (file->expect[i].ctrl <= file->emulator.controllers)
			continue;
		nvme_text_add(message, "[expect] ");
		print_name(&file->expect[i], message);
		nvme_text_add(message, ": the last controller is ");
		nvme_text_u64(message, file->emulator.controllers);
		return false;
	}
	return true;
}

static void print_range(const struct sim_expect *expect, struct nvme_text *text)
{
	if (expect->kind == SIM_EXPECT_STATE) {
		nvme_text_add(text, state_name((unsigned int)expect->low));
		return;
	}
	nvme_text_u64(text, expect->low);
	if (expect->high == expect->low)
		return;
	nvme_text_add(text, "..");
	if (expect->high != UINT64_MAX)
		nvme_text_u64(text, expect->high);
}

void sim_expect_print(const struct sim_file *file, struct nvme_text *text)
{
	nvme_text_add(text, "\n[expect]\n");
	for (uint32_t i = 0; i < file->expects; i++) {
		print_name(&file->expect[i], text);
		nvme_text_add(text, " = ");
		print_range(&file->expect[i], text);
		nvme_text_char(text, '\n');
	}
}

static uint64_t found(const struct sim_file *file, const struct sim_result *result,
		      const struct sim_expect *expect)
{
	const struct sim_of_ctrl *of = &result->of[expect->ctrl ? expect->ctrl - 1 : 0];

	switch (expect->kind) {
	case SIM_EXPECT_STATE:
		return of->state;
	case SIM_EXPECT_ORACLE:
		return result->violations[expect->index];
	case SIM_EXPECT_COUNTER:
		return expect->ctrl ? of->counter[expect->index] : result->counter[expect->index];
	default:
		break;
	}
	for (uint32_t i = 0; i < file->scenario.faults; i++) {
		if (nvme_slice_is(nvme_slice(expect->name), file->scenario.fault[i].name))
			return result->fired[i];
	}
	return 0;
}

static bool is_expected(const struct sim_file *file, enum sim_expect_kind kind, uint32_t index)
{
	for (uint32_t i = 0; i < file->expects; i++) {
		if (file->expect[i].kind == kind && file->expect[i].index == index &&
		    file->expect[i].ctrl == 0)
			return true;
	}
	return false;
}

static bool oracles_held(const struct sim_file *file, const struct sim_result *result,
			 struct nvme_text *text)
{
	bool held = true;

	for (uint32_t i = 0; i < SIM_ORACLES; i++) {
		if (result->violations[i] == 0 || sim_oracle_is_advice(i) ||
		    is_expected(file, SIM_EXPECT_ORACLE, i))
			continue;
		held = false;
		nvme_text_add(text, "oracle ");
		nvme_text_add(text, sim_oracle_name(i));
		nvme_text_add(text, ": ");
		nvme_text_add(text, result->first == i ? result->message : sim_oracle_help(i));
		if (result->first == i) {
			nvme_text_add(text, ", at ");
			nvme_text_duration(text, result->first_nsec);
		}
		nvme_text_char(text, '\n');
	}
	return held;
}

static bool rules_fired(const struct sim_file *file, const struct sim_result *result,
			struct nvme_text *text)
{
	bool fired = true;

	for (uint32_t i = 0; i < file->scenario.faults; i++) {
		const struct nvme_fault_rule *rule = &file->scenario.fault[i];

		if (result->fired[i] > 0 || rule->optional)
			continue;
		fired = false;
		nvme_text_add(text, "rule ");
		nvme_text_add(text, rule->name);
		nvme_text_add(text, " never fired\n");
	}
	return fired;
}

static void say_missed(const struct sim_expect *expect, uint64_t is, struct nvme_text *text)
{
	print_name(expect, text);
	nvme_text_add(text, " is ");
	if (expect->kind == SIM_EXPECT_STATE)
		nvme_text_add(text, state_name((unsigned int)is));
	else
		nvme_text_u64(text, is);
	nvme_text_add(text, ", expected was ");
	print_range(expect, text);
	nvme_text_char(text, '\n');
}

static bool as_expected(const struct sim_file *file, const struct sim_result *result,
			struct nvme_text *text)
{
	const uint64_t errors = result->counter[SIM_APP_ERRORS];
	bool met = true;

	for (uint32_t i = 0; i < file->expects; i++) {
		const struct sim_expect *expect = &file->expect[i];
		uint64_t is = found(file, result, expect);

		if (is >= expect->low && is <= expect->high)
			continue;
		met = false;
		say_missed(expect, is, text);
	}
	if (file->scenario.kind == NVME_CLASS_T && errors > 0 &&
	    !is_expected(file, SIM_EXPECT_COUNTER, SIM_APP_ERRORS)) {
		met = false;
		nvme_text_add(text, "app.errors is ");
		nvme_text_u64(text, errors);
		nvme_text_add(text, ", and class T has none\n");
	}
	return met;
}

enum sim_verdict sim_judge(const struct sim_file *file, const struct sim_result *result,
			   struct nvme_text *text)
{
	bool held = oracles_held(file, result, text);
	bool fired = rules_fired(file, result, text);
	bool met = as_expected(file, result, text);

	if (!held)
		return SIM_FAIL;
	if (!fired)
		return SIM_NEVER_FIRED;
	return met ? SIM_PASS : SIM_EXPECTATION_MISSED;
}
