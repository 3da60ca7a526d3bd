/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_XML_PUSH_H
#define HEADLINED_FEEDS_XML_PUSH_H

/*
 * libxml2's push parser as every reader here uses it: it recovers from what
 * feeds/scrub let through, trusts no label of a charset, opens nothing outside
 * of the document and prints nothing.
 */

#include <stdbool.h>

#include <libxml/parser.h>

/*
 * `sax` is copied, its initialized and serror members are filled in. The
 * caller's to free with xmlFreeParserCtxt. NULL when memory is out.
 */
xmlParserCtxtPtr	xml_push_new(xmlSAXHandler *sax, void *ctx);

/*
 * libxml2 keeps every different name of a document in a table that grows
 * badly: past some ten thousand time is quadratic, as it is in the namespaces
 * that hold where an element stands. Over either limit reading should end;
 * *what then names it ("max_names") and *most is its value.
 */
bool			xml_push_is_over(xmlParserCtxtPtr, const char **what,
			    int *most);

#endif
