/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules for a host in memory. */
#ifndef TESTS_HARNESS_FAULTS_H
#define TESTS_HARNESS_FAULTS_H

#include "emulator/core/fault.h"
#include "tests/harness/host.h"

/** th_faults - the rules of @text, [fault NAME] groups, from now on; each has to be accepted */
void th_faults(struct th_host *host, const char *text);

/** th_fault - the same with one rule, "r", that has the keys @keys */
void th_fault(struct th_host *host, const char *keys);

/** th_fired - how often rule @name has fired */
uint64_t th_fired(struct th_host *host, const char *name);

#endif
