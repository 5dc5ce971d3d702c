/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenario files: see common/scenario.h.
 *
 * common/ini.c finds the groups and keys. What belongs to [scenario] and [fault NAME] is kept here,
 * the rest goes to the program. A sentence about something inside of a group begins with the group.
 */
#include "common/scenario.h"

#include "common/mem.h"

#define NSID_MAX    (UINT32_MAX - 1)
#define SHOWN_BYTES 60 /* of a name or value that is wrong */

/** enum naming - what a kind of group is called besides */
enum naming {
	NAME_NONE,
	NAME_NSID,
	NAME_CTRL,
	NAME_RULE,
};

static const struct {
	const char *name;
	enum naming naming;
	const char *help;
} groups[NVME_GROUPS] = {
	[NVME_GROUP_SCENARIO] = { "scenario", NAME_NONE, "what the file is; the first group" },
	[NVME_GROUP_CONTROLLER] = { "controller", NAME_CTRL,
				    "what the controllers offer; with a number from 2 to 16, that "
				    "there is such a controller, and what it has of its own" },
	[NVME_GROUP_NAMESPACE] = { "namespace", NAME_NSID,
				   "a namespace; its name is the NSID, 1 to 4294967294" },
	[NVME_GROUP_DRIVER] = { "driver", NAME_NONE, "how the driver is set up" },
	[NVME_GROUP_WORKLOAD] = { "workload", NAME_NONE, "what the application does" },
	[NVME_GROUP_BUDGET] = { "budget", NAME_NONE, "what faults may touch at most" },
	[NVME_GROUP_FAULT] = { "fault", NAME_RULE,
			       "a rule of docs/faults.md; its name is the rule's" },
	[NVME_GROUP_EXPECT] = { "expect", NAME_NONE, "what has to come of it" },
};

static const struct {
	const char *name;
	const char *help;
} classes[NVME_CLASSES] = {
	[NVME_CLASS_NONE] = { "", "the file does not say" },
	[NVME_CLASS_T] = { "T", "the application sees nothing" },
	[NVME_CLASS_R] = { "R", "exactly the errors that happened are reported" },
	[NVME_CLASS_C] = { "C",
			   "the controller may be reset; each request completes exactly once" },
	[NVME_CLASS_F] = { "F", "the controller is given up in bounded time" },
	[NVME_CLASS_X] = { "X", "out of contract: what the oracles see is the expected result" },
};

/**
 * struct reader - one pass over a file
 * @kind, @name: of the present group, as they stand in the file; @name may be empty
 * @group: enum nvme_scenario_group of it
 * @number: the NSID or the controller that it is about, or 0
 * @groups: so far
 * @has_format: [scenario] said format = 1
 * @ctrls: controllers that groups were about, a bit for each number
 * @nsids: of the namespaces so far; @namespaces of them
 * @lines: where each rule's group begins
 */
struct reader {
	struct nvme_scenario *scenario;
	const struct nvme_scenario_ops *ops;
	struct nvme_slice kind;
	struct nvme_slice name;
	enum nvme_scenario_group group;
	uint32_t number;
	uint32_t groups;
	uint32_t namespaces;
	bool has_format;
	uint32_t ctrls;
	uint32_t nsids[NVME_INI_GROUPS_MAX];
	uint32_t lines[NVME_SCENARIO_FAULTS];
};

const char *nvme_scenario_group_name(unsigned int group)
{
	return group < NVME_GROUPS ? groups[group].name : NULL;
}

const char *nvme_scenario_group_help(unsigned int group)
{
	return group < NVME_GROUPS ? groups[group].help : NULL;
}

const char *nvme_scenario_class_name(unsigned int kind)
{
	return kind < NVME_CLASSES ? classes[kind].name : NULL;
}

const char *nvme_scenario_class_help(unsigned int kind)
{
	return kind < NVME_CLASSES ? classes[kind].help : NULL;
}

static void show(struct nvme_text *text, struct nvme_slice slice)
{
	bool whole = slice.bytes <= SHOWN_BYTES;

	nvme_text_json(text, slice.data, whole ? slice.bytes : SHOWN_BYTES);
	nvme_text_add(text, whole ? "" : "...");
}

