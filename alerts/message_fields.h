/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_MESSAGE_FIELDS_H
#define HEADLINED_ALERTS_MESSAGE_FIELDS_H

/*
 * What a rule of a log would be written for, as names and values: the
 * structured data of RFC 5424, fields of the journal.
 *
 *	alert	topic severity id url site feed story
 *	health	condition state severity id about
 *	digest	sink count severity id
 *	test	sink severity id
 *
 * Values are as a feed or a server wrote them, and may be empty: who writes
 * them cleans and escapes. Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct message;

enum { MESSAGE_MAX_FIELDS = 8 };

struct message_field {
	const char	*name;
	struct str	 value;		/* of the message, or of `number` */
	bool		 is_url;	/* whole or not at all */
};

struct message_fields {
	struct message_field	list[MESSAGE_MAX_FIELDS];
	size_t			n;
	char			number[24];
};

void	message_list_fields(const struct message *, struct message_fields *out);

/* "alert", "health", "digest" or "test". */
const char	*message_kind_word(const struct message *);

#endif
