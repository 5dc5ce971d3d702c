/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of the server share; server.h says who does what. */
#ifndef NVMELAB_EMULATOR_APP_SESSION_H
#define NVMELAB_EMULATOR_APP_SESSION_H

#include "emulator/app/control.h"
#include "emulator/app/log.h"
#include "emulator/app/server.h"
#include "emulator/app/verdict.h"

#define EMU_RECEIVE_FDS VFU_MSG_FDS_MAX

enum emu_session_state {
	EMU_SESSION_FREE, /* nobody there: the listener is watched */
	EMU_SESSION_NEW,  /* connected, VERSION expected */
	EMU_SESSION_READY,
	EMU_SESSION_RESETTING, /* DEVICE_RESET waits for media before its reply */
	EMU_SESSION_ENDING,    /* the last reply has to leave, then the connection is closed */
	EMU_SESSION_CLEANING,  /* disconnected; the controller waits for media */
};

/**
 * struct emu_irq_set - the eventfds of MSI or of MSI-X
 * @fds: one for each vector, -1 for none
 * @careful: by vector: look whether a write would block first
 */
struct emu_irq_set {
	int *fds;
	bool *careful;
	uint32_t count;
};

/**
 * struct emu_intx - INTx, for a client
 * @fd: is told of it, or -1; @careful as above
 * @unmask_fd: takes the mask away when it is signalled, or -1
 * @retractable: what was told can be taken back while nobody has heard it
 * @masked: nobody is told, because of the client or since it was told
 * @unmasking: the mask goes when the level is certain
 */
struct emu_intx {
	int fd;
	int unmask_fd;
	bool careful;
	bool retractable;
	bool asserted;
	bool masked;
	bool unmasking;
};

/** struct emu_irqs - the eventfds of a client */
struct emu_irqs {
	struct emu_intx intx;
	struct emu_irq_set msi;
	struct emu_irq_set msix;
	int err;
	int req;
};

/**
 * struct emu_bar0 - BAR0 as shared memory; base is NULL when it is trapped
 * @area_offset: of the part that the client may map; @area_bytes long
 */
struct emu_bar0 {
	int fd;
	uint8_t *base;
	uint64_t bytes;
	uint64_t area_offset;
	uint64_t area_bytes;
	bool registers;
};

/** struct emu_last_read - to recognise a client that reads the same thing again and again */
struct emu_last_read {
	uint64_t offset;
	uint32_t bytes; /* 0: the last access was no such read */
};

/** struct emu_message - a command that arrived whole; the descriptors are closed after it */
struct emu_message {
	struct vfu_header header;
	const uint8_t *payload;
	uint32_t bytes;
	int *fds; /* one that a handler keeps is replaced by -1 */
	unsigned int fd_count;
};

/**
 * struct emu_reply - the reply of a handler that returned 0
 * @payload: room for EMU_MSG_BYTES - 16
 * @bytes: how much of it is used, 0 at first
 * @fd: sent along, -1 at first; stays the handler's
 */
struct emu_reply {
	uint8_t *payload;
	uint32_t bytes;
	int fd;
};

/**
 * struct emu_exchange - a command of ours to the client
 * @command: VFU_DMA_READ into @to, or VFU_DMA_WRITE from @from
 */
struct emu_exchange {
	uint16_t command;
	struct vfu_dma_access access;
	uint8_t *to;
	const uint8_t *from;
};

#define EMU_KEPT 64u /* writes that wait until the core has finished */

/** struct emu_kept - a write to BAR0 or configuration space that came during an exchange */
struct emu_kept {
	struct vfu_region_access access;
	uint8_t data[8];
};

/**
 * struct emu_session - a controller and the client it has
 * @remote: has memory without a file
 * @handling: a message is being handled
 * @exchanging: our own command waits for its reply
 * @lost: why it has to be closed as soon as the core does not run; NULL
 * @xfer_bytes: the most data that the client takes in one message
 * @spare_in: with @spare_out the buffers of an exchange while a message is being handled
 */
struct emu_session {
	struct emu_server *server;
	uint32_t ctrl;
	const char *path;
	int listener;
	int fd;
	enum emu_session_state state;
	uint64_t deadline_nsec; /* of EMU_SESSION_NEW and _RESETTING */
	unsigned int complaints;
	bool told_no_fd;
	uint32_t watched; /* epoll events of fd */

	uint8_t *in; /* EMU_MSG_BYTES; header first */
	uint32_t in_used;
	int fds[EMU_RECEIVE_FDS];
	unsigned int fd_count;

	uint8_t *out; /* EMU_MSG_BYTES */
	uint32_t out_bytes;
	uint32_t out_sent;
	int out_fd;
	struct vfu_header reset_header;

	bool remote;
	bool handling;
	bool exchanging;
	const char *lost;
	uint16_t exchange_id;
	uint32_t xfer_bytes;
	uint8_t *spare_in;
	uint8_t *spare_out;
	unsigned int kept_count;
	struct emu_kept kept[EMU_KEPT];

