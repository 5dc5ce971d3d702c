/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fault rules: at a site, when a predicate holds, on a trigger, do something.
 *
 *	[fault lose]
 *	at = cqe.post
 *	when = q == 1 && op == write
 *	nth = 3
 *	do = hold A; fatal
 *
 * This file knows the language and decides which rules fire; who owns a site does what they say.
 * Rules are data: they hold no pointer, and two equal texts make equal rules. Freestanding.
 */
#ifndef NVMELAB_COMMON_FAULT_H
#define NVMELAB_COMMON_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/fault_lists.h"
#include "common/text.h"

#pragma GCC visibility push(default)

#define NVME_FAULT_NAME_BYTES 32 /* of a rule or a hold, with the NUL */
#define NVME_FAULT_TERMS      8	 /* of a predicate */
#define NVME_FAULT_ACTIONS    4	 /* of a rule */

enum nvme_fault_field {
#define X(symbol, ...) NVME_FAULT_##symbol,
	NVME_FAULT_FIELD_LIST(X)
#undef X
	NVME_FAULT_FIELDS
};

enum nvme_fault_site {
#define X(symbol, ...) NVME_SITE_##symbol,
	NVME_FAULT_SITE_LIST(X)
#undef X
	NVME_SITES
};

enum nvme_fault_action_kind {
#define X(symbol, ...) NVME_DO_##symbol,
	NVME_FAULT_ACTION_LIST(X)
#undef X
	NVME_DO_ACTIONS
};

enum nvme_fault_life {
	NVME_LIFE_OFF,
	NVME_LIFE_INIT,
	NVME_LIFE_RUN,
	NVME_LIFE_RESET,
	NVME_LIFE_SHUTDOWN,
	NVME_LIFE_GONE,
	NVME_LIVES
};

enum nvme_fault_error {
	NVME_FAIL_ERROR,
	NVME_FAIL_FULL,
	NVME_FAIL_UNCORRECTABLE,
	NVME_FAIL_DEALLOCATED,
	NVME_FAILS
};

enum nvme_fault_keep {
	NVME_KEEP_NONE,
	NVME_KEEP_ALL,
	NVME_KEEP_PREFIX,
	NVME_KEEP_SUBSET,
	NVME_KEEPS
};

enum nvme_fault_relation {
	NVME_REL_EQ,
	NVME_REL_NE,
	NVME_REL_LE,
	NVME_REL_GE,
	NVME_REL_LT,
	NVME_REL_GT,
	NVME_REL_IN, /* low .. high, both included */
	NVME_RELATIONS
};

enum nvme_fault_assign {
	NVME_ASSIGN_SET,
	NVME_ASSIGN_XOR,
	NVME_ASSIGN_OR,
	NVME_ASSIGN_AND,
	NVME_ASSIGNS
};

/** struct nvme_fault_term - (field & mask) relation low; IN also has @high */
struct nvme_fault_term {
	uint8_t field;
	uint8_t relation;
	uint64_t mask;
	uint64_t low;
	uint64_t high;
};

/**
 * struct nvme_fault_action - one thing that a rule does
 * @kind: enum nvme_fault_action_kind
 * @field, @assign: ASSIGN only
 * @at: of FLIP and PUT the first byte, of UNCORRECTABLE the first block, of NS_RESIZE the
 *	namespace
 * @bytes: how many FLIP and PUT change, from the lowest of @value on
 * @value: the number, status (with DNR and CRD), word or bytes; of UNCORRECTABLE the last block,
 *	of NS_RESIZE the blocks, of WARN the number of a bit; in nanoseconds of DELAY, REMOVE,
 *	LATE_PHASE, EARLY_PHASE
 * @name: of HOLD, RELEASE, ARM, DISARM
 */
struct nvme_fault_action {
	uint8_t kind;
	uint8_t field;
	uint8_t assign;
	uint8_t bytes;
	uint64_t at;
	uint64_t value;
	char name[NVME_FAULT_NAME_BYTES];
};

/**
 * struct nvme_fault_rule - a [fault NAME] group; all zeros besides its name, site and actions means
 *	always
 * @nth: fires for this match only, counted from 1; @every: for each so-many-th; @after: not for the
 *	first so many; @times: so often at most. 0: not asked for.
 * @chance: fires in @chance of @chance_of cases; @chance_of 0: always
 * @from_nsec, @until_nsec: only in this time, the end not included; @until_nsec 0: no end
 * @within_nsec: only that long after rule @within has fired last; 0: not asked for
 * @optional: a run in which it never fires is none the worse
 * @disarmed: not looked at until another rule, or somebody, arms it
 */
