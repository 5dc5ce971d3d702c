/* SPDX-License-Identifier: BSD-3-Clause */
/* The control socket: see control.h. */
#include "emulator/app/control.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/nvme_spec.h"
#include "emulator/app/session.h"
#include "emulator/device/say.h"

#define CLIENTS	     4u
#define WORDS	     5u
#define HEAT_MAX     1000u  /* kelvin */
#define ANSWER_BYTES 32768u /* the longest is a list of as many faults as there can be */

/* Whoever talks to us; @fd is -1 for a free place. */
struct client {
	int fd;
	uint32_t used;
	char line[EMU_CONTROL_LINE];
};

struct emu_control {
	struct emu_server *server;
	const char *path;
	int listener;
	struct client clients[CLIENTS];
	char answer[ANSWER_BYTES];
};

/*
 * The words of a line, and where the answer goes; @rest is the third word and all behind it, for a
 * path with blanks.
 */
struct order {
	struct emu_server *server;
	struct emu *core;
	struct nvme_slice word[WORDS];
	struct nvme_slice rest;
	unsigned int words;
	struct nvme_text *answer;
};

/* Word @index as a number of at most @max; false with an answer. */
static bool number(const struct order *order, unsigned int index, const char *what, uint64_t max,
		   uint32_t *ret_value)
{
	struct nvme_slice word = order->word[index];
	uint64_t value;

	if (nvme_parse_u64(word.data, word.bytes, &value) == NVME_PARSE_OK && value <= max) {
		*ret_value = (uint32_t)value;
		return true;
	}
	emu_say(order->answer, 0, "error: %s '%.*s': a number from 0 to %llu", what,
		(int)word.bytes, word.data, (unsigned long long)max);
	return false;
}

static bool controller(const struct order *order, uint32_t *ret_ctrl)
{
	return number(order, 1, "controller", order->server->count - 1, ret_ctrl);
}

static void run_ana(const struct order *order)
{
	static const struct {
		const char *name;
		enum nvme_ana_state state;
	} states[] = {
		{ "optimized", NVME_ANA_OPTIMIZED },
		{ "non-optimized", NVME_ANA_NON_OPTIMIZED },
		{ "inaccessible", NVME_ANA_INACCESSIBLE },
		{ "persistent-loss", NVME_ANA_PERSISTENT_LOSS },
		{ "change", NVME_ANA_CHANGE },
	};
	uint32_t ctrl, group, state = 0;

	if (!controller(order, &ctrl) || !number(order, 2, "group", UINT32_MAX, &group))
		return;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (nvme_slice_is(order->word[3], states[i].name))
			state = states[i].state;
	}
	if (!state)
		emu_say(order->answer, 0,
			"error: state '%.*s': one of optimized, non-optimized, inaccessible, "
			"persistent-loss, change",
			(int)order->word[3].bytes, order->word[3].data);
	else if (emu_set_ana(order->core, ctrl, group, state) < 0)
		emu_say(order->answer, 0,
			"error: group %u: a number from 1 to the key ana_groups, with the key ana",
			group);
}

static void run_temperature(const struct order *order)
{
	uint32_t ctrl, kelvin;

	if (controller(order, &ctrl) && number(order, 2, "temperature", HEAT_MAX, &kelvin))
		emu_set_temperature(order->core, ctrl, kelvin);
}

static void run_event(const struct order *order)
{
	uint32_t ctrl, aer;

	if (!controller(order, &ctrl) || !number(order, 2, "event", UINT32_MAX, &aer))
		return;
	if (emu_inject_event(order->core, ctrl, aer) < 0)
		emu_say(order->answer, 0,
			"error: event 0x%06x: this configuration has no such event", aer);
}

/* Without a second word, nothing that was not durable is kept. */
static void run_power_cut(const struct order *order)
{
	static const char *const keeps[] = {
		[EMU_CUT_KEEP_NONE] = "none",
		[EMU_CUT_KEEP_ALL] = "all",
		[EMU_CUT_KEEP_PREFIX] = "prefix",
		[EMU_CUT_KEEP_SUBSET] = "subset",
	};
	size_t keep = EMU_CUT_KEEP_NONE;
	int result;

	while (order->words > 1 && keep < sizeof(keeps) / sizeof(keeps[0]) &&
	       !nvme_slice_is(order->word[1], keeps[keep]))
		keep++;
	if (keep == sizeof(keeps) / sizeof(keeps[0])) {
		emu_say(order->answer, 0, "error: '%.*s': one of none, all, prefix, subset",
			(int)order->word[1].bytes, order->word[1].data);
		return;
	}
	result = emu_device_cut_power(order->server->device, (enum emu_cut)keep);
	if (result < 0)
		emu_say(order->answer, 0, "error: the media: %s", strerror(-result));
}

