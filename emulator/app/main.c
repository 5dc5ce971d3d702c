/* SPDX-License-Identifier: BSD-3-Clause */
/* nvmelab-emulator: an NVM subsystem as a process. Options, signals, exit codes. */
#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "config.h"
#include "emulator/app/log.h"
#include "emulator/app/server.h"
#include "emulator/device/say.h"

enum {
	EXIT_VIOLATION = 1,
	EXIT_USAGE = 2,
	EXIT_ENVIRONMENT = 3,
};

/* What the command line says, as text. */
struct arguments {
	char **sockets;
	char **namespaces;
	char **keys;
	char *profile;
	char *bar0;
	char *clock;
	char *pool;
	char *trace;
	char *state;
	char *control;
	char *scenario;
	char *pmr;
	char *judge_file;
	char *seed;
	char *model;
	char *serial;
	char *log;
	gboolean judge;
	gboolean lab;
	gboolean strict_pci;
	gboolean version;
};

static struct emu_server *server;

/* Faults that 'fault load' of the control socket has room for, whatever the configuration says. */
#define CONTROL_FAULTS 64u

static void end_arguments(struct arguments *arguments)
{
	g_strfreev(arguments->sockets);
	g_strfreev(arguments->namespaces);
	g_strfreev(arguments->keys);
	g_free(arguments->profile);
	g_free(arguments->bar0);
	g_free(arguments->clock);
	g_free(arguments->pool);
	g_free(arguments->trace);
	g_free(arguments->state);
	g_free(arguments->control);
	g_free(arguments->scenario);
	g_free(arguments->pmr);
	g_free(arguments->judge_file);
	g_free(arguments->seed);
	g_free(arguments->model);
	g_free(arguments->serial);
	g_free(arguments->log);
}

static void append_key(GString *text, const struct emu_key *key)
{
	char allowed[128], value[256];
	struct emu_config config;
	struct nvme_text words;

	emu_config_init(&config);
	nvme_text_init(&words, allowed, sizeof(allowed));
	emu_config_allowed(key, &words);
	nvme_text_init(&words, value, sizeof(value));
	emu_config_print(&config, key, &words);
	g_string_append_printf(text, "  %-14s %s%s%s%s\n%17s%s; default: %s\n", key->name,
			       key->help, key->unit[0] ? " [" : "", key->unit,
			       key->unit[0] ? "]" : "", "", allowed, value[0] ? value : "none");
}

/* What follows the options in --help: the tables that the options themselves are read by. */
static char *describe_keys(void)
{
	GString *text = g_string_new("Keys of --ns (KEY=VALUE,...; \",,\" stands for a comma):\n");
	const struct emu_judge_rule *rule;
	const struct emu_ns_key *ns_key;
	const struct emu_key *key;

	for (unsigned int i = 0; (ns_key = emu_ns_key(i)); i++)
		g_string_append_printf(text, "  %s=%s\n      %s\n", ns_key->name, ns_key->value,
				       ns_key->help);
	g_string_append(text, "\nKeys of --controller (KEY=VALUE,...):\n");
	for (unsigned int i = 0; (key = emu_config_key(i)); i++)
		append_key(text, key);
	g_string_append(text, "\nProfiles:\n");
	for (unsigned int i = 0; emu_profile_name(i); i++)
		g_string_append_printf(text, "  %-14s %s\n", emu_profile_name(i),
				       emu_profile_help(i));
	g_string_append(text, "\nRules of --judge (docs/judge.md says more of them):\n");
	for (unsigned int i = 0; (rule = emu_judge_rule(i)); i++)
		g_string_append_printf(text, "  %-20s %s, %s\n", rule->id,
				       emu_judge_level_name(rule->level), rule->clause);
	return g_string_free(text, FALSE);
}

/* --judge, or --judge=FILE */
static gboolean take_judge(const gchar *name, const gchar *value, gpointer data, GError **error)
{
	struct arguments *to = data;

	(void)name;
	(void)error;
	to->judge = TRUE;
	g_free(to->judge_file);
	to->judge_file = g_strdup(value);
	return TRUE;
}

