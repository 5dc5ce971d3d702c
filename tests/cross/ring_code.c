/* SPDX-License-Identifier: BSD-3-Clause */
/* The helpers of common/ring.h as functions, for test_aarch64.sh to look at their instructions. */
#include "common/ring.h"

uint32_t load_doorbell(const volatile void *doorbell);
void store_doorbell(volatile void *doorbell, uint32_t value);
bool cqe_phase(const struct nvme_cqe *slot);
void cqe_publish(struct nvme_cqe *slot, const struct nvme_cqe *cqe);

uint32_t load_doorbell(const volatile void *doorbell)
{
	return nvme_load_doorbell(doorbell);
}

void store_doorbell(volatile void *doorbell, uint32_t value)
{
	nvme_store_doorbell(doorbell, value);
}

bool cqe_phase(const struct nvme_cqe *slot)
{
	return nvme_cqe_phase(slot);
}

void cqe_publish(struct nvme_cqe *slot, const struct nvme_cqe *cqe)
{
	nvme_cqe_publish(slot, cqe);
}
