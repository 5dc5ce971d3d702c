/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run test points, some at a time; results come in order. */
#include "tests/sim/cli/pool.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/sim/cli/child.h"

#define AHEAD 4 /* for each job, how many points may be done before the one whose turn it is */

/* A process that runs a point. */
struct worker {
	struct sim_child child;
	unsigned int index;
	struct sim_outcome *outcome;
};

struct run {
	const struct sim_pool *pool;
	struct worker *workers;
	struct pollfd *polls;
	unsigned int started;
	unsigned int told;
	struct sim_outcome **waiting; /* by index modulo @ahead */
	unsigned int ahead;
};

static void run_child(const void *arg, uint64_t index, int fd)
{
	static struct sim_outcome outcome;
	const struct sim_pool *pool = arg;
	struct sim_point point;

	pool->point(pool->arg, (unsigned int)index, &point);
	sim_point_run(&point, &outcome);
	sim_child_tell(fd, &outcome, sizeof(outcome));
}

static bool start_worker(struct run *run, struct worker *worker, GError **error)
{
	if (!sim_child_start(&worker->child, run_child, run->pool, run->started, error))
		return false;
	worker->index = run->started++;
	worker->outcome = g_new0(struct sim_outcome, 1);
	return true;
}

static bool start_workers(struct run *run, GError **error)
{
	for (unsigned int i = 0; i < run->pool->jobs; i++) {
		if (run->workers[i].child.fd >= 0 || run->started == run->pool->points ||
		    run->started - run->told >= run->ahead)
			continue;
		if (!start_worker(run, &run->workers[i], error))
			return false;
	}
	return true;
}

/* A process that ended without its outcome has failed, and its end says how. */
static void note_end(struct sim_outcome *outcome, int status)
{
	memset(outcome, 0, sizeof(*outcome));
	outcome->verdict = SIM_FAIL;
	if (WIFSIGNALED(status))
		g_snprintf(outcome->says, sizeof(outcome->says),
			   "the run was ended by signal %d (%s)\n", WTERMSIG(status),
			   g_strsignal(WTERMSIG(status)));
	else
		g_snprintf(outcome->says, sizeof(outcome->says),
			   "the run ended by itself, with exit code %d\n", WEXITSTATUS(status));
}

static void end_worker(struct run *run, struct worker *worker, bool told)
{
	int status = sim_child_end(&worker->child);

	if (!told)
		note_end(worker->outcome, status);
	run->waiting[worker->index % run->ahead] = g_steal_pointer(&worker->outcome);
}

static void read_worker(struct run *run, struct worker *worker)
{
	enum sim_heard heard = sim_child_hear(&worker->child, worker->outcome,
					      sizeof(*worker->outcome));

	if (heard != SIM_HEARD_NOTHING)
		end_worker(run, worker, heard == SIM_HEARD_WORD);
}

static void tell(struct run *run)
{
	struct sim_outcome **slot;

	while (run->told < run->started && *(slot = &run->waiting[run->told % run->ahead])) {
		run->pool->done(run->pool->arg, run->told++, *slot);
		g_clear_pointer(slot, g_free);
	}
}

static void wait_for_workers(struct run *run)
{
	unsigned int jobs = run->pool->jobs;

	for (unsigned int i = 0; i < jobs; i++)
		run->polls[i] = (struct pollfd){ .fd = run->workers[i].child.fd, .events = POLLIN };
	if (poll(run->polls, jobs, -1) < 0)
		return;
	for (unsigned int i = 0; i < jobs; i++) {
		if (run->polls[i].revents)
			read_worker(run, &run->workers[i]);
	}
}

/* What is left after an error. */
static void stop_workers(struct run *run)
{
	for (unsigned int i = 0; i < run->pool->jobs; i++) {
		struct worker *worker = &run->workers[i];

		sim_child_kill(&worker->child);
		g_free(worker->outcome);
	}
	for (unsigned int i = 0; i < run->ahead; i++)
		g_free(run->waiting[i]);
}

bool sim_pool_run(const struct sim_pool *pool, GError **error)
{
	g_autofree struct worker *workers = g_new0(struct worker, pool->jobs);
	g_autofree struct pollfd *polls = g_new0(struct pollfd, pool->jobs);
	g_autofree struct sim_outcome **waiting = g_new0(struct sim_outcome *,
							 (size_t)AHEAD * pool->jobs);
	struct run run = { .pool = pool,
			   .workers = workers,
			   .polls = polls,
			   .waiting = waiting,
			   .ahead = AHEAD * pool->jobs };
	bool fine = true;

	for (unsigned int i = 0; i < pool->jobs; i++)
		workers[i].child.fd = -1;
	while (fine && run.told < pool->points) {
		fine = start_workers(&run, error);
		if (fine)
			wait_for_workers(&run);
		tell(&run);
	}
	stop_workers(&run);
	return fine;
}
