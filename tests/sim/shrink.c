/* SPDX-License-Identifier: BSD-3-Clause */
/* Delta debugging of scenarios: see shrink.h. */
#include "tests/sim/shrink.h"

#include "tests/sim/internal.h"

/*
 * A step: take part @index of a scenario away, or make it smaller. False: there is nothing to take.
 * @parts: how many parts each of the file's @items has; @items NULL: they are parts of the file
 */
struct step {
	bool (*edit)(struct sim_file *file, uint32_t index);
	uint32_t (*items)(const struct sim_file *file);
	uint32_t parts;
};

static uint32_t rules(const struct sim_file *file)
{
	return file->scenario.faults;
}

static uint32_t expects(const struct sim_file *file)
{
	return file->expects;
}

static uint32_t tasks(const struct sim_file *file)
{
	return file->workload.tasks;
}

static uint32_t namespaces(const struct sim_file *file)
{
	return file->emulator.namespaces;
}

/* Element @index of an array is gone, those behind it move up; Return: how many remain. */
static uint32_t cut_out(void *array, uint32_t count, size_t bytes, uint32_t index)
{
	uint8_t *gone = (uint8_t *)array + index * bytes;

	memmove(gone, gone + bytes, (count - index - 1) * bytes);
	memset((uint8_t *)array + (count - 1) * bytes, 0, bytes);
	return count - 1;
}

static bool drop_rule(struct sim_file *file, uint32_t index)
{
	struct nvme_scenario *scenario = &file->scenario;

	scenario->faults = cut_out(scenario->fault, scenario->faults, sizeof(scenario->fault[0]),
				   index);
	return true;
}

static bool drop_expect(struct sim_file *file, uint32_t index)
{
	file->expects = cut_out(file->expect, file->expects, sizeof(file->expect[0]), index);
	return true;
}

static bool drop_task(struct sim_file *file, uint32_t index)
{
	struct sim_workload *workload = &file->workload;

	workload->tasks = cut_out(workload->task, workload->tasks, sizeof(workload->task[0]),
				  index);
	return true;
}

static bool drop_term(struct sim_file *file, uint32_t index)
{
	struct nvme_fault_rule *rule = &file->scenario.fault[index / NVME_FAULT_TERMS];
	uint32_t term = index % NVME_FAULT_TERMS;

	if (term >= rule->terms)
		return false;
	rule->terms = (uint8_t)cut_out(rule->term, rule->terms, sizeof(rule->term[0]), term);
	return true;
}

static bool drop_action(struct sim_file *file, uint32_t index)
{
	struct nvme_fault_rule *rule = &file->scenario.fault[index / NVME_FAULT_ACTIONS];
	uint32_t action = index % NVME_FAULT_ACTIONS;

	if (rule->actions < 2 || action >= rule->actions)
		return false;
	rule->actions = (uint8_t)cut_out(rule->action, rule->actions, sizeof(rule->action[0]),
					 action);
	return true;
}

static bool clear(uint64_t *value)
{
	bool any = *value != 0;

	*value = 0;
	return any;
}

/* Triggers of a rule that are conditions more. */
#define TRIGGERS 6

static bool drop_trigger(struct sim_file *file, uint32_t index)
{
	struct nvme_fault_rule *rule = &file->scenario.fault[index / TRIGGERS];

	switch (index % TRIGGERS) {
	case 0:
		memset(rule->within, 0, sizeof(rule->within));
		return clear(&rule->within_nsec);
	case 1:
		rule->from_nsec = 0;
		return clear(&rule->until_nsec);
	case 2:
		return clear(&rule->every);
	case 3:
		return clear(&rule->times);
	case 4:
		rule->chance = 0;
		return clear(&rule->chance_of);
	default:
		return clear(&rule->after);
	}
}

/* One match instead of chance, each so-many-th, or all from one on: what is left is a number. */
#define MATCHES 64

static bool pin_rule(struct sim_file *file, uint32_t index)
{
	struct nvme_fault_rule *rule = &file->scenario.fault[index / MATCHES];

	if (rule->nth != 0 && rule->nth <= index % MATCHES + 1 && rule->chance_of == 0)
		return false;
	rule->nth = index % MATCHES + 1;
	rule->chance = rule->chance_of = rule->every = rule->after = rule->times = 0;
	return true;
}