static bool read_command_line(struct arguments *to, int argc, char **argv, GError **error)
{
	const GOptionEntry entries[] = {
		{ "socket", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &to->sockets,
		  "listen there; one for each controller of the subsystem", "PATH" },
		{ "ns", 'n', 0, G_OPTION_ARG_FILENAME_ARRAY, &to->namespaces,
		  "a namespace; default: one of 64 MiB in memory", "KEY=VALUE,..." },
		{ "controller", 'c', 0, G_OPTION_ARG_STRING_ARRAY, &to->keys,
		  "what the controllers offer", "KEY=VALUE,..." },
		{ "profile", 'p', 0, G_OPTION_ARG_STRING, &to->profile,
		  "start from the values of a profile", "NAME" },
		{ "bar0", 'b', 0, G_OPTION_ARG_STRING, &to->bar0,
		  "what of BAR0 is shared memory; default: doorbells for a client without JSON in "
		  "VERSION, else trapped",
		  "trapped|doorbells|shared" },
		{ "clock", 0, 0, G_OPTION_ARG_STRING, &to->clock, "default: real", "real|virtual" },
		{ "strict-pci", 0, 0, G_OPTION_ARG_NONE, &to->strict_pci,
		  "no BAR0 while the host has memory decode off; as --controller strict_pci=true",
		  NULL },
		{ "lab", 0, 0, G_OPTION_ARG_NONE, &to->lab,
		  "offer region 9, by which a client moves the virtual clock", NULL },
		{ "pool", 0, 0, G_OPTION_ARG_FILENAME, &to->pool,
		  "keep namespaces that are made at run time in files there; default: in memory",
		  "DIR" },
		{ "scenario", 'S', 0, G_OPTION_ARG_FILENAME, &to->scenario,
		  "controller, namespaces and faults from a file; --controller wins", "FILE" },
		{ "trace", 't', 0, G_OPTION_ARG_FILENAME, &to->trace,
		  "write what happens, one JSON object a line", "FILE" },
		{ "state", 0, 0, G_OPTION_ARG_FILENAME, &to->state,
		  "keep there what outlives the power: saved features, reservations, counters",
		  "FILE" },
		{ "control", 0, 0, G_OPTION_ARG_FILENAME, &to->control,
		  "listen there for commands: paths, temperature, events, power, faults", "PATH" },
		{ "judge", 0, G_OPTION_FLAG_OPTIONAL_ARG | G_OPTION_FLAG_FILENAME,
		  G_OPTION_ARG_CALLBACK, (gpointer)take_judge,
		  "say what clients do wrong, in FILE as JSON lines too; exit 1 if they did",
		  "FILE" },
		{ "pmr", 0, 0, G_OPTION_ARG_FILENAME, &to->pmr,
		  "keep Persistent Memory Regions there (--controller pmr=SIZE); default: in "
		  "memory",
		  "FILE" },
		{ "seed", 0, 0, G_OPTION_ARG_STRING, &to->seed, "of everything that is drawn",
		  "NUMBER" },
		{ "model", 0, 0, G_OPTION_ARG_STRING, &to->model, "model number", "TEXT" },
		{ "serial", 0, 0, G_OPTION_ARG_STRING, &to->serial, "serial number", "TEXT" },
		{ "log", 'l', 0, G_OPTION_ARG_STRING, &to->log, "default: warning",
		  "error|warning|info|debug" },
		{ "version", 'V', 0, G_OPTION_ARG_NONE, &to->version, "print the version", NULL },
		G_OPTION_ENTRY_NULL
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	GOptionGroup *group = g_option_group_new(NULL, NULL, NULL, to, NULL);
	g_autofree char *keys = describe_keys();

	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	g_option_context_set_summary(context,
				     "An NVMe controller as a process; vfio-user clients connect "
				     "to its sockets.");
	g_option_context_set_description(context, keys);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return false;
	if (argc > 1) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "unexpected argument '%s'", argv[1]);
		return false;
	}
	return true;
}

/* The index of @value in @names, which ends with NULL; -1 with a sentence for another value. */
static int find_name(const char *option, const char *value, const char *const *names,
		     struct nvme_text *error)
{
	g_autofree char *allowed = NULL;

	for (int i = 0; names[i]; i++) {
		if (strcmp(value, names[i]) == 0)
			return i;
	}
	allowed = g_strjoinv(", ", (char **)(void *)names);
	nvme_text_add(error, option);
	nvme_text_add(error, " ");
	nvme_text_add(error, value);
	nvme_text_add(error, ": one of ");
	nvme_text_add(error, allowed);
	return -1;
}

static int set_text_key(struct emu_config *config, const char *key, const char *value,
			struct nvme_text *error)
{
	if (!value)
		return 0;
	return emu_config_set(config, key, strlen(key), value, strlen(value), error);
}

