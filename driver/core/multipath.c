/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Paths to one subsystem; see nvl_multipath.h.
 *
 *   start -> choose a path -> its queue -> done, or
 *                 ^                         a path error: wait -> nvl_mp_poll() -> choose again
 *
 * Only nvl_mp_poll() sends again, so a callback never comes from inside of a submission.
 */
#include "driver/core/internal.h"
#include "driver/core/nvl_multipath.h"

#define NO_REQUEST UINT32_MAX
#define NO_PATH	   UINT32_MAX
#define SCT_PATH   3
#define LOG_BYTES  4096u /* of an ANA log; more groups than fit are unknown, and not used */

/** struct group - an ANA group, as a path's log said */
struct group {
	uint32_t id;
	uint32_t state; /* enum nvme_ana_state */
};

/**
 * struct path - a controller and one of its queues
 * @has_ana: the controller has the log; without it all is optimized
 * @stale: what @groups says may have changed
 */
struct path {
	struct nvl_ctrl *ctrl;
	struct nvl_queue *queue;
	bool has_ana;
	bool stale;
	uint32_t group_count;
	struct group groups[NVL_MP_GROUPS];
	struct nvl_mp_counters counters;
};

/** struct request - a transfer; @next: in the list of those that wait, or that are free */
struct request {
	struct nvl_mp *mp;
	struct nvl_mp_io io;
	nvl_done_fn *done;
	void *arg;
	struct nvl_completion last;
	uint32_t path;
	uint32_t tries;
	uint32_t next;
	uint8_t opcode;
};

struct nvl_mp {
	struct nvl_mp_config config;
	uint32_t path_count;
	uint32_t turn; /* path that was used last */
	uint32_t free;
	uint32_t wait_first;
	uint32_t wait_last;
	uint32_t outstanding;
	struct path paths[NVL_MP_PATHS];
	uint8_t log[LOG_BYTES];
	struct request requests[];
};

const char *nvl_mp_policy_name(enum nvl_mp_policy policy)
{
	switch (policy) {
	case NVL_MP_ROUND_ROBIN:
		return "round-robin";
	case NVL_MP_QUEUE_DEPTH:
		return "queue-depth";
	case NVL_MP_FAILOVER:
		return "failover";
	case NVL_MP_POLICIES:
		break;
	}
	return "?";
}

void nvl_mp_config_init(struct nvl_mp_config *config)
{
	*config = (struct nvl_mp_config){ .requests = 256, .tries = 8 };
}

size_t nvl_mp_size(const struct nvl_mp_config *config)
{
	if (config->requests == 0 || config->requests > 65536 || config->tries == 0 ||
	    config->policy >= NVL_MP_POLICIES)
		return 0;
	return sizeof(struct nvl_mp) + config->requests * sizeof(struct request);
}

struct nvl_mp *nvl_mp_init(void *memory, const struct nvl_mp_config *config)
{
	struct nvl_mp *mp = memory;

	memset(memory, 0, nvl_mp_size(config));
	mp->config = *config;
	for (uint32_t i = 0; i < config->requests; i++)
		mp->requests[i].next = i + 1 < config->requests ? i + 1 : NO_REQUEST;
	mp->wait_first = NO_REQUEST;
	mp->wait_last = NO_REQUEST;
	return mp;
}

int nvl_mp_add(struct nvl_mp *mp, struct nvl_ctrl *ctrl, struct nvl_queue *queue)
{
	const struct nvme_id_ctrl *id = nvl_id_ctrl(ctrl);
	struct path *path = &mp->paths[mp->path_count];

	if (!queue || nvl_state(ctrl) != NVL_STATE_LIVE)
		return -NVL_EINVAL;
	for (uint32_t i = 0; i < mp->path_count; i++) {
		const struct nvme_id_ctrl *other = nvl_id_ctrl(mp->paths[i].ctrl);

		if (mp->paths[i].ctrl == ctrl ||
		    memcmp(id->subnqn, other->subnqn, sizeof(id->subnqn)) != 0)
			return -NVL_EINVAL;
	}
	if (mp->path_count == NVL_MP_PATHS)
		return -NVL_ENOMEM;
	*path = (struct path){
		.ctrl = ctrl,
		.queue = queue,
		.has_ana = NVME_GET(id->cmic, NVME_ID_CTRL_CMIC_ANARS),
	};
	path->stale = path->has_ana;
	return (int)mp->path_count++;
}

void nvl_mp_set_policy(struct nvl_mp *mp, enum nvl_mp_policy policy)
{
	mp->config.policy = policy;
}

