/* SPDX-License-Identifier: BSD-3-Clause */
/* The simulated world: what its oracles see, what its files say, and that a run can be repeated. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "tests/harness/main.h"
#include "tests/sim/sim.h"

#define HEAD "[scenario]\nformat = 1\nseed = 7\n"
#define LATE                                                                                \
	"[fault lose]\nat = cqe.post\nwhen = q == 1 && op == write\nnth = 3\ndo = hold A\n" \
	"[fault refused]\nat = cmd.execute\nwhen = op == abort\ndo = skip; dw0 = 1\n"       \
	"[fault late]\nat = ctrl.reset\nwithin = 1s of refused\ndo = release A\n"

static struct sim_file file; /* too large for a stack */

static void load(const char *text)
{
	struct nvme_ini_error error;

	ck_assert_msg(sim_file_load(&file, text, strlen(text), &error) == NVME_INI_OK,
		      "line %u: %s", error.line, error.message);
}

/* A run in memory that was filled with @filler. */
static struct sim_result run(int filler)
{
	size_t bytes = sim_memory_bytes(&file);
	void *memory = aligned_alloc(4096, bytes);
	struct sim_result result;

	ck_assert_ptr_nonnull(memory);
	memset(memory, filler, bytes);
	sim_run(&file, memory, NULL, &result);
	free(memory);
	return result;
}

static enum sim_verdict judge(const struct sim_result *result, char *sentences, size_t size)
{
	struct nvme_text text;

	nvme_text_init(&text, sentences, size);
	return sim_judge(&file, result, &text);
}

static void ck_pass(const struct sim_result *result)
{
	char sentences[2000];

	ck_assert_msg(judge(result, sentences, sizeof(sentences)) == SIM_PASS, "%s", sentences);
}

static const char *const peaceful[] = {
	"",
	"[workload]\nops = 0\n",
	"[workload]\npattern = sequential\nops = 100\nqueue_depth = 1\n",
	"[workload]\npattern = admin\nops = 20\n",
	"[controller]\nvwc = true\n[workload]\nops = 300\nflush_every = 7\nfua_every = 5\n",
	"[controller]\nreorder = 4\nservice_time = 10us\n[driver]\nqueues = 4\n[workload]\nops = "
	"500\n"
	"queue_depth = 32\nthink = 3us\n",
	"[controller]\nreorder = 4\nservice_time = 10us\n[driver]\nqueues = 4\n[workload]\nops = "
	"2000\nrange = 24\nqueue_depth = 32\noverlap = true\nflush_every = 50\n",
	"[controller]\nfused = true\nacwu = 7\n[workload]\nops = 300\nfused_every = 3\n",
	"[namespace 1]\nsize = 1M\nms = 16\npi = 1\n[workload]\nops = 200\nprotect = true\n",
	"[namespace 1]\nsize = 1M\nms = 8\npi = 3\n[workload]\nops = 200\nflush_every = 9\n",
	"[namespace 1]\nsize = 1M\nlba = 4096\n[workload]\nops = 300\nblocks = 64\nrange = 128\n",
	"[controller]\nformat = true\nsanitize = true\nfw_update = true\nnssrs = true\n[workload]\n"
	"ops = 100\nbefore.10 = reset\nbefore.20 = subsystem-reset\nbefore.30 = rescan\n"
	"before.40 = suspend\nbefore.50 = format\nbefore.60 = activate\nbefore.70 = firmware\n"
	"before.80 = abrupt\n",
};

START_TEST(nothing_is_found_where_nothing_is_wrong)
{
	char text[2000];
	struct sim_result result;

	snprintf(text, sizeof(text), "%s%s", HEAD, peaceful[_i]);
	load(text);
	result = run(0);
	ck_pass(&result);
	ck_assert_uint_eq(result.counter[SIM_APP_OPS], file.workload.ops);
	ck_assert_uint_eq(result.counter[SIM_APP_OK], file.workload.ops);
	ck_assert_uint_eq(result.counter[SIM_DRIVER_START], 0);
	ck_assert_uint_eq(result.counter[SIM_TASK_RESULT], 0);
	ck_assert_uint_eq(result.state, NVL_STATE_LIVE);
}
END_TEST

