/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One client: its socket, messages in and replies out.
 *
 *   FREE -> NEW -> READY <-> RESETTING      READY -> ENDING -> CLEANING -> FREE
 *
 * Header and body are read apart, so that descriptors belong to a message beyond doubt. While a
 * reply waits for room in the socket nothing is read: what a client that reads nothing costs is one
 * message. Clients beyond the first wait in the listener's queue.
 */
#include "emulator/app/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "emulator/device/say.h"

#define HEADER_BYTES ((uint32_t)sizeof(struct vfu_header))
#define BACKLOG	     64

void emu_complain(struct emu_session *session, const char *format, ...)
{
	char text[256];
	va_list args;

	if (++session->complaints > EMU_COMPLAINTS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emu_log(EMU_LOG_WARNING, (int)session->ctrl, "%s%s", text,
		session->complaints == EMU_COMPLAINTS ? "; no more of these" : "");
}

/* Which events wake the loop: the listener's while free, else the client's. */
static void watch(struct emu_session *session)
{
	struct epoll_event event = { .data.ptr = session };
	bool in = session->state == EMU_SESSION_NEW || session->state == EMU_SESSION_READY;

	if (session->fd < 0)
		return;
	if (session->out_sent < session->out_bytes)
		event.events = EPOLLOUT;
	else if (in)
		event.events = EPOLLIN;
	if (event.events == session->watched)
		return;
	epoll_ctl(session->server->epoll, EPOLL_CTL_MOD, session->fd, &event);
	session->watched = event.events;
}

static void watch_listener(struct emu_session *session, bool on)
{
	struct epoll_event event = { .events = on ? EPOLLIN : 0, .data.ptr = session };

	epoll_ctl(session->server->epoll, EPOLL_CTL_MOD, session->listener, &event);
}

/* Receiving. */

void emu_session_close_fds(struct emu_session *session)
{
	for (unsigned int i = 0; i < session->fd_count; i++) {
		if (session->fds[i] >= 0)
			close(session->fds[i]);
	}
	session->fd_count = 0;
}

/* Keeps the descriptors that came with a part of a message; Return: false when some were lost. */
static bool take_fds(struct emu_session *session, struct msghdr *msg)
{
	bool all = !(msg->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *part = CMSG_FIRSTHDR(msg); part; part = CMSG_NXTHDR(msg, part)) {
		size_t count;

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
			if (session->fd_count < EMU_RECEIVE_FDS) {
				session->fds[session->fd_count++] = fd;
			} else {
				close(fd);
				all = false;
			}
		}
	}
	return all;
}

/*
 * Receives until @want bytes of the message are there.
 * Return: 1 when they are, 0 when more have to come, or a negative errno; -ECONNRESET at the end.
 */
static int receive(struct emu_session *session, uint32_t want)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * EMU_RECEIVE_FDS)];
		struct cmsghdr align;
	} control;

	while (session->in_used < want) {
		struct iovec part = { session->in + session->in_used, want - session->in_used };
		struct msghdr msg = {
			.msg_iov = &part,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control.bytes),
		};
		ssize_t bytes = recvmsg(session->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (msg.msg_controllen > 0 && !take_fds(session, &msg))
			return -EMFILE;
		if (bytes == 0)
			return -ECONNRESET;
		session->in_used += (uint32_t)bytes;
	}
	return 1;
}

/* Sending. */

int emu_session_send_rest(struct emu_session *session)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };

	while (session->out_sent < session->out_bytes) {
		struct iovec part = { session->out + session->out_sent,
				      session->out_bytes - session->out_sent };
		struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t bytes;

		if (session->out_fd >= 0) {
			struct cmsghdr *fds = &control.align;

			msg.msg_control = &control;
			msg.msg_controllen = sizeof(control.bytes);
			fds->cmsg_level = SOL_SOCKET;
			fds->cmsg_type = SCM_RIGHTS;
			fds->cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(fds), &session->out_fd, sizeof(int));
		}
		bytes = sendmsg(session->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes < 0)
			return errno == EAGAIN ? 0 : -errno;
		session->out_fd = -1; /* It left with the first byte. */
		session->out_sent += (uint32_t)bytes;
	}
	return 0;
}

/* Sends the reply to @header; an error has no payload. */
static int send_reply(struct emu_session *session, const struct vfu_header *header, int error,
		      const struct emu_reply *reply)
{
	struct vfu_header to = {
		.msg_id = header->msg_id,
		.command = header->command,
		.msg_size = HEADER_BYTES,
		.flags = VFU_FLAG_REPLY,
	};

	if (error) {
		to.flags |= VFU_FLAG_ERROR;
		to.error_no = (uint32_t)-error;
	} else {
		to.msg_size += reply->bytes;
	}
	memcpy(session->out, &to, sizeof(to));
	session->out_bytes = to.msg_size;
	session->out_sent = 0;
	session->out_fd = error ? -1 : reply->fd;
	return emu_session_send_rest(session);
}

