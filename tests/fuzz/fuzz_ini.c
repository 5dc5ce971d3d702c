/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenario files as the fuzzer wants them, against the reader of common/ini.h.
 *
 * The input is the file. Whatever is accepted is written again from what the reader said, and read
 * again: it has to say the same. Nothing is accepted twice, and nothing outside of the file is
 * named.
 */
#include "common/crc.h"
#include "common/ini.h"
#include "tests/fuzz/input.h"

#define ENTRIES_MAX (NVME_INI_GROUPS_MAX + NVME_INI_KEYS_MAX)

struct entry {
	bool is_group;
	struct nvme_slice first;
	struct nvme_slice second;
};

struct reading {
	const char *data;
	size_t bytes;
	uint32_t line;
	uint32_t count;
	uint64_t crc;
	char *copy;
	size_t copied;
	struct entry entries[ENTRIES_MAX];
};

static bool is_same(struct nvme_slice a, struct nvme_slice b)
{
	return a.bytes == b.bytes && (a.bytes == 0 || memcmp(a.data, b.data, a.bytes) == 0);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void check_slice(const struct reading *reading, struct nvme_slice slice)
{
	if (slice.bytes == 0)
		return;
	th_claim(slice.data >= reading->data &&
			 slice.data + slice.bytes <= reading->data + reading->bytes,
		 "a slice is in the file");
	th_claim(!is_blank(slice.data[0]) && !is_blank(slice.data[slice.bytes - 1]),
		 "blanks around are dropped");
	th_claim(!memchr(slice.data, '\0', slice.bytes) && !memchr(slice.data, '\n', slice.bytes),
		 "a slice is of one line");
}

static void copy(struct reading *reading, struct nvme_slice slice)
{
	if (slice.bytes > 0)
		memcpy(reading->copy + reading->copied, slice.data, slice.bytes);
	reading->copied += slice.bytes;
}

static void copy_text(struct reading *reading, const char *text)
{
	copy(reading, (struct nvme_slice){ text, strlen(text) });
}

static bool accept(struct reading *reading, struct entry entry, uint32_t line)
{
	uint8_t kind = entry.is_group;

	check_slice(reading, entry.first);
	check_slice(reading, entry.second);
	th_claim(entry.first.bytes > 0, "a kind and a key are not empty");
	th_claim(line > reading->line, "lines come in order");
	th_claim(reading->count < ENTRIES_MAX, "the file's limits hold");
	reading->line = line;
	for (uint32_t i = reading->count; i > 0; i--) {
		const struct entry *other = &reading->entries[i - 1];

		if (!entry.is_group && other->is_group)
			break;
		if (other->is_group != entry.is_group)
			continue;
		th_claim(!is_same(other->first, entry.first) ||
				 (entry.is_group && !is_same(other->second, entry.second)),
			 "nothing comes twice");
	}
	reading->entries[reading->count++] = entry;
	reading->crc = nvme_crc64(reading->crc, &kind, 1);
	reading->crc = nvme_crc64(reading->crc, entry.first.data, entry.first.bytes);
	reading->crc = nvme_crc64(reading->crc, &kind, 1);
	reading->crc = nvme_crc64(reading->crc, entry.second.data, entry.second.bytes);
	return true;
}

static bool on_group(void *arg, struct nvme_slice kind, struct nvme_slice name, uint32_t line,
		     struct nvme_text *message)
{
	struct reading *reading = arg;

	(void)message;
	copy_text(reading, "[");
	copy(reading, kind);
	copy_text(reading, name.bytes ? " " : "");
	copy(reading, name);
	copy_text(reading, "]\r\n");
	return accept(reading, (struct entry){ true, kind, name }, line);
}

static bool on_value(void *arg, struct nvme_slice key, struct nvme_slice value, uint32_t line,
		     struct nvme_text *message)
{
	struct reading *reading = arg;

	if (is_same(key, (struct nvme_slice){ "refuse", 6 })) {
		nvme_text_add(message, "refused");
		return false;
	}
	copy(reading, key);
	copy_text(reading, "=");
	copy(reading, value);
	copy_text(reading, "\r\n");
	return accept(reading, (struct entry){ false, key, value }, line);
}

static enum nvme_ini_result parse(struct reading *reading, const char *data, size_t bytes)
{
	const struct nvme_ini_ops ops = { reading, on_group, on_value };
	struct nvme_ini_error error;
	enum nvme_ini_result result;

	reading->data = data;
	reading->bytes = bytes;
	reading->line = 0;
	reading->count = 0;
	reading->crc = 0;
	reading->copied = 0;
	/* At worst, "k=" becomes "k=\r\n". */
	reading->copy = malloc(2 * bytes + 16);
	th_claim(reading->copy, "there is memory");
	result = nvme_ini_parse(data, bytes, &ops, &error);
	th_claim(result == error.result && result <= NVME_INI_REFUSED, "a result that there is");
	th_claim(memchr(error.message, '\0', sizeof(error.message)), "the message ends");
	th_claim((result == NVME_INI_OK) == (error.message[0] == '\0'), "an error has a message");
	th_claim(result != NVME_INI_OK || error.line == 0, "success has no line");
	th_claim(result == NVME_INI_OK || error.line >= reading->line, "the error comes last");
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reading first;
	static struct reading again;

	if (parse(&first, size ? (const char *)data : NULL, size) == NVME_INI_OK &&
	    first.copied <= NVME_INI_BYTES_MAX) {
		th_claim(parse(&again, first.copy, first.copied) == NVME_INI_OK,
			 "what was accepted is accepted again");
		th_claim(again.count == first.count && again.crc == first.crc, "and is the same");
		free(again.copy);
	}
	free(first.copy);
	return 0;
}
