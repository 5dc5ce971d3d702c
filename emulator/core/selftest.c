/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Device Self-test (Base 2.0 5.8 and 8.6, unverified). Half its time it does nothing, then it looks
 * at its controller's health and asks the media where they cannot be read, then it waits for its
 * end. Short: the first blocks of each namespace; extended: all of them.
 */
#include "emulator/core/log.h"

#define CDW10		offsetof(struct nvme_sqe, cdw10)
#define NSID		offsetof(struct nvme_sqe, nsid)
#define HOUR_NSEC	3600000000000ull
#define MINUTE_NSEC	60000000000ull
#define SHORT_BLOCKS	2048
#define ASK_BLOCKS	(1u << 20) /* of a medium at a time */
#define ASK_TIMES	64	   /* in one stage */
#define ERROR_NOTSUP	(-95)
#define RECORD_BYTES	(24 + (uint32_t)sizeof(struct emu_self_tests))
#define RECORD_VERSION	1
#define EINVAL_NEGATIVE (-22)

enum phase {
	PHASE_IDLE,   /* until half of the time is over */
	PHASE_MEDIA,  /* asking the media */
	PHASE_LOOKED, /* until the end */
};

/* Numbers of the parts of a test, as the specification's example has them. */
enum segment {
	SEGMENT_SMART = 2,
	SEGMENT_INTEGRITY = 5,
	SEGMENT_MEDIA = 7,
};

void emu_self_test_init(struct emu *emu)
{
	emu->self_test.tag = EMU_NONE;
	for (uint32_t i = 0; i < emu->config.controllers; i++) {
		for (uint32_t n = 0; n < NVME_SELF_TEST_RESULTS; n++)
			emu->ctrl[i].self_tests.result[n].dsts = NVME_SELF_TEST_UNUSED;
	}
}

static uint64_t length_nsec(const struct emu *emu, uint32_t code)
{
	return code == NVME_SELF_TEST_SHORT ? emu->config.self_test_time
					    : emu->config.edstt * MINUTE_NSEC;
}

/* Version, reserved, operation, NSID, what is left of its time, results. */
static void save(struct emu *emu, const struct emu_ctrl *ctrl)
{
	const struct emu_self_test *test = &emu->self_test;
	uint8_t record[RECORD_BYTES] = { RECORD_VERSION };
	bool own = test->code == NVME_SELF_TEST_EXTENDED && test->ctrl == ctrl->index;

	if (own) {
		record[2] = test->code;
		nvme_store_le32(record + 4, test->nsid);
		nvme_store_le64(record + 8, test->end_nsec - test->start_nsec);
	}
	memcpy(record + 24, &ctrl->self_tests, sizeof(ctrl->self_tests));
	emu_save(emu, NULL, EMU_RECORD_SELF_TEST, ctrl->index, record, sizeof(record));
}

static struct nvme_self_test_result *finish(struct emu *emu, enum nvme_self_test_outcome outcome)
{
	struct emu_self_test *test = &emu->self_test;
	struct emu_ctrl *ctrl = &emu->ctrl[test->ctrl];
	struct nvme_self_test_result *results = ctrl->self_tests.result;

	memmove(results + 1, results, (NVME_SELF_TEST_RESULTS - 1) * sizeof(*results));
	memset(results, 0, sizeof(*results));
	results->dsts = (uint8_t)(NVME_PUT(NVME_SELF_TEST_RESULT, outcome) |
				  NVME_PUT(NVME_SELF_TEST_CODE, test->code));
	results->poh = nvme_le64(emu_power_on_nsec(emu, ctrl) / HOUR_NSEC);
	results->nsid = nvme_le32(test->nsid);
	results->vdinfo = (uint8_t)NVME_PUT(NVME_SELF_TEST_VALID_NSID, test->nsid != 0);
	emu_trace(emu, ctrl, SELF_TEST, test->code, test->nsid, outcome);
	test->code = 0;
	test->stale = test->tag != EMU_NONE;
	emu_sub_timer_set(emu, EMU_TIMER_SELF_TEST, EMU_NEVER);
	return results;
}

