/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A trace in the JSON form of Chrome's trace events, which Perfetto (ui.perfetto.dev) opens: a
 * track for each queue, a slice for each command, marks for everything else.
 */
#include "common/nvme_names.h"
#include "driver/cli/trace_file.h"

#define STATE_TRACK 0xffff /* past every queue: registers, state, work of the controller's own */

struct writer {
	struct cli_output *out;
	const struct cli_trace *trace;
	uint64_t first_nsec;
	bool any;
	GHashTable *open; /* key of a command to the index of its first record + 1 */
};

static void begin_event(struct writer *writer)
{
	cli_print(writer->out, writer->any ? ",\n" : "\n");
	writer->any = true;
}

static double usec(const struct writer *writer, const struct cli_record *record)
{
	return (double)(record->time_nsec - writer->first_nsec) / 1000.0;
}

static unsigned int track(const struct cli_record *record)
{
	uint64_t qid;

	if (cli_record_arg(record, "sqid", &qid) || cli_record_arg(record, "qid", &qid))
		return qid < STATE_TRACK ? (unsigned int)qid : STATE_TRACK;
	return STATE_TRACK;
}

/* Each controller is a process; in a trace of both sides its driver is another one. */
static unsigned int process(const struct writer *writer, const struct cli_record *record)
{
	bool driver = writer->trace->side == NVME_TRACE_BOTH && record->side == NVME_TRACE_DRIVER;

	return record->ctrl + (driver ? UINT16_MAX + 1u : 0);
}

static void put_mark(struct writer *writer, const struct cli_record *record)
{
	g_autofree char *plain = cli_record_text(record);
	g_autofree char *text = cli_escaped(plain);

	begin_event(writer);
	cli_print(writer->out,
		  "{\"ph\":\"i\",\"s\":\"t\",\"pid\":%u,\"tid\":%u,\"ts\":%.3f,\"name\":\"%s\","
		  "\"args\":{\"text\":\"%s\"}}",
		  process(writer, record), track(record), usec(writer, record),
		  nvme_trace_name(record->event), text);
}

/* Commands overlap, so their slices are asynchronous: a begin and an end with an id. */
static void put_edge(struct writer *writer, const struct cli_record *record, const char *phase,
		     const struct cli_record *begin, uint64_t id)
{
	uint64_t qid = cli_record_value(begin, "qid");
	g_autofree char *plain = cli_record_text(record);
	g_autofree char *text = cli_escaped(plain);

	begin_event(writer);
	cli_print(writer->out,
		  "{\"ph\":\"%s\",\"cat\":\"command\",\"id\":%" G_GUINT64_FORMAT
		  ",\"pid\":%u,\"tid\":%" G_GUINT64_FORMAT
		  ",\"ts\":%.3f,\"name\":\"%s\",\"args\":{\"text\":\"%s\"}}",
		  phase, id, process(writer, record), qid, usec(writer, record),
		  cli_opcode_name(qid, cli_record_value(begin, "opcode")), text);
}

static void put_name(struct writer *writer, const struct cli_record *record, unsigned int tid)
{
	g_autofree char *name = tid == STATE_TRACK ? g_strdup("registers and state")
				: tid == 0	   ? g_strdup("admin queue")
						   : g_strdup_printf("queue %u", tid);

	begin_event(writer);
	cli_print(writer->out,
		  "{\"ph\":\"M\",\"pid\":%u,\"tid\":%u,\"name\":\"thread_name\",\"args\":{\"name\":"
		  "\"%s\"}}",
		  process(writer, record), tid, name);
	if (tid != STATE_TRACK)
		return;
	begin_event(writer);
	cli_print(
		writer->out,
		"{\"ph\":\"M\",\"pid\":%u,\"name\":\"process_name\",\"args\":{\"name\":\"%s %u\"}}",
		process(writer, record), nvme_trace_side_name(record->side), record->ctrl);
}

static void put_names(struct writer *writer)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	const struct cli_record *record;

	for (unsigned int i = 0; (record = cli_trace_record(writer->trace, i)) != NULL; i++) {
		unsigned int tid = track(record);
		gsize key = (gsize)process(writer, record) << 16 | tid;

		if (g_hash_table_add(seen, GSIZE_TO_POINTER(key)))
			put_name(writer, record, tid);
	}
}

/* Side, controller, queue and CID, which are unique among the commands in flight. */
static uint64_t command_key(const struct cli_record *record)
{
	return (uint64_t)record->side << 48 | (uint64_t)record->ctrl << 32 |
	       (uint64_t)track(record) << 16 | cli_record_value(record, "cid");
}

static void put_begin(struct writer *writer, const struct cli_record *record, unsigned int index)
{
	uint64_t *key = g_new(uint64_t, 1);

	*key = command_key(record);
	g_hash_table_insert(writer->open, key, GUINT_TO_POINTER(index + 1));
	put_edge(writer, record, "b", record, index);
}

static void put_end(struct writer *writer, const struct cli_record *record)
{
	uint64_t key = command_key(record);
	unsigned int begin = GPOINTER_TO_UINT(g_hash_table_lookup(writer->open, &key));

	if (begin > 0)
		put_edge(writer, record, "e", cli_trace_record(writer->trace, begin - 1),
			 begin - 1);
	g_hash_table_remove(writer->open, &key);
}

static void put_record(struct writer *writer, const struct cli_record *record, unsigned int index)
{
	switch (record->event) {
	case NVME_TRACE_SQE_FETCH:
	case NVME_TRACE_NVL_SUBMIT:
		put_begin(writer, record, index);
		break;
	case NVME_TRACE_CQE_POST:
	case NVME_TRACE_NVL_COMPLETE:
		put_end(writer, record);
		break;
	default:
		put_mark(writer, record);
	}
}

void cli_print_perfetto(struct cli_output *out, const struct cli_trace *trace)
{
	g_autoptr(GHashTable)
		open = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	const struct cli_record *record = cli_trace_record(trace, 0);
	struct writer writer = { .out = out,
				 .trace = trace,
				 .first_nsec = record ? record->time_nsec : 0,
				 .open = open };

	cli_print(out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
	put_names(&writer);
	for (unsigned int i = 0; (record = cli_trace_record(trace, i)) != NULL; i++)
		put_record(&writer, record, i);
	cli_print(out, "\n]}\n");
}
