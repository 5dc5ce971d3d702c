/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command monitor: a controller's events as they come, and what its counters did meanwhile.
 *
 * A terminal gets the rates in one line that is written again and again, everything else a line
 * each time. JSON is an object on a line for each event and each look at the counters.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/print.h"
#include "driver/cli/send.h"

#define STEP_USEC   2000u /* between two looks at the admin queue */
#define MSEC_NSEC   1000000u
#define SECOND_NSEC UINT64_C(1000000000)
#define UNIT_BYTES  512000.0 /* of SMART's data units */

const struct cli_option cli_monitor_options[] = {
	/* clang-format off */
	{ "interval", 'i', 0, CLI_TIME, "MSEC", UINT64_C(86400000000000), "1s", false, "between two looks at the counters" },
	{ "time", 0, 0, CLI_NUMBER, "SECONDS", UINT32_MAX, "0", false, "how long; 0 is until it is interrupted" },
	{ "events", 'e', 0, CLI_FLAG, NULL, 0, NULL, false, "events only" },
	{ 0 },
	/* clang-format on */
};

struct monitor {
	struct cli *cli;
	struct cli_session *session;
	uint64_t start_nsec;
	struct nvme_smart_log before;
	uint64_t before_nsec; /* 0: there is nothing to compare with */
	bool live;	      /* a terminal, whose last line is ours */
};

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

static uint64_t elapsed_msec(const struct monitor *monitor)
{
	return (nvl_device_now(monitor->session->device) - monitor->start_nsec) / MSEC_NSEC;
}

/* A line of JSON; cli_print_json() takes several. */
static void print_object(struct cli_output *out, JsonBuilder *builder)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;
	g_autofree char *text = NULL;

	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	text = json_generator_to_data(generator, NULL);
	cli_print(out, "%s\n", text);
	fflush(out->file);
	g_object_unref(builder);
}

/* What the controller says of an event, if the specification has a name for it. */
static const char *aer_text(const struct nvl_event *event)
{
	return nvme_aer_name(NVME_PUT(NVME_AER_TYPE, (uint32_t)event->aer_type) |
			     NVME_PUT(NVME_AER_INFO, (uint32_t)event->aer_info));
}

static void add_event(JsonBuilder *builder, const struct nvl_event *event)
{
	cli_add_text(builder, "event", nvl_event_name((enum nvl_event_type)event->type));
	if (event->type == NVL_EVENT_ASYNC) {
		cli_add_text(builder, "name", aer_text(event));
		cli_add_u64(builder, "type", event->aer_type);
		cli_add_u64(builder, "info", event->aer_info);
		cli_add_u64(builder, "log_id", event->lid);
		return;
	}
	if (event->type == NVL_EVENT_RESTARTED)
		return;
	cli_add_u64(builder, "nsid", event->nsid);
	cli_add_u64(builder, "blocks_before", event->before);
	cli_add_u64(builder, "blocks", event->after);
}

static void print_event(struct cli_output *out, const struct nvl_event *event)
{
	const char *name = nvl_event_name((enum nvl_event_type)event->type);

	if (event->type == NVL_EVENT_ASYNC)
		cli_print(out, "%s: %s (type %u, information %02Xh, log page %02Xh: %s)\n", name,
			  aer_text(event), event->aer_type, event->aer_info, event->lid,
			  nvme_log_name(event->lid));
	else if (event->type == NVL_EVENT_NS_RESIZED)
		cli_print(out,
			  "%s: %u, from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " blocks\n",
			  name, event->nsid, event->before, event->after);
	else if (event->type == NVL_EVENT_RESTARTED)
		cli_print(out, "%s: what was not flushed may be gone\n", name);
	else
		cli_print(out, "%s: %u\n", name, event->nsid);
}

static void take_event(void *arg, const struct nvl_event *event)
{
	struct monitor *monitor = arg;
	struct cli_output *out = monitor->cli->out;
	uint64_t msec = elapsed_msec(monitor);
	JsonBuilder *builder;

	cli_progress_end();
	if (out->json) {
		builder = cli_json_open();
		cli_add_u64(builder, "time_ms", msec);
		add_event(builder, event);
		print_object(out, builder);
		return;
	}
	cli_print(out, "%8.3f  ", (double)msec / 1000);
	print_event(out, event);
	fflush(out->file);
}

/* Growth of a 128-bit counter, of which the low half is enough for rates. */
static double grown(const struct nvme_u128le *before, const struct nvme_u128le *now)
{
	return (double)(cli_load(now, 8) - cli_load(before, 8));
}

struct rates {
	double reads;
	double writes;
	double read_bytes;
	double written_bytes;
	int celsius;
};

