/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A step that reads which namespaces there are, into the table that is not in use; and what differs
 * from the one that is.
 *
 * Rows that are in use stay where they are as long as nothing changed. What is not the same
 * namespace any more, or has other blocks, is refused in the old table too: whoever still points
 * at such a row gets an error, not another namespace's data.
 */
#include "driver/core/internal.h"

enum scan_phase {
	WANT_LIMITS,
	GOT_LIMITS,
	WANT_LIST,
	GOT_LIST,
	WANT_NS,
	GOT_NS,
	WANT_NVM,
	GOT_NVM,
	COMPLETE,
};

static struct nvl_ns *spare_row(struct nvl_ctrl *ctrl)
{
	return &ctrl->ns_spare[ctrl->scan.count];
}

static void go_to(struct nvl_ctrl *ctrl, enum scan_phase phase)
{
	ctrl->life.phase = (uint8_t)phase;
}

/* The table is as long as it gets. */
static bool full(struct nvl_ctrl *ctrl)
{
	ctrl->scan.more = ctrl->scan.more || ctrl->scan.count == ctrl->config.namespaces;
	return ctrl->scan.count == ctrl->config.namespaces;
}

/* For controllers of version 1.0: lists came with 1.1 (unverified). */
static void next_guess(struct nvl_ctrl *ctrl)
{
	struct nvl_scan *scan = &ctrl->scan;
	uint32_t last = nvme_cpu32(ctrl->id.nn);

	if (last > NVL_MAX_NAMESPACES) {
		last = NVL_MAX_NAMESPACES;
		scan->more = true;
	}
	scan->nsid++;
	go_to(ctrl, scan->nsid > last || full(ctrl) ? COMPLETE : WANT_NS);
}

/* A list has to ascend: one that does not would be read for ever, or twice. */
static void next_listed(struct nvl_ctrl *ctrl)
{
	struct nvl_scan *scan = &ctrl->scan;
	uint32_t nsid;

	if (scan->at == NVL_NSIDS) {
		go_to(ctrl, WANT_LIST);
		return;
	}
	nsid = nvme_cpu32(ctrl->nsid_list[scan->at++]);
	if (nsid <= scan->nsid || nsid == NVME_NSID_ALL || full(ctrl)) {
		go_to(ctrl, COMPLETE);
		return;
	}
	scan->nsid = nsid;
	go_to(ctrl, WANT_NS);
}

static void next(struct nvl_ctrl *ctrl)
{
	if (ctrl->scan.by_scan)
		next_guess(ctrl);
	else
		next_listed(ctrl);
}

static int ask_identify(struct nvl_ctrl *ctrl, enum nvme_cns cns)
{
	const struct nvme_sqe sqe = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.nsid = nvme_le32(ctrl->scan.nsid),
		.cdw10 = nvme_le32(NVME_PUT(NVME_IDENTIFY_CNS, (uint32_t)cns)),
		.cdw11 = nvme_le32(NVME_PUT(NVME_IDENTIFY_CSI, NVME_CSI_NVM)),
	};

	return nvl_ask(ctrl, &sqe, NVME_IDENTIFY_BYTES);
}

static int take_list(struct nvl_ctrl *ctrl)
{
	int result = ctrl->life.answer.completion.result;

	if (result < 0)
		return result;
	if (result > 0) {
		ctrl->scan = (struct nvl_scan){ .by_scan = true };
	} else {
		ctrl->scan.at = 0;
		memcpy(ctrl->nsid_list, ctrl->work, sizeof(ctrl->nsid_list));
	}
	next(ctrl);
	return NVL_AGAIN;
}

/* Limits of the command set: controllers before 2.0 have none, and others need not. */
static int take_limits(struct nvl_ctrl *ctrl)
{
	int result = ctrl->life.answer.completion.result;

	if (result < 0)
		return result;
	nvl_ns_limits(ctrl, result ? NULL : (const void *)ctrl->work);
	go_to(ctrl, WANT_LIST);
	return NVL_AGAIN;
}

/* The row is there, unless it was a guess and there is no such namespace. */
static void keep(struct nvl_ctrl *ctrl, const struct nvl_ns *row)
{
	struct nvl_scan *scan = &ctrl->scan;

	if (!scan->by_scan || row->nsze > 0)
		scan->count++;
	next(ctrl);
}

/* What the controller named as active is kept with its reason; a guess need not be there. */
static int take_ns(struct nvl_ctrl *ctrl)
{
	struct nvl_scan *scan = &ctrl->scan;
	int result = ctrl->life.answer.completion.result;
	struct nvl_ns *row = spare_row(ctrl);

	if (result < 0)
		return result;
	if (result == 0) {
		ctrl->id_ns = *(const struct nvme_id_ns *)(const void *)ctrl->work;
		if (NVME_GET(ctrl->id_ns.dps, NVME_ID_NS_DPS_PI) != NVME_PI_NONE) {
			go_to(ctrl, WANT_NVM);
			return NVL_AGAIN;
		}
		nvl_ns_describe(ctrl, scan->nsid, &ctrl->id_ns, NULL, row);
	} else {
		*row = (struct nvl_ns){
			.nsid = scan->nsid,
			.problem = NVL_REASON_NS_IDENTIFY,
			.block_shift = NVL_REFUSED_SHIFT,
			.plain_shift = NVL_REFUSED_SHIFT,
		};
	}
	keep(ctrl, row);
	return NVL_AGAIN;
}

/* The format of protection information; without an answer it is that of old. */
static int take_nvm(struct nvl_ctrl *ctrl)
{
	int result = ctrl->life.answer.completion.result;
	struct nvl_ns *row = spare_row(ctrl);

	if (result < 0)
		return result;
	nvl_ns_describe(ctrl, ctrl->scan.nsid, &ctrl->id_ns,
			result ? NULL : (const void *)ctrl->work, row);
	keep(ctrl, row);
	return NVL_AGAIN;
}

