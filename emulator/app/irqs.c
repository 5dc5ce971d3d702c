/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts: the eventfds of a client, and signalling them.
 *
 * A client may fill its eventfd's counter, and then a write would wait for it. Its descriptor
 * shares O_NONBLOCK with ours, so the flag is not ours to set, and what poll() says may be
 * outdated. So a timer ticks while interrupts are signalled: a write that waits ends at the next
 * tick, and that vector is looked at before each write from then on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "emulator/app/session.h"

#define TICK_NSEC 50000000
#define MSI_MAX	  32u

/* The timer that ends waiting writes, one for the process. */
static struct {
	bool made;
	timer_t timer;
	volatile sig_atomic_t armed;
	volatile sig_atomic_t active; /* a write began since the last tick */
} guard;

static void set_guard(long nsec)
{
	const struct itimerspec when = {
		.it_value.tv_nsec = nsec,
		.it_interval.tv_nsec = nsec,
	};

	timer_settime(guard.timer, 0, &when, NULL);
}

static void handle_tick(int number)
{
	int saved = errno;

	(void)number;
	if (!guard.active) {
		guard.armed = 0;
		set_guard(0);
	}
	guard.active = 0;
	errno = saved;
}

static void make_guard(void)
{
	struct sigaction action = { .sa_handler = handle_tick };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };

	sigemptyset(&action.sa_mask);
	guard.made = sigaction(SIGRTMIN, &action, NULL) == 0 &&
		     timer_create(CLOCK_MONOTONIC, &event, &guard.timer) == 0;
}

/* A write from here on waits for two ticks at most. */
static void arm_guard(void)
{
	guard.active = 1; /* Before the look at armed: the tick in between leaves it on then. */
	if (!guard.armed && guard.made) {
		guard.armed = 1;
		set_guard(TICK_NSEC);
	}
}

/* A counter that is full tells its reader as well. */
void emu_irqs_signal(int fd, bool *careful)
{
	const uint64_t one = 1;
	struct pollfd out = { .fd = fd, .events = POLLOUT };

	if (*careful && poll(&out, 1, 0) != 1)
		return;
	arm_guard();
	if (write(fd, &one, sizeof(one)) < 0)
		*careful = true;
}

/* Anything else that can be written to might make us wait, or be somebody's file. */
static bool is_eventfd(int fd)
{
	char link[32];
	char target[32];
	ssize_t bytes;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	bytes = readlink(link, target, sizeof(target) - 1);
	if (bytes < 0)
		return false;
	target[bytes] = '\0';
	return strcmp(target, "anon_inode:[eventfd]") == 0;
}

/* Another reader may be faster than we are, and then a read would wait. */
bool emu_irqs_take(int fd)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	uint64_t count;

	if (poll(&in, 1, 0) != 1)
		return false;
	arm_guard();
	return read(fd, &count, sizeof(count)) == sizeof(count);
}

/* Vectors without descriptors. */
static int make_set(struct emu_irq_set *set, uint32_t count)
{
	set->count = count;
	set->fds = malloc((count + 1) * sizeof(*set->fds));
	set->careful = calloc(count + 1, sizeof(*set->careful));
	if (!set->fds || !set->careful)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++)
		set->fds[i] = -1;
	return 0;
}

static void drop(int *slot)
{
	if (*slot >= 0)
		close(*slot);
	*slot = -1;
}

static void clear_set(struct emu_irq_set *set)
{
	for (uint32_t i = 0; set->fds && i < set->count; i++)
		drop(&set->fds[i]);
}

static void free_set(struct emu_irq_set *set)
{
	clear_set(set);
	free(set->fds);
	free(set->careful);
	set->fds = NULL;
	set->careful = NULL;
}

/* As many messages as the MSI capability says: a power of two. */
static uint32_t msi_messages(const struct emu_config *config, uint32_t vectors)
{
	uint32_t messages = 1;

	if (!config->msi)
		return 0;
	while (messages < MSI_MAX && 2 * messages <= vectors)
		messages *= 2;
	return messages;
}

void emu_irqs_none(struct emu_irqs *irqs)
{
	emu_intx_init(&irqs->intx);
	irqs->err = -1;
	irqs->req = -1;
}

int emu_irqs_init(struct emu_irqs *irqs, const struct emu_config *config, uint32_t vectors)
{
	int error;

	if (!guard.made)
		make_guard();
	error = make_set(&irqs->msix, config->msix ? vectors : 0);
	return error ? error : make_set(&irqs->msi, msi_messages(config, vectors));
}

