/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory that came without a file: DMA_READ and DMA_WRITE, asked of the client while the core
 * waits in the middle of a stage.
 *
 * The client may be waiting too, or have sent something before it sees our message, so its
 * commands are handled and answered meanwhile. They never run the core, which is busy, and what
 * they write to BAR0 or configuration space is kept and applied when it has finished.
 *
 * Under a real clock the core does not run while a client with such memory waits for a reply: one
 * that holds a lock until then would answer nobody. Under a virtual clock a message is handled to
 * its end before its reply, so there a client has to serve its memory while it waits.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "emulator/app/session.h"

/* What a message that is being handled has in the session, while others pass by. */
struct shelf {
	uint8_t *in, *out;
	uint32_t in_used, out_bytes, out_sent;
	int out_fd;
	int fds[EMU_RECEIVE_FDS];
	unsigned int fd_count;
};

static void swap_buffers(struct emu_session *session, struct shelf *shelf, bool away)
{
	if (away) {
		shelf->in = session->in;
		shelf->out = session->out;
		shelf->in_used = session->in_used;
		shelf->out_bytes = session->out_bytes;
		shelf->out_sent = session->out_sent;
		shelf->out_fd = session->out_fd;
		memcpy(shelf->fds, session->fds, sizeof(shelf->fds));
		shelf->fd_count = session->fd_count;
		session->in = session->spare_in;
		session->out = session->spare_out;
		session->in_used = session->out_bytes = session->out_sent = 0;
		session->out_fd = -1;
		session->fd_count = 0;
		return;
	}
	emu_session_close_fds(session);
	session->in = shelf->in;
	session->out = shelf->out;
	session->in_used = shelf->in_used;
	session->out_bytes = shelf->out_bytes;
	session->out_sent = shelf->out_sent;
	session->out_fd = shelf->out_fd;
	memcpy(session->fds, shelf->fds, sizeof(shelf->fds));
	session->fd_count = shelf->fd_count;
}

/* Waits for the socket; Return: 0, -ETIMEDOUT, or -ECANCELED when the server shall stop. */
static int wait_for(struct emu_session *session, short events, uint64_t deadline)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = session->fd, .events = events },
			{ .fd = session->server->stop_fd, .events = POLLIN },
		};
		uint64_t now = emu_server_nsec();
		int count;

		if (now >= deadline)
			return -ETIMEDOUT;
		count = poll(fds, 2, (int)((deadline - now) / 1000000) + 1);
		if (count < 0 && errno != EINTR)
			return -errno;
		if (count > 0 && fds[1].revents)
			return -ECANCELED;
		if (count > 0)
			return 0;
	}
}

static int send_all(struct emu_session *session, uint64_t deadline)
{
	for (;;) {
		int result = emu_session_send_rest(session);

		if (result < 0 || session->out_sent == session->out_bytes)
			return result;
		result = wait_for(session, POLLOUT, deadline);
		if (result < 0)
			return result;
	}
}

static int send_command(struct emu_session *session, const struct emu_exchange *exchange,
			uint64_t deadline)
{
	struct vfu_header header = {
		.msg_id = ++session->exchange_id,
		.command = exchange->command,
		.msg_size = sizeof(header) + sizeof(exchange->access),
		.flags = VFU_FLAG_COMMAND,
	};
	int result = send_all(session, deadline); /* what is left of an earlier reply */

	if (result < 0)
		return result;
	if (exchange->from)
		header.msg_size += (uint32_t)exchange->access.count;
	memcpy(session->out, &header, sizeof(header));
	memcpy(session->out + sizeof(header), &exchange->access, sizeof(exchange->access));
	if (exchange->from)
		memcpy(session->out + sizeof(header) + sizeof(exchange->access), exchange->from,
		       exchange->access.count);
	session->out_bytes = header.msg_size;
	session->out_sent = 0;
	session->out_fd = -1;
	return send_all(session, deadline);
}

/*
 * What a client answered. An error of its own is an error of that access; what is no answer at all
 * ends the connection. A bare header to DMA_WRITE is what some older clients send.
 */
