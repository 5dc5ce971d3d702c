/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The life of one command, out of a trace: its records, the doorbells around it and its interrupt,
 * each as a sentence.
 */
#include <string.h>

#include "common/le.h"
#include "common/nvme_names.h"
#include "driver/cli/error.h"
#include "driver/cli/trace_file.h"

#define NONE UINT32_MAX

/* Where the command is in the trace: indices of records, NONE for what is not there. */
struct life {
	const struct cli_trace *trace;
	uint32_t begin; /* sqe.fetch, or sqe.submit in a driver's trace */
	uint32_t end;	/* cqe.post, or cqe.reap */
	uint32_t sq_doorbell;
	uint32_t cq_doorbell;
	uint32_t irq;
	uint64_t qid;
	uint64_t cid;
	uint16_t ctrl;
};

static const struct cli_record *at(const struct life *life, uint32_t index)
{
	return cli_trace_record(life->trace, index);
}

static uint16_t begin_event(const struct cli_trace *trace)
{
	return trace->side == NVME_TRACE_DRIVER ? NVME_TRACE_NVL_SUBMIT : NVME_TRACE_SQE_FETCH;
}

static uint16_t end_event(const struct cli_trace *trace)
{
	return trace->side == NVME_TRACE_DRIVER ? NVME_TRACE_NVL_COMPLETE : NVME_TRACE_CQE_POST;
}

/* What --life asks for: an opcode's name, or a queue and a CID. */
struct selection {
	bool first;
	const char *name; /* NULL: by numbers */
	uint64_t qid;
	uint64_t cid;
};

static bool parse_selection(const char *text, struct selection *selection, GError **error)
{
	const char *colon = strchr(text, ':');

	*selection = (struct selection){ .first = g_str_has_prefix(text, "first-") };
	if (selection->first || g_str_has_prefix(text, "last-")) {
		selection->name = strchr(text, '-') + 1;
		return true;
	}
	if (colon &&
	    nvme_parse_u64(text, (size_t)(colon - text), &selection->qid) == NVME_PARSE_OK &&
	    nvme_parse_u64(colon + 1, strlen(colon + 1), &selection->cid) == NVME_PARSE_OK)
		return true;
	cli_fail(error, CLI_EXIT_USAGE,
		 "--life: '%s' is neither first-OPCODE, last-OPCODE nor QUEUE:CID", text);
	cli_hint(error, "for example last-read, first-identify or 1:17");
	return false;
}

static bool is_selected(const struct selection *selection, const struct cli_record *record)
{
	uint64_t qid = cli_record_value(record, "qid");

	if (!selection->name)
		return qid == selection->qid && cli_record_value(record, "cid") == selection->cid;
	return strcmp(selection->name, cli_opcode_name(qid, cli_record_value(record, "opcode"))) ==
	       0;
}

/* Completions name the submission queue in sqid, everything else of the command in qid. */
static bool is_own(const struct life *life, const struct cli_record *record)
{
	uint64_t sqid;

	if (record->ctrl != life->ctrl || cli_record_value(record, "cid") != life->cid)
		return false;
	if (cli_record_arg(record, "sqid", &sqid))
		return sqid == life->qid;
	return cli_record_arg(record, "cid", &sqid) && cli_record_value(record, "qid") == life->qid;
}

static uint32_t find_end(const struct life *life)
{
	const struct cli_record *record;

	for (uint32_t i = life->begin + 1; (record = at(life, i)) != NULL; i++) {
		if (record->event == end_event(life->trace) && is_own(life, record))
			return i;
		if (record->event == begin_event(life->trace) && is_own(life, record))
			break; /* The CID is used again. */
	}
	return NONE;
}

