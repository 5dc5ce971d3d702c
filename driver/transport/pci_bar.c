/* SPDX-License-Identifier: BSD-3-Clause */
/* BARs that disappear under a program: the signal becomes what a lost device reads as. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "driver/transport/pci.h"

#define BARS 64u

/* Read by the handler, so each entry is written and read whole. */
static struct nvl_pci_bar *bars[BARS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool installed;
static struct sigaction before;

/* mmap() is a plain system call on Linux, and may be called here. */
static bool replace(struct nvl_pci_bar *bar)
{
	void *memory = mmap(bar->data, bar->bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	memset(memory, 0xff, bar->bytes);
	__atomic_store_n(&bar->lost, -ENODEV, __ATOMIC_RELAXED);
	return true;
}

static bool is_inside(const struct nvl_pci_bar *bar, const void *address)
{
	uintptr_t at = (uintptr_t)address, first = (uintptr_t)bar->data;

	return at >= first && at - first < bar->bytes;
}

static void handle(int number, siginfo_t *info, void *context)
{
	int error = errno;

	for (size_t i = 0; i < BARS; i++) {
		struct nvl_pci_bar *bar = __atomic_load_n(&bars[i], __ATOMIC_ACQUIRE);

		if (bar && is_inside(bar, info->si_addr) && replace(bar)) {
			errno = error;
			return;
		}
	}
	/* Somebody else's: their handler, or the default, which the access repeats itself for. */
	if (before.sa_flags & SA_SIGINFO && before.sa_sigaction)
		before.sa_sigaction(number, info, context);
	else
		sigaction(SIGBUS, &before, NULL);
	errno = error;
}

int nvl_pci_guard(struct nvl_pci_bar *bar)
{
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };
	int result = -ENOSPC;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < BARS && result == -ENOSPC; i++) {
		if (bars[i])
			continue;
		result = 0;
		if (!installed && sigaction(SIGBUS, &action, &before) != 0)
			result = -errno;
		else
			installed = true;
		if (result == 0)
			__atomic_store_n(&bars[i], bar, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

void nvl_pci_unguard(struct nvl_pci_bar *bar)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < BARS; i++) {
		if (bars[i] == bar)
			__atomic_store_n(&bars[i], NULL, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
}