static bool refuse(struct nvme_text *message, struct nvme_slice slice, const char *why)
{
	nvme_text_char(message, '\'');
	show(message, slice);
	nvme_text_add(message, "' ");
	nvme_text_add(message, why);
	return false;
}

static bool set_format(struct nvme_scenario *scenario, struct nvme_slice value,
		       struct nvme_text *message)
{
	(void)scenario;
	return nvme_slice_is(value, "1") ||
	       refuse(message, value, "is no format that this version reads; allowed: 1");
}

static bool set_seed(struct nvme_scenario *scenario, struct nvme_slice value,
		     struct nvme_text *message)
{
	return nvme_parse_u64(value.data, value.bytes, &scenario->seed) == NVME_PARSE_OK ||
	       refuse(message, value,
		      "is not a number from 0 to 2^64 - 1, decimal or 0x hexadecimal");
}

static bool set_class(struct nvme_scenario *scenario, struct nvme_slice value,
		      struct nvme_text *message)
{
	for (unsigned int i = NVME_CLASS_T; i < NVME_CLASSES; i++) {
		if (nvme_slice_is(value, classes[i].name)) {
			scenario->kind = (uint8_t)i;
			return true;
		}
	}
	return refuse(message, value, "is no class; allowed: T, R, C, F, X");
}

/* Control characters would not be printed as they are read. */
static bool set_text(char *to, struct nvme_slice value, struct nvme_text *message)
{
	bool good = value.bytes < NVME_SCENARIO_TITLE;

	for (size_t i = 0; good && i < value.bytes; i++)
		good = (unsigned char)value.data[i] >= ' ' && value.data[i] != 0x7f;
	if (!good)
		return refuse(message, value,
			      "is no text of at most 127 bytes without control characters");
	memset(to, 0, NVME_SCENARIO_TITLE);
	if (value.bytes > 0)
		memcpy(to, value.data, value.bytes);
	return true;
}

_Static_assert(NVME_SCENARIO_CLAUSE == NVME_SCENARIO_TITLE, "set_text() is for both");

static bool set_title(struct nvme_scenario *scenario, struct nvme_slice value,
		      struct nvme_text *message)
{
	return set_text(scenario->title, value, message);
}

static bool set_clause(struct nvme_scenario *scenario, struct nvme_slice value,
		       struct nvme_text *message)
{
	return set_text(scenario->clause, value, message);
}