	struct emu_bar0 bar0;
	struct emu_irqs irqs;
	struct emu_last_read last_read;
	bool lab_opened;
};

/**
 * struct emu_server - the process
 * @work: the core was stopped in the middle of it
 */
struct emu_server {
	struct emu_device *device;
	struct emu_server_options options;
	struct emu_layout layout;
	struct emu_session *sessions;
	struct emu_control *control; /* NULL without one */
	struct emu_verdict verdict;
	unsigned int count;
	int epoll;
	int stop_fd;
	bool stop; /* by __atomic: another thread or a signal handler sets it */
	bool work;
	bool trace_reported;
};

/* loop.c */

/** emu_server_nsec - the monotonic clock of the machine, for limits of connections */
uint64_t emu_server_nsec(void);

/** emu_server_work - run the core: to its end under a virtual clock, else for a bounded time */
void emu_server_work(struct emu_server *server);

/** emu_server_run_core - at most @max stages, and what clients wrote meanwhile; Return: how many */
unsigned int emu_server_run_core(struct emu_server *server, unsigned int max);

/** emu_server_is_virtual - whether time is moved by messages */
bool emu_server_is_virtual(const struct emu_server *server);

/* session.c */

/** emu_listen_at - a socket of the owner alone at @path; Return: its descriptor or an errno */
int emu_listen_at(const char *path, struct nvme_text *error);

/** emu_session_init - listen at session->path; Return: 0 or a negative errno with a sentence */
int emu_session_init(struct emu_session *session, struct emu_server *server, uint32_t ctrl,
		     const char *path, struct nvme_text *error);

/** emu_session_done - close everything and remove the socket */
void emu_session_done(struct emu_session *session);

/** emu_session_accept - take the next client, if there is one */
void emu_session_accept(struct emu_session *session);

/** emu_session_serve - the socket is readable or writable: receive, handle, send */
void emu_session_serve(struct emu_session *session);

/** emu_session_check - what waits for media or time; called each turn of the loop */
void emu_session_check(struct emu_session *session);

/** emu_session_close - the client is gone, or has to go: its controller starts over */
void emu_session_close(struct emu_session *session, const char *why);

/** emu_session_send_rest - send what fits; Return: 0, also when a rest has to wait, or an errno */
int emu_session_send_rest(struct emu_session *session);

/**
 * emu_session_receive - receive until a message is there
 * @replies: a reply may come
 * Return: 1 when it is there, 0 when more has to come, or a negative errno.
 */
int emu_session_receive(struct emu_session *session, bool replies);

/**
 * emu_session_next - handle the command that was received
 * @ret_header: gets the header
 * Return: 1 when it is a reply, which stays where it is; 0 when it was handled; or an errno.
 */
int emu_session_next(struct emu_session *session, struct vfu_header *ret_header);

/** emu_session_close_fds - those that came with the message */
void emu_session_close_fds(struct emu_session *session);

