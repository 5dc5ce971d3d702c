/* SPDX-License-Identifier: BSD-3-Clause */
/* A process of our own that tells what came of its work, in words of a fixed size, by a pipe. */
#ifndef TESTS_SIM_CLI_CHILD_H
#define TESTS_SIM_CLI_CHILD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** struct sim_child - the process; @fd is negative when there is none; @got: of the next word */
struct sim_child {
	int fd;
	pid_t pid;
	size_t got;
};

/** sim_child_fn - what it does from @index on; tells through @fd; its end is the process's */
typedef void sim_child_fn(const void *arg, uint64_t index, int fd);

/** enum sim_heard - what sim_child_hear() found */
enum sim_heard {
	SIM_HEARD_NOTHING,
	SIM_HEARD_WORD,
	SIM_HEARD_END
};

/** sim_child_start - begin; false with an error, and no process, where the system has none */
bool sim_child_start(struct sim_child *child, sim_child_fn *run, const void *arg, uint64_t index,
		     GError **error);

/** sim_child_tell - in the process: a word of @bytes bytes */
void sim_child_tell(int fd, const void *word, size_t bytes);

/** sim_child_hear - read what is there of a word into @word, which stays between calls */
enum sim_heard sim_child_hear(struct sim_child *child, void *word, size_t bytes);

/** sim_child_end - wait for its end; Return: its status, as of waitpid() */
int sim_child_end(struct sim_child *child);

/** sim_child_kill - end it now, if there is one */
void sim_child_kill(struct sim_child *child);

#endif
