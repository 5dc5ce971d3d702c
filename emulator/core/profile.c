/* SPDX-License-Identifier: BSD-3-Clause */
/* Values of the configuration keys: the defaults, and the profiles. */
#include "emulator/core/internal.h"

#define EINVAL_NEGATIVE (-22)
#define MILLISECOND	1000000ull
#define SECOND		1000000000ull

static const struct emu_config default_config = {
	.controllers = 1,
	.mqes = 1023,
	.vs = NVME_VERSION(2, 0, 0),
	.to = 20,
	.mpsmax = 4,
	.mdts = 7,
	.queues = 64,
	.max_requests = 1024,
	.nn = 32,
	.aerl = 3,
	.acl = 3,
	.elpe = 63,
	.rab = 5,
	.kas = 10,
	.reorder = 1,
	.vwc = true,
	.hmb = true,
	.timestamp = true,
	.host_id = true,
	.write_protect = true,
	.lba_range = true,
	.rrl = true,
	.progress = true,
	.host_metadata = true,
	.tbkas = true,
	.metadata = true,
	.pi = true,
	.bounces = 8,
	.compare = true,
	.fused = true,
	.write_uncorrectable = true,
	.write_zeroes = true,
	.dsm = true,
	.verify = true,
	.copy = true,
	.lba_status = true,
	.dulbe = true,
	.mssrl = 2048,
	.mcl = 65535,
	.msrc = 127,
	.awun = 127,
	.awupf = 0,
	.acwu = 15,
	.reservations = true,
	.ana = true,
	.ana_groups = 4,
	.nssrs = true,
	.save = true,
	.ns_mgmt = true,
	.format = true,
	.sanitize = true,
	.msix = true,
	.msi = true,
	.intx = true,
	.no_soft_reset = true,
	.message_dma = true,
	.cmb_sqs = true,
	.cmb_cqs = true,
	.cmb_lists = true,
	.cmb_rds = true,
	.cmb_wds = true,
	.cmb_admin = true,
	.crims = true,
	.nsss = true,
	.wrr = true,
	.dbbuf = true,
	.sgls = EMU_SGLS_BYTE,
	.sgl_bucket = true,
	.sgl_oversize = true,
	.sgl_meta = true,
	.coalescing = true,
	.power_states = EMU_POWER_STATES,
	.apst = true,
	.hctm = true,
	.temperature = EMU_TEMPERATURE_KELVIN,
	.sensors = 2,
	.pel = 64,
	.fw_update = true,
	.fw_slots = 7,
	.fw_slot1_ro = true,
	.fw_size = 16,
	.fwug = 1,
	.mtfa = 10,
	.self_test = true,
	.self_test_time = 2 * SECOND,
	.edstt = 2,
	.telemetry = true,
	.endurance = true,
	.domains = 1,
	.security = true,
	.directives = true,
	.uuid_list = true,
	.vendor = 0x4e4c,
	.device = 0x0001,
	.subvendor = 0x4e4c,
	.subdevice = 0x0001,
	.revision = 1,
	.cntlid = 1,
	.serial = "NVMELAB0001",
	.model = "nvmelab controller",
	.firmware = "0.1",
};

static void set_minimal(struct emu_config *config)
{
	config->mqes = 63;
	config->mpsmax = 0;
	config->queues = 1;
	config->nn = 1;
	config->aerl = 0;
	config->acl = 0;
	config->elpe = 0;
	config->rab = 0;
	config->kas = 0;
	config->vwc = false;
	config->ns_mgmt = false;
	config->hmb = false;
	config->timestamp = false;
	config->host_id = false;
	config->write_protect = false;
	config->lba_range = false;
	config->rrl = false;
	config->progress = false;
	config->host_metadata = false;
	config->tbkas = false;
	config->format = false;
	config->sanitize = false;
	config->metadata = false;
	config->pi = false;
	config->bounces = 2;
	config->compare = false;
	config->fused = false;
	config->write_uncorrectable = false;
	config->write_zeroes = false;
	config->dsm = false;
	config->verify = false;
	config->copy = false;
	config->lba_status = false;
	config->dulbe = false;
	config->awun = 0;
	config->acwu = 0;
	config->reservations = false;
	config->ana = false;
	config->nssrs = false;
	config->save = false;
	config->msi = false;
	config->coalescing = false;
	config->power_states = 1;
	config->apst = false;
	config->hctm = false;
	config->sensors = 0;
	config->intx = false;
	config->crims = false;
	config->nsss = false;
	config->cqr = true;
	config->wrr = false;
	config->dbbuf = false;
	config->sgls = EMU_SGLS_NONE;
	config->pel = 0;
	config->fw_update = false;
	config->fw_slots = 1;
	config->self_test = false;
	config->telemetry = false;
	config->endurance = false;
	config->domains = 0;
	config->security = false;
	config->directives = false;
	config->uuid_list = false;
}

static void set_consumer(struct emu_config *config)
{
	config->to = 120;
	config->mpsmax = 0;
	config->mdts = 6;
	config->queues = 16;
	config->nn = 1;
	config->aerl = 7;
	config->reorder = 4;
	config->ready_delay = 50 * MILLISECOND;
	config->reservations = false;
	config->ana = false;
	config->nssrs = false;
	memcpy(config->model, "nvmelab consumer", sizeof("nvmelab consumer"));
}

static void set_enterprise(struct emu_config *config)
{
	config->mqes = 4095;
	config->to = 60;
	config->mpsmax = 0;
	config->mdts = 5;
	config->queues = 128;
	config->vectors = 129;
	config->max_requests = 4096;
	config->nn = 128;
	config->aerl = 15;
	config->acl = 7;
	config->reorder = 8;
	config->ready_delay = 200 * MILLISECOND;
	config->vwc = false;
	memcpy(config->model, "nvmelab enterprise", sizeof("nvmelab enterprise"));
}

static const struct profile {
	const char *name;
	const char *help;
	void (*set)(struct emu_config *config);
} profiles[] = {
	{ "default", "everything that is implemented, without delays", NULL },
	{ "minimal", "only what the specification makes mandatory, one I/O queue pair",
	  set_minimal },
	{ "consumer",
	  "as a drive in a notebook: few queues, a write cache, completions out of order",
	  set_consumer },
	{ "enterprise", "as a drive in a server: many queues, no volatile cache, slow to get ready",
	  set_enterprise },
};

const char *emu_profile_name(unsigned int index)
{
	return index < sizeof(profiles) / sizeof(profiles[0]) ? profiles[index].name : NULL;
}

const char *emu_profile_help(unsigned int index)
{
	return index < sizeof(profiles) / sizeof(profiles[0]) ? profiles[index].help : NULL;
}

void emu_config_init(struct emu_config *config)
{
	*config = default_config;
}

int emu_config_profile(struct emu_config *config, const char *name, struct nvme_text *error)
{
	struct emu_config values = default_config;

	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (!nvme_slice_is(nvme_slice(name), profiles[i].name))
			continue;
		values.controllers = config->controllers;
		values.namespaces = config->namespaces;
		memcpy(values.ns, config->ns, sizeof(values.ns));
		values.seed = config->seed;
		*config = values;
		if (profiles[i].set)
			profiles[i].set(config);
		return 0;
	}
	nvme_text_add(error, "no profile is called '");
	nvme_text_add(error, name);
	nvme_text_add(error, "'; there are");
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		nvme_text_add(error, i ? ", " : " ");
		nvme_text_add(error, profiles[i].name);
	}
	return EINVAL_NEGATIVE;
}