/** emu_complain - warn about the client, a limited number of times */
void emu_complain(struct emu_session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* memory.c */

/**
 * emu_memory_exchange - move @bytes of host memory by messages
 *
 * Context: from inside a run of the core; handles other messages of the client meanwhile.
 * Return: 0; -EIO when the client refused; any other errno: it cannot be asked (any more).
 */
int emu_memory_exchange(struct emu_session *session, struct emu_exchange exchange, uint64_t bytes);

/** emu_memory_keep - a write has to wait; Return: 0, or -EBUSY when too many wait */
int emu_memory_keep(struct emu_session *session, const struct vfu_region_access *access,
		    const uint8_t *data);

/** emu_memory_apply - do the writes that had to wait */
void emu_memory_apply(struct emu_session *session);

/* messages.c */

/**
 * emu_message_handle - do what a command asks for
 * Return: 0 with @reply filled, or a negative errno for an error reply. EMU_SESSION_RESETTING in
 * session->state says that the reply comes later.
 */
int emu_message_handle(struct emu_session *session, struct emu_message *message,
		       struct emu_reply *reply);

/** emu_may_work - whether the core may run while the client waits for a reply; see memory.c */
bool emu_may_work(const struct emu_session *session);

/** emu_payload - copy a structure of @bytes from the payload; false when it is shorter */
bool emu_payload(const struct emu_message *message, void *to, uint32_t bytes);

/** emu_reply_add - append to the payload of a reply; the caller knows that it fits */
void emu_reply_add(struct emu_reply *reply, const void *data, uint32_t bytes);

/* version.c: handlers */
int emu_handle_version(struct emu_session *session, struct emu_message *message,
		       struct emu_reply *reply);

/* region.c: handlers, and what a region is */
int emu_handle_region_info(struct emu_session *session, struct emu_message *message,
			   struct emu_reply *reply);
int emu_handle_region_io_fds(struct emu_session *session, struct emu_message *message,
			     struct emu_reply *reply);
int emu_handle_region_read(struct emu_session *session, struct emu_message *message,
			   struct emu_reply *reply);
int emu_handle_region_write(struct emu_session *session, struct emu_message *message,
			    struct emu_reply *reply);
int emu_handle_write_multi(struct emu_session *session, struct emu_message *message,
			   struct emu_reply *reply);

/** emu_region_count - 9, or 10 with the lab */
uint32_t emu_region_count(const struct emu_session *session);

/* irqs.c: handlers and life */
int emu_handle_irq_info(struct emu_session *session, struct emu_message *message,
			struct emu_reply *reply);
int emu_handle_set_irqs(struct emu_session *session, struct emu_message *message,
			struct emu_reply *reply);

/** emu_irqs_none - nothing that would have to be closed */
void emu_irqs_none(struct emu_irqs *irqs);

/** emu_irqs_init - no eventfds yet; Return: 0 or -ENOMEM */
int emu_irqs_init(struct emu_irqs *irqs, const struct emu_config *config, uint32_t vectors);

/** emu_irqs_clear - close all eventfds */
void emu_irqs_clear(struct emu_irqs *irqs, int epoll);

/** emu_irqs_done - close and free */
void emu_irqs_done(struct emu_irqs *irqs, int epoll);

/** emu_irqs_raise - signal the eventfd of @vector; Return: false when there is none */
bool emu_irqs_raise(struct emu_irqs *irqs, enum emu_irq_mode mode, uint32_t vector);

/** emu_irqs_signal - add 1 to an eventfd, without waiting for a client that fills it */
void emu_irqs_signal(int fd, bool *careful);

/** emu_irqs_take - read an eventfd without waiting; Return: whether it was signalled */
bool emu_irqs_take(int fd);

/* intx.c */

/** emu_intx_init - no descriptors, not asserted */
void emu_intx_init(struct emu_intx *intx);

/** emu_intx_set - the level of the line, as ops->intx of the core; not yet told */
void emu_intx_set(struct emu_intx *intx, bool asserted);

/** emu_intx_assign - who is told, not masked; @fd becomes ours, -1 for nobody */
void emu_intx_assign(struct emu_intx *intx, int fd);

/** emu_intx_mask - MASK at once, or UNMASK with the next emu_intx_tell() */
void emu_intx_mask(struct emu_intx *intx, bool masked);

/** emu_intx_wants - whether emu_intx_tell() has something to do */
bool emu_intx_wants(const struct emu_intx *intx);

/** emu_intx_tell - the level is certain: the client is told of it, if it is to be */
void emu_intx_tell(struct emu_intx *intx);

/** emu_intx_watch - @fd unmasks from now on and becomes ours, -1 for none; Return: 0 or an errno */
int emu_intx_watch(struct emu_intx *intx, int epoll, int fd);

/** emu_intx_woken - unmask_fd may be readable */
void emu_intx_woken(struct emu_intx *intx);

/** emu_intx_clear - close both descriptors */
void emu_intx_clear(struct emu_intx *intx, int epoll);

/* bar0.c */

/** emu_bar0_init - trapped */
void emu_bar0_init(struct emu_bar0 *bar0);

/** emu_bar0_open - new shared memory for @mode; Return: 0 or a negative errno */
int emu_bar0_open(struct emu_bar0 *bar0, const struct emu_layout *layout, enum emu_bar0_mode mode);

/** emu_bar0_close - trapped again */
void emu_bar0_close(struct emu_bar0 *bar0);

/** emu_bar0_at - as ops->shared of the core */
volatile void *emu_bar0_at(const struct emu_bar0 *bar0, uint64_t offset);

/* lab.c */

/** emu_lab_read - see region 9 in common/vfio_user.h; Return: 0 or -EINVAL */
int emu_lab_read(struct emu_session *session, uint64_t offset, uint8_t *data, uint32_t bytes);

/** emu_lab_write - Return: 0, -EINVAL, or -ETIME as emu_device_advance() */
int emu_lab_write(struct emu_session *session, uint64_t offset, const uint8_t *data,
		  uint32_t bytes);

/**
 * emu_lab_before_read - time passes before a read of BAR0, unless a client moves it by the lab
 *
 * A tick; or, when the last access was the same read, all the time to the next deadline: the client
 * waits for something to change.
 */
void emu_lab_before_read(struct emu_session *session, uint64_t offset, uint32_t bytes);

/** emu_lab_before_write - a tick passes */
void emu_lab_before_write(struct emu_session *session);

/* json.c */

/** struct emu_json_caps - what VERSION may say; defaults where it does not */
struct emu_json_caps {
	uint64_t max_msg_fds;
	uint64_t max_data_xfer_size;
	uint64_t max_dma_maps;
	uint64_t pgsizes;
	bool write_multiple;
};

/**
 * emu_json_caps_parse - read {"capabilities":{...}}
 * @text: @bytes long, without a terminator; unknown keys are skipped, of doubles the last counts
 * Return: NULL, or what is wrong in a few words; @ret_caps is set even then.
 */
const char *emu_json_caps_parse(const char *text, size_t bytes, struct emu_json_caps *ret_caps);

#endif
