/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of requests, linked by index. Part of internal.h, for which struct emu has to be complete.
 */
#ifndef NVMELAB_EMULATOR_CORE_LIST_H
#define NVMELAB_EMULATOR_CORE_LIST_H

static inline void emu_list_push(struct emu *emu, struct emu_list *list, struct emu_req *req)
{
	req->next = EMU_NONE;
	if (list->tail == EMU_NONE)
		list->head = req->tag;
	else
		emu->req[list->tail].next = req->tag;
	list->tail = req->tag;
	list->count++;
}

/* At the front: what was used last is used next, while it is in the cache. */
static inline void emu_list_push_front(struct emu_list *list, struct emu_req *req)
{
	req->next = list->head;
	list->head = req->tag;
	if (list->tail == EMU_NONE)
		list->tail = req->tag;
	list->count++;
}

static inline struct emu_req *emu_list_pop(struct emu *emu, struct emu_list *list)
{
	struct emu_req *req;

	if (list->head == EMU_NONE)
		return NULL;
	req = &emu->req[list->head];
	list->head = req->next;
	if (list->head == EMU_NONE)
		list->tail = EMU_NONE;
	list->count--;
	return req;
}

#endif