static void end(struct emu *emu, enum nvme_self_test_outcome outcome)
{
	finish(emu, outcome);
	save(emu, &emu->ctrl[emu->self_test.ctrl]);
}

/* A part of the test failed: the host is told at once (Base 2.0 5.2: Diagnostic Failure). */
static void fail(struct emu *emu, enum segment segment, bool has_block)
{
	struct emu_self_test *test = &emu->self_test;
	struct emu_ctrl *ctrl = &emu->ctrl[test->ctrl];
	struct nvme_self_test_result *result = finish(emu, NVME_SELF_TEST_FAILED_SEGMENT);

	result->seg = (uint8_t)segment;
	if (has_block) {
		result->nsid = nvme_le32(test->at_nsid);
		result->flba = nvme_le64(test->at_block);
		result->sct = NVME_SCT_MEDIA;
		result->sc = (uint8_t)NVME_GET(NVME_SC_UNRECOVERED_READ_ERROR, NVME_STATUS_SC);
		result->vdinfo = (uint8_t)(NVME_MASK(NVME_SELF_TEST_VALID_NSID) |
					   NVME_MASK(NVME_SELF_TEST_VALID_FLBA) |
					   NVME_MASK(NVME_SELF_TEST_VALID_SCT) |
					   NVME_MASK(NVME_SELF_TEST_VALID_SC));
	}
	save(emu, ctrl);
	emu_log_event_error(emu, ctrl,
			    has_block ? NVME_SC_UNRECOVERED_READ_ERROR : NVME_SC_INTERNAL_ERROR);
	emu_raise_event(emu, ctrl, NVME_AER_DIAG_FAILURE);
	emu_telemetry_capture(emu, ctrl, "a self-test failed");
}

static bool is_healthy(struct emu *emu, struct emu_ctrl *ctrl)
{
	struct nvme_smart_log smart;

	emu_build_smart(emu, ctrl, &smart);
	return !NVME_GET(smart.critical_warning, NVME_SMART_WARNING_RELIABILITY) &&
	       !NVME_GET(smart.critical_warning, NVME_SMART_WARNING_READ_ONLY);
}

static uint64_t blocks_of(const struct emu_self_test *test, const struct emu_ns *ns)
{
	return test->code == NVME_SELF_TEST_SHORT && ns->blocks > SHORT_BLOCKS ? SHORT_BLOCKS
									       : ns->blocks;
}

/* The namespace to look at now, or NULL when the last one is done. */
static const struct emu_ns *current_ns(struct emu *emu)
{
	struct emu_self_test *test = &emu->self_test;
	const struct emu_ctrl *ctrl = &emu->ctrl[test->ctrl];
	bool all = test->nsid == NVME_NSID_ALL;

	while (test->at_nsid) {
		const struct emu_ns *ns = emu_ns_find(emu, ctrl, test->at_nsid);

		if (ns && test->at_block < blocks_of(test, ns))
			return ns;
		test->at_nsid = all ? emu_ns_next(emu, ctrl, test->at_nsid) : 0;
		test->at_block = 0;
	}
	return NULL;
}

static void looked(struct emu *emu)
{
	emu->self_test.phase = PHASE_LOOKED;
	emu_sub_timer_set(emu, EMU_TIMER_SELF_TEST, emu->self_test.end_nsec);
}

/* What the medium said of the blocks from test->at_block on. False: the test is over. */
static bool take_answer(struct emu *emu, int error)
{
	struct emu_self_test *test = &emu->self_test;

	if (error == ERROR_NOTSUP) { /* a medium without bad blocks */
		test->at_block = UINT64_MAX;
		return true;
	}
	if (error || test->run.nlb == 0 || test->run.nlb > test->asked) {
		end(emu, NVME_SELF_TEST_FATAL);
		return false;
	}
	if (test->run.uncorrectable) {
		fail(emu, test->code == NVME_SELF_TEST_SHORT ? SEGMENT_INTEGRITY : SEGMENT_MEDIA,
		     true);
		return false;
	}
	test->at_block += test->run.nlb;
	return true;
}

