#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Each call of a program that has a device open: the results are those of calls.c.
# With sanitizers: the library comes before theirs, on purpose.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export NVMELAB_PRELOAD=${top_builddir:-build}/.libs/libnvmelab-preload.so
exec nvmelab with -- "${top_builddir:-build}/tests/preload/calls"
