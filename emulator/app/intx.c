/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * INTx for a client, as VFIO has it: a level that is told as an event. Telling it masks the
 * interrupt; the client takes the mask away when it has served the device, by a message or through
 * an eventfd of its own, and is told again if the level is still there.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "emulator/app/session.h"

static void tell(struct emu_intx *intx)
{
	if (!intx->asserted || intx->masked || intx->fd < 0)
		return;
	intx->masked = true;
	emu_irqs_signal(intx->fd, &intx->careful);
}

void emu_intx_init(struct emu_intx *intx)
{
	*intx = (struct emu_intx){ .fd = -1, .unmask_fd = -1 };
}

void emu_intx_set(struct emu_intx *intx, bool asserted)
{
	intx->asserted = asserted;
	tell(intx);
}

void emu_intx_assign(struct emu_intx *intx, int fd)
{
	if (intx->fd >= 0)
		close(intx->fd);
	intx->fd = fd;
	intx->careful = false;
	intx->masked = false;
	tell(intx);
}

void emu_intx_mask(struct emu_intx *intx, bool masked)
{
	intx->masked = masked;
	tell(intx);
}

int emu_intx_watch(struct emu_intx *intx, int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = intx };

	if (intx->unmask_fd >= 0) {
		epoll_ctl(epoll, EPOLL_CTL_DEL, intx->unmask_fd, NULL);
		close(intx->unmask_fd);
		intx->unmask_fd = -1;
	}
	if (fd < 0)
		return 0;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	intx->unmask_fd = fd;
	return 0;
}

void emu_intx_woken(struct emu_intx *intx)
{
	if (intx->unmask_fd >= 0 && emu_irqs_take(intx->unmask_fd))
		emu_intx_mask(intx, false);
}

void emu_intx_clear(struct emu_intx *intx, int epoll)
{
	emu_intx_watch(intx, epoll, -1);
	if (intx->fd >= 0)
		close(intx->fd);
	intx->fd = -1;
	intx->masked = false;
}
