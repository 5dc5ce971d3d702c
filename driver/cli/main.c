/* SPDX-License-Identifier: BSD-3-Clause */
/* The program nvmelab; everything is in cli_main(), where tests reach it. */
#include "driver/cli/command.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
