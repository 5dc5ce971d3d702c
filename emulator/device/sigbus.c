/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Host memory that its owner truncated: the fault becomes a page of zeros and a poisoned mapping.
 *
 * A thread says which tables it is about to touch, so the handler looks at nothing that another
 * thread may be changing, and takes no lock. The variable is in the initial TLS block, because the
 * handler must not be the one to allocate it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "emulator/device/dma.h"

static _Thread_local struct emu_dma_table *guarded __attribute__((tls_model("initial-exec")));
static _Thread_local volatile unsigned int guarded_count __attribute__((tls_model("initial-exec")));
static struct sigaction previous;

void emu_dma_guard(struct emu_dma_table *tables, unsigned int count)
{
	guarded = tables;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	guarded_count = tables ? count : 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static bool poison(struct emu_dma_range *range, uintptr_t address)
{
	uintptr_t start = (uintptr_t)range->map;
	size_t page;

	if (!range->map || address - start >= range->map_bytes)
		return false;
	page = (address - start) / range->page_bytes * range->page_bytes;
	if (mmap(range->map + page, range->page_bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
		return false;
	range->prot = 0;
	return true;
}

static bool poison_any(uintptr_t address)
{
	for (unsigned int t = 0; t < guarded_count; t++) {
		struct emu_dma_table *table = &guarded[t];

		if (poison(&table->windows[0], address) || poison(&table->windows[1], address))
			return true;
		for (uint32_t i = 0; i < table->count; i++)
			if (poison(&table->ranges[i], address))
				return true;
	}
	return false;
}

static void handle_sigbus(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	bool fault = info->si_code > 0;

	(void)context;
	if (!fault || !poison_any((uintptr_t)info->si_addr)) {
		/* Not ours: what was there before decides when the instruction faults again. */
		sigaction(number, &previous, NULL);
		if (!fault)
			raise(number);
	}
	errno = saved;
}

static void install(void)
{
	struct sigaction action = { .sa_sigaction = handle_sigbus, .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &previous);
}

void emu_dma_catch_sigbus(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install);
}
