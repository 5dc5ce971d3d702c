/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From records to rows. In a trace of both sides a register or doorbell write is there twice: the
 * driver's record is drawn, and the controller's only if it saw something else.
 */
#include "tests/sim/cli/diagram.h"

#include "common/fault.h"
#include "common/nvme_names.h"
#include "driver/core/nvl.h"

#define ALL_ONES_32 0xffffffffu

/* What is known on the way through the trace. */
struct walk {
	const struct cli_trace *trace;
	struct sim_diagram *diagram;
	GHashTable *open;      /* key of a command to its number + 1 */
	GHashTable *doorbells; /* key of a queue to the row + 1 of a doorbell without its command */
	GHashTable *submitted; /* key of a queue to the last command + 1 */
	uint32_t last;	       /* command of the controller's last step */
	struct cli_record seen; /* the driver's last write */
	bool live;		/* the first bring-up is over */
	bool calm;		/* a reset is no surprise: power-on, shutdown */
};

struct sim_row *sim_diagram_row(const struct sim_diagram *diagram, unsigned int index)
{
	return index < diagram->rows->len ? &g_array_index(diagram->rows, struct sim_row, index)
					  : NULL;
}

static struct sim_command *command_at(const struct sim_diagram *diagram, uint32_t index)
{
	return &g_array_index(diagram->commands, struct sim_command, index);
}

/* Completions name the submission queue in sqid, everything else of the command in qid. */
static uint64_t queue_of(const struct cli_record *record)
{
	uint64_t qid;

	if (cli_record_arg(record, "sqid", &qid))
		return qid;
	return cli_record_value(record, "qid");
}

static uint64_t key_of(const struct cli_record *record, uint64_t rest)
{
	return (uint64_t)record->ctrl << 32 | (queue_of(record) & UINT16_MAX) << 16 |
	       (rest & UINT16_MAX);
}

static void put(GHashTable *table, uint64_t key, uint32_t value)
{
	uint64_t *copy = g_new(uint64_t, 1);

	*copy = key;
	g_hash_table_insert(table, copy, GUINT_TO_POINTER(value + 1));
}

static bool get(GHashTable *table, uint64_t key, uint32_t *ret_value)
{
	gpointer value = g_hash_table_lookup(table, &key);

	if (value)
		*ret_value = GPOINTER_TO_UINT(value) - 1;
	return value != NULL;
}

static bool is_begin(const struct cli_record *record)
{
	return record->event == NVME_TRACE_NVL_SUBMIT || record->event == NVME_TRACE_SQE_FETCH;
}

static uint32_t open_command(struct walk *walk, const struct cli_record *record)
{
	struct sim_command command = { .ctrl = record->ctrl,
				       .qid = (uint16_t)queue_of(record),
				       .cid = (uint16_t)cli_record_value(record, "cid"),
				       .opcode = (uint8_t)cli_record_value(record, "opcode"),
				       .text = sim_words_command(record) };

	g_array_append_val(walk->diagram->commands, command);
	put(walk->open, key_of(record, command.cid), walk->diagram->commands->len - 1);
	put(walk->submitted, key_of(record, 0), walk->diagram->commands->len - 1);
	return walk->diagram->commands->len - 1;
}

/* A fetch goes on with the command that the driver submitted, if its side is there. */
static uint32_t find_command(struct walk *walk, const struct cli_record *record, bool *ret_begins)
{
	uint32_t command = SIM_NO_COMMAND;
	uint64_t cid;

	*ret_begins = false;
	if (!cli_record_arg(record, "cid", &cid))
		return SIM_NO_COMMAND;
	*ret_begins = is_begin(record) && (record->event == NVME_TRACE_NVL_SUBMIT ||
					   walk->trace->side != NVME_TRACE_BOTH ||
					   !get(walk->open, key_of(record, cid), &command));
	if (*ret_begins)
		return open_command(walk, record);
	get(walk->open, key_of(record, cid), &command);
	return command;
}

