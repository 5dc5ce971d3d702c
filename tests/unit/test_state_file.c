/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The state file: what was promised is there after the process was killed or the power failed at
 * any operation, whatever the disk made of what was not synced; damage is named.
 */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulator/device/state_file.h"
#include "tests/harness/main.h"
#include "tests/harness/ramdisk.h"

#define KINDS	   6
#define TYPE	   EMU_RECORD_SMART
#define LARGE	   20000u
#define MARK_BYTES 40u
#define ROUNDS	   14

static struct th_disk disk;
static struct emu_state_file *state;
static char sentence[2048];
static char told[2048];
static struct nvme_text error;
static struct nvme_text notice;
static int last_result;

/* What was saved of each record: the number of the version that counts. 0: none. */
static uint32_t promised[KINDS];  /* was answered with success */
static uint32_t attempted[KINDS]; /* was put */
static uint32_t found[KINDS];

static void start(void)
{
	memset(promised, 0, sizeof(promised));
	memset(attempted, 0, sizeof(attempted));
	nvme_text_init(&error, sentence, sizeof(sentence));
	nvme_text_init(&notice, told, sizeof(told));
	th_disk_init(&disk);
}

static void end(void)
{
	emu_state_close(state);
	state = NULL;
	th_disk_done(&disk);
}

/* Every third version of a record deletes it; others have contents that follow from the version. */
static bool is_deleted(uint32_t version)
{
	return version % 3 == 0;
}

static uint32_t size_of(uint32_t kind, uint32_t version)
{
	if (is_deleted(version))
		return 0;
	return kind == 0 ? LARGE + version : 4 + kind * 37 + version;
}

static void fill(uint8_t *data, uint32_t bytes, uint32_t version)
{
	for (uint32_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)(version * 31 + i * 7);
	if (bytes)
		memcpy(data, &version, sizeof(version));
}

static void note(void *arg, uint32_t tag, int result)
{
	(void)arg;
	last_result = result;
	if (result == 0)
		promised[tag % KINDS] = tag / KINDS;
}

static int put(uint32_t kind)
{
	static uint8_t data[LARGE + 1000];
	uint32_t version = ++attempted[kind];
	struct emu_record record = { .tag = version * KINDS + kind, .type = TYPE, .id = kind };

	record.bytes = size_of(kind, version);
	record.data = record.bytes ? data : NULL;
	fill(data, record.bytes, version);
	return emu_state_put(state, &record);
}

static int commit(void)
{
	nvme_text_clear(&error);
	last_result = 1;
	emu_state_commit(state, note, NULL, &error);
	return last_result;
}

static int open_state(void)
{
	nvme_text_clear(&error);
	nvme_text_clear(&notice);
	return emu_state_open(&disk.ops, "state", &state, &notice, &error);
}

static int check_record(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	static uint8_t want[LARGE + 1000];
	uint32_t version;

	(void)arg;
	ck_assert_uint_eq(type, TYPE);
	ck_assert_uint_lt(id, KINDS);
	ck_assert_uint_ge(bytes, 4);
	memcpy(&version, data, sizeof(version));
	ck_assert_uint_eq(bytes, size_of(id, version));
	fill(want, bytes, version);
	ck_assert_mem_eq(data, want, bytes);
	found[id] = version;
	return 0;
}

/* A version that was promised, or one that was put later, which may have got there. */
static bool may_be(uint32_t kind, uint32_t version)
{
	if (version)
		return version >= promised[kind] && version <= attempted[kind];
	for (uint32_t v = promised[kind]; v <= attempted[kind]; v++) {
		if (is_deleted(v))
			return true;
	}
	return false;
}

static void check_promises(const char *when, unsigned int at)
{
	memset(found, 0, sizeof(found));
	ck_assert_int_eq(emu_state_each(state, check_record, NULL, &error), 0);
	for (uint32_t kind = 0; kind < KINDS; kind++)
		ck_assert_msg(may_be(kind, found[kind]),
			      "%s at %u: record %u is version %u, promised was %u of %u", when, at,
			      kind, found[kind], promised[kind], attempted[kind]);
}