static struct group *find_group(struct path *path, uint32_t id)
{
	for (uint32_t i = 0; i < path->group_count; i++) {
		if (path->groups[i].id == id)
			return &path->groups[i];
	}
	return NULL;
}

/* A path whose log was not read yet is used: the controller says so if it cannot be. */
static enum nvl_mp_state state_of(const struct path *path, const struct nvl_ns *ns)
{
	const struct group *group;

	if (!path->has_ana || ns->ana_group == 0 || path->group_count == 0)
		return NVL_MP_OPTIMIZED;
	group = find_group((struct path *)(uintptr_t)path, ns->ana_group);
	if (group && group->state == NVME_ANA_OPTIMIZED)
		return NVL_MP_OPTIMIZED;
	return group && group->state == NVME_ANA_NON_OPTIMIZED ? NVL_MP_NON_OPTIMIZED
							       : NVL_MP_UNUSABLE;
}

enum nvl_mp_state nvl_mp_state(const struct nvl_mp *mp, uint32_t index, uint32_t nsid)
{
	const struct path *path = &mp->paths[index];
	const struct nvl_ns *ns;

	if (index >= mp->path_count || nvl_state(path->ctrl) != NVL_STATE_LIVE)
		return NVL_MP_UNUSABLE;
	ns = nvl_ns_find(path->ctrl, nsid);
	return ns && ns->problem == 0 ? state_of(path, ns) : NVL_MP_UNUSABLE;
}

/* How good a path is by policy; the smallest is taken. @distance: from the one that was last. */
static uint64_t rank(const struct nvl_mp *mp, uint32_t index, enum nvl_mp_state state)
{
	uint32_t distance = (index + mp->path_count - mp->turn - 1) % mp->path_count;
	uint64_t order = 0;

	switch (mp->config.policy) {
	case NVL_MP_ROUND_ROBIN:
		order = distance;
		break;
	case NVL_MP_QUEUE_DEPTH:
		order = (uint64_t)nvl_queue_outstanding(mp->paths[index].queue) << 8 | distance;
		break;
	case NVL_MP_FAILOVER:
	case NVL_MP_POLICIES:
		order = index == mp->turn ? 0 : 1 + distance;
		break;
	}
	return (uint64_t)state << 48 | order;
}

/* Return: the path, not one in @but; NO_PATH if none is usable. */
static uint32_t choose(const struct nvl_mp *mp, const struct nvl_mp_io *io, uint32_t but)
{
	uint64_t best = UINT64_MAX;
	uint32_t found = NO_PATH;

	for (uint32_t i = 0; i < mp->path_count; i++) {
		enum nvl_mp_state state = nvl_mp_state(mp, i, io->nsid);
		uint64_t order;

		if (state == NVL_MP_UNUSABLE || (but & 1u << i) != 0 ||
		    (io->buffers && !io->buffers[i]))
			continue;
		order = rank(mp, i, state);
		if (order < best) {
			best = order;
			found = i;
		}
	}
	return found;
}

static void wait_for_path(struct nvl_mp *mp, struct request *request)
{
	uint32_t index = (uint32_t)(request - mp->requests);

	request->next = NO_REQUEST;
	if (mp->wait_first == NO_REQUEST)
		mp->wait_first = index;
	else
		mp->requests[mp->wait_last].next = index;
	mp->wait_last = index;
}

static void report(struct nvl_mp *mp, struct request *request)
{
	struct nvl_completion completion = request->last;
	nvl_done_fn *done = request->done;
	void *arg = request->arg;

	if (completion.result != 0 && request->path != NO_PATH)
		mp->paths[request->path].counters.reported++;
	request->next = mp->free;
	mp->free = (uint32_t)(request - mp->requests);
	mp->outstanding--;
	done(arg, &completion);
}

/* What the path said of itself, not of the data. */
static bool is_path_error(const struct nvl_completion *completion)
{
	switch (completion->result) {
	case -NVL_ECANCELED:
	case -NVL_ETIMEDOUT:
	case -NVL_ENODEV:
	case -NVL_ECONNRESET:
	case -NVL_ESHUTDOWN:
		return true;
	default:
		return completion->result > 0 &&
		       NVME_GET(completion->status, NVME_STATUS_SCT) == SCT_PATH;
	}
}

