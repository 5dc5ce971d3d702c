/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server's one thread: sockets, shared doorbells, the core and its media.
 *
 * With every BAR0 trapped it sleeps in epoll until something happens. Shared doorbells make no
 * sound, so while a client has them it spins: turns without a system call, sockets looked at in
 * between. After SPIN_NSEC without progress it sleeps a little, longer each time, and never longer
 * than SLEEP_MAX_NSEC while a controller is live.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "emulator/app/session.h"
#include "emulator/device/say.h"

#define SPIN_NSEC	200000u
#define SLEEP_TURNS	64u /* after a short sleep: what was active lately, and some of the rest */
#define SPIN_TURNS	2048u
#define BUSY_TURN	8u /* idle turns that one with work counts as */
#define SLEEP_MIN_NSEC	5000u
#define SLEEP_MAX_NSEC	100000u
#define SLEEP_DEAD_NSEC 1000000u /* registers in shared memory, controller not enabled */
#define EVENTS		32
#define NSEC_PER_SEC	1000000000u
#define FOREVER		UINT64_MAX
#define CHECK_NSEC	100000000u /* between looks at limits of connections */

/* What a turn of the loop found out. */
struct turn {
	uint64_t progress_nsec; /* when something happened last */
	uint64_t sleep_nsec;	/* the next sleep between polls */
};

uint64_t emu_server_nsec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

bool emu_server_is_virtual(const struct emu_server *server)
{
	return server->options.clock == EMU_CLOCK_VIRTUAL;
}

unsigned int emu_server_run_core(struct emu_server *server, unsigned int max)
{
	unsigned int done = emu_device_run(server->device, max);

	for (unsigned int i = 0; i < server->count; i++) {
		if (server->sessions[i].kept_count > 0 && !server->sessions[i].exchanging)
			emu_memory_apply(&server->sessions[i]);
	}
	return done;
}

void emu_server_work(struct emu_server *server)
{
	unsigned int max = emu_server_is_virtual(server) ? EMU_DEVICE_STAGES : EMU_MESSAGE_STAGES;

	server->work = false;
	server->work = emu_server_run_core(server, max) >= max || server->work;
}

/* Polling. */

/* Whether a client's doorbells, or registers too, are to be looked at. */
static bool is_polled(const struct emu_session *session)
{
	const struct emu *core = emu_device_core(session->server->device);

	return session->bar0.base && (session->bar0.registers || emu_live(core, session->ctrl));
}

static bool any_polled(const struct emu_server *server, bool *ret_live)
{
	bool polled = false;

	*ret_live = false;
	for (unsigned int i = 0; i < server->count; i++) {
		if (!is_polled(&server->sessions[i]))
			continue;
		polled = true;
		if (emu_live(emu_device_core(server->device), server->sessions[i].ctrl))
			*ret_live = true;
	}
	return polled;
}

static unsigned int poll_shared(struct emu_server *server)
{
	struct emu *core = emu_device_core(server->device);
	unsigned int changed = 0;

	for (unsigned int i = 0; i < server->count; i++) {
		const struct emu_session *session = &server->sessions[i];

		if (!session->bar0.base)
			continue;
		if (session->bar0.registers)
			changed += emu_poll_registers(core, session->ctrl);
		changed += emu_poll_doorbells(core, session->ctrl);
	}
	return changed;
}

/* Turns without a system call; Return: whether anything happened. */
static bool spin(struct emu_server *server, unsigned int turns)
{
	bool progress = false;

	for (unsigned int i = 0; i < turns; i++) {
		bool pending = server->work || emu_device_pending(server->device) > 0;
		unsigned int done;

		if (poll_shared(server) == 0 && !pending)
			continue;
		i += BUSY_TURN - 1;
		server->work = false;
		done = emu_server_run_core(server, EMU_MESSAGE_STAGES);
		server->work = done >= EMU_MESSAGE_STAGES || server->work;
		progress = progress || done > 0;
	}
	return progress;
}

/* Waiting. */

