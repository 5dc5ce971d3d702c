/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether fault rules are whole, and fit together. */
#include "common/fault_words.h"
#include "common/mem.h"

bool nvme_fault_check(const struct nvme_fault_rule *rule, struct nvme_text *error)
{
	if (rule->site == NVME_SITES)
		return nvme_fault_refuse(error, nvme_slice(rule->name),
					 "has no 'at': a fault needs a site");
	if (rule->actions == 0)
		return nvme_fault_refuse(error, nvme_slice(rule->name),
					 "has no 'do': a fault needs an action");
	return true;
}

static bool is_held(const struct nvme_fault_rule *rules, uint32_t count, const char *name)
{
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t a = 0; a < rules[i].actions; a++) {
			if (rules[i].action[a].kind == NVME_DO_HOLD &&
			    memcmp(rules[i].action[a].name, name, NVME_FAULT_NAME_BYTES) == 0)
				return true;
		}
	}
	return false;
}

static bool check_names(const struct nvme_fault_rule *rule, const struct nvme_fault_set *set,
			struct nvme_text *error)
{
	if (rule->within_nsec && nvme_fault_find(set, rule->within) == set->count)
		return nvme_fault_refuse(error, nvme_slice(rule->within),
					 "is no fault: 'within' names one");
	for (uint32_t i = 0; i < rule->actions; i++) {
		const struct nvme_fault_action *action = &rule->action[i];

		if ((action->kind == NVME_DO_ARM || action->kind == NVME_DO_DISARM) &&
		    nvme_fault_find(set, action->name) == set->count)
			return nvme_fault_refuse(error, nvme_slice(action->name),
						 "is no fault: 'arm' and 'disarm' name one");
		if (action->kind == NVME_DO_RELEASE &&
		    !is_held(set->rule, set->count, action->name))
			return nvme_fault_refuse(error, nvme_slice(action->name),
						 "is released, and no fault holds it");
	}
	return true;
}

bool nvme_fault_check_names(const struct nvme_fault_rule *rules, uint32_t count, uint32_t index,
			    struct nvme_text *error)
{
	struct nvme_fault_set set = { .count = count, .rule = rules };

	if (nvme_fault_find(&set, rules[index].name) < index)
		return nvme_fault_refuse(error, nvme_slice(rules[index].name), "names two faults");
	return check_names(&rules[index], &set, error);
}

bool nvme_fault_check_set(const struct nvme_fault_rule *rules, uint32_t count,
			  struct nvme_text *error)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!nvme_fault_check_names(rules, count, i, error))
			return false;
	}
	return true;
}
