/* SPDX-License-Identifier: BSD-3-Clause */
/* Fault rules, common/fault.h: the language, and which rules fire. */
#include <stdio.h>
#include <string.h>

#include "common/fault.h"
#include "common/nvme_spec.h"
#include "common/random.h"
#include "tests/harness/main.h"

#define RULES 4

static char message[512];
static struct nvme_text error;

/* A rule from "key = value" lines; NULL, with @message, when one is refused. */
static const struct nvme_fault_rule *rule_of(const char *lines)
{
	static struct nvme_fault_rule rule;

	nvme_text_init(&error, message, sizeof(message));
	if (!nvme_fault_begin(&rule, nvme_slice("r"), &error))
		return NULL;
	while (*lines) {
		const char *end = strchr(lines, '\n'), *equals = strchr(lines, '=');
		struct nvme_slice key = { lines, (size_t)(equals - lines) };
		struct nvme_slice value = { equals + 1, (size_t)(end - equals - 1) };

		if (!nvme_fault_set_key(&rule, nvme_slice_trim(key), value, &error))
			return NULL;
		lines = end + 1;
	}
	return nvme_fault_check(&rule, &error) ? &rule : NULL;
}

static const char *printed(const struct nvme_fault_rule *rule)
{
	static char buffer[4096];
	struct nvme_text text;

	nvme_text_init(&text, buffer, sizeof(buffer));
	nvme_fault_print(rule, &text);
	ck_assert(!text.cut);
	return buffer;
}

/* As they are printed. */
static const char *const good[] = {
	"at = cqe.post\nwhen = q == 1 && op == write\nnth = 3\ndo = hold A\n",
	"at = cmd.execute\nwhen = op == abort\ndo = dw0 = 1\n",
	"at = ctrl.reset\nwithin = 1s of other\ndo = release A\n",
	"at = reg.read\nwhen = reg == CSTS && value & 0x1 != 0 && life == run\ndo = all-ones\n",
	"at = reg.read\nwhen = reg == 71\ndo = value ^= 1; value |= 2; value &= 0xffffffff; "
	"fatal\n",
	"at = db.write\nwhen = q >= 2 && q <= 7 && head == 0\nevery = 5\nafter = 10\ntimes = 2\ndo "
	"= drop\n",
	"at = cmd.retire\nwhen = lba in 100..199 && status == 0/00\nchance = 1/100\ndo = status "
	"2/81 dnr\n",
	"at = cmd.retire\ndo = status 0/21 crd=2\n",
	"at = cqe.post\nwhen = nr < 100 && cid > 5\nwindow = 1ms..2s\noptional = true\narmed = "
	"false\n"
	"do = cid = 7; sqid ^= 1; duplicate\n",
	"at = media.write\nwindow = 1s..\ndo = fail full\n",
	"at = cqe.post\ndo = delay 10us; arm r; disarm r; event 0x20001\n",
	"at = ctrl.reset\nwhen = kind == subsystem\ndo = hang\n",
	"at = media.write\nnth = 3\ndo = drop; cut-power none; remove\n",
	"at = power\nwhen = keep == none && life != gone\ndo = keep = subset; remove 5s; return\n",
	"at = xfer.out\nwhen = bytes > 512\ndo = flip 3:80; put 511:a1b2c3d4e5f60700; short 0\n",
	"at = media.write\ndo = torn 3\n",
	"at = cqe.post\ntimes = 1\ndo = late-phase 1ms; early-phase 3ns\n",
	"at = sanitize.tick\nnth = 2\ndo = fail error; ns-remove 3; ns-return 3; ns-resize 1 64\n",
	"at = state.save\nwhen = record == 1\ndo = drop; warn read-only; temperature 350\n",
	"at = ns.change\nwhen = nsid == 2\ndo = drop\n",
	"at = cmd.execute\nwhen = op == read\ndo = uncorrectable 100..107\n",
	"at = cqe.post\nwhen = status == 2/81\ndo = phase ^= 1; status = 0/06; interrupt 3\n",
};
#define GOODS (sizeof(good) / sizeof(good[0]))

START_TEST(what_is_written_is_read_back)
{
	const struct nvme_fault_rule *rule = rule_of(good[_i]);

	if (!rule)
		ck_abort_msg("%s refused: %s", good[_i], message);
	ck_assert_str_eq(printed(rule) + strlen("[fault r]\n"), good[_i]);
}
END_TEST

