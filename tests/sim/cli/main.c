/* SPDX-License-Identifier: BSD-3-Clause */
/* The program nvmelab-sim: its commands are rows of commands.c. */
#include "tests/sim/cli/program.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