struct nvme_fault_rule {
	char name[NVME_FAULT_NAME_BYTES];
	uint8_t site;
	uint8_t terms;
	uint8_t actions;
	bool optional;
	bool disarmed;
	uint64_t nth, every, after, times;
	uint64_t chance, chance_of;
	uint64_t from_nsec, until_nsec;
	uint64_t within_nsec;
	char within[NVME_FAULT_NAME_BYTES];
	struct nvme_fault_term term[NVME_FAULT_TERMS];
	struct nvme_fault_action action[NVME_FAULT_ACTIONS];
};

/** enum nvme_fault_limit - what a budget can be about */
enum nvme_fault_limit {
	NVME_LIMIT_CONTROLLERS, /* counted from 1, as in [controller 2] */
	NVME_LIMIT_QUEUES,	/* 0 for admin commands */
	NVME_LIMIT_LBA,		/* of each namespace */
	NVME_LIMIT_FAULTS,	/* how many altogether */
	NVME_LIMITS
};

/**
 * struct nvme_fault_budget - [budget]: what rules may touch; all zeros: everything
 * @limits: a bit for each enum nvme_fault_limit that is asked for
 * @low, @high: of it, both included; of NVME_LIMIT_FAULTS @high alone counts
 */
struct nvme_fault_budget {
	uint32_t limits;
	uint64_t low[NVME_LIMITS];
	uint64_t high[NVME_LIMITS];
};

/** struct nvme_fault_view - what a rule can see where it is asked; @has: a bit for each field */
struct nvme_fault_view {
	uint64_t has;
	uint64_t identity; /* of what draws are for */
	uint64_t value[NVME_FAULT_FIELDS];
};

/**
 * struct nvme_fault_state - of a rule; @stuck: it fires at every match; @matches: of its predicate;
 * @fired_nsec: the last time
 */
struct nvme_fault_state {
	bool armed;
	bool stuck;
	uint64_t matches;
	uint64_t fired;
	uint64_t fired_nsec;
};

/**
 * struct nvme_fault_set - rules that are looked at together, and what has become of them
 * @budget: what is outside of it is no match of any rule
 * @fired: of all rules, since nvme_fault_reset()
 */
struct nvme_fault_set {
	uint64_t seed;
	struct nvme_fault_budget budget;
	uint64_t fired;
	uint32_t count;
	const struct nvme_fault_rule *rule;
	struct nvme_fault_state *state;
};

/** nvme_fault_put - @view has @field, whose content is @value */
static inline void nvme_fault_put(struct nvme_fault_view *view, enum nvme_fault_field field,
				  uint64_t value)
{
	view->has |= 1ull << field;
	view->value[field] = value;
}

/** nvme_fault_site_name - @site as in 'at ='; NULL past the last one */
const char *nvme_fault_site_name(unsigned int site);

/** nvme_fault_site_help - one sentence about @site; NULL past the last one */
const char *nvme_fault_site_help(unsigned int site);

/** nvme_fault_site_fields - a bit for each field that a predicate at @site can name */
uint64_t nvme_fault_site_fields(unsigned int site);

/** nvme_fault_site_assigns - a bit for each field that an assignment at @site can change */
uint64_t nvme_fault_site_assigns(unsigned int site);

/** nvme_fault_site_does - whether @site knows the action @kind */
bool nvme_fault_site_does(unsigned int site, unsigned int kind);

/** nvme_fault_site_is_host - whether @site is in the host (env.*): a controller never reaches it */
bool nvme_fault_site_is_host(unsigned int site);

/** nvme_fault_is_everywhere - whether every site knows the action @kind */
bool nvme_fault_is_everywhere(unsigned int kind);

/** nvme_fault_field_name - @field as in 'when ='; NULL past the last one */
const char *nvme_fault_field_name(unsigned int field);

/** nvme_fault_field_help - one sentence about @field; NULL past the last one */
const char *nvme_fault_field_help(unsigned int field);

/** nvme_fault_action_name - @kind as in 'do ='; NULL past the last one */
const char *nvme_fault_action_name(unsigned int kind);