/* One --controller option: a list of KEY=VALUE. */
static int set_keys(struct emu_config *config, const char *list, struct nvme_text *error)
{
	char item[512];
	int result;

	while ((result = emu_list_next(&list, item, sizeof(item))) == 0) {
		const char *value = strchr(item, '=');

		if (!value) {
			nvme_text_add(error, "--controller ");
			nvme_text_add(error, item);
			nvme_text_add(error, ": KEY=VALUE,... is expected; --help lists the keys");
			return -EINVAL;
		}
		result = emu_config_set(config, item, (size_t)(value - item), value + 1,
					strlen(value + 1), error);
		if (result)
			return result;
	}
	if (result == -E2BIG)
		nvme_text_add(error, "--controller: a value is longer than 511 bytes");
	return result == -ENOENT ? 0 : result;
}

/* In the order in which they win: a profile, a scenario, --controller, options of their own. */
static int read_config(const struct arguments *from, struct emu_config *config,
		       struct emu_scenario **ret_scenario, struct nvme_text *error)
{
	int result = 0;

	emu_config_init(config);
	if (from->profile)
		result = emu_config_profile(config, from->profile, error);
	if (!result && from->scenario)
		result = emu_scenario_open(from->scenario, config, ret_scenario, error);
	for (unsigned int i = 0; !result && from->keys && from->keys[i]; i++)
		result = set_keys(config, from->keys[i], error);
	if (from->strict_pci)
		config->strict_pci = true;
	if (!result)
		result = set_text_key(config, "model", from->model, error);
	if (!result)
		result = set_text_key(config, "serial", from->serial, error);
	if (!result && from->seed &&
	    nvme_parse_u64(from->seed, strlen(from->seed), &config->seed) != NVME_PARSE_OK) {
		nvme_text_add(error, "--seed ");
		nvme_text_add(error, from->seed);
		nvme_text_add(error, ": a number of 64 bits, decimal or hexadecimal with 0x");
		result = -EINVAL;
	}
	return result;
}

static int read_options(const struct arguments *from, struct emu_server_options *options,
			struct nvme_text *error)
{
	static const char *const bar0_names[] = { "trapped", "doorbells", "shared", NULL };
	static const enum emu_bar0_mode bar0_modes[] = { EMU_BAR0_TRAPPED, EMU_BAR0_DOORBELLS,
							 EMU_BAR0_SHARED };
	static const char *const clock_names[] = { "real", "virtual", NULL };
	const char *level_names[EMU_LOG_LEVELS + 1] = { NULL };
	int bar0 = 0;
	int time = 0;
	int level = EMU_LOG_WARNING;

	for (unsigned int i = 0; i < EMU_LOG_LEVELS; i++)
		level_names[i] = emu_log_level_name(i);
	if (from->bar0)
		bar0 = find_name("--bar0", from->bar0, bar0_names, error);
	if (from->clock && bar0 >= 0)
		time = find_name("--clock", from->clock, clock_names, error);
	if (from->log && bar0 >= 0 && time >= 0)
		level = find_name("--log", from->log, level_names, error);
	if (bar0 < 0 || time < 0 || level < 0)
		return -EINVAL;
	if (!from->sockets) {
		nvme_text_add(error, "--socket PATH is needed, once for each controller");
		return -EINVAL;
	}
	emu_log_set_level((enum emu_log_level)level);
	*options = (struct emu_server_options){
		.paths = (const char *const *)(void *)from->sockets,
		.count = g_strv_length(from->sockets),
		.bar0 = from->bar0 ? bar0_modes[bar0] : EMU_BAR0_AUTO,
		.clock = time == 1 ? EMU_CLOCK_VIRTUAL : EMU_CLOCK_REAL,
		.lab = from->lab,
		.pool = from->pool,
		.trace_path = from->trace,
		.state_path = from->state,
		.control_path = from->control,
		.pmr_path = from->pmr,
		.judge = from->judge,
		.judge_path = from->judge_file,
	};
	return 0;
}

/* Those of the scenario, and those of --ns behind them; one by default. */
static int read_namespaces(const struct arguments *from, const struct emu_scenario *scenario,
			   struct emu_ns_spec **ret_specs, unsigned int *ret_count,
			   struct nvme_text *error)
{
	unsigned int first = 0, count = from->namespaces ? g_strv_length(from->namespaces) : 0;
	const struct emu_ns_spec *given = scenario ? emu_scenario_namespaces(scenario, &first)
						   : NULL;
	struct emu_ns_spec *specs = g_new0(struct emu_ns_spec, first + count + 1);

	*ret_specs = specs;
	*ret_count = first + count ? first + count : 1;
	emu_ns_spec_init(&specs[first]);
	for (unsigned int i = 0; i < first; i++)
		specs[i] = given[i];
	for (unsigned int i = 0; i < count; i++) {
		struct emu_ns_spec *spec = &specs[first + i];

		nvme_text_clear(error);
		nvme_text_add(error, "--ns: ");
		if (emu_ns_spec_parse(spec, from->namespaces[i], error) < 0)
			return -EINVAL;
		for (unsigned int other = 0; other < first; other++) {
			if (spec->nsid == given[other].nsid)
				return emu_say(error, -EINVAL, "nsid=%u is in %s, too", spec->nsid,
					       from->scenario);
		}
	}
	nvme_text_clear(error);
	return 0;
}