/* A complete command is worth more than one that the trace's end cut off. */
static bool find_command(struct life *life, const struct selection *selection)
{
	const struct cli_record *record;
	struct life best = { .begin = NONE };

	for (uint32_t i = 0; (record = at(life, i)) != NULL; i++) {
		if (record->event != begin_event(life->trace) || !is_selected(selection, record))
			continue;
		life->begin = i;
		life->qid = cli_record_value(record, "qid");
		life->cid = cli_record_value(record, "cid");
		life->ctrl = record->ctrl;
		life->end = find_end(life);
		if (best.begin == NONE || life->end != NONE || best.end == NONE)
			best = *life;
		if (selection->first && best.end != NONE)
			break;
	}
	*life = best.begin == NONE ? *life : best;
	return best.begin != NONE;
}

/* Whether a doorbell write that moves from old to new, round the ring, passes @slot. */
static bool passes(const struct cli_record *record, uint64_t slot)
{
	uint64_t from = cli_record_value(record, "old"), to = cli_record_value(record, "new");

	return from < to ? from <= slot && slot < to : slot >= from || slot < to;
}

static bool is_doorbell(const struct life *life, const struct cli_record *record, uint16_t event,
			uint64_t qid, uint64_t slot)
{
	return record->event == event && record->ctrl == life->ctrl &&
	       cli_record_value(record, "qid") == qid && passes(record, slot);
}

/* A controller sees the doorbell before it fetches; a driver rings after it has submitted. */
static uint32_t find_sq_doorbell(const struct life *life)
{
	uint64_t slot = cli_record_value(at(life, life->begin), "slot");
	const struct cli_record *record;
	uint32_t i = life->begin;

	if (life->trace->side == NVME_TRACE_DRIVER) {
		while ((record = at(life, ++i)) != NULL) {
			if (is_doorbell(life, record, NVME_TRACE_SQ_DOORBELL, life->qid, slot))
				return i;
		}
		return NONE;
	}
	while (i-- > 0) {
		if (is_doorbell(life, at(life, i), NVME_TRACE_SQ_DOORBELL, life->qid, slot))
			return i;
	}
	return NONE;
}

static uint32_t find_cq_doorbell(const struct life *life)
{
	const struct cli_record *end = at(life, life->end), *record;
	uint64_t slot = cli_record_value(end, "slot"), cqid = cli_record_value(end, "qid");

	for (uint32_t i = life->end + 1; (record = at(life, i)) != NULL; i++) {
		if (is_doorbell(life, record, NVME_TRACE_CQ_DOORBELL, cqid, slot))
			return i;
	}
	return NONE;
}

/*
 * A record of an interrupt names its vector only: what comes after the completion and before the
 * host has consumed it is the one that told it.
 */
static uint32_t find_irq(const struct life *life)
{
	const struct cli_record *record;

	for (uint32_t i = life->end + 1; i < life->cq_doorbell && (record = at(life, i)) != NULL;
	     i++) {
		if ((record->event == NVME_TRACE_IRQ_RAISE ||
		     record->event == NVME_TRACE_IRQ_PEND) &&
		    record->ctrl == life->ctrl)
			return i;
	}
	return NONE;
}

static uint32_t sqe_dword(const struct cli_record *record, size_t index)
{
	return record->data_bytes >= NVME_SQE_BYTES ? nvme_load_le32(record->data + 4 * index) : 0;
}

/* "read of 32 blocks from block 8 of namespace 1" */
static char *command_text(const struct cli_record *record)
{
	uint64_t qid = cli_record_value(record, "qid"), opcode = cli_record_value(record, "opcode");
	uint64_t nsid = cli_record_value(record, "nsid");
	uint32_t nlb = NVME_GET(sqe_dword(record, 12), NVME_RW_NLB) + 1;
	const char *name = cli_opcode_name(qid, opcode);

	if (qid != 0 && record->data_bytes >= NVME_SQE_BYTES &&
	    (opcode == NVME_CMD_READ || opcode == NVME_CMD_WRITE))
		return g_strdup_printf(
			"%s of %u block%s from block %" G_GUINT64_FORMAT
			" of namespace %" G_GUINT64_FORMAT,
			name, nlb, CLI_PLURAL(nlb),
			(uint64_t)sqe_dword(record, 11) << 32 | sqe_dword(record, 10), nsid);
	if (nsid != 0)
		return g_strdup_printf("%s of namespace %#" G_GINT64_MODIFIER "x", name, nsid);
	return g_strdup(name);
}

