/* SPDX-License-Identifier: BSD-3-Clause */
/* The parameters of the driver, a row each: ranges, texts, the check of a configuration. */
#include "driver/core/internal.h"

#define PAGE	    NVL_PAGE_BYTES
#define LONGEST	    (86400 * NVL_SEC)
#define MOST_NAMES  8
#define MOST_VECTOR 2048

static const char *const mode_names[NVL_MODES] = {
	[NVL_MODE_VECTOR] = "vector",
	[NVL_MODE_POLLED] = "polled",
	[NVL_MODE_HYBRID] = "hybrid",
};

static const char *name_of_mode(uint32_t mode)
{
	return mode < NVL_MODES ? mode_names[mode] : "?";
}

static const char *name_of_policy(uint32_t policy)
{
	return nvl_policy_name((enum nvl_policy)policy);
}

#define KEY(name, member, type, unit, step, min, max, value_name, help)                 \
	{                                                                               \
		name, NVL_KEY_##type, offsetof(struct nvl_config, member),              \
			sizeof(((struct nvl_config *)0)->member), unit, step, min, max, \
			value_name, help                                                \
	}

/* clang-format off */
static const struct nvl_key keys[] = {
	KEY("queues", queues, NUMBER, 1, 1, 0, NVL_MAX_QUEUES, NULL, "I/O queue pairs; fewer if the controller grants fewer"),
	KEY("entries", entries, NUMBER, 1, 1, 2, 65536, NULL, "slots of an I/O queue, of which one stays empty"),
	KEY("admin_entries", admin_entries, NUMBER, 1, 1, 2, 4096, NULL, "slots of the admin queue"),
	KEY("vectors", vectors, NUMBER, 1, 1, 0, MOST_VECTOR, NULL, "interrupt vectors; with 0 one for each queue where interrupts are used"),
	KEY("mode", mode, NAME, 1, 1, 0, NVL_MODES - 1, name_of_mode, "how I/O queues are served where there are vectors"),
	KEY("spin", spin_nsec, DURATION, 1, 1, 0, NVL_SEC, NULL, "how long a hybrid queue is polled before its vector is waited for"),
	KEY("weighted", weighted, BOOL, 1, 1, 0, 1, NULL, "weighted round robin, if the controller has it"),
	KEY("max_transfer", max_transfer_bytes, SIZE, 1, PAGE, PAGE, 64u << 20, NULL, "bytes of one command; larger reads and writes are split"),
	KEY("bounce_slots", bounce_slots, NUMBER, 1, 1, 0, NVL_MAX_BOUNCE_SLOTS, NULL, "commands at a time, of each queue, whose data are copied"),
	KEY("bounce_size", bounce_bytes, SIZE, 1, PAGE, PAGE, 64u << 20, NULL, "bytes of such a copy"),
	KEY("sgl_threshold", sgl_threshold_bytes, SIZE, 1, 1, 0, 64u << 20, NULL, "commands of so much and more use an SGL where it is shorter; 0: none does"),
	KEY("stripe", stripe_bytes, SIZE, 1, 1, 0, 64u << 20, NULL, "reads and writes do not cross multiples of it; 0: as the namespace says"),
	KEY("split_at_atomic", split_at_atomic, BOOL, 1, 1, 0, 1, NULL, "writes do not cross the namespace's atomic boundary"),
	KEY("namespaces", namespaces, NUMBER, 1, 1, 1, NVL_MAX_NAMESPACES, NULL, "namespaces that the driver has room for"),
	KEY("admin_timeout", admin_timeout_nsec, DURATION, 1, 1, 1, LONGEST, NULL, "how long an admin command may take"),
	KEY("io_timeout", io_timeout_nsec, DURATION, 1, 1, 1, LONGEST, NULL, "how long an I/O command may take"),
	KEY("max_retries", max_retries, NUMBER, 1, 1, 0, NVL_MAX_RETRIES, NULL, "how often a refused command is sent again"),
	KEY("resend", resend, BOOL, 1, 1, 0, 1, NULL, "what a reset finds outstanding is sent again after it, as the policy says"),
	KEY("policy", policy, NAME, 1, 1, 0, NVL_POLICIES - 1, name_of_policy, "which refused commands are sent again: docs/recovery.md says how they differ"),
	KEY("events", events, NUMBER, 1, 1, 0, NVL_AERS, NULL, "Asynchronous Event Requests; with 0 no event is heard of"),
	KEY("max_power_latency", max_power_latency_usec, DURATION, NVL_USEC, 1, 0, UINT32_C(3600000000), NULL, "an idle controller goes to power states from which it wakes up in that time; with 0 that is left as it is"),
	KEY("shadow", shadow, BOOL, 1, 1, 0, 1, NULL, "doorbells in memory, if the controller has Doorbell Buffer Config"),
	KEY("stats", stats, BOOL, 1, 1, 0, 1, NULL, "count by opcode and measure latency"),
};
/* clang-format on */

const struct nvl_key *nvl_config_key(uint32_t index)
{
	return index < sizeof(keys) / sizeof(keys[0]) ? &keys[index] : NULL;
}

