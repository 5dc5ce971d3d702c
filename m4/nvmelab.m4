# SPDX-License-Identifier: BSD-3-Clause
# The macros of configure.ac, one for each concern.

m4_ifndef([PKG_CHECK_MODULES],
	[m4_fatal([pkg-config's macros are missing: install the Debian package pkg-config])])

# NVMELAB_OPTIONS: the switches, all off by default but the tests.
AC_DEFUN([NVMELAB_OPTIONS], [
AC_ARG_ENABLE([werror],
	[AS_HELP_STRING([--enable-werror], [make compiler warnings errors])],
	[], [enable_werror=no])
AC_ARG_ENABLE([sanitize],
	[AS_HELP_STRING([--enable-sanitize=LIST],
		[build with sanitizers: address,undefined or thread])],
	[], [enable_sanitize=no])
AC_ARG_ENABLE([fuzzer],
	[AS_HELP_STRING([--enable-fuzzer],
		[build the fuzz targets with libFuzzer (needs CC=clang)])],
	[], [enable_fuzzer=no])
AC_ARG_ENABLE([coverage],
	[AS_HELP_STRING([--enable-coverage], [count executed lines for gcov])],
	[], [enable_coverage=no])
AC_ARG_ENABLE([hardening],
	[AS_HELP_STRING([--disable-hardening],
		[leave out stack protector, fortified calls, PIE and RELRO])],
	[], [enable_hardening=yes])
AC_ARG_ENABLE([tests],
	[AS_HELP_STRING([--disable-tests], [do not ask for Check; 'make check' will not build])],
	[], [enable_tests=yes])
AS_IF([test "x$enable_sanitize" = xyes], [enable_sanitize=address,undefined])
])

# NVMELAB_TRY_FLAG(VARIABLE, FLAG, [compile|link]): appends FLAG where the compiler takes it.
AC_DEFUN([NVMELAB_TRY_FLAG], [
AS_VAR_PUSHDEF([cache], [nvmelab_cv_flag_[]m4_default([$3], [compile])[]_$2])
AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
	nvmelab_save_CFLAGS=$CFLAGS
	nvmelab_save_LDFLAGS=$LDFLAGS
	m4_if([$3], [link], [LDFLAGS="$LDFLAGS $2"], [CFLAGS="$CFLAGS -Werror $2"])
	m4_if([$3], [link],
		[AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])],
		[AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
			[AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])])
	CFLAGS=$nvmelab_save_CFLAGS
	LDFLAGS=$nvmelab_save_LDFLAGS
])
AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cache])
])

# NVMELAB_COMPILER: the language and the warnings. BASE_CFLAGS is for every object, CORE_WARNINGS for
# common/, emulator/core and driver/core on top of it.
AC_DEFUN([NVMELAB_COMPILER], [
BASE_CFLAGS=
CORE_WARNINGS=
AC_CACHE_CHECK([whether $CC speaks -std=gnu17], [nvmelab_cv_gnu17], [
	nvmelab_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -std=gnu17"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [_Static_assert(sizeof(int) == 4, "");])],
		[nvmelab_cv_gnu17=yes], [nvmelab_cv_gnu17=no])
	CFLAGS=$nvmelab_save_CFLAGS
])
AS_IF([test $nvmelab_cv_gnu17 = no],
	[AC_MSG_ERROR([$CC does not accept -std=gnu17; gcc 12 or clang 14 (Debian: gcc or clang) does])])
BASE_CFLAGS="-std=gnu17"
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wvla -Wundef -Wformat=2 -Wstrict-prototypes
		-Wmissing-prototypes -Wwrite-strings -Wcast-align -fno-common -fvisibility=hidden],
	[NVMELAB_TRY_FLAG([BASE_CFLAGS], flag)])
m4_foreach_w([flag], [-Wconversion -Wsign-conversion -Wswitch-enum],
	[NVMELAB_TRY_FLAG([CORE_WARNINGS], flag)])
AS_IF([test "x$enable_werror" = xyes], [BASE_CFLAGS="$BASE_CFLAGS -Werror"])
AC_SUBST([BASE_CFLAGS])
AC_SUBST([CORE_WARNINGS])
])

