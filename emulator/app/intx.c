/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * INTx for a client, as VFIO has it: a level that is told as an event. Telling it masks the
 * interrupt; the client takes the mask away when it has served the device, by a message or through
 * an eventfd of its own, and is told again if the level is still there.
 *
 * QEMU asserts the pin when it is told, and takes it back when the guest touches a BAR. A guest
 * that is interrupted for nothing touches none, and is interrupted for ever. So a level that is
 * gone must not be told:
 *
 *   - What the guest did to serve the device may be in the socket still, or recorded and not yet
 *     worked off. So nobody is told before the messages at hand were handled and the core has run.
 *   - What was told and not yet heard is taken back when the level goes, before the reply to the
 *     write that made it go. While QEMU waits for that reply it hears nothing.
 *   - That write has to have a reply: see emu_handle_region_info().
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "emulator/app/session.h"

void emu_intx_init(struct emu_intx *intx)
{
	*intx = (struct emu_intx){ .fd = -1, .unmask_fd = -1 };
}

void emu_intx_set(struct emu_intx *intx, bool asserted)
{
	intx->asserted = asserted;
	if (!asserted && intx->masked && intx->retractable && emu_irqs_take(intx->fd))
		intx->masked = false;
}

/* From a reader that would wait nothing is taken away: it may have been woken already. */
void emu_intx_assign(struct emu_intx *intx, int fd)
{
	if (intx->fd >= 0)
		close(intx->fd);
	intx->fd = fd;
	intx->retractable = fd >= 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK);
	intx->careful = false;
	intx->masked = false;
	intx->unmasking = false;
}

void emu_intx_mask(struct emu_intx *intx, bool masked)
{
	intx->masked = intx->masked || masked;
	intx->unmasking = !masked;
}

bool emu_intx_wants(const struct emu_intx *intx)
{
	return intx->unmasking || (intx->asserted && !intx->masked && intx->fd >= 0);
}

void emu_intx_tell(struct emu_intx *intx)
{
	if (intx->unmasking)
		intx->masked = false;
	intx->unmasking = false;
	if (!intx->asserted || intx->masked || intx->fd < 0)
		return;
	intx->masked = true;
	emu_irqs_signal(intx->fd, &intx->careful);
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
	intx->retractable = false;
	intx->masked = false;
	intx->unmasking = false;
}