START_TEST(a_run_is_a_function_of_its_file)
{
	struct sim_result first, again;

	load(HEAD LATE);
	first = run(0);
	again = run(0xa5);
	ck_assert(memcmp(&first, &again, sizeof(first)) == 0);
	ck_assert_uint_gt(first.records[NVME_TRACE_CONTROLLER], 500);
	ck_assert_uint_gt(first.records[NVME_TRACE_DRIVER], 400);
	file.scenario.seed++;
	again = run(0);
	ck_assert_uint_ne(first.hash[NVME_TRACE_CONTROLLER], again.hash[NVME_TRACE_CONTROLLER]);
	ck_assert_uint_ne(first.hash[NVME_TRACE_DRIVER], again.hash[NVME_TRACE_DRIVER]);
}
END_TEST

START_TEST(a_lost_write_is_aborted_and_then_the_controller_reset)
{
	struct sim_result result;

	load(HEAD "class = C\n" LATE "[expect]\ndriver.timeouts = 1\ndriver.aborts = 1\n"
		  "driver.resets = 1\napp.errors = 0\nfault.late = 2\ndriver.state = live\n"
		  "time.ms = 30000..40000\n");
	result = run(0);
	ck_pass(&result);
}
END_TEST

START_TEST(two_controllers_work_on_one_namespace)
{
	/* Base 2.0 3.1: namespaces are shared; each write is seen by reads through either. */
	struct sim_result result;

	load(HEAD "class = T\n[controller]\nvwc = true\n[controller 2]\nmdts = 1\nqueues = 1\n"
		  "[driver]\nqueues = 2\n[workload]\nops = 600\nrange = 64\nflush_every = 16\n"
		  "[expect]\ndriver1.queues = 2\ndriver2.queues = 1\ndriver.queues = 3\n"
		  "driver.start = 0\ndriver2.start = 0\ndriver2.state = live\n"
		  "app1.ok = 200..400\napp2.ok = 200..400\n");
	result = run(0);
	ck_pass(&result);
	ck_assert_uint_eq(result.of[0].counter[SIM_APP_OK] + result.of[1].counter[SIM_APP_OK], 600);
	ck_assert_uint_eq(result.of[0].counter[SIM_EMU_COMMANDS] +
				  result.of[1].counter[SIM_EMU_COMMANDS],
			  result.counter[SIM_EMU_COMMANDS]);
	/* MDTS 1 is 8 KiB, and 8 blocks are 4: as many commands as operations. */
	ck_assert_uint_lt(result.of[1].counter[SIM_EMU_COMMANDS], 400);
}
END_TEST

START_TEST(a_power_cut_is_one_of_all_controllers)
{
	struct sim_result result;

	load(HEAD "class = C\n[controller]\nvwc = true\n[controller 2]\n[controller 3]\n"
		  "[workload]\nops = 600\nrange = 64\nflush_every = 16\nthink = 1ms\n"
		  "[fault cut]\nat = cqe.post\nwhen = ctrl == 1 && q == 1\nnth = 60\n"
		  "do = cut-power none\n"
		  "[expect]\ndriver1.resets = 1\ndriver2.resets = 1\ndriver3.resets = 1\n"
		  "driver3.state = live\n");
	result = run(0);
	ck_pass(&result);
}
END_TEST

START_TEST(a_budget_keeps_faults_where_it_says)
{
	struct sim_result result;

	load(HEAD "class = R\n[controller 2]\n[workload]\npattern = read\nops = 200\n"
		  "[budget]\ncontrollers = 2\nfaults = 3\n"
		  "[fault bad]\nat = cmd.execute\nwhen = op == read\ndo = status 2/81 dnr\n"
		  "[expect]\nfault.bad = 3\napp1.errors = 0\napp2.errors = 3\n");
	result = run(0);
	ck_pass(&result);
	file.scenario.budget.limits = 0;
	result = run(0);
	ck_assert_uint_eq(result.counter[SIM_APP_ERRORS], 200);
}
END_TEST

