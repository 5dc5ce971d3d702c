/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command fault: what is injected by an emulator that runs, through the socket of its
 * --control. One line is sent, and one comes back.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"

#define ANSWER_MSEC 60000 /* a power cut waits for the media */

/** struct verb - an ACTION: the line that is sent is @order, and the argument behind it */
static const struct verb {
	const char *name;
	const char *order;
	const char *argument; /* NULL: none */
	bool is_optional;
} verbs[] = {
	{ "list", "fault list", NULL, false },
	{ "load", "fault load", "FILE", false },
	{ "arm", "fault arm", "NAME", false },
	{ "disarm", "fault disarm", "NAME", false },
	{ "cut-power", "power-cut", "none|all|prefix|subset", true },
};

static const struct verb *find_verb(const char *name, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	cli_fail(error, CLI_EXIT_USAGE,
		 "unknown action '%s'; one of list, load, arm, disarm, cut-power", name);
	return NULL;
}

/* A line of its own, whatever the argument is called; NULL with an error. */
static char *make_line(const struct verb *verb, const char *argument, GError **error)
{
	g_autofree char *path = NULL;

	if (argument && !verb->argument) {
		cli_fail(error, CLI_EXIT_USAGE, "%s: unexpected argument '%s'", verb->name,
			 argument);
		return NULL;
	}
	if (!argument && verb->argument && !verb->is_optional) {
		cli_fail(error, CLI_EXIT_USAGE, "%s: %s is missing", verb->name, verb->argument);
		return NULL;
	}
	if (argument && (!*argument || strpbrk(argument, "\r\n"))) {
		cli_fail(error, CLI_EXIT_USAGE, "%s: %s is empty, or has more than one line",
			 verb->name, verb->argument);
		return NULL;
	}
	/* The emulator may have been started in another folder. */
	if (argument && strcmp(verb->name, "load") == 0) {
		path = g_canonicalize_filename(argument, NULL);
		argument = path;
	}
	return g_strdup_printf("%s%s%s\n", verb->order, argument ? " " : "",
			       argument ? argument : "");
}

static int open_socket(const char *path, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, saved;

	if (!*path || strlen(path) >= sizeof(address.sun_path)) {
		cli_fail(error, CLI_EXIT_USAGE, "PATH has 1 to %zu bytes",
			 sizeof(address.sun_path) - 1);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	saved = errno;
	if (fd >= 0)
		close(fd);
	cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: %s", path, g_strerror(saved));
	cli_hint(error, "nvmelab-emulator --control %s makes it", path);
	return -1;
}

/* The line that comes back, without its end; NULL when none does. */
static char *ask(int fd, const char *line)
{
	g_autoptr(GString) answer = g_string_new(NULL);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	const char *end;
	char piece[4096];
	ssize_t got;

	if (send(fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line))
		return NULL;
	while ((end = strchr(answer->str, '\n')) == NULL) {
		int ready = poll(&wait, 1, ANSWER_MSEC);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || (got = recv(fd, piece, sizeof(piece), 0)) <= 0)
			return NULL;
		g_string_append_len(answer, piece, got);
	}
	return g_strndup(answer->str, (gsize)(end - answer->str));
}

static void print_faults(struct cli_output *out, char **faults)
{
	cli_heading(out, "%-31s %-14s %-8s %10s %10s", "Fault", "Site", "State", "Matches",
		    "Fired");
	for (; *faults; faults++) {
		g_auto(GStrv) words = g_strsplit(*faults, " ", -1);

		if (g_strv_length(words) == 5)
			cli_print(out, "%-31s %-14s %-8s %10s %10s\n", words[0], words[1], words[2],
				  words[3], words[4]);
	}
}

static void print_faults_json(struct cli_output *out, char **faults)
{
	JsonBuilder *builder = cli_json_open();

	cli_json_array(builder, "faults");
	for (; *faults; faults++) {
		g_auto(GStrv) words = g_strsplit(*faults, " ", -1);

		if (g_strv_length(words) != 5)
			continue;
		json_builder_begin_object(builder);
		cli_add_text(builder, "name", words[0]);
		cli_add_text(builder, "site", words[1]);
		json_builder_set_member_name(builder, "armed");
		json_builder_add_boolean_value(builder, strcmp(words[2], "armed") == 0);
		cli_add_u64(builder, "matches", g_ascii_strtoull(words[3], NULL, 10));
		cli_add_u64(builder, "fired", g_ascii_strtoull(words[4], NULL, 10));
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	cli_json_close(out, builder);
}

/* What stood behind "ok", in the form of the verb. */
static void print_answer(struct cli_output *out, const struct verb *verb, const char *answer)
{
	JsonBuilder *builder;

	if (strcmp(verb->name, "list") == 0) {
		g_auto(GStrv) faults = g_strsplit(answer, ", ", -1);

		if (out->json)
			print_faults_json(out, faults);
		else
			print_faults(out, faults);
	} else if (out->json) {
		builder = cli_json_open();
		cli_add_text(builder, verb->name, *answer ? answer : "ok");
		cli_json_close(out, builder);
	} else if (*answer) {
		cli_print(out, "%s\n", answer);
	}
}

bool cli_run_fault(struct cli *cli, GError **error)
{
	const char *path = cli_positional(cli->args, 0);
	const struct verb *verb;
	g_autofree char *line = NULL, *answer = NULL;
	int fd;

	if (g_str_has_prefix(path, "vfio-user:"))
		return cli_fail(error, CLI_EXIT_USAGE,
				"PATH is the socket of nvmelab-emulator --control, not %s", path);
	verb = find_verb(cli_positional(cli->args, 1), error);
	line = verb ? make_line(verb, cli_positional(cli->args, 2), error) : NULL;
	fd = line ? open_socket(path, error) : -1;
	if (fd < 0)
		return false;
	answer = ask(fd, line);
	close(fd);
	if (!answer)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: no answer", path);
	if (g_str_has_prefix(answer, "error: "))
		return cli_fail(error, CLI_EXIT_USAGE, "%s", answer + strlen("error: "));
	if (!g_str_has_prefix(answer, "ok"))
		return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: no control socket", path);
	print_answer(cli->out, verb,
		     g_str_has_prefix(answer, "ok: ") ? answer + strlen("ok: ") : "");
	return true;
}