/* Asks the medium once. Return: EMU_PENDING, or its answer. */
static int ask(struct emu *emu, const struct emu_ns *ns)
{
	struct emu_self_test *test = &emu->self_test;
	struct emu_ctrl *ctrl = &emu->ctrl[test->ctrl];
	struct emu_req *req = emu_req_get(emu, ctrl, true);
	uint64_t left = blocks_of(test, ns) - test->at_block;
	struct emu_media media = {
		.op = EMU_MEDIA_STATUS,
		.ctrl = ctrl->index,
		.nsid = test->at_nsid,
		.slba = test->at_block,
		.nlb = left < ASK_BLOCKS ? (uint32_t)left : ASK_BLOCKS,
		.lbads = ns->lbads,
		.ms = ns->ms,
		.ret_status = &test->run,
	};
	int result;

	if (!req)
		emu_panic(emu, "no request is left for the self-test");
	media.tag = req->tag;
	test->asked = media.nlb;
	test->tag = req->tag;
	memset(&req->sqe, 0, sizeof(req->sqe));
	req->sqid = EMU_INTERNAL_SQ;
	req->state = EMU_REQ_MEDIA;
	ctrl->media_pending++;
	emu_trace(emu, ctrl, MEDIA, (uint16_t)req->sqid, req->cid, media.op, media.nsid, media.slba,
		  media.nlb);
	result = emu->ops.media(emu->ops.arg, &media);
	if (result == EMU_PENDING)
		return result;
	ctrl->media_pending--;
	test->tag = EMU_NONE;
	emu_req_put(emu, req);
	return result;
}

static void look(struct emu *emu)
{
	for (uint32_t times = 0; times < ASK_TIMES; times++) {
		const struct emu_ns *ns = current_ns(emu);
		int result;

		if (!ns) {
			looked(emu);
			return;
		}
		result = ask(emu, ns);
		if (result == EMU_PENDING || !take_answer(emu, result))
			return;
	}
	emu_sub_timer_set(emu, EMU_TIMER_SELF_TEST, emu->now_nsec);
}

void emu_self_test_answered(struct emu *emu, struct emu_req *req, int error)
{
	struct emu_self_test *test = &emu->self_test;
	bool again = req->dropped || test->stale;

	emu->ctrl[req->ctrl].media_pending--;
	test->tag = EMU_NONE;
	emu_req_put(emu, req);
	test->stale = false;
	/* Its controller was reset, or it was for an earlier test: then it asks again. */
	if (test->code && (again || take_answer(emu, error)))
		emu_sub_timer_set(emu, EMU_TIMER_SELF_TEST, emu->now_nsec);
}

void emu_self_test_expired(struct emu *emu)
{
	struct emu_self_test *test = &emu->self_test;
	struct emu_ctrl *ctrl = &emu->ctrl[test->ctrl];

	if (test->phase == PHASE_LOOKED) {
		end(emu, NVME_SELF_TEST_PASSED);
		return;
	}
	if (test->tag != EMU_NONE)
		return; /* the answer to a test that ended comes first */
	if (ctrl->todo & EMU_TODO_RESETS)
		return; /* the reset waits for the medium, and must not wait for the whole test */
	if (test->phase == PHASE_IDLE) {
		if (!is_healthy(emu, ctrl)) {
			fail(emu, SEGMENT_SMART, false);
			return;
		}
		test->phase = PHASE_MEDIA;
		test->at_block = 0;
		test->at_nsid = test->nsid == NVME_NSID_ALL ? emu_ns_next(emu, ctrl, 0)
							    : test->nsid;
	}
	look(emu);
}

static void start(struct emu *emu, struct emu_ctrl *ctrl, uint32_t code, uint32_t nsid,
		  uint64_t length)
{
	struct emu_self_test *test = &emu->self_test;

	test->code = (uint8_t)code;
	test->ctrl = ctrl->index;
	test->nsid = nsid;
	test->phase = PHASE_IDLE;
	test->start_nsec = emu->now_nsec;
	test->end_nsec = emu->now_nsec + length;
	emu_sub_timer_set(emu, EMU_TIMER_SELF_TEST, emu->now_nsec + length / 2);
}