# NVMELAB_HARDENING: for every object, the cores included. They must not depend on it, so
# tests/cross/test_symbols.sh builds them once more without any of it.
AC_DEFUN([NVMELAB_HARDENING], [
HARDENING_CPPFLAGS=
HARDENING_CFLAGS=
HARDENING_LDFLAGS=
PROGRAM_CFLAGS=
PROGRAM_LDFLAGS=
AS_IF([test "x$enable_hardening" = xyes], [
	NVMELAB_TRY_FLAG([HARDENING_CFLAGS], [-fstack-protector-strong])
	NVMELAB_TRY_FLAG([HARDENING_CFLAGS], [-fstack-clash-protection])
	NVMELAB_TRY_FLAG([HARDENING_LDFLAGS], [-Wl,-z,relro], [link])
	NVMELAB_TRY_FLAG([HARDENING_LDFLAGS], [-Wl,-z,now], [link])
	NVMELAB_TRY_FLAG([PROGRAM_CFLAGS], [-fPIE])
	NVMELAB_TRY_FLAG([PROGRAM_LDFLAGS], [-pie], [link])
	dnl glibc wants an optimising compiler for it, and the sanitizers see more without it.
	AS_CASE([" $CFLAGS "],
		[*" -O0 "*], [],
		[*" -O"*], [AS_IF([test "x$enable_sanitize" = xno],
			[HARDENING_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])])
])
NVMELAB_TRY_FLAG([HARDENING_LDFLAGS], [-Wl,--as-needed], [link])
AC_SUBST([HARDENING_CPPFLAGS])
AC_SUBST([HARDENING_CFLAGS])
AC_SUBST([HARDENING_LDFLAGS])
AC_SUBST([PROGRAM_CFLAGS])
AC_SUBST([PROGRAM_LDFLAGS])
])

# NVMELAB_INSTRUMENTATION: sanitizers, libFuzzer and gcov.
AC_DEFUN([NVMELAB_INSTRUMENTATION], [
INSTRUMENT_CFLAGS=
INSTRUMENT_LDFLAGS=
FUZZER_LDFLAGS=
AS_IF([test "x$enable_sanitize" != xno], [
	INSTRUMENT_CFLAGS="-fsanitize=$enable_sanitize -fno-omit-frame-pointer -fno-sanitize-recover=all"
	INSTRUMENT_LDFLAGS="-fsanitize=$enable_sanitize"
	nvmelab_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS $INSTRUMENT_CFLAGS"
	AC_MSG_CHECKING([whether $CC links with -fsanitize=$enable_sanitize])
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([$CC cannot link with -fsanitize=$enable_sanitize; the lists are
  address,undefined or thread; clang needs the Debian package libclang-rt-dev of its version])
	])
	CFLAGS=$nvmelab_save_CFLAGS
])
AS_IF([test "x$enable_fuzzer" = xyes], [
	nvmelab_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -fsanitize=fuzzer"
	AC_MSG_CHECKING([whether $CC has libFuzzer])
	AC_LINK_IFELSE([AC_LANG_SOURCE([
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return data && size > 100 ? 0 : 0;
}
])], [AC_MSG_RESULT([yes])], [
		AC_MSG_RESULT([no])
		AC_MSG_ERROR([--enable-fuzzer needs CC=clang and its runtime (Debian: clang libclang-rt-14-dev)])
	])
	CFLAGS=$nvmelab_save_CFLAGS
	INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS -fsanitize=fuzzer-no-link"
	FUZZER_LDFLAGS="-fsanitize=fuzzer"
])
AS_IF([test "x$enable_coverage" = xyes], [
	INSTRUMENT_CFLAGS="$INSTRUMENT_CFLAGS --coverage -fprofile-update=atomic"
	INSTRUMENT_LDFLAGS="$INSTRUMENT_LDFLAGS --coverage"
])
AC_SUBST([INSTRUMENT_CFLAGS])
AC_SUBST([INSTRUMENT_LDFLAGS])
AC_SUBST([FUZZER_LDFLAGS])
AM_CONDITIONAL([ENABLE_FUZZER], [test "x$enable_fuzzer" = xyes])
AM_CONDITIONAL([ENABLE_SANITIZE], [test "x$enable_sanitize" != xno])
])

