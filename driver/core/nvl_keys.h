/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parameters of the driver by name, for programs whose users set them as KEY=VALUE. Included by
 * nvl.h.
 */
#ifndef NVMELAB_DRIVER_CORE_NVL_KEYS_H
#define NVMELAB_DRIVER_CORE_NVL_KEYS_H

#include "driver/core/nvl.h"

#pragma GCC visibility push(default)

/** enum nvl_key_type - how a value is written */
enum nvl_key_type {
	NVL_KEY_NUMBER,
	NVL_KEY_BOOL,
	NVL_KEY_SIZE,	  /* with K, M, G: powers of 1024 */
	NVL_KEY_DURATION, /* with ns, us, ms, s, m */
	NVL_KEY_NAME,	  /* the name of a number from 0 on */
};

/**
 * struct nvl_key - a row of the table of parameters
 * @name: as users write it
 * @type: how its value is written
 * @offset: of the member in struct nvl_config
 * @width: bytes of the member
 * @unit: of a size, bytes; of a duration, nanoseconds: the member counts these, and a value is a
 *	whole number of them; else 1
 * @step: the member is a multiple of it
 * @min: least value of the member
 * @max: greatest value of the member
 * @value_name: of NVL_KEY_NAME: the name of a number; else NULL
 * @help: one line, without its full stop
 */
struct nvl_key {
	const char *name;
	enum nvl_key_type type;
	uint16_t offset;
	uint16_t width;
	uint32_t unit;
	uint32_t step;
	uint64_t min;
	uint64_t max;
	const char *(*value_name)(uint32_t number);
	const char *help;
};

/**
 * nvl_config_key - a row of the table
 * @index: from 0
 *
 * Context: any.
 * Return: the row; NULL past the last one.
 */
const struct nvl_key *nvl_config_key(uint32_t index);

/**
 * nvl_config_allowed - say in words what values a key takes: "a number from 0 to 15"
 * @key: a row of the table
 * @text: appended to
 */
void nvl_config_allowed(const struct nvl_key *key, struct nvme_text *text);

/**
 * nvl_config_print - the value that a key has, as nvl_config_set() reads it
 * @config: where it is looked up
 * @key: a row of the table
 * @text: appended to
 */
void nvl_config_print(const struct nvl_config *config, const struct nvl_key *key,
		      struct nvme_text *text);

/**
 * nvl_config_set - set one parameter from text
 * @config: the rest of it stays as it is
 * @name: of a key
 * @value: as its type says
 * @error: gets a sentence that names the key and what it takes, or the keys that there are
 *
 * Return: 0, or -NVL_EINVAL: the configuration is unchanged then.
 */
int nvl_config_set(struct nvl_config *config, struct nvme_slice name, struct nvme_slice value,
		   struct nvme_text *error);

#pragma GCC visibility pop

#endif
