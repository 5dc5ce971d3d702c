/* SPDX-License-Identifier: BSD-3-Clause */
/* Scenario files as the simulator reads them: the groups of controller, driver and workload. */
#include "tests/sim/internal.h"

#define DEFAULT_BLOCKS	     32768 /* 16 MiB */
#define DEFAULT_OPS	     64
#define DEFAULT_DEPTH	     8
#define DEFAULT_BLOCKS_OF_OP 8
#define SECOND		     1000000000ull
#define LONGEST		     (600 * SECOND)
#define LARGEST		     (1ull << 30) /* bytes of a namespace here */

enum type {
	NUMBER,
	SIZE,
	DURATION,
	BOOL,
	PATTERN
};

/** A key whose value is a number in a structure. */
struct key {
	const char *name;
	uint16_t offset;
	uint8_t width;
	uint8_t type;
	uint64_t min;
	uint64_t max;
};

/** A namespace as text has it. */
struct space {
	uint32_t nsid;
	uint64_t size;
	uint64_t lba;
	uint64_t ms;
	uint64_t pi;
};

#define AT(structure, member) \
	offsetof(struct structure, member), sizeof(((struct structure *)0)->member)

static const struct key workload_keys[] = {
	{ "pattern", AT(sim_workload, pattern), PATTERN, 0, SIM_PATTERNS - 1 },
	{ "ops", AT(sim_workload, ops), NUMBER, 0, 1000000 },
	{ "queue_depth", AT(sim_workload, queue_depth), NUMBER, 1, 1024 },
	{ "blocks", AT(sim_workload, blocks), NUMBER, 1, SIM_OP_BLOCKS },
	{ "range", AT(sim_workload, range), NUMBER, 0, UINT32_MAX },
	{ "flush_every", AT(sim_workload, flush_every), NUMBER, 0, UINT32_MAX },
	{ "fua_every", AT(sim_workload, fua_every), NUMBER, 0, UINT32_MAX },
	{ "fused_every", AT(sim_workload, fused_every), NUMBER, 0, UINT32_MAX },
	{ "overlap", AT(sim_workload, overlap), BOOL, 0, 1 },
	{ "protect", AT(sim_workload, protect), BOOL, 0, 1 },
	{ "think", AT(sim_workload, think_nsec), DURATION, 0, LONGEST },
	{ "linger", AT(sim_workload, linger_nsec), DURATION, 0, LONGEST },
	{ "shutdown", AT(sim_workload, shutdown), BOOL, 0, 1 },
	{ NULL, 0, 0, 0, 0, 0 },
};

static const struct key space_keys[] = {
	{ "size", AT(space, size), SIZE, 4096, LARGEST },
	{ "lba", AT(space, lba), SIZE, 512, 65536 },
	{ "ms", AT(space, ms), NUMBER, 0, 64 },
	{ "pi", AT(space, pi), NUMBER, 0, 3 },
	{ NULL, 0, 0, 0, 0, 0 },
};

/** What is read, and where it is. */
struct reader {
	struct sim_file *file;
	struct space space[EMU_MAX_NAMESPACES];
	uint32_t spaces;
};

void sim_file_init(struct sim_file *file)
{
	struct emu_ns_config ns = { .nsid = 1, .blocks = DEFAULT_BLOCKS, .lbads = 9 };
	char sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	memset(file, 0, sizeof(*file));
	emu_config_init(&file->emulator);
	emu_config_add_ns(&file->emulator, &ns, &error);
	nvl_config_init(&file->driver);
	file->driver.vectors = 2;
	file->driver.events = 1;
	file->workload = (struct sim_workload){
		.ops = DEFAULT_OPS,
		.queue_depth = DEFAULT_DEPTH,
		.blocks = DEFAULT_BLOCKS_OF_OP,
		.shutdown = true,
	};
}