/* People who give a scenario to a real client should not wait for what it cannot do. */
static void print_notice(const char *path, const struct emu_scenario *scenario)
{
	const char *ignored = emu_scenario_ignored(scenario);

	fprintf(stderr,
		"nvmelab-emulator: %s: %s%s%sthe faults are deterministic, the timing of a client "
		"is not\n",
		path, ignored[0] ? "ignores " : "", ignored, ignored[0] ? "; " : "");
}

static void handle_end(int number)
{
	(void)number;
	emu_server_stop(server);
}

static void set_signals(void)
{
	struct sigaction action = { .sa_handler = handle_end };

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/* Each vector of each client is a descriptor. */
static void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void print_ready(char **sockets)
{
	fputs("ready", stdout);
	for (unsigned int i = 0; sockets[i]; i++)
		printf(" %s", sockets[i]);
	putchar('\n');
	fflush(stdout);
}

static int fail(const struct nvme_text *error, int status)
{
	fprintf(stderr, "nvmelab-emulator: %s\n", error->data);
	return status;
}

/* Each controller of the scenario has a socket; others are as [controller] says. */
static int check_sockets(const struct arguments *arguments, const struct emu_scenario *scenario,
			 struct nvme_text *error)
{
	unsigned int sockets = g_strv_length(arguments->sockets);

	if (!scenario || emu_scenario_controllers(scenario) <= sockets)
		return 0;
	return emu_say(error, -EINVAL,
		       "%s: [controller %u]: each controller has a --socket, and there %s %u",
		       arguments->scenario, emu_scenario_controllers(scenario),
		       sockets == 1 ? "is" : "are", sockets);
}

/* Room for the faults that there are, and for those that may come. */
static void make_room(const struct arguments *arguments, const struct emu_scenario *scenario,
		      struct emu_config *config)
{
	if (scenario && config->faults < emu_scenario_faults(scenario))
		config->faults = emu_scenario_faults(scenario);
	if (arguments->control && config->faults < CONTROL_FAULTS)
		config->faults = CONTROL_FAULTS;
}

/* The subsystem that the command line describes. */
static int make_server(const struct arguments *arguments, struct nvme_text *error)
{
	struct emu_server_options options;
	static struct emu_config config;
	g_autofree struct emu_ns_spec *specs = NULL;
	struct emu_scenario *scenario = NULL;
	unsigned int count;
	int result = read_options(arguments, &options, error);

	if (!result)
		result = read_config(arguments, &config, &scenario, error);
	if (!result)
		result = check_sockets(arguments, scenario, error);
	if (!result)
		result = read_namespaces(arguments, scenario, &specs, &count, error);
	if (!result) {
		make_room(arguments, scenario, &config);
		options.scenario = scenario;
		result = emu_server_new(&config, specs, count, &options, &server, error);
	}
	if (!result && scenario)
		print_notice(arguments->scenario, scenario);
	emu_scenario_free(scenario);
	return result;
}

/* Serves until a signal ends it; Return: the exit status. */
static int serve(const struct arguments *arguments, struct nvme_text *error)
{
	int result, judgement;

	raise_fd_limit();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	result = make_server(arguments, error);
	if (result)
		return fail(error, result == -EINVAL ? EXIT_USAGE : EXIT_ENVIRONMENT);
	set_signals();
	print_ready(arguments->sockets);
	result = emu_server_run(server);
	judgement = emu_server_judgement(server);
	emu_server_free(server);
	if (!result && judgement == -EPROTO)
		return EXIT_VIOLATION;
	return result || judgement ? EXIT_ENVIRONMENT : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) wrong = NULL;
	struct arguments arguments = { 0 };
	struct nvme_text error;
	char sentence[2 * EMU_PATH_BYTES];
	int status = EXIT_SUCCESS;

	setlocale(LC_ALL, "");
	nvme_text_init(&error, sentence, sizeof(sentence));
	if (!read_command_line(&arguments, argc, argv, &wrong)) {
		fprintf(stderr, "nvmelab-emulator: %s; --help lists the options\n", wrong->message);
		status = EXIT_USAGE;
	} else if (arguments.version) {
		puts("nvmelab-emulator " PACKAGE_VERSION);
	} else {
		status = serve(&arguments, &error);
	}
	end_arguments(&arguments);
	return status;
}