static bool is_command_site(unsigned int site)
{
	switch (site) {
	case NVME_SITE_SQE_FETCH:
	case NVME_SITE_CMD_EXECUTE:
	case NVME_SITE_CMD_RETIRE:
	case NVME_SITE_MEDIA_READ:
	case NVME_SITE_MEDIA_WRITE:
	case NVME_SITE_MEDIA_FLUSH:
	case NVME_SITE_CQE_POST:
		return true;
	default:
		return false;
	}
}

/* Doorbells and interrupts name no command: those around them are meant. */
static uint32_t guess_command(struct walk *walk, const struct cli_record *record)
{
	uint32_t command = SIM_NO_COMMAND;

	switch (record->event) {
	case NVME_TRACE_SQ_DOORBELL:
		if (!get(walk->submitted, key_of(record, 0), &command))
			put(walk->doorbells, key_of(record, 0), walk->diagram->rows->len);
		return command;
	case NVME_TRACE_CQ_DOORBELL:
	case NVME_TRACE_IRQ_RAISE:
	case NVME_TRACE_IRQ_PEND:
		return walk->last;
	case NVME_TRACE_FAULT:
		return is_command_site((unsigned int)cli_record_value(record, "site"))
			       ? walk->last
			       : SIM_NO_COMMAND;
	default:
		return SIM_NO_COMMAND;
	}
}

static enum sim_row_shape shape_of(const struct cli_record *record)
{
	switch (record->event) {
	case NVME_TRACE_REG_WRITE:
	case NVME_TRACE_CFG_WRITE:
	case NVME_TRACE_SQ_DOORBELL:
	case NVME_TRACE_CQ_DOORBELL:
		return SIM_ROW_TO_CONTROLLER;
	case NVME_TRACE_CQE_POST:
	case NVME_TRACE_IRQ_RAISE:
	case NVME_TRACE_IRQ_LINE:
		return SIM_ROW_TO_HOST;
	case NVME_TRACE_REG_READ:
	case NVME_TRACE_CFG_READ:
		return SIM_ROW_AT_HOST;
	default:
		return record->side == NVME_TRACE_DRIVER ? SIM_ROW_AT_HOST : SIM_ROW_AT_CONTROLLER;
	}
}

static bool is_abort(const struct cli_record *record)
{
	return cli_record_value(record, "qid") == 0 &&
	       cli_record_value(record, "opcode") == NVME_ADMIN_ABORT;
}

/* A register that reads as all ones is a device that is not there; CFS is one that gave up. */
static bool is_bad_read(const struct cli_record *record)
{
	uint64_t value = cli_record_value(record, "value");
	bool ones = value == UINT64_MAX ||
		    (cli_record_value(record, "bytes") == 4 && value == ALL_ONES_32);

	return ones || (cli_record_value(record, "offset") == NVME_REG_CSTS &&
			NVME_GET(value, NVME_CSTS_CFS));
}

static bool is_trouble_state(const struct cli_record *record)
{
	switch (cli_record_value(record, "state")) {
	case NVL_STATE_RESETTING:
	case NVL_STATE_FAILED:
	case NVL_STATE_GONE:
	case NVL_STATE_DEGRADED:
	case NVL_STATE_DEAD:
		return true;
	default:
		return false;
	}
}

static enum sim_row_mark mark_of(const struct walk *walk, const struct cli_record *record)
{
	bool trouble = false;

	switch (record->event) {
	case NVME_TRACE_FAULT:
		return SIM_MARK_FAULT;
	case NVME_TRACE_NVL_BAD_CQE:
	case NVME_TRACE_NVL_TIMEOUT:
	case NVME_TRACE_CTRL_FATAL:
	case NVME_TRACE_CTRL_STALL:
	case NVME_TRACE_CQ_FULL:
		return SIM_MARK_TROUBLE;
	case NVME_TRACE_CTRL_RESET:
		trouble = !walk->calm;
		break;
	case NVME_TRACE_CQE_POST:
		trouble = cli_record_value(record, "status") != 0;
		break;
	case NVME_TRACE_MEDIA_DONE:
		trouble = cli_record_value(record, "error") != 0;
		break;
	case NVME_TRACE_NVL_SUBMIT:
	case NVME_TRACE_SQE_FETCH:
		trouble = is_abort(record);
		break;
	case NVME_TRACE_NVL_STATE:
		trouble = is_trouble_state(record);
		break;
	case NVME_TRACE_REG_READ:
		trouble = is_bad_read(record);
		break;
	default:
		break;
	}
	return trouble ? SIM_MARK_TROUBLE : SIM_MARK_NONE;
}

