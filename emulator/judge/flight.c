/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands in flight, found by controller, queue and identifier: from the fetch to the completion.
 *
 * One whose completion is posted while later entries of its queue were rung already is kept until
 * those are fetched: if one of them has its identifier, the host used it twice at a time. The
 * table is bounded; when it is full the oldest knowledge goes, and nothing is said rather than
 * something wrong.
 */
#include "emulator/judge/shadow.h"

static uint32_t *bucket_of(struct emu_judge *judge, uint16_t ctrl, uint16_t qid, uint16_t cid)
{
	uint32_t key = cid ^ qid * 2654435761u ^ ctrl * 40503u;

	return &judge->bucket[key & (judge->buckets - 1)];
}

static bool is_same(const struct judge_cmd *cmd, uint16_t ctrl, uint16_t qid, uint16_t cid)
{
	return cmd->ctrl == ctrl && cmd->qid == qid && cmd->cid == cid;
}

static void unlink_cmd(struct emu_judge *judge, struct judge_cmd *cmd)
{
	uint32_t index = (uint32_t)(cmd - judge->cmd);
	uint32_t *link = bucket_of(judge, cmd->ctrl, cmd->qid, cmd->cid);

	while (*link != index)
		link = &judge->cmd[*link].next;
	*link = cmd->next;
	cmd->used = false;
	cmd->next = judge->free_cmd;
	judge->free_cmd = index;
}

/* The table is full: what only remembers an identifier makes room. */
static void make_room(struct emu_judge *judge)
{
	for (uint32_t i = 0; i < judge->cmds; i++) {
		if (judge->cmd[i].used && judge->cmd[i].ended)
			unlink_cmd(judge, &judge->cmd[i]);
	}
}

/** emu_judge_flight - the command that has this identifier, not completed yet; or NULL */
struct judge_cmd *emu_judge_flight(struct emu_judge *judge, uint16_t ctrl, uint16_t qid,
				   uint16_t cid)
{
	uint32_t at = *bucket_of(judge, ctrl, qid, cid);

	for (; at != JUDGE_NONE; at = judge->cmd[at].next) {
		if (is_same(&judge->cmd[at], ctrl, qid, cid) && !judge->cmd[at].ended)
			return &judge->cmd[at];
	}
	return NULL;
}

/**
 * emu_judge_conflict - whether an entry of a queue may have @cid
 * @fetched: how many entries were fetched before it
 * Return: the command that it cannot be told from, or NULL. What is not needed any longer goes.
 */
const struct judge_cmd *emu_judge_conflict(struct emu_judge *judge, uint16_t ctrl, uint16_t qid,
					   uint16_t cid, uint64_t fetched)
{
	const struct judge_cmd *conflict = NULL;
	uint32_t at = *bucket_of(judge, ctrl, qid, cid), next;

	for (; at != JUDGE_NONE; at = next) {
		struct judge_cmd *cmd = &judge->cmd[at];

		next = cmd->next;
		if (!is_same(cmd, ctrl, qid, cid))
			continue;
		if (!cmd->ended || fetched < cmd->barrier)
			conflict = cmd;
		else
			unlink_cmd(judge, cmd);
	}
	return conflict;
}

/**
 * emu_judge_outstanding - admin commands of @opcode that the host had outstanding together
 * @fetched: admin commands that were fetched before the one that is asked for
 * Return: how many besides that one.
 */
uint32_t emu_judge_outstanding(const struct emu_judge *judge, uint16_t ctrl, uint8_t opcode,
			       uint64_t fetched)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < judge->cmds; i++) {
		const struct judge_cmd *cmd = &judge->cmd[i];

		if (cmd->used && cmd->ctrl == ctrl && cmd->qid == 0 && cmd->opcode == opcode &&
		    (!cmd->ended || fetched < cmd->barrier))
			count++;
	}
	return count;
}

/** emu_judge_depart - a command is in flight; without room for it nothing is remembered */
void emu_judge_depart(struct emu_judge *judge, const struct judge_cmd *like)
{
	struct judge_cmd *cmd;
	uint32_t *bucket;

	if (judge->free_cmd == JUDGE_NONE)
		make_room(judge);
	if (judge->free_cmd == JUDGE_NONE)
		return;
	cmd = &judge->cmd[judge->free_cmd];
	judge->free_cmd = cmd->next;
	*cmd = *like;
	cmd->used = true;
	bucket = bucket_of(judge, cmd->ctrl, cmd->qid, cmd->cid);
	cmd->next = *bucket;
	*bucket = (uint32_t)(cmd - judge->cmd);
}

/** emu_judge_land - the completion of @cmd is posted */
void emu_judge_land(struct emu_judge *judge, struct judge_cmd *cmd)
{
	const struct judge_sq *sq = emu_judge_sq(judge, &judge->ctrl[cmd->ctrl], cmd->qid);

	if (!sq || sq->submitted == sq->fetched) {
		unlink_cmd(judge, cmd);
		return;
	}
	cmd->ended = true;
	cmd->barrier = sq->submitted;
}

/** emu_judge_ground - commands of queue @qid, or of all (JUDGE_NONE), do not complete any more */
void emu_judge_ground(struct emu_judge *judge, uint16_t ctrl, uint32_t qid)
{
	for (uint32_t i = 0; i < judge->cmds; i++) {
		struct judge_cmd *cmd = &judge->cmd[i];

		if (!cmd->used || cmd->ctrl != ctrl || (qid != JUDGE_NONE && cmd->qid != qid))
			continue;
		unlink_cmd(judge, cmd);
	}
}
