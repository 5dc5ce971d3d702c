/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run test points, some at a time; results come in order. */
#include "tests/sim/cli/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver/cli/error.h"

#define AHEAD 4 /* for each job, how many points may be done before the one whose turn it is */

/* A process that runs a point; @fd is negative when there is none. */
struct worker {
	int fd;
	pid_t pid;
	unsigned int index;
	struct sim_outcome *outcome;
	size_t got;
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

static void write_outcome(int fd, const struct sim_outcome *outcome)
{
	const char *at = (const char *)outcome;
	size_t left = sizeof(*outcome);

	while (left > 0) {
		ssize_t put = write(fd, at, left);

		if (put < 0 && errno != EINTR)
			_exit(CLI_EXIT_ENVIRONMENT);
		if (put > 0) {
			at += put;
			left -= (size_t)put;
		}
	}
}

static void run_child(const struct sim_pool *pool, unsigned int index, int fd)
{
	static struct sim_outcome outcome;
	struct sim_point point;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pool->point(pool->arg, index, &point);
	sim_point_run(&point, &outcome);
	write_outcome(fd, &outcome);
	_exit(0);
}

static bool start_worker(struct run *run, struct worker *worker, GError **error)
{
	int fds[2];

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot make a pipe: %s",
				g_strerror(errno));
	worker->pid = fork();
	if (worker->pid == 0)
		run_child(run->pool, run->started, fds[1]);
	close(fds[1]);
	if (worker->pid < 0) {
		close(fds[0]);
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot make a process: %s",
				g_strerror(errno));
	}
	worker->fd = fds[0];
	worker->index = run->started++;
	worker->outcome = g_new0(struct sim_outcome, 1);
	worker->got = 0;
	return true;
}

static bool start_workers(struct run *run, GError **error)
{
	for (unsigned int i = 0; i < run->pool->jobs; i++) {
		if (run->workers[i].fd >= 0 || run->started == run->pool->points ||
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

static void end_worker(struct run *run, struct worker *worker)
{
	int status = 0;

	close(worker->fd);
	worker->fd = -1;
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (worker->got != sizeof(*worker->outcome))
		note_end(worker->outcome, status);
	run->waiting[worker->index % run->ahead] = g_steal_pointer(&worker->outcome);
}

static void read_worker(struct run *run, struct worker *worker)
{
	char *at = (char *)worker->outcome + worker->got;
	size_t left = sizeof(*worker->outcome) - worker->got;
	ssize_t got = read(worker->fd, at, left);

	if (got > 0)
		worker->got += (size_t)got;
	else if (got == 0 || errno != EINTR)
		end_worker(run, worker);
	if (worker->fd >= 0 && worker->got == sizeof(*worker->outcome))
		end_worker(run, worker);
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
		run->polls[i] = (struct pollfd){ .fd = run->workers[i].fd, .events = POLLIN };
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

		if (worker->fd >= 0) {
			kill(worker->pid, SIGKILL);
			end_worker(run, worker);
		}
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
		workers[i].fd = -1;
	while (fine && run.told < pool->points) {
		fine = start_workers(&run, error);
		if (fine)
			wait_for_workers(&run);
		tell(&run);
	}
	stop_workers(&run);
	return fine;
}
