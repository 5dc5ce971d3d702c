/* SPDX-License-Identifier: BSD-3-Clause */
/* The command check-io: write a pattern, read it back, compare every byte. */
#include <string.h>

#include "common/random.h"
#include "driver/cli/error.h"
#include "driver/cli/job.h"
#include "driver/cli/stats.h"

const struct cli_option cli_check_io_options[] = {
	/* clang-format off */
	CLI_NAMESPACE,
	{ "size", 's', 0, CLI_SIZE, "SIZE", UINT64_C(1) << 50, "16M", false, "how much, from block 0 on; the namespace's size is the limit" },
	{ "queue-depth", 'q', 0, CLI_NUMBER, "NUM", 4095, "32", false, "commands at a time" },
	{ "block-size", 'b', 0, CLI_SIZE, "SIZE", 1 << 30, "4K", false, "of a command" },
	{ "seed", 0, 0, CLI_NUMBER, "NUM", UINT64_MAX, NULL, false, "what the pattern is made of; another one each time if not given" },
	{ "stats", 0, 0, CLI_FLAG, NULL, 0, NULL, false, "print what the driver counted, too" },
	{ 0 },
	/* clang-format on */
};

struct check {
	struct cli_job job;
	uint64_t seed;
	uint64_t commands; /* of each pass */
	uint64_t given;
	bool writing;
};

static void fill_blocks(const struct check *check, struct cli_op *op)
{
	uint32_t block_bytes = check->job.ns->block_bytes;

	for (uint64_t at = 0; at < check->job.op_bytes; at += block_bytes)
		nvme_pattern_fill((uint8_t *)op->data + at, block_bytes, check->seed,
				  op->slba + at / block_bytes);
}

static bool next_op(struct cli_job *job, struct cli_op *op)
{
	struct check *check = job->arg;

	if (check->given == check->commands)
		return false;
	op->slba = check->given++ * (job->op_bytes / job->ns->block_bytes);
	op->write = check->writing;
	if (op->write)
		fill_blocks(check, op);
	else
		memset(op->data, 0, job->op_bytes);
	return true;
}

static void say_difference(struct cli_job *job, uint64_t lba, const uint8_t *data, size_t at)
{
	const struct check *check = job->arg;
	uint32_t block_bytes = job->ns->block_bytes;
	g_autofree uint8_t *expected = g_malloc0(block_bytes);

	nvme_pattern_fill(expected, block_bytes, check->seed, lba);
	cli_fail(&job->error, CLI_EXIT_FAILED,
		 "%s: block %" G_GUINT64_FORMAT
		 " of namespace %u differs from what was written: byte %zu is %#04x, not %#04x",
		 job->session->name, lba, job->ns->nsid, at, data[at], expected[at]);
	cli_hint(&job->error,
		 "seed %#" G_GINT64_MODIFIER "x; a trace of the controller shows what it did",
		 check->seed);
}

static bool op_done(struct cli_job *job, struct cli_op *op, uint64_t now_nsec)
{
	const struct check *check = job->arg;
	uint32_t block_bytes = job->ns->block_bytes;

	(void)now_nsec;
	for (uint64_t at = 0; !op->write && at < job->op_bytes; at += block_bytes) {
		const uint8_t *data = (const uint8_t *)op->data + at;
		uint64_t lba = op->slba + at / block_bytes;
		size_t wrong = nvme_pattern_check(data, block_bytes, check->seed, lba);

		if (wrong < block_bytes) {
			say_difference(job, lba, data, wrong);
			return false;
		}
	}
	return true;
}

static void show_progress(struct cli_job *job)
{
	const struct check *check = job->arg;

	cli_progress_bar(job->commands, check->commands, "%s",
			 check->writing ? "writing" : "reading");
}

static bool run_pass(struct check *check, bool writing, uint64_t *ret_nsec, GError **error)
{
	check->writing = writing;
	check->given = 0;
	check->job.commands = 0;
	if (!cli_job_run(&check->job, error))
		return false;
	*ret_nsec = check->job.end_nsec - check->job.start_nsec;
	return true;
}

static uint64_t rate(uint64_t bytes, uint64_t nsec)
{
	return nsec > 0 ? (uint64_t)((double)bytes * 1e9 / (double)nsec) : 0;
}