static const struct {
	const char *lines;
	const char *why;
} bad[] = {
	{ "at = cqe.pst\ndo = drop\n", "'cqe.pst' is no site; allowed: reg.read, reg.write" },
	{ "do = drop\n", "'do' needs 'at' before it" },
	{ "when = q == 1\n", "'when' needs 'at' before it" },
	{ "at = cqe.post\n", "'r' has no 'do'" },
	{ "nth = 1\n", "'r' has no 'at'" },
	{ "at = cqe.post\nwhere = q\n", "'where' is no key of a fault; allowed: at, when" },
	{ "at = cqe.post\nwhen = vector == 1\n",
	  "'vector' is no field of this site; allowed: ctrl" },
	{ "at = cqe.post\nwhen = q = 1\n", "'=' is no comparison; allowed: ==, !=" },
	{ "at = cqe.post\nwhen = q == x\n", "'x' is not a number" },
	{ "at = cqe.post\nwhen = q ==\n", "'' is not a number" },
	{ "at = cqe.post\nwhen = q == 1 &&\n", "'' is no field of this site" },
	{ "at = cqe.post\nwhen = op == wrote\n", "'wrote' is not known; allowed: delete-io-sq" },
	{ "at = cqe.post\nwhen = status == 8/00\n", "'8/00' is not a status" },
	{ "at = cqe.post\nwhen = status == 2/100\n", "'2/100' is not a status" },
	{ "at = cqe.post\nwhen = lba in 9..3\n", "'9..3' is not a range" },
	{ "at = cqe.post\ndo = explode\n", "'explode' is no action of this site; allowed: FIELD" },
	{ "at = cqe.post\ndo = all-ones\n", "'all-ones' is no action of this site" },
	{ "at = cqe.post\ndo = drop it\n", "'it' is too much" },
	{ "at = cqe.post\ndo = drop;\n", "'' is no action of this site" },
	{ "at = cqe.post\ndo = nsid = 1\n", "'nsid' cannot be changed at this site; allowed: cid" },
	{ "at = cqe.post\ndo = hold a b\n", "'a b' is not a name" },
	{ "at = cqe.post\ndo = hold\n", "'' is not a name" },
	{ "at = cqe.post\ndo = delay 5\n", "'5' is not a duration" },
	{ "at = cmd.retire\ndo = status 2/81 dr\n", "'dr' does not belong to a status" },
	{ "at = cmd.retire\ndo = status 2/81 crd=4\n", "'crd=4' does not belong to a status" },
	{ "at = cqe.post\ndo = drop; drop; drop; drop; drop\n", "one action too many" },
	{ "at = media.read\ndo = fail 77\n", "'77' is not known; allowed: error, full" },
	{ "at = cqe.post\ndo = cut-power\n",
	  "'' is not known; allowed: none, all, prefix, subset" },
	{ "at = power\ndo = keep = 4\n", "'4' is not known; allowed: none, all" },
	{ "at = cqe.post\ndo = remove 5\n", "'5' is not a duration" },
	{ "at = cqe.post\ndo = return 5s\n", "'5s' is too much" },
	{ "at = xfer.in\ndo = flip 1\n", "'1' is not BYTE:HEX, 1 to 8 bytes" },
	{ "at = xfer.in\ndo = flip x:01\n", "'x:01' is not BYTE:HEX" },
	{ "at = xfer.in\ndo = put 1:\n", "'1:' is not BYTE:HEX" },
	{ "at = xfer.in\ndo = put 1:123\n", "'1:123' is not BYTE:HEX" },
	{ "at = xfer.in\ndo = put 1:1g\n", "'1:1g' is not BYTE:HEX" },
	{ "at = xfer.in\ndo = put 1:112233445566778899\n", "is not BYTE:HEX" },
	{ "at = media.read\ndo = torn 1\n", "'torn' is no action of this site" },
	{ "at = power\ndo = ns-resize 1\n", "'' is not a number" },
	{ "at = power\ndo = ns-resize 1 2 3\n", "'2 3' is not a number" },
	{ "at = power\ndo = warn temperature\n", "'temperature' is not known; allowed: spare" },
	{ "at = power\ndo = warn 3\n", "'3' is not known; allowed: spare" },
	{ "at = power\ndo = temperature hot\n", "'hot' is not a number" },
	{ "at = media.read\ndo = uncorrectable 9..8\n", "'9..8' is not a range" },
	{ "at = cqe.post\ndo = uncorrectable 1..2\n", "'uncorrectable' is no action of this site" },
	{ "at = cqe.post\nwhen = q==1&&q==1\n", "'q==1' is no field" },
	{ "at = cqe.post\nnth = 0\n", "'0' is not a number from 1 on" },
	{ "at = cqe.post\nchance = 3/2\n", "'3/2' is not a chance" },
	{ "at = cqe.post\nchance = 1\n", "'1' is not a chance" },
	{ "at = cqe.post\nwindow = 5s\n", "'5s' is not a time window" },
	{ "at = cqe.post\nwindow = 5s..1s\n", "ends before it begins" },
	{ "at = cqe.post\nwithin = 1s after x\n", "not of the form DURATION of RULE" },
	{ "at = cqe.post\nwithin = 0 of x\n", "'0' is no time at all" },
	{ "at = cqe.post\noptional = perhaps\n", "'perhaps' is neither; allowed: false, true" },
};
#define BADS (sizeof(bad) / sizeof(bad[0]))

