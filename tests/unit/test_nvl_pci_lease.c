/* SPDX-License-Identifier: BSD-3-Clause */
/* driver/transport/pci_lease.c and pci_keeper.c: functions that are lent, and given back. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/harness/main.h"
#include "tests/unit/nvl_pci_tree.h"

#define NAME "0000:01:00.0"

/* A tree of one function; th_pci_tree_free() ends it. */
static struct nvl_pci_facts make_tree(struct th_pci_tree *tree, const char *driver,
				      const char *group)
{
	th_pci_tree_make(tree);
	th_pci_add(tree, NAME, NVL_PCI_CLASS, driver, group);
	return th_pci_look(tree, NAME);
}

/* What taking it for vfio-pci answers; @why gets the sentence. */
static int take(const struct th_pci_tree *tree, const struct nvl_pci_facts *facts,
		struct nvl_pci_lease *lease, char why[512])
{
	struct nvme_text text;

	nvme_text_init(&text, why, 512);
	return nvl_pci_take(&tree->tree, facts, "vfio-pci", lease, &text);
}

START_TEST(a_function_is_lent_to_vfio_and_given_back)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;

	facts = make_tree(&tree, "nvme", "3");
	ck_assert_int_eq(nvl_pci_take(&tree.tree, &facts, "vfio-pci", &lease, NULL), 0);
	ck_assert_str_eq(tree.log,
			 "devices/" NAME "/driver_override=vfio-pci drivers/nvme/unbind=" NAME
			 " drivers/vfio-pci/bind=" NAME);
	ck_assert_str_eq(th_pci_look(&tree, NAME).info.driver, "vfio-pci");
	tree.log[0] = 0;
	ck_assert_int_eq(nvl_pci_give_back(&tree.tree, &lease), 0);
	ck_assert_str_eq(tree.log, "drivers/vfio-pci/unbind=" NAME " devices/" NAME
				   "/driver_override=none drivers/nvme/bind=" NAME);
	ck_assert_str_eq(th_pci_look(&tree, NAME).info.driver, "nvme");
	tree.log[0] = 0;
	ck_assert_int_eq(nvl_pci_give_back(&tree.tree, &lease), 0);
	ck_assert_str_eq(tree.log, "");
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_function_is_left_without_a_driver_and_given_back)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;

	facts = make_tree(&tree, "nvme", NULL);
	ck_assert_int_eq(nvl_pci_take(&tree.tree, &facts, "", &lease, NULL), 0);
	ck_assert_int_eq(nvl_pci_give_back(&tree.tree, &lease), 0);
	ck_assert_str_eq(tree.log, "drivers/nvme/unbind=" NAME " drivers/nvme/bind=" NAME);
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_function_without_a_driver_has_none_again_and_keeps_its_override)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;

	th_pci_tree_make(&tree);
	th_pci_add(&tree, NAME, NVL_PCI_CLASS, NULL, "3");
	th_pci_file(&tree, "/sys/bus/pci/devices/" NAME "/driver_override", "pci-stub\n");
	facts = th_pci_look(&tree, NAME);
	ck_assert_int_eq(nvl_pci_take(&tree.tree, &facts, "vfio-pci", &lease, NULL), 0);
	tree.log[0] = 0;
	ck_assert_int_eq(nvl_pci_give_back(&tree.tree, &lease), 0);
	ck_assert_str_eq(tree.log, "drivers/vfio-pci/unbind=" NAME " devices/" NAME
				   "/driver_override=pci-stub");
	ck_assert_str_eq(th_pci_look(&tree, NAME).info.driver, "");
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_rebind_that_fails_anywhere_leaves_all_as_it_was)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;
	char why[512];

	facts = make_tree(&tree, "nvme", "3");
	tree.fail_write = (unsigned int)_i;
	ck_assert_int_eq(take(&tree, &facts, &lease, why), -EACCES);
	ck_assert_ptr_nonnull(strstr(why, "sudo"));
	ck_assert_str_eq(th_pci_look(&tree, NAME).info.driver, "nvme");
	ck_assert_ptr_nonnull(strstr(tree.log, "driver_override=none"));
	ck_assert(!lease.taken);
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_driver_that_does_not_take_the_function_is_noticed)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;
	char why[512];

	facts = make_tree(&tree, "nvme", "3");
	tree.stubborn = true;
	ck_assert_int_eq(take(&tree, &facts, &lease, why), -EIO);
	ck_assert_ptr_nonnull(strstr(why, "dmesg"));
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_function_that_was_pulled_out_is_not_given_back)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;
	char path[PATH_MAX];

	facts = make_tree(&tree, "nvme", "3");
	ck_assert_int_eq(nvl_pci_take(&tree.tree, &facts, "vfio-pci", &lease, NULL), 0);
	tree.log[0] = 0;
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices", tree.root);
	ck_assert_int_eq(chdir(path), 0);
	ck_assert_int_eq(rename(NAME, "gone"), 0);
	ck_assert_int_eq(nvl_pci_give_back(&tree.tree, &lease), 0);
	ck_assert_str_eq(tree.log, "");
	th_pci_tree_free(&tree);
}
END_TEST