/* Under a virtual clock no time passes, and there is no rate. */
static char *rate_text(uint64_t bytes, uint64_t nsec)
{
	g_autofree char *text = cli_size_text(rate(bytes, nsec));

	return nsec > 0 ? g_strdup_printf(" (%s/s)", text) : g_strdup("");
}

static void print_check(struct cli *cli, const struct check *check, uint64_t write_nsec,
			uint64_t read_nsec)
{
	uint64_t bytes = check->commands * check->job.op_bytes;
	g_autofree char *size = cli_size_text(bytes), *op = cli_size_text(check->job.op_bytes);
	g_autofree char *write_rate = rate_text(bytes, write_nsec);
	g_autofree char *read_rate = rate_text(bytes, read_nsec);
	bool stats = cli_given(cli->args, "stats") > 0;
	g_autoptr(JsonBuilder) builder = NULL;

	if (!cli->out->json) {
		cli_print(cli->out,
			  "check-io: %s written%s and read back%s, %s a command, depth %u: every "
			  "byte is right\n",
			  size, write_rate, read_rate, op, check->job.depth);
		if (stats)
			cli_print_stats(cli->out, check->job.session->ctrl);
		return;
	}
	builder = json_builder_new();
	json_builder_begin_object(builder);
	cli_add_u64(builder, "nsid", check->job.ns->nsid);
	cli_add_u64(builder, "bytes", bytes);
	cli_add_u64(builder, "commands", 2 * check->commands);
	cli_add_u64(builder, "queue_depth", check->job.depth);
	cli_add_u64(builder, "block_size", check->job.op_bytes);
	cli_add_u64(builder, "seed", check->seed);
	cli_add_u64(builder, "write_bytes_per_sec", rate(bytes, write_nsec));
	cli_add_u64(builder, "read_bytes_per_sec", rate(bytes, read_nsec));
	cli_add_u64(builder, "wrong_blocks", 0);
	if (stats)
		cli_add_stats(builder, check->job.session->ctrl);
	json_builder_end_object(builder);
	cli_print_json(cli->out, builder);
}

static bool run_check(struct cli *cli, struct check *check, GError **error)
{
	struct nvl_queue *queue = nvl_queue(check->job.session->ctrl, 0);
	uint64_t write_nsec, read_nsec;
	int result;

	if (!run_pass(check, true, &write_nsec, error))
		return false;
	result = nvl_flush_wait(queue, check->job.ns->nsid);
	if (result != 0)
		return cli_fail_result(error, result, "%s: flush of namespace %u",
				       check->job.session->name, check->job.ns->nsid);
	if (!run_pass(check, false, &read_nsec, error))
		return false;
	print_check(cli, check, write_nsec, read_nsec);
	return true;
}

/* 63 bits, so that JSON has it as a number. */
static uint64_t pick_seed(const struct cli *cli)
{
	if (cli_given(cli->args, "seed"))
		return cli_number(cli->args, "seed");
	return (uint64_t)g_random_int() << 31 ^ g_random_int();
}

static bool check_io(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_ns *ns = cli_pick_ns(cli, session, error);
	uint64_t bytes = cli_number(cli->args, "size");
	struct check check = {
		.seed = pick_seed(cli),
		.job = { .session = session,
			 .ns = ns,
			 .queues = 1,
			 .depth = cli_u32(cli->args, "queue-depth"),
			 .op_bytes = cli_number(cli->args, "block-size"),
			 .next = next_op,
			 .done = op_done,
			 .progress = show_progress },
	};
	bool done;

	if (!ns || !cli_io_queue(session, error))
		return false;
	if (bytes > ns->nsze << ns->block_shift)
		bytes = ns->nsze << ns->block_shift;
	check.job.arg = &check;
	check.commands = check.job.op_bytes > 0 ? bytes / check.job.op_bytes : 0;
	done = cli_job_prepare(&check.job, error);
	if (done && check.commands == 0)
		done = cli_fail(error, CLI_EXIT_USAGE,
				"--size: not one command of %" G_GUINT64_FORMAT " bytes fits",
				check.job.op_bytes);
	done = done && run_check(cli, &check, error);
	cli_job_free(&check.job);
	return done;
}

bool cli_run_check_io(struct cli *cli, GError **error)
{
	const struct cli_needs needs = { .depth = cli_u32(cli->args, "queue-depth") };

	if (needs.depth == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"--queue-depth: 0 commands at a time do nothing");
	return cli_with_session(cli, &needs, check_io, error);
}
