/* SPDX-License-Identifier: BSD-3-Clause */
/* What a simulation knows, as lists: symbol, name, help. Names are part of scenario files. */
#ifndef TESTS_SIM_LISTS_H
#define TESTS_SIM_LISTS_H

/* clang-format off */
#define SIM_PATTERN_LIST(X) \
	X(MIXED, "mixed", "reads and writes at random places, half of each") \
	X(READ, "read", "reads at random places") \
	X(WRITE, "write", "writes at random places") \
	X(SEQUENTIAL, "sequential", "writes one after the other, then reads of what was written") \
	X(ADMIN, "admin", "Identify and Get Log Page, one after the other, and no I/O")

#define SIM_SPACE_LIST(X) \
	X(SINGLE, "single", "each fault at each occurrence of its site, once and from there on") \
	X(PAIR, "pair", "each fault, and each fault again at each occurrence that the first one has added") \
	X(CRASH, "crash", "the power goes at each write, flush and completion, and the cache keeps nothing, all, the oldest part, some") \
	X(ORDER, "order", "completions in other orders, a seed each") \
	X(SWARM, "swarm", "some of all faults at random places, a seed each")

#define SIM_TASK_LIST(X) \
	X(RESET, "reset", "reset the controller, with operations in flight") \
	X(SUBSYSTEM_RESET, "subsystem-reset", "reset the whole subsystem, with operations in flight") \
	X(RESCAN, "rescan", "read the namespaces again") \
	X(SUSPEND, "suspend", "shut down, and start again with the same namespaces") \
	X(ABRUPT, "abrupt", "shut down abruptly, and start again") \
	X(FORMAT, "format", "format namespace 1 as it is") \
	X(SANITIZE, "sanitize", "start a block erase, and go on") \
	X(FIRMWARE, "firmware", "download an image, and commit it for the next reset") \
	X(ACTIVATE, "activate", "download an image, and activate it at once") \
	X(FLUSH, "flush", "flush, and wait for it")

#define SIM_ORACLE_LIST(X) \
	X(ONCE, "once", "every request completes exactly once") \
	X(HONEST, "honest", "no success for a command that was not carried out") \
	X(DATA, "data", "a read returns what the history of its block allows") \
	X(DURABLE, "durable", "what was flushed, written with FUA, or there before a normal shutdown outlives a power cut") \
	X(TOLD, "told", "no flush is acknowledged after a power cut that may have taken writes, and of which nobody was told") \
	X(FUSED, "fused", "the Write of a fused pair replaces only what its Compare has found, and a pair succeeds when both do") \
	X(OWNER, "owner", "the device touches a buffer only while it owns it") \
	X(RETRY, "retry", "nothing is sent again that must not be, nor too often") \
	X(LEAK, "leak", "nothing is outstanding when all is over") \
	X(SETTLE, "settle", "everything ends in bounded time")

#define SIM_COUNTER_LIST(X) \
	X(APP_OPS, "app.ops", "operations that the application began") \
	X(APP_OK, "app.ok", "operations that succeeded") \
	X(APP_ERRORS, "app.errors", "operations that failed") \
	X(DRIVER_SUBMITTED, "driver.submitted", "commands that the driver sent") \
	X(DRIVER_RETRIES, "driver.retries", "commands that it sent again") \
	X(DRIVER_TIMEOUTS, "driver.timeouts", "commands that were late") \
	X(DRIVER_ABORTS, "driver.aborts", "Abort commands") \
	X(DRIVER_RESETS, "driver.resets", "resets that the driver began by itself") \
	X(DRIVER_POLLED, "driver.polled", "completions found without their interrupt") \
	X(DRIVER_STRAY, "driver.stray", "completions that no request waited for, or that make no sense") \
	X(DRIVER_EVENTS, "driver.events", "asynchronous events that the driver heard of") \
	X(DRIVER_RESTARTS, "driver.restarts", "restarts that the driver told of, after which what was not flushed may be gone") \
	X(DRIVER_QUEUES, "driver.queues", "I/O queues at the end") \
	X(DRIVER_NAMESPACES, "driver.namespaces", "namespaces in the driver's table at the end") \
	X(DRIVER_START, "driver.start", "result of the first start: 0, a status, or 65536 and an errno") \
	X(TASK_RESULT, "task.result", "result of the last task: 0, a status, or 65536 and an errno") \
	X(TIME_MS, "time.ms", "virtual milliseconds from power-on to the end") \
	X(EMU_COMMANDS, "emu.commands", "commands that the controller fetched")
/* clang-format on */

#endif