START_TEST(what_is_refused_says_what_is_allowed)
{
	const struct nvme_fault_rule *rule = rule_of(bad[_i].lines);

	ck_assert_msg(!rule, "%s was accepted", bad[_i].lines);
	ck_assert_msg(strstr(message, bad[_i].why), "%s: %s", bad[_i].lines, message);
}
END_TEST

struct draws {
	uint64_t seed, n;
};

static uint64_t draw(struct draws *draws, uint64_t limit)
{
	return nvme_draw_below(nvme_draw(draws->seed, 1, 2, draws->n++), limit);
}

static void draw_name(struct draws *d, char name[NVME_FAULT_NAME_BYTES])
{
	static const char *const names[] = { "A", "b-1", "x.y_z" };

	snprintf(name, NVME_FAULT_NAME_BYTES, "%s", names[draw(d, 3)]);
}

static void draw_term(struct draws *d, struct nvme_fault_rule *rule)
{
	struct nvme_fault_term *term = &rule->term[rule->terms];
	unsigned int field = (unsigned int)draw(d, NVME_FAULT_FIELDS);

	if (!(nvme_fault_site_fields(rule->site) >> field & 1))
		return;
	*term = (struct nvme_fault_term){ .field = (uint8_t)field,
					  .relation = (uint8_t)draw(d, NVME_RELATIONS),
					  .mask = draw(d, 2) ? UINT64_MAX : draw(d, UINT64_MAX),
					  .low = draw(d, 600) };
	if (draw(d, 2))
		term->low = draw(d, UINT64_MAX);
	if (field == NVME_FAULT_STATUS)
		term->low &= 0x7ff;
	if (field == NVME_FAULT_KEEP)
		term->low %= NVME_KEEPS;
	if (term->relation == NVME_REL_IN)
		term->high = term->low + draw(d, UINT64_MAX - term->low);
	rule->terms++;
}