void emu_irqs_clear(struct emu_irqs *irqs, int epoll)
{
	emu_intx_clear(&irqs->intx, epoll);
	clear_set(&irqs->msi);
	clear_set(&irqs->msix);
	drop(&irqs->err);
	drop(&irqs->req);
}

void emu_irqs_done(struct emu_irqs *irqs, int epoll)
{
	emu_irqs_clear(irqs, epoll);
	free_set(&irqs->msi);
	free_set(&irqs->msix);
}

bool emu_irqs_raise(struct emu_irqs *irqs, enum emu_irq_mode mode, uint32_t vector)
{
	struct emu_irq_set *set = mode == EMU_IRQ_MSI ? &irqs->msi : &irqs->msix;

	if (vector >= set->count || set->fds[vector] < 0)
		return false;
	emu_irqs_signal(set->fds[vector], &set->careful[vector]);
	return true;
}

static uint32_t count_of(const struct emu_session *session, uint32_t index)
{
	switch (index) {
	case VFU_IRQ_INTX:
		return emu_config_of(emu_device_core(session->server->device))->intx;
	case VFU_IRQ_MSI:
		return session->irqs.msi.count;
	case VFU_IRQ_MSIX:
		return session->irqs.msix.count;
	case VFU_IRQ_ERR:
	case VFU_IRQ_REQ:
		return 1;
	default:
		return 0;
	}
}

int emu_handle_irq_info(struct emu_session *session, struct emu_message *message,
			struct emu_reply *reply)
{
	struct vfu_irq_info info;

	if (!emu_payload(message, &info, sizeof(info)) || info.argsz < sizeof(info) ||
	    info.index >= VFU_IRQS)
		return -EINVAL;
	info.argsz = sizeof(info);
	info.count = count_of(session, info.index);
	info.flags = info.count > 0 ? VFU_IRQ_EVENTFD : 0;
	if (info.index == VFU_IRQ_INTX && info.count > 0)
		info.flags |= VFU_IRQ_MASKABLE | VFU_IRQ_AUTOMASKED;
	emu_reply_add(reply, &info, sizeof(info));
	return 0;
}

static struct emu_irq_set *set_of(struct emu_session *session, uint32_t index)
{
	return index == VFU_IRQ_MSIX  ? &session->irqs.msix
	       : index == VFU_IRQ_MSI ? &session->irqs.msi
				      : NULL;
}

/* The descriptor of an interrupt that is not INTx. */
static int *slot_of(struct emu_session *session, uint32_t index, uint32_t number)
{
	struct emu_irq_set *set = set_of(session, index);

	if (set)
		return &set->fds[number];
	return index == VFU_IRQ_ERR ? &session->irqs.err : &session->irqs.req;
}

static int check_eventfds(struct emu_session *session, const struct emu_message *message)
{
	for (unsigned int i = 0; i < message->fd_count; i++) {
		if (!is_eventfd(message->fds[i])) {
			emu_complain(session, "SET_IRQS: a descriptor is not an eventfd");
			return -EINVAL;
		}
	}
	return 0;
}

/* The descriptor becomes the handler's. */
static int take_fd(struct emu_message *message)
{
	int fd = message->fd_count ? message->fds[0] : -1;

	if (message->fd_count)
		message->fds[0] = -1;
	return fd;
}

/* Descriptors for @set->start and on; none takes those that are there away. */
static int assign(struct emu_session *session, const struct vfu_set_irqs *set,
		  struct emu_message *message)
{
	struct emu *core = emu_device_core(session->server->device);
	struct emu_irq_set *irqs = set_of(session, set->index);

	if (message->fd_count != 0 && message->fd_count != set->count)
		return -EINVAL;
	if (check_eventfds(session, message) < 0)
		return -EINVAL;
	if (set->index == VFU_IRQ_INTX) {
		emu_intx_assign(&session->irqs.intx, take_fd(message));
		return 0;
	}
	for (uint32_t i = 0; i < set->count; i++) {
		int *slot = slot_of(session, set->index, set->start + i);

		drop(slot);
		if (message->fd_count == 0)
			continue;
		*slot = message->fds[i];
		message->fds[i] = -1;
		if (irqs) {
			irqs->careful[set->start + i] = false;
			emu_irq_changed(core, session->ctrl, set->start + i);
		}
	}
	return 0;
}

/*
 * Signals what is assigned, as the device would; @chosen has a byte for each, or is NULL for all.
 */
