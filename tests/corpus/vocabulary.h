/* SPDX-License-Identifier: GPL-2.0 */
/* The words that rows are written in; for rows_*.c only. */
#ifndef TESTS_CORPUS_VOCABULARY_H
#define TESTS_CORPUS_VOCABULARY_H

#include "base/cleanup.h"
#include "rows.h"

#define XDP	     ROW_XDP
#define TC	     ROW_TC
#define PASS(reason) AGFEO_PASS, AGFEO_REASON_##reason
#define DROP(reason) AGFEO_DROP, AGFEO_REASON_##reason
#define EF	     AGFEO_EF
#define KEEP	     AGFEO_KEEP

#define OFFICE	 .site = site_office
#define CLOSED	 .site = site_closed
#define WATCHED	 .site = site_watched
#define BLEACHED .site = site_bleached
#define UNMARKED .site = site_unmarked
#define NARROW	 .site = site_narrow

#define SECONDS(n) .after_ms = (n)*1000

#endif