static void draw_action(struct draws *d, struct nvme_fault_rule *rule)
{
	struct nvme_fault_action *action = &rule->action[rule->actions];
	unsigned int kind = (unsigned int)draw(d, NVME_DO_ACTIONS);
	unsigned int field = (unsigned int)draw(d, NVME_FAULT_FIELDS);

	if (!nvme_fault_site_does(rule->site, kind))
		return;
	*action = (struct nvme_fault_action){ .kind = (uint8_t)kind };
	if (kind == NVME_DO_ASSIGN) {
		if (!(nvme_fault_site_assigns(rule->site) >> field & 1))
			return;
		action->field = (uint8_t)field;
		action->assign = (uint8_t)draw(d, NVME_ASSIGNS);
		action->value = draw(d, field == NVME_FAULT_STATUS ? 0x800
					: field == NVME_FAULT_KEEP ? NVME_KEEPS
								   : UINT64_MAX);
	} else if (kind == NVME_DO_STATUS) {
		action->value = draw(d, 0x2000);
		action->value |= draw(d, 2) * NVME_DNR;
	} else if (kind == NVME_DO_FAIL) {
		action->value = draw(d, NVME_FAILS);
	} else if (kind == NVME_DO_CUT_POWER) {
		action->value = draw(d, NVME_KEEPS);
	} else if (kind == NVME_DO_WARN) {
		action->value = 3 + draw(d, 3);
	} else if (kind == NVME_DO_NS_RESIZE || kind == NVME_DO_UNCORRECTABLE) {
		action->at = draw(d, UINT64_MAX);
		action->value = action->at + draw(d, UINT64_MAX - action->at);
	} else if (kind == NVME_DO_TEMPERATURE || kind == NVME_DO_NS_REMOVE ||
		   kind == NVME_DO_NS_RETURN) {
		action->value = draw(d, UINT64_MAX);
	} else if (kind == NVME_DO_FLIP || kind == NVME_DO_PUT) {
		action->at = draw(d, UINT64_MAX);
		action->bytes = (uint8_t)(1 + draw(d, 8));
		action->value = draw(d, UINT64_MAX) & UINT64_MAX >> (64 - 8 * action->bytes);
	} else if (kind == NVME_DO_REMOVE) {
		action->value = draw(d, 2) * draw(d, UINT64_MAX);
	} else if (kind == NVME_DO_SHORT || kind == NVME_DO_TORN || kind == NVME_DO_LATE_PHASE ||
		   kind == NVME_DO_EARLY_PHASE || kind == NVME_DO_DELAY || kind == NVME_DO_EVENT ||
		   kind == NVME_DO_INTERRUPT) {
		action->value = draw(d, UINT64_MAX);
	} else if (kind == NVME_DO_HOLD || kind == NVME_DO_RELEASE || kind == NVME_DO_ARM ||
		   kind == NVME_DO_DISARM) {
		draw_name(d, action->name);
	}
	rule->actions++;
}

/* Any rule that the language can say. */
static void random_rule(uint64_t seed, struct nvme_text *text)
{
	struct draws d = { seed, 0 };
	struct nvme_fault_rule rule = { .name = "r", .site = (uint8_t)draw(&d, NVME_SITES) };
	uint64_t terms = draw(&d, NVME_FAULT_TERMS + 1);
	uint64_t actions = 1 + draw(&d, NVME_FAULT_ACTIONS);

	while (rule.terms < terms)
		draw_term(&d, &rule);
	rule.nth = draw(&d, 3);
	rule.every = draw(&d, 3);
	rule.after = draw(&d, 3);
	rule.times = draw(&d, 3);
	rule.chance_of = draw(&d, 2) ? 2 + draw(&d, 1000) : 0;
	rule.chance = rule.chance_of ? 1 + draw(&d, rule.chance_of - 1) : 0;
	rule.from_nsec = draw(&d, 2) ? draw(&d, 1ull << 60) : 0;
	rule.until_nsec = draw(&d, 2) ? rule.from_nsec + 1 + draw(&d, 1ull << 60) : 0;
	rule.within_nsec = draw(&d, 2) ? 1 + draw(&d, 1ull << 60) : 0;
	if (rule.within_nsec)
		draw_name(&d, rule.within);
	rule.optional = draw(&d, 2);
	rule.disarmed = draw(&d, 2);
	while (rule.actions < actions)
		draw_action(&d, &rule);
	nvme_fault_print(&rule, text);
}

START_TEST(any_rule_is_read_back_as_it_was_written)
{
	static char once[8192];
	struct nvme_text text;

	for (uint64_t seed = 0; seed < 2000; seed++) {
		const struct nvme_fault_rule *rule;

		nvme_text_init(&text, once, sizeof(once));
		random_rule(seed, &text);
		ck_assert(!text.cut);
		rule = rule_of(once + strlen("[fault r]\n"));
		ck_assert_msg(rule, "%s%s", once, message);
		ck_assert_str_eq(printed(rule), once);
	}
}
END_TEST

/* A set of rules, and a command that they look at. */
struct set {
	struct nvme_fault_rule rule[RULES];
	struct nvme_fault_state state[RULES];
	struct nvme_fault_set set;
};

static struct set *set_of(const char *first, const char *second)
{
	static struct set s;