/* A path that does not reach a namespace is not asked again before its log said that it does. */
static void distrust(struct nvl_mp *mp, const struct request *request)
{
	struct path *path = &mp->paths[request->path];
	const struct nvl_ns *ns = nvl_ns_find(path->ctrl, request->io.nsid);
	struct group *group = ns ? find_group(path, ns->ana_group) : NULL;
	uint16_t code = nvme_status_code(request->last.status);

	if (request->last.result < 0 || !path->has_ana)
		return;
	path->stale = true;
	if (code != NVME_SC_ANA_INACCESSIBLE && code != NVME_SC_ANA_PERSISTENT_LOSS &&
	    code != NVME_SC_ANA_TRANSITION)
		return;
	if (!group && ns && path->group_count < NVL_MP_GROUPS) {
		group = &path->groups[path->group_count++];
		group->id = ns->ana_group;
	}
	if (group)
		group->state = code == NVME_SC_ANA_TRANSITION ? NVME_ANA_CHANGE
							      : NVME_ANA_INACCESSIBLE;
}

static void transfer_done(void *arg, const struct nvl_completion *completion)
{
	struct request *request = arg;
	struct nvl_mp *mp = request->mp;

	request->last = *completion;
	if (!is_path_error(completion) || request->tries >= mp->config.tries) {
		report(mp, request);
		return;
	}
	mp->paths[request->path].counters.failed++;
	distrust(mp, request);
	wait_for_path(mp, request);
}

static int send_on(struct nvl_mp *mp, struct request *request, uint32_t index)
{
	const struct path *path = &mp->paths[index];
	const struct nvl_mp_io *from = &request->io;
	const struct nvl_io io = {
		.ns = nvl_ns_find(path->ctrl, from->nsid),
		.slba = from->slba,
		.nlb = from->nlb,
		.flags = from->flags,
		.buffer = from->buffers ? from->buffers[index] : NULL,
		.offset = from->offset,
	};

	switch (request->opcode) {
	case NVME_CMD_READ:
		return nvl_read(path->queue, &io, transfer_done, request);
	case NVME_CMD_WRITE:
		return nvl_write(path->queue, &io, transfer_done, request);
	default:
		return nvl_flush(path->queue, from->nsid, transfer_done, request);
	}
}

/* Return: 0; -NVL_EAGAIN when all that could are full; -NVL_ENODEV without one; -NVL_EINVAL. */
static int send(struct nvl_mp *mp, struct request *request)
{
	uint32_t but = 0;
	int result = -NVL_ENODEV;

	for (;;) {
		uint32_t index = choose(mp, &request->io, but);
		uint32_t before = request->path;
		int error;

		if (index == NO_PATH)
			return result;
		request->path = index;
		error = send_on(mp, request, index);
		if (error == 0) {
			request->tries++;
			mp->turn = index;
			mp->paths[index].counters.started++;
			return 0;
		}
		request->path = before;
		if (error == -NVL_EINVAL)
			return error;
		/* Full, or it went down a moment ago: another one. */
		if (error == -NVL_EAGAIN || error == -NVL_EBUSY)
			result = -NVL_EAGAIN;
		but |= 1u << index;
	}
}

static int start(struct nvl_mp *mp, uint8_t opcode, const struct nvl_mp_io *io, nvl_done_fn *done,
		 void *arg)
{
	struct request *request;
	uint32_t next;
	int error;

	if (mp->free == NO_REQUEST)
		return -NVL_EAGAIN;
	if (mp->path_count == 0)
		return -NVL_EINVAL;
	request = &mp->requests[mp->free];
	next = request->next;
	*request = (struct request){
		.mp = mp,
		.io = *io,
		.done = done,
		.arg = arg,
		.path = NO_PATH,
		.opcode = opcode,
		.next = next,
		.last = { .result = -NVL_ENODEV },
	};
	error = send(mp, request);
	if (error == -NVL_EAGAIN || error == -NVL_EINVAL)
		return error; /* Still the first of the free ones. */
	mp->free = next;
	mp->outstanding++;
	if (error)
		wait_for_path(mp, request);
	return 0;
}

int nvl_mp_read(struct nvl_mp *mp, const struct nvl_mp_io *io, nvl_done_fn *done, void *arg)
{
	return start(mp, NVME_CMD_READ, io, done, arg);
}

int nvl_mp_write(struct nvl_mp *mp, const struct nvl_mp_io *io, nvl_done_fn *done, void *arg)
{
	return start(mp, NVME_CMD_WRITE, io, done, arg);
}

int nvl_mp_flush(struct nvl_mp *mp, uint32_t nsid, nvl_done_fn *done, void *arg)
{
	const struct nvl_mp_io io = { .nsid = nsid };

	return start(mp, NVME_CMD_FLUSH, &io, done, arg);
}

