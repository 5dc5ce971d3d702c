/* SPDX-License-Identifier: BSD-3-Clause */
/* Opens and closes the device of a command. */
#include "driver/cli/session.h"

#include <errno.h>
#include <string.h>

#include "driver/cli/error.h"
#include "driver/cli/fields.h"
#include "driver/cli/params.h"
#include "emulator/core/config.h"
#include "emulator/device/device.h"

#define ERROR_BYTES 1024
#define ITEM_BYTES  512

const struct cli_option cli_device_options[] = {
	/* clang-format off */
	{ "timeout", 't', 0, CLI_TIME, "MSEC", UINT64_C(86400000000000), NULL, false, "how long a command, or a server's reply, may take; 0 is the default (60 s, I/O 30 s, a reply 5 s)" },
	{ "driver", 0, 0, CLI_LIST, "KEY=VALUE,...", 0, NULL, false, "parameters of the driver: 'nvmelab help params' has them; may be repeated" },
	{ "interrupts", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "wait for MSI-X interrupts instead of polling" },
	{ "no-mapping", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "access doorbells by messages even where BAR0 can be mapped" },
	{ "rebind", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "a PCI function: take it from the kernel's driver until the command ends (docs/pci.md)" },
	{ "unsafe-dma", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "a PCI function: do without an IOMMU, so that it can write to all of memory (docs/pci.md)" },
	{ "trace", 0, 0, CLI_STRING, "FILE", 0, NULL, false, "write a trace of the driver to FILE" },
	{ 0 },
	/* clang-format on */
};

const struct cli_option cli_emulator_options[] = {
	/* clang-format off */
	{ "controller", 0, 0, CLI_LIST, "KEY=VALUE,...", 0, NULL, false, "without DEVICE: keys of the emulated controller (docs/config.md)" },
	{ "profile", 0, 0, CLI_STRING, "NAME", 0, NULL, false, "without DEVICE: profile that the keys start from" },
	{ "ns", 0, 0, CLI_LIST, "KEY=VALUE,...", 0, NULL, false, "without DEVICE: a namespace, as size=64M,lba=512,file=PATH; may be repeated" },
	{ "clock", 0, 0, CLI_CHOICE, "real|virtual", 0, "real", false, "without DEVICE: time of the emulator; virtual makes runs repeatable" },
	{ "controller-trace", 0, 0, CLI_STRING, "FILE", 0, NULL, false, "without DEVICE: write a trace of the controller to FILE" },
	{ 0 },
	/* clang-format on */
};

/* Options of the emulator inside the process mean nothing to another device. */
static bool refuse_emulator_options(struct cli *cli, const char *which, GError **error)
{
	for (const struct cli_option *option = cli_emulator_options; option->name; option++) {
		if (!cli_given(cli->args, option->name))
			continue;
		cli_fail(error, CLI_EXIT_USAGE,
			 "--%s is for the emulator inside the process, not for %s", option->name,
			 which);
		cli_hint(error, "leave DEVICE out, or give the option to nvmelab-emulator");
		return false;
	}
	return true;
}

static bool set_keys(struct emu_config *config, const char *list, GError **error)
{
	char item[ITEM_BYTES], buffer[ERROR_BYTES];
	struct nvme_text text;
	int result;

	nvme_text_init(&text, buffer, sizeof(buffer));
	while ((result = emu_list_next(&list, item, sizeof(item))) == 0) {
		const char *equals = strchr(item, '=');

		if (!equals)
			return cli_fail(error, CLI_EXIT_USAGE,
					"--controller: '%s' is not KEY=VALUE", item);
		if (emu_config_set(config, item, (size_t)(equals - item), equals + 1,
				   strlen(equals + 1), &text) != 0)
			return cli_fail(error, CLI_EXIT_USAGE, "--controller: %s", buffer);
	}
	if (result != -ENOENT)
		return cli_fail(error, CLI_EXIT_USAGE, "--controller: a value is too long");
	return true;
}

static bool configure(struct cli *cli, struct emu_config *config, GError **error)
{
	const char *profile = cli_text(cli->args, "profile"), *list;
	char buffer[ERROR_BYTES];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	emu_config_init(config);
	if (profile && emu_config_profile(config, profile, &text) != 0)
		return cli_fail(error, CLI_EXIT_USAGE, "--profile: %s", buffer);
	for (unsigned int i = 0; (list = cli_list(cli->args, "controller", i)) != NULL; i++) {
		if (!set_keys(config, list, error))
			return false;
	}
	return true;
}