/* The keeper is a process of its own: what it wrote is seen in the files alone. */
static bool is_given_back(const struct th_pci_tree *tree)
{
	return strcmp(th_pci_look(tree, NAME).info.driver, "nvme") == 0;
}

START_TEST(a_keeper_gives_a_function_back)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;

	facts = make_tree(&tree, "nvme", "3");
	ck_assert_int_eq(nvl_pci_take(&tree.tree, &facts, "vfio-pci", &lease, NULL), 0);
	ck_assert_int_eq(nvl_pci_keep(&tree.tree, &lease), 0);
	ck_assert(!is_given_back(&tree));
	ck_assert_int_eq(nvl_pci_let_go(&tree.tree, &lease), 0);
	ck_assert(is_given_back(&tree));
	ck_assert_int_eq(nvl_pci_let_go(&tree.tree, &lease), 0);
	th_pci_tree_free(&tree);
}
END_TEST

START_TEST(a_keeper_gives_a_function_back_when_the_program_is_killed)
{
	struct nvl_pci_lease lease;
	struct nvl_pci_facts facts;
	struct th_pci_tree tree;
	int status, ends[2];
	pid_t program;
	char byte;

	facts = make_tree(&tree, "nvme", "3");
	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	ck_assert_int_eq(pipe(ends), 0);
	program = fork();
	if (program == 0) {
		if (nvl_pci_take(&tree.tree, &facts, "vfio-pci", &lease, NULL) != 0 ||
		    nvl_pci_keep(&tree.tree, &lease) != 0 || write(ends[1], "k", 1) != 1)
			_exit(1);
		pause();
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	ck_assert(!is_given_back(&tree));
	kill(program, SIGKILL);
	ck_assert_int_eq(waitpid(program, &status, 0), program);
	/* The keeper is ours now. */
	ck_assert_int_gt(waitpid(-1, &status, 0), 0);
	ck_assert_int_eq(status, 0);
	ck_assert(is_given_back(&tree));
	th_pci_tree_free(&tree);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("nvl_pci_lease");
	TCase *tcase = tcase_create("lease");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_function_is_lent_to_vfio_and_given_back);
	tcase_add_test(tcase, a_function_is_left_without_a_driver_and_given_back);
	tcase_add_test(tcase, a_function_without_a_driver_has_none_again_and_keeps_its_override);
	tcase_add_loop_test(tcase, a_rebind_that_fails_anywhere_leaves_all_as_it_was, 0, 3);
	tcase_add_test(tcase, a_driver_that_does_not_take_the_function_is_noticed);
	tcase_add_test(tcase, a_function_that_was_pulled_out_is_not_given_back);
	tcase_add_test(tcase, a_keeper_gives_a_function_back);
	tcase_add_test(tcase, a_keeper_gives_a_function_back_when_the_program_is_killed);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	static Suite *(*const suites[])(void) = { make_suite };

	return th_main(suites, 1);
}