/* Whether it is about the controller being enabled or reset. */
static bool is_life(const struct cli_record *record)
{
	switch (record->event) {
	case NVME_TRACE_REG_WRITE:
		return cli_record_value(record, "offset") == NVME_REG_CC ||
		       cli_record_value(record, "offset") == NVME_REG_NSSR;
	case NVME_TRACE_CTRL_ENABLE:
	case NVME_TRACE_CTRL_DISABLE:
	case NVME_TRACE_CTRL_READY:
		return true;
	default:
		return false;
	}
}

static enum sim_row_rank rank_of(const struct walk *walk, const struct cli_record *record)
{
	if (mark_of(walk, record) != SIM_MARK_NONE)
		return SIM_RANK_EVENT;
	switch (record->event) {
	case NVME_TRACE_REG_WRITE:
		return walk->live && is_life(record) ? SIM_RANK_EVENT : SIM_RANK_STEP;
	case NVME_TRACE_NVL_STATE:
	case NVME_TRACE_AER_RAISE:
	case NVME_TRACE_CTRL_SHUTDOWN:
	case NVME_TRACE_THROTTLE:
		return SIM_RANK_EVENT;
	case NVME_TRACE_CTRL_ENABLE:
	case NVME_TRACE_CTRL_DISABLE:
	case NVME_TRACE_CTRL_READY:
		return walk->live ? SIM_RANK_EVENT : SIM_RANK_STEP;
	case NVME_TRACE_SQ_DOORBELL:
	case NVME_TRACE_CQ_DOORBELL:
	case NVME_TRACE_NVL_SUBMIT:
	case NVME_TRACE_NVL_COMPLETE:
	case NVME_TRACE_SQE_FETCH:
	case NVME_TRACE_CQE_POST:
	case NVME_TRACE_IRQ_RAISE:
	case NVME_TRACE_IRQ_LINE:
		return SIM_RANK_STEP;
	default:
		return SIM_RANK_DETAIL;
	}
}

static bool is_write(const struct cli_record *record)
{
	return record->event == NVME_TRACE_REG_WRITE || record->event == NVME_TRACE_CFG_WRITE ||
	       record->event == NVME_TRACE_SQ_DOORBELL || record->event == NVME_TRACE_CQ_DOORBELL;
}

/* Whether the controller saw what the driver's last write was; where it was before is its own. */
static bool is_seen(const struct walk *walk, const struct cli_record *record)
{
	const char *value = record->event == NVME_TRACE_SQ_DOORBELL ||
					    record->event == NVME_TRACE_CQ_DOORBELL
				    ? "new"
				    : "value";

	return walk->seen.event == record->event && walk->seen.ctrl == record->ctrl &&
	       walk->seen.args[0] == record->args[0] &&
	       cli_record_value(&walk->seen, value) == cli_record_value(record, value);
}

/* The other side's record of what a row shows already. */
static bool is_twin(struct walk *walk, const struct cli_record *record)
{
	if (walk->trace->side != NVME_TRACE_BOTH)
		return false;
	if (record->side == NVME_TRACE_DRIVER) {
		if (is_write(record))
			walk->seen = *record;
		return false;
	}
	if (record->event == NVME_TRACE_REG_READ || record->event == NVME_TRACE_CFG_READ)
		return true;
	return is_write(record) && is_seen(walk, record);
}

