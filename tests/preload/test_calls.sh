#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Each call of a program that has a device open: the results are those of calls.c.
export NVMELAB_PRELOAD=${top_builddir:-build}/.libs/libnvmelab-preload.so
exec nvmelab with -- "${top_builddir:-build}/tests/preload/calls"
