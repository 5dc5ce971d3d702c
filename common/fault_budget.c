/* SPDX-License-Identifier: BSD-3-Clause */
/* The budget of fault rules: what they may touch, from text, to text, and looked at. */
#include "common/fault_words.h"
#include "common/mem.h"

/* What may stand in a value; of FAULTS a number, of the others a range. */
static const struct {
	const char *name;
	uint64_t least;
	uint64_t most;
	const char *allowed;
	const char *help;
} limits[NVME_LIMITS] = {
	[NVME_LIMIT_CONTROLLERS] = { "controllers", 1, 16,
				     "is no range of controllers: N, LOW..HIGH or LOW.., from 1 to "
				     "16",
				     "of these controllers, counted from 1 as in `[controller "
				     "2]`" },
	[NVME_LIMIT_QUEUES] = { "queues", 0, UINT16_MAX,
				"is no range of queues: N, LOW..HIGH or LOW.., from 0 to 65535",
				"in these queues, 0 for admin commands" },
	[NVME_LIMIT_LBA] = { "lba", 0, UINT64_MAX, "is no range of blocks: N, LOW..HIGH or LOW..",
			     "to commands with blocks that are all among these" },
	[NVME_LIMIT_FAULTS] = { "faults", 1, UINT64_MAX, "is not a number from 1 on",
				"so often at most, all rules together" },
};

const char *nvme_fault_budget_key(unsigned int limit)
{
	return limit < NVME_LIMITS ? limits[limit].name : NULL;
}

const char *nvme_fault_budget_help(unsigned int limit)
{
	return limit < NVME_LIMITS ? limits[limit].help : NULL;
}

static bool read_number(struct nvme_slice slice, uint64_t *ret_number)
{
	slice = nvme_slice_trim(slice);
	return nvme_parse_u64(slice.data, slice.bytes, ret_number) == NVME_PARSE_OK;
}

/* "5", "5..7", "5.." */
static bool read_range(struct nvme_slice rest, uint64_t most, uint64_t *ret_low, uint64_t *ret_high)
{
	struct nvme_slice low;
	bool open = nvme_fault_take_part(&rest, "..", 2, &low);

	if (!read_number(low, ret_low))
		return false;
	*ret_high = open ? most : *ret_low;
	return rest.bytes == 0 || read_number(rest, ret_high);
}

static bool refuse_key(struct nvme_slice key, struct nvme_text *error)
{
	nvme_fault_refuse(error, key, "is no key of this group; allowed: ");
	for (unsigned int i = 0; i < NVME_LIMITS; i++) {
		nvme_text_add(error, i ? ", " : "");
		nvme_text_add(error, limits[i].name);
	}
	return false;
}

bool nvme_fault_budget_set(struct nvme_fault_budget *budget, struct nvme_slice key,
			   struct nvme_slice value, struct nvme_text *error)
{
	unsigned int i = 0;
	uint64_t low = 0, high = 0;
	bool good;

	while (i < NVME_LIMITS && !nvme_slice_is(key, limits[i].name))
		i++;
	if (i == NVME_LIMITS)
		return refuse_key(key, error);
	if (i == NVME_LIMIT_FAULTS) {
		good = read_number(value, &high);
		low = high;
	} else {
		good = read_range(value, limits[i].most, &low, &high);
	}
	if (!good || low > high || low < limits[i].least || high > limits[i].most) {
		nvme_text_add(error, limits[i].name);
		nvme_text_add(error, ": ");
		return nvme_fault_refuse(error, value, limits[i].allowed);
	}
	budget->limits |= 1u << i;
	budget->low[i] = low;
	budget->high[i] = high;
	return true;
}

void nvme_fault_budget_print(const struct nvme_fault_budget *budget, struct nvme_text *text)
{
	for (unsigned int i = 0; i < NVME_LIMITS; i++) {
		if (!(budget->limits >> i & 1))
			continue;
		nvme_text_add(text, limits[i].name);
		nvme_text_add(text, " = ");
		nvme_text_u64(text, budget->low[i]);
		if (budget->high[i] != budget->low[i]) {
			nvme_text_add(text, "..");
			if (budget->high[i] != limits[i].most)
				nvme_text_u64(text, budget->high[i]);
		}
		nvme_text_char(text, '\n');
	}
}

static bool is_inside(const struct nvme_fault_budget *budget, enum nvme_fault_limit limit,
		      uint64_t value)
{
	return value >= budget->low[limit] && value <= budget->high[limit];
}

static bool asks(const struct nvme_fault_budget *budget, const struct nvme_fault_view *view,
		 enum nvme_fault_limit limit, enum nvme_fault_field field)
{
	return budget->limits >> limit & 1 && view->has >> field & 1;
}

bool nvme_fault_budget_has(const struct nvme_fault_budget *budget,
			   const struct nvme_fault_view *view)
{
	uint64_t first = view->value[NVME_FAULT_LBA], blocks = view->value[NVME_FAULT_BLOCKS];

	if (asks(budget, view, NVME_LIMIT_CONTROLLERS, NVME_FAULT_CTRL) &&
	    !is_inside(budget, NVME_LIMIT_CONTROLLERS, view->value[NVME_FAULT_CTRL] + 1))
		return false;
	if (asks(budget, view, NVME_LIMIT_QUEUES, NVME_FAULT_Q) &&
	    !is_inside(budget, NVME_LIMIT_QUEUES, view->value[NVME_FAULT_Q]))
		return false;
	if (!asks(budget, view, NVME_LIMIT_LBA, NVME_FAULT_LBA))
		return true;
	return is_inside(budget, NVME_LIMIT_LBA, first) &&
	       (blocks == 0 || blocks - 1 <= budget->high[NVME_LIMIT_LBA] - first);
}
