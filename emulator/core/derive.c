/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows from a configuration: BAR0, sizes of pools, what an older version does not offer. */
#include "emulator/core/internal.h"

#define MSIX_ENTRY  16
#define BAR0_MIN    0x4000ull
#define SPARE_BYTES (1ull << 40) /* for namespaces that a host creates */

static uint64_t power_of_two(uint64_t value)
{
	uint64_t result = BAR0_MIN;

	while (result < value)
		result *= 2;
	return result;
}

/*
 * Doorbells take whole pages from 1000h on; MSI-X table and PBA follow, each from a page on. With
 * the doorbells in one page and at most 256 vectors that is the table at 2000h and the PBA at
 * 3000h.
 */
void emu_config_layout(const struct emu_config *config, struct emu_layout *ret_layout)
{
	uint64_t doorbells = (2ull * (config->queues + 1)) << (2 + config->dstrd);
	uint64_t pages = (doorbells + 0xfff) & ~0xfffull;
	uint32_t automatic = config->queues + 1 < 64 ? config->queues + 1 : 64;
	uint32_t vectors = config->vectors ? config->vectors : automatic;
	uint64_t table = NVME_DOORBELL_OFFSET + pages;
	uint64_t pba = table + (((uint64_t)vectors * MSIX_ENTRY + 0xfff) & ~0xfffull);

	ret_layout->doorbell_bytes = pages;
	ret_layout->vectors = vectors;
	ret_layout->table_offset = (uint32_t)table;
	ret_layout->pba_offset = (uint32_t)pba;
	ret_layout->bar0_bytes = power_of_two(pba + 0x1000);
}

/** emu_config_largest - bytes of the largest command: MDTS, or what 65,536 blocks have */
uint64_t emu_config_largest(const struct emu_config *config)
{
	uint32_t lbads = 12;

	if (config->mdts)
		return 4096ull << config->mdts;
	for (uint32_t i = 0; i < config->namespaces; i++)
		lbads = config->ns[i].lbads > lbads ? config->ns[i].lbads : lbads;
	return 65536ull << lbads;
}

/** emu_config_ns_bytes - of all namespaces; at most what 64 bits hold */
uint64_t emu_config_ns_bytes(const struct emu_config *config)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < config->namespaces; i++) {
		uint64_t bytes = config->ns[i].blocks << config->ns[i].lbads;

		sum = bytes > UINT64_MAX - sum ? UINT64_MAX : sum + bytes;
	}
	return sum;
}

/** emu_config_capacity - bytes of NVM: the key, or what the namespaces have and room for more */
uint64_t emu_config_capacity(const struct emu_config *config)
{
	uint64_t sum = emu_config_ns_bytes(config);

	if (config->capacity)
		return config->capacity;
	return sum > UINT64_MAX - SPARE_BYTES ? UINT64_MAX : sum + SPARE_BYTES;
}

static void limit_before_1_3(struct emu_config *config)
{
	config->hctm = false;
	config->timestamp = false;
	config->dbbuf = false;
	config->fwug = 0;
	config->self_test = false;
	config->telemetry = false;
	config->directives = false;
	config->sanitize = false;
	if (config->vs < EMU_VS_1_2_1)
		config->kas = 0;
	if (config->vs < EMU_VS_1_2) {
		config->ns_mgmt = false;
		config->hmb = false;
		config->dulbe = false;
		config->sensors = 0;
	}
	if (config->vs < EMU_VS_1_1) {
		config->write_zeroes = false;
		config->save = false;
		config->host_id = false;
		config->nssrs = false;
		config->sgls = EMU_SGLS_NONE;
		config->apst = false;
	}
}

static void limit_before_2_0(struct emu_config *config)
{
	config->copy = false;
	config->crims = false;
	config->nsss = false;
	config->domains = 0;
	config->rotational = false;
	config->power_loss = false;
	config->cdq = false;
	config->migration = false;
	if (config->vs < EMU_VS_1_4) {
		config->verify = false;
		config->lba_status = false;
		config->write_protect = false;
		config->rrl = false;
		config->tbkas = false;
		config->ana = false;
		config->sanitize_ndi = false;
		config->pel = 0;
		config->endurance = false;
		config->uuid_list = false;
		config->cmb = 0;
		config->pmr = 0;
	}
	if (config->vs < EMU_VS_1_3)
		limit_before_1_3(config);
}

/** emu_config_limit - what a version of the specification lacks is not offered (unverified) */
void emu_config_limit(struct emu_config *config)
{
	config->capacity = emu_config_capacity(config);
	if (config->vs < EMU_VS_2_0)
		limit_before_2_0(config);
	if (!config->compare)
		config->fused = false;
	if (!config->endurance)
		config->rotational = false;
	if (!config->endurance || !config->ana)
		config->domains = 0;
	if (config->domains > 1)
		config->power_loss = false;
	if (config->migration)
		config->cqr = true;
	if (!config->host_id)
		config->reservations = false;
	if ((2ull * config->queues + 2) << (2 + config->dstrd) > 4096)
		config->dbbuf = false;
}

/** emu_config_spans - span nodes that each controller has: the key, or four for each request */
uint32_t emu_config_spans(const struct emu_config *config)
{
	uint64_t largest = (emu_config_largest(config) / 4096 + 1) / EMU_SPANS_PER_NODE + 1;
	uint64_t nodes = 4ull * config->max_requests;

	if (config->spans)
		return config->spans;
	return (uint32_t)(nodes > largest ? nodes : largest);
}