/* Messages. */

/* Whether a header can begin a message of ours; else the two sides have lost each other. */
static const char *check_header(const struct vfu_header *header, bool replies)
{
	if (header->msg_size < HEADER_BYTES)
		return "a message is shorter than its header";
	if (header->msg_size > EMU_MSG_BYTES)
		return "a message is longer than max_data_xfer_size allows";
	if ((header->flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_REPLY && replies)
		return NULL;
	if ((header->flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_REPLY)
		return "a reply to nothing";
	if ((header->flags & VFU_FLAG_TYPE_MASK) != VFU_FLAG_COMMAND)
		return "a message is neither command nor reply";
	return NULL;
}

static int handle_message(struct emu_session *session)
{
	struct emu_reply reply = { .payload = session->out + HEADER_BYTES, .fd = -1 };
	struct emu_message message = {
		.payload = session->in + HEADER_BYTES,
		.bytes = session->in_used - HEADER_BYTES,
		.fds = session->fds,
		.fd_count = session->fd_count,
	};
	bool outer = session->handling;
	int error;

	memcpy(&message.header, session->in, sizeof(message.header));
	session->handling = true;
	error = emu_message_handle(session, &message, &reply);
	session->handling = outer;
	emu_session_close_fds(session);
	session->in_used = 0;
	if (session->state == EMU_SESSION_RESETTING || message.header.flags & VFU_FLAG_NO_REPLY)
		return 0;
	return send_reply(session, &message.header, error, &reply);
}

int emu_session_receive(struct emu_session *session, bool replies)
{
	struct vfu_header header;
	const char *wrong;
	int result = receive(session, HEADER_BYTES);

	if (result <= 0)
		return result;
	memcpy(&header, session->in, sizeof(header));
	wrong = check_header(&header, replies);
	if (wrong) {
		emu_complain(session, "%s", wrong);
		return -EPROTO;
	}
	return receive(session, header.msg_size);
}

int emu_session_next(struct emu_session *session, struct vfu_header *ret_header)
{
	memcpy(ret_header, session->in, sizeof(*ret_header));
	if ((ret_header->flags & VFU_FLAG_TYPE_MASK) == VFU_FLAG_REPLY)
		return 1;
	return handle_message(session);
}

/* Receives and handles one message; Return: 1, 0 when more has to come, or a negative errno. */
static int serve_one(struct emu_session *session)
{
	int result = emu_session_receive(session, false);

	if (result <= 0)
		return result;
	result = handle_message(session);
	return result < 0 ? result : 1;
}

static const char *why_closed(int error)
{
	switch (error) {
	case -ECONNRESET:
	case -EPIPE:
		return "disconnected";
	case -EMFILE:
		return "closed: more file descriptors came than can be taken";
	case -EPROTO:
		return "closed: protocol error";
	default:
		return strerror(-error);
	}
}

void emu_session_serve(struct emu_session *session)
{
	int result = emu_session_send_rest(session);

	for (unsigned int i = 0; result >= 0 && i < EMU_TURN_MESSAGES; i++) {
		if (session->out_sent < session->out_bytes ||
		    (session->state != EMU_SESSION_NEW && session->state != EMU_SESSION_READY))
			break;
		result = serve_one(session);
		if (result == 0)
			break;
	}
	if (result < 0)
		emu_session_close(session, why_closed(result));
	else if (session->state == EMU_SESSION_ENDING && session->out_sent == session->out_bytes)
		emu_session_close(session, "closed");
	else
		watch(session);
}

/* Life. */

void emu_session_accept(struct emu_session *session)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = session };
	int fd = accept4(session->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			emu_complain(session, "accept: %s", strerror(errno));
		return;
	}
	if (epoll_ctl(session->server->epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
		close(fd);
		return;
	}
	watch_listener(session, false);
	session->fd = fd;
	session->watched = EPOLLIN;
	session->state = EMU_SESSION_NEW;
	session->deadline_nsec = emu_server_nsec() + EMU_VERSION_NSEC;
	session->complaints = 0;
	session->told_no_fd = false;
	session->remote = false;
	session->xfer_bytes = VFU_DEFAULT_DATA_XFER_SIZE;
	emu_session_serve(session);
}

static void set_free(struct emu_session *session)
{
	session->state = EMU_SESSION_FREE;
	watch_listener(session, true);
}

/* The next client finds a controller as after a function reset, and nothing of this one. */
void emu_session_close(struct emu_session *session, const char *why)
{
	struct emu_server *server = session->server;

	emu_log(EMU_LOG_INFO, (int)session->ctrl, "client %s", why);
	emu_session_close_fds(session);
	close(session->fd);
	session->fd = -1;
	session->in_used = 0;
	session->out_bytes = 0;
	session->out_sent = 0;
	session->out_fd = -1;
	session->lab_opened = false;
	session->last_read.bytes = 0;
	session->lost = NULL;
	session->kept_count = 0;
	emu_reset(emu_device_core(server->device), session->ctrl, EMU_RESET_FUNCTION);
	emu_server_work(server);
	emu_irqs_clear(&session->irqs, server->epoll);
	emu_device_unmap_all(server->device, session->ctrl);
	emu_bar0_close(&session->bar0);
	session->state = EMU_SESSION_CLEANING;
	emu_session_check(session);
}

void emu_session_check(struct emu_session *session)
{
	struct emu *core = emu_device_core(session->server->device);
	const struct emu_reply empty = { .fd = -1 };

	if (session->lost)
		emu_session_close(session, session->lost);
	switch (session->state) {
	case EMU_SESSION_CLEANING:
		if (emu_busy(core, session->ctrl))
			break;
		if (emu_device_renew_memory(session->server->device, session->ctrl) < 0)
			emu_complain(session, "the next client finds the CMB as it is");
		set_free(session);
		break;
	case EMU_SESSION_RESETTING:
		if (emu_busy(core, session->ctrl) && emu_server_nsec() < session->deadline_nsec)
			break;
		session->state = EMU_SESSION_READY;
		if (!(session->reset_header.flags & VFU_FLAG_NO_REPLY))
			send_reply(session, &session->reset_header, 0, &empty);
		emu_session_serve(session);
		break;
	case EMU_SESSION_NEW:
		if (emu_server_nsec() >= session->deadline_nsec)
			emu_session_close(session, "closed: it sent no VERSION for 10 seconds");
		break;
	case EMU_SESSION_FREE:
	case EMU_SESSION_READY:
	case EMU_SESSION_ENDING:
		break;
	}
}

/* Listening. */

/* Removes a socket that nobody listens at any more; Return: 0 or a negative errno. */
static int remove_stale(const struct sockaddr_un *address, struct nvme_text *error)
{
	struct stat file;
	int result;
	int fd;

	if (stat(address->sun_path, &file) == 0 && !S_ISSOCK(file.st_mode))
		return emu_say(error, -EEXIST, "socket %s: exists and is not a socket",
			       address->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return emu_say(error, -errno, "socket: %s", strerror(errno));
	result = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(fd);
	if (result != ECONNREFUSED)
		return emu_say(error, -EADDRINUSE, "socket %s: another process listens there",
			       address->sun_path);
	if (unlink(address->sun_path) < 0 && errno != ENOENT)
		return emu_say(error, -errno, "socket %s: is stale and cannot be removed: %s",
			       address->sun_path, strerror(errno));
	return 0;
}

/* Binds so that nobody but the user can ever connect. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t old = umask(0177);
	int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int saved = errno;

	umask(old);
	return result < 0 ? -saved : 0;
}

int emu_listen_at(const char *path, struct nvme_text *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int result;
	int fd;

	if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path))
		return emu_say(error, -EINVAL, "socket %s: a path of 1 to %zu bytes is needed",
			       path, sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return emu_say(error, -errno, "socket: %s", strerror(errno));
	result = bind_private(fd, &address);
	if (result == -EADDRINUSE) {
		result = remove_stale(&address, error);
		if (result) {
			close(fd);
			return result;
		}
		result = bind_private(fd, &address);
	}
	if (result == 0 && listen(fd, BACKLOG) < 0)
		result = -errno;
	if (result) {
		close(fd);
		return emu_say(error, result, "socket %s: %s", path, strerror(-result));
	}
	return fd;
}

int emu_session_init(struct emu_session *session, struct emu_server *server, uint32_t ctrl,
		     const char *path, struct nvme_text *error)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = session };
	int fd;

	session->server = server;
	session->ctrl = ctrl;
	session->path = path;
	session->in = malloc(EMU_MSG_BYTES);
	session->out = malloc(EMU_MSG_BYTES);
	session->spare_in = malloc(EMU_MSG_BYTES);
	session->spare_out = malloc(EMU_MSG_BYTES);
	if (!session->in || !session->out || !session->spare_in || !session->spare_out ||
	    emu_irqs_init(&session->irqs, emu_config_of(emu_device_core(server->device)),
			  server->layout.vectors) < 0)
		return emu_say(error, -ENOMEM, "no memory");
	fd = emu_listen_at(path, error);
	if (fd < 0)
		return fd;
	session->listener = fd;
	if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return emu_say(error, -errno, "epoll: %s", strerror(errno));
	return 0;
}

void emu_session_done(struct emu_session *session)
{
	if (session->fd >= 0)
		emu_session_close(session, "disconnected: the emulator ends");
	if (session->listener >= 0) {
		close(session->listener);
		unlink(session->path);
	}
	emu_irqs_done(&session->irqs, session->server ? session->server->epoll : -1);
	free(session->spare_in);
	free(session->spare_out);
	free(session->in);
	free(session->out);
}