/** nvme_fault_action_help - one sentence about @kind; NULL past the last one */
const char *nvme_fault_action_help(unsigned int kind);

/**
 * nvme_fault_begin - an empty rule
 * @error: gets a sentence when @name is empty, too long, or has other characters than letters,
 *	digits, '-', '_' and '.'
 * Return: false then.
 */
bool nvme_fault_begin(struct nvme_fault_rule *rule, struct nvme_slice name,
		      struct nvme_text *error);

/**
 * nvme_fault_set_key - one key of a rule from text: at, when, do, nth, every, after, times, chance,
 *	window, within, optional, armed
 * @error: gets a sentence that names what is wrong and what is allowed
 *
 * 'at' comes before 'when' and 'do', which depend on it.
 * Return: false for a value that is refused; the rule is unchanged then.
 */
bool nvme_fault_set_key(struct nvme_fault_rule *rule, struct nvme_slice key,
			struct nvme_slice value, struct nvme_text *error);

/** nvme_fault_check - whether a rule is whole: it has a site and an action */
bool nvme_fault_check(const struct nvme_fault_rule *rule, struct nvme_text *error);

/**
 * nvme_fault_check_names - whether rule @index of @count @rules fits to the others: its name is no
 *	earlier one's, 'within', 'arm' and 'disarm' name one of them, 'release' a name that one of
 *	them holds
 */
bool nvme_fault_check_names(const struct nvme_fault_rule *rules, uint32_t count, uint32_t index,
			    struct nvme_text *error);

/**
 * nvme_fault_check_set - whether @count rules fit together: nvme_fault_check_names() of each
 */
bool nvme_fault_check_set(const struct nvme_fault_rule *rules, uint32_t count,
			  struct nvme_text *error);

/** nvme_fault_print - append the rule as the group that makes it, each line with its end */
void nvme_fault_print(const struct nvme_fault_rule *rule, struct nvme_text *text);

/**
 * nvme_fault_budget_set - one key of a budget from text: controllers, queues, lba, faults
 * @error: gets a sentence that names the key, what is wrong and what is allowed
 * Return: false for a value that is refused; the budget is unchanged then.
 */
bool nvme_fault_budget_set(struct nvme_fault_budget *budget, struct nvme_slice key,
			   struct nvme_slice value, struct nvme_text *error);

/** nvme_fault_budget_print - append the keys that there are, each line with its end */
void nvme_fault_budget_print(const struct nvme_fault_budget *budget, struct nvme_text *text);

/** nvme_fault_budget_key - name of @limit as a key; NULL past the last one */
const char *nvme_fault_budget_key(unsigned int limit);

/** nvme_fault_budget_help - one sentence about @limit; NULL past the last one */
const char *nvme_fault_budget_help(unsigned int limit);

/**
 * nvme_fault_budget_has - whether what @view sees may be touched
 *
 * What has no queue or no blocks is not bounded by queues or blocks; of a command that has blocks
 * all have to be inside. How many faults there were is not looked at.
 */
bool nvme_fault_budget_has(const struct nvme_fault_budget *budget,
			   const struct nvme_fault_view *view);

/** nvme_fault_reset - nothing has happened yet; @set names its rules and room for their states */
void nvme_fault_reset(struct nvme_fault_set *set);

/** nvme_fault_find - index of the rule called @name; the set's count when there is none */
uint32_t nvme_fault_find(const struct nvme_fault_set *set, const char *name);

/** nvme_fault_armed - a bit for each site that an armed rule is at */
uint32_t nvme_fault_armed(const struct nvme_fault_set *set);

/**
 * nvme_fault_next - the next rule at @site that fires, in the order of the file
 * @at: 0 at first, kept between calls
 * @now_nsec: the time of the controller, for windows
 *
 * Each rule is counted once; what a rule does can be seen by those behind it.
 * Return: the rule, or NULL when there is no other one.
 */
const struct nvme_fault_rule *nvme_fault_next(struct nvme_fault_set *set, uint32_t *at,
					      enum nvme_fault_site site,
					      const struct nvme_fault_view *view,
					      uint64_t now_nsec);

/** nvme_fault_assign - what an ASSIGN makes of @value */
uint64_t nvme_fault_assign(const struct nvme_fault_action *action, uint64_t value);

#pragma GCC visibility pop

#endif
