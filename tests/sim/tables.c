/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists of lists.h as tables; the rules of the judge are oracles, too. */
#include "tests/sim/sim.h"

#define X(symbol, name, help) { name, help },
static const char *const patterns[][2] = { SIM_PATTERN_LIST(X) };
static const char *const tasks[][2] = { SIM_TASK_LIST(X) };
static const char *const oracles[][2] = { SIM_ORACLE_LIST(X) };
static const char *const counters[][2] = { SIM_COUNTER_LIST(X) };
#undef X

const char *sim_pattern_name(unsigned int pattern)
{
	return pattern < SIM_PATTERNS ? patterns[pattern][0] : NULL;
}

const char *sim_pattern_help(unsigned int pattern)
{
	return pattern < SIM_PATTERNS ? patterns[pattern][1] : NULL;
}

static const struct emu_judge_rule *rule_of(unsigned int oracle)
{
	return emu_judge_rule(oracle - SIM_ORACLE_JUDGE);
}

const char *sim_oracle_name(unsigned int oracle)
{
	if (oracle >= SIM_ORACLES)
		return NULL;
	return oracle < SIM_ORACLE_JUDGE ? oracles[oracle][0] : rule_of(oracle)->id;
}

const char *sim_oracle_help(unsigned int oracle)
{
	if (oracle >= SIM_ORACLES)
		return NULL;
	return oracle < SIM_ORACLE_JUDGE ? oracles[oracle][1] : rule_of(oracle)->sentence;
}

bool sim_oracle_is_advice(unsigned int oracle)
{
	return oracle >= SIM_ORACLE_JUDGE && oracle < SIM_ORACLES &&
	       rule_of(oracle)->level == EMU_JUDGE_ADVICE;
}

const char *sim_counter_name(unsigned int counter)
{
	return counter < SIM_COUNTERS ? counters[counter][0] : NULL;
}

const char *sim_counter_help(unsigned int counter)
{
	return counter < SIM_COUNTERS ? counters[counter][1] : NULL;
}

const char *sim_task_name(unsigned int task)
{
	return task < SIM_TASK_KINDS ? tasks[task][0] : NULL;
}

const char *sim_task_help(unsigned int task)
{
	return task < SIM_TASK_KINDS ? tasks[task][1] : NULL;
}