static struct rates rates_of(const struct nvme_smart_log *before, const struct nvme_smart_log *now,
			     double seconds)
{
	return (struct rates){
		.reads = grown(&before->host_read_commands, &now->host_read_commands) / seconds,
		.writes = grown(&before->host_write_commands, &now->host_write_commands) / seconds,
		.read_bytes = grown(&before->data_units_read, &now->data_units_read) * UNIT_BYTES /
			      seconds,
		.written_bytes = grown(&before->data_units_written, &now->data_units_written) *
				 UNIT_BYTES / seconds,
		.celsius = (int)cli_load(&now->temperature, 2) - 273,
	};
}

static void show_rates(const struct monitor *monitor, const struct rates *rates)
{
	struct cli_output *out = monitor->cli->out;
	const char *state = nvl_state_name(nvl_state(monitor->session->ctrl));
	g_autofree char *read = cli_size_text((uint64_t)rates->read_bytes);
	g_autofree char *written = cli_size_text((uint64_t)rates->written_bytes);
	JsonBuilder *builder;

	if (out->json) {
		builder = cli_json_open();
		cli_add_u64(builder, "time_ms", elapsed_msec(monitor));
		cli_add_text(builder, "state", state);
		cli_add_u64(builder, "reads_per_sec", (uint64_t)rates->reads);
		cli_add_u64(builder, "writes_per_sec", (uint64_t)rates->writes);
		cli_add_u64(builder, "read_bytes_per_sec", (uint64_t)rates->read_bytes);
		cli_add_u64(builder, "written_bytes_per_sec", (uint64_t)rates->written_bytes);
		json_builder_set_member_name(builder, "celsius");
		json_builder_add_int_value(builder, rates->celsius);
		print_object(out, builder);
	} else if (monitor->live) {
		cli_progress("%s  %d °C  read %.0f/s %s/s  write %.0f/s %s/s", state,
			     rates->celsius, rates->reads, read, rates->writes, written);
	} else {
		cli_print(out, "%8.3f  %s  %d °C  read %.0f/s %s/s  write %.0f/s %s/s\n",
			  (double)elapsed_msec(monitor) / 1000, state, rates->celsius, rates->reads,
			  read, rates->writes, written);
		fflush(out->file);
	}
}

static bool look(struct monitor *monitor, GError **error)
{
	const struct nvl_log log = { .lid = NVME_LID_SMART, .rae = true, .nsid = NVME_NSID_ALL };
	uint64_t now_nsec = nvl_device_now(monitor->session->device);
	struct nvme_smart_log smart;
	struct rates rates;

	if (!cli_get_log(monitor->session, &log, &smart, sizeof(smart), error))
		return false;
	if (monitor->before_nsec != 0 && now_nsec > monitor->before_nsec) {
		rates = rates_of(&monitor->before, &smart,
				 (double)(now_nsec - monitor->before_nsec) / (double)SECOND_NSEC);
		show_rates(monitor, &rates);
	}
	monitor->before = smart;
	monitor->before_nsec = now_nsec;
	return true;
}

/* The driver does its part in nvl_step(): reads logs, looks at namespaces again, recovers. */
static bool watch(struct monitor *monitor, GError **error)
{
	struct nvl_ctrl *ctrl = monitor->session->ctrl;
	uint64_t interval = MAX(cli_number(monitor->cli->args, "interval"), MSEC_NSEC);
	uint64_t seconds = cli_number(monitor->cli->args, "time");
	bool rates = !cli_given(monitor->cli->args, "events");
	uint64_t next_nsec = monitor->start_nsec, now_nsec = monitor->start_nsec;

	while (!interrupted && !monitor->cli->out->error &&
	       (seconds == 0 || now_nsec < monitor->start_nsec + seconds * SECOND_NSEC)) {
		if (rates && now_nsec >= next_nsec && nvl_is_up(ctrl)) {
			if (!look(monitor, error))
				return false;
			next_nsec = now_nsec + interval;
		}
		nvl_step(ctrl);
		if (nvl_state(ctrl) == NVL_STATE_GONE)
			return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: the device is gone",
					monitor->session->name);
		nvl_wait(nvl_admin_queue(ctrl), now_nsec + STEP_USEC * UINT64_C(1000));
		if (strcmp(cli_text(monitor->cli->args, "clock"), "virtual") != 0)
			g_usleep(STEP_USEC);
		now_nsec = nvl_device_now(monitor->session->device);
	}
	return true;
}

bool cli_monitor(struct cli *cli, struct cli_session *session, GError **error)
{
	struct monitor monitor = { .cli = cli,
				   .session = session,
				   .start_nsec = nvl_device_now(session->device),
				   .live = cli_is_terminal(stderr) &&
					   isatty(fileno(cli->out->file)) };
	bool done;

	signal(SIGINT, interrupt);
	signal(SIGTERM, interrupt);
	nvl_set_event_handler(session->ctrl, take_event, &monitor);
	done = watch(&monitor, error);
	nvl_set_event_handler(session->ctrl, NULL, NULL);
	cli_progress_end();
	return done;
}
