/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_XML_PUSH_H
#define HEADLINED_FEEDS_XML_PUSH_H

/*
 * libxml2's push parser as every reader here uses it: it recovers from what
 * feeds/scrub let through, trusts no label of a charset, opens nothing outside
 * of the document and prints nothing.
 */

#include <libxml/parser.h>

/*
 * `sax` is copied, its initialized and serror members are filled in. The
 * caller's to free with xmlFreeParserCtxt. NULL when memory is out.
 */
xmlParserCtxtPtr	xml_push_new(xmlSAXHandler *sax, void *ctx);

#endif
