/* SPDX-License-Identifier: GPL-2.0 */
/* A file that readers find either as it was or as it is now, never half written. */
#ifndef USER_REPORT_TEXTFILE_H
#define USER_REPORT_TEXTFILE_H

#include <limits.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Writes `path` anew, mode 0644: `render` fills a temporary file in the same folder whose name does
 * not end in .prom (node_exporter reads only those), which is flushed to disk and renamed. On any
 * failure the old file stays as it was, the temporary one is removed, and the fault is said.
 * A device, pipe or socket is refused, not replaced; /dev/stdout is written to.
 * render returns 0 or a negative errno.
 */
int textfile_write(const char *path, int (*render)(FILE *out, const void *what), const void *what);

/*
 * Its two steps, for files that are no metrics; they say nothing. The first makes the temporary file, of
 * mode 0600: a descriptor, or a negative errno. The second takes the descriptor, and returns 0, or a
 * negative errno when the old file stays.
 */
int replacement_open(const char *path, char temporary[PATH_MAX]);
int replacement_finish(int fd, const char *temporary, const char *path, mode_t mode,
		       int (*render)(FILE *out, const void *what), const void *what);

#endif