/* The signal is set when there is a second word; the answer is what controllers say to it. */
static void run_power_loss(const struct order *order)
{
	static const char *const answers[] = {
		[EMU_PLA_DEASSERTED] = "deasserted",
		[EMU_PLA_FQ] = "asserted-fq",
		[EMU_PLA_EPF_ENABLED] = "asserted-epf-enabled",
	};
	bool asserted = nvme_slice_is(order->word[1], "asserted");

	if (order->words > 1 && !asserted && !nvme_slice_is(order->word[1], "deasserted"))
		emu_say(order->answer, 0, "error: '%.*s': one of asserted, deasserted",
			(int)order->word[1].bytes, order->word[1].data);
	else if (order->words > 1 && emu_signal_power_loss(order->core, asserted) < 0)
		emu_say(order->answer, 0,
			"error: no controller heeds it; --controller power_loss=true is for that");
	else
		emu_say(order->answer, 0, "ok: %s", answers[emu_power_loss_answer(order->core)]);
}

static void list_faults(const struct order *order)
{
	const struct nvme_fault_set *set = emu_fault_set(order->core);

	for (uint32_t i = 0; set && i < set->count; i++)
		emu_say(order->answer, 0, "%s %s %s %s %llu %llu",
			i ? "," : "ok:", set->rule[i].name, nvme_fault_site_name(set->rule[i].site),
			set->state[i].armed ? "armed" : "disarmed",
			(unsigned long long)set->state[i].matches,
			(unsigned long long)set->state[i].fired);
}

static void load_faults(const struct order *order)
{
	struct emu_scenario *scenario;
	char path[EMU_CONTROL_LINE], sentence[2 * EMU_CONTROL_LINE];
	struct nvme_text why;
	const char *ignored;
	uint32_t count;

	memcpy(path, order->rest.data, order->rest.bytes);
	path[order->rest.bytes] = '\0';
	nvme_text_init(&why, sentence, sizeof(sentence));
	if (emu_scenario_open(path, NULL, &scenario, &why) < 0) {
		emu_say(order->answer, 0, "error: %s", sentence);
		return;
	}
	ignored = emu_scenario_ignored(scenario);
	count = emu_scenario_faults(scenario);
	if (emu_scenario_load(scenario, order->core, emu_scenario_seed(scenario), &why) < 0)
		emu_say(order->answer, 0, "error: %s", sentence);
	else
		emu_say(order->answer, 0, "ok: %u fault%s%s%s", count, count == 1 ? "" : "s",
			ignored[0] ? "; ignores " : "", ignored);
	emu_scenario_free(scenario);
}

static void arm_fault(const struct order *order)
{
	char name[NVME_FAULT_NAME_BYTES] = "";

	/* No fault has a longer name. */
	if (order->rest.bytes < sizeof(name))
		memcpy(name, order->rest.data, order->rest.bytes);
	if (!emu_fault_arm(order->core, name, nvme_slice_is(order->word[1], "arm")))
		emu_say(order->answer, 0, "error: '%.*s' is no fault; fault list has them",
			(int)order->rest.bytes, order->rest.data);
}

static void run_fault(const struct order *order)
{
	static const struct {
		const char *name;
		bool wants_more;
		void (*run)(const struct order *order);
	} verbs[] = {
		{ "list", false, list_faults },
		{ "load", true, load_faults },
		{ "arm", true, arm_fault },
		{ "disarm", true, arm_fault },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (nvme_slice_is(order->word[1], verbs[i].name) &&
		    (order->words > 2) == verbs[i].wants_more) {
			verbs[i].run(order);
			return;
		}
	}
	emu_say(order->answer, 0,
		"error: fault list, fault load FILE, fault arm NAME or fault disarm NAME is "
		"expected");
}

static void run_help(const struct order *order);

