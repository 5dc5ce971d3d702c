/* SPDX-License-Identifier: BSD-3-Clause */
/* Which rules fire, and the names of what there is: see fault.h. */
#include "common/fault.h"

#include "common/mem.h"
#include "common/random.h"

#define F(symbol) (1ull << NVME_FAULT_##symbol)
#define A(symbol) (1ull << NVME_DO_##symbol)

static const struct site {
	const char *name;
	uint64_t fields;
	uint64_t assigns;
	uint64_t actions;
	const char *help;
} sites[] = {
#define X(symbol, name, fields, assigns, actions, help) { name, fields, assigns, actions, help },
	NVME_FAULT_SITE_LIST(X)
#undef X
};

static const struct {
	const char *name;
	const char *help;
} fields[] = {
#define X(symbol, name, kind, help) { name, help },
	NVME_FAULT_FIELD_LIST(X)
#undef X
};

#define SITE false
#define ALL  true

static const struct {
	const char *name;
	bool everywhere;
	const char *help;
} actions[] = {
#define X(symbol, name, argument, where, help) { name, where, help },
	NVME_FAULT_ACTION_LIST(X)
#undef X
};

#define COMMON (F(CTRL) | F(LIFE))

const char *nvme_fault_site_name(unsigned int site)
{
	return site < NVME_SITES ? sites[site].name : NULL;
}

const char *nvme_fault_site_help(unsigned int site)
{
	return site < NVME_SITES ? sites[site].help : NULL;
}

uint64_t nvme_fault_site_fields(unsigned int site)
{
	return site < NVME_SITES ? sites[site].fields | COMMON : 0;
}

uint64_t nvme_fault_site_assigns(unsigned int site)
{
	return site < NVME_SITES ? sites[site].assigns : 0;
}

bool nvme_fault_site_does(unsigned int site, unsigned int kind)
{
	if (site >= NVME_SITES || kind >= NVME_DO_ACTIONS)
		return false;
	if (kind == NVME_DO_ASSIGN)
		return sites[site].assigns != 0;
	return actions[kind].everywhere || (sites[site].actions >> kind & 1);
}

bool nvme_fault_site_is_host(unsigned int site)
{
	return site == NVME_SITE_ENV_MAP || site == NVME_SITE_ENV_VECTORS ||
	       site == NVME_SITE_ENV_TIMER;
}

bool nvme_fault_is_everywhere(unsigned int kind)
{
	return kind < NVME_DO_ACTIONS && actions[kind].everywhere;
}

const char *nvme_fault_field_name(unsigned int field)
{
	return field < NVME_FAULT_FIELDS ? fields[field].name : NULL;
}

const char *nvme_fault_field_help(unsigned int field)
{
	return field < NVME_FAULT_FIELDS ? fields[field].help : NULL;
}

const char *nvme_fault_action_name(unsigned int kind)
{
	return kind < NVME_DO_ACTIONS ? actions[kind].name : NULL;
}

const char *nvme_fault_action_help(unsigned int kind)
{
	return kind < NVME_DO_ACTIONS ? actions[kind].help : NULL;
}

static bool same_name(const char *a, const char *b)
{
	return memcmp(a, b, NVME_FAULT_NAME_BYTES) == 0;
}

uint32_t nvme_fault_find(const struct nvme_fault_set *set, const char *name)
{
	uint32_t i = 0;

	while (i < set->count && !same_name(set->rule[i].name, name))
		i++;
	return i;
}

void nvme_fault_reset(struct nvme_fault_set *set)
{
	memset(set->state, 0, set->count * sizeof(*set->state));
	set->fired = 0;
	for (uint32_t i = 0; i < set->count; i++)
		set->state[i].armed = !set->rule[i].disarmed;
}

uint32_t nvme_fault_armed(const struct nvme_fault_set *set)
{
	uint32_t armed = 0;

	for (uint32_t i = 0; i < set->count; i++)
		armed |= set->state[i].armed ? 1u << set->rule[i].site : 0;
	return armed;
}

uint64_t nvme_fault_assign(const struct nvme_fault_action *action, uint64_t value)
{
	switch ((enum nvme_fault_assign)action->assign) {
	case NVME_ASSIGN_XOR:
		return value ^ action->value;
	case NVME_ASSIGN_OR:
		return value | action->value;
	case NVME_ASSIGN_AND:
		return value & action->value;
	case NVME_ASSIGN_SET:
	case NVME_ASSIGNS:
		break;
	}
	return action->value;
}