/* What the host is refused, or gets late. */
static const char *const environments[] = {
	"[fault none]\nat = env.vectors\ndo = refuse\n"
	"[expect]\ndriver.start = 0\ndriver.polled = 0\napp.errors = 0\nfault.none = 1\n",
	"[driver]\nvectors = 3\nqueues = 2\n"
	"[fault few]\nat = env.vectors\nwhen = value == 3\ndo = value = 1\n"
	"[expect]\ndriver.queues = 2\ndriver.polled = 0\napp.errors = 0\nfault.few = 1\n",
	"[fault more]\nat = env.vectors\ndo = value = 60\n"
	"[expect]\ndriver.start = 0\ndriver.polled = 0\napp.errors = 0\n",
	"[fault queues]\nat = env.map\nnth = 1\ndo = refuse\n"
	"[expect]\ndriver.start = 65548\nemu.commands = 0\napp.errors = 64\n",
	"[fault buffers]\nat = env.map\nwhen = bytes == 32768\ndo = refuse\n"
	"[expect]\ndriver.start = 65548\nemu.commands = 0\napp.errors = 64\nfault.buffers = 1\n",
	"[controller 2]\n[fault second]\nat = env.map\nwhen = ctrl == 1\ntimes = 1\ndo = refuse\n"
	"[expect]\ndriver1.start = 0\ndriver2.start = 65548\napp1.errors = 0\n",
	"[fault lose]\nat = cqe.post\nwhen = q == 1\nnth = 9\ndo = drop\n"
	"[fault late]\nat = env.timer\nwithin = 9s of lose\ntimes = 1\ndo = delay 9s\n"
	"[expect]\ndriver.timeouts = 1\napp.errors = 1\ntime.ms = 39000..41000\n",
};

START_TEST(the_host_is_told_by_its_system_that_it_cannot_have_that)
{
	char text[2000];
	struct sim_result result;

	snprintf(text, sizeof(text), "%s%s", HEAD, environments[_i]);
	load(text);
	result = run(0);
	ck_pass(&result);
}
END_TEST

START_TEST(a_queue_whose_head_stands_still_is_reset_although_all_wait_to_be_sent_again)
{
	/* Every slot is taken by a command that was refused, and SQHD never moves again. */
	struct sim_result result;

	load(HEAD "class = C\n[namespace 1]\nsize = 1M\n[workload]\nflush_every = 8\n"
		  "[fault refuse]\nat = cmd.execute\nafter = 11\ndo = status 0/82\n"
		  "[fault stand]\nat = cqe.post\nafter = 75\ndo = sqhd = 0xffff\n"
		  "[driver]\nentries = 16\nmax_retries = 15\n[expect]\ndriver.resets = 1..\n");
	result = run(0);
	ck_pass(&result);
}
END_TEST

/* What is done to the controller, and the oracle that has to see it. */
static const struct {
	const char *text;
	enum sim_oracle oracle;
} wrongs[] = {
	{ "[fault x]\nat = media.write\nnth = 3\ndo = drop\n", SIM_ORACLE_HONEST },
	{ "[fault x]\nat = cmd.execute\nwhen = op == write\nnth = 2\ndo = skip\n",
	  SIM_ORACLE_HONEST },
	{ "[fault x]\nat = media.write\nnth = 2\ndo = lba ^= 8\n", SIM_ORACLE_HONEST },
	{ "[workload]\npattern = sequential\nqueue_depth = 1\n"
	  "[fault x]\nat = media.read\nnth = 2\ndo = lba ^= 8\n",
	  SIM_ORACLE_DATA },
	{ "[fault x]\nat = cmd.execute\nwhen = op == read\nnth = 2\ndo = skip\n", SIM_ORACLE_DATA },
	{ "[controller]\nvwc = true\n[workload]\nflush_every = 5\nqueue_depth = 1\n"
	  "[fault x]\nat = media.flush\nnth = 2\ndo = drop\n",
	  SIM_ORACLE_HONEST },
	{ "[controller]\nservice_time = 10us\n[workload]\nops = 500\nrange = 24\n"
	  "queue_depth = 16\noverlap = true\n"
	  "[fault x]\nat = media.write\nevery = 40\ndo = torn 3; delay 1ms\n",
	  SIM_ORACLE_DATA },
	{ "[controller]\nfused = true\nacwu = 7\n[workload]\npattern = write\nrange = 8\n"
	  "fused_every = 2\n[fault x]\nat = media.write\nnth = 4\ndo = drop\n",
	  SIM_ORACLE_HONEST },
	{ "[controller]\nfused = true\nacwu = 7\n[workload]\npattern = read\nfused_every = 2\n"
	  "[fault x]\nat = cqe.post\nwhen = op == compare\nnth = 4\ndo = status = 2/85\n",
	  SIM_ORACLE_FUSED },
	{ "[controller]\nvwc = false\nawupf = 7\n[workload]\nops = 400\nrange = 48\n"
	  "think = 10ms\n[fault x]\nat = media.write\nnth = 60\ndo = torn 3; cut-power none\n",
	  SIM_ORACLE_DATA },
	{ "[controller]\nservice_time = 10us\n[driver]\nresend = true\n"
	  "[workload]\nops = 400\nrange = 48\n"
	  "[fault x]\nat = cqe.post\nwhen = op == write\nnth = 60\ndo = drop; cut-power none\n"
	  "[fault y]\nat = media.write\nwithin = 5s of x\nnth = 2\ndo = torn 3\n",
	  SIM_ORACLE_HONEST },
	{ "[controller]\nvwc = true\n[workload]\nops = 300\nrange = 32\nfua_every = 2\n"
	  "think = 10ms\n[fault x]\nat = sqe.fetch\nwhen = op == write\ndo = cdw12 &= 0xffff\n"
	  "[fault y]\nat = cqe.post\nwhen = q == 1\nnth = 150\ndo = cut-power none\n",
	  SIM_ORACLE_DURABLE },
};

