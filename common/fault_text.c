/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules from text, as docs/faults.md describes them. */
#include "common/bits.h"
#include "common/fault_words.h"
#include "common/mem.h"
#include "common/nvme_spec.h"

static const struct nvme_fault_word yes_or_no[] = { { "false", 0 }, { "true", 1 }, { NULL, 0 } };

/* Words are blanks apart; the next one is taken off @rest. */
static struct nvme_slice take_word(struct nvme_slice *rest)
{
	struct nvme_slice word = nvme_slice_trim(*rest);
	size_t bytes = 0;

	while (bytes < word.bytes && word.data[bytes] != ' ' && word.data[bytes] != '\t')
		bytes++;
	rest->data = word.data + bytes;
	rest->bytes = word.bytes - bytes;
	word.bytes = bytes;
	return word;
}

bool nvme_fault_take_part(struct nvme_slice *rest, const char *separator, size_t bytes,
			  struct nvme_slice *ret_part)
{
	for (size_t i = 0; i + bytes <= rest->bytes; i++) {
		if (memcmp(rest->data + i, separator, bytes) != 0)
			continue;
		*ret_part = nvme_slice_trim((struct nvme_slice){ rest->data, i });
		rest->data += i + bytes;
		rest->bytes -= i + bytes;
		return true;
	}
	*ret_part = nvme_slice_trim(*rest);
	*rest = (struct nvme_slice){ rest->data + rest->bytes, 0 };
	return false;
}

/* "...; it is one of: a, b, c" */
static bool refuse_word(struct nvme_text *error, struct nvme_slice slice, const char *why,
			const struct nvme_fault_word *words)
{
	nvme_fault_refuse(error, slice, why);
	nvme_text_add(error, "; allowed: ");
	for (const struct nvme_fault_word *word = words; word->text; word++) {
		nvme_text_add(error, word == words ? "" : ", ");
		nvme_text_add(error, word->text);
	}
	return false;
}

static bool find_word(const struct nvme_fault_word *words, struct nvme_slice slice,
		      uint64_t *ret_value)
{
	for (; words->text; words++) {
		if (nvme_slice_is(slice, words->text)) {
			*ret_value = words->value;
			return true;
		}
	}
	return false;
}

static bool parse_number(struct nvme_slice slice, uint64_t *ret_value, struct nvme_text *error)
{
	if (nvme_parse_u64(slice.data, slice.bytes, ret_value) == NVME_PARSE_OK)
		return true;
	return nvme_fault_refuse(error, slice,
				 "is not a number from 0 to 2^64 - 1, decimal or 0x hexadecimal");
}

static bool parse_duration(struct nvme_slice slice, uint64_t *ret_nsec, struct nvme_text *error)
{
	if (nvme_parse_duration(slice.data, slice.bytes, ret_nsec) == NVME_PARSE_OK)
		return true;
	return nvme_fault_refuse(error, slice,
				 "is not a duration: a number with ns, us, ms, s or m");
}

static bool hex_digits(struct nvme_slice slice, uint64_t max, uint64_t *ret_value)
{
	char text[8] = "0x";

	if (slice.bytes == 0 || slice.bytes > 4)
		return false;
	memcpy(text + 2, slice.data, slice.bytes);
	return nvme_parse_u64(text, slice.bytes + 2, ret_value) == NVME_PARSE_OK &&
	       *ret_value <= max;
}

static bool parse_status(struct nvme_slice slice, uint64_t *ret_value, struct nvme_text *error)
{
	struct nvme_slice code = slice, type;
	uint64_t sct, sc;

	if (!nvme_fault_take_part(&code, "/", 1, &type) || !hex_digits(type, 7, &sct) ||
	    !hex_digits(code, 0xff, &sc))
		return nvme_fault_refuse(
			error, slice, "is not a status: SCT/SC in hexadecimal, from 0/00 to 7/ff");
	*ret_value = sct << 8 | sc;
	return true;
}