/* 'lba in A..B' is about all blocks of the command: they overlap. */
static bool overlaps(const struct nvme_fault_term *term, const struct nvme_fault_view *view)
{
	uint64_t first = view->value[NVME_FAULT_LBA];
	uint64_t blocks = view->value[NVME_FAULT_BLOCKS];

	return first <= term->high && blocks > 0 &&
	       (first >= term->low || term->low - first < blocks);
}

static bool holds(const struct nvme_fault_term *term, const struct nvme_fault_view *view)
{
	uint64_t value = view->value[term->field] & term->mask;

	if (!(view->has >> term->field & 1))
		return false;
	switch ((enum nvme_fault_relation)term->relation) {
	case NVME_REL_EQ:
		return value == term->low;
	case NVME_REL_NE:
		return value != term->low;
	case NVME_REL_LT:
		return value < term->low;
	case NVME_REL_LE:
		return value <= term->low;
	case NVME_REL_GT:
		return value > term->low;
	case NVME_REL_GE:
		return value >= term->low;
	case NVME_REL_IN:
		if (term->field == NVME_FAULT_LBA && term->mask == UINT64_MAX)
			return overlaps(term, view);
		return value >= term->low && value <= term->high;
	case NVME_RELATIONS:
		break;
	}
	return false;
}

static bool is_in_time(const struct nvme_fault_set *set, const struct nvme_fault_rule *rule,
		       uint64_t now_nsec)
{
	uint32_t other;

	if (now_nsec < rule->from_nsec || (rule->until_nsec && now_nsec >= rule->until_nsec))
		return false;
	if (rule->within_nsec == 0)
		return true;
	other = nvme_fault_find(set, rule->within);
	return other < set->count && set->state[other].fired > 0 &&
	       now_nsec - set->state[other].fired_nsec <= rule->within_nsec;
}

/* The predicate holds: is this the occasion? */
static bool is_triggered(const struct nvme_fault_set *set, const struct nvme_fault_rule *rule,
			 const struct nvme_fault_state *state, uint64_t identity)
{
	uint64_t draw;

	if (rule->nth && state->matches != rule->nth)
		return false;
	if (state->matches <= rule->after)
		return false;
	if (rule->every && (state->matches - rule->after) % rule->every != 0)
		return false;
	if (rule->times && state->fired >= rule->times)
		return false;
	if (rule->chance_of == 0)
		return true;
	draw = nvme_draw(set->seed, nvme_key(rule->name), identity, 0);
	return nvme_draw_below(draw, rule->chance_of) < rule->chance;
}

static bool sticks(const struct nvme_fault_rule *rule)
{
	for (uint32_t i = 0; i < rule->actions; i++) {
		if (rule->action[i].kind == NVME_DO_STICK)
			return true;
	}
	return false;
}

/* The budget has no more faults. */
static bool is_spent(const struct nvme_fault_set *set)
{
	return set->budget.limits >> NVME_LIMIT_FAULTS & 1 &&
	       set->fired >= set->budget.high[NVME_LIMIT_FAULTS];
}

static bool fires(struct nvme_fault_set *set, uint32_t index, const struct nvme_fault_view *view,
		  uint64_t now_nsec)
{
	const struct nvme_fault_rule *rule = &set->rule[index];
	struct nvme_fault_state *state = &set->state[index];

	if (!nvme_fault_budget_has(&set->budget, view) ||
	    (!state->stuck && !is_in_time(set, rule, now_nsec)))
		return false;
	for (uint32_t i = 0; i < rule->terms; i++) {
		if (!holds(&rule->term[i], view))
			return false;
	}
	state->matches++;
	if (is_spent(set) || (!state->stuck && !is_triggered(set, rule, state, view->identity)))
		return false;
	state->stuck = sticks(rule);
	state->fired++;
	set->fired++;
	state->fired_nsec = now_nsec;
	return true;
}

const struct nvme_fault_rule *nvme_fault_next(struct nvme_fault_set *set, uint32_t *at,
					      enum nvme_fault_site site,
					      const struct nvme_fault_view *view, uint64_t now_nsec)
{
	while (*at < set->count) {
		uint32_t index = (*at)++;

		if (set->rule[index].site == site && set->state[index].armed &&
		    fires(set, index, view, now_nsec))
			return &set->rule[index];
	}
	return NULL;
}
