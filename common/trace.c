/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Trace records as text. The names and kinds come from trace_events.def.
 */
#include "common/trace.h"

#include "common/mem.h"

static const struct event {
	const char *name;
	const char *args;
} events[] = {
#define NVME_EVENT(symbol, name, args) { name, args },
#include "common/trace_events.def"
#undef NVME_EVENT
};

const char *nvme_trace_name(unsigned int event)
{
	return event < NVME_TRACE_EVENTS ? events[event].name : NULL;
}

/* Reads "name:k" from the row; returns what follows it. */
static const char *next_arg(const char *text, struct nvme_trace_arg *ret_arg)
{
	size_t used = 0;

	while (*text == ' ')
		text++;
	while (*text != ':' && used + 1 < sizeof(ret_arg->name))
		ret_arg->name[used++] = *text++;
	ret_arg->name[used] = '\0';
	ret_arg->kind = text[1];
	return text + 2;
}

unsigned int nvme_trace_args(unsigned int event, struct nvme_trace_arg *ret_args)
{
	const char *text = event < NVME_TRACE_EVENTS ? events[event].args : "";
	unsigned int count = 0;

	while (*text != '\0' && count < NVME_TRACE_ARGS)
		text = next_arg(text, &ret_args[count++]);
	return count;
}

const char *nvme_trace_side_name(unsigned int side)
{
	static const char *const names[] = { "controller", "driver", "both" };

	return side <= NVME_TRACE_BOTH ? names[side] : "?";
}

static void add_member(struct nvme_text *text, const char *name)
{
	nvme_text_add(text, ",\"");
	nvme_text_add(text, name);
	nvme_text_add(text, "\":");
}

static void add_hex(struct nvme_text *text, uint64_t value)
{
	nvme_text_char(text, '"');
	nvme_text_hex(text, value);
	nvme_text_char(text, '"');
}

/* All members; "{", or what stands before them, was added. */
static void add_record(struct nvme_text *text, const struct nvme_trace_record *record)
{
	struct nvme_trace_arg args[NVME_TRACE_ARGS];
	unsigned int count = nvme_trace_args(record->event, args);

	nvme_text_add(text, "\"seq\":");
	nvme_text_u64(text, record->seq);
	add_member(text, "time");
	add_hex(text, record->time_nsec);
	add_member(text, "ctrl");
	nvme_text_u64(text, record->ctrl);
	add_member(text, "event");
	nvme_text_char(text, '"');
	nvme_text_add(text, events[record->event].name);
	nvme_text_char(text, '"');
	for (unsigned int i = 0; i < count; i++) {
		add_member(text, args[i].name);
		if (args[i].kind == 'q')
			add_hex(text, record->args[i]);
		else
			nvme_text_u64(text, record->args[i]);
	}
	if (record->data_bytes > 0) {
		add_member(text, "data");
		nvme_text_char(text, '"');
		nvme_text_bytes_hex(text, record->data, record->data_bytes);
		nvme_text_char(text, '"');
	}
	nvme_text_char(text, '}');
}

void nvme_trace_json(struct nvme_text *text, const struct nvme_trace_record *record)
{
	nvme_text_char(text, '{');
	add_record(text, record);
}

void nvme_trace_json_both(struct nvme_text *text, const struct nvme_trace_record *record)
{
	nvme_text_add(text, "{\"side\":\"");
	nvme_text_add(text, nvme_trace_side_name(record->side));
	nvme_text_add(text, "\",");
	add_record(text, record);
}

void nvme_trace_header(struct nvme_text *text, unsigned int side)
{
	nvme_text_add(text, "{\"format\":");
	nvme_text_u64(text, NVME_TRACE_FORMAT);
	nvme_text_add(text, ",\"side\":\"");
	nvme_text_add(text, nvme_trace_side_name(side));
	nvme_text_add(text, "\"}");
}

void nvme_trace_header_setup(struct nvme_text *text, const char *clock, unsigned int controllers,
			     const char *setup, size_t bytes)
{
	nvme_text_add(text, "{\"format\":");
	nvme_text_u64(text, NVME_TRACE_FORMAT);
	nvme_text_add(text, ",\"side\":\"controller\",\"clock\":\"");
	nvme_text_add(text, clock);
	nvme_text_char(text, '"');
	add_member(text, "controllers");
	nvme_text_u64(text, controllers);
	add_member(text, "setup");
	nvme_text_char(text, '"');
	nvme_text_json(text, setup, bytes);
	nvme_text_add(text, "\"}");
}