static char *prp_list_text(const struct cli_record *record)
{
	g_autoptr(GString) text = g_string_new(NULL);
	uint64_t entries = cli_record_value(record, "entries");

	g_string_append_printf(
		text, "PRP list at %#" G_GINT64_MODIFIER "x:", cli_record_value(record, "iova"));
	for (uint64_t i = 0; i < entries && i < 3 && record->data_bytes >= 8 * (i + 1); i++)
		g_string_append_printf(text, " %#" G_GINT64_MODIFIER "x",
				       nvme_load_le64(record->data + 8 * i));
	if (entries > 3)
		g_string_append_printf(text, " and %" G_GUINT64_FORMAT " more", entries - 3);
	return g_strdup(text->str);
}

static char *completion_text(const struct cli_record *record, bool driver)
{
	nvme_status status = (nvme_status)cli_record_value(record, "status");

	return g_strdup_printf("%s slot %" G_GUINT64_FORMAT " of CQ %" G_GUINT64_FORMAT
			       ": CID %" G_GUINT64_FORMAT ", phase %" G_GUINT64_FORMAT
			       ", SQ head %" G_GUINT64_FORMAT ", %s",
			       driver ? "takes" : "posts", cli_record_value(record, "slot"),
			       cli_record_value(record, "qid"), cli_record_value(record, "cid"),
			       cli_record_value(record, "phase"), cli_record_value(record, "sqhd"),
			       nvme_status_name(status));
}

static char *doorbell_text(const struct cli_record *record, bool sq)
{
	return g_strdup_printf("writes the doorbell of %s %" G_GUINT64_FORMAT
			       ": %s %" G_GUINT64_FORMAT " -> %" G_GUINT64_FORMAT,
			       sq ? "SQ" : "CQ", cli_record_value(record, "qid"),
			       sq ? "tail" : "head", cli_record_value(record, "old"),
			       cli_record_value(record, "new"));
}

static char *media_text(const struct cli_record *record)
{
	static const char *const ops[] = { "reads", "writes", "flushes" };
	uint64_t op = cli_record_value(record, "op"), nlb = cli_record_value(record, "nlb");

	if (op >= G_N_ELEMENTS(ops) || nlb == 0)
		return g_strdup_printf("%s the media", op < G_N_ELEMENTS(ops) ? ops[op] : "uses");
	return g_strdup_printf(
		"%s blocks %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " of the media", ops[op],
		cli_record_value(record, "slba"), cli_record_value(record, "slba") + nlb - 1);
}

/* Doorbells are the host's doing, on whichever side they are seen. */
static const char *actor(const struct cli_record *record)
{
	if (record->event == NVME_TRACE_SQ_DOORBELL || record->event == NVME_TRACE_CQ_DOORBELL)
		return "host";
	return record->side == NVME_TRACE_DRIVER ? "host" : "controller";
}

static char *data_text(const struct cli_record *record, const char *format)
{
	return g_strdup_printf("%s %" G_GUINT64_FORMAT " bytes, CRC-64 %016" G_GINT64_MODIFIER "x",
			       format, cli_record_value(record, "bytes"),
			       cli_record_value(record, "crc64"));
}

static char *sgl_text(const struct cli_record *record)
{
	guint64 spans;

	if (record->event == NVME_TRACE_SGL_SEGMENT)
		return g_strdup_printf(
			"reads %" G_GUINT64_FORMAT " SGL descriptors at %#" G_GINT64_MODIFIER "x",
			cli_record_value(record, "entries"), cli_record_value(record, "iova"));
	spans = cli_record_value(record, "spans");
	return g_strdup_printf("resolves the SGL: %" G_GUINT64_FORMAT " piece%s of host memory",
			       spans, spans == 1 ? "" : "s");
}