	memset(&s, 0, sizeof(s));
	s.rule[0] = *rule_of(first);
	s.set = (struct nvme_fault_set){ .seed = 1, .count = 1, .rule = s.rule, .state = s.state };
	if (second) {
		s.rule[1] = *rule_of(second);
		snprintf(s.rule[1].name, sizeof(s.rule[1].name), "second");
		s.set.count = 2;
	}
	ck_assert(nvme_fault_check_set(s.rule, s.set.count, &error));
	nvme_fault_reset(&s.set);
	return &s;
}

/* Which of 64 commands, one a microsecond, the first rule fires for: bit n for the n-th. */
static uint64_t fired_for(struct set *s)
{
	struct nvme_fault_view view = { 0 };
	uint64_t fired = 0;

	for (uint32_t n = 0; n < 64; n++) {
		const struct nvme_fault_rule *rule;
		uint32_t at = 0;

		nvme_fault_put(&view, NVME_FAULT_CTRL, n % 2);
		nvme_fault_put(&view, NVME_FAULT_Q, 1);
		nvme_fault_put(&view, NVME_FAULT_LBA, n * 8);
		nvme_fault_put(&view, NVME_FAULT_BLOCKS, 8);
		nvme_fault_put(&view, NVME_FAULT_NR, n);
		view.identity = n;
		while ((rule = nvme_fault_next(&s->set, &at, NVME_SITE_CQE_POST, &view,
					       n * 1000ull)))
			fired |= rule == &s->rule[0] ? 1ull << n : 0;
	}
	return fired;
}

static const struct {
	const char *lines;
	uint64_t fired;
} triggers[] = {
	{ "at = cqe.post\ndo = drop\n", UINT64_MAX },
	{ "at = reg.read\ndo = all-ones\n", 0 },
	{ "at = cqe.post\narmed = false\ndo = drop\n", 0 },
	{ "at = cqe.post\nnth = 3\ndo = drop\n", 1 << 2 },
	{ "at = cqe.post\nwhen = nr >= 8\nnth = 3\ndo = drop\n", 1 << 10 },
	{ "at = cqe.post\nevery = 16\ndo = drop\n", 0x8000800080008000 },
	{ "at = cqe.post\nnth = 60\ndo = drop; stick\n", 0x1full << 59 },
	{ "at = cqe.post\nwindow = 2us..4us\ndo = stick\n", UINT64_MAX << 2 },
	{ "at = cqe.post\nafter = 60\ndo = drop\n", 0xfull << 60 },
	{ "at = cqe.post\nafter = 1\nevery = 2\ntimes = 3\ndo = drop\n", 0x54 },
	{ "at = cqe.post\ntimes = 2\ndo = drop\n", 3 },
	{ "at = cqe.post\nwindow = 2us..4us\ndo = drop\n", 0xc },
	{ "at = cqe.post\nwindow = 60us..\ndo = drop\n", 0xfull << 60 },
	{ "at = cqe.post\nwhen = lba in 12..16\ndo = drop\n", 0x6 },
	{ "at = cqe.post\nwhen = lba in 12..15\ndo = drop\n", 0x2 },
	{ "at = cqe.post\nwhen = lba in 0..0\ndo = drop\n", 0x1 },
	{ "at = cqe.post\nwhen = nr & 0x3 == 0 && nr < 16\ndo = drop\n", 0x1111 },
	{ "at = cqe.post\nwhen = nr in 4..5\ndo = drop\n", 0x30 },
	{ "at = cqe.post\nwhen = nr != 0 && nr <= 2\ndo = drop\n", 0x6 },
	{ "at = cqe.post\nwhen = nr > 61\ndo = drop\n", 0x3ull << 62 },
	{ "at = cqe.post\nwhen = cid == 0\ndo = drop\n", 0 }, /* nothing says what it is */
};
#define TRIGGERS (sizeof(triggers) / sizeof(triggers[0]))

START_TEST(a_rule_fires_when_its_predicate_and_trigger_say_so)
{
	struct set *s = set_of(triggers[_i].lines, NULL);

	ck_assert_msg(fired_for(s) == triggers[_i].fired, "%s", triggers[_i].lines);
	ck_assert_uint_eq(s->state[0].fired, (unsigned)__builtin_popcountll(triggers[_i].fired));
}
END_TEST