static uint64_t get(const struct nvl_config *config, const struct nvl_key *key)
{
	const uint8_t *member = (const uint8_t *)config + key->offset;
	uint64_t wide;
	uint32_t narrow;

	if (key->width == sizeof(bool))
		return *member;
	if (key->width == sizeof(narrow)) {
		memcpy(&narrow, member, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, member, sizeof(wide));
	return wide;
}

static void set(struct nvl_config *config, const struct nvl_key *key, uint64_t value)
{
	uint8_t *member = (uint8_t *)config + key->offset;
	uint32_t narrow = (uint32_t)value;

	if (key->width == sizeof(bool))
		*member = value != 0;
	else
		memcpy(member, key->width == sizeof(narrow) ? (void *)&narrow : (void *)&value,
		       key->width);
}

static bool fits(const struct nvl_key *key, uint64_t value)
{
	return value >= key->min && value <= key->max && value % key->step == 0;
}

/** nvl_config_ok - whether every parameter is in its range */
bool nvl_config_ok(const struct nvl_config *config)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!fits(&keys[i], get(config, &keys[i])))
			return false;
	}
	return true;
}

static void print_value(const struct nvl_key *key, uint64_t value, struct nvme_text *text)
{
	switch (key->type) {
	case NVL_KEY_BOOL:
		nvme_text_add(text, value ? "true" : "false");
		break;
	case NVL_KEY_SIZE:
		nvme_text_size(text, value * key->unit);
		break;
	case NVL_KEY_DURATION:
		nvme_text_duration(text, value * key->unit);
		break;
	case NVL_KEY_NAME:
		nvme_text_add(text, key->value_name((uint32_t)value));
		break;
	case NVL_KEY_NUMBER:
	default:
		nvme_text_u64(text, value);
		break;
	}
}

void nvl_config_print(const struct nvl_config *config, const struct nvl_key *key,
		      struct nvme_text *text)
{
	print_value(key, get(config, key), text);
}

static void add_names(const struct nvl_key *key, struct nvme_text *text)
{
	for (uint32_t i = 0; i <= key->max; i++) {
		if (i > 0)
			nvme_text_add(text, i == key->max ? " or " : ", ");
		nvme_text_add(text, key->value_name(i));
	}
}

void nvl_config_allowed(const struct nvl_key *key, struct nvme_text *text)
{
	static const char *const kinds[] = {
		[NVL_KEY_NUMBER] = "a number from ",
		[NVL_KEY_BOOL] = "true or false",
		[NVL_KEY_SIZE] = "a size (512, 4K, 1M) from ",
		[NVL_KEY_DURATION] = "a duration (5us, 10ms, 2s) from ",
		[NVL_KEY_NAME] = "",
	};

	nvme_text_add(text, kinds[key->type]);
	if (key->type == NVL_KEY_NAME)
		add_names(key, text);
	if (key->type == NVL_KEY_NAME || key->type == NVL_KEY_BOOL)
		return;
	print_value(key, key->min, text);
	nvme_text_add(text, " to ");
	print_value(key, key->max, text);
	if (key->step > 1) {
		nvme_text_add(text, ", a multiple of ");
		print_value(key, key->step, text);
	}
}

static enum nvme_parse_result parse_name(const struct nvl_key *key, struct nvme_slice text,
					 uint64_t *ret_value)
{
	for (uint32_t i = 0; i <= key->max; i++) {
		if (nvme_slice_is(text, key->value_name(i))) {
			*ret_value = i;
			return NVME_PARSE_OK;
		}
	}
	return NVME_PARSE_INVALID;
}

static enum nvme_parse_result parse(const struct nvl_key *key, struct nvme_slice text,
				    uint64_t *ret_value)
{
	enum nvme_parse_result result;
	bool truth = false;

	switch (key->type) {
	case NVL_KEY_BOOL:
		result = nvme_parse_bool(text.data, text.bytes, &truth);
		*ret_value = truth;
		return result;
	case NVL_KEY_SIZE:
		return nvme_parse_size(text.data, text.bytes, ret_value);
	case NVL_KEY_DURATION:
		return nvme_parse_duration(text.data, text.bytes, ret_value);
	case NVL_KEY_NAME:
		return parse_name(key, text, ret_value);
	case NVL_KEY_NUMBER:
	default:
		return nvme_parse_u64(text.data, text.bytes, ret_value);
	}
}

static const struct nvl_key *find_key(struct nvme_slice name, struct nvme_text *error)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (nvme_slice_is(name, keys[i].name))
			return &keys[i];
	}
	nvme_text_add(error, "unknown parameter '");
	nvme_text_slice(error, name);
	nvme_text_add(error, "'; there are ");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		nvme_text_add(error, i > 0 ? ", " : "");
		nvme_text_add(error, keys[i].name);
	}
	return NULL;
}

int nvl_config_set(struct nvl_config *config, struct nvme_slice name, struct nvme_slice value,
		   struct nvme_text *error)
{
	const struct nvl_key *key = find_key(name, error);
	uint64_t number = 0;

	if (!key)
		return -NVL_EINVAL;
	if (parse(key, value, &number) == NVME_PARSE_OK && number % key->unit == 0 &&
	    fits(key, number / key->unit)) {
		set(config, key, number / key->unit);
		return 0;
	}
	nvme_text_add(error, key->name);
	nvme_text_add(error, " = '");
	nvme_text_slice(error, value);
	nvme_text_add(error, "': allowed is ");
	nvl_config_allowed(key, error);
	return -NVL_EINVAL;
}