static char *sentence(const struct life *life, const struct cli_record *record)
{
	switch (record->event) {
	case NVME_TRACE_SQ_DOORBELL:
		return doorbell_text(record, true);
	case NVME_TRACE_CQ_DOORBELL:
		return doorbell_text(record, false);
	case NVME_TRACE_SQE_FETCH:
	case NVME_TRACE_NVL_SUBMIT: {
		g_autofree char *command = command_text(record);

		return g_strdup_printf("%s slot %" G_GUINT64_FORMAT " of SQ %" G_GUINT64_FORMAT
				       ": %s",
				       record->event == NVME_TRACE_SQE_FETCH ? "fetches" : "fills",
				       cli_record_value(record, "slot"), life->qid, command);
	}
	case NVME_TRACE_CMD_EXECUTE:
		return g_strdup_printf("checks the command: %" G_GUINT64_FORMAT " bytes of data",
				       cli_record_value(record, "bytes"));
	case NVME_TRACE_PRP_LIST:
		return prp_list_text(record);
	case NVME_TRACE_PRP_RESOLVED:
		return g_strdup_printf(
			"resolves PRP1 %#" G_GINT64_MODIFIER "x, PRP2 %#" G_GINT64_MODIFIER
			"x: %" G_GUINT64_FORMAT " piece%s of host memory",
			cli_record_value(record, "prp1"), cli_record_value(record, "prp2"),
			cli_record_value(record, "spans"),
			cli_record_value(record, "spans") == 1 ? "" : "s");
	case NVME_TRACE_SGL_SEGMENT:
	case NVME_TRACE_SGL_RESOLVED:
		return sgl_text(record);
	case NVME_TRACE_MEDIA:
		return media_text(record);
	case NVME_TRACE_MEDIA_DONE:
		return g_strdup_printf("media answer: %s",
				       cli_record_value(record, "error") ? "an error" : "done");
	case NVME_TRACE_XFER_OUT:
		return data_text(record, "data in host memory:");
	case NVME_TRACE_XFER_IN:
		return data_text(record, "data from host memory:");
	case NVME_TRACE_NVL_DATA:
		return data_text(record, "data:");
	case NVME_TRACE_CQE_POST:
		return completion_text(record, false);
	case NVME_TRACE_NVL_COMPLETE:
		return completion_text(record, true);
	case NVME_TRACE_IRQ_RAISE:
		return g_strdup_printf("raises the interrupt: MSI-X vector %" G_GUINT64_FORMAT,
				       cli_record_value(record, "vector"));
	case NVME_TRACE_IRQ_PEND:
		return g_strdup_printf("has no interrupt to raise: vector %" G_GUINT64_FORMAT
				       " is pending",
				       cli_record_value(record, "vector"));
	default:
		return cli_record_text(record);
	}
}

/* A driver traces lists and data of a command before its submission. */
static uint32_t first_own(const struct life *life)
{
	uint32_t first = life->begin;

	while (first > 0 && at(life, first - 1)->event != end_event(life->trace) &&
	       at(life, first - 1)->event != NVME_TRACE_SQE_FETCH &&
	       is_own(life, at(life, first - 1)))
		first--;
	return first;
}

/* A driver traces the data of a read after its completion. */
static uint32_t last_own(const struct life *life)
{
	const struct cli_record *record;
	uint32_t last = life->begin;

	if (life->end != NONE) {
		record = at(life, life->end + 1);
		return life->end +
		       (record && record->event == NVME_TRACE_NVL_DATA && is_own(life, record));
	}
	while ((record = at(life, last + 1)) != NULL &&
	       !(record->event == begin_event(life->trace) && is_own(life, record)))
		last++;
	return last;
}