START_TEST(an_oracle_sees_what_is_wrong)
{
	char text[2000], sentences[2000];
	struct sim_result result;

	snprintf(text, sizeof(text), "%s%s", HEAD, wrongs[_i].text);
	load(text);
	result = run(0);
	ck_assert_uint_ge(result.violations[wrongs[_i].oracle], 1);
	ck_assert_uint_eq(result.first, wrongs[_i].oracle);
	ck_assert_uint_gt(strlen(result.message), 10);
	ck_assert_int_eq(judge(&result, sentences, sizeof(sentences)), SIM_FAIL);
	ck_assert_ptr_nonnull(strstr(sentences, sim_oracle_name(wrongs[_i].oracle)));
	/* What is expected is no failure. */
	snprintf(text + strlen(text), sizeof(text) - strlen(text),
		 "[expect]\noracle.honest = 0..\noracle.data = 0..\noracle.durable = 0..\n"
		 "oracle.fused = 0..\n");
	load(text);
	result = run(0);
	ck_pass(&result);
}
END_TEST

#define CACHED                                                                                    \
	"[controller]\nvwc = true\nsanitize = true\nformat = true\n[workload]\nops = 400\nrange " \
	"= 48\n"                                                                                  \
	"flush_every = 15\nfua_every = 4\nthink = 10ms\n"

/* Cuts of a drive that keeps its promises: caches with old and new, reads and flushes across. */
static const char *const cuts[] = {
	HEAD CACHED "[fault x]\nat = cqe.post\nwhen = q == 1\nnth = 151\ndo = cut-power none\n",
	HEAD CACHED "[fault x]\nat = cqe.post\nwhen = q == 1\nnth = 151\ndo = cut-power all\n",
	HEAD CACHED "[fault x]\nat = cqe.post\nwhen = q == 1\nnth = 81\ndo = cut-power subset\n"
		    "[fault y]\nat = media.write\nnth = 80\ndo = cut-power prefix\n"
		    "[fault z]\nat = media.read\nnth = 130\ndo = cut-power subset\n",
	HEAD CACHED "overlap = true\nqueue_depth = 16\n[fault x]\nat = media.write\nafter = 60\n"
		    "every = 40\ndo = cut-power subset\n",
	HEAD "[controller]\nvwc = true\nawupf = 7\nservice_time = 10us\n[driver]\nresend = true\n"
	     "[workload]\nops = 1000\nrange = 24\noverlap = true\nqueue_depth = 16\n"
	     "flush_every = 50\n[fault x]\nat = media.write\nafter = 60\nevery = 40\n"
	     "do = drop; cut-power subset\n",
	HEAD CACHED "before.100 = format\n[fault x]\nat = cmd.retire\nwhen = op == format\n"
		    "do = cut-power none\n",
	HEAD CACHED
	"before.100 = sanitize\n[fault x]\nat = cmd.retire\nwhen = op == sanitize\n"
	"do = status 0/06\n[fault y]\nat = media.read\nnth = 100\ndo = cut-power none\n",
};

