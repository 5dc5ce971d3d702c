/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Configurations as people write them: profiles, keys of the controller, namespaces.
 *
 * The input is lines: "profile NAME", "ns SPEC", "controllers N", and KEY=VALUE for all else. A key
 * is within its range whatever was written, and its printed value sets the same value; a
 * configuration that passes the check gives a layout and a size that hold, and a subsystem that
 * comes up, if it is small enough to try.
 */
#include "emulator/core/emu.h"
#include "emulator/device/device.h"
#include "tests/fuzz/input.h"

#define ERROR_BYTES 300
#define TRY_BYTES   (1u << 20)

static char error_buffer[ERROR_BYTES];

static struct nvme_text new_error(void)
{
	struct nvme_text error;

	nvme_text_init(&error, error_buffer, sizeof(error_buffer));
	return error;
}

static void check_result(int result, const struct nvme_text *error)
{
	th_claim(result == 0 || result == -22, "0 or -EINVAL");
	th_claim((result == 0) == (error->used == 0), "an error is a sentence");
}

static void add_ns(struct emu_config *config, const char *text)
{
	static struct emu_ns_spec spec;
	struct nvme_text error = new_error();
	struct emu_ns_config ns;
	int result;

	emu_ns_spec_init(&spec);
	result = emu_ns_spec_parse(&spec, text, &error);
	check_result(result, &error);
	th_claim(spec.lba_bytes >= 512 && spec.lba_bytes <= 65536 &&
			 (spec.lba_bytes & (spec.lba_bytes - 1)) == 0,
		 "a block size");
	th_claim(spec.size_bytes % spec.lba_bytes == 0, "whole blocks");
	th_claim(memchr(spec.file, '\0', sizeof(spec.file)), "the file's name ends");
	if (result)
		return;
	ns = (struct emu_ns_config){
		.nsid = spec.nsid ? spec.nsid : config->namespaces + 1,
		.blocks = spec.size_bytes / spec.lba_bytes,
		.lbads = (uint32_t)__builtin_ctz(spec.lba_bytes),
	};
	check_result(emu_config_add_ns(config, &ns, &error), &error);
}

static void apply(struct emu_config *config, const char *line)
{
	struct nvme_text error = new_error();
	const char *equals = strchr(line, '=');
	struct emu_config before = *config;
	int result;

	if (strncmp(line, "profile ", 8) == 0) {
		check_result(emu_config_profile(config, line + 8, &error), &error);
	} else if (strncmp(line, "ns ", 3) == 0) {
		add_ns(config, line + 3);
	} else if (strncmp(line, "controllers ", 12) == 0) {
		config->controllers = (uint32_t)strtoul(line + 12, NULL, 0);
	} else {
		size_t key = equals ? (size_t)(equals - line) : strlen(line);
		const char *value = equals ? equals + 1 : "";

		result = emu_config_set(config, line, key, value, strlen(value), &error);
		check_result(result, &error);
		th_claim(result == 0 || memcmp(&before, config, sizeof(before)) == 0,
			 "an error changes nothing");
	}
}

static uint64_t value_of(const struct emu_config *config, const struct emu_key *key)
{
	const uint8_t *at = (const uint8_t *)config + key->offset;

	switch (key->type) {
	case EMU_KEY_TEXT:
		return strlen((const char *)at);
	case EMU_KEY_BOOL:
		return *at;
	case EMU_KEY_DURATION:
	case EMU_KEY_SIZE:
		return *(const uint64_t *)(const void *)at;
	default:
		return *(const uint32_t *)(const void *)at;
	}
}

static void check_keys(const struct emu_config *config)
{
	const struct emu_key *key;

	for (unsigned int i = 0; (key = emu_config_key(i)) != NULL; i++) {
		struct emu_config copy = *config;
		uint64_t value = value_of(config, key);
		struct nvme_text error = new_error();
		struct nvme_text printed;
		char text[300];

		th_claim(value >= key->min && value <= key->max, "a value is within its range");
		nvme_text_init(&printed, text, sizeof(text));
		emu_config_print(config, key, &printed);
		th_claim(!printed.cut, "a value is short");
		th_claim(emu_config_set(&copy, key->name, strlen(key->name), text, printed.used,
					&error) == 0,
			 "what is printed can be set");
		th_claim(value_of(&copy, key) == value, "and is the same");
	}
}

static void op_panic(void *arg, const char *what)
{
	(void)arg;
	fprintf(stderr, "the core says: %s\n", what);
	abort();
}

static bool op_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	(void)arg;
	(void)ctrl;
	(void)vector;
	return true;
}

static void check_layout(const struct emu_config *config)
{
	struct emu_layout layout;

	emu_config_layout(config, &layout);
	th_claim(layout.bar0_bytes >= 16384 && layout.bar0_bytes <= 64u << 20 &&
			 (layout.bar0_bytes & (layout.bar0_bytes - 1)) == 0,
		 "a size that a BAR can have");
	th_claim(0x1000 + layout.doorbell_bytes <= layout.table_offset,
		 "doorbells end at the table");
	th_claim(layout.doorbell_bytes >= (2ull * (config->queues + 1)) << (2 + config->dstrd),
		 "every doorbell has its place");
	th_claim(layout.vectors >= 1 && layout.vectors <= 2048, "vectors that MSI-X can have");
	th_claim(layout.table_offset + layout.vectors * 16 <= layout.pba_offset, "table, then PBA");
	th_claim(layout.pba_offset + (layout.vectors + 63) / 64 * 8 <= layout.bar0_bytes,
		 "the PBA is in the BAR");
}

static void try(const struct emu_config *config)
{
	const struct emu_ops ops = { .irq = op_irq, .panic = op_panic };
	size_t bytes = emu_size(config);
	struct emu *emu;
	uint8_t csts[4];
	void *memory;

	th_claim(bytes > 0 && bytes % 64 == 0, "a valid configuration has a size");
	if (bytes > TRY_BYTES)
		return;
	memory = aligned_alloc(64, bytes);
	th_claim(memory, "there is memory");
	emu = emu_init(memory, config, &ops);
	for (uint32_t i = 0; i < config->controllers; i++) {
		emu_bar_read(emu, i, 0x1c, csts, sizeof(csts));
		th_claim(csts[0] == 0 && !emu_live(emu, i), "a controller begins disabled");
	}
	th_claim(emu_step(emu, 1000) == 0, "nothing to do");
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nvme_text error;
	struct emu_config config;
	char *text = malloc(size + 1);
	int result;

	th_claim(text, "there is memory");
	memcpy(text, data, size);
	text[size] = '\0';
	emu_config_init(&config);
	for (char *line = text, *end; line < text + size; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			end = line + strlen(line);
		*end = '\0';
		/*
		 * A line that ends early hides what is behind it from strings, not from the loop.
		 */
		apply(&config, line);
	}
	free(text);
	check_keys(&config);
	error = new_error();
	result = emu_config_check(&config, &error);
	check_result(result, &error);
	if (result) {
		th_claim(emu_size(&config) == 0, "a configuration that is refused has no size");
		return 0;
	}
	check_layout(&config);
	try(&config);
	return 0;
}
