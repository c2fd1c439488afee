/* SPDX-License-Identifier: Apache-2.0 */
/* Where an element of the tree stands in the bytes it was read from.  For writing only: nothing is proven,
 * validated or read by it, and whatever is written with its help is parsed again before it counts. */
#ifndef KOUAN_XML_SPAN_H
#define KOUAN_XML_SPAN_H

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>
#include <stddef.h>

/* Offsets.  An element that closes itself has inner == close == end. */
typedef struct kn_span {
    size_t open;  /* '<' of its start tag */
    size_t inner; /* behind the start tag */
    size_t close; /* '<' of its end tag */
    size_t end;   /* behind the end tag */
} kn_span;

/* The n-th element of the tree is the n-th start tag of the text; nothing is looked for by name.
 *
 * bytes    what kn_xml_open made the node's document of, with nothing taken out of the tree since
 * gb18030  as kn_xml_open was told
 * false    the text has fewer elements */
bool kn_span_of(const GString *bytes, bool gb18030, const xmlNode *node, kn_span *out);
/* Name of the element there as it is written, prefix included; free with g_free. */
char *kn_span_name(const GString *bytes, const kn_span *span);
/* What stands in the element becomes text; an element that closes itself gets an end tag. */
void kn_span_fill(GString *bytes, const kn_span *span, const char *text);
/* text behind what stands in it. */
void kn_span_append(GString *bytes, const kn_span *span, const char *text);
/* text at the end of its start tag: a further attribute. */
void kn_span_attribute(GString *bytes, const kn_span *span, const char *text);

#endif
