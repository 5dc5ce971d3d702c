/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults of a trap BAR: SIGSEGV opens the page and has the processor do one instruction, SIGTRAP
 * closes it and delivers what was stored.
 *
 *	fault: what is loaded is fetched -> open -> the instruction -> close -> what was stored
 *
 * One instruction may fault twice before it is done, on a register and on a completion queue, say.
 * Other signals wait meanwhile, but for those that an instruction causes.
 */
#include "emulator/device/trap.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "emulator/device/trap_decode.h"

#define FLAG_TRAP     0x100u /* of EFLAGS: a debug exception after the next instruction */
#define ERROR_WRITE   2u     /* of a page fault's error code */
#define MASK_BYTES    8u /* of the signal mask in a signal's frame: that is all the kernel saves */
#define DWORD_BYTES   4u
#define STEPS_SIGNALS 2

/**
 * struct step - the instruction that is being done
 * @on: there is one
 * @stores: it writes @bytes at @address of @bar, one after the other
 * @known: how many is known; else what differs from @data, which was there
 */
static struct step {
	bool on;
	bool stores;
	bool known;
	struct emu_trapbar *bar;
	uintptr_t address;
	uint32_t bytes;
	uint8_t data[EMU_TRAP_BYTES];
	uint8_t mask[MASK_BYTES];
} step;

static volatile sig_atomic_t inside; /* the device is at work for a fault */
static bool caught;
static const int numbers[STEPS_SIGNALS] = { SIGSEGV, SIGTRAP };
static struct sigaction previous[STEPS_SIGNALS];

static void pass_on(unsigned int which, siginfo_t *info, void *context)
{
	const struct sigaction *action = &previous[which];

	if (action->sa_flags & SA_SIGINFO) {
		action->sa_sigaction(numbers[which], info, context);
	} else if (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN) {
		action->sa_handler(numbers[which]);
	} else {
		/* The default: a fault comes again, what somebody sent has to be sent again. */
		sigaction(numbers[which], action, NULL);
		caught = false;
		if (info->si_code <= 0 || numbers[which] == SIGTRAP)
			raise(numbers[which]);
	}
}

/* Signals that the code itself causes cannot wait. */
static void all_but_faults(sigset_t *set)
{
	static const int faults[] = { SIGSEGV, SIGTRAP, SIGBUS, SIGFPE, SIGILL, SIGABRT };

	sigfillset(set);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(set, faults[i]);
}

static void begin_step(ucontext_t *user)
{
	sigset_t mask;

	if (step.on)
		return;
	all_but_faults(&mask);
	memcpy(step.mask, &user->uc_sigmask, MASK_BYTES);
	memcpy(&user->uc_sigmask, &mask, MASK_BYTES);
	user->uc_mcontext.gregs[REG_EFL] |= FLAG_TRAP;
	step.on = true;
}

static void end_step(ucontext_t *user)
{
	memcpy(&user->uc_sigmask, step.mask, MASK_BYTES);
	user->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)FLAG_TRAP;
	step.on = false;
	step.stores = false;
}

/*
 * The instruction has not been done yet: what it loads has to be there before. The BAR is opened
 * last, so that a callback of the device that touches it faults.
 */
static void begin_access(const struct emu_trap_place *place, uintptr_t address,
			 const ucontext_t *user)
{
	const uint8_t *code = (const uint8_t *)(uintptr_t)user->uc_mcontext.gregs[REG_RIP];
	bool stores = user->uc_mcontext.gregs[REG_ERR] & ERROR_WRITE;
	struct emu_trap_insn insn = { EMU_TRAP_BYTES, true };
	bool known = emu_trap_decode(code, &insn);
	uint32_t bytes = emu_trap_left(place->bar, address, insn.bytes);
	bool loads = !stores || insn.updates;

	if (loads)
		emu_trap_load(place->bar, address, step.data, bytes);
	emu_trap_open(place);
	if (loads)
		memcpy((void *)address, step.data, bytes);
	if (!stores)
		return;
	step.stores = true;
	step.known = known;
	step.bar = place->bar;
	step.address = address;
	step.bytes = bytes;
}

/* Of an access whose width is not known: the dwords that are not what they were. */
static void store_changes(const uint8_t *after)
{
	uint32_t bytes;

	for (uint32_t at = 0; at < step.bytes; at += bytes) {
		bytes = DWORD_BYTES - (uint32_t)((step.address + at) % DWORD_BYTES);
		if (bytes > step.bytes - at)
			bytes = step.bytes - at;
		if (memcmp(after + at, step.data + at, bytes) != 0)
			emu_trap_store(step.bar, step.address + at, after + at, bytes);
	}
}

static void end_access(void)
{
	uint8_t data[EMU_TRAP_BYTES];

	memcpy(data, (const void *)step.address, step.bytes);
	emu_trap_shut(step.bar);
	if (step.known)
		emu_trap_store(step.bar, step.address, data, step.bytes);
	else
		store_changes(data);
}

static void handle_fault(int number, siginfo_t *info, void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr;
	struct emu_trap_place place;
	ucontext_t *user = context;
	int saved = errno;

	(void)number;
	if (info->si_code != SEGV_ACCERR || !emu_trap_find(address, &place)) {
		/* An instruction that cannot be done has no step. */
		if (step.on && !inside) {
			end_step(user);
			emu_trap_close_all();
		}
		pass_on(0, info, context);
		errno = saved;
		return;
	}
	if (inside)
		emu_trap_die("a callback of the device touched a trap BAR or its memory");
	inside = 1;
	if (place.page && !(user->uc_mcontext.gregs[REG_ERR] & ERROR_WRITE))
		emu_trap_look(place.bar, place.page, address);
	if (place.page)
		emu_trap_open(&place);
	else
		begin_access(&place, address, user);
	inside = 0;
	begin_step(user);
	errno = saved;
}

static void handle_step(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)number;
	if (!step.on || info->si_code <= 0) {
		pass_on(1, info, context);
		errno = saved;
		return;
	}
	inside = 1;
	if (step.stores)
		end_access();
	emu_trap_close_all();
	inside = 0;
	end_step(context);
	errno = saved;
}

void emu_trap_catch(void)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (caught)
		return;
	all_but_faults(&action.sa_mask);
	action.sa_sigaction = handle_step;
	sigaction(SIGTRAP, &action, &previous[1]);
	action.sa_sigaction = handle_fault;
	sigaction(SIGSEGV, &action, &previous[0]);
	caught = true;
}

void emu_trap_uncatch(void)
{
	struct sigaction now[STEPS_SIGNALS];

	if (!caught)
		return;
	for (unsigned int i = 0; i < STEPS_SIGNALS; i++)
		sigaction(numbers[i], NULL, &now[i]);
	if (now[0].sa_sigaction != handle_fault || now[1].sa_sigaction != handle_step)
		return;
	for (unsigned int i = 0; i < STEPS_SIGNALS; i++)
		sigaction(numbers[i], &previous[i], NULL);
	caught = false;
}