static const struct row {
	const char *name;
	const char *arguments;
	unsigned int least; /* words, with the name */
	unsigned int most;
	void (*run)(const struct order *order);
} rows[] = {
	{ "ana", " CTRL GROUP STATE", 4, 4, run_ana },
	{ "temperature", " CTRL KELVIN", 3, 3, run_temperature },
	{ "event", " CTRL NUMBER", 3, 3, run_event },
	{ "power-cut", " [KEEP]", 1, 2, run_power_cut },
	{ "power-loss", " [asserted|deasserted]", 1, 2, run_power_loss },
	{ "fault", " list|load FILE|arm NAME|disarm NAME", 2, UINT_MAX, run_fault },
	{ "help", "", 1, 1, run_help },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void run_help(const struct order *order)
{
	emu_say(order->answer, 0, "ok:");
	for (size_t i = 0; i < ROWS; i++)
		emu_say(order->answer, 0, "%s %s%s", i ? "," : "", rows[i].name, rows[i].arguments);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void split(struct order *order, const char *line, size_t bytes)
{
	size_t at = 0;

	while (at < bytes) {
		size_t start;

		while (at < bytes && is_blank(line[at]))
			at++;
		start = at;
		while (at < bytes && !is_blank(line[at]))
			at++;
		if (at == start)
			break;
		if (order->words == 2)
			order->rest = (struct nvme_slice){ .data = line + start,
							   .bytes = bytes - start };
		if (order->words < WORDS)
			order->word[order->words] = (struct nvme_slice){ .data = line + start,
									 .bytes = at - start };
		order->words++;
	}
	while (order->rest.bytes > 0 && is_blank(order->rest.data[order->rest.bytes - 1]))
		order->rest.bytes--;
}

/* One line; the answer is one too. */
static void obey(struct emu_server *server, const char *line, size_t bytes,
		 struct nvme_text *answer)
{
	struct order order = { .server = server,
			       .core = emu_device_core(server->device),
			       .answer = answer };

	split(&order, line, bytes);
	for (size_t i = 0; i < ROWS; i++) {
		if (order.words == 0 || !nvme_slice_is(order.word[0], rows[i].name))
			continue;
		if (order.words >= rows[i].least && order.words <= rows[i].most)
			rows[i].run(&order);
		else
			emu_say(answer, 0, "error: %s%s is expected", rows[i].name,
				rows[i].arguments);
		if (answer->used == 0)
			emu_say(answer, 0, "ok");
		server->work = true;
		return;
	}
	emu_say(answer, 0, "error: no such command; help lists them");
}

static void drop(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	client->used = 0;
}

static void reply(struct client *client, struct nvme_text *answer)
{
	nvme_text_char(answer, '\n');
	/* Who does not read its answers is not waited for. */
	if (send(client->fd, answer->data, answer->used, MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)answer->used)
		drop(client);
}

/* Every whole line that is there; what is left begins the buffer. */
static void take_lines(struct emu_control *control, struct client *client)
{
	char *end;

	while (client->fd >= 0 && (end = memchr(client->line, '\n', client->used)) != NULL) {
		size_t bytes = (size_t)(end - client->line);
		struct nvme_text answer;

		nvme_text_init(&answer, control->answer, sizeof(control->answer));
		obey(control->server, client->line, bytes, &answer);
		client->used -= (uint32_t)bytes + 1;
		memmove(client->line, end + 1, client->used);
		reply(client, &answer);
	}
	/* A line longer than any command. */
	if (client->fd >= 0 && client->used == sizeof(client->line))
		drop(client);
}

static void serve_client(struct emu_control *control, struct client *client)
{
	ssize_t got = recv(client->fd, client->line + client->used,
			   sizeof(client->line) - client->used, MSG_DONTWAIT);

	if (got > 0) {
		client->used += (uint32_t)got;
		take_lines(control, client);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		drop(client);
	}
}

static void accept_client(struct emu_control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (unsigned int i = 0; fd >= 0 && i < CLIENTS; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &control->clients[i] };

		if (control->clients[i].fd >= 0)
			continue;
		if (epoll_ctl(control->server->epoll, EPOLL_CTL_ADD, fd, &event) == 0) {
			control->clients[i].fd = fd;
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}

bool emu_control_serve(struct emu_control *control, const void *what)
{
	if (!control)
		return false;
	if (what == control) {
		accept_client(control);
		return true;
	}
	for (unsigned int i = 0; i < CLIENTS; i++) {
		if (what != &control->clients[i])
			continue;
		if (control->clients[i].fd >= 0)
			serve_client(control, &control->clients[i]);
		return true;
	}
	return false;
}

int emu_control_open(struct emu_server *server, const char *path, struct emu_control **ret_control,
		     struct nvme_text *error)
{
	struct emu_control *control = calloc(1, sizeof(*control));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = control };
	int result = 0;

	if (!control)
		return emu_say(error, -ENOMEM, "no memory");
	control->server = server;
	control->path = path;
	for (unsigned int i = 0; i < CLIENTS; i++)
		control->clients[i].fd = -1;
	control->listener = emu_listen_at(path, error);
	if (control->listener < 0) {
		result = control->listener;
		free(control);
		return result;
	}
	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, control->listener, &event) < 0) {
		result = emu_say(error, -errno, "epoll: %s", strerror(errno));
		emu_control_close(control);
		return result;
	}
	*ret_control = control;
	return 0;
}

void emu_control_close(struct emu_control *control)
{
	if (!control)
		return;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	}
	close(control->listener);
	unlink(control->path);
	free(control);
}
