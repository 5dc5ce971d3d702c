/* SPDX-License-Identifier: BSD-3-Clause */
/* The command perf: commands a second, and their latency. */
#include <string.h>

#include "common/random.h"
#include "driver/cli/error.h"
#include "driver/cli/histogram.h"
#include "driver/cli/job.h"
#include "driver/cli/stats.h"

#define VERIFY_BYTES (UINT64_C(256) << 20) /* what --verify fills first, at most, unless told */
#define SEED	     0x6e766d656c6162u

const struct cli_option cli_perf_options[] = {
	/* clang-format off */
	{ "pattern", 'p', 0, CLI_CHOICE, "read|write|randread|randwrite|randrw", 0, "randread", false, "what is done" },
	{ "queue-depth", 'q', 0, CLI_NUMBER, "NUM", 4095, "32", false, "commands at a time, on each queue" },
	{ "block-size", 'b', 0, CLI_SIZE, "SIZE", 1 << 30, "4K", false, "of a command" },
	{ "time", 0, 0, CLI_NUMBER, "SECONDS", 86400, "5", false, "how long" },
	{ "queues", 'Q', 0, CLI_NUMBER, "NUM", NVL_MAX_QUEUES, "1", false, "I/O queue pairs" },
	{ "nsid", 'n', 0, CLI_NUMBER, "NUM", UINT32_MAX, NULL, false, "the namespace; the first active one if not given" },
	{ "size", 's', 0, CLI_SIZE, "SIZE", UINT64_MAX, NULL, false, "range of the namespace to use; all of it if not given" },
	{ "read-percent", 0, 0, CLI_NUMBER, "NUM", 100, "50", false, "share of reads with randrw" },
	{ "verify", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "fill the range with a pattern first and compare what is read (256M at most without --size)" },
	{ "stats", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "print what the driver counted, too" },
	{ 0 },
	/* clang-format on */
};

struct perf {
	struct cli_job job;
	struct cli_histogram histogram;
	const char *pattern;
	bool random;
	bool verify;
	bool filling;	    /* the pass that writes the pattern for --verify */
	uint64_t positions; /* commands that the range has room for */
	uint64_t given;
	uint64_t reads;
	uint64_t writes;
	uint64_t limit_nsec;
	uint64_t stop_nsec; /* 0 before the first command */
	uint64_t shown_commands;
	uint64_t shown_nsec;
	uint32_t read_percent;
};

/* The data of a block are always the same, so that reads and writes may pass each other. */
static void fill_blocks(struct cli_job *job, const struct cli_op *op)
{
	uint32_t block_bytes = job->ns->block_bytes;

	for (uint64_t at = 0; at < job->op_bytes; at += block_bytes)
		nvme_pattern_fill((uint8_t *)op->data + at, block_bytes, SEED,
				  op->slba + at / block_bytes);
}

static bool next_fill(struct cli_job *job, struct cli_op *op)
{
	struct perf *perf = job->arg;

	if (perf->given == perf->positions)
		return false;
	op->slba = perf->given++ * (job->op_bytes / job->ns->block_bytes);
	op->write = true;
	fill_blocks(job, op);
	return true;
}

static bool next_op(struct cli_job *job, struct cli_op *op)
{
	struct perf *perf = job->arg;
	uint64_t now_nsec, at, draw;

	if (perf->filling)
		return next_fill(job, op);
	now_nsec = nvl_device_now(job->session->device);
	if (perf->stop_nsec == 0)
		perf->stop_nsec = now_nsec + perf->limit_nsec;
	if (now_nsec >= perf->stop_nsec)
		return false;
	draw = nvme_draw(SEED, 0, perf->given, 0);
	at = perf->random ? nvme_draw_below(draw, perf->positions) : perf->given % perf->positions;
	op->slba = at * (job->op_bytes / job->ns->block_bytes);
	op->write = nvme_draw_below(nvme_mix(draw), 100) >= perf->read_percent;
	perf->given++;
	if (op->write && perf->verify)
		fill_blocks(job, op);
	return true;
}

static bool check_data(struct cli_job *job, const struct cli_op *op)
{
	uint32_t block_bytes = job->ns->block_bytes;

	for (uint64_t at = 0; at < job->op_bytes; at += block_bytes) {
		uint64_t lba = op->slba + at / block_bytes;
		size_t wrong = nvme_pattern_check((const uint8_t *)op->data + at, block_bytes, SEED,
						  lba);

		if (wrong < block_bytes)
			return cli_fail(
				&job->error, CLI_EXIT_FAILED,
				"%s: block %" G_GUINT64_FORMAT
				" of namespace %u differs from its pattern from byte %zu on",
				job->session->name, lba, job->ns->nsid, wrong);
	}
	return true;
}

