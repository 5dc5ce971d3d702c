/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenario files (docs/scenario.md): which controller, which driver, which work, which faults, and
 * what has to come of it.
 *
 * This file knows the groups and what every program needs of them: [scenario], [budget] and
 * [fault NAME].
 * The keys of the others are handed to the program, which knows what they mean to it. Freestanding.
 */
#ifndef NVMELAB_COMMON_SCENARIO_H
#define NVMELAB_COMMON_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/fault.h"
#include "common/ini.h"
#include "common/text.h"

#define NVME_SCENARIO_FORMAT 1
#define NVME_SCENARIO_FAULTS 64	 /* [fault NAME] groups of a file, at most */
#define NVME_SCENARIO_CTRLS  16	 /* controllers of a file, at most */
#define NVME_SCENARIO_CLAUSE 128 /* bytes of a clause, with the NUL */
#define NVME_SCENARIO_TITLE  128 /* bytes of a title, with the NUL */

/** enum nvme_scenario_group - the kinds of groups */
enum nvme_scenario_group {
	NVME_GROUP_SCENARIO,
	NVME_GROUP_CONTROLLER, /* its name is a number from 2 on, or empty for all of them */
	NVME_GROUP_NAMESPACE,  /* its name is the NSID */
	NVME_GROUP_DRIVER,
	NVME_GROUP_WORKLOAD,
	NVME_GROUP_BUDGET,
	NVME_GROUP_FAULT, /* its name is the rule's */
	NVME_GROUP_EXPECT,
	NVME_GROUPS
};

/** enum nvme_scenario_class - what a good driver makes of the faults */
enum nvme_scenario_class {
	NVME_CLASS_NONE, /* the file does not say */
	NVME_CLASS_T,	 /* the application sees nothing */
	NVME_CLASS_R,	 /* exactly the errors that happened are reported */
	NVME_CLASS_C,	 /* the controller may be reset; each request completes exactly once */
	NVME_CLASS_F,	 /* the controller is given up in bounded time */
	NVME_CLASS_X,	 /* out of contract: what the oracles see is the expected result */
	NVME_CLASSES
};

/**
 * struct nvme_scenario - what every program needs of a file
 * @seed: of all draws, 0 if the file does not say
 * @kind: enum nvme_scenario_class
 * @budget: what the faults may touch
 * @controllers: how many [controller N] wants, with those between; 1 without any
 * @faults: in the order of the file
 */
struct nvme_scenario {
	uint64_t seed;
	uint8_t kind;
	uint8_t controllers;
	char title[NVME_SCENARIO_TITLE];
	char clause[NVME_SCENARIO_CLAUSE];
	struct nvme_fault_budget budget;
	uint32_t faults;
	struct nvme_fault_rule fault[NVME_SCENARIO_FAULTS];
};

/**
 * struct nvme_scenario_ops - who takes the keys of the groups that belong to programs
 * @arg: first argument of both
 * @group: a group of that kind begins; @number is the NSID of NVME_GROUP_NAMESPACE, the number of
 *	NVME_GROUP_CONTROLLER if it has one (2 .. NVME_SCENARIO_CTRLS), else 0; may be NULL
 * @value: a key of the group that began last
 *
 * Return of both: true to go on; false after writing to @message why not: what is wrong and what is
 * allowed. File, line, group are added by the caller.
 */
struct nvme_scenario_ops {
	void *arg;
	bool (*group)(void *arg, enum nvme_scenario_group group, uint32_t number,
		      struct nvme_text *message);
	bool (*value)(void *arg, enum nvme_scenario_group group, uint32_t number,
		      struct nvme_slice key, struct nvme_slice value, struct nvme_text *message);
};

/**
 * nvme_scenario_parse - read a file that is in memory
 * @scenario: filled in; its rules passed nvme_fault_check() and nvme_fault_check_set()
 * @data: the file, @bytes long
 * @ops: takes the keys of the other groups
 * @ret_error: line and sentence, which begins with the group ("[fault lose] ...") where there is
 *	one; NVME_INI_OK, line 0 and an empty sentence on success
 *
 * [scenario] with format = 1 has to be the first group. A fault that is not whole, or names another
 * one that there is not, is found after the last line, and has the line of its group.
 * Context: any; allocates nothing; about 28 KiB of stack.
 * Return: ret_error->result.
 */
enum nvme_ini_result nvme_scenario_parse(struct nvme_scenario *scenario, const char *data,
					 size_t bytes, const struct nvme_scenario_ops *ops,
					 struct nvme_ini_error *ret_error);

/** nvme_scenario_print - append [scenario] as the group that makes it; rules are not printed */
void nvme_scenario_print(const struct nvme_scenario *scenario, struct nvme_text *text);

/** nvme_scenario_print_faults - append budget and rules as their groups, a line before each */
void nvme_scenario_print_faults(const struct nvme_scenario *scenario, struct nvme_text *text);

/** nvme_scenario_group_name - as between brackets; NULL past the last one */
const char *nvme_scenario_group_name(unsigned int group);

/** nvme_scenario_group_help - one line about a group; NULL past the last one */
const char *nvme_scenario_group_help(unsigned int group);

/** nvme_scenario_key_name - a key of [scenario]; NULL past the last one */
const char *nvme_scenario_key_name(unsigned int key);

/** nvme_scenario_key_help - one line about a key of [scenario]; NULL past the last one */
const char *nvme_scenario_key_help(unsigned int key);

/** nvme_scenario_class_name - "T" and so on, "" for NVME_CLASS_NONE; NULL past the last one */
const char *nvme_scenario_class_name(unsigned int kind);

/** nvme_scenario_class_help - one line about a class; NULL past the last one */
const char *nvme_scenario_class_help(unsigned int kind);

#endif