/* Where the controller is in its life, by what has just been seen. */
static void note_life(struct walk *walk, const struct cli_record *record)
{
	uint64_t state = cli_record_value(record, "state");

	if (record->event == NVME_TRACE_NVL_STATE) {
		walk->live = walk->live || state == NVL_STATE_LIVE;
		walk->calm = state == NVL_STATE_SHUTTING_DOWN || state == NVL_STATE_STARTING;
	} else if (record->event == NVME_TRACE_CTRL_SHUTDOWN) {
		walk->live = true;
		walk->calm = true;
	} else if (walk->trace->side == NVME_TRACE_CONTROLLER &&
		   record->event == NVME_TRACE_SQE_FETCH && queue_of(record) > 0) {
		walk->live = true;
		walk->calm = false;
	}
}

/* Of several controllers the first one is meant where none is named. */
static void name_controller(struct sim_row *row, uint32_t ctrl)
{
	g_autofree char *text = row->text;

	row->text = g_strdup_printf("controller %u: %s", ctrl + 1, text);
}

static void add_row(struct walk *walk, const struct cli_record *record, unsigned int index)
{
	struct sim_row row = { .shape = shape_of(record),
			       .rank = rank_of(walk, record),
			       .mark = mark_of(walk, record),
			       .time_nsec = record->time_nsec,
			       .record = index,
			       .start = !walk->live,
			       .life = is_life(record),
			       .shown = true };
	uint32_t doorbell;

	row.command = find_command(walk, record, &row.begins);
	if (row.command == SIM_NO_COMMAND)
		row.command = guess_command(walk, record);
	else if (record->side == NVME_TRACE_CONTROLLER || walk->trace->side == NVME_TRACE_DRIVER)
		walk->last = row.command;
	if (row.begins && get(walk->doorbells, key_of(record, 0), &doorbell))
		sim_diagram_row(walk->diagram, doorbell)->command = row.command;
	row.text = sim_words_of(record, row.command == SIM_NO_COMMAND
						? NULL
						: command_at(walk->diagram, row.command)->text);
	if (record->ctrl > 0)
		name_controller(&row, record->ctrl);
	g_array_append_val(walk->diagram->rows, row);
	note_life(walk, record);
}

void sim_diagram_clear_row(gpointer row)
{
	g_free(((struct sim_row *)row)->text);
}

static void clear_command(gpointer data)
{
	g_free(((struct sim_command *)data)->text);
}

struct sim_diagram *sim_diagram_new(const struct cli_trace *trace)
{
	struct sim_diagram *diagram = g_new0(struct sim_diagram, 1);
	g_autoptr(GHashTable)
		open = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GHashTable)
		doorbells = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	g_autoptr(GHashTable)
		submitted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	struct walk walk = { .trace = trace,
			     .diagram = diagram,
			     .open = open,
			     .doorbells = doorbells,
			     .submitted = submitted,
			     .last = SIM_NO_COMMAND,
			     .calm = true };
	const struct cli_record *record;

	diagram->rows = g_array_new(FALSE, FALSE, sizeof(struct sim_row));
	g_array_set_clear_func(diagram->rows, sim_diagram_clear_row);
	diagram->commands = g_array_new(FALSE, FALSE, sizeof(struct sim_command));
	g_array_set_clear_func(diagram->commands, clear_command);
	for (unsigned int i = 0; (record = cli_trace_record(trace, i)) != NULL; i++) {
		if (!is_twin(&walk, record))
			add_row(&walk, record, i);
	}
	return diagram;
}

void sim_diagram_free(struct sim_diagram *diagram)
{
	if (!diagram)
		return;
	g_array_free(diagram->rows, TRUE);
	g_array_free(diagram->commands, TRUE);
	g_free(diagram);
}

void sim_diagram_fail(struct sim_diagram *diagram, uint64_t records, const char *text)
{
	struct sim_row row = { .shape = SIM_ROW_FAILED,
			       .rank = SIM_RANK_EVENT,
			       .command = SIM_NO_COMMAND,
			       .shown = true,
			       .text = g_strdup(text) };
	unsigned int at = diagram->rows->len;

	while (at > 0 && sim_diagram_row(diagram, at - 1)->record >= records)
		at--;
	row.time_nsec = at > 0 ? sim_diagram_row(diagram, at - 1)->time_nsec : 0;
	g_array_insert_val(diagram->rows, at, row);
}