START_TEST(a_power_cut_takes_what_was_not_promised)
{
	/* NVM 1.0 2.1.4.2, unverified: flushed, or written with FUA; with eight seeds each. */
	struct sim_result result;

	load(cuts[_i]);
	for (file.scenario.seed = 1; file.scenario.seed <= 8; file.scenario.seed++) {
		result = run(0);
		ck_pass(&result);
		ck_assert_uint_eq(result.counter[SIM_APP_OPS], file.workload.ops);
		ck_assert_uint_ge(result.counter[SIM_DRIVER_RESETS], 1);
	}
}
END_TEST

static const struct {
	const char *text;
	enum sim_verdict verdict;
	const char *sentence;
} verdicts[] = {
	{ "[fault x]\nat = sqe.fetch\nwhen = op == format\ndo = drop\n", SIM_NEVER_FIRED,
	  "rule x never fired\n" },
	{ "[fault x]\nat = sqe.fetch\nwhen = op == format\noptional = true\ndo = drop\n", SIM_PASS,
	  "" },
	{ "[expect]\napp.ok = 65..\n", SIM_EXPECTATION_MISSED,
	  "app.ok is 64, expected was 65..\n" },
	{ "[expect]\ndriver.state = dead\n", SIM_EXPECTATION_MISSED,
	  "driver.state is live, expected was dead\n" },
	{ "[expect]\ndriver.resets = 1..3\n", SIM_EXPECTATION_MISSED,
	  "driver.resets is 0, expected was 1..3\n" },
	{ "[expect]\noracle.data = 1\n", SIM_EXPECTATION_MISSED,
	  "oracle.data is 0, expected was 1\n" },
};

START_TEST(a_verdict_says_what_is_not_as_it_should_be)
{
	char text[1000], sentences[1000];
	struct sim_result result;

	snprintf(text, sizeof(text), "%s%s", HEAD, verdicts[_i].text);
	load(text);
	result = run(0);
	ck_assert_int_eq(judge(&result, sentences, sizeof(sentences)), verdicts[_i].verdict);
	ck_assert_str_eq(sentences, verdicts[_i].sentence);
}
END_TEST

START_TEST(class_t_has_no_errors)
{
	struct sim_result result;
	char sentences[1000];

	load(HEAD "class = T\n[fault x]\nat = cmd.execute\nwhen = op == write\nnth = 1\n"
		  "do = status 2/80 dnr\n");
	result = run(0);
	ck_assert_int_eq(judge(&result, sentences, sizeof(sentences)), SIM_EXPECTATION_MISSED);
	ck_assert_str_eq(sentences, "app.errors is 1, and class T has none\n");
}
END_TEST

START_TEST(a_controller_that_never_gets_ready_is_given_up)
{
	struct sim_result result;

	load(HEAD "class = F\n[fault x]\nat = ctrl.ready\ndo = hang\n"
		  "[expect]\napp.errors = 64\ndriver.start = 65646\n");
	result = run(0);
	ck_pass(&result);
}
END_TEST

static const struct {
	const char *text;
	const char *sentence;
} bads[] = {
	{ "[workload]\nops = 1000001\n", "ops is a number from 0 to 1000000" },
	{ "[workload]\npattern = random\n",
	  "pattern is one of mixed, read, write, sequential, admin" },
	{ "[workload]\nshutdown = maybe\n", "shutdown is true or false" },
	{ "[workload]\nthink = 5\n", "think is from 0 to 10m" },
	{ "[workload]\nbefore.0 = reset\n", "before.N: N is the number of an operation, from 1" },
	{ "[workload]\nbefore.5 = reset\nbefore.4 = reset\n",
	  "tasks stand in the order of their operations" },
	{ "[namespace 1]\nlba = 256\n", "lba is from 512 to 64K" },
	{ "[expect]\napp.ops = 5..4\n", "what is expected is N, LOW..HIGH or LOW.." },
	{ "[expect]\napp.ops = five\n", "what is expected is N, LOW..HIGH or LOW.." },
	{ "[expect]\noracle.truth = 1\n", "no such oracle; there are once, honest" },
	{ "[expect]\ndriver.state = asleep\n", "no such state; there are" },
	{ "[expect]\nresets = 1\n", "no such count; there are driver.state, fault.NAME" },
	{ "[expect]\nfault.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1\n",
	  "no rule has so long a name" },
	{ "[controller 2]\nvwc = true\n",
	  "[controller 2] 'vwc' is no key of one controller; allowed: mqes, to, mdts" },
	{ "[controller 2]\n[expect]\ntime2.ms = 1\n",
	  "there is one for all controllers, without a number" },
	{ "[expect]\nfault2.lose = 1\n", "there is one for all controllers" },
	{ "[expect]\ndriver17.resets = 1\n", "no such count; there are driver.state" },
	{ "[fault x]\nat = env.timer\ndo = refuse\n", "'refuse' is no action of this site" },
	{ "[workload]\nblock = 1\n", "no such key; there are pattern, ops" },
};