/* What its words do not say means nothing; registers and commands have numbers as well. */
static bool is_closed(enum nvme_fault_kind kind)
{
	return kind == KIND_ERROR || kind == KIND_KEEP || kind == KIND_WARNING;
}

static bool parse_value(enum nvme_fault_kind kind, struct nvme_slice slice, uint64_t *ret_value,
			struct nvme_text *error)
{
	const struct nvme_fault_word *words = nvme_fault_words(kind);

	if (kind == KIND_STATUS)
		return parse_status(slice, ret_value, error);
	if (words && find_word(words, slice, ret_value))
		return true;
	if (words && (is_closed(kind) ||
		      nvme_parse_u64(slice.data, slice.bytes, ret_value) != NVME_PARSE_OK))
		return refuse_word(error, slice, "is not known", words);
	return parse_number(slice, ret_value, error);
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static bool parse_name(struct nvme_slice slice, char *name, struct nvme_text *error)
{
	bool good = slice.bytes > 0 && slice.bytes < NVME_FAULT_NAME_BYTES;

	for (size_t i = 0; good && i < slice.bytes; i++)
		good = is_name_byte(slice.data[i]);
	if (!good)
		return nvme_fault_refuse(
			error, slice, "is not a name: 1 to 31 letters, digits, '-', '_' and '.'");
	memset(name, 0, NVME_FAULT_NAME_BYTES);
	memcpy(name, slice.data, slice.bytes);
	return true;
}

/* A field that @allowed has a bit for. */
static bool parse_field(struct nvme_slice slice, uint64_t allowed, const char *why,
			uint8_t *ret_field, struct nvme_text *error)
{
	const char *comma = "";

	for (unsigned int i = 0; i < NVME_FAULT_FIELDS; i++) {
		if (!(allowed >> i & 1) || !nvme_slice_is(slice, nvme_fault_field_name(i)))
			continue;
		*ret_field = (uint8_t)i;
		return true;
	}
	nvme_fault_refuse(error, slice, why);
	nvme_text_add(error, "; allowed: ");
	for (unsigned int i = 0; i < NVME_FAULT_FIELDS; i++) {
		if (!(allowed >> i & 1))
			continue;
		nvme_text_add(error, comma);
		nvme_text_add(error, nvme_fault_field_name(i));
		comma = ", ";
	}
	return false;
}

static bool parse_range(struct nvme_slice slice, uint64_t *ret_low, uint64_t *ret_high,
			struct nvme_text *error)
{
	struct nvme_slice high = slice, low;

	if (!nvme_fault_take_part(&high, "..", 2, &low) ||
	    nvme_parse_u64(low.data, low.bytes, ret_low) != NVME_PARSE_OK ||
	    nvme_parse_u64(high.data, high.bytes, ret_high) != NVME_PARSE_OK ||
	    *ret_low > *ret_high)
		return nvme_fault_refuse(error, slice, "is not a range: LOW..HIGH, both included");
	return true;
}

/* FIELD [& MASK] RELATION VALUE */
static bool parse_term(struct nvme_slice text, uint8_t site, struct nvme_fault_term *term,
		       struct nvme_text *error)
{
	struct nvme_slice rest = text, word;
	uint64_t relation;