/* How long nothing has to be done, apart from what epoll and the poll of doorbells see. */
static uint64_t time_left(struct emu_server *server)
{
	uint64_t left = FOREVER;
	uint64_t due;

	if (server->work)
		return 0;
	for (unsigned int i = 0; i < server->count; i++) {
		enum emu_session_state state = server->sessions[i].state;

		if (state != EMU_SESSION_FREE && state != EMU_SESSION_READY)
			left = CHECK_NSEC;
	}
	if (emu_server_is_virtual(server))
		return left;
	due = emu_device_deadline(server->device);
	if (due != EMU_NEVER) {
		uint64_t now = emu_device_now(server->device);
		uint64_t until = due > now ? due - now : 0;

		left = until < left ? until : left;
	}
	return left;
}

static int wait_events(struct emu_server *server, struct epoll_event *events, uint64_t nsec)
{
	struct timespec time = { .tv_sec = (time_t)(nsec / NSEC_PER_SEC),
				 .tv_nsec = (long)(nsec % NSEC_PER_SEC) };
	static bool no_pwait2;
	int count = -1;

	if (!no_pwait2) {
		count = epoll_pwait2(server->epoll, events, EVENTS, nsec == FOREVER ? NULL : &time,
				     NULL);
		no_pwait2 = count < 0 && errno == ENOSYS;
	}
	if (no_pwait2) {
		int msec = nsec == FOREVER ? -1 : (int)((nsec + 999999) / 1000000);

		count = epoll_wait(server->epoll, events, EVENTS, msec);
	}
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return count;
}

static struct emu_intx *find_intx(struct emu_server *server, const void *what)
{
	for (unsigned int i = 0; i < server->count; i++) {
		if (what == &server->sessions[i].irqs.intx)
			return &server->sessions[i].irqs.intx;
	}
	return NULL;
}

static void dispatch(struct emu_server *server, const struct epoll_event *event)
{
	struct emu_intx *intx = find_intx(server, event->data.ptr);
	struct emu_session *session = event->data.ptr;
	eventfd_t ignored;

	if (intx) {
		emu_intx_woken(intx);
		server->work = true;
	} else if (emu_control_serve(server->control, event->data.ptr)) {
		return;
	} else if (event->data.ptr == &server->stop_fd) {
		eventfd_read(server->stop_fd, &ignored);
	} else if (event->data.ptr == server->device) {
		emu_device_woken(server->device);
		server->work = true;
	} else if (session->fd < 0) {
		if (session->state == EMU_SESSION_FREE)
			emu_session_accept(session);
	} else if (session->state == EMU_SESSION_RESETTING) {
		/* Only a hang-up is watched now. */
		emu_session_close(session, "disconnected");
	} else {
		emu_session_serve(session);
	}
}

/* Waits @nsec at most and serves whoever made itself heard; Return: how many, or an errno. */
static int serve_events(struct emu_server *server, uint64_t nsec)
{
	struct epoll_event events[EVENTS];
	int count = wait_events(server, events, nsec);

	for (int i = 0; i < count; i++)
		dispatch(server, &events[i]);
	return count;
}

/*
 * At the end of a turn, so that what a client did to serve INTx has arrived together with what
 * unmasks it, or before. To find out whether the level is still there may make work.
 */
static void tell_intx(struct emu_server *server)
{
	for (unsigned int i = 0; i < server->count; i++) {
		struct emu_intx *intx = &server->sessions[i].irqs.intx;

		if (!emu_intx_wants(intx))
			continue;
		emu_irq_settle(emu_device_core(server->device), i);
		emu_intx_tell(intx);
		server->work = true;
	}
}

static void report_trace(struct emu_server *server)
{
	int error = emu_device_trace_error(server->device);

	if (error == 0 || server->trace_reported)
		return;
	server->trace_reported = true;
	emu_log(EMU_LOG_ERROR, EMU_LOG_NO_CTRL, "trace file %s: %s; the trace ends here",
		server->options.trace_path, strerror(-error));
}

/* How long to sleep before the next look at shared doorbells. */
static uint64_t next_sleep(struct turn *turn, bool live)
{
	uint64_t longest = live ? SLEEP_MAX_NSEC : SLEEP_DEAD_NSEC;

	if (emu_server_nsec() - turn->progress_nsec < SPIN_NSEC) {
		turn->sleep_nsec = SLEEP_MIN_NSEC;
		return 0;
	}
	turn->sleep_nsec = turn->sleep_nsec * 2 < longest ? turn->sleep_nsec * 2 : longest;
	return turn->sleep_nsec;
}

