/* SPDX-License-Identifier: BSD-3-Clause */
/* Namespaces as text: size=1G,file=PATH,lba=512. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/nvme_spec.h"
#include "emulator/device/device.h"
#include "emulator/device/say.h"

#define SIZE_DEFAULT (UINT64_C(64) << 20)
#define SIZE_MAX_NS  (UINT64_C(8191) << 50) /* in a file, offsets have 63 bits */
#define CACHE_MAX    (UINT64_C(1) << 30)
#define LBA_MIN	     512u
#define LBA_MAX	     65536u

struct key {
	struct emu_ns_key about;
	int (*set)(struct emu_ns_spec *spec, const char *value, struct nvme_text *error);
};

static int set_size(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t bytes;

	if (nvme_parse_size(value, strlen(value), &bytes) != NVME_PARSE_OK || bytes == 0 ||
	    bytes > SIZE_MAX_NS)
		return emu_say(error, -EINVAL,
			       "size=%s: a number of bytes, or of K, M, G, T or P (powers of "
			       "1024), up to 8191P",
			       value);
	spec->size_bytes = bytes;
	return 0;
}

static int set_file(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	if (value[0] == '\0' || strlen(value) >= sizeof(spec->file))
		return emu_say(error, -EINVAL, "file=%s: a path of 1 to %zu bytes",
			       value[0] ? "..." : "", sizeof(spec->file) - 1);
	memcpy(spec->file, value, strlen(value) + 1);
	return 0;
}

static int set_nbd(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	if (value[0] == '\0' || strlen(value) >= sizeof(spec->nbd))
		return emu_say(error, -EINVAL, "nbd=%s: a URI of 1 to %zu bytes",
			       value[0] ? "..." : "", sizeof(spec->nbd) - 1);
	memcpy(spec->nbd, value, strlen(value) + 1);
	return 0;
}

static int set_cache(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t bytes;

	if (nvme_parse_size(value, strlen(value), &bytes) != NVME_PARSE_OK || bytes > CACHE_MAX)
		return emu_say(error, -EINVAL, "cache=%s: 0 to 1G bytes", value);
	spec->cache_bytes = bytes;
	return 0;
}

static int set_lba(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t bytes;

	if (nvme_parse_size(value, strlen(value), &bytes) != NVME_PARSE_OK || bytes < LBA_MIN ||
	    bytes > LBA_MAX || (bytes & (bytes - 1)) != 0)
		return emu_say(error, -EINVAL, "lba=%s: a power of two, %u to %u bytes", value,
			       LBA_MIN, LBA_MAX);
	spec->lba_bytes = (uint32_t)bytes;
	return 0;
}

static int set_nsid(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t nsid;

	if (nvme_parse_u64(value, strlen(value), &nsid) != NVME_PARSE_OK || nsid == 0 ||
	    nsid > UINT32_MAX - 1)
		return emu_say(error, -EINVAL, "nsid=%s: a number from 1 to the key nn", value);
	spec->nsid = (uint32_t)nsid;
	return 0;
}

static int set_ms(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t bytes;

	if (nvme_parse_u64(value, strlen(value), &bytes) != NVME_PARSE_OK ||
	    (bytes != 0 && bytes != 8 && bytes != 16 && bytes != 64))
		return emu_say(error, -EINVAL, "ms=%s: 0, 8, 16 or 64 bytes of metadata", value);
	spec->format.ms = (uint32_t)bytes;
	return 0;
}

static int set_pi(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t type;

	if (nvme_parse_u64(value, strlen(value), &type) != NVME_PARSE_OK || type > NVME_PI_TYPE3)
		return emu_say(error, -EINVAL, "pi=%s: a type from 0 (none) to 3", value);
	spec->format.pi = (uint8_t)type;
	return 0;
}

/* The index of @value in @words, which a NULL ends; else a sentence with all of them. */
static int pick_word(const char *key, const char *value, const char *const words[],
		     struct nvme_text *error)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(value, words[i]) == 0)
			return i;
	}
	emu_say(error, 0, "%s=%s: one of", key, value);
	for (int i = 0; words[i]; i++)
		emu_say(error, 0, "%s %s", i == 0 ? "" : ",", words[i]);
	return -EINVAL;
}

static int set_guard(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	static const char *const words[] = { "16", "32", "64", NULL };
	int word = pick_word("guard", value, words, error);

	spec->format.pif = (uint8_t)(word < 0 ? 0 : word);
	return word < 0 ? word : 0;
}