	*term = (struct nvme_fault_term){ .mask = UINT64_MAX };
	if (!parse_field(take_word(&rest), nvme_fault_site_fields(site), "is no field of this site",
			 &term->field, error))
		return false;
	word = take_word(&rest);
	if (nvme_slice_is(word, "&")) {
		if (!parse_number(take_word(&rest), &term->mask, error))
			return false;
		word = take_word(&rest);
	}
	if (!find_word(nvme_fault_relations, word, &relation))
		return refuse_word(error, word, "is no comparison", nvme_fault_relations);
	term->relation = (uint8_t)relation;
	rest = nvme_slice_trim(rest);
	if (relation == NVME_REL_IN)
		return parse_range(rest, &term->low, &term->high, error);
	return parse_value(nvme_fault_field_kind(term->field), rest, &term->low, error);
}

static bool set_when(struct nvme_fault_rule *rule, struct nvme_slice value, struct nvme_text *error)
{
	struct nvme_slice part;
	uint8_t terms = 0;
	bool more;

	do {
		more = nvme_fault_take_part(&value, "&&", 2, &part);
		if (terms == NVME_FAULT_TERMS)
			return nvme_fault_refuse(error, part,
						 "is one term too many: there can be 8");
		if (!parse_term(part, rule->site, &rule->term[terms++], error))
			return false;
	} while (more);
	rule->terms = terms;
	return true;
}

/* SCT/SC [dnr] [crd=N] */
static bool parse_status_words(struct nvme_slice rest, uint64_t *ret_value, struct nvme_text *error)
{
	struct nvme_slice word = take_word(&rest);
	uint64_t crd;

	if (!parse_status(word, ret_value, error))
		return false;
	while ((word = take_word(&rest)).bytes > 0) {
		if (nvme_slice_is(word, "dnr")) {
			*ret_value |= NVME_DNR;
		} else if (word.bytes == 5 && memcmp(word.data, "crd=", 4) == 0 &&
			   word.data[4] >= '1' && word.data[4] <= '3') {
			crd = (uint64_t)(word.data[4] - '0');
			*ret_value |= NVME_PUT(NVME_STATUS_CRD, crd);
		} else {
			return nvme_fault_refuse(error, word,
						 "does not belong to a status; allowed: dnr, "
						 "crd=1, crd=2, crd=3");
		}
	}
	return true;
}

static bool parse_argument(struct nvme_fault_action *action, struct nvme_slice rest,
			   struct nvme_text *error)
{
	enum nvme_fault_kind kind = nvme_fault_argument_kind(action->kind);

	rest = nvme_slice_trim(rest);
	switch (kind) {
	case KIND_NOTHING:
		return rest.bytes == 0 ||
		       nvme_fault_refuse(error, rest, "is too much: the action has no argument");
	case KIND_NAME:
		return parse_name(rest, action->name, error);
	case KIND_DURATION:
		return parse_duration(rest, &action->value, error);
	case KIND_PATCH:
		return nvme_fault_parse_patch(rest, action) ||
		       nvme_fault_refuse(error, rest,
					 "is not BYTE:HEX, 1 to 8 bytes of two digits each");
	case KIND_PAIR:
		return parse_number(take_word(&rest), &action->at, error) &&
		       parse_number(nvme_slice_trim(rest), &action->value, error);
	case KIND_BLOCKS:
		return parse_range(rest, &action->at, &action->value, error);
	case KIND_AWAY:
		return rest.bytes == 0 || parse_duration(rest, &action->value, error);
	case KIND_STATUS:
		return parse_status_words(rest, &action->value, error);
	case KIND_NUMBER:
	case KIND_ERROR:
	case KIND_KEEP:
	case KIND_WARNING:
	case KIND_LIFE:
	case KIND_REGISTER:
	case KIND_OPCODE:
	case KIND_RESET:
	case KIND_ASSIGN:
		break;
	}
	return parse_value(kind, rest, &action->value, error);
}

static bool refuse_action(struct nvme_slice word, uint8_t site, struct nvme_text *error)
{
	const char *comma = "";

	nvme_fault_refuse(error, word, "is no action of this site; allowed: ");
	for (unsigned int i = 0; i < NVME_DO_ACTIONS; i++) {
		if (!nvme_fault_site_does(site, i))
			continue;
		nvme_text_add(error, comma);
		nvme_text_add(error, nvme_fault_action_name(i));
		comma = ", ";
	}
	return false;
}

/* FIELD = VALUE, which is told from the others by its second word. */
static bool parse_assign(struct nvme_slice field, struct nvme_slice rest, uint8_t site,
			 uint64_t assign, struct nvme_fault_action *action, struct nvme_text *error)
{
	action->kind = NVME_DO_ASSIGN;
	action->assign = (uint8_t)assign;
	if (!parse_field(field, nvme_fault_site_assigns(site), "cannot be changed at this site",
			 &action->field, error))
		return false;
	return parse_value(nvme_fault_field_kind(action->field), nvme_slice_trim(rest),
			   &action->value, error);
}

static bool parse_action(struct nvme_slice text, uint8_t site, struct nvme_fault_action *action,
			 struct nvme_text *error)
{
	struct nvme_slice rest = text, word = take_word(&rest), after = rest;
	uint64_t assign;