static struct nvl_ns *find(struct nvl_ns *rows, uint32_t count, uint32_t nsid)
{
	for (uint32_t i = 0; i < count; i++) {
		if (rows[i].nsid == nsid)
			return &rows[i];
	}
	return NULL;
}

static bool same_identity(const struct nvl_ns *a, const struct nvl_ns *b)
{
	return memcmp(a->nguid, b->nguid, sizeof(a->nguid)) == 0 &&
	       memcmp(a->eui64, b->eui64, sizeof(a->eui64)) == 0;
}

static void refuse_row(struct nvl_ns *row)
{
	row->problem = NVL_REASON_NS_CHANGED;
	row->block_shift = NVL_REFUSED_SHIFT;
	row->plain_shift = NVL_REFUSED_SHIFT;
	row->block_bytes = 0;
}

/*
 * One namespace that is in the table in use, and what it is now, or NULL.
 * Return: whether something about it is different.
 */
static bool compare(struct nvl_ctrl *ctrl, struct nvl_ns *old, const struct nvl_ns *now)
{
	struct nvl_event event = { .type = NVL_EVENT_NS_REMOVED, .nsid = old->nsid };

	if (now && old->problem == NVL_REASON_NS_CHANGED)
		event.type = NVL_EVENT_NS_ADDED;
	else if (now && !same_identity(old, now))
		event.type = NVL_EVENT_NS_REPLACED;
	else if (now &&
		 (old->block_bytes != now->block_bytes || old->format != now->format ||
		  old->metadata_bytes != now->metadata_bytes || old->extended != now->extended ||
		  old->pi_type != now->pi_type || old->problem != now->problem))
		event.type = NVL_EVENT_NS_REFORMATTED;
	else if (now && old->nsze != now->nsze)
		event.type = NVL_EVENT_NS_RESIZED;
	else if (now)
		return false;
	event.before = old->nsze;
	event.after = now ? now->nsze : 0;
	if (event.type != NVL_EVENT_NS_RESIZED)
		refuse_row(old);
	nvl_notify(ctrl, &event);
	return true;
}

/* After a reset another namespace under a known NSID is refused until someone asks for a rescan. */
static void distrust(struct nvl_ctrl *ctrl, const struct nvl_ns *old, struct nvl_ns *now)
{
	if (now && ctrl->identified && ctrl->life.operation != NVL_OP_RESCAN &&
	    old->problem != NVL_REASON_NS_CHANGED && !same_identity(old, now))
		refuse_row(now);
}

/* The new table is in use from now on, unless it says the same: then rows stay where they are. */
static void commit(struct nvl_ctrl *ctrl)
{
	struct nvl_scan *scan = &ctrl->scan;
	struct nvl_ns *old = ctrl->ns;
	uint32_t old_count = ctrl->ns_count;
	bool changed = false;

	for (uint32_t i = 0; i < old_count; i++) {
		struct nvl_ns *now = find(ctrl->ns_spare, scan->count, old[i].nsid);

		distrust(ctrl, &old[i], now);
		changed |= compare(ctrl, &old[i], now);
		if (now && !changed) {
			old[i].nuse = now->nuse;
			old[i].ncap = now->ncap;
		}
	}
	ctrl->info.by_scan = scan->by_scan;
	ctrl->info.more_namespaces = scan->more;
	if (!changed && scan->count == old_count)
		return;
	ctrl->ns = ctrl->ns_spare;
	ctrl->ns_spare = old;
	ctrl->ns_count = scan->count;
	for (uint32_t i = 0; i < scan->count; i++) {
		const struct nvl_event event = {
			.type = NVL_EVENT_NS_ADDED,
			.nsid = ctrl->ns[i].nsid,
			.after = ctrl->ns[i].nsze,
		};

		if (!find(old, old_count, event.nsid))
			nvl_notify(ctrl, &event);
	}
}

/** nvl_step_scan - the namespaces, by list, or one by one where there are no lists */
int nvl_step_scan(struct nvl_ctrl *ctrl)
{
	int result = 0;

	switch ((enum scan_phase)ctrl->life.phase) {
	case WANT_LIMITS:
		ctrl->scan = (struct nvl_scan){ 0 };
		if (ctrl->info.vs >= NVME_VERSION(2, 0, 0))
			return ask_identify(ctrl, NVME_CNS_CTRL_CSI);
		nvl_ns_limits(ctrl, NULL);
		go_to(ctrl, WANT_LIST);
		return NVL_AGAIN;
	case GOT_LIMITS:
		result = take_limits(ctrl);
		break;
	case WANT_LIST:
		if (!(ctrl->info.quirks & NVL_QUIRK_NO_LIST))
			return ask_identify(ctrl, NVME_CNS_ACTIVE_NS_LIST);
		ctrl->scan.by_scan = true;
		next(ctrl);
		return NVL_AGAIN;
	case GOT_LIST:
		result = take_list(ctrl);
		break;
	case WANT_NS:
		return ask_identify(ctrl, NVME_CNS_NS);
	case GOT_NS:
		result = take_ns(ctrl);
		break;
	case WANT_NVM:
		return ask_identify(ctrl, NVME_CNS_NS_CSI);
	case GOT_NVM:
		result = take_nvm(ctrl);
		break;
	case COMPLETE:
		commit(ctrl);
		return 0;
	}
	if (result < 0)
		nvl_fail(ctrl, NVL_REASON_NS_LIST, result, 0);
	return result;
}
