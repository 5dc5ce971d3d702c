/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A sequence diagram of a trace: the host on the left, the controller on the right.
 *
 *	sim_diagram_new(trace)            a row for each record
 *	sim_diagram_fail(diagram, ...)    where an oracle failed
 *	sim_diagram_choose(diagram)       which rows are worth seeing
 *	sim_diagram_text(), _svg()        the rows that are
 */
#ifndef TESTS_SIM_CLI_DIAGRAM_H
#define TESTS_SIM_CLI_DIAGRAM_H

#include "driver/cli/trace_file.h"

#define SIM_NO_COMMAND UINT32_MAX

/** enum sim_row_shape - how a row is drawn */
enum sim_row_shape {
	SIM_ROW_TO_CONTROLLER, /* an arrow from left to right */
	SIM_ROW_TO_HOST,
	SIM_ROW_AT_HOST, /* a note beside the host's line */
	SIM_ROW_AT_CONTROLLER,
	SIM_ROW_FAILED, /* an oracle failed here */
	SIM_ROW_GAP,	/* rows are left out here */
};

/** enum sim_row_rank - how much a row matters */
enum sim_row_rank {
	SIM_RANK_DETAIL, /* part of a step that another row shows */
	SIM_RANK_STEP,	 /* a step that every command takes */
	SIM_RANK_EVENT,	 /* worth seeing by itself */
};

/** enum sim_row_mark - what is marked beside a row */
enum sim_row_mark {
	SIM_MARK_NONE,
	SIM_MARK_FAULT,	  /* a fault rule fired */
	SIM_MARK_TROUBLE, /* a status, a timeout, an abort, a reset */
};

/**
 * struct sim_row - a row of the diagram
 * @record: of the trace, from 0
 * @command: of the trace, from 0, or SIM_NO_COMMAND
 * @begins: the command begins here
 * @start: belongs to the first bring-up
 * @life: the controller is enabled, ready or disabled here, or asked to be
 * @shown: is drawn
 */
struct sim_row {
	enum sim_row_shape shape;
	enum sim_row_rank rank;
	enum sim_row_mark mark;
	uint64_t time_nsec;
	unsigned int record;
	uint32_t command;
	bool begins;
	bool start;
	bool life;
	bool shown;
	char *text;
};

/** struct sim_command - a command of the trace, by its opcode and queue */
struct sim_command {
	uint16_t ctrl;
	uint16_t qid;
	uint16_t cid;
	uint8_t opcode;
	char *text;
};

/** struct sim_diagram - rows: struct sim_row; commands: struct sim_command; both in their order */
struct sim_diagram {
	GArray *rows;
	GArray *commands;
};

/** sim_diagram_new - all rows of @trace, all shown; for sim_diagram_free() */
struct sim_diagram *sim_diagram_new(const struct cli_trace *trace);

/** sim_diagram_free - NULL is fine */
void sim_diagram_free(struct sim_diagram *diagram);
typedef struct sim_diagram SimDiagram; /* for g_autoptr() */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SimDiagram, sim_diagram_free)

/** sim_diagram_row - row @index; NULL past the last one */
struct sim_row *sim_diagram_row(const struct sim_diagram *diagram, unsigned int index);

/** sim_diagram_clear_row - free what a row holds; for g_array_set_clear_func() */
void sim_diagram_clear_row(gpointer row);

/** sim_diagram_fail - insert the mark of a failed oracle behind the first @records records */
void sim_diagram_fail(struct sim_diagram *diagram, uint64_t records, const char *text);

/** sim_diagram_choose - show what matters, and rows that say what is left out between */
void sim_diagram_choose(struct sim_diagram *diagram);

/** sim_diagram_text - the rows that are shown, 100 columns wide */
void sim_diagram_text(const struct sim_diagram *diagram, struct cli_output *out);

/**
 * sim_diagram_svg - the same as a picture that needs nothing besides itself, for light and dark
 * @title: what it is of
 */
void sim_diagram_svg(const struct sim_diagram *diagram, const char *title, GString *svg);

/** sim_diagram_time - time since the beginning, as both of them print it; for g_free() */
char *sim_diagram_time(uint64_t nsec);

/** sim_diagram_lines - @text in lines of at most @columns, cut between words; for g_strfreev() */
char **sim_diagram_lines(const char *text, size_t columns);

/** sim_words_of - what a record says in the diagram; for g_free() */
char *sim_words_of(const struct cli_record *record, const char *command);

/** sim_words_command - "read of 8 blocks from block 16" of a record with an SQE; for g_free() */
char *sim_words_command(const struct cli_record *record);

#endif
