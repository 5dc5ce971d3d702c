/* SPDX-License-Identifier: BSD-3-Clause */
/* The cases of an exploration: see explore.h. */
#include "tests/sim/explore.h"

#include "tests/sim/internal.h"

#define SWARM_RULES  4
#define ORDER_WINDOW 4

#define X(symbol, name, help) { name, help },
static const char *const spaces[][2] = { SIM_SPACE_LIST(X) };
#undef X

/* Faults in contract: a driver has to survive them, and the data has to be right. */
static const struct sim_kind kinds[] = {
	{ NVME_SITE_REG_READ, true, false, "all-ones" },
	{ NVME_SITE_REG_WRITE, false, false, "drop" },
	{ NVME_SITE_DB_WRITE, true, false, "drop" },
	{ NVME_SITE_SQE_FETCH, true, false, "drop" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "status 0/06 dnr" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "status 0/06" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "status 0/82 crd=1" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "status 7/ff" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "delay 1s" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "delay 61s" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "hang" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "fatal" },
	{ NVME_SITE_CMD_EXECUTE, true, false, "reset" },
	{ NVME_SITE_CMD_RETIRE, true, false, "status 0/06" },
	{ NVME_SITE_MEDIA_READ, true, false, "fail uncorrectable" },
	{ NVME_SITE_MEDIA_WRITE, true, false, "fail error" },
	{ NVME_SITE_MEDIA_WRITE, true, false, "fail full" },
	{ NVME_SITE_MEDIA_FLUSH, true, false, "fail error" },
	{ NVME_SITE_MEDIA_READ, true, false, "hang" },
	{ NVME_SITE_MEDIA_WRITE, true, false, "hang" },
	{ NVME_SITE_CQE_POST, true, false, "drop" },
	{ NVME_SITE_CQE_POST, true, false, "duplicate" },
	{ NVME_SITE_CQE_POST, true, false, "delay 1s" },
	{ NVME_SITE_CQE_POST, true, false, "delay 61s" },
	{ NVME_SITE_CQE_POST, true, false, "phase ^= 1" },
	{ NVME_SITE_CQE_POST, true, false, "cid ^= 0x8000" },
	{ NVME_SITE_CQE_POST, true, false, "sqid ^= 3" },
	{ NVME_SITE_CQE_POST, true, false, "sqhd = 0xffff" },
	{ NVME_SITE_IRQ_RAISE, true, false, "drop" },
	{ NVME_SITE_IRQ_RAISE, true, false, "duplicate" },
	{ NVME_SITE_CTRL_ENABLE, true, false, "fatal" },
	{ NVME_SITE_CTRL_READY, true, false, "delay 1s" },
	{ NVME_SITE_CTRL_READY, true, false, "hang" },
	{ NVME_SITE_CTRL_RESET, true, false, "delay 1s" },
	{ NVME_SITE_CTRL_RESET, true, false, "hang" },
	{ NVME_SITE_CTRL_SHUTDOWN, true, false, "hang" },
	{ NVME_SITE_CMD_EXECUTE, false, false, "remove" },
	{ NVME_SITE_CQE_POST, false, false, "remove 5s" },
	{ NVME_SITE_CQE_POST, false, false, "cut-power none" },
	{ NVME_SITE_MEDIA_WRITE, false, true, "cut-power none" },
	{ NVME_SITE_MEDIA_WRITE, false, true, "cut-power all" },
	{ NVME_SITE_MEDIA_WRITE, false, true, "cut-power prefix" },
	{ NVME_SITE_MEDIA_WRITE, false, true, "cut-power subset" },
	{ NVME_SITE_MEDIA_FLUSH, false, true, "cut-power none" },
	{ NVME_SITE_MEDIA_FLUSH, false, true, "cut-power all" },
	{ NVME_SITE_MEDIA_FLUSH, false, true, "cut-power prefix" },
	{ NVME_SITE_MEDIA_FLUSH, false, true, "cut-power subset" },
	{ NVME_SITE_CQE_POST, false, true, "cut-power none" },
	{ NVME_SITE_CQE_POST, false, true, "cut-power all" },
	{ NVME_SITE_CQE_POST, false, true, "cut-power prefix" },
	{ NVME_SITE_CQE_POST, false, true, "cut-power subset" },
	{ NVME_SITE_ENV_MAP, false, false, "refuse" },
	{ NVME_SITE_ENV_VECTORS, true, false, "refuse" },
	{ NVME_SITE_ENV_VECTORS, true, false, "value = 1" },
	{ NVME_SITE_ENV_TIMER, true, false, "delay 1s" },
	{ NVME_SITE_ENV_TIMER, false, false, "delay 61s" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *sim_space_name(unsigned int space)
{
	return space < SIM_SPACES ? spaces[space][0] : NULL;
}

const char *sim_space_help(unsigned int space)
{
	return space < SIM_SPACES ? spaces[space][1] : NULL;
}

const struct sim_kind *sim_kind_at(unsigned int index)
{
	return index < KINDS ? &kinds[index] : NULL;
}

static void set_number(struct nvme_fault_rule *rule, const char *key, uint64_t value,
		       struct nvme_text *error)
{
	char digits[24];
	struct nvme_text text;

	nvme_text_init(&text, digits, sizeof(digits));
	nvme_text_u64(&text, value);
	nvme_fault_set_key(rule, nvme_slice(key), nvme_slice(digits), error);
}

/* A rule of the file more; NULL: there is no room. */
static struct nvme_fault_rule *add_rule(struct sim_file *file, const char *name, unsigned int site,
					const char *action)
{
	struct nvme_scenario *scenario = &file->scenario;
	struct nvme_fault_rule *rule = &scenario->fault[scenario->faults];
	char sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text error;

	if (scenario->faults == NVME_SCENARIO_FAULTS)
		return NULL;
	nvme_text_init(&error, sentence, sizeof(sentence));
	if (!nvme_fault_begin(rule, nvme_slice(name), &error) ||
	    !nvme_fault_set_key(rule, nvme_slice("at"), nvme_slice(nvme_fault_site_name(site)),
				&error) ||
	    !nvme_fault_set_key(rule, nvme_slice("do"), nvme_slice(action), &error))
		return NULL;
	rule->optional = true;
	scenario->faults++;
	return rule;
}

/* A base without what belongs to it alone. Where there may be faults is for cases, too. */
static void copy_base(const struct sim_file *base, struct sim_file *file)
{
	*file = *base;
	file->expects = 0;
	file->scenario.kind = NVME_CLASS_NONE;
	file->scenario.title[0] = '\0';
	file->scenario.budget.limits &= ~(1u << NVME_LIMIT_FAULTS);
	for (uint32_t i = 0; i < file->scenario.faults; i++)
		file->scenario.fault[i].optional = true;
}

size_t sim_plan_bytes(const struct sim_file *base, struct sim_file *work)
{
	copy_base(base, work);
	work->emulator.faults = NVME_SCENARIO_FAULTS;
	return sim_memory_bytes(work);
}

/* Cases of one row in @space: each of @occurrences once, and from there on. */
static uint64_t cases_of(enum sim_space space, const uint64_t *occurrences,
			 const struct sim_kind *kind)
{
	if (kind->crash != (space == SIM_SPACE_CRASH))
		return 0;
	return occurrences[kind->site] * (kind->persistent ? 2 : 1);
}

static uint64_t count_cases(enum sim_space space, const uint64_t *occurrences)
{
	uint64_t cases = 0;

	for (size_t i = 0; i < KINDS; i++)
		cases += cases_of(space, occurrences, &kinds[i]);
	return cases;
}

/* A fault of the table at an occurrence of its site, from 0 on; once, or from there on. */
struct fault {
	const struct sim_kind *kind;
	uint64_t occurrence;
	bool persists;
};

/* Fault @number of @occurrences, which begin behind @before others. */
static struct fault find_fault(enum sim_space space, const uint64_t *occurrences,
			       const uint64_t *before, uint64_t number)
{
	struct fault fault = { .kind = kinds };
	const struct sim_kind *kind = kinds;

	while (number >= cases_of(space, occurrences, kind))
		number -= cases_of(space, occurrences, kind++);
	fault.kind = kind;
	fault.persists = kind->persistent && number % 2;
	fault.occurrence = before[kind->site] + (kind->persistent ? number / 2 : number);
	return fault;
}

static void add_fault(const struct fault *fault, const char *name, struct sim_file *file)
{
	struct nvme_fault_rule *rule = add_rule(file, name, fault->kind->site, fault->kind->action);
	char sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text error;

	if (!rule)
		return;
	nvme_text_init(&error, sentence, sizeof(sentence));
	if (fault->persists)
		set_number(rule, "after", fault->occurrence, &error);
	else
		set_number(rule, "nth", fault->occurrence + 1, &error);
}

static struct fault single(const struct sim_plan *plan, uint64_t number)
{
	static const uint64_t none[NVME_SITES];

	return find_fault(plan->space, plan->occurrences, none, number);
}

static void add_single(const struct sim_plan *plan, uint64_t number, const char *name,
		       struct sim_file *file)
{
	struct fault fault = single(plan, number);

	add_fault(&fault, name, file);
}

void sim_plan_make(struct sim_plan *plan, const struct sim_file *base, enum sim_space space,
		   uint64_t count, struct sim_bench *bench)
{
	memset(plan, 0, sizeof(*plan));
	plan->base = base;
	plan->space = space;
	plan->seed = base->scenario.seed;
	bench->first = 0;
	copy_base(base, &bench->work);
	sim_trunk_begin(&bench->trunk, &bench->work, bench->memory, bench->snapshots);
	sim_trunk_grow(&bench->trunk, &bench->work, plan->occurrences);
	plan->singles = count_cases(space, plan->occurrences);
	plan->cases = space == SIM_SPACE_SINGLE || space == SIM_SPACE_CRASH ? plan->singles : count;
}

/* What is more than in the plan. */
static void subtract(const struct sim_plan *plan, uint64_t *occurrences)
{
	for (unsigned int site = 0; site < NVME_SITES; site++) {
		uint64_t before = plan->occurrences[site];

		occurrences[site] = occurrences[site] > before ? occurrences[site] - before : 0;
	}
}

/*
 * What single fault @number adds to the occurrences of each site; Return: a hash of the
 * controller's records, and of all occurrences, as not each of them is on record.
 */
static uint64_t added(const struct sim_plan *plan, uint64_t number, uint32_t note,
		      struct sim_bench *bench, uint64_t *ret_added)
{
	struct sim_result result;
	uint64_t hash;

	copy_base(plan->base, &bench->work);
	add_single(plan, number, SIM_FAULT_NAME, &bench->work);
	if (bench->snapshots) {
		sim_trunk_branch(&bench->trunk, &bench->work, note, ret_added, &result);
		hash = result.hash[NVME_TRACE_CONTROLLER];
	} else {
		hash = sim_trunk_grow(&bench->trunk, &bench->work, ret_added);
	}
	for (unsigned int site = 0; site < NVME_SITES; site++)
		hash = nvme_mix(hash ^ ret_added[site]);
	subtract(plan, ret_added);
	return hash;
}

static bool is_known(const uint64_t *hashes, uint64_t count, uint64_t hash)
{
	for (uint64_t i = 0; i < count; i++) {
		if (hashes[i] == hash)
			return true;
	}
	return false;
}

/*
 * Run each single fault, in the order of notes, and keep its hash, and in @pairs how many cases it
 * adds. What has not been run has its note in @pairs.
 */
static void run_singles(const struct sim_plan *plan, uint64_t *pairs, uint64_t *hashes,
			struct sim_bench *bench, void (*progress)(void *arg, uint64_t done),
			void *arg)
{
	uint32_t notes = bench->trunk.notes;
	uint64_t second[NVME_SITES], done = 0;

	for (uint64_t i = 0; i < plan->singles; i++) {
		struct fault fault = single(plan, i);

		pairs[i] = sim_trunk_note(&bench->trunk, fault.kind->site, fault.occurrence);
	}
	for (uint32_t note = 0; note < notes; note++) {
		for (uint64_t i = 0; i < plan->singles; i++) {
			if (pairs[i] != note)
				continue;
			hashes[i] = added(plan, i, note, bench, second);
			pairs[i] = SIM_NOTES + count_cases(plan->space, second);
			if (progress)
				progress(arg, ++done);
		}
	}
	for (uint64_t i = 0; i < plan->singles; i++)
		pairs[i] -= SIM_NOTES;
}

void sim_plan_pairs(struct sim_plan *plan, uint64_t *pairs, uint64_t *hashes,
		    struct sim_bench *bench, void (*progress)(void *arg, uint64_t done), void *arg)
{
	plan->pairs = pairs;
	plan->cases = 0;
	run_singles(plan, pairs, hashes, bench, progress, arg);
	for (uint64_t i = 0; i < plan->singles; i++) {
		uint64_t cases = pairs[i];

		pairs[i] = plan->cases;
		if (is_known(hashes, i, hashes[i]))
			plan->pruned++;
		else
			plan->cases += cases;
	}
	pairs[plan->singles] = plan->cases;
}

/* Of case @number: the last one with cases before it that are not more, and some of its own. */
static uint64_t first_fault(const struct sim_plan *plan, uint64_t number)
{
	uint64_t low = 0, high = plan->singles;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (plan->pairs[middle] <= number)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The second fault of case @number, whose first one is @first: the trunk is a run of that. */
static struct fault second_fault(const struct sim_plan *plan, uint64_t number, uint64_t first,
				 struct sim_bench *bench)
{
	if (bench->first != first + 1) {
		copy_base(plan->base, &bench->work);
		add_single(plan, first, SIM_FAULT_NAME, &bench->work);
		sim_trunk_grow(&bench->trunk, &bench->work, bench->second);
		subtract(plan, bench->second);
		bench->first = first + 1;
	}
	return find_fault(plan->space, bench->second, plan->occurrences,
			  number - plan->pairs[first]);
}

static void add_swarm(const struct sim_plan *plan, uint64_t number, struct sim_file *file)
{
	static const char *const names[SWARM_RULES] = { SIM_FAULT_NAME, SIM_FAULT_NAME "-2",
							SIM_FAULT_NAME "-3", SIM_FAULT_NAME "-4" };

	for (uint64_t i = 0; i < SWARM_RULES && plan->singles > 0; i++) {
		uint64_t draw = nvme_draw(plan->seed, nvme_key("swarm"), number, i);

		add_single(plan, nvme_draw_below(draw, plan->singles), names[i], file);
	}
}

void sim_plan_case(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench)
{
	struct sim_file *file = &bench->work;
	struct fault second;
	uint64_t first;

	if (plan->space == SIM_SPACE_PAIR) {
		first = first_fault(plan, number);
		second = second_fault(plan, number, first, bench);
		copy_base(plan->base, file);
		add_single(plan, first, SIM_FAULT_NAME, file);
		add_fault(&second, SIM_FAULT_NAME "-2", file);
		return;
	}
	copy_base(plan->base, file);
	if (plan->space == SIM_SPACE_SINGLE || plan->space == SIM_SPACE_CRASH) {
		add_single(plan, number, SIM_FAULT_NAME, file);
		return;
	}
	file->scenario.seed = nvme_draw(plan->seed, nvme_key(sim_space_name(plan->space)), number,
					SWARM_RULES);
	if (plan->space == SIM_SPACE_ORDER)
		file->emulator.reorder = ORDER_WINDOW;
	else
		add_swarm(plan, number, file);
}

/* Whether cases are the plan's base but for a rule. */
static bool has_trunk(const struct sim_plan *plan)
{
	return plan->space != SIM_SPACE_ORDER && plan->space != SIM_SPACE_SWARM;
}

uint64_t sim_plan_trunk(const struct sim_plan *plan, uint64_t number)
{
	return plan->space == SIM_SPACE_PAIR ? first_fault(plan, number) : 0;
}

uint32_t sim_plan_note(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench)
{
	struct fault fault;

	if (!has_trunk(plan))
		return 0;
	if (plan->space == SIM_SPACE_PAIR)
		fault = second_fault(plan, number, first_fault(plan, number), bench);
	else
		fault = single(plan, number);
	return sim_trunk_note(&bench->trunk, fault.kind->site, fault.occurrence);
}

void sim_plan_run(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench,
		  struct sim_result *ret_result)
{
	uint32_t note = sim_plan_note(plan, number, bench);

	sim_plan_case(plan, number, bench);
	if (bench->snapshots && has_trunk(plan))
		sim_trunk_branch(&bench->trunk, &bench->work, note, NULL, ret_result);
	else
		sim_run(&bench->work, bench->memory, NULL, ret_result);
}
