/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_DOCUMENTS_H
#define HEADLINED_DAEMON_CTL_DOCUMENTS_H

/*
 * Files as articles, for the verbs that try topics on them. A file is a feed
 * (each item an article), an HTML page (its title and text), or plain text
 * with the title on its first line; which of them is seen from its bytes. What
 * is a feed to feeds/feed_parser is one here; what feeds/file_magic knows is
 * none of the three. Of a feed's items, in the file's order, lines are left out
 * that it repeats, as if they were its first.
 */

struct err;
struct left_out_item;

/*
 * Calls back for each article; a non-zero answer stops. "-" is standard
 * input. The texts live until each returns. 0, or -1: the file
 * cannot be read or is no article (*err set), or each stopped (*err is each's
 * own business).
 */
int	ctl_each_article(const char *path,
	    int (*each)(const char *source, const struct left_out_item *,
		void *ctx),
	    void *ctx, struct err *);

#endif