static bool op_done(struct cli_job *job, struct cli_op *op, uint64_t now_nsec)
{
	struct perf *perf = job->arg;

	if (perf->filling)
		return true;
	cli_histogram_add(&perf->histogram, now_nsec - op->start_nsec);
	if (op->write)
		perf->writes++;
	else
		perf->reads++;
	return op->write || !perf->verify || check_data(job, op);
}

/* How much of the time is over, in nanoseconds. */
static uint64_t time_over(const struct perf *perf, uint64_t now_nsec)
{
	uint64_t start_nsec = perf->stop_nsec - perf->limit_nsec;

	return now_nsec < perf->stop_nsec ? now_nsec - start_nsec : perf->limit_nsec;
}

static void show_progress(struct cli_job *job)
{
	struct perf *perf = job->arg;
	uint64_t now_nsec = nvl_device_now(job->session->device);
	double seconds = (double)(now_nsec - perf->shown_nsec) / 1e9;
	double iops = (double)(job->commands - perf->shown_commands) / seconds;

	if (perf->shown_nsec != 0 && seconds > 0) {
		g_autofree char *bytes = cli_size_text((uint64_t)(iops * (double)job->op_bytes));

		if (perf->filling)
			cli_progress_bar(job->commands, perf->positions, "filling  %s/s", bytes);
		else
			cli_progress_bar(time_over(perf, now_nsec), perf->limit_nsec,
					 "%s  %.0f IOPS  %s/s", perf->pattern, iops, bytes);
	}
	perf->shown_commands = job->commands;
	perf->shown_nsec = now_nsec;
}

struct figures {
	double seconds;
	double iops;
	double bytes_per_sec;
};

static struct figures count_up(const struct perf *perf)
{
	uint64_t nsec = perf->job.end_nsec - perf->job.start_nsec;
	struct figures figures = { .seconds = (double)nsec / 1e9 };

	if (nsec > 0) {
		figures.iops = (double)perf->histogram.count / figures.seconds;
		figures.bytes_per_sec = figures.iops * (double)perf->job.op_bytes;
	}
	return figures;
}

static void print_perf(struct cli_output *out, const struct perf *perf, bool stats)
{
	const struct cli_histogram *histogram = &perf->histogram;
	const struct figures figures = count_up(perf);
	g_autofree char *block = cli_size_text(perf->job.op_bytes);
	g_autofree char *rate = cli_size_text((uint64_t)figures.bytes_per_sec);
	g_autofree char *mean = cli_time_text((uint64_t)cli_histogram_mean(histogram));
	g_autofree char *p50 = cli_time_text(cli_histogram_at(histogram, 0.5));
	g_autofree char *p99 = cli_time_text(cli_histogram_at(histogram, 0.99));
	g_autofree char *p99_9 = cli_time_text(cli_histogram_at(histogram, 0.999));
	g_autofree char *max = cli_time_text(histogram->max);

	cli_heading(out, "%s, %s a command, queue depth %u, %u queue%s, %.1f s", perf->pattern,
		    block, perf->job.depth, perf->job.queues, CLI_PLURAL(perf->job.queues),
		    figures.seconds);
	cli_print(out, "IOPS       %.0f\n", figures.iops);
	cli_print(out, "throughput %s/s\n", rate);
	cli_print(out, "latency    mean %s, p50 %s, p99 %s, p99.9 %s, max %s\n", mean, p50, p99,
		  p99_9, max);
	cli_print(out, "commands   %" G_GUINT64_FORMAT " reads, %" G_GUINT64_FORMAT " writes%s\n",
		  perf->reads, perf->writes, perf->verify ? ", every byte read is right" : "");
	if (stats)
		cli_print_stats(out, perf->job.session->ctrl);
}

static void add_double(JsonBuilder *builder, const char *key, double value)
{
	json_builder_set_member_name(builder, key);
	json_builder_add_double_value(builder, value);
}