/* Records of the command and those around it, in the order of the trace. */
static GArray *collect(const struct life *life)
{
	GArray *indices = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t first = first_own(life), last = last_own(life);
	const struct cli_record *record;

	for (uint32_t i = 0; (record = at(life, i)) != NULL; i++) {
		bool own = i >= first && i <= last && is_own(life, record);

		if (own || i == life->sq_doorbell || i == life->cq_doorbell || i == life->irq)
			g_array_append_val(indices, i);
	}
	return indices;
}

static void print_life_json(struct cli_output *out, const struct life *life, const GArray *indices)
{
	uint64_t first_nsec = at(life, g_array_index(indices, uint32_t, 0))->time_nsec;
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	cli_add_u64(builder, "qid", life->qid);
	cli_add_u64(builder, "cid", life->cid);
	json_builder_set_member_name(builder, "events");
	json_builder_begin_array(builder);
	for (guint i = 0; i < indices->len; i++) {
		const struct cli_record *record = at(life, g_array_index(indices, uint32_t, i));
		g_autofree char *text = sentence(life, record);

		json_builder_begin_object(builder);
		cli_add_u64(builder, "seq", record->seq);
		cli_add_u64(builder, "time_ns", record->time_nsec - first_nsec);
		cli_add_text(builder, "actor", actor(record));
		cli_add_text(builder, "event", nvme_trace_name(record->event));
		cli_add_text(builder, "text", text);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	cli_print_json(out, builder);
}

static void print_life_text(struct cli_output *out, const struct life *life, const GArray *indices)
{
	uint64_t first_nsec = at(life, g_array_index(indices, uint32_t, 0))->time_nsec;
	g_autofree char *command = command_text(at(life, life->begin));
	uint64_t last_nsec = 0;

	cli_heading(out,
		    "The life of a command: %s (queue %" G_GUINT64_FORMAT ", CID %" G_GUINT64_FORMAT
		    ")",
		    command, life->qid, life->cid);
	cli_print(out, "\n  %9s  %-10s  %-12s  %s\n", "time", "who", "event", "what");
	for (guint i = 0; i < indices->len; i++) {
		const struct cli_record *record = at(life, g_array_index(indices, uint32_t, i));
		g_autofree char *text = sentence(life, record);
		uint64_t nsec = record->time_nsec - first_nsec;
		g_autofree char *time = g_strdup_printf("%.1f us", (double)nsec / 1000.0);

		/* A time that stands still is the clock's grain, not a measurement. */
		cli_print(out, "  %9s  %-10s  %-12s  %s\n", i == 0 || nsec != last_nsec ? time : "",
			  actor(record), nvme_trace_name(record->event), text);
		last_nsec = nsec;
	}
	if (life->end == NONE)
		cli_print(out, "\n  The trace ends before the command does.\n");
}

bool cli_print_life(struct cli_output *out, const struct cli_trace *trace, const char *select,
		    GError **error)
{
	struct life life = { .trace = trace,
			     .begin = NONE,
			     .end = NONE,
			     .sq_doorbell = NONE,
			     .cq_doorbell = NONE,
			     .irq = NONE };
	g_autoptr(GArray) indices = NULL;
	struct selection selection;

	if (!parse_selection(select, &selection, error))
		return false;
	if (!find_command(&life, &selection)) {
		cli_fail(error, CLI_EXIT_FAILED, "--life %s: the trace has no such command",
			 select);
		return false;
	}
	life.sq_doorbell = find_sq_doorbell(&life);
	life.cq_doorbell = life.end == NONE ? NONE : find_cq_doorbell(&life);
	life.irq = life.end == NONE ? NONE : find_irq(&life);
	indices = collect(&life);
	if (out->json)
		print_life_json(out, &life, indices);
	else
		print_life_text(out, &life, indices);
	return true;
}