static bool shorten_delay(struct sim_file *file, uint32_t index)
{
	struct nvme_fault_rule *rule = &file->scenario.fault[index / NVME_FAULT_ACTIONS];
	struct nvme_fault_action *action = &rule->action[index % NVME_FAULT_ACTIONS];

	if (index % NVME_FAULT_ACTIONS >= rule->actions || action->kind != NVME_DO_DELAY ||
	    action->value < 2)
		return false;
	action->value /= 2;
	return true;
}

static bool halve(uint32_t *value, uint32_t least)
{
	if (*value <= least)
		return false;
	*value = *value / 2 > least ? *value / 2 : least;
	return true;
}

static bool lessen(uint32_t *value, uint32_t least)
{
	if (*value <= least)
		return false;
	(*value)--;
	return true;
}

static bool never(uint32_t *every)
{
	bool any = *every != 0;

	*every = 0;
	return any;
}

static bool shrink_workload(struct sim_file *file, uint32_t index)
{
	struct sim_workload *workload = &file->workload;

	switch (index) {
	case 0:
		return halve(&workload->ops, 0);
	case 1:
		return lessen(&workload->ops, 0);
	case 2:
		return halve(&workload->queue_depth, 1);
	case 3:
		return halve(&workload->blocks, 1);
	case 4:
		return clear(&workload->think_nsec);
	case 5:
		return clear(&workload->linger_nsec);
	case 6:
		return clear(&workload->range);
	case 7:
		return never(&workload->flush_every);
	case 8:
		return never(&workload->fua_every);
	case 9:
		return never(&workload->fused_every);
	default:
		return false;
	}
}

static bool shrink_namespace(struct sim_file *file, uint32_t index)
{
	struct emu_ns_config *ns = &file->emulator.ns[index];

	if (ns->blocks << ns->lbads < 8192)
		return false;
	ns->blocks /= 2;
	return true;
}

static const struct sim_file *usual_file(void)
{
	static struct sim_file usual; /* large; always the same */
	static bool made;

	if (!made)
		sim_file_init(&usual);
	made = true;
	return &usual;
}

/* A key of the controller has its usual value again. */
static bool reset_controller_key(struct sim_file *file, uint32_t index)
{
	const struct emu_key *key = emu_config_key(index);
	char here[256], usual[256], sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text a, b, error;

	if (!key)
		return false;
	nvme_text_init(&a, here, sizeof(here));
	nvme_text_init(&b, usual, sizeof(usual));
	nvme_text_init(&error, sentence, sizeof(sentence));
	emu_config_print(&file->emulator, key, &a);
	emu_config_print(&usual_file()->emulator, key, &b);
	return !nvme_slice_is(nvme_slice(here), usual) &&
	       emu_config_set(&file->emulator, key->name, nvme_slice(key->name).bytes, usual,
			      b.used, &error) == 0;
}

static bool reset_driver_key(struct sim_file *file, uint32_t index)
{
	const struct nvl_key *key = nvl_config_key(index);
	char here[64], usual[64], sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text a, b, error;

	if (!key)
		return false;
	nvme_text_init(&a, here, sizeof(here));
	nvme_text_init(&b, usual, sizeof(usual));
	nvme_text_init(&error, sentence, sizeof(sentence));
	nvl_config_print(&file->driver, key, &a);
	nvl_config_print(&usual_file()->driver, key, &b);
	return !nvme_slice_is(nvme_slice(here), usual) &&
	       nvl_config_set(&file->driver, nvme_slice(key->name), nvme_slice(usual), &error) == 0;
}

/* The last controller, with what it has of its own. */
static bool drop_controller(struct sim_file *file, uint32_t index)
{
	uint32_t last = file->emulator.controllers - 1;

	(void)index;
	if (last == 0)
		return false;
	memset(&file->emulator.own[last], 0, sizeof(file->emulator.own[last]));
	file->emulator.controllers = last;
	file->scenario.controllers = (uint8_t)last;
	return true;
}

static uint32_t controllers(const struct sim_file *file)
{
	return file->emulator.controllers;
}

static bool reset_own_key(struct sim_file *file, uint32_t index)
{
	struct emu_own_keys *own = &file->emulator.own[index / EMU_OWNS];
	uint32_t key = index % EMU_OWNS, before = own->has;

	own->has &= ~(1u << key);
	own->value[key] = 0;
	return own->has != before;
}