# NVMELAB_NEED(VARIABLE, MODULE, DEBIAN-PACKAGE): notes what is missing, to report it all at once.
AC_DEFUN([NVMELAB_NEED], [
PKG_CHECK_MODULES([$1], [$2], [], [nvmelab_missing="$nvmelab_missing $3"])
])

AC_DEFUN([NVMELAB_LIBRARIES], [
PKG_PROG_PKG_CONFIG([0.29])
AS_IF([test -z "$PKG_CONFIG"],
	[AC_MSG_ERROR([pkg-config is missing; on Debian and Ubuntu: apt-get install pkg-config])])
nvmelab_missing=
NVMELAB_NEED([GLIB], [glib-2.0 >= 2.66], [libglib2.0-dev])
NVMELAB_NEED([JSON_GLIB], [json-glib-1.0 >= 1.6], [libjson-glib-dev])
NVMELAB_NEED([PCIACCESS], [pciaccess >= 0.16], [libpciaccess-dev])
NVMELAB_NEED([URING], [liburing >= 2.1], [liburing-dev])
NVMELAB_NEED([NBD], [libnbd >= 1.12], [libnbd-dev])
AS_IF([test "x$enable_tests" != xno], [NVMELAB_NEED([CHECK], [check >= 0.15], [check])])
AS_IF([test -n "$nvmelab_missing"], [AC_MSG_ERROR([libraries are missing;
  on Debian and Ubuntu: apt-get install$nvmelab_missing
  (or let ./quickstart do it; Check alone can be left out with --disable-tests)])])
dnl Its headers alone are used, so its own dependencies need not be there.
AC_CHECK_HEADER([libnvme.h], [have_libnvme=yes], [have_libnvme=no])
AM_CONDITIONAL([HAVE_LIBNVME], [test $have_libnvme = yes])
dnl nbdkit itself looks elsewhere (pkg-config --variable=plugindir nbdkit), but that is not in our prefix.
PKG_CHECK_MODULES([NBDKIT], [nbdkit >= 1.32], [have_nbdkit=yes], [have_nbdkit=no])
AM_CONDITIONAL([HAVE_NBDKIT], [test $have_nbdkit = yes])
AC_ARG_WITH([nbdkit-plugindir],
	[AS_HELP_STRING([--with-nbdkit-plugindir=DIR], [where the plugin for nbdkit goes (LIBDIR/nvmelab)])],
	[nbdkitplugindir=$withval], [nbdkitplugindir='$(pkglibdir)'])
AC_SUBST([nbdkitplugindir])
])

# NVMELAB_MACHINE: what is there for one kind of machine only.
AC_DEFUN([NVMELAB_MACHINE], [
AC_MSG_CHECKING([for x86-64 Linux, which emu_trapbar needs])
AS_CASE([$host],
	[*x32], [have_trapbar=no],
	[x86_64-*-linux*], [have_trapbar=yes],
	[have_trapbar=no])
AC_MSG_RESULT([$have_trapbar])
AM_CONDITIONAL([HAVE_TRAPBAR], [test $have_trapbar = yes])
])

AC_DEFUN([NVMELAB_SUMMARY], [
AS_ECHO(["
nvmelab $PACKAGE_VERSION
  prefix      $prefix
  compiler    $CC $CFLAGS
  werror      $enable_werror
  hardening   $enable_hardening
  sanitizers  $enable_sanitize
  fuzzer      $enable_fuzzer
  coverage    $enable_coverage
  tests       $enable_tests
  libnvme     $have_libnvme (only for the test that compares structures; Debian: libnvme-dev)
  trapbar     $have_trapbar (a BAR0 that faults, for drivers in the same process; x86-64 Linux only)
  nbdkit      $have_nbdkit (for the plugin that makes a namespace a network block device; Debian: nbdkit-plugin-dev)
"])
])
