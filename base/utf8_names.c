/* SPDX-License-Identifier: ISC */
#include "base/utf8_names.h"

#include <pthread.h>
#include <stddef.h>

/* Never freed: threads may be in it to the last. */
static locale_t utf8;

static void
make_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
}

locale_t
utf8_names_begin(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (pthread_once(&once, make_locale) != 0 || utf8 == NULL)
		return uselocale(NULL);
	return uselocale(utf8);
}

void
utf8_names_end(locale_t before)
{
	(void)uselocale(before);	/* fails for what is no locale */
}