/* The first one has to be the first one of the file, too. */
static const struct {
	const char *name;
	bool (*set)(struct nvme_scenario *scenario, struct nvme_slice value,
		    struct nvme_text *message);
	const char *help;
} keys[] = {
	{ "format", set_format, "1, the version of this language; the first key of the file" },
	{ "seed", set_seed, "of all that is drawn, decimal or 0x hexadecimal; default: 0" },
	{ "class", set_class, "T, R, C, F or X: what a good driver makes of the faults" },
	{ "title", set_title, "one line for people" },
	{ "clause", set_clause, "what of the specification it rests on" },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

const char *nvme_scenario_key_name(unsigned int key)
{
	return key < KEYS ? keys[key].name : NULL;
}

const char *nvme_scenario_key_help(unsigned int key)
{
	return key < KEYS ? keys[key].help : NULL;
}

static bool set_key(struct reader *reader, struct nvme_slice key, struct nvme_slice value,
		    struct nvme_text *message)
{
	size_t i = 0;

	while (i < KEYS && !nvme_slice_is(key, keys[i].name))
		i++;
	if (i == KEYS) {
		refuse(message, key, "is no key of this group; allowed: ");
		for (i = 0; i < KEYS; i++) {
			nvme_text_add(message, i ? ", " : "");
			nvme_text_add(message, keys[i].name);
		}
		return false;
	}
	if (i > 0 && !reader->has_format)
		return refuse(message, key, "comes before format = 1, which is the first key");
	nvme_text_add(message, keys[i].name);
	nvme_text_add(message, ": ");
	if (!keys[i].set(reader->scenario, value, message))
		return false;
	nvme_text_clear(message);
	reader->has_format = true;
	return true;
}

static bool begin_rule(struct reader *reader, uint32_t line, struct nvme_text *message)
{
	struct nvme_scenario *scenario = reader->scenario;

	if (scenario->faults == NVME_SCENARIO_FAULTS) {
		nvme_text_add(message, "is one fault too many: there can be ");
		nvme_text_u64(message, NVME_SCENARIO_FAULTS);
		return false;
	}
	reader->lines[scenario->faults] = line;
	return nvme_fault_begin(&scenario->fault[scenario->faults++], reader->name, message);
}

/* One NSID can be written in several ways, which are the same to nobody but common/ini.c. */
static bool begin_namespace(struct reader *reader, struct nvme_text *message)
{
	uint64_t nsid;

	if (nvme_parse_u64(reader->name.data, reader->name.bytes, &nsid) != NVME_PARSE_OK ||
	    nsid == 0 || nsid > NSID_MAX)
		return refuse(message, reader->name, "is no NSID: a number from 1 to 4294967294");
	for (uint32_t i = 0; i < reader->namespaces; i++) {
		if (reader->nsids[i] == nsid)
			return refuse(message, reader->name, "is the NSID of an earlier group");
	}
	reader->number = (uint32_t)nsid;
	reader->nsids[reader->namespaces++] = reader->number;
	return true;
}

/* [controller] is about all of them, the first one among them. */
static bool begin_controller(struct reader *reader, struct nvme_text *message)
{
	uint64_t number;

	if (reader->name.bytes == 0)
		return true;
	if (nvme_parse_u64(reader->name.data, reader->name.bytes, &number) != NVME_PARSE_OK ||
	    number < 2 || number > NVME_SCENARIO_CTRLS)
		return refuse(message, reader->name,
			      "is no controller beside the first one: a number from 2 to 16");
	if (reader->ctrls >> number & 1)
		return refuse(message, reader->name, "is the controller of an earlier group");
	reader->ctrls |= 1u << number;
	reader->number = (uint32_t)number;
	if (reader->scenario->controllers < number)
		reader->scenario->controllers = (uint8_t)number;
	return true;
}

static bool find_group(struct reader *reader, struct nvme_text *message)
{
	unsigned int i = 0;

	while (i < NVME_GROUPS && !nvme_slice_is(reader->kind, groups[i].name))
		i++;
	if (i == NVME_GROUPS) {
		nvme_text_add(message, "is no group; allowed: ");
		for (i = 0; i < NVME_GROUPS; i++) {
			nvme_text_add(message, i ? ", " : "");
			nvme_text_add(message, groups[i].name);
		}
		return false;
	}
	reader->group = (enum nvme_scenario_group)i;
	if (groups[i].naming == NAME_NONE && reader->name.bytes > 0) {
		nvme_text_add(message, "has a name, and only controller, namespace and fault have "
				       "one");
		return false;
	}
	return true;
}

static bool on_group(void *arg, struct nvme_slice kind, struct nvme_slice name, uint32_t line,
		     struct nvme_text *message)
{
	struct reader *reader = arg;
	const struct nvme_scenario_ops *ops = reader->ops;

	reader->kind = kind;
	reader->name = name;
	reader->number = 0;
	if (!find_group(reader, message))
		return false;
	if (reader->groups++ == 0 ? reader->group != NVME_GROUP_SCENARIO : !reader->has_format) {
		nvme_text_add(message, "comes before [scenario] with format = 1");
		return false;
	}
	if (reader->group == NVME_GROUP_SCENARIO || reader->group == NVME_GROUP_BUDGET)
		return true;
	if (reader->group == NVME_GROUP_FAULT)
		return begin_rule(reader, line, message);
	if (reader->group == NVME_GROUP_CONTROLLER && !begin_controller(reader, message))
		return false;
	if (reader->group == NVME_GROUP_NAMESPACE && !begin_namespace(reader, message))
		return false;
	return !ops->group || ops->group(ops->arg, reader->group, reader->number, message);
}

static bool on_value(void *arg, struct nvme_slice key, struct nvme_slice value, uint32_t line,
		     struct nvme_text *message)
{
	struct reader *reader = arg;
	const struct nvme_scenario_ops *ops = reader->ops;

	(void)line;
	if (reader->group == NVME_GROUP_SCENARIO)
		return set_key(reader, key, value, message);
	if (reader->group == NVME_GROUP_BUDGET)
		return nvme_fault_budget_set(&reader->scenario->budget, key, value, message);
	if (reader->group == NVME_GROUP_FAULT)
		return nvme_fault_set_key(&reader->scenario->fault[reader->scenario->faults - 1],
					  key, value, message);
	return ops->value(ops->arg, reader->group, reader->number, key, value, message);
}

/* What is known when the whole file was read. */
static bool check_rules(struct reader *reader, struct nvme_text *message, uint32_t *ret_line)
{
	struct nvme_scenario *scenario = reader->scenario;

	for (uint32_t i = 0; i < scenario->faults; i++) {
		reader->kind = nvme_slice(groups[NVME_GROUP_FAULT].name);
		reader->name = nvme_slice(scenario->fault[i].name);
		*ret_line = reader->lines[i];
		if (!nvme_fault_check(&scenario->fault[i], message) ||
		    !nvme_fault_check_names(scenario->fault, scenario->faults, i, message))
			return false;
	}
	*ret_line = 0;
	return true;
}

static bool check_file(struct reader *reader, struct nvme_text *message, uint32_t *ret_line)
{
	if (!reader->has_format) {
		reader->kind = (struct nvme_slice){ NULL, 0 };
		nvme_text_add(message, reader->groups ? "[scenario] has no format = 1"
						      : "there is no [scenario] with format = 1");
		return false;
	}
	return check_rules(reader, message, ret_line);
}

/* "[group] sentence", for all that is wrong inside of a group. */
static void add_group(const struct reader *reader, struct nvme_ini_error *error)
{
	char sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text text;

	if (reader->kind.bytes == 0 ||
	    (error->result != NVME_INI_REFUSED && error->result != NVME_INI_KEY_TWICE &&
	     error->result != NVME_INI_NO_EQUALS && error->result != NVME_INI_NO_KEY))
		return;
	memcpy(sentence, error->message, sizeof(sentence));
	nvme_text_init(&text, error->message, sizeof(error->message));
	nvme_text_char(&text, '[');
	show(&text, reader->kind);
	if (reader->name.bytes > 0) {
		nvme_text_char(&text, ' ');
		show(&text, reader->name);
	}
	nvme_text_add(&text, "] ");
	nvme_text_add(&text, sentence);
}

enum nvme_ini_result nvme_scenario_parse(struct nvme_scenario *scenario, const char *data,
					 size_t bytes, const struct nvme_scenario_ops *ops,
					 struct nvme_ini_error *ret_error)
{
	struct reader reader;
	const struct nvme_ini_ops listen = { &reader, on_group, on_value };
	struct nvme_text message;

	memset(&reader, 0, sizeof(reader));
	memset(scenario, 0, sizeof(*scenario));
	scenario->controllers = 1;
	reader.scenario = scenario;
	reader.ops = ops;
	if (nvme_ini_parse(data, bytes, &listen, ret_error) == NVME_INI_OK) {
		nvme_text_init(&message, ret_error->message, sizeof(ret_error->message));
		if (!check_file(&reader, &message, &ret_error->line))
			ret_error->result = NVME_INI_REFUSED;
	}
	add_group(&reader, ret_error);
	return ret_error->result;
}

static void print_key(struct nvme_text *text, const char *key, const char *value)
{
	if (value[0] == '\0')
		return;
	nvme_text_add(text, key);
	nvme_text_add(text, " = ");
	nvme_text_add(text, value);
	nvme_text_char(text, '\n');
}

void nvme_scenario_print(const struct nvme_scenario *scenario, struct nvme_text *text)
{
	nvme_text_add(text, "[scenario]\nformat = 1\nseed = ");
	nvme_text_hex(text, scenario->seed);
	nvme_text_char(text, '\n');
	print_key(text, "class", classes[scenario->kind].name);
	print_key(text, "title", scenario->title);
	print_key(text, "clause", scenario->clause);
}

void nvme_scenario_print_faults(const struct nvme_scenario *scenario, struct nvme_text *text)
{
	if (scenario->budget.limits) {
		nvme_text_add(text, "\n[budget]\n");
		nvme_fault_budget_print(&scenario->budget, text);
	}
	for (uint32_t i = 0; i < scenario->faults; i++) {
		nvme_text_char(text, '\n');
		nvme_fault_print(&scenario->fault[i], text);
	}
}