static int take_reply(struct emu_session *session, const struct vfu_header *header,
		      const struct emu_exchange *exchange)
{
	const uint8_t *payload = session->in + sizeof(*header);
	uint32_t bytes = header->msg_size - (uint32_t)sizeof(*header);
	struct vfu_dma_access access = { 0 };

	if (header->command != exchange->command || header->msg_id != session->exchange_id)
		return -EPROTO;
	if (header->flags & VFU_FLAG_ERROR)
		return -EIO;
	if (exchange->from && bytes == 0)
		return 0;
	if (bytes < sizeof(access))
		return -EPROTO;
	memcpy(&access, payload, sizeof(access));
	if (access.addr != exchange->access.addr || access.count != exchange->access.count)
		return -EPROTO;
	if (exchange->from)
		return bytes == sizeof(access) ? 0 : -EPROTO;
	if (bytes != sizeof(access) + access.count)
		return -EPROTO;
	memcpy(exchange->to, payload + sizeof(access), access.count);
	return 0;
}

static int await_reply(struct emu_session *session, const struct emu_exchange *exchange,
		       uint64_t deadline)
{
	struct vfu_header header = { 0 };
	int result;

	for (;;) {
		result = emu_session_receive(session, true);
		if (result == 0)
			result = wait_for(session, POLLIN, deadline);
		else if (result > 0)
			result = emu_session_next(session, &header);
		if (result > 0)
			break;
		if (result == 0 && session->out_sent < session->out_bytes)
			result = send_all(session, deadline);
		if (result == 0 && emu_server_nsec() >= deadline)
			result = -ETIMEDOUT; /* It talks, and does not answer. */
		if (result < 0)
			return result;
	}
	result = take_reply(session, &header, exchange);
	emu_session_close_fds(session);
	session->in_used = 0;
	return result;
}

/* Anything but an error that the client reported means that it is not to be talked to any more. */
static int exchange_one(struct emu_session *session, const struct emu_exchange *exchange)
{
	uint64_t deadline = emu_server_nsec() + EMU_EXCHANGE_NSEC;
	int result = send_command(session, exchange, deadline);

	if (result == 0)
		result = await_reply(session, exchange, deadline);
	if (result < 0 && result != -EIO) {
		session->lost = result == -ETIMEDOUT ? "closed: it does not serve its memory"
				: result == -EPROTO  ? "closed: a wrong answer about its memory"
						     : "disconnected";
		session->server->work = true;
	}
	if (result == -EIO)
		emu_complain(session, "the client refuses its memory at 0x%llx",
			     (unsigned long long)exchange->access.addr);
	return result;
}

static bool may_exchange(const struct emu_session *session)
{
	if (session->fd < 0 || session->lost || session->exchanging)
		return false;
	if (session->state != EMU_SESSION_READY && session->state != EMU_SESSION_RESETTING)
		return false;
	return !session->handling || emu_server_is_virtual(session->server);
}

int emu_memory_exchange(struct emu_session *session, struct emu_exchange exchange, uint64_t bytes)
{
	bool shelved = session->handling;
	struct shelf shelf;
	int result = 0;

	if (!may_exchange(session))
		return -EBUSY;
	session->exchanging = true;
	if (shelved)
		swap_buffers(session, &shelf, true);
	for (uint64_t done = 0; done < bytes && result == 0; done += exchange.access.count) {
		exchange.access.count = bytes - done < session->xfer_bytes ? bytes - done
									   : session->xfer_bytes;
		result = exchange_one(session, &exchange);
		exchange.access.addr += exchange.access.count;
		exchange.to = exchange.to ? exchange.to + exchange.access.count : NULL;
		exchange.from = exchange.from ? exchange.from + exchange.access.count : NULL;
	}
	if (shelved)
		swap_buffers(session, &shelf, false);
	session->exchanging = false;
	return result;
}

int emu_memory_keep(struct emu_session *session, const struct vfu_region_access *access,
		    const uint8_t *data)
{
	struct emu_kept *kept = &session->kept[session->kept_count];

	if (session->kept_count == EMU_KEPT || access->count > sizeof(kept->data))
		return -EBUSY;
	*kept = (struct emu_kept){ .access = *access };
	memcpy(kept->data, data, access->count);
	session->kept_count++;
	return 0;
}

void emu_memory_apply(struct emu_session *session)
{
	struct emu *core = emu_device_core(session->server->device);

	for (unsigned int i = 0; i < session->kept_count; i++) {
		const struct emu_kept *kept = &session->kept[i];

		if (kept->access.region == VFU_REGION_CONFIG)
			emu_cfg_write(core, session->ctrl, (uint32_t)kept->access.offset,
				      kept->data, kept->access.count);
		else
			emu_bar_write(core, session->ctrl, kept->access.offset, kept->data,
				      kept->access.count);
		session->server->work = true;
	}
	session->kept_count = 0;
}
