/* SPDX-License-Identifier: BSD-3-Clause */
/* A BAR0 that faults: signals that are not its own, memory of the driver, and what cannot be. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/harness/main.h"
#include "tests/unit/trap_rig.h"

static sigjmp_buf elsewhere;

static void leave(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	siglongjmp(elsewhere, 1);
}

START_TEST(a_fault_elsewhere_reaches_the_handler_that_was_there)
{
	struct sigaction mine = { .sa_flags = SA_SIGINFO | SA_NODEFER, .sa_sigaction = leave };
	volatile uint8_t *nowhere = mmap(NULL, TRAP_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
					 -1, 0);
	struct sigaction after;

	sigaction(SIGSEGV, &mine, NULL);
	rig_open(0);
	if (sigsetjmp(elsewhere, 1) == 0) {
		*nowhere = 1;
		ck_abort_msg("a store to nowhere went well");
	}
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_VS), rig.config.vs);
	/* Half of it in the BAR: no access to a register at all. */
	if (sigsetjmp(elsewhere, 1) == 0) {
		uint64_t end = emu_layout_of(emu_device_core(rig.device))->bar0_bytes;

		__asm__ volatile("movl $1,(%0)" : : "r"(rig.driver.bar + end - 2) : "memory");
		ck_abort_msg("a store across the end went well");
	}
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_VS), rig.config.vs);
	rig_close();
	sigaction(SIGSEGV, NULL, &after);
	ck_assert(after.sa_sigaction == leave);
}
END_TEST

START_TEST(a_fault_elsewhere_kills)
{
	signal(SIGSEGV, SIG_DFL);
	rig_open(0);
	raise(SIGSEGV);
}
END_TEST

START_TEST(a_trap_that_is_not_a_step_kills)
{
	rig_open(0);
	__asm__ volatile("int3");
}
END_TEST

START_TEST(a_load_from_nowhere_kills)
{
	signal(SIGSEGV, SIG_DFL);
	rig_open(0);
	(void)*(rig.driver.bar - 1);
}
END_TEST

static void touch(void *arg, const struct nvme_trace_record *record)
{
	(void)arg;
	if (record->event == NVME_TRACE_REG_READ)
		trap_read32(&rig.driver, NVME_REG_VS);
}

START_TEST(a_callback_that_touches_the_bar_is_a_programming_error)
{
	const struct emu_device_options options = { .clock = EMU_CLOCK_VIRTUAL, .trace = touch };

	rig_open_with(&options, 0);
	trap_read32(&rig.driver, NVME_REG_VS);
}
END_TEST

START_TEST(signals_wait_until_the_instruction_is_done)
{
	sigset_t before, after;

	rig_open(0);
	sigprocmask(SIG_BLOCK, NULL, &before);
	trap_read32(&rig.driver, NVME_REG_VS);
	sigprocmask(SIG_BLOCK, NULL, &after);
	ck_assert_int_eq(sigismember(&before, SIGALRM), sigismember(&after, SIGALRM));
	ck_assert_int_eq(sigismember(&after, SIGTERM), 0);
	rig_close();
}
END_TEST

/* Memory, and several of them. */

START_TEST(memory_keeps_its_contents)
{
	uint8_t *own = aligned_alloc(TRAP_PAGE, 2 * TRAP_PAGE);

	memset(own, 0x11, 2 * TRAP_PAGE);
	rig_open(0);
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, own, 2 * TRAP_PAGE, EMU_TRAPBAR_SAME), 0);
	ck_assert(own[0] == 0x11 && own[2 * TRAP_PAGE - 1] == 0x11);
	own[TRAP_PAGE] = 0x22;
	ck_assert_int_eq(emu_trapbar_release(rig.bar, own), 0);
	ck_assert(own[0] == 0x11 && own[TRAP_PAGE] == 0x22);
	ck_assert_int_eq(emu_trapbar_release(rig.bar, own), -ENOENT);
	free(own);
	rig.memory[5] = 0x33;
	rig_close();
	ck_assert_uint_eq(rig.memory[5], 0x33);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
	static uint8_t other[2 * TRAP_PAGE] __attribute__((aligned(4096)));
	struct emu_trapbar *none = NULL;
	char sentence[256] = "";
	struct nvme_text error;

	nvme_text_init(&error, sentence, sizeof(sentence));
	rig_open(0);
	ck_assert_int_eq(emu_trapbar_new(rig.device, 1, NULL, &none, &error), -EINVAL);
	ck_assert_msg(strstr(sentence, "controller 1"), "%s", sentence);
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, other + 1, TRAP_PAGE, 0), -EINVAL);
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, other, 100, 0), -EINVAL);
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, other, 0, 0), -EINVAL);
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, other, TRAP_PAGE, 17), -EINVAL);
	other[0] = 0x44;
	ck_assert_int_eq(emu_trapbar_memory(rig.bar, other, sizeof(other), RIG_IOVA), -EEXIST);
	ck_assert_uint_eq(other[0], 0x44);
	emu_trapbar_free(NULL);
	rig_close();
}
END_TEST

START_TEST(each_controller_has_its_own)
{
	struct emu_trapbar *second;
	volatile uint32_t *aqa;

	rig.config.controllers = 2;
	rig_open(0);
	ck_assert_int_eq(emu_trapbar_new(rig.device, 1, NULL, &second, NULL), 0);
	aqa = (volatile uint32_t *)(volatile void *)((volatile uint8_t *)emu_trapbar_base(second) +
						     NVME_REG_AQA);
	trap_write32(&rig.driver, NVME_REG_AQA, 0x00030003);
	*aqa = 0x00070007;
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_AQA), 0x00030003);
	ck_assert_uint_eq(*aqa, 0x00070007);
	emu_trapbar_free(second);
	ck_assert_uint_eq(trap_read32(&rig.driver, NVME_REG_AQA), 0x00030003);
	rig_close();
}
END_TEST

static Suite *trapbars(void)
{
	Suite *suite = suite_create("trapbar_host");
	TCase *others = tcase_create("others");

	tcase_add_checked_fixture(others, rig_begin, NULL);
	tcase_add_test(others, a_fault_elsewhere_reaches_the_handler_that_was_there);
	tcase_add_test_raise_signal(others, a_fault_elsewhere_kills, SIGSEGV);
	tcase_add_test_raise_signal(others, a_trap_that_is_not_a_step_kills, SIGTRAP);
	tcase_add_test_raise_signal(others, a_load_from_nowhere_kills, SIGSEGV);
	tcase_add_test_raise_signal(others, a_callback_that_touches_the_bar_is_a_programming_error,
				    SIGABRT);
	tcase_add_test(others, signals_wait_until_the_instruction_is_done);
	tcase_add_test(others, memory_keeps_its_contents);
	tcase_add_test(others, what_cannot_be_is_refused);
	tcase_add_test(others, each_controller_has_its_own);
	suite_add_tcase(suite, others);
	return suite;
}

int main(void)
{
	return th_main((Suite *(*const[])(void)){ trapbars }, 1);
}