START_TEST(what_is_refused_says_what_is_allowed)
{
	struct nvme_ini_error error;
	char text[1000];

	snprintf(text, sizeof(text), "%s%s", HEAD, bads[_i].text);
	ck_assert_uint_ne(sim_file_load(&file, text, strlen(text), &error), NVME_INI_OK);
	ck_assert_msg(strstr(error.message, bads[_i].sentence), "%s", error.message);
	ck_assert_uint_ge(error.line, 5);
}
END_TEST

/* What does not fit together, although each key is right. */
static const char *const misfits[][2] = {
	{ "[controller]\ncmb = 1M\n", "cmb and pmr: the simulator has no memory of the drive" },
	{ "[workload]\nprotect = true\n",
	  "protect: namespace 1 has no protection information (pi)" },
	{ "[namespace 1]\nms = 8\npi = 1\n[workload]\nprotect = true\nfused_every = 3\n",
	  "protect and fused_every: one of them" },
};

START_TEST(a_world_that_cannot_be_simulated_is_refused)
{
	struct nvme_ini_error error;
	char text[1000];

	snprintf(text, sizeof(text), "%s%s", HEAD, misfits[_i][0]);
	ck_assert_uint_eq(sim_file_load(&file, text, strlen(text), &error), NVME_INI_REFUSED);
	ck_assert_str_eq(error.message, misfits[_i][1]);
}
END_TEST

START_TEST(a_file_is_printed_as_it_was_read)
{
	static struct sim_file read; /* too large for a stack */
	static char text[20000], again[20000];
	struct nvme_text out;

	load(HEAD
	     "class = C\ntitle = a title\nclause = Base 2.0 3.1, unverified\n"
	     "[controller]\nvwc = true\nmqes = 63\n[controller 3]\nready_delay = 5ms\nacl = 0\n"
	     "[budget]\ncontrollers = 2..\nfaults = 9\n"
	     "[namespace 1]\nsize = 2M\nlba = 4096\n"
	     "[driver]\nio_timeout = 7s\n[workload]\npattern = write\nops = 9\nthink = 5ms\n"
	     "linger = 1s\nshutdown = false\nbefore.3 = flush\n" LATE
	     "[expect]\napp.ok = 1..\ndriver.state = live\nfault.lose = 0..1\noracle.data = 0\n"
	     "driver2.state = live\nemu3.commands = 5..\n");
	read = file;
	nvme_text_init(&out, text, sizeof(text));
	sim_file_print(&file, &out);
	ck_assert(!out.cut);
	load(text);
	nvme_text_init(&out, again, sizeof(again));
	sim_file_print(&file, &out);
	ck_assert_str_eq(text, again);
	ck_assert(memcmp(&read.workload, &file.workload, sizeof(file.workload)) == 0);
	ck_assert(memcmp(&read.driver, &file.driver, sizeof(file.driver)) == 0);
	ck_assert(memcmp(&read.expect, &file.expect, sizeof(file.expect)) == 0);
	ck_assert(memcmp(&read.scenario, &file.scenario, sizeof(file.scenario)) == 0);
	ck_assert(memcmp(&read.emulator.own, &file.emulator.own, sizeof(file.emulator.own)) == 0);
	ck_assert_uint_eq(file.emulator.controllers, 3);
	ck_assert_uint_eq(file.emulator.mqes, 63);
	ck_assert_uint_eq(file.emulator.ns[0].blocks, 512);
}
END_TEST