static int set_pil(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	static const char *const words[] = { "last", "first", NULL };
	int word = pick_word("pil", value, words, error);

	spec->format.pi_first = word == 1;
	return word < 0 ? word : 0;
}

static int set_meta(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	static const char *const words[] = { "separate", "extended", NULL };
	int word = pick_word("meta", value, words, error);

	spec->format.extended = word == 1;
	return word < 0 ? word : 0;
}

static int set_share(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	static const char *const words[] = { "shared", "private", NULL };
	int word = pick_word("share", value, words, error);

	spec->format.exclusive = word == 1;
	return word < 0 ? word : 0;
}

/* Numbers from 1, with + between them. */
static int set_ctrl(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	const char *at = value;
	uint16_t attached = 0;
	bool all = strcmp(value, "all") == 0, none = strcmp(value, "none") == 0;

	while (!all && !none) {
		size_t digits = strcspn(at, "+");
		uint64_t number;

		if (nvme_parse_u64(at, digits, &number) != NVME_PARSE_OK || number == 0 ||
		    number > EMU_MAX_CONTROLLERS)
			return emu_say(error, -EINVAL,
				       "ctrl=%s: all, none, or controllers from 1 to %d with + "
				       "between them",
				       value, EMU_MAX_CONTROLLERS);
		attached |= (uint16_t)(1u << (number - 1));
		if (at[digits] == '\0')
			break;
		at += digits + 1;
	}
	spec->format.attached = attached;
	spec->format.detached = none;
	return 0;
}

static int set_anagrp(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t group;

	if (nvme_parse_u64(value, strlen(value), &group) != NVME_PARSE_OK || group == 0 ||
	    group > UINT32_MAX)
		return emu_say(error, -EINVAL, "anagrp=%s: a number from 1 to 4294967295", value);
	spec->format.anagrpid = (uint32_t)group;
	return 0;
}

static int set_lbstm(struct emu_ns_spec *spec, const char *value, struct nvme_text *error)
{
	uint64_t mask;

	if (nvme_parse_u64(value, strlen(value), &mask) != NVME_PARSE_OK)
		return emu_say(error, -EINVAL, "lbstm=%s: a number of 64 bits", value);
	spec->format.lbstm_clear = ~mask;
	return 0;
}