static int run_turn(struct emu_server *server, struct turn *turn)
{
	uint64_t left;
	bool progress;
	bool polled;
	bool live;
	int served;

	/* What the last turn's work was waited for; it may close or free connections. */
	for (unsigned int i = 0; i < server->count; i++)
		emu_session_check(&server->sessions[i]);
	left = time_left(server);
	polled = any_polled(server, &live);
	if (polled) {
		uint64_t sleep = next_sleep(turn, live);

		left = sleep < left ? sleep : left;
	}
	if (left > 0) {
		emu_device_flush_trace(server->device);
		emu_verdict_flush(&server->verdict);
	}
	served = serve_events(server, left);
	if (served < 0)
		return served;
	progress = served > 0;
	if (polled && spin(server, left == 0 ? SPIN_TURNS : SLEEP_TURNS))
		progress = true;
	if (!emu_server_is_virtual(server) || server->work)
		emu_server_work(server);
	tell_intx(server);
	if (progress)
		turn->progress_nsec = emu_server_nsec();
	report_trace(server);
	return 0;
}

int emu_server_run(struct emu_server *server)
{
	struct turn turn = { .sleep_nsec = SLEEP_MIN_NSEC };
	int error = 0;

	/* Short sleeps shall be short: the default slack is half of the longest. */
	prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
	while (!__atomic_load_n(&server->stop, __ATOMIC_ACQUIRE) && !error)
		error = run_turn(server, &turn);
	if (error)
		emu_log(EMU_LOG_ERROR, EMU_LOG_NO_CTRL, "epoll: %s", strerror(-error));
	emu_device_flush_trace(server->device);
	report_trace(server);
	return error ? error : emu_device_trace_error(server->device);
}

int emu_server_judgement(struct emu_server *server)
{
	const struct emu_judge *judge = emu_device_judge(server->device);
	bool violated;
	int result;

	if (!judge)
		return 0;
	violated = emu_verdict_sum_up(judge);
	result = emu_verdict_close(&server->verdict);
	return !result && violated ? -EPROTO : result;
}

void emu_server_stop(struct emu_server *server)
{
	int saved = errno;

	__atomic_store_n(&server->stop, true, __ATOMIC_RELEASE);
	eventfd_write(server->stop_fd, 1);
	errno = saved;
}

/* Making and freeing. */

static bool raise_irq(void *arg, uint32_t ctrl, uint32_t vector)
{
	struct emu_server *server = arg;

	return emu_irqs_raise(&server->sessions[ctrl].irqs,
			      emu_irq_mode(emu_device_core(server->device), ctrl), vector);
}

static void set_intx(void *arg, uint32_t ctrl, bool asserted)
{
	struct emu_server *server = arg;

	emu_intx_set(&server->sessions[ctrl].irqs.intx, asserted);
}

static int read_host(void *arg, uint32_t ctrl, uint64_t iova, void *data, size_t bytes)
{
	struct emu_server *server = arg;

	return emu_memory_exchange(&server->sessions[ctrl],
				   (struct emu_exchange){ .command = VFU_DMA_READ,
							  .access = { .addr = iova },
							  .to = data },
				   bytes);
}

static int write_host(void *arg, uint32_t ctrl, uint64_t iova, const void *data, size_t bytes)
{
	struct emu_server *server = arg;

	return emu_memory_exchange(&server->sessions[ctrl],
				   (struct emu_exchange){ .command = VFU_DMA_WRITE,
							  .access = { .addr = iova },
							  .from = data },
				   bytes);
}

static volatile void *find_shared(void *arg, uint32_t ctrl, uint64_t offset)
{
	struct emu_server *server = arg;

	return emu_bar0_at(&server->sessions[ctrl].bar0, offset);
}

static void take_notice(void *arg, const char *sentence)
{
	(void)arg;
	emu_log(EMU_LOG_WARNING, EMU_LOG_NO_CTRL, "%s", sentence);
}

static void take_finding(void *arg, const struct emu_judge_finding *finding)
{
	struct emu_server *server = arg;

	emu_verdict_take(&server->verdict, finding);
}