static void trigger(struct emu_session *session, const struct vfu_set_irqs *set,
		    const uint8_t *chosen)
{
	struct emu_irq_set *irqs = set_of(session, set->index);

	for (uint32_t i = 0; i < set->count; i++) {
		uint32_t number = set->start + i;
		bool careful = true;
		int fd = set->index == VFU_IRQ_INTX ? session->irqs.intx.fd
						    : *slot_of(session, set->index, number);

		if (fd >= 0 && (!chosen || chosen[i]))
			emu_irqs_signal(fd, irqs ? &irqs->careful[number] : &careful);
	}
}

static int disable(struct emu_session *session, uint32_t index)
{
	if (index == VFU_IRQ_INTX) {
		emu_intx_clear(&session->irqs.intx, session->server->epoll);
		return 0;
	}
	for (uint32_t i = 0; i < count_of(session, index); i++)
		drop(slot_of(session, index, i));
	return 0;
}

/* DATA_BOOL: a byte for each; Return: NULL when they are not as many. */
static const uint8_t *bools_of(const struct vfu_set_irqs *set, const struct emu_message *message)
{
	if (message->bytes - sizeof(*set) != set->count)
		return NULL;
	return message->payload + sizeof(*set);
}

/* MASK and UNMASK, of INTx alone. An eventfd can only take the mask away. */
static int mask(struct emu_session *session, const struct vfu_set_irqs *set,
		struct emu_message *message)
{
	struct emu_intx *intx = &session->irqs.intx;
	bool masked = (set->flags & VFU_SET_IRQS_ACTIONS) == VFU_SET_IRQS_ACTION_MASK;
	const uint8_t *chosen;
	int error;

	if (set->index != VFU_IRQ_INTX || set->count != 1)
		return -EINVAL;
	switch (set->flags & VFU_SET_IRQS_DATA_MASK) {
	case VFU_SET_IRQS_DATA_NONE:
		emu_intx_mask(intx, masked);
		return 0;
	case VFU_SET_IRQS_DATA_BOOL:
		chosen = bools_of(set, message);
		if (chosen && *chosen)
			emu_intx_mask(intx, masked);
		return chosen ? 0 : -EINVAL;
	case VFU_SET_IRQS_DATA_EVENTFD:
		if (masked || message->fd_count > 1 || check_eventfds(session, message) < 0)
			return -EINVAL;
		error = emu_intx_watch(intx, session->server->epoll,
				       message->fd_count ? message->fds[0] : -1);
		if (!error)
			take_fd(message);
		return error;
	default:
		return -EINVAL;
	}
}

int emu_handle_set_irqs(struct emu_session *session, struct emu_message *message,
			struct emu_reply *reply)
{
	struct vfu_set_irqs set;
	const uint8_t *chosen;
	uint32_t action;
	uint32_t data;

	(void)reply;
	if (!emu_payload(message, &set, sizeof(set)) || set.argsz < sizeof(set) ||
	    set.index >= VFU_IRQS ||
	    (set.flags & ~(VFU_SET_IRQS_DATA_MASK | VFU_SET_IRQS_ACTIONS)) != 0)
		return -EINVAL;
	action = set.flags & VFU_SET_IRQS_ACTIONS;
	if (action == 0 || (action & (action - 1)) != 0)
		return -EINVAL;
	if ((uint64_t)set.start + set.count > count_of(session, set.index))
		return -EINVAL;
	data = set.flags & VFU_SET_IRQS_DATA_MASK;
	if (data != VFU_SET_IRQS_DATA_EVENTFD && message->fd_count != 0)
		return -EINVAL;
	if (data == VFU_SET_IRQS_DATA_NONE && set.count == 0)
		return set.start == 0 && action == VFU_SET_IRQS_ACTION_TRIGGER
			       ? disable(session, set.index)
			       : -EINVAL;
	if (set.count == 0)
		return -EINVAL;
	if (action != VFU_SET_IRQS_ACTION_TRIGGER)
		return mask(session, &set, message);
	switch (data) {
	case VFU_SET_IRQS_DATA_NONE:
		trigger(session, &set, NULL);
		return 0;
	case VFU_SET_IRQS_DATA_BOOL:
		chosen = bools_of(&set, message);
		if (!chosen)
			return -EINVAL;
		trigger(session, &set, chosen);
		return 0;
	case VFU_SET_IRQS_DATA_EVENTFD:
		return assign(session, &set, message);
	default:
		return -EINVAL;
	}
}
