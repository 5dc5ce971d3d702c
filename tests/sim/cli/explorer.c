/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes that run the cases of an exploration: see explorer.h. */
#include "tests/sim/cli/explorer.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "driver/cli/error.h"
#include "tests/sim/cli/child.h"

#define NO_CASE UINT64_MAX

/* A process; @blamed: the case that the one before it ended in. */
struct hand {
	struct sim_child child;
	uint64_t blamed;
	uint64_t done;
	struct sim_case word;
};

/* @now: by process, the case that it is in, which it says here. */
struct crew {
	const struct sim_explorer *explorer;
	struct hand *hands;
	struct pollfd *polls;
	uint64_t *now;
	GArray *failed;
};

/* A case, and where it branches off. */
struct place {
	uint64_t number;
	uint32_t note;
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

	sim_plan_run(explorer->plan, number, explorer->bench, &result);
	nvme_text_init(&says, word->says, sizeof(word->says));
	word->number = number;
	word->verdict = (uint32_t)sim_judge(&explorer->bench->work, &result, &says);
}

static gint by_place(gconstpointer a, gconstpointer b)
{
	const struct place *one = a, *other = b;

	if (one->note != other->note)
		return one->note < other->note ? -1 : 1;
	return one->number < other->number ? -1 : one->number > other->number;
}

/* The cases of a trunk; the process before this one ended in case @behind. */
static void run_trunk(const struct crew *crew, uint64_t hand, GArray *places, uint64_t behind,
		      int fd)
{
	static struct sim_case word;
	const struct sim_explorer *explorer = crew->explorer;
	bool is_behind = behind == NO_CASE;

	for (guint i = 0; i < places->len; i++) {
		struct place *place = &g_array_index(places, struct place, i);

		place->note = sim_plan_note(explorer->plan, place->number, explorer->bench);
	}
	g_array_sort(places, by_place);
	for (guint i = 0; i < places->len; i++) {
		uint64_t number = g_array_index(places, struct place, i).number;

		if (is_behind) {
			crew->now[hand] = number;
			run_case(explorer, number, &word);
			sim_child_tell(fd, &word, sizeof(word));
		}
		is_behind |= number == behind;
	}
	g_array_set_size(places, 0);
}

/* Of several trunks each process has some; of one, each has some of the cases. */
static bool is_of(const struct sim_explorer *explorer, uint64_t hand, uint64_t index,
		  uint64_t trunk)
{
	uint64_t turn = explorer->plan->space == SIM_SPACE_PAIR ? trunk : index;

	return turn % explorer->jobs == hand;
}

static void run_hand(const void *arg, uint64_t hand, int fd)
{
	const struct crew *crew = arg;
	const struct sim_explorer *explorer = crew->explorer;
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
	uint64_t cases = sim_explorer_cases(explorer), behind = crew->now[hand], last = 0;

	for (uint64_t i = 0; i < cases; i++) {
		struct place place = { .number = explorer->first + i * explorer->step };
		uint64_t trunk = sim_plan_trunk(explorer->plan, place.number);

		if (!is_of(explorer, hand, i, trunk))
			continue;
		if (behind != NO_CASE && trunk < sim_plan_trunk(explorer->plan, behind))
			continue;
		if (places->len > 0 && trunk != last) {
			run_trunk(crew, hand, places, behind, fd);
			behind = NO_CASE;
		}
		last = trunk;
		g_array_append_val(places, place);
	}
	run_trunk(crew, hand, places, behind, fd);
}

static bool start_hand(struct crew *crew, struct hand *hand, GError **error)
{
	return sim_child_start(&hand->child, run_hand, crew, (uint64_t)(hand - crew->hands), error);
}

/* The case that a process was in when it ended; false: there was none but the last one's. */
static bool blame(struct crew *crew, struct hand *hand, int status, GError **error)
{
	struct sim_case word = { .number = crew->now[hand - crew->hands], .verdict = SIM_FAIL };

	g_snprintf(word.says, sizeof(word.says), "the process was ended by %s %d\n",
		   WIFSIGNALED(status) ? "signal" : "its exit code",
		   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (word.number == hand->blamed)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "between cases, %s", word.says);
	g_array_append_val(crew->failed, word);
	hand->blamed = word.number;
	hand->done++;
	return true;
}

static bool end_hand(struct crew *crew, struct hand *hand, GError **error)
{
	int status = sim_child_end(&hand->child);

	return status == 0 || (blame(crew, hand, status, error) && start_hand(crew, hand, error));
}

static bool read_hand(struct crew *crew, struct hand *hand, GError **error)
{
	switch (sim_child_hear(&hand->child, &hand->word, sizeof(hand->word))) {
	case SIM_HEARD_END:
		return end_hand(crew, hand, error);
	case SIM_HEARD_WORD:
		if (hand->word.verdict != SIM_PASS)
			g_array_append_val(crew->failed, hand->word);
		hand->done++;
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

/* Memory that processes share with this one. */
static uint64_t *new_words(unsigned int count, GError **error)
{
	uint64_t *words = mmap(NULL, count * sizeof(*words), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (words != MAP_FAILED)
		return words;
	cli_fail(error, CLI_EXIT_ENVIRONMENT, "no memory: %s", g_strerror(errno));
	return NULL;
}

bool sim_explorer_run(const struct sim_explorer *explorer, GArray *ret_failed, GError **error)
{
	g_autofree struct hand *hands = g_new0(struct hand, explorer->jobs);
	g_autofree struct pollfd *polls = g_new0(struct pollfd, explorer->jobs);
	struct crew crew = { explorer, hands, polls, new_words(explorer->jobs, error), ret_failed };
	GError *wrong = NULL;

	if (!crew.now)
		return false;
	for (unsigned int i = 0; i < explorer->jobs; i++) {
		hands[i].child.fd = -1;
		hands[i].blamed = NO_CASE;
		crew.now[i] = NO_CASE;
	}
	for (unsigned int i = 0; i < explorer->jobs && !wrong; i++)
		start_hand(&crew, &hands[i], &wrong);
	while (!wrong && attend(&crew, &wrong))
		;
	for (unsigned int i = 0; i < explorer->jobs; i++)
		sim_child_kill(&hands[i].child);
	munmap(crew.now, explorer->jobs * sizeof(*crew.now));
	g_array_sort(ret_failed, by_number);
	if (!wrong)
		return true;
	g_propagate_error(error, wrong);
	return false;
}