/* Single records and several in a commit; large ones, so that the file is written anew. */
static void work(void)
{
	if (open_state() != 0)
		return;
	for (uint32_t round = 0; round < ROUNDS; round++) {
		put(1 + round % (KINDS - 1));
		commit();
		put(0);
		put(1 + (round + 1) % (KINDS - 1));
		put(1 + (round + 2) % (KINDS - 1));
		commit();
	}
	emu_state_close(state);
	state = NULL;
}

/* It opens, it has what was promised, and it goes on. */
static void check_restart(const char *when, unsigned int at)
{
	ck_assert_msg(open_state() == 0, "%s at %u: %s", when, at, error.data);
	check_promises(when, at);
	ck_assert_int_eq(put(2), 0);
	ck_assert_int_eq(commit(), 0);
	emu_state_close(state);
	ck_assert_int_eq(open_state(), 0);
	ck_assert_uint_eq(notice.used, 0);
	check_promises(when, at);
	emu_state_close(state);
	state = NULL;
}

static unsigned int operations_of_the_work(void)
{
	unsigned int operations;

	start();
	work();
	operations = disk.operations;
	end();
	ck_assert_uint_gt(operations, 100);
	return operations;
}

START_TEST(what_was_promised_is_there_when_the_process_is_killed_at_any_operation)
{
	unsigned int operations = operations_of_the_work();

	for (unsigned int at = 1; at <= operations; at++) {
		for (int half = 0; half < 2; half++) {
			start();
			disk.stop_at = at;
			disk.half = half;
			work();
			th_disk_killed(&disk);
			check_restart("killed", at);
			end();
		}
	}
}
END_TEST

START_TEST(what_was_promised_is_there_when_the_power_fails_at_any_operation)
{
	unsigned int operations = operations_of_the_work();

	for (unsigned int at = 1; at <= operations; at++) {
		start();
		disk.stop_at = at;
		disk.half = _i & 8;
		work();
		th_disk_crash(&disk, (enum th_disk_crash)(_i & 3), _i & 4);
		check_restart("power failed", at);
		end();
	}
}
END_TEST

static const unsigned int failures[] = { 1, 2, 5, UINT_MAX };

START_TEST(an_operation_that_fails_breaks_no_promise)
{
	unsigned int operations = operations_of_the_work();

	for (unsigned int at = 1; at <= operations; at++) {
		start();
		disk.fail_at = at;
		disk.fail_count = failures[_i & 3];
		disk.error = at & 1 ? -ENOSPC : -EIO;
		work();
		th_disk_crash(&disk, (enum th_disk_crash)(_i >> 2 & 3), _i & 16);
		check_restart("failed", at);
		end();
	}
}
END_TEST

START_TEST(a_full_disk_is_a_sentence_and_loses_nothing)
{
	start();
	ck_assert_int_eq(open_state(), 0);
	put(1);
	ck_assert_int_eq(commit(), 0);
	disk.fail_at = disk.operations + 1;
	disk.fail_count = UINT_MAX;
	disk.error = -ENOSPC;
	put(1);
	ck_assert_int_eq(commit(), -ENOSPC);
	ck_assert_str_eq(error.data,
			 "state file state: cannot be written: No space left on device");
	check_promises("full", 0);
	disk.fail_at = 0;
	put(2);
	ck_assert_int_eq(commit(), 0);
	emu_state_close(state);
	check_restart("full", 0);
	end();
}
END_TEST

START_TEST(every_flipped_byte_is_named_and_nothing_is_used)
{
	uint32_t size;

	start();
	work();
	size = th_disk_file(&disk)->now.size;
	for (uint32_t at = 0; at < size; at += at < 4096 || at + 4096 > size ? 1 : 97) {
		th_disk_file(&disk)->now.bytes[at] ^= 0x10;
		if (at < size - MARK_BYTES) {
			ck_assert_msg(open_state() == -EBADMSG, "byte %u", at);
			ck_assert_ptr_nonnull(strstr(error.data, "state file state: "));
			ck_assert(at >= 40 || strstr(error.data, "offset 0") ||
				  strstr(error.data, "version"));
			ck_assert(at < 40 || strstr(error.data, "damaged at offset "));
			th_disk_file(&disk)->now.bytes[at] ^= 0x10;
			ck_assert_uint_eq(th_disk_file(&disk)->now.size, size);
		} else {
			/* The mark itself: all that it stands for is there. */
			uint8_t *copy = malloc(size);

			memcpy(copy, th_disk_file(&disk)->now.bytes, size);
			ck_assert_int_eq(open_state(), 0);
			ck_assert_uint_gt(notice.used, 0);
			check_promises("mark", at);
			emu_state_close(state);
			copy[at] ^= 0x10;
			memcpy(th_disk_file(&disk)->now.bytes, copy, size);
			free(copy);
		}
	}
	state = NULL;
	end();
}
END_TEST

