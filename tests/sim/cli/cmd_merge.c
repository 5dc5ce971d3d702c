/* SPDX-License-Identifier: BSD-3-Clause */
/* The command merge: the shares of an exploration, joined. */
#include <string.h>

#include "driver/cli/error.h"
#include "tests/sim/cli/exploration.h"
#include "tests/sim/cli/program.h"
#include "tests/sim/cli/source.h"

#define REPORT_MAX ((size_t)256 << 20)

/** Numbers that all shares have in common. */
static const char *const common[] = { "seed", "cases", "pruned", "shards" };

#define COMMON (sizeof(common) / sizeof(common[0]))

/* Shares that were read; the first one says what the others have to be part of. */
struct merge {
	struct sim_exploration told;
	JsonNode *first; /* keeps the texts */
	GHashTable *seen;
};

/* A number as cli_add_u64() writes it. */
static bool read_number(JsonObject *object, const char *key, uint64_t *ret_number)
{
	JsonNode *node = json_object_get_member(object, key);
	const char *text;

	if (!node || !JSON_NODE_HOLDS_VALUE(node))
		return false;
	text = json_node_get_string(node);
	if (text)
		return nvme_parse_u64(text, strlen(text), ret_number) == NVME_PARSE_OK;
	*ret_number = (uint64_t)json_node_get_int(node);
	return true;
}

static const char *read_text(JsonObject *object, const char *key)
{
	JsonNode *node = json_object_get_member(object, key);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
}

static bool take_first(struct merge *merge, JsonNode *root, JsonObject *object)
{
	struct sim_exploration *told = &merge->told;

	merge->first = json_node_ref(root);
	told->path = read_text(object, "scenario");
	told->space = read_text(object, "faults");
	return told->path && told->space && read_number(object, "seed", &told->seed) &&
	       read_number(object, "cases", &told->cases) &&
	       read_number(object, "pruned", &told->pruned) &&
	       read_number(object, "shards", &told->shards);
}

static bool is_same(const struct merge *merge, JsonObject *object)
{
	JsonObject *first = json_node_get_object(merge->first);
	uint64_t here, there;

	if (g_strcmp0(read_text(object, "scenario"), merge->told.path) != 0 ||
	    g_strcmp0(read_text(object, "faults"), merge->told.space) != 0)
		return false;
	for (size_t i = 0; i < COMMON; i++) {
		if (!read_number(object, common[i], &here) ||
		    !read_number(first, common[i], &there) || here != there)
			return false;
	}
	return true;
}

static bool take_failed(struct merge *merge, JsonObject *object)
{
	JsonNode *node = json_object_get_member(object, "failed");
	JsonArray *failed = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	guint count = failed ? json_array_get_length(failed) : 0;

	for (guint i = 0; i < count; i++) {
		JsonNode *element = json_array_get_element(failed, i);
		JsonObject *one = JSON_NODE_HOLDS_OBJECT(element) ? json_node_get_object(element)
								  : NULL;
		uint64_t number;

		if (!one || !read_number(one, "case", &number) || !read_text(one, "says") ||
		    !read_text(one, "rules"))
			return false;
		sim_exploration_add(&merge->told, number, read_text(one, "says"),
				    g_strdup(read_text(one, "rules")));
	}
	return failed != NULL;
}

/* Return: NULL, or what is wrong with the report. */
static const char *take_report(struct merge *merge, JsonNode *root)
{
	JsonObject *object = root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root)
								  : NULL;
	uint64_t shard, run;

	if (!object || (!merge->first && !take_first(merge, root, object)) ||
	    !read_number(object, "shard", &shard) || !read_number(object, "run", &run))
		return "not a report of explore -o json";
	if (!is_same(merge, object))
		return "a share of another exploration";
	if (shard < 1 || shard > merge->told.shards ||
	    !g_hash_table_add(merge->seen, GUINT_TO_POINTER((guint)shard)))
		return "a share that is there already";
	merge->told.run += run;
	return take_failed(merge, object) ? NULL : "not a report of explore -o json";
}

static bool read_report(struct merge *merge, const char *path, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) wrong = NULL;
	const char *problem;
	size_t bytes;
	g_autofree char *text = sim_source_text(path, REPORT_MAX, &bytes, error);

	if (!text)
		return false;
	if (!json_parser_load_from_data(parser, text, (gssize)bytes, &wrong))
		return cli_fail(error, CLI_EXIT_USAGE, "%s: %s", path, wrong->message);
	problem = take_report(merge, json_parser_get_root(parser));
	return !problem || cli_fail(error, CLI_EXIT_USAGE, "%s: %s", path, problem);
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	uint64_t one = ((const struct sim_failed *)a)->number;
	uint64_t other = ((const struct sim_failed *)b)->number;

	return one < other ? -1 : one > other;
}

static bool print_merged(struct merge *merge, struct cli_output *out, GError **error)
{
	struct sim_exploration *told = &merge->told;
	guint seen = g_hash_table_size(merge->seen);

	if (seen != told->shards)
		return cli_fail(error, CLI_EXIT_USAGE,
				"%u of %" G_GUINT64_FORMAT
				" shares are there: all of them are needed",
				seen, told->shards);
	told->shard = told->shards = 1;
	if (told->failed)
		g_array_sort(told->failed, by_number);
	sim_exploration_begin(out, told);
	return sim_exploration_end(out, told, error);
}

bool sim_cmd_merge(struct cli *cli, GError **error)
{
	struct merge merge = { .seen = g_hash_table_new(NULL, NULL) };
	bool fine = true;

	for (unsigned int i = 0; fine && cli_positional(cli->args, i); i++)
		fine = read_report(&merge, cli_positional(cli->args, i), error);
	fine = fine && print_merged(&merge, cli->out, error);
	sim_exploration_clear(&merge.told);
	g_clear_pointer(&merge.first, json_node_unref);
	g_hash_table_destroy(merge.seen);
	return fine;
}
