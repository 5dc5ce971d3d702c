/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A vfio-user server in a thread, which answers every command rightly but for the one that a test
 * twists, and which may ask the client for its memory.
 */
#ifndef TESTS_UNIT_NVL_VFU_SERVER_H
#define TESTS_UNIT_NVL_VFU_SERVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/vfio_user.h"

#define BAR0_BYTES 0x4000u

/* What is wrong with the reply to the twisted command. */
enum th_twist {
	GOOD,
	SHORT,	       /* the header alone */
	LONG,	       /* more payload than asked for */
	WRONG_ID,      /* of another command */
	WRONG_COMMAND, /* of another kind */
	NOT_A_REPLY,   /* a reserved type */
	TINY,	       /* msg_size below the header's */
	HUGE_SIZE,     /* msg_size beyond every limit */
	ERROR_PAYLOAD, /* an error with a payload, as some servers send */
	ERROR_ZERO,    /* an error without a number */
	CUT,	       /* the connection ends in the middle of it */
	CLOSED,	       /* the connection ends instead */
	SILENT,	       /* nothing */
	EXTRA_FDS,     /* descriptors that nobody asked for */
	IN_PIECES,     /* byte by byte */
	TWISTS,
};

/* What is wrong with the description of BAR0's mapping. */
enum th_area_twist {
	AREA_GOOD,
	AREA_NO_FD,
	AREA_PIPE,
	AREA_SHORT_FILE,
	AREA_UNALIGNED,
	AREA_OUTSIDE,
	AREA_WRAPS,
	AREA_EMPTY,	 /* no area: no mapping, and no error */
	AREA_COUNT,	 /* more areas than the reply has */
	AREA_CHAIN_BACK, /* a chain of capabilities that goes back */
	AREA_CHAIN_OUT,	 /* ... out of the reply */
	AREA_TWISTS,
};

/** struct th_vfu_server - the server, and what it is to do wrong */
struct th_vfu_server {
	char directory[64];
	char path[96];
	int listener;
	int client;
	pthread_t thread;
	uint32_t command; /* the twisted one */
	enum th_twist twist;
	enum th_area_twist area_twist;
	bool has_area;
	int bar0;
	uint32_t ask; /* a command that the server sends before the reply to DMA_MAP; 0 none */
	struct vfu_dma_access access;
	struct vfu_header answer;
	uint8_t answered[64];
	uint32_t answered_bytes;
	uint64_t mapped_iova;
};

/** th_vfu_start - listen at server->path and serve one client */
void th_vfu_start(struct th_vfu_server *server);

/** th_vfu_stop - wait for the client to go, and remove the socket */
void th_vfu_stop(struct th_vfu_server *server);

#endif