	memset(action, 0, sizeof(*action));
	if (find_word(nvme_fault_assigns, take_word(&after), &assign))
		return parse_assign(word, after, site, assign, action, error);
	for (unsigned int i = NVME_DO_ASSIGN + 1; i < NVME_DO_ACTIONS; i++) {
		if (!nvme_slice_is(word, nvme_fault_action_name(i)) ||
		    !nvme_fault_site_does(site, i))
			continue;
		action->kind = (uint8_t)i;
		return parse_argument(action, rest, error);
	}
	return refuse_action(word, site, error);
}

static bool set_do(struct nvme_fault_rule *rule, struct nvme_slice value, struct nvme_text *error)
{
	struct nvme_slice part;
	uint8_t count = 0;
	bool more;

	do {
		more = nvme_fault_take_part(&value, ";", 1, &part);
		if (count == NVME_FAULT_ACTIONS)
			return nvme_fault_refuse(error, part,
						 "is one action too many: there can be 4");
		if (!parse_action(part, rule->site, &rule->action[count++], error))
			return false;
	} while (more);
	rule->actions = count;
	return true;
}

static bool set_at(struct nvme_fault_rule *rule, struct nvme_slice value, struct nvme_text *error)
{
	for (unsigned int i = 0; i < NVME_SITES; i++) {
		if (nvme_slice_is(value, nvme_fault_site_name(i))) {
			rule->site = (uint8_t)i;
			return true;
		}
	}
	nvme_fault_refuse(error, value, "is no site; allowed: ");
	for (unsigned int i = 0; i < NVME_SITES; i++) {
		nvme_text_add(error, i ? ", " : "");
		nvme_text_add(error, nvme_fault_site_name(i));
	}
	return false;
}

static bool set_count(uint64_t *count, struct nvme_slice value, struct nvme_text *error)
{
	if (!parse_number(value, count, error))
		return false;
	return *count > 0 || nvme_fault_refuse(error, value, "is not a number from 1 on");
}

/* A/B */
static bool set_chance(struct nvme_fault_rule *rule, struct nvme_slice value,
		       struct nvme_text *error)
{
	struct nvme_slice of = value, part;

	if (!nvme_fault_take_part(&of, "/", 1, &part) ||
	    nvme_parse_u64(part.data, part.bytes, &rule->chance) != NVME_PARSE_OK ||
	    nvme_parse_u64(of.data, of.bytes, &rule->chance_of) != NVME_PARSE_OK ||
	    rule->chance == 0 || rule->chance >= rule->chance_of)
		return nvme_fault_refuse(error, value, "is not a chance: A/B with 0 < A < B");
	return true;
}

/* FROM..UNTIL, or FROM.. */
static bool set_window(struct nvme_fault_rule *rule, struct nvme_slice value,
		       struct nvme_text *error)
{
	struct nvme_slice until = value, from;

	if (!nvme_fault_take_part(&until, "..", 2, &from))
		return nvme_fault_refuse(error, value,
					 "is not a time window: FROM..UNTIL, or FROM..");
	until = nvme_slice_trim(until);
	if (!parse_duration(from, &rule->from_nsec, error) ||
	    (until.bytes && !parse_duration(until, &rule->until_nsec, error)))
		return false;
	if (until.bytes && rule->until_nsec <= rule->from_nsec)
		return nvme_fault_refuse(error, value,
					 "is a time window that ends before it begins");
	return true;
}

/* DURATION of RULE */
static bool set_within(struct nvme_fault_rule *rule, struct nvme_slice value,
		       struct nvme_text *error)
{
	struct nvme_slice rest = value, word = take_word(&rest);

