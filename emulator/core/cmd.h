/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Commands as rows of tables: part of internal.h, for which struct emu and its requests have to be
 * known.
 */
#ifndef NVMELAB_EMULATOR_CORE_CMD_H
#define NVMELAB_EMULATOR_CORE_CMD_H

/** enum emu_cmd_flags - what the gates and the spine have to know of a command */
enum emu_cmd_flags {
	EMU_CMD_NS = 1 << 0,		  /* NSID has to be an attached namespace: req->ns */
	EMU_CMD_READS = 1 << 1,		  /* reads user data */
	EMU_CMD_WRITES = 1 << 2,	  /* changes user data */
	EMU_CMD_NO_MEDIA = 1 << 3,	  /* allowed while the media are not ready */
	EMU_CMD_DURING_FORMAT = 1 << 4,	  /* allowed while its namespace is formatted */
	EMU_CMD_DURING_SANITIZE = 1 << 5, /* allowed during a sanitize operation */
	EMU_CMD_RANGE = 1 << 16,	  /* names one range of blocks: req->slba, req->nlb */
	EMU_CMD_ANA = 1 << 17,		  /* admin: needs a path to its namespace */
};

#define EMU_KEY(member) offsetof(struct emu_config, member)

/** emu_offers - whether there is what EMU_KEY() @key names: a bool, or a number; 0: yes */
static inline bool emu_offers(const struct emu_config *config, uint16_t key)
{
	switch (key) {
	case 0:
		return true;
	case EMU_KEY(kas):
		return config->kas > 0;
	case EMU_KEY(domains):
		return config->domains > 0;
	case EMU_KEY(pel):
		return config->pel > 0;
	default:
		return *(const bool *)((const uint8_t *)config + key);
	}
}

/**
 * struct emu_cmd - a row of a table of commands; the index is the opcode
 * @execute: checks the fields and does what needs no data. Return: a status, EMU_PARK or
 *	EMU_TRANSFER. Never writes a completion.
 * @transfer: the data of a command that answered EMU_TRANSFER. Host to controller: called with the
 *	data; controller to host: fills @data. NULL: the data is user data and goes to the medium.
 * @data_bytes: how much; direction is opcode bits 1:0 (Base 2.0 3.3.3, unverified). NULL: none.
 * @effects: dword of the Commands Supported and Effects log, with CSUPP
 * @flags: enum emu_cmd_flags
 * @part: instead of @transfer for data that may be longer than the scratch page: called for bytes
 *	@at .. @at + @bytes - 1, at most EMU_SCRATCH_BYTES, one part after the other in one stage.
 *	A status ends the command; what was transferred before stays so.
 * @key: EMU_KEY() of what offers it, for emu_offers(); 0: always offered
 * @cap: its bit of OACS or ONCS
 * @since: version of the specification
 * @turn: what a staged command does first, and each time that the medium has answered (stage.h).
 *	Return: a status, EMU_BLOCK, or EMU_PARK after emu_stage_ask().
 * @media: enum emu_media_op of a command that is not staged
 */
struct emu_cmd {
	emu_verdict (*execute)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
	nvme_status (*transfer)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				uint8_t *data);
	uint32_t (*data_bytes)(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
	uint32_t effects;
	uint32_t flags;
	nvme_status (*part)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
			    uint32_t at, uint8_t *data, uint32_t bytes);
	uint16_t key;
	uint16_t cap;
	uint32_t since;
	emu_verdict (*turn)(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
	uint8_t media;
};

extern const struct emu_cmd emu_admin_cmds[256];
extern const struct emu_cmd emu_nvm_cmds[256];

void emu_cmds_init(struct emu *emu);
uint32_t emu_cmd_caps(const struct emu *emu, bool admin);

#endif
