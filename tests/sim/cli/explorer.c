/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run the cases of an exploration: see explorer.h. */
#include "tests/sim/cli/explorer.h"

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

/* A process; it runs each @jobs-th of the explorer's cases. */
struct hand {
	int fd;
	pid_t pid;
	uint64_t next; /* the case that it is in */
	uint64_t done;
	struct sim_case word;
	size_t got;
};

struct crew {
	const struct sim_explorer *explorer;
	struct hand *hands;
	struct pollfd *polls;
	GArray *failed;
};

uint64_t sim_explorer_cases(const struct sim_explorer *explorer)
{
	if (explorer->first >= explorer->plan->cases)
		return 0;
	return (explorer->plan->cases - explorer->first - 1) / explorer->step + 1;
}

static void tell_parent(int fd, const struct sim_case *word)
{
	const char *at = (const char *)word;
	size_t left = sizeof(*word);

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

static void run_case(const struct sim_explorer *explorer, uint64_t number, struct sim_case *word)
{
	struct sim_result result;
	struct nvme_text says;

	sim_plan_case(explorer->plan, number, explorer->bench);
	sim_run(&explorer->bench->work, explorer->bench->memory, NULL, &result);
	nvme_text_init(&says, word->says, sizeof(word->says));
	word->number = number;
	word->verdict = (uint32_t)sim_judge(&explorer->bench->work, &result, &says);
}

static void run_hand(const struct sim_explorer *explorer, uint64_t next, int fd)
{
	static struct sim_case word;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (; next < explorer->plan->cases; next += explorer->step * explorer->jobs) {
		run_case(explorer, next, &word);
		tell_parent(fd, &word);
	}
	_exit(0);
}

static bool start_hand(struct crew *crew, struct hand *hand, GError **error)
{
	int fds[2];

	hand->fd = -1;
	hand->got = 0;
	if (hand->next >= crew->explorer->plan->cases)
		return true;
	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot make a pipe: %s",
				g_strerror(errno));
	hand->pid = fork();
	if (hand->pid == 0)
		run_hand(crew->explorer, hand->next, fds[1]);
	close(fds[1]);
	if (hand->pid < 0) {
		close(fds[0]);
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "cannot make a process: %s",
				g_strerror(errno));
	}
	hand->fd = fds[0];
	return true;
}

/* The case that a process was in when it ended. */
static void blame(struct crew *crew, const struct hand *hand, int status)
{
	struct sim_case word = { .number = hand->next, .verdict = SIM_FAIL };

	g_snprintf(word.says, sizeof(word.says), "the process was ended by %s %d\n",
		   WIFSIGNALED(status) ? "signal" : "its exit code",
		   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	g_array_append_val(crew->failed, word);
}

static bool end_hand(struct crew *crew, struct hand *hand, GError **error)
{
	const struct sim_explorer *explorer = crew->explorer;
	int status = 0;

	close(hand->fd);
	while (waitpid(hand->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0) {
		hand->fd = -1;
		return true;
	}
	blame(crew, hand, status);
	hand->done++;
	hand->next += explorer->step * explorer->jobs;
	return start_hand(crew, hand, error);
}

static void take_word(struct crew *crew, struct hand *hand)
{
	const struct sim_explorer *explorer = crew->explorer;

	hand->got = 0;
	hand->done++;
	if (hand->word.verdict != SIM_PASS)
		g_array_append_val(crew->failed, hand->word);
	hand->next = hand->word.number + explorer->step * explorer->jobs;
}

static bool read_hand(struct crew *crew, struct hand *hand, GError **error)
{
	char *at = (char *)&hand->word + hand->got;
	ssize_t got = read(hand->fd, at, sizeof(hand->word) - hand->got);

	if (got < 0 && errno == EINTR)
		return true;
	if (got <= 0)
		return end_hand(crew, hand, error);
	hand->got += (size_t)got;
	if (hand->got == sizeof(hand->word))
		take_word(crew, hand);
	return true;
}

/* Return: whether any process is left; an error is in @error. */
static bool attend(struct crew *crew, GError **error)
{
	const struct sim_explorer *explorer = crew->explorer;
	bool any = false;
	uint64_t done = 0;

	for (unsigned int i = 0; i < explorer->jobs; i++) {
		crew->polls[i] = (struct pollfd){ .fd = crew->hands[i].fd, .events = POLLIN };
		any |= crew->hands[i].fd >= 0;
		done += crew->hands[i].done;
	}
	if (explorer->progress)
		explorer->progress(explorer->arg, done);
	if (!any || poll(crew->polls, explorer->jobs, -1) < 0)
		return any;
	for (unsigned int i = 0; i < explorer->jobs; i++) {
		if (crew->polls[i].revents && !read_hand(crew, &crew->hands[i], error))
			return false;
	}
	return true;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	uint64_t one = ((const struct sim_case *)a)->number;
	uint64_t other = ((const struct sim_case *)b)->number;

	return one < other ? -1 : one > other;
}

bool sim_explorer_run(const struct sim_explorer *explorer, GArray *ret_failed, GError **error)
{
	g_autofree struct hand *hands = g_new0(struct hand, explorer->jobs);
	g_autofree struct pollfd *polls = g_new0(struct pollfd, explorer->jobs);
	struct crew crew = { explorer, hands, polls, ret_failed };
	GError *wrong = NULL;

	for (unsigned int i = 0; i < explorer->jobs; i++)
		hands[i].fd = -1;
	for (unsigned int i = 0; i < explorer->jobs && !wrong; i++) {
		hands[i].next = explorer->first + i * explorer->step;
		start_hand(&crew, &hands[i], &wrong);
	}
	while (!wrong && attend(&crew, &wrong))
		;
	for (unsigned int i = 0; i < explorer->jobs; i++) {
		if (hands[i].fd < 0)
			continue;
		kill(hands[i].pid, SIGKILL);
		close(hands[i].fd);
		waitpid(hands[i].pid, NULL, 0);
	}
	g_array_sort(ret_failed, by_number);
	if (!wrong)
		return true;
	g_propagate_error(error, wrong);
	return false;
}