	if (!parse_duration(word, &rule->within_nsec, error))
		return false;
	if (rule->within_nsec == 0)
		return nvme_fault_refuse(error, word, "is no time at all");
	if (!nvme_slice_is(take_word(&rest), "of"))
		return nvme_fault_refuse(error, value, "is not of the form DURATION of RULE");
	return parse_name(nvme_slice_trim(rest), rule->within, error);
}

static bool set_bool(bool *to, struct nvme_slice value, struct nvme_text *error)
{
	if (nvme_parse_bool(value.data, value.bytes, to) == NVME_PARSE_OK)
		return true;
	return refuse_word(error, value, "is neither", yes_or_no);
}

static bool set_armed(struct nvme_fault_rule *rule, struct nvme_slice value,
		      struct nvme_text *error)
{
	bool armed;

	if (!set_bool(&armed, value, error))
		return false;
	rule->disarmed = !armed;
	return true;
}

static bool set_optional(struct nvme_fault_rule *rule, struct nvme_slice value,
			 struct nvme_text *error)
{
	return set_bool(&rule->optional, value, error);
}

static bool set_nth(struct nvme_fault_rule *rule, struct nvme_slice value, struct nvme_text *error)
{
	return set_count(&rule->nth, value, error);
}

static bool set_every(struct nvme_fault_rule *rule, struct nvme_slice value,
		      struct nvme_text *error)
{
	return set_count(&rule->every, value, error);
}

static bool set_after(struct nvme_fault_rule *rule, struct nvme_slice value,
		      struct nvme_text *error)
{
	return set_count(&rule->after, value, error);
}

static bool set_times(struct nvme_fault_rule *rule, struct nvme_slice value,
		      struct nvme_text *error)
{
	return set_count(&rule->times, value, error);
}

static const struct {
	const char *name;
	bool (*set)(struct nvme_fault_rule *rule, struct nvme_slice value, struct nvme_text *error);
} keys[] = {
	{ "at", set_at },	  { "when", set_when },
	{ "nth", set_nth },	  { "every", set_every },
	{ "after", set_after },	  { "times", set_times },
	{ "chance", set_chance }, { "window", set_window },
	{ "within", set_within }, { "optional", set_optional },
	{ "armed", set_armed },	  { "do", set_do },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Nobody has to be told what key it was. */
static void take_back(struct nvme_text *error, size_t used)
{
	if (error->size == 0)
		return;
	error->used = used;
	error->data[used] = '\0';
}

bool nvme_fault_begin(struct nvme_fault_rule *rule, struct nvme_slice name, struct nvme_text *error)
{
	memset(rule, 0, sizeof(*rule));
	rule->site = NVME_SITES;
	return parse_name(name, rule->name, error);
}

bool nvme_fault_set_key(struct nvme_fault_rule *rule, struct nvme_slice key,
			struct nvme_slice value, struct nvme_text *error)
{
	struct nvme_fault_rule changed = *rule;
	size_t i = 0, used = error->used;

	value = nvme_slice_trim(value);
	while (i < KEYS && !nvme_slice_is(key, keys[i].name))
		i++;
	if (i == KEYS) {
		nvme_fault_refuse(error, key, "is no key of a fault; allowed: ");
		for (i = 0; i < KEYS; i++) {
			nvme_text_add(error, i ? ", " : "");
			nvme_text_add(error, keys[i].name);
		}
		return false;
	}
	if (rule->site == NVME_SITES && (keys[i].set == set_when || keys[i].set == set_do))
		return nvme_fault_refuse(
			error, key, "needs 'at' before it: what is allowed depends on the site");
	nvme_text_add(error, keys[i].name);
	nvme_text_add(error, ": ");
	if (!keys[i].set(&changed, value, error))
		return false;
	take_back(error, used);
	*rule = changed;
	return true;
}
