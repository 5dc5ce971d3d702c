/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules to text: what is written here is read back to an equal rule. */
#include "common/bits.h"
#include "common/fault_words.h"
#include "common/nvme_spec.h"

static void print_status(struct nvme_text *text, uint64_t value)
{
	nvme_text_u64(text, value >> 8 & 7);
	nvme_text_char(text, '/');
	nvme_text_hex_width(text, value & 0xff, 2);
}

static void print_value(struct nvme_text *text, enum nvme_fault_kind kind, uint64_t value)
{
	const struct nvme_fault_word *word = nvme_fault_words(kind);

	if (kind == KIND_STATUS) {
		print_status(text, value);
		return;
	}
	for (; word && word->text; word++) {
		if (word->value == value) {
			nvme_text_add(text, word->text);
			return;
		}
	}
	if (value < 1000)
		nvme_text_u64(text, value);
	else
		nvme_text_hex(text, value);
}

static const char *word_of(const struct nvme_fault_word *words, uint64_t value)
{
	while (words->value != value)
		words++;
	return words->text;
}

static void print_term(struct nvme_text *text, const struct nvme_fault_term *term)
{
	nvme_text_add(text, nvme_fault_field_name(term->field));
	if (term->mask != UINT64_MAX) {
		nvme_text_add(text, " & ");
		nvme_text_hex(text, term->mask);
	}
	nvme_text_char(text, ' ');
	nvme_text_add(text, word_of(nvme_fault_relations, term->relation));
	nvme_text_char(text, ' ');
	if (term->relation != NVME_REL_IN) {
		print_value(text, nvme_fault_field_kind(term->field), term->low);
		return;
	}
	nvme_text_u64(text, term->low);
	nvme_text_add(text, "..");
	nvme_text_u64(text, term->high);
}

static void print_two(struct nvme_text *text, const struct nvme_fault_action *action,
		      const char *between)
{
	nvme_text_u64(text, action->at);
	nvme_text_add(text, between);
	nvme_text_u64(text, action->value);
}

static void print_patch(struct nvme_text *text, const struct nvme_fault_action *action)
{
	nvme_text_u64(text, action->at);
	nvme_text_char(text, ':');
	for (uint32_t i = 0; i < action->bytes; i++)
		nvme_text_hex_width(text, action->value >> 8 * i & 0xff, 2);
}

static void print_action(struct nvme_text *text, const struct nvme_fault_action *action)
{
	enum nvme_fault_kind kind = nvme_fault_argument_kind(action->kind);

	if (action->kind == NVME_DO_ASSIGN) {
		nvme_text_add(text, nvme_fault_field_name(action->field));
		nvme_text_char(text, ' ');
		nvme_text_add(text, word_of(nvme_fault_assigns, action->assign));
		nvme_text_char(text, ' ');
		print_value(text, nvme_fault_field_kind(action->field), action->value);
		return;
	}
	nvme_text_add(text, nvme_fault_action_name(action->kind));
	if (kind == KIND_NOTHING || (kind == KIND_AWAY && action->value == 0))
		return;
	nvme_text_char(text, ' ');
	if (kind == KIND_NAME)
		nvme_text_add(text, action->name);
	else if (kind == KIND_PAIR || kind == KIND_BLOCKS)
		print_two(text, action, kind == KIND_PAIR ? " " : "..");
	else if (kind == KIND_PATCH)
		print_patch(text, action);
	else if (kind == KIND_DURATION || kind == KIND_AWAY)
		nvme_text_duration(text, action->value);
	else
		print_value(text, kind, action->value);
	if (kind != KIND_STATUS)
		return;
	if (action->value & NVME_DNR)
		nvme_text_add(text, " dnr");
	if (NVME_GET(action->value, NVME_STATUS_CRD)) {
		nvme_text_add(text, " crd=");
		nvme_text_u64(text, NVME_GET(action->value, NVME_STATUS_CRD));
	}
}

static void print_count(struct nvme_text *text, const char *key, uint64_t count)
{
	if (count == 0)
		return;
	nvme_text_add(text, key);
	nvme_text_add(text, " = ");
	nvme_text_u64(text, count);
	nvme_text_char(text, '\n');
}

static void print_times(struct nvme_text *text, const struct nvme_fault_rule *rule)
{
	if (rule->chance_of) {
		nvme_text_add(text, "chance = ");
		nvme_text_u64(text, rule->chance);
		nvme_text_char(text, '/');
		nvme_text_u64(text, rule->chance_of);
		nvme_text_char(text, '\n');
	}
	if (rule->from_nsec || rule->until_nsec) {
		nvme_text_add(text, "window = ");
		nvme_text_duration(text, rule->from_nsec);
		nvme_text_add(text, "..");
		if (rule->until_nsec)
			nvme_text_duration(text, rule->until_nsec);
		nvme_text_char(text, '\n');
	}
	if (rule->within_nsec) {
		nvme_text_add(text, "within = ");
		nvme_text_duration(text, rule->within_nsec);
		nvme_text_add(text, " of ");
		nvme_text_add(text, rule->within);
		nvme_text_char(text, '\n');
	}
}

void nvme_fault_print(const struct nvme_fault_rule *rule, struct nvme_text *text)
{
	nvme_text_add(text, "[fault ");
	nvme_text_add(text, rule->name);
	nvme_text_add(text, "]\nat = ");
	nvme_text_add(text, nvme_fault_site_name(rule->site));
	nvme_text_char(text, '\n');
	for (uint32_t i = 0; i < rule->terms; i++) {
		nvme_text_add(text, i ? " && " : "when = ");
		print_term(text, &rule->term[i]);
	}
	nvme_text_add(text, rule->terms ? "\n" : "");
	print_count(text, "nth", rule->nth);
	print_count(text, "every", rule->every);
	print_count(text, "after", rule->after);
	print_count(text, "times", rule->times);
	print_times(text, rule);
	nvme_text_add(text, rule->optional ? "optional = true\n" : "");
	nvme_text_add(text, rule->disarmed ? "armed = false\n" : "");
	for (uint32_t i = 0; i < rule->actions; i++) {
		nvme_text_add(text, i ? "; " : "do = ");
		print_action(text, &rule->action[i]);
	}
	nvme_text_char(text, '\n');
}