START_TEST(a_file_cut_at_any_length_has_a_beginning_or_is_refused)
{
	uint32_t size;

	start();
	work();
	size = th_disk_file(&disk)->now.size;
	memset(promised, 0, sizeof(promised));
	for (uint32_t cut = 1; cut < size; cut += cut < 200 || cut + 200 > size ? 1 : 61) {
		struct th_disk other;
		int result;

		th_disk_init(&other);
		th_disk_set(&other, th_disk_file(&disk)->now.bytes, cut);
		nvme_text_clear(&error);
		result = emu_state_open(&other.ops, "state", &state, &notice, &error);
		ck_assert(result == 0 || result == -EBADMSG);
		if (result == 0)
			check_promises("cut", cut);
		else
			ck_assert_ptr_nonnull(strstr(error.data, "offset"));
		if (result == 0)
			emu_state_close(state);
		th_disk_done(&other);
	}
	state = NULL;
	end();
}
END_TEST

START_TEST(a_torn_tail_is_dropped_with_a_notice)
{
	start();
	ck_assert_int_eq(open_state(), 0);
	put(1);
	ck_assert_int_eq(commit(), 0);
	disk.stop_at = disk.operations + 1;
	disk.half = true;
	put(1);
	ck_assert_int_eq(commit(), -EIO);
	emu_state_close(state);
	th_disk_killed(&disk);
	ck_assert_int_eq(open_state(), 0);
	ck_assert_ptr_nonnull(strstr(notice.data, "were being written when it ended"));
	check_promises("torn", 0);
	ck_assert_uint_eq(found[1], 1);
	end();
}
END_TEST

START_TEST(the_file_stays_small_however_often_a_record_changes)
{
	start();
	ck_assert_int_eq(open_state(), 0);
	for (uint32_t i = 0; i < 900; i++) {
		put(3);
		ck_assert_int_eq(commit(), 0);
		ck_assert_uint_le(th_disk_file(&disk)->now.size, 70000);
	}
	check_promises("many", 0);
	end();
}
END_TEST

START_TEST(a_state_file_has_one_process)
{
	struct emu_state_file *second = NULL;

	start();
	ck_assert_int_eq(open_state(), 0);
	nvme_text_clear(&error);
	ck_assert_int_eq(emu_state_open(&disk.ops, "state", &second, &notice, &error), -EBUSY);
	ck_assert_str_eq(error.data, "state file state: another process uses it");
	end();
}
END_TEST

static int refuse(void *arg, uint16_t type, uint32_t id, const void *data, uint32_t bytes)
{
	(void)arg;
	(void)type;
	(void)data;
	(void)bytes;
	return id == 2 ? -EINVAL : 0;
}

START_TEST(a_record_that_does_not_fit_is_named)
{
	start();
	ck_assert_int_eq(open_state(), 0);
	put(1);
	put(2);
	ck_assert_int_eq(commit(), 0);
	emu_state_close(state);
	ck_assert_int_eq(open_state(), 0);
	ck_assert_int_eq(emu_state_each(state, refuse, NULL, &error), -EINVAL);
	ck_assert_str_eq(error.data,
			 "state file state: the record at offset 128 (type 8, number 2, "
			 "79 bytes) does not fit this configuration");
	end();
}
END_TEST

static const char *const strange[] = { "x", "not a state file, but a text that is long enough",
				       "nvmelab\x1a" };

START_TEST(what_is_no_state_file_is_refused_and_stays_as_it_is)
{
	start();
	th_disk_set(&disk, strange[_i], (uint32_t)strlen(strange[_i]));
	ck_assert_int_eq(open_state(), -EBADMSG);
	ck_assert_str_eq(error.data, "state file state: not a state file (offset 0)");
	ck_assert_uint_eq(th_disk_file(&disk)->now.size, strlen(strange[_i]));
	end();
}
END_TEST