static void print_perf_json(struct cli_output *out, const struct perf *perf, bool stats)
{
	const struct figures figures = count_up(perf);
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	cli_add_text(builder, "pattern", perf->pattern);
	cli_add_u64(builder, "block_size", perf->job.op_bytes);
	cli_add_u64(builder, "queue_depth", perf->job.depth);
	cli_add_u64(builder, "queues", perf->job.queues);
	cli_add_u64(builder, "nsid", perf->job.ns->nsid);
	add_double(builder, "seconds", figures.seconds);
	cli_add_u64(builder, "reads", perf->reads);
	cli_add_u64(builder, "writes", perf->writes);
	cli_add_u64(builder, "iops", (uint64_t)figures.iops);
	cli_add_u64(builder, "bytes_per_sec", (uint64_t)figures.bytes_per_sec);
	json_builder_set_member_name(builder, "latency_ns");
	json_builder_begin_object(builder);
	cli_add_u64(builder, "mean", (uint64_t)cli_histogram_mean(&perf->histogram));
	cli_add_u64(builder, "p50", cli_histogram_at(&perf->histogram, 0.5));
	cli_add_u64(builder, "p99", cli_histogram_at(&perf->histogram, 0.99));
	cli_add_u64(builder, "p99_9", cli_histogram_at(&perf->histogram, 0.999));
	cli_add_u64(builder, "max", perf->histogram.max);
	json_builder_end_object(builder);
	json_builder_set_member_name(builder, "verified");
	json_builder_add_boolean_value(builder, perf->verify);
	if (stats)
		cli_add_stats(builder, perf->job.session->ctrl);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

static bool run_perf(struct cli *cli, struct perf *perf, GError **error)
{
	if (perf->positions == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--size: not one command of %" G_GUINT64_FORMAT " bytes fits",
				perf->job.op_bytes);
	if (perf->verify) {
		perf->filling = true;
		if (!cli_job_run(&perf->job, error))
			return false;
		perf->filling = false;
		perf->given = 0;
		perf->job.commands = 0;
		perf->shown_nsec = 0;
	}
	if (!cli_job_run(&perf->job, error))
		return false;
	if (cli->out->json)
		print_perf_json(cli->out, perf, cli_given(cli->args, "stats") > 0);
	else
		print_perf(cli->out, perf, cli_given(cli->args, "stats") > 0);
	return true;
}

/* The range in bytes: --size, or the namespace, of which --verify takes a part it can fill soon. */
static uint64_t range_bytes(struct cli *cli, const struct nvl_ns *ns, bool verify)
{
	uint64_t bytes = ns->nsze << ns->block_shift;

	if (cli_given(cli->args, "size"))
		return MIN(bytes, cli_number(cli->args, "size"));
	return verify ? MIN(bytes, VERIFY_BYTES) : bytes;
}

static uint32_t read_share(struct cli *cli, const char *pattern)
{
	if (strcmp(pattern, "randrw") == 0)
		return cli_u32(cli->args, "read-percent");
	return g_str_has_suffix(pattern, "read") ? 100 : 0;
}

static const struct nvl_ns *find_ns(struct cli *cli, struct cli_session *session, GError **error)
{
	uint32_t nsid = cli_u32(cli->args, "nsid");
	const struct nvl_ns *ns = cli_given(cli->args, "nsid") ? nvl_ns_find(session->ctrl, nsid)
							       : nvl_ns_at(session->ctrl, 0);

	if (!ns)
		cli_fail(error, CLI_EXIT_USAGE, "%s: there is no active namespace %u",
			 session->name, nsid);
	else if (ns->problem)
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: namespace %u cannot be used: %s",
			 session->name, ns->nsid, nvl_reason_text(ns->problem));
	return ns && !ns->problem ? ns : NULL;
}

static bool measure(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_ns *ns = find_ns(cli, session, error);
	g_autofree struct perf *perf = g_new0(struct perf, 1);
	bool done;

	if (!ns || !cli_io_queue(session, error))
		return false;
	perf->pattern = cli_text(cli->args, "pattern");
	perf->random = g_str_has_prefix(perf->pattern, "rand");
	perf->read_percent = read_share(cli, perf->pattern);
	perf->verify = cli_given(cli->args, "verify") > 0;
	perf->limit_nsec = cli_number(cli->args, "time") * 1000000000u;
	perf->job = (struct cli_job){
		.session = session,
		.ns = ns,
		.queues = cli_u32(cli->args, "queues"),
		.depth = cli_u32(cli->args, "queue-depth"),
		.op_bytes = cli_number(cli->args, "block-size"),
		.next = next_op,
		.done = op_done,
		.progress = show_progress,
		.arg = perf,
	};
	if (perf->job.op_bytes > 0)
		perf->positions = range_bytes(cli, ns, perf->verify) / perf->job.op_bytes;
	done = cli_job_prepare(&perf->job, error) && run_perf(cli, perf, error);
	cli_job_free(&perf->job);
	return done;
}

bool cli_run_perf(struct cli *cli, GError **error)
{
	const struct cli_needs needs = { .queues = cli_u32(cli->args, "queues"),
					 .depth = cli_u32(cli->args, "queue-depth") };

	if (needs.queues == 0 || needs.depth == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--queues and --queue-depth: 0 does nothing");
	if (strcmp(cli_text(cli->args, "clock"), "virtual") == 0)
		return cli_fail(error, CLI_EXIT_USAGE, "--clock virtual has no speed to measure");
	return cli_with_session(cli, &needs, measure, error);
}