static const struct key keys[] = {
	{ { "size", "BYTES",
	    "Size, a multiple of the block size; K, M, G, T and P are powers of 1024. Default: the "
	    "size of the file or export, or 64M in memory." },
	  set_size },
	{ { "file", "PATH",
	    "Regular file or block device that holds the data; a file is made and extended to "
	    "size. Default: memory, where only what was written costs anything." },
	  set_file },
	{ { "nbd", "URI",
	    "Network block device export that holds the data, instead of a file: "
	    "nbd://HOST/EXPORT, "
	    "nbd+unix:///?socket=PATH, ...; size defaults to the export's." },
	  set_nbd },
	{ { "cache", "BYTES",
	    "Volatile write cache in front of it, up to 1G: what is not flushed is lost in a power "
	    "cut. Default: 0, none." },
	  set_cache },
	{ { "lba", "BYTES", "Logical block size, a power of two from 512 to 65536. Default: 512." },
	  set_lba },
	{ { "nsid", "NUMBER", "Namespace identifier. Default: the lowest that is free." },
	  set_nsid },
	{ { "ms", "BYTES", "Metadata of a block: 0, 8, 16 or 64 bytes. Default: 0." }, set_ms },
	{ { "pi", "TYPE",
	    "Protection information in the metadata: type 1, 2 or 3, or 0 for none. Default: 0." },
	  set_pi },
	{ { "guard", "BITS",
	    "Guard of the protection information, 16, 32 or 64 bits; 32 and 64 need ms=16 and "
	    "lba=4096. Default: 16." },
	  set_guard },
	{ { "pil", "PLACE",
	    "Protection information is in the first or the last bytes of the metadata. Default: "
	    "last." },
	  set_pil },
	{ { "lbstm", "MASK",
	    "Bits of the storage tag that are checked; it has 16 bits with a guard of 32 or 64. "
	    "Default: all." },
	  set_lbstm },
	{ { "meta", "WAY",
	    "Metadata is separate, in a buffer of its own, or extended, behind the data of each "
	    "block. Default: separate." },
	  set_meta },
	{ { "share", "HOW",
	    "shared: several controllers can have it at a time; private: one. Default: shared." },
	  set_share },
	{ { "ctrl", "NUMBERS",
	    "Controllers that it is attached to at first, 1+3 for example; all; or none. Default: "
	    "all, or 1 for a private one." },
	  set_ctrl },
	{ { "anagrp", "NUMBER", "ANA group, from 1 on. Default: the one that there is." },
	  set_anagrp },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

const struct emu_ns_key *emu_ns_key(unsigned int index)
{
	return index < KEYS ? &keys[index].about : NULL;
}

void emu_ns_spec_init(struct emu_ns_spec *spec)
{
	spec->nsid = 0;
	spec->size_bytes = SIZE_DEFAULT;
	spec->lba_bytes = LBA_MIN;
	spec->format = (struct emu_ns_config){ 0 };
	spec->file[0] = '\0';
	spec->nbd[0] = '\0';
	spec->cache_bytes = 0;
}

int emu_list_next(const char **list, char *item, size_t size)
{
	const char *from = *list;
	size_t used = 0;

	if (!from)
		return -ENOENT;
	for (; *from != '\0'; from++) {
		if (*from == ',' && *++from != ',') {
			item[used] = '\0';
			*list = from;
			return 0;
		}
		if (used + 1 >= size)
			return -E2BIG;
		item[used++] = *from;
	}
	item[used] = '\0';
	*list = NULL;
	return 0;
}

static int unknown_key(const char *key, size_t key_bytes, struct nvme_text *error)
{
	emu_say(error, 0, "'%.*s': KEY=VALUE with a key of", (int)key_bytes, key);
	for (unsigned int i = 0; i < KEYS; i++)
		emu_say(error, 0, "%s %s", i == 0 ? "" : ",", keys[i].about.name);
	return -EINVAL;
}

/* The row of a key; KEYS when there is none. */
static unsigned int find_key(const char *key, size_t key_bytes)
{
	unsigned int i = 0;

	while (i < KEYS && (strlen(keys[i].about.name) != key_bytes ||
			    memcmp(key, keys[i].about.name, key_bytes) != 0))
		i++;
	return i;
}

int emu_ns_spec_set(struct emu_ns_spec *spec, const char *key, size_t key_bytes, const char *value,
		    struct nvme_text *error)
{
	unsigned int i = find_key(key, key_bytes);

	return i < KEYS ? keys[i].set(spec, value, error) : unknown_key(key, key_bytes, error);
}

/* Sets what one KEY=VALUE says; @seen has a bit for each key that came before. */
static int set_item(struct emu_ns_spec *spec, const char *item, unsigned int *seen,
		    struct nvme_text *error)
{
	const char *value = strchr(item, '=');
	unsigned int i = value ? find_key(item, (size_t)(value - item)) : KEYS;

	if (i == KEYS)
		return emu_say(error, unknown_key(item, strlen(item), error),
			       "; ,, stands for a comma");
	if (*seen & 1u << i)
		return emu_say(error, -EINVAL, "%s is given twice", keys[i].about.name);
	*seen |= 1u << i;
	return keys[i].set(spec, value + 1, error);
}

void emu_ns_spec_begin(struct emu_ns_spec *spec)
{
	emu_ns_spec_init(spec);
	spec->size_bytes = 0;
}

int emu_ns_spec_end(struct emu_ns_spec *spec, struct nvme_text *error)
{
	if (spec->file[0] && spec->nbd[0])
		return emu_say(error, -EINVAL, "file and nbd: one of them holds the data");
	if (spec->size_bytes == 0 && !spec->file[0] && !spec->nbd[0])
		spec->size_bytes = SIZE_DEFAULT;
	if (spec->size_bytes % spec->lba_bytes != 0)
		return emu_say(error, -EINVAL, "size=%llu is not a multiple of lba=%u",
			       (unsigned long long)spec->size_bytes, spec->lba_bytes);
	return 0;
}

int emu_ns_spec_parse(struct emu_ns_spec *spec, const char *text, struct nvme_text *error)
{
	struct emu_ns_spec parsed;
	char item[EMU_PATH_BYTES + 16];
	const char *list = text;
	unsigned int seen = 0;
	int result;

	emu_ns_spec_begin(&parsed);
	while ((result = emu_list_next(&list, item, sizeof(item))) == 0) {
		result = set_item(&parsed, item, &seen, error);
		if (result)
			return result;
	}
	if (result == -E2BIG)
		return emu_say(error, -EINVAL, "a value is longer than %d bytes",
			       EMU_PATH_BYTES - 1);
	result = emu_ns_spec_end(&parsed, error);
	if (!result)
		*spec = parsed;
	return result;
}