/* What a budget leaves of a rule: KEY, VALUE; the controllers of commands alternate. */
static const struct {
	const char *key, *value;
	const char *lines;
	uint64_t fired;
} budgets[] = {
	{ "controllers", "1", "at = cqe.post\ndo = drop\n", 0x5555555555555555 },
	{ "controllers", "2..", "at = cqe.post\ndo = drop\n", 0xaaaaaaaaaaaaaaaa },
	{ "controllers", "2", "at = cqe.post\nnth = 3\ndo = drop\n", 1 << 5 },
	{ "controllers", "3..16", "at = cqe.post\ndo = drop\n", 0 },
	{ "queues", "0", "at = cqe.post\ndo = drop\n", 0 },
	{ "queues", "1 .. 2", "at = cqe.post\ndo = drop\n", UINT64_MAX },
	{ "lba", "0..15", "at = cqe.post\ndo = drop\n", 0x3 },
	{ "lba", "0..14", "at = cqe.post\ndo = drop\n", 0x1 },
	{ "lba", "1..15", "at = cqe.post\ndo = drop\n", 0x2 },
	{ "lba", "504..", "at = cqe.post\ndo = drop\n", 1ull << 63 },
	{ "faults", "3", "at = cqe.post\nafter = 4\ndo = drop\n", 0x70 },
};

START_TEST(what_is_outside_of_the_budget_is_no_match)
{
	struct set *s = set_of(budgets[_i].lines, NULL);

	ck_assert(nvme_fault_budget_set(&s->set.budget, nvme_slice(budgets[_i].key),
					nvme_slice(budgets[_i].value), &error));
	ck_assert_msg(fired_for(s) == budgets[_i].fired, "%s = %s, %s", budgets[_i].key,
		      budgets[_i].value, budgets[_i].lines);
	ck_assert_uint_eq(s->set.fired, s->state[0].fired);
}
END_TEST

START_TEST(a_budget_bounds_what_has_a_queue_or_blocks_and_nothing_else)
{
	struct nvme_fault_budget budget = { 0 };
	struct nvme_fault_view view = { 0 };

	ck_assert(nvme_fault_budget_set(&budget, nvme_slice("queues"), nvme_slice("7"), &error));
	ck_assert(nvme_fault_budget_set(&budget, nvme_slice("lba"), nvme_slice("8..15"), &error));
	ck_assert(nvme_fault_budget_has(&budget, &view));
	nvme_fault_put(&view, NVME_FAULT_Q, 7);
	ck_assert(nvme_fault_budget_has(&budget, &view));
	nvme_fault_put(&view, NVME_FAULT_LBA, UINT64_MAX);
	nvme_fault_put(&view, NVME_FAULT_BLOCKS, 65536);
	ck_assert(!nvme_fault_budget_has(&budget, &view));
	nvme_fault_put(&view, NVME_FAULT_LBA, 8);
	ck_assert(!nvme_fault_budget_has(&budget, &view));
	nvme_fault_put(&view, NVME_FAULT_BLOCKS, 8);
	ck_assert(nvme_fault_budget_has(&budget, &view));
	nvme_fault_put(&view, NVME_FAULT_Q, 6);
	ck_assert(!nvme_fault_budget_has(&budget, &view));
}
END_TEST

START_TEST(a_budget_is_one_of_all_rules_together)
{
	struct set *s = set_of("at = cqe.post\ndo = drop\n", "at = cqe.post\ndo = drop\n");

	ck_assert(nvme_fault_budget_set(&s->set.budget, nvme_slice("faults"), nvme_slice("5"),
					&error));
	ck_assert_uint_eq(fired_for(s), 0x7);
	ck_assert_uint_eq(s->state[1].fired, 2);
	nvme_fault_reset(&s->set);
	ck_assert_uint_eq(fired_for(s), 0x7);
}
END_TEST

START_TEST(within_is_about_the_last_time_that_another_rule_fired)
{
	struct set *s = set_of("at = cqe.post\nwithin = 2us of second\ndo = drop\n",
			       "at = cqe.post\nwhen = nr & 0x1f == 4\ndo = drop\n");

	/* The other one is behind it in the file, so it is seen from the next time on. */
	ck_assert_uint_eq(fired_for(s), 0x6000000060);
}
END_TEST

