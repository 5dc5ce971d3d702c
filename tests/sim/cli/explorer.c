/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run the cases of an exploration: see explorer.h. */
#include "tests/sim/cli/explorer.h"

#include <poll.h>
#include <sys/wait.h>

#include "tests/sim/cli/child.h"

/* A process; it runs each @jobs-th of the explorer's cases. */
struct hand {
	struct sim_child child;
	uint64_t next; /* the case that it is in */
	uint64_t done;
	struct sim_case word;
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

static void run_hand(const void *arg, uint64_t next, int fd)
{
	static struct sim_case word;
	const struct sim_explorer *explorer = arg;

	for (; next < explorer->plan->cases; next += explorer->step * explorer->jobs) {
		run_case(explorer, next, &word);
		sim_child_tell(fd, &word, sizeof(word));
	}
}

static bool start_hand(struct crew *crew, struct hand *hand, GError **error)
{
	return hand->next >= crew->explorer->plan->cases ||
	       sim_child_start(&hand->child, run_hand, crew->explorer, hand->next, error);
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

/* The case is done; the process goes on with the next one of its own. */
static void finish_case(struct crew *crew, struct hand *hand)
{
	hand->done++;
	hand->next += crew->explorer->step * crew->explorer->jobs;
}

static bool end_hand(struct crew *crew, struct hand *hand, GError **error)
{
	int status = sim_child_end(&hand->child);

	if (status == 0)
		return true;
	blame(crew, hand, status);
	finish_case(crew, hand);
	return start_hand(crew, hand, error);
}

static bool read_hand(struct crew *crew, struct hand *hand, GError **error)
{
	switch (sim_child_hear(&hand->child, &hand->word, sizeof(hand->word))) {
	case SIM_HEARD_END:
		return end_hand(crew, hand, error);
	case SIM_HEARD_WORD:
		if (hand->word.verdict != SIM_PASS)
			g_array_append_val(crew->failed, hand->word);
		finish_case(crew, hand);
		return true;
	default:
		return true;
	}
}

/* Return: whether any process is left; an error is in @error. */
static bool attend(struct crew *crew, GError **error)
{
	const struct sim_explorer *explorer = crew->explorer;
	bool any = false;
	uint64_t done = 0;

	for (unsigned int i = 0; i < explorer->jobs; i++) {
		crew->polls[i] = (struct pollfd){ .fd = crew->hands[i].child.fd, .events = POLLIN };
		any |= crew->hands[i].child.fd >= 0;
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
		hands[i].child.fd = -1;
	for (unsigned int i = 0; i < explorer->jobs && !wrong; i++) {
		hands[i].next = explorer->first + i * explorer->step;
		start_hand(&crew, &hands[i], &wrong);
	}
	while (!wrong && attend(&crew, &wrong))
		;
	for (unsigned int i = 0; i < explorer->jobs; i++)
		sim_child_kill(&hands[i].child);
	g_array_sort(ret_failed, by_number);
	if (!wrong)
		return true;
	g_propagate_error(error, wrong);
	return false;
}