static int make_device(struct emu_server *server, const struct emu_config *config,
		       const struct emu_ns_spec *specs, unsigned int ns_count,
		       struct nvme_text *error)
{
	const struct emu_device_options options = {
		.clock = server->options.clock,
		.pool = server->options.pool,
		.trace_path = server->options.trace_path,
		.state_path = server->options.state_path,
		.pmr_path = server->options.pmr_path,
		.scenario = server->options.scenario,
		.judged = server->options.judge ? take_finding : NULL,
		.notice = take_notice,
		.irq = raise_irq,
		.intx = set_intx,
		.shared = find_shared,
		.host_read = read_host,
		.host_write = write_host,
		.arg = server,
	};
	struct emu_config own = *config;
	int result;

	own.controllers = server->count;
	result = emu_device_new(&own, specs, ns_count, &options, &server->device, error);
	if (result)
		return result;
	server->layout = *emu_layout_of(emu_device_core(server->device));
	server->options.scenario = NULL;
	return 0;
}

static int watch_fd(struct emu_server *server, int fd, void *what, struct nvme_text *error)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = what };

	if (fd >= 0 && epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return emu_say(error, -errno, "epoll: %s", strerror(errno));
	return 0;
}

static int start(struct emu_server *server, const struct emu_config *config,
		 const struct emu_ns_spec *specs, unsigned int ns_count, struct nvme_text *error)
{
	int result;

	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->epoll < 0 || server->stop_fd < 0)
		return emu_say(error, -errno, "epoll: %s", strerror(errno));
	result = emu_verdict_open(&server->verdict, server->options.judge_path, error);
	if (!result)
		result = make_device(server, config, specs, ns_count, error);
	if (!result)
		result = watch_fd(server, server->stop_fd, &server->stop_fd, error);
	if (!result)
		result = watch_fd(server, emu_device_wait_fd(server->device), server->device,
				  error);
	for (unsigned int i = 0; !result && i < server->count; i++)
		result = emu_session_init(&server->sessions[i], server, i, server->options.paths[i],
					  error);
	if (!result && server->options.control_path)
		result = emu_control_open(server, server->options.control_path, &server->control,
					  error);
	return result;
}

int emu_server_new(const struct emu_config *config, const struct emu_ns_spec *specs,
		   unsigned int ns_count, const struct emu_server_options *options,
		   struct emu_server **ret_server, struct nvme_text *error)
{
	struct emu_server *server;
	int result;

	if (options->count < 1 || options->count > EMU_MAX_CONTROLLERS)
		return emu_say(error, -EINVAL, "1 to %d sockets, one for each controller",
			       EMU_MAX_CONTROLLERS);
	if (options->lab && options->clock != EMU_CLOCK_VIRTUAL)
		return emu_say(error, -EINVAL, "the lab region needs a virtual clock");
	server = calloc(1, sizeof(*server));
	if (!server)
		return emu_say(error, -ENOMEM, "no memory");
	server->options = *options;
	server->epoll = -1;
	server->stop_fd = -1;
	server->sessions = calloc(options->count, sizeof(*server->sessions));
	if (!server->sessions) {
		free(server);
		return emu_say(error, -ENOMEM, "no memory");
	}
	server->count = options->count;
	for (unsigned int i = 0; i < server->count; i++) {
		server->sessions[i].fd = -1;
		server->sessions[i].listener = -1;
		emu_irqs_none(&server->sessions[i].irqs);
		emu_bar0_init(&server->sessions[i].bar0);
	}
	result = start(server, config, specs, ns_count, error);
	if (result) {
		emu_server_free(server);
		return result;
	}
	*ret_server = server;
	return 0;
}

void emu_server_free(struct emu_server *server)
{
	if (!server)
		return;
	for (unsigned int i = 0; i < server->count; i++)
		emu_session_done(&server->sessions[i]);
	emu_control_close(server->control);
	emu_device_free(server->device);
	emu_verdict_close(&server->verdict);
	if (server->stop_fd >= 0)
		close(server->stop_fd);
	if (server->epoll >= 0)
		close(server->epoll);
	free(server->sessions);
	free(server);
}