/* The same with the files of the machine. */

static char folder[64];
static char path[128];

static void start_system(void)
{
	start();
	snprintf(folder, sizeof(folder), "/tmp/nvmelab-state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/state", folder);
}

static void end_system(void)
{
	char other[160];

	emu_state_close(state);
	state = NULL;
	th_disk_done(&disk);
	unlink(path);
	snprintf(other, sizeof(other), "%s.new", path);
	ck_assert_int_ne(access(other, F_OK), 0);
	rmdir(folder);
}

static int open_system(void)
{
	nvme_text_clear(&error);
	return emu_state_open(&emu_disk_system, path, &state, &notice, &error);
}

START_TEST(on_a_real_disk_records_are_there_again)
{
	struct stat now;

	start_system();
	ck_assert_int_eq(open_system(), 0);
	for (uint32_t i = 0; i < 40; i++) {
		put(i % KINDS);
		ck_assert_int_eq(commit(), 0);
	}
	emu_state_close(state);
	ck_assert_int_eq(open_system(), 0);
	check_promises("again", 0);
	ck_assert_int_eq(stat(path, &now), 0);
	ck_assert_uint_eq(now.st_mode & 0777, 0600);
	end_system();
}
END_TEST

START_TEST(on_a_real_disk_another_process_is_refused_until_the_first_ends)
{
	pid_t child;
	int status;

	start_system();
	ck_assert_int_eq(open_system(), 0);
	for (int round = 0; round < 2; round++) {
		fflush(NULL);
		child = fork();
		if (child == 0) {
			struct emu_state_file *second;

			_exit(emu_state_open(&emu_disk_system, path, &second, NULL, NULL) ==
			      -EBUSY);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(WEXITSTATUS(status), round == 0);
		emu_state_close(state);
		state = NULL;
	}
	ck_assert_int_eq(open_system(), 0);
	end_system();
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
	start_system();
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(open_system(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.data, "not a regular file"));
	unlink(path);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_int_eq(open_system(), -ELOOP);
	unlink(path);
	snprintf(path, sizeof(path), "%s/absent/state", folder);
	ck_assert_int_eq(open_system(), -ENOENT);
	ck_assert_ptr_nonnull(strstr(error.data, "cannot be opened: No such file"));
	end_system();
}
END_TEST

static Suite *promises(void)
{
	Suite *suite = suite_create("state_file");
	TCase *tcase = tcase_create("promises");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase,
		       what_was_promised_is_there_when_the_process_is_killed_at_any_operation);
	tcase_add_loop_test(tcase, what_was_promised_is_there_when_the_power_fails_at_any_operation,
			    0, 16);
	tcase_add_loop_test(tcase, an_operation_that_fails_breaks_no_promise, 0, 32);
	suite_add_tcase(suite, tcase);
	return suite;
}

static Suite *files(void)
{
	Suite *suite = suite_create("state_file");
	TCase *tcase = tcase_create("files");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_full_disk_is_a_sentence_and_loses_nothing);
	tcase_add_test(tcase, every_flipped_byte_is_named_and_nothing_is_used);
	tcase_add_test(tcase, a_file_cut_at_any_length_has_a_beginning_or_is_refused);
	tcase_add_test(tcase, a_torn_tail_is_dropped_with_a_notice);
	tcase_add_test(tcase, the_file_stays_small_however_often_a_record_changes);
	tcase_add_test(tcase, a_state_file_has_one_process);
	tcase_add_test(tcase, a_record_that_does_not_fit_is_named);
	tcase_add_loop_test(tcase, what_is_no_state_file_is_refused_and_stays_as_it_is, 0,
			    sizeof(strange) / sizeof(strange[0]));
	tcase_add_test(tcase, on_a_real_disk_records_are_there_again);
	tcase_add_test(tcase, on_a_real_disk_another_process_is_refused_until_the_first_ends);
	tcase_add_test(tcase, what_is_no_regular_file_is_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	Suite *(*const suites[])(void) = { promises, files };

	return th_main(suites, 2);
}