/* Base 2.0 5.8: which namespaces; the operation belongs to the controller that is told to. */
emu_verdict emu_exec_self_test(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req)
{
	uint32_t code = NVME_GET(nvme_cpu32(req->sqe.cdw10), NVME_SELF_TEST_STC);
	uint32_t nsid = nvme_cpu32(req->sqe.nsid);

	if (code == NVME_SELF_TEST_ABORT) {
		if (emu->self_test.code && emu->self_test.ctrl == ctrl->index)
			end(emu, NVME_SELF_TEST_ABORTED_COMMAND);
		return NVME_SC_SUCCESS;
	}
	if (code != NVME_SELF_TEST_SHORT && code != NVME_SELF_TEST_EXTENDED)
		return emu_bad_field(req, CDW10, 0);
	if (nsid != 0 && nsid != NVME_NSID_ALL && !emu_ns_find(emu, ctrl, nsid))
		return emu_ns_valid(emu, nsid) ? emu_bad_field(req, NSID, 0)
					       : emu_bad(req, NVME_SC_INVALID_NS, NSID, 0);
	if (emu->self_test.code)
		return emu_bad(req, NVME_SC_SELF_TEST_IN_PROGRESS, CDW10, 0);
	start(emu, ctrl, code, nsid, length_nsec(emu, code));
	save(emu, ctrl);
	return NVME_SC_SUCCESS;
}

void emu_self_test_reset(struct emu *emu, const struct emu_ctrl *ctrl)
{
	const struct emu_self_test *test = &emu->self_test;
	uint64_t half = test->start_nsec + (test->end_nsec - test->start_nsec) / 2;

	if (!test->code || test->ctrl != ctrl->index)
		return;
	if (test->code == NVME_SELF_TEST_SHORT)
		end(emu, NVME_SELF_TEST_ABORTED_RESET);
	else if (test->phase != PHASE_LOOKED)
		emu_sub_timer_set(emu, EMU_TIMER_SELF_TEST,
				  half > emu->now_nsec ? half : emu->now_nsec);
}

void emu_self_test_disturb(struct emu *emu, uint32_t nsid, enum nvme_self_test_outcome outcome)
{
	const struct emu_self_test *test = &emu->self_test;
	bool same = test->nsid == nsid || (nsid == NVME_NSID_ALL && test->nsid) ||
		    (test->nsid == NVME_NSID_ALL && outcome == NVME_SELF_TEST_ABORTED_FORMAT);

	if (test->code && (same || outcome == NVME_SELF_TEST_ABORTED_SANITIZE))
		end(emu, outcome);
}

/* An extended test goes on after power was gone (Base 2.0 8.6.2); it begins anew here. */
int emu_load_self_test(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes)
{
	struct emu_ctrl *ctrl;

	if (id >= emu->config.controllers || bytes != RECORD_BYTES ||
	    nvme_load_le16(data) != RECORD_VERSION ||
	    (data[2] != 0 && data[2] != NVME_SELF_TEST_EXTENDED))
		return EINVAL_NEGATIVE;
	ctrl = &emu->ctrl[id];
	memcpy(&ctrl->self_tests, data + 24, sizeof(ctrl->self_tests));
	if (data[2] && emu->config.self_test && !emu->self_test.code)
		start(emu, ctrl, data[2], nvme_load_le32(data + 4),
		      length_nsec(emu, NVME_SELF_TEST_EXTENDED));
	return 0;
}

void emu_fill_self_test(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req,
			uint64_t offset, uint8_t *data, uint32_t bytes)
{
	const struct emu_log_part part = { offset, data, bytes };
	const struct emu_self_test *test = &emu->self_test;
	uint8_t head[4] = { 0 };

	(void)req;
	if (test->code && test->ctrl == ctrl->index) {
		uint64_t done = emu->now_nsec - test->start_nsec;
		uint64_t length = test->end_nsec - test->start_nsec;

		head[0] = test->code;
		head[1] = (uint8_t)(done < length ? done / (length / 100 + 1) : 99);
	}
	emu_log_put(&part, 0, head, sizeof(head));
	emu_log_put(&part, sizeof(head), &ctrl->self_tests, sizeof(ctrl->self_tests));
}