static bool drop_limit(struct sim_file *file, uint32_t index)
{
	uint32_t before = file->scenario.budget.limits;

	file->scenario.budget.limits &= ~(1u << index);
	return file->scenario.budget.limits != before;
}

static bool reset_seed(struct sim_file *file, uint32_t index)
{
	(void)index;
	return clear(&file->scenario.seed);
}

#define KEYS_MOST 256

/* What takes most away comes first. */
static const struct step steps[] = {
	{ drop_rule, rules, 1 },
	{ drop_controller, NULL, 1 },
	{ drop_task, tasks, 1 },
	{ shrink_workload, NULL, 9 },
	{ drop_expect, expects, 1 },
	{ drop_action, rules, NVME_FAULT_ACTIONS },
	{ drop_trigger, rules, TRIGGERS },
	{ pin_rule, rules, MATCHES },
	{ drop_term, rules, NVME_FAULT_TERMS },
	{ drop_limit, NULL, NVME_LIMITS },
	{ shorten_delay, rules, NVME_FAULT_ACTIONS },
	{ shrink_namespace, namespaces, 1 },
	{ reset_controller_key, NULL, KEYS_MOST },
	{ reset_own_key, controllers, EMU_OWNS },
	{ reset_driver_key, NULL, KEYS_MOST },
	{ reset_seed, NULL, 1 },
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* Whether rules still name each other as they have to. */
static bool is_whole(const struct sim_file *file)
{
	char sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	return nvme_fault_check_set(file->scenario.fault, file->scenario.faults, &error) &&
	       sim_expect_fits(file, &error) && emu_config_check(&file->emulator, &error) == 0 &&
	       sim_memory_bytes(file) > 0;
}

/* How a run of @file ended: verdict, first oracle, and what the first sentence is about. */
static enum sim_verdict run(struct sim_shrink *shrink, const struct sim_file *file,
			    uint32_t *ret_oracle, char *ret_what)
{
	struct sim_result result;
	struct nvme_text says;
	char *is;
	enum sim_verdict verdict;

	sim_run(file, shrink->memory, NULL, &result);
	nvme_text_init(&says, ret_what, SIM_WHAT);
	shrink->tries++;
	if (shrink->progress)
		shrink->progress(shrink->arg, shrink->tries);
	*ret_oracle = result.first;
	verdict = sim_judge(file, &result, &says);
	for (is = ret_what; *is && !(is[0] == ' ' && is[1] == 'i' && is[2] == 's'); is++)
		;
	*is = '\0';
	return verdict;
}

static bool is_same(const char *a, const char *b)
{
	return nvme_slice_is(nvme_slice(a), b);
}

static bool fails_as_before(struct sim_shrink *shrink)
{
	char what[SIM_WHAT];
	uint32_t oracle;

	if (!is_whole(shrink->work) ||
	    sim_memory_bytes(shrink->work) > sim_memory_bytes(shrink->file))
		return false;
	if (run(shrink, shrink->work, &oracle, what) != shrink->verdict)
		return false;
	return shrink->verdict == SIM_FAIL ? oracle == shrink->oracle : is_same(what, shrink->what);
}

/* How many parts a step has now: fewer, when it has taken some away. */
static uint32_t parts_of(const struct step *step, const struct sim_file *file)
{
	return step->parts * (step->items ? step->items(file) : 1);
}

/* Take the same part away for as long as that is possible; Return: whether it ever was. */
static bool take_away(struct sim_shrink *shrink, const struct step *step, uint32_t index)
{
	bool any = false;

	while (index < parts_of(step, shrink->file)) {
		*shrink->work = *shrink->file;
		if (!step->edit(shrink->work, index) || !fails_as_before(shrink))
			return any;
		*shrink->file = *shrink->work;
		any = true;
	}
	return any;
}

bool sim_shrink(struct sim_shrink *shrink)
{
	bool any = true;

	shrink->tries = 0;
	shrink->verdict = run(shrink, shrink->file, &shrink->oracle, shrink->what);
	if (shrink->verdict == SIM_PASS)
		return false;
	while (any) {
		any = false;
		for (size_t i = 0; i < STEPS; i++) {
			for (uint32_t at = 0; at < parts_of(&steps[i], shrink->file); at++)
				any |= take_away(shrink, &steps[i], at);
		}
	}
	return true;
}
