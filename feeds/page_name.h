/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_NAME_H
#define HEADLINED_FEEDS_PAGE_NAME_H

/*
 * One page under several addresses: with marks of who sends the reader
 * (utm_source and its kin), and its AMP twin at the same host. Two feeds link
 * to it by two of them, and it is to be asked for once. Pure.
 *
 * An address alone proves nothing: some sites number their articles in just
 * such a parameter. So a key is believed only where the page that was read says
 * so itself, by rel=canonical; and what a page may claim is a spelling of its
 * own address, at its own origin: never a neighbour's.
 */

#include <stdbool.h>

#include "base/str.h"

struct buf;

/*
 * Appends the address (canonical spelling, as url_canonical has it) without
 * those marks and without what makes it AMP's: a first or last path segment
 * "amp", a last one that ends in ".amp" or has ".amp." in it, a parameter
 * "amp". False, and nothing appended: it is no http or https address, or memory
 * is out.
 */
bool	page_name_key(struct buf *out, const char *url);

/* Does the page at url, which calls this its canonical address, say that the
 * key of url is its own? False also where memory is out. */
bool	page_name_is_claimed(const char *url, struct str canonical);

#endif
