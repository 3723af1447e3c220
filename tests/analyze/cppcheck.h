/* SPDX-License-Identifier: GPL-2.0 */
/* What cppcheck does not know, since it does not read the headers of libraries: their macros. */
#ifndef TESTS_ANALYZE_CPPCHECK_H
#define TESTS_ANALYZE_CPPCHECK_H

#define SEC(name)
#define __noinline
#define __uint(name, value)	     int(*name)[value]
#define __type(name, value)	     value *name
#define __array(name, value)	     value *name[]
#define LIBBPF_OPTS(type, name, ...) struct type name = {.sz = sizeof(struct type), __VA_ARGS__}
#define bpf_object__for_each_program(one, object)                                                  \
	for (one = bpf_object__next_program(object, NULL); one;                                    \
	     one = bpf_object__next_program(object, one))
#define bpf_object__for_each_map(one, object)                                                      \
	for (one = bpf_object__next_map(object, NULL); one; one = bpf_object__next_map(object, one))

#endif
