/* SPDX-License-Identifier: BSD-3-Clause */
/* The command stats, and the option --stats of others: what the driver counted. */
#include <stddef.h>

#include "driver/cli/error.h"
#include "driver/cli/stats.h"

/* Counters of a queue, in the order of struct nvl_counters. */
static const struct {
	const char *name;
	size_t offset;
} counters[] = {
#define COUNTER(member)                                        \
	{                                                      \
#member, offsetof(struct nvl_counters, member) \
	}
	COUNTER(submitted),    COUNTER(completed), COUNTER(errors),   COUNTER(sq_doorbells),
	COUNTER(cq_doorbells), COUNTER(bad_cid),   COUNTER(idle_cid), COUNTER(late),
	COUNTER(bad_sqid),     COUNTER(bad_sqhd),  COUNTER(timeouts), COUNTER(polled),
	COUNTER(retries),      COUNTER(canceled),
#undef COUNTER
};

static uint64_t counter(const struct nvl_counters *all, size_t index)
{
	return *(const uint64_t *)(const void *)((const char *)all + counters[index].offset);
}

/* The admin queue is the first. */
static struct nvl_queue *queue_at(struct nvl_ctrl *ctrl, uint32_t index)
{
	return index == 0 ? nvl_admin_queue(ctrl) : nvl_queue(ctrl, index - 1);
}

static void print_queue(struct cli_output *out, struct nvl_queue *queue)
{
	const struct nvl_counters *all = nvl_counters(queue);
	uint32_t vector = nvl_queue_vector(queue);
	g_autofree char *interrupts = vector == NVL_NO_VECTOR
					      ? g_strdup("polled")
					      : g_strdup_printf("vector %u", vector);

	cli_heading(out, "queue %u: depth %u, %s", nvl_queue_id(queue), nvl_queue_depth(queue),
		    interrupts);
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
		if (counter(all, i) > 0)
			cli_print(out, "  %-14s %" G_GUINT64_FORMAT "\n", counters[i].name,
				  counter(all, i));
	}
}

void cli_print_stats(struct cli_output *out, struct nvl_ctrl *ctrl)
{
	struct nvl_queue *queue;

	for (uint32_t i = 0; (queue = queue_at(ctrl, i)) != NULL; i++)
		print_queue(out, queue);
	for (int rung = 0; rung < NVL_RUNGS; rung++) {
		uint32_t count = nvl_rung_count(ctrl, (enum nvl_rung)rung);

		if (count > 0)
			cli_print(out, "recovery: %s: %u\n", nvl_rung_name((enum nvl_rung)rung),
				  count);
	}
}

static void add_queue(JsonBuilder *builder, struct nvl_queue *queue)
{
	const struct nvl_counters *all = nvl_counters(queue);
	uint32_t vector = nvl_queue_vector(queue);

	json_builder_begin_object(builder);
	cli_add_u64(builder, "queue", nvl_queue_id(queue));
	cli_add_u64(builder, "depth", nvl_queue_depth(queue));
	if (vector != NVL_NO_VECTOR)
		cli_add_u64(builder, "vector", vector);
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++)
		cli_add_u64(builder, counters[i].name, counter(all, i));
	json_builder_end_object(builder);
}

void cli_add_stats(JsonBuilder *builder, struct nvl_ctrl *ctrl)
{
	struct nvl_queue *queue;

	cli_json_array(builder, "queues");
	for (uint32_t i = 0; (queue = queue_at(ctrl, i)) != NULL; i++)
		add_queue(builder, queue);
	json_builder_end_array(builder);
	cli_json_object(builder, "recovery");
	for (int rung = 0; rung < NVL_RUNGS; rung++)
		cli_add_u64(builder, nvl_rung_name((enum nvl_rung)rung),
			    nvl_rung_count(ctrl, (enum nvl_rung)rung));
	json_builder_end_object(builder);
}

bool cli_stats(struct cli *cli, struct cli_session *session, GError **error)
{
	const struct nvl_info *info = nvl_info(session->ctrl);
	g_autofree char *transfer = cli_size_text(info->max_transfer_bytes);
	JsonBuilder *builder;

	(void)error;
	if (!cli->out->json) {
		cli_print(cli->out,
			  "%s: %s, %u I/O queue pair%s of %u entries, %u vector%s, %s a command\n",
			  session->path, nvl_state_name(nvl_state(session->ctrl)), info->queues,
			  CLI_PLURAL(info->queues), info->entries, info->vectors,
			  CLI_PLURAL(info->vectors), transfer);
		cli_print_stats(cli->out, session->ctrl);
		return true;
	}
	builder = cli_json_open();
	cli_add_text(builder, "device", session->path);
	cli_add_text(builder, "state", nvl_state_name(nvl_state(session->ctrl)));
	cli_add_u64(builder, "io_queues", info->queues);
	cli_add_u64(builder, "entries", info->entries);
	cli_add_u64(builder, "vectors", info->vectors);
	cli_add_u64(builder, "max_transfer_bytes", info->max_transfer_bytes);
	cli_add_stats(builder, session->ctrl);
	cli_json_close(cli->out, builder);
	return true;
}