START_TEST(a_draw_belongs_to_a_rule_and_a_command_and_to_nothing_else)
{
	const char *half = "at = cqe.post\nchance = 1/2\ndo = drop\n";
	uint64_t alone = fired_for(set_of(half, NULL));
	uint64_t with_another = fired_for(set_of(half, "at = cqe.post\nchance = 1/3\ndo = drop\n"));
	struct set *s = set_of(half, NULL);

	ck_assert_uint_eq(alone, with_another);
	ck_assert_uint_gt(__builtin_popcountll(alone), 16);
	ck_assert_uint_lt(__builtin_popcountll(alone), 48);
	s->set.seed = 2;
	ck_assert_uint_ne(fired_for(s), alone);
}
END_TEST

START_TEST(rules_that_do_not_fit_together_are_refused)
{
	static const struct {
		const char *first, *second, *why;
	} sets[] = {
		{ "at = cqe.post\nwithin = 1s of nobody\ndo = drop\n", "at = cqe.post\ndo = drop\n",
		  "'nobody' is no fault" },
		{ "at = cqe.post\ndo = arm nobody\n", "at = cqe.post\ndo = drop\n",
		  "'nobody' is no fault" },
		{ "at = cqe.post\ndo = release A\n", "at = cqe.post\ndo = hold B\n",
		  "'A' is released, and no fault holds it" },
		{ "at = cqe.post\ndo = drop\n", NULL, "'r' names two faults" },
	};
	struct nvme_fault_rule rules[2];

	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		rules[0] = *rule_of(sets[i].first);
		rules[1] = sets[i].second ? *rule_of(sets[i].second) : rules[0];
		if (sets[i].second)
			snprintf(rules[1].name, sizeof(rules[1].name), "second");
		nvme_text_clear(&error);
		ck_assert(!nvme_fault_check_set(rules, 2, &error));
		ck_assert_msg(strstr(message, sets[i].why), "%s", message);
	}
}
END_TEST

START_TEST(every_row_has_a_name_and_a_sentence)
{
	for (unsigned int i = 0; i < NVME_SITES; i++) {
		ck_assert_uint_gt(strlen(nvme_fault_site_name(i)), 3);
		ck_assert_uint_gt(strlen(nvme_fault_site_help(i)), 9);
	}
	for (unsigned int i = 0; i < NVME_FAULT_FIELDS; i++)
		ck_assert(nvme_fault_field_name(i) && nvme_fault_field_help(i));
	for (unsigned int i = 0; i < NVME_DO_ACTIONS; i++)
		ck_assert(nvme_fault_action_name(i) && nvme_fault_action_help(i));
	ck_assert_ptr_null(nvme_fault_site_name(NVME_SITES));
	ck_assert_ptr_null(nvme_fault_field_name(NVME_FAULT_FIELDS));
	ck_assert_ptr_null(nvme_fault_action_name(NVME_DO_ACTIONS));
}
END_TEST

static Suite *fault(void)
{
	Suite *suite = suite_create("fault");
	TCase *tcase = tcase_create("fault");

	tcase_add_loop_test(tcase, what_is_written_is_read_back, 0, (int)GOODS);
	tcase_add_loop_test(tcase, what_is_refused_says_what_is_allowed, 0, (int)BADS);
	tcase_add_test(tcase, any_rule_is_read_back_as_it_was_written);
	tcase_add_loop_test(tcase, a_rule_fires_when_its_predicate_and_trigger_say_so, 0,
			    (int)TRIGGERS);
	tcase_add_loop_test(tcase, what_is_outside_of_the_budget_is_no_match, 0,
			    (int)(sizeof(budgets) / sizeof(budgets[0])));
	tcase_add_test(tcase, a_budget_bounds_what_has_a_queue_or_blocks_and_nothing_else);
	tcase_add_test(tcase, a_budget_is_one_of_all_rules_together);
	tcase_add_test(tcase, within_is_about_the_last_time_that_another_rule_fired);
	tcase_add_test(tcase, a_draw_belongs_to_a_rule_and_a_command_and_to_nothing_else);
	tcase_add_test(tcase, rules_that_do_not_fit_together_are_refused);
	tcase_add_test(tcase, every_row_has_a_name_and_a_sentence);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ fault }, 1);
}
