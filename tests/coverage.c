/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For `make coverage` alone, linked into all that it builds: gcov writes when a process returns from
 * main(). Children that end by _exit(), and who kills itself at a fault point (user/kernel/fault.h),
 * write here before they do. gcov does not bear a lack of memory, so that tests which have one
 * (tests/e2e/tools/shim.so.c) let go of it first.
 */
#include <dlfcn.h>
#include <gcov.h>
#include <signal.h>
#include <stdlib.h>

void __real__exit(int status) __attribute__((noreturn)); /* the linker's --wrap */
int __real_raise(int number);

/* Destructors run before gcov's own, whose priority is above theirs. */
__attribute__((destructor)) static void feed(void)
{
	void (*starve_no_more)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "starve_no_more");

	if (starve_no_more)
		starve_no_more();
}

void __wrap__exit(int status)
{
	feed();
	__gcov_dump();
	__real__exit(status);
}

int __wrap_raise(int number)
{
	if (number == SIGKILL) {
		feed();
		__gcov_dump();
	}
	return __real_raise(number);
}