/* Whether a path may come back: one that resets, or whose group changes or is to be looked at. */
static bool has_hope(const struct nvl_mp *mp)
{
	for (uint32_t i = 0; i < mp->path_count; i++) {
		enum nvl_state state = nvl_state(mp->paths[i].ctrl);

		if (state == NVL_STATE_STARTING || state == NVL_STATE_RESETTING ||
		    state == NVL_STATE_FAILED || (state == NVL_STATE_LIVE && mp->paths[i].stale))
			return true;
	}
	return false;
}

/* What waits is sent, as it came; what no path will take any more is reported. */
static void send_waiting(struct nvl_mp *mp)
{
	uint32_t last = mp->wait_last;
	bool more = mp->wait_first != NO_REQUEST;

	while (more) {
		uint32_t index = mp->wait_first;
		struct request *request = &mp->requests[index];
		int error;

		more = index != last;
		mp->wait_first = request->next;
		error = send(mp, request);
		if (error == -NVL_EAGAIN || (error == -NVL_ENODEV && has_hope(mp))) {
			wait_for_path(mp, request);
			continue;
		}
		if (error == 0)
			continue;
		if (request->last.result == 0)
			request->last.result = error;
		report(mp, request);
	}
}

uint32_t nvl_mp_poll(struct nvl_mp *mp)
{
	uint32_t taken = 0;

	for (uint32_t i = 0; i < mp->path_count; i++) {
		/* It is the driver of a controller that looks after its recovery. */
		nvl_step(mp->paths[i].ctrl);
		taken += nvl_poll(mp->paths[i].queue, 0);
	}
	send_waiting(mp);
	for (uint32_t i = 0; i < mp->path_count; i++)
		nvl_ring(mp->paths[i].queue);
	return taken;
}

/* The controller's log is not believed: counts are compared with what is there. */
static void take_log(struct path *path, const uint8_t *log, uint32_t bytes)
{
	const struct nvme_ana_log *head = (const void *)log;
	uint32_t groups = bytes >= sizeof(*head) ? nvme_cpu16(head->ngrps) : 0;
	uint64_t at = sizeof(*head);

	path->group_count = 0;
	path->stale = false;
	for (uint32_t i = 0; i < groups && i < NVL_MP_GROUPS; i++) {
		struct nvme_ana_group_desc group;

		if (at + sizeof(group) > bytes)
			break;
		memcpy(&group, log + at, sizeof(group));
		path->groups[i].id = nvme_cpu32(group.grpid);
		path->groups[i].state = NVME_GET(group.state, NVME_ANA_STATE);
		path->stale |= path->groups[i].state == NVME_ANA_CHANGE;
		path->group_count++;
		at += sizeof(group) + (uint64_t)nvme_cpu32(group.nnsids) * sizeof(nvme_u32le);
	}
}

void nvl_mp_event(struct nvl_mp *mp, uint32_t index, const struct nvl_event *event)
{
	if (index >= mp->path_count || event->type != NVL_EVENT_ASYNC || event->lid != NVME_LID_ANA)
		return;
	/* The driver's copy may be shorter than the log: then it is read again. */
	mp->paths[index].stale = true;
}

bool nvl_mp_stale(const struct nvl_mp *mp)
{
	for (uint32_t i = 0; i < mp->path_count; i++) {
		if (mp->paths[i].stale && nvl_state(mp->paths[i].ctrl) == NVL_STATE_LIVE)
			return true;
	}
	return false;
}

int nvl_mp_update(struct nvl_mp *mp, bool all)
{
	int first = 0;

	for (uint32_t i = 0; i < mp->path_count; i++) {
		struct path *path = &mp->paths[i];
		int result;

		if (!path->has_ana || (!all && !path->stale) ||
		    nvl_state(path->ctrl) != NVL_STATE_LIVE)
			continue;
		memset(mp->log, 0, sizeof(mp->log));
		result = nvl_log_ana(path->ctrl, true, mp->log, sizeof(mp->log));
		if (result == 0)
			take_log(path, mp->log, sizeof(mp->log));
		else if (first == 0)
			first = result;
	}
	return first;
}

const struct nvl_mp_counters *nvl_mp_counters(const struct nvl_mp *mp, uint32_t path)
{
	return path < mp->path_count ? &mp->paths[path].counters : NULL;
}

uint32_t nvl_mp_outstanding(const struct nvl_mp *mp)
{
	return mp->outstanding;
}
