/* SPDX-License-Identifier: BSD-3-Clause */
/* The command with: another program, for which the device is /dev/nvme0. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "driver/cli/command.h"
#include "driver/cli/error.h"

/* Both are read by driver/preload too, or set by the script that runs the build tree. */
#define DEVICE_VARIABLE	 "NVMELAB_DEVICE"
#define LIBRARY_VARIABLE "NVMELAB_PRELOAD"
#define LIBRARY		 PKGLIBDIR "/libnvmelab-preload.so"

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#elif defined(__i386__)
#define NATIVE AUDIT_ARCH_I386
#elif defined(__arm__)
#define NATIVE AUDIT_ARCH_ARM
#elif defined(__s390x__)
#define NATIVE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE AUDIT_ARCH_RISCV64
#else
#error "which number has this machine in linux/audit.h?"
#endif

/* A name without a kind of device before it is the program's: then the emulator is meant. */
static bool is_device(const char *word)
{
	return g_str_has_prefix(word, "vfio-user:") || g_str_has_prefix(word, "pci:");
}

/* The program may go to another folder before it opens the device. */
static char *whole_name(const char *device)
{
	static const char socket[] = "vfio-user:";
	g_autofree char *path = NULL;

	if (!g_str_has_prefix(device, socket))
		return g_strdup(device);
	path = g_canonicalize_filename(device + sizeof(socket) - 1, NULL);
	return g_strconcat(socket, path, NULL);
}

/*
 * Asynchronous I/O goes to the kernel past every library. The two calls that begin it are answered
 * with ENOSYS, as by a kernel without them, so that programs fall back to read and write.
 */
static bool refuse_asynchronous(GError **error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_setup, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	const struct sock_fprog program = { G_N_ELEMENTS(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return cli_fail(error, CLI_EXIT_ENVIRONMENT,
				"asynchronous I/O cannot be kept from the program: %s",
				g_strerror(errno));
	return true;
}

static bool set_environment(const char *device, GError **error)
{
	const char *library = g_getenv(LIBRARY_VARIABLE), *before = g_getenv("LD_PRELOAD");
	g_autofree char *name = device ? whole_name(device) : g_strdup("");
	g_autofree char *preload = NULL;

	library = library ? library : LIBRARY;
	if (access(library, R_OK) != 0) {
		cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: %s", library, g_strerror(errno));
		cli_hint(error,
			 "it is installed with nvmelab; " LIBRARY_VARIABLE " names it elsewhere");
		return false;
	}
	preload = before ? g_strconcat(library, ":", before, NULL) : g_strdup(library);
	g_setenv("LD_PRELOAD", preload, TRUE);
	g_setenv(DEVICE_VARIABLE, name, TRUE);
	return true;
}

bool cli_run_with(struct cli *cli, GError **error)
{
	g_autoptr(GPtrArray) command = g_ptr_array_new();
	const char *device = cli_positional(cli->args, 0), *word;
	unsigned int at = 0;

	if (device && is_device(device))
		at = 1;
	else
		device = NULL;
	for (; (word = cli_positional(cli->args, at)) != NULL; at++)
		g_ptr_array_add(command, (gpointer)word);
	if (command->len == 0)
		return cli_fail(error, CLI_EXIT_USAGE,
				"there is no program: nvmelab with %s -- PROGRAM [ARGUMENT...]",
				device ? device : "DEVICE");
	g_ptr_array_add(command, NULL);
	if (!set_environment(device, error) || !refuse_asynchronous(error))
		return false;
	execvp(g_ptr_array_index(command, 0), (char **)command->pdata);
	return cli_fail(error, CLI_EXIT_ENVIRONMENT, "%s: %s",
			(const char *)g_ptr_array_index(command, 0), g_strerror(errno));
}
