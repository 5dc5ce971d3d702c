/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many reads and writes at a time: keeps every queue filled to a depth until there is nothing more
 * to do. Nothing is allocated while it runs.
 */
#ifndef NVMELAB_DRIVER_CLI_JOB_H
#define NVMELAB_DRIVER_CLI_JOB_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "driver/cli/session.h"

struct cli_job;

/**
 * struct cli_op - one command of a job
 * @data: its own buffer of job->op_bytes bytes
 * @slba: first block, filled in by next()
 * @write: direction, filled in by next()
 * @start_nsec: when it was submitted
 */
struct cli_op {
	struct cli_job *job;
	struct nvl_queue *queue;
	uint64_t offset;
	void *data;
	uint64_t slba;
	bool write;
	uint64_t start_nsec;
	struct cli_op *next_free;
};

/**
 * struct cli_job - what to do, and how far it is
 * @ns: usable
 * @op_bytes: of a command, a multiple of the block size
 * @next: fill in the next command, its data too for a write. Return: false when there is no more.
 * @done: look at a command that succeeded, at @now_nsec. Return: false to end the job, with an
 *	error in job->error.
 * @progress: called a few times a second, or NULL
 * @arg: for them
 * @commands: that were completed
 */
struct cli_job {
	struct cli_session *session;
	const struct nvl_ns *ns;
	uint32_t queues;
	uint32_t depth;
	uint64_t op_bytes;
	bool (*next)(struct cli_job *job, struct cli_op *op);
	bool (*done)(struct cli_job *job, struct cli_op *op, uint64_t now_nsec);
	void (*progress)(struct cli_job *job);
	void *arg;

	uint64_t commands;
	uint64_t start_nsec;
	uint64_t end_nsec;
	GError *error;

	struct cli_op *ops;
	struct cli_op **free; /* of each queue */
	struct nvl_buffer buffer;
	uint32_t outstanding;
	bool stopped;
};

/** cli_job_prepare - allocate; false with an error, also when the controller grants too little */
bool cli_job_prepare(struct cli_job *job, GError **error);

/**
 * cli_job_run - run until next() has no more and everything is complete
 * Return: false with an error: a status, no answer in time, or what done() found.
 */
bool cli_job_run(struct cli_job *job, GError **error);

/** cli_job_free - what cli_job_prepare() allocated; nothing is outstanding */
void cli_job_free(struct cli_job *job);

#endif