static bool read_namespaces(struct cli *cli, GArray *specs, GError **error)
{
	const char *list;
	char buffer[ERROR_BYTES];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	for (unsigned int i = 0; (list = cli_list(cli->args, "ns", i)) != NULL; i++) {
		struct emu_ns_spec spec;

		if (i >= EMU_MAX_NAMESPACES)
			return cli_fail(error, CLI_EXIT_USAGE, "--ns: more than %d namespaces",
					EMU_MAX_NAMESPACES);
		if (emu_ns_spec_parse(&spec, list, &text) != 0)
			return cli_fail(error, CLI_EXIT_USAGE, "--ns: %s", buffer);
		g_array_append_val(specs, spec);
	}
	return true;
}

static bool fill_options(struct cli *cli, const struct cli_needs *needs,
			 struct nvl_device_options *options, GError **error)
{
	uint64_t timeout = cli_number(cli->args, "timeout");

	nvl_device_options_init(options);
	options->start = !(needs && needs->no_start);
	options->interrupts = cli_given(cli->args, "interrupts") > 0;
	options->no_mapping = cli_given(cli->args, "no-mapping") > 0;
	options->unsafe_dma = cli_given(cli->args, "unsafe-dma") > 0;
	options->rebind = cli_given(cli->args, "rebind") > 0;
	options->trace_path = cli_text(cli->args, "trace");
	if (timeout > 0) {
		options->driver.admin_timeout_nsec = timeout;
		options->driver.io_timeout_nsec = timeout;
		options->message_timeout_nsec = timeout;
	}
	if (needs && needs->queues > 0)
		options->driver.queues = needs->queues;
	if (needs && needs->depth > 0)
		options->driver.entries = needs->depth + 1;
	if (options->driver.entries < 2)
		options->driver.entries = 2;
	/* What is asked for by name counts more than what the command or --timeout would have. */
	if (!cli_set_parameters(cli->args, &options->driver, error))
		return false;
	/* These mean nothing without interrupts. */
	if (options->driver.vectors > 0 || options->driver.mode == NVL_MODE_HYBRID)
		options->interrupts = true;
	return true;
}

/*
 * -EINVAL is what was asked for; anything else is the world. The sentence names DEVICE itself, if
 * there is one.
 */
static bool open_device(struct cli_session *session, const struct nvl_device_options *options,
			GError **error)
{
	char buffer[ERROR_BYTES];
	struct nvme_text text;
	int result;

	nvme_text_init(&text, buffer, sizeof(buffer));
	result = nvl_device_open(options, &session->device, &text);
	if (result != 0)
		return cli_fail(error, result == -EINVAL ? CLI_EXIT_USAGE : CLI_EXIT_ENVIRONMENT,
				"%s%s%s", options->device ? "" : session->name,
				options->device ? "" : ": ",
				text.used > 0 ? buffer : g_strerror(-result));
	session->ctrl = nvl_device_ctrl(session->device);
	return true;
}

static bool open_emulator(struct cli *cli, struct cli_session *session,
			  struct nvl_device_options *options, GError **error)
{
	g_autofree struct emu_config *config = g_new(struct emu_config, 1);
	g_autoptr(GArray) specs = g_array_new(FALSE, FALSE, sizeof(struct emu_ns_spec));

	if (!configure(cli, config, error) || !read_namespaces(cli, specs, error))
		return false;
	options->emulator.config = config;
	if (specs->len > 0) {
		options->emulator.ns = (const struct emu_ns_spec *)(void *)specs->data;
		options->emulator.ns_count = specs->len;
	}
	options->emulator.virtual_clock = strcmp(cli_text(cli->args, "clock"), "virtual") == 0;
	options->emulator.trace_path = cli_text(cli->args, "controller-trace");
	return open_device(session, options, error);
}

static void log_opened(const struct cli_session *session)
{
	const struct nvl_info *info = nvl_info(session->ctrl);
	g_autofree char *transfer = cli_size_text(info->max_transfer_bytes);
	uint32_t namespaces = nvl_ns_count(session->ctrl);

	if (nvl_state(session->ctrl) != NVL_STATE_LIVE)
		return;
	cli_log(CLI_LOG_INFO,
		"%s: live: %u queue pair%s of %u entries, %u vector%s, %s a command, %u "
		"namespace%s",
		session->name, info->queues, CLI_PLURAL(info->queues), info->entries, info->vectors,
		CLI_PLURAL(info->vectors), transfer, namespaces, CLI_PLURAL(namespaces));
}