/* Any own keys of any controllers; what does not fit together is refused, in both forms. */
static void draw_controllers(uint64_t seed)
{
	uint64_t n = 0;

	sim_file_init(&file);
	file.scenario.controllers = (uint8_t)(1 + nvme_draw_below(nvme_draw(seed, 1, 1, n++), 16));
	file.emulator.controllers = file.scenario.controllers;
	for (uint32_t ctrl = 1; ctrl < file.emulator.controllers; ctrl++) {
		struct emu_own_keys *own = &file.emulator.own[ctrl];

		own->has = (uint32_t)nvme_draw_below(nvme_draw(seed, 1, 1, n++), 1 << EMU_OWNS);
		for (unsigned int i = 0; i < EMU_OWNS; i++)
			own->value[i] = own->has >> i & 1
						? 1 + nvme_draw_below(nvme_draw(seed, 1, 1, n++), 3)
						: 0;
	}
}

START_TEST(any_controllers_are_read_back_as_they_were_printed)
{
	static struct sim_file drawn; /* too large for a stack */
	static char text[20000];
	struct nvme_ini_error error;
	struct nvme_text out;

	for (uint64_t seed = 0; seed < 200; seed++) {
		draw_controllers(seed);
		drawn = file;
		nvme_text_init(&out, text, sizeof(text));
		sim_file_print(&drawn, &out);
		ck_assert(!out.cut);
		ck_assert_msg(sim_file_load(&file, text, out.used, &error) == NVME_INI_OK, "%s%s",
			      text, error.message);
		ck_assert_uint_eq(file.emulator.controllers, drawn.emulator.controllers);
		ck_assert(memcmp(&file.emulator.own, &drawn.emulator.own,
				 sizeof(drawn.emulator.own)) == 0);
	}
}
END_TEST

START_TEST(every_row_has_a_name_and_a_sentence)
{
	for (unsigned int i = 0; i < SIM_ORACLES; i++)
		ck_assert(sim_oracle_name(i) && sim_oracle_help(i));
	for (unsigned int i = 0; i < SIM_COUNTERS; i++)
		ck_assert(sim_counter_name(i) && sim_counter_help(i));
	for (unsigned int i = 0; i < SIM_PATTERNS; i++)
		ck_assert(sim_pattern_name(i) && sim_pattern_help(i));
	for (unsigned int i = 0; i < SIM_TASK_KINDS; i++)
		ck_assert(sim_task_name(i) && sim_task_help(i));
	ck_assert_ptr_null(sim_oracle_name(SIM_ORACLES));
	ck_assert_ptr_null(sim_counter_help(SIM_COUNTERS));
	ck_assert_ptr_null(sim_pattern_name(SIM_PATTERNS));
	ck_assert_ptr_null(sim_task_help(SIM_TASK_KINDS));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static Suite *world(void)
{
	Suite *suite = suite_create("world");
	TCase *tcase = tcase_create("world");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, nothing_is_found_where_nothing_is_wrong, 0, COUNT(peaceful));
	tcase_add_test(tcase, a_run_is_a_function_of_its_file);
	tcase_add_test(tcase, a_lost_write_is_aborted_and_then_the_controller_reset);
	tcase_add_test(tcase, two_controllers_work_on_one_namespace);
	tcase_add_test(tcase, a_power_cut_is_one_of_all_controllers);
	tcase_add_test(tcase, a_budget_keeps_faults_where_it_says);
	tcase_add_loop_test(tcase, the_host_is_told_by_its_system_that_it_cannot_have_that, 0,
			    (int)(sizeof(environments) / sizeof(environments[0])));
	tcase_add_test(tcase,
		       a_queue_whose_head_stands_still_is_reset_although_all_wait_to_be_sent_again);
	tcase_add_loop_test(tcase, an_oracle_sees_what_is_wrong, 0, COUNT(wrongs));
	tcase_add_loop_test(tcase, a_verdict_says_what_is_not_as_it_should_be, 0, COUNT(verdicts));
	tcase_add_loop_test(tcase, a_power_cut_takes_what_was_not_promised, 0, COUNT(cuts));
	tcase_add_test(tcase, class_t_has_no_errors);
	tcase_add_test(tcase, a_controller_that_never_gets_ready_is_given_up);
	tcase_add_loop_test(tcase, what_is_refused_says_what_is_allowed, 0, COUNT(bads));
	tcase_add_loop_test(tcase, a_world_that_cannot_be_simulated_is_refused, 0,
			    sizeof(misfits) / sizeof(misfits[0]));
	tcase_add_test(tcase, a_file_is_printed_as_it_was_read);
	tcase_add_test(tcase, any_controllers_are_read_back_as_they_were_printed);
	tcase_add_test(tcase, every_row_has_a_name_and_a_sentence);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ world }, 1);
}
