/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Firmware slots of a subsystem, and the form of an image (docs/firmware.md).
 */
#ifndef NVMELAB_EMULATOR_CORE_FIRMWARE_H
#define NVMELAB_EMULATOR_CORE_FIRMWARE_H

#include "common/bitset.h"
#include "common/nvme_spec.h"
#include "emulator/core/emu.h"

struct emu_ctrl;
struct emu_req;

typedef uint16_t emu_verdict; /* as in internal.h */

#define EMU_FW_MAGIC "NVMELFW1"

/** enum emu_fw_needs - what an image's activation takes */
enum emu_fw_needs {
	EMU_FW_NEEDS_NOTHING,
	EMU_FW_NEEDS_CONTROLLER_RESET,
	EMU_FW_NEEDS_CONVENTIONAL_RESET,
	EMU_FW_NEEDS_SUBSYSTEM_RESET,
	EMU_FW_NEEDS,
};

#define EMU_FW_FLAG_PROHIBITED 0, 0 /* may be stored, never activated */
#define EMU_FW_FLAG_NO_LOAD    1, 1 /* its activation fails at the reset */
#define EMU_FW_FLAGS	       3

/** struct emu_fw_head - the first 64 bytes of an image; anything may follow */
struct emu_fw_head {
	char magic[8];
	nvme_u32le bytes;  /* of the image, a multiple of 4 */
	nvme_u32le crc32c; /* of everything behind this field */
	char revision[8];  /* ASCII, padded with spaces */
	nvme_u32le activation_msec;
	uint8_t needs; /* enum emu_fw_needs */
	uint8_t flags; /* EMU_FW_FLAG_* */
	uint8_t rsvd30[34];
};
NVME_ASSERT_SIZE(struct emu_fw_head, 64);

/** struct emu_fw_slot - what is kept of an image; an empty slot has no revision */
struct emu_fw_slot {
	char revision[9]; /* 8 characters, then NUL */
	uint32_t activation_msec;
	uint32_t crc32c;
	uint8_t needs;
	uint8_t flags;
};

/**
 * struct emu_firmware - slots and the download that is going on
 * @slot: 1 .. config.fw_slots
 * @running: the image that was loaded last, from slot @active
 * @next: slot to load at the reset that its image needs; 0 none
 * @kept_active: what the saved records say; likewise @kept_next
 * @activating: slot that is being activated without a reset; 0 none
 * @committer: tag of the Firmware Commit that waits for it, or EMU_NONE
 * @image: config.fw_size * 4096 bytes; NULL without firmware update
 * @received: a bit for each dword of it
 * @partial: something was downloaded, by controller @owner; @mixed: and by another one
 * @load_failed: at the reset of a controller, which is told when it is ready again
 */
struct emu_firmware {
	struct emu_fw_slot slot[NVME_FW_SLOTS_MAX + 1];
	struct emu_fw_slot running;
	uint8_t active;
	uint8_t next;
	uint8_t kept_active;
	uint8_t kept_next;
	uint8_t activating;
	uint32_t committer;
	uint8_t *image;
	struct nvme_bitset *received;
	bool partial;
	bool mixed;
	bool load_failed;
	uint8_t load_failed_at;
	uint8_t owner;
};

/** emu_firmware_init - after power-on for the first time: one image, in slot 1 */
void emu_firmware_init(struct emu *emu);

/** emu_load_firmware - record EMU_RECORD_FIRMWARE; @return: 0, or -22 for a bad one */
int emu_load_firmware(struct emu *emu, uint32_t id, const uint8_t *data, uint32_t bytes);

/** emu_firmware_revision - of the running image: 8 characters and a NUL */
const char *emu_firmware_revision(const struct emu *emu);

/** emu_firmware_dropped - the commands of @ctrl are gone, because of a reset */
void emu_firmware_dropped(struct emu *emu, const struct emu_ctrl *ctrl);

/** emu_firmware_reset - a reset of @ctrl ended; Return: whether other firmware runs since */
bool emu_firmware_reset(struct emu *emu, struct emu_ctrl *ctrl, enum emu_reset_kind kind);

/** emu_firmware_ready - @ctrl is ready: it can be told of an image that did not load */
void emu_firmware_ready(struct emu *emu, struct emu_ctrl *ctrl);

/** emu_firmware_pending - 0, or the status that names the reset that an image waits for */
nvme_status emu_firmware_pending(const struct emu *emu);

/** emu_firmware_expired - the time of an activation without reset is over */
void emu_firmware_expired(struct emu *emu);

/* What the rows of Firmware Commit and Download need. */
emu_verdict emu_exec_fw_download(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);
nvme_status emu_fw_download_part(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req,
				 uint32_t at, uint8_t *data, uint32_t bytes);
uint32_t emu_firmware_bytes(struct emu *emu, struct emu_ctrl *ctrl, const struct emu_req *req);
emu_verdict emu_exec_fw_commit(struct emu *emu, struct emu_ctrl *ctrl, struct emu_req *req);

#endif