struct cli_session *cli_open(struct cli *cli, const char *which, const struct cli_needs *needs,
			     GError **error)
{
	g_autofree struct cli_session *session = g_new0(struct cli_session, 1);
	struct nvl_device_options options;
	bool opened;

	if (!fill_options(cli, needs, &options, error))
		return NULL;
	session->name = which ? which : "the emulator in this process";
	session->path = which ? which : "emulator";
	options.device = which;
	if (which)
		opened = refuse_emulator_options(cli, which, error) &&
			 open_device(session, &options, error);
	else
		opened = open_emulator(cli, session, &options, error);
	if (!opened)
		return NULL;
	log_opened(session);
	return g_steal_pointer(&session);
}

bool cli_close(struct cli_session *session, bool done, GError **error)
{
	int result;

	if (!session)
		return done;
	result = nvl_device_close(session->device);
	if (result != 0 && done)
		done = cli_fail_result(error, result, "%s: closing it", session->name);
	else if (result != 0)
		cli_log(CLI_LOG_WARNING, "%s: closing it failed too: %s", session->name,
			g_strerror(-result));
	g_free(session);
	return done;
}

/* With More, the newest entry of the error log says which part of the command was wrong. */
static void explain_status(struct cli_session *session, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_ERROR, .nsid = NVME_NSID_ALL, .rae = true };
	struct nvme_error_log_entry entry;
	uint16_t location;

	if (!error || !*error || (*error)->domain != NVME_STATUS_ERROR ||
	    !NVME_GET((*error)->code, NVME_STATUS_M) ||
	    nvl_get_log(session->ctrl, &log, &entry, sizeof(entry)) != 0)
		return;
	location = nvme_cpu16(entry.location);
	if (nvme_cqe_status(nvme_cpu16(entry.status)) != (nvme_status)(*error)->code ||
	    location == NVME_ERROR_LOCATION_NONE)
		return;
	cli_hint(error,
		 "error log: entry %" G_GUINT64_FORMAT
		 " finds fault with byte %u, bit %u of the command (%s)",
		 nvme_cpu64(entry.error_count), NVME_GET(location, NVME_ERROR_LOCATION_BYTE),
		 NVME_GET(location, NVME_ERROR_LOCATION_BIT),
		 cli_sqe_part(NVME_GET(location, NVME_ERROR_LOCATION_BYTE)));
}

bool cli_with_session(struct cli *cli, const struct cli_needs *needs, cli_with_session_fn *run,
		      GError **error)
{
	struct cli_session *session = cli_open(cli, cli_positional(cli->args, 0), needs, error);
	bool done;

	if (!session)
		return false;
	done = run(cli, session, error);
	if (!done)
		explain_status(session, error);
	return cli_close(session, done, error);
}

uint32_t cli_pick_nsid(const struct cli *cli, const struct cli_session *session)
{
	const struct nvl_ns *first = nvl_ns_at(session->ctrl, 0);

	if (cli_given(cli->args, "namespace-id"))
		return cli_u32(cli->args, "namespace-id");
	return first ? first->nsid : 1;
}

const struct nvl_ns *cli_pick_ns(const struct cli *cli, const struct cli_session *session,
				 GError **error)
{
	uint32_t nsid = cli_pick_nsid(cli, session);
	const struct nvl_ns *ns = nvl_ns_find(session->ctrl, nsid);

	if (!ns) {
		cli_fail(error, CLI_EXIT_USAGE, "%s: there is no active namespace %u",
			 session->name, nsid);
		cli_hint(error, "'nvmelab list-ns' shows those that there are");
		return NULL;
	}
	if (ns->problem) {
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: namespace %u cannot be used: %s",
			 session->name, nsid, nvl_reason_text(ns->problem));
		return NULL;
	}
	return ns;
}

struct nvl_queue *cli_io_queue(const struct cli_session *session, GError **error)
{
	struct nvl_queue *queue = nvl_queue(session->ctrl, 0);

	if (!queue)
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: the controller granted no I/O queue",
			 session->name);
	return queue;
}
