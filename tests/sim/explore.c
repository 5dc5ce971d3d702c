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

/* A base without what belongs to it alone. */
static void copy_base(const struct sim_file *base, struct sim_file *file)
{
	*file = *base;
	file->expects = 0;
	file->scenario.kind = NVME_CLASS_NONE;
	file->scenario.title[0] = '\0';
	for (uint32_t i = 0; i < file->scenario.faults; i++)
		file->scenario.fault[i].optional = true;
}

/* Rules that do nothing, one at each site: their states count occurrences. */
static void add_probes(struct sim_file *file)
{
	char name[NVME_FAULT_NAME_BYTES], action[NVME_FAULT_NAME_BYTES + 8];

	for (unsigned int site = 0; site < NVME_SITES; site++) {
		struct nvme_text text;

		nvme_text_init(&text, name, sizeof(name));
		nvme_text_add(&text, "probe.");
		nvme_text_add(&text, nvme_fault_site_name(site));
		nvme_text_init(&text, action, sizeof(action));
		nvme_text_add(&text, "arm ");
		nvme_text_add(&text, name);
		add_rule(file, name, site, action);
	}
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

/* The rule of fault @number of @occurrences, the first @before of which do not count. */
static void add_fault(enum sim_space space, const uint64_t *occurrences, const uint64_t *before,
		      uint64_t number, const char *name, struct sim_file *file)
{
	const struct sim_kind *kind = kinds;
	struct nvme_fault_rule *rule;
	char sentence[NVME_INI_MESSAGE_MAX];
	struct nvme_text error;
	uint64_t occurrence;

	while (number >= cases_of(space, occurrences, kind))
		number -= cases_of(space, occurrences, kind++);
	occurrence = before[kind->site] + (kind->persistent ? number / 2 : number);
	nvme_text_init(&error, sentence, sizeof(sentence));
	rule = add_rule(file, name, kind->site, kind->action);
	if (!rule)
		return;
	if (kind->persistent && number % 2)
		set_number(rule, "after", occurrence, &error);
	else
		set_number(rule, "nth", occurrence + 1, &error);
}

static void add_single(const struct sim_plan *plan, uint64_t number, const char *name,
		       struct sim_file *file)
{
	static const uint64_t none[NVME_SITES];

	add_fault(plan->space, plan->occurrences, none, number, name, file);
}

/* Run the bench's scenario with probes behind its rules; Return: of the controller's records. */
static uint64_t probe(struct sim_bench *bench, uint64_t *ret_occurrences)
{
	struct sim_file *work = &bench->work;
	uint32_t first = work->scenario.faults, room = work->emulator.faults;
	struct sim_result result;

	work->emulator.faults = NVME_SCENARIO_FAULTS;
	add_probes(work);
	sim_run(work, bench->memory, NULL, &result);
	work->scenario.faults = first;
	work->emulator.faults = room;
	for (unsigned int site = 0; site < NVME_SITES; site++)
		ret_occurrences[site] = result.fired[first + site];
	return result.hash[NVME_TRACE_CONTROLLER];
}

void sim_plan_make(struct sim_plan *plan, const struct sim_file *base, enum sim_space space,
		   uint64_t count, struct sim_bench *bench)
{
	memset(plan, 0, sizeof(*plan));
	plan->base = base;
	plan->space = space;
	plan->seed = base->scenario.seed;
	copy_base(base, &bench->work);
	probe(bench, plan->occurrences);
	plan->singles = count_cases(space, plan->occurrences);
	plan->cases = space == SIM_SPACE_SINGLE || space == SIM_SPACE_CRASH ? plan->singles : count;
}

/* What single fault @number adds to the occurrences of each site. */
static uint64_t added(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench,
		      uint64_t *ret_added)
{
	uint64_t hash;

	copy_base(plan->base, &bench->work);
	add_single(plan, number, SIM_FAULT_NAME, &bench->work);
	hash = probe(bench, ret_added);
	for (unsigned int site = 0; site < NVME_SITES; site++) {
		uint64_t before = plan->occurrences[site];

		ret_added[site] = ret_added[site] > before ? ret_added[site] - before : 0;
	}
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

void sim_plan_pairs(struct sim_plan *plan, uint64_t *pairs, uint64_t *hashes,
		    struct sim_bench *bench, void (*progress)(void *arg, uint64_t done), void *arg)
{
	uint64_t second[NVME_SITES];

	plan->pairs = pairs;
	plan->cases = 0;
	for (uint64_t i = 0; i < plan->singles; i++) {
		pairs[i] = plan->cases;
		hashes[i] = added(plan, i, bench, second);
		if (is_known(hashes, i, hashes[i]))
			plan->pruned++;
		else
			plan->cases += count_cases(plan->space, second);
		if (progress)
			progress(arg, i + 1);
	}
	pairs[plan->singles] = plan->cases;
}

static void add_pair(const struct sim_plan *plan, uint64_t number, struct sim_bench *bench)
{
	uint64_t low = 0, high = plan->singles;
	uint64_t second[NVME_SITES];

	/* The last one with cases before it that are not more than @number, and some of its own. */
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (plan->pairs[middle] <= number)
			low = middle;
		else
			high = middle;
	}
	added(plan, low, bench, second);
	add_fault(plan->space, second, plan->occurrences, number - plan->pairs[low],
		  SIM_FAULT_NAME "-2", &bench->work);
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

	copy_base(plan->base, file);
	if (plan->space == SIM_SPACE_SINGLE || plan->space == SIM_SPACE_CRASH) {
		add_single(plan, number, SIM_FAULT_NAME, file);
		return;
	}
	if (plan->space == SIM_SPACE_PAIR) {
		add_pair(plan, number, bench);
		return;
	}
	file->scenario.seed = nvme_draw(plan->seed, nvme_key(sim_space_name(plan->space)), number,
					SWARM_RULES);
	if (plan->space == SIM_SPACE_ORDER)
		file->emulator.reorder = ORDER_WINDOW;
	else
		add_swarm(plan, number, file);
}
