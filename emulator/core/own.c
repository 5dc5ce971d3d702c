/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys of which a controller can have a value of its own: see config.h. */
#include "emulator/core/internal.h"

#define EINVAL_NEGATIVE (-22)
#define HALF_SECOND	500000000ull /* the unit of to */

/*
 * @bounded: memory is made for the value that all have, so that one's own is not greater; of mdts 0
 * is the greatest.
 */
static const struct {
	const char *name;
	uint16_t offset;
	uint8_t width;
	bool bounded;
} owns[EMU_OWNS] = {
#define OWN(key, bounded)                                                                      \
	{                                                                                      \
#key, offsetof(struct emu_config, key), sizeof(((struct emu_config *)0)->key), \
			bounded                                                                \
	}
	[EMU_OWN_MQES] = OWN(mqes, false),
	[EMU_OWN_TO] = OWN(to, false),
	[EMU_OWN_MDTS] = OWN(mdts, true),
	[EMU_OWN_QUEUES] = OWN(queues, true),
	[EMU_OWN_AERL] = OWN(aerl, true),
	[EMU_OWN_ACL] = OWN(acl, true),
	[EMU_OWN_READY_DELAY] = OWN(ready_delay, false),
#undef OWN
};

const char *emu_own_name(unsigned int own)
{
	return own < EMU_OWNS ? owns[own].name : NULL;
}

static uint64_t of_all(const struct emu_config *config, enum emu_own own)
{
	const char *member = (const char *)config + owns[own].offset;
	uint32_t narrow;
	uint64_t wide;

	if (owns[own].width == sizeof(wide)) {
		memcpy(&wide, member, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, member, sizeof(narrow));
	return narrow;
}

static void set_of_all(struct emu_config *config, enum emu_own own, uint64_t value)
{
	char *member = (char *)config + owns[own].offset;
	uint32_t narrow = (uint32_t)value;

	if (owns[own].width == sizeof(value))
		memcpy(member, &value, sizeof(value));
	else
		memcpy(member, &narrow, sizeof(narrow));
}

uint64_t emu_config_own(const struct emu_config *config, uint32_t ctrl, enum emu_own own)
{
	const struct emu_own_keys *keys = &config->own[ctrl];

	return keys->has >> own & 1 ? keys->value[own] : of_all(config, own);
}

/** emu_queues_most - how many queue pairs for I/O a host can have at @ctrl */
uint32_t emu_queues_most(const struct emu *emu, const struct emu_ctrl *ctrl)
{
	return (uint32_t)emu_config_own(&emu->config, ctrl->index, EMU_OWN_QUEUES);
}

void emu_config_print_own(const struct emu_config *config, uint32_t ctrl, enum emu_own own,
			  struct nvme_text *text)
{
	uint64_t value = emu_config_own(config, ctrl, own);

	if (own == EMU_OWN_READY_DELAY)
		nvme_text_duration(text, value);
	else
		nvme_text_u64(text, value);
}

static int refuse_key(struct nvme_slice key, struct nvme_text *error)
{
	nvme_text_char(error, '\'');
	nvme_text_slice(error, key);
	nvme_text_add(error, "' is no key of one controller; allowed: ");
	for (unsigned int i = 0; i < EMU_OWNS; i++) {
		nvme_text_add(error, i ? ", " : "");
		nvme_text_add(error, owns[i].name);
	}
	return EINVAL_NEGATIVE;
}

/* The row that reads and checks the value is the one of the key that all share. */
int emu_config_set_own(struct emu_config *config, uint32_t ctrl, const char *key, size_t key_bytes,
		       const char *value, size_t value_bytes, struct nvme_text *error)
{
	struct nvme_slice name = { key, key_bytes };
	struct emu_own_keys *keys = &config->own[ctrl];
	enum emu_own own = 0;
	uint64_t before;
	int result;

	while (own < EMU_OWNS && !nvme_slice_is(name, owns[own].name))
		own++;
	if (own == EMU_OWNS)
		return refuse_key(name, error);
	before = of_all(config, own);
	result = emu_config_set(config, key, key_bytes, value, value_bytes, error);
	if (result)
		return result;
	keys->has |= 1u << own;
	keys->value[own] = of_all(config, own);
	set_of_all(config, own, before);
	return 0;
}

static void name_controller(uint32_t ctrl, struct nvme_text *error)
{
	nvme_text_add(error, "controller ");
	nvme_text_u64(error, ctrl + 1);
	nvme_text_add(error, ": ");
}

/* MDTS 0 has no limit. */
static uint64_t greatest(uint64_t value, enum emu_own own)
{
	return own == EMU_OWN_MDTS && value == 0 ? UINT64_MAX : value;
}

static const struct emu_key *row_of(enum emu_own own)
{
	unsigned int i = 0;

	while (emu_config_key(i)->offset != owns[own].offset)
		i++;
	return emu_config_key(i);
}

/* A value that was set directly obeys the same limits as one that was read. */
static int check_range(const struct emu_config *config, uint32_t ctrl, enum emu_own own,
		       struct nvme_text *error)
{
	const struct emu_key *row = row_of(own);
	uint64_t value = emu_config_own(config, ctrl, own);

	if (value >= row->min && value <= row->max)
		return 0;
	name_controller(ctrl, error);
	nvme_text_add(error, row->name);
	nvme_text_add(error, ": allowed is ");
	emu_config_allowed(row, error);
	return EINVAL_NEGATIVE;
}

static int check_bound(const struct emu_config *config, uint32_t ctrl, enum emu_own own,
		       struct nvme_text *error)
{
	uint64_t value = emu_config_own(config, ctrl, own), most = of_all(config, own);

	if (!owns[own].bounded || greatest(value, own) <= greatest(most, own))
		return 0;
	name_controller(ctrl, error);
	nvme_text_add(error, owns[own].name);
	nvme_text_add(error, " = ");
	nvme_text_u64(error, value);
	nvme_text_add(error, " is more than all controllers have room for: ");
	nvme_text_u64(error, most);
	return EINVAL_NEGATIVE;
}

/** emu_own_check - whether what controllers have of their own works */
int emu_own_check(const struct emu_config *config, struct nvme_text *error)
{
	for (uint32_t ctrl = 0; ctrl < config->controllers; ctrl++) {
		uint64_t delay = emu_config_own(config, ctrl, EMU_OWN_READY_DELAY);
		uint64_t to = emu_config_own(config, ctrl, EMU_OWN_TO);

		for (unsigned int own = 0; own < EMU_OWNS; own++) {
			if (check_range(config, ctrl, (enum emu_own)own, error) != 0 ||
			    check_bound(config, ctrl, (enum emu_own)own, error) != 0)
				return EINVAL_NEGATIVE;
		}
		if (delay <= to * HALF_SECOND)
			continue;
		name_controller(ctrl, error);
		nvme_text_add(error, "ready_delay = ");
		nvme_text_duration(error, delay);
		nvme_text_add(error, " is longer than what to = ");
		nvme_text_u64(error, to);
		nvme_text_add(error, " says: ");
		nvme_text_duration(error, to * HALF_SECOND);
		return EINVAL_NEGATIVE;
	}
	return 0;
}
