/* SPDX-License-Identifier: ISC */
/* What is set once for the library, and what is never set for a document. */
#include "feeds/xml_push.h"

#include <pthread.h>

#include <libxml/dict.h>

/* Errors are mended before libxml2 or not at all. */
static void
on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

static xmlParserInputPtr
refuse_entity(const char *url, const char *id, xmlParserCtxtPtr xml)
{
	(void)url;
	(void)id;
	(void)xml;
	return NULL;
}

static void
init_library(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(refuse_entity);
}

/*
 * NOENT would open files even under NONET, DTDLOAD the network, and HUGE
 * takes away the limits: none of them is ever set.
 */
xmlParserCtxtPtr
xml_push_new(xmlSAXHandler *sax, void *ctx)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	xmlParserCtxtPtr xml;

	if (pthread_once(&once, init_library) != 0)
		return NULL;
	sax->initialized = XML_SAX2_MAGIC;
	sax->serror = on_error;
	xml = xmlCreatePushParserCtxt(sax, ctx, NULL, 0, NULL);
	if (xml != NULL && xmlCtxtUseOptions(xml, XML_PARSE_RECOVER |
	    XML_PARSE_NONET | XML_PARSE_IGNORE_ENC) != 0) {
		xmlFreeParserCtxt(xml);
		return NULL;
	}
	return xml;
}

bool
xml_push_is_over(xmlParserCtxtPtr xml, const char **what, int *most)
{
	enum { NAMES_MAX = 16384, NAMESPACES_MAX = 128 };

	/* The dictionary may be missing while the parser is made. */
	if (xml->dict != NULL && xmlDictSize(xml->dict) > NAMES_MAX) {
		*what = "max_names";
		*most = NAMES_MAX;
		return true;
	}
	*what = "max_namespaces";
	*most = NAMESPACES_MAX;
	return xml->nsNr / 2 > NAMESPACES_MAX;
}
