/* SPDX-License-Identifier: BSD-3-Clause */
/* A bad little driver: what it does wrong, a row for each rule of the judge. */
#ifndef TESTS_JUDGE_CRIMES_H
#define TESTS_JUDGE_CRIMES_H

#include <stddef.h>

#include "common/bits.h"
#include "emulator/judge/judge.h"
#include "tests/harness/host.h"

/**
 * struct crime - one thing done wrong, once
 * @rule: what the judge has to say, once, and nothing else
 * @commit: does it; the controller is enabled by then and @options.io_queues are there
 * @off: it is not: CC.EN is 0
 */
struct crime {
	enum emu_judge_rules rule;
	void (*commit)(struct th_host *h);
	bool off;
	struct th_options options;
};

/* A row: CRIME(rule, commit, .options = ...) */
#define CRIME(rule_, commit_, ...)                                \
	{                                                         \
		.rule = (rule_), .commit = (commit_), __VA_ARGS__ \
	}

/* The lists end with a row without commit. */
extern const struct crime register_crimes[], ring_crimes[], command_crimes[], queue_crimes[],
	data_crimes[];

#define CC_GOOD 0x00460001u /* EN, 64-byte and 16-byte entries */

/* QSIZE and QID of Create commands, entries not 0's based. */
#define QUEUE(entries, qid) ((((uint32_t)(entries)-1) << 16) | (qid))

#endif
