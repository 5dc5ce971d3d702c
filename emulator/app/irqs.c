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

/* Adds 1 to an eventfd. A counter that is full tells its reader as well. */
static void signal_fd(int fd, bool *careful)
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

int emu_irqs_init(struct emu_irqs *irqs, uint32_t vectors)
{
	if (!guard.made)
		make_guard();
	irqs->vectors = vectors;
	irqs->err = -1;
	irqs->req = -1;
	irqs->msix = malloc(vectors * sizeof(*irqs->msix));
	irqs->careful = calloc(vectors, sizeof(*irqs->careful));
	if (!irqs->msix || !irqs->careful)
		return -ENOMEM;
	for (uint32_t i = 0; i < vectors; i++)
		irqs->msix[i] = -1;
	return 0;
}

static void drop(int *slot)
{
	if (*slot >= 0)
		close(*slot);
	*slot = -1;
}

void emu_irqs_clear(struct emu_irqs *irqs)
{
	for (uint32_t i = 0; irqs->msix && i < irqs->vectors; i++)
		drop(&irqs->msix[i]);
	drop(&irqs->err);
	drop(&irqs->req);
}

void emu_irqs_done(struct emu_irqs *irqs)
{
	emu_irqs_clear(irqs);
	free(irqs->msix);
	free(irqs->careful);
	irqs->msix = NULL;
	irqs->careful = NULL;
}

bool emu_irqs_raise(struct emu_irqs *irqs, uint32_t vector)
{
	if (vector >= irqs->vectors || irqs->msix[vector] < 0)
		return false;
	signal_fd(irqs->msix[vector], &irqs->careful[vector]);
	return true;
}

static uint32_t count_of(const struct emu_session *session, uint32_t index)
{
	switch (index) {
	case VFU_IRQ_MSIX:
		return session->irqs.vectors;
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
	emu_reply_add(reply, &info, sizeof(info));
	return 0;
}

static int *slot_of(struct emu_session *session, uint32_t index, uint32_t number)
{
	if (index == VFU_IRQ_MSIX)
		return &session->irqs.msix[number];
	return index == VFU_IRQ_ERR ? &session->irqs.err : &session->irqs.req;
}

/* Descriptors for @set->start and on; none takes those that are there away. */
static int assign(struct emu_session *session, const struct vfu_set_irqs *set,
		  struct emu_message *message)
{
	struct emu *core = emu_device_core(session->server->device);

	if (message->fd_count != 0 && message->fd_count != set->count)
		return -EINVAL;
	for (unsigned int i = 0; i < message->fd_count; i++) {
		if (!is_eventfd(message->fds[i])) {
			emu_complain(session, "SET_IRQS: a descriptor is not an eventfd");
			return -EINVAL;
		}
	}
	for (uint32_t i = 0; i < set->count; i++) {
		int *slot = slot_of(session, set->index, set->start + i);

		drop(slot);
		if (message->fd_count == 0)
			continue;
		*slot = message->fds[i];
		message->fds[i] = -1;
		if (set->index == VFU_IRQ_MSIX) {
			session->irqs.careful[set->start + i] = false;
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
	for (uint32_t i = 0; i < set->count; i++) {
		uint32_t number = set->start + i;
		bool careful = true;
		int fd = *slot_of(session, set->index, number);

		if (fd >= 0 && (!chosen || chosen[i]))
			signal_fd(fd, set->index == VFU_IRQ_MSIX ? &session->irqs.careful[number]
								 : &careful);
	}
}

static int disable(struct emu_session *session, uint32_t index)
{
	for (uint32_t i = 0; i < count_of(session, index); i++)
		drop(slot_of(session, index, i));
	return 0;
}

int emu_handle_set_irqs(struct emu_session *session, struct emu_message *message,
			struct emu_reply *reply)
{
	struct vfu_set_irqs set;
	uint32_t data;

	(void)reply;
	if (!emu_payload(message, &set, sizeof(set)) || set.argsz < sizeof(set) ||
	    set.index >= VFU_IRQS ||
	    (set.flags & ~(VFU_SET_IRQS_DATA_MASK | VFU_SET_IRQS_ACTIONS)) != 0)
		return -EINVAL;
	/* No interrupt of ours can be masked this way, so TRIGGER is the one action. */
	if ((set.flags & VFU_SET_IRQS_ACTIONS) != VFU_SET_IRQS_ACTION_TRIGGER)
		return -EINVAL;
	if ((uint64_t)set.start + set.count > count_of(session, set.index))
		return -EINVAL;
	data = set.flags & VFU_SET_IRQS_DATA_MASK;
	if (data != VFU_SET_IRQS_DATA_EVENTFD && message->fd_count != 0)
		return -EINVAL;
	if (data == VFU_SET_IRQS_DATA_NONE && set.count == 0)
		return set.start == 0 ? disable(session, set.index) : -EINVAL;
	if (set.count == 0)
		return -EINVAL;
	switch (data) {
	case VFU_SET_IRQS_DATA_NONE:
		trigger(session, &set, NULL);
		return 0;
	case VFU_SET_IRQS_DATA_BOOL:
		if (message->bytes - sizeof(set) != set.count)
			return -EINVAL;
		trigger(session, &set, message->payload + sizeof(set));
		return 0;
	case VFU_SET_IRQS_DATA_EVENTFD:
		return assign(session, &set, message);
	default:
		return -EINVAL;
	}
}