static uint64_t get(const void *structure, const struct key *key)
{
	const uint8_t *member = (const uint8_t *)structure + key->offset;
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

static void put(void *structure, const struct key *key, uint64_t value)
{
	uint8_t *member = (uint8_t *)structure + key->offset;
	uint32_t narrow = (uint32_t)value;

	if (key->width == sizeof(bool))
		*member = value != 0;
	else if (key->width == sizeof(narrow))
		memcpy(member, &narrow, sizeof(narrow));
	else
		memcpy(member, &value, sizeof(value));
}

static bool find_pattern(struct nvme_slice value, uint64_t *ret_number)
{
	for (unsigned int i = 0; sim_pattern_name(i); i++) {
		if (nvme_slice_is(value, sim_pattern_name(i))) {
			*ret_number = i;
			return true;
		}
	}
	return false;
}

static bool read_value(const struct key *key, struct nvme_slice value, uint64_t *ret_number)
{
	bool flag = false;

	switch (key->type) {
	case NUMBER:
		return nvme_parse_u64(value.data, value.bytes, ret_number) == NVME_PARSE_OK;
	case SIZE:
		return nvme_parse_size(value.data, value.bytes, ret_number) == NVME_PARSE_OK;
	case DURATION:
		return nvme_parse_duration(value.data, value.bytes, ret_number) == NVME_PARSE_OK;
	case BOOL:
		if (nvme_parse_bool(value.data, value.bytes, &flag) != NVME_PARSE_OK)
			return false;
		*ret_number = flag;
		return true;
	default:
		return find_pattern(value, ret_number);
	}
}

static void print_number(const struct key *key, uint64_t value, struct nvme_text *text)
{
	switch (key->type) {
	case SIZE:
		nvme_text_size(text, value);
		break;
	case DURATION:
		nvme_text_duration(text, value);
		break;
	case BOOL:
		nvme_text_add(text, value ? "true" : "false");
		break;
	case PATTERN:
		nvme_text_add(text, sim_pattern_name((unsigned int)value));
		break;
	default:
		nvme_text_u64(text, value);
		break;
	}
}

static void say_allowed(const struct key *key, struct nvme_text *message)
{
	nvme_text_add(message, key->name);
	if (key->type == BOOL) {
		nvme_text_add(message, " is true or false");
		return;
	}
	nvme_text_add(message, key->type == PATTERN ? " is one of" : " is ");
	if (key->type != PATTERN) {
		nvme_text_add(message, key->type == NUMBER ? "a number from " : "from ");
		print_number(key, key->min, message);
		nvme_text_add(message, " to ");
		print_number(key, key->max, message);
	}
	for (unsigned int i = 0; key->type == PATTERN && sim_pattern_name(i); i++) {
		nvme_text_add(message, i ? ", " : " ");
		nvme_text_add(message, sim_pattern_name(i));
	}
}

static bool set_key(void *structure, const struct key *keys, struct nvme_slice name,
		    struct nvme_slice value, struct nvme_text *message)
{
	uint64_t number;

	for (const struct key *key = keys; key->name; key++) {
		if (!nvme_slice_is(name, key->name))
			continue;
		if (read_value(key, value, &number) && number >= key->min && number <= key->max) {
			put(structure, key, number);
			return true;
		}
		say_allowed(key, message);
		return false;
	}
	nvme_text_add(message, "no such key; there are");
	for (const struct key *key = keys; key->name; key++) {
		nvme_text_add(message, key == keys ? " " : ", ");
		nvme_text_add(message, key->name);
	}
	return false;
}

static bool begin_group(void *arg, enum nvme_scenario_group group, uint32_t nsid,
			struct nvme_text *message)
{
	struct reader *reader = arg;

	if (group != NVME_GROUP_NAMESPACE)
		return true;
	if (reader->spaces == EMU_MAX_NAMESPACES) {
		nvme_text_add(message, "too many namespaces");
		return false;
	}
	reader->space[reader->spaces++] = (struct space){
		.nsid = nsid,
		.size = DEFAULT_BLOCKS * 512,
		.lba = 512,
	};
	return true;
}

static bool take_value(void *arg, enum nvme_scenario_group group, uint32_t number,
		       struct nvme_slice key, struct nvme_slice value, struct nvme_text *message)
{
	struct reader *reader = arg;
	struct sim_file *file = reader->file;
	struct nvme_slice before = nvme_slice("before.");

	if (group == NVME_GROUP_CONTROLLER && number > 0)
		return emu_config_set_own(&file->emulator, number - 1, key.data, key.bytes,
					  value.data, value.bytes, message) == 0;
	if (group == NVME_GROUP_CONTROLLER)
		return emu_config_set(&file->emulator, key.data, key.bytes, value.data, value.bytes,
				      message) == 0;
	if (group == NVME_GROUP_NAMESPACE)
		return set_key(&reader->space[reader->spaces - 1], space_keys, key, value, message);
	if (group == NVME_GROUP_DRIVER)
		return nvl_config_set(&file->driver, key, value, message) == 0;
	if (group == NVME_GROUP_WORKLOAD && key.bytes > before.bytes &&
	    nvme_slice_equal((struct nvme_slice){ key.data, before.bytes }, before))
		return sim_task_set(
			&file->workload,
			(struct nvme_slice){ key.data + before.bytes, key.bytes - before.bytes },
			value, message);
	if (group == NVME_GROUP_WORKLOAD)
		return set_key(&file->workload, workload_keys, key, value, message);
	return sim_expect_set(file, key, value, message);
}

static uint32_t shift_of(uint64_t bytes)
{
	uint32_t shift = 0;

	while (1ull << shift < bytes)
		shift++;
	return shift;
}

/* The namespaces that were read take the place of the default one. */
static bool take_spaces(struct reader *reader, struct nvme_text *message)
{
	if (reader->spaces)
		reader->file->emulator.namespaces = 0;
	for (uint32_t i = 0; i < reader->spaces; i++) {
		const struct space *space = &reader->space[i];
		struct emu_ns_config ns = {
			.nsid = space->nsid,
			.lbads = shift_of(space->lba),
			.blocks = space->size / space->lba,
			.ms = (uint32_t)space->ms,
			.pi = (uint8_t)space->pi,
		};

		if (emu_config_add_ns(&reader->file->emulator, &ns, message))
			return false;
	}
	return true;
}

static bool is_protected(const struct sim_file *file)
{
	const struct emu_ns_config *ns = sim_first_namespace(file);

	return ns && ns->pi > 0;
}

static bool fits(const struct sim_file *file, struct nvme_text *message)
{
	if (emu_config_check(&file->emulator, message))
		return false;
	if (file->emulator.cmb || file->emulator.pmr) {
		nvme_text_add(message, "cmb and pmr: the simulator has no memory of the drive");
		return false;
	}
	if (!sim_expect_fits(file, message))
		return false;
	if (file->workload.protect && !is_protected(file)) {
		nvme_text_add(message, "protect: namespace 1 has no protection information (pi)");
		return false;
	}
	if (file->workload.protect && file->workload.fused_every) {
		nvme_text_add(message, "protect and fused_every: one of them");
		return false;
	}
	if (sim_memory_bytes(file) > 0)
		return true;
	nvme_text_add(message, "controller and driver do not fit together");
	return false;
}

enum nvme_ini_result sim_file_load(struct sim_file *file, const char *data, size_t bytes,
				   struct nvme_ini_error *ret_error)
{
	struct reader reader = { .file = file };
	const struct nvme_scenario_ops ops = {
		.arg = &reader,
		.group = begin_group,
		.value = take_value,
	};
	struct nvme_text message;

	sim_file_init(file);
	if (nvme_scenario_parse(&file->scenario, data, bytes, &ops, ret_error))
		return ret_error->result;
	file->emulator.controllers = file->scenario.controllers;
	nvme_text_init(&message, ret_error->message, sizeof(ret_error->message));
	if (!take_spaces(&reader, &message) || !fits(file, &message))
		ret_error->result = NVME_INI_REFUSED;
	return ret_error->result;
}

static void print_line(const char *name, struct nvme_text *text)
{
	nvme_text_add(text, name);
	nvme_text_add(text, " = ");
}

static void print_group(const void *structure, const void *usual, const struct key *keys,
			struct nvme_text *text)
{
	for (const struct key *key = keys; key->name; key++) {
		if (get(structure, key) == get(usual, key))
			continue;
		print_line(key->name, text);
		print_number(key, get(structure, key), text);
		nvme_text_char(text, '\n');
	}
}

static void print_controller(const struct sim_file *file, const struct sim_file *usual,
			     struct nvme_text *text)
{
	char here[256], there[256];
	const struct emu_key *key;

	for (unsigned int i = 0; (key = emu_config_key(i)); i++) {
		struct nvme_text a, b;

		nvme_text_init(&a, here, sizeof(here));
		nvme_text_init(&b, there, sizeof(there));
		emu_config_print(&file->emulator, key, &a);
		emu_config_print(&usual->emulator, key, &b);
		if (nvme_slice_is(nvme_slice(here), there))
			continue;
		print_line(key->name, text);
		nvme_text_add(text, here);
		nvme_text_char(text, '\n');
	}
}

/* Each group says that there is one more controller; most say no more than that. */
static void print_others(const struct emu_config *config, struct nvme_text *text)
{
	for (uint32_t ctrl = 1; ctrl < config->controllers; ctrl++) {
		nvme_text_add(text, "\n[controller ");
		nvme_text_u64(text, ctrl + 1);
		nvme_text_add(text, "]\n");
		for (unsigned int own = 0; emu_own_name(own); own++) {
			if (!(config->own[ctrl].has >> own & 1))
				continue;
			print_line(emu_own_name(own), text);
			emu_config_print_own(config, ctrl, (enum emu_own)own, text);
			nvme_text_char(text, '\n');
		}
	}
}

static void print_spaces(const struct sim_file *file, struct nvme_text *text)
{
	static const struct space none;

	for (uint32_t i = 0; i < file->emulator.namespaces; i++) {
		const struct emu_ns_config *ns = &file->emulator.ns[i];
		struct space space = {
			.nsid = ns->nsid,
			.size = ns->blocks << ns->lbads,
			.lba = 1ull << ns->lbads,
			.ms = ns->ms,
			.pi = ns->pi,
		};

		nvme_text_add(text, "\n[namespace ");
		nvme_text_u64(text, ns->nsid);
		nvme_text_add(text, "]\n");
		print_group(&space, &none, space_keys, text);
	}
}

static void print_driver(const struct sim_file *file, const struct sim_file *usual,
			 struct nvme_text *text)
{
	char here[64], there[64];
	const struct nvl_key *key;

	for (unsigned int i = 0; (key = nvl_config_key(i)); i++) {
		struct nvme_text a, b;

		nvme_text_init(&a, here, sizeof(here));
		nvme_text_init(&b, there, sizeof(there));
		nvl_config_print(&file->driver, key, &a);
		nvl_config_print(&usual->driver, key, &b);
		if (nvme_slice_is(nvme_slice(here), there))
			continue;
		print_line(key->name, text);
		nvme_text_add(text, here);
		nvme_text_char(text, '\n');
	}
}

void sim_file_print(const struct sim_file *file, struct nvme_text *text)
{
	static struct sim_file usual; /* large; always the same */

	sim_file_init(&usual);
	nvme_scenario_print(&file->scenario, text);
	nvme_text_add(text, "\n[controller]\n");
	print_controller(file, &usual, text);
	print_others(&file->emulator, text);
	print_spaces(file, text);
	nvme_text_add(text, "\n[driver]\n");
	print_driver(file, &usual, text);
	nvme_text_add(text, "\n[workload]\n");
	print_group(&file->workload, &usual.workload, workload_keys, text);
	sim_task_print(&file->workload, text);
	nvme_scenario_print_faults(&file->scenario, text);
	sim_expect_print(file, text);
}
