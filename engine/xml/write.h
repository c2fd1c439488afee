/* SPDX-License-Identifier: Apache-2.0 */
/* Writes XML that already is its own canonical form: namespaces only on the root and sorted,
 * attributes sorted, text escaped as C14N does, no self-closing tag, no declaration.
 * So it is digested and signed without a parse.
 *
 * threads  a writer belongs to one lane; it may be used again after _take
 */
#ifndef KOUAN_XML_WRITE_H
#define KOUAN_XML_WRITE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#define KN_NS_MAX 16

typedef struct kn_ns {
    const char *prefix; /* "" = default namespace; NULL ends a list */
    const char *uri;
} kn_ns;

typedef struct kn_attr {
    const char *name; /* no prefix; NULL ends a list */
    const char *value;
} kn_attr;

/* A canonical document. */
typedef struct kn_canonical {
    GString *text;  /* from "<root" to "</root>", nothing before or after */
    size_t end_tag; /* offset of the root's end tag: where a Signature goes */
    GPtrArray *ns;  /* prefix, uri, prefix, uri ... of the root, sorted by prefix; owned strings */
} kn_canonical;

void kn_canonical_free(kn_canonical *doc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_canonical, kn_canonical_free)

typedef struct kn_writer kn_writer;

kn_writer *kn_writer_new(void);
void kn_writer_free(kn_writer *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kn_writer, kn_writer_free)

/* First call of a document.  ns: at most KN_NS_MAX, every prefix used later; attrs: sorted here. */
void kn_writer_root(kn_writer *writer, const char *prefix, const char *local, const kn_ns *ns,
                    const kn_attr *attrs);
/* The usual root: attributes guid and version="1.0" style; NULL leaves one out. */
void kn_writer_root_guid(kn_writer *writer, const char *prefix, const char *local, const kn_ns *ns,
                         const char *guid, const char *version);
void kn_writer_start(kn_writer *writer, const char *prefix, const char *local,
                     const kn_attr *attrs); /* attrs may be NULL */
void kn_writer_chars(kn_writer *writer, const char *text);
void kn_writer_end(kn_writer *writer);
/* start, chars, end; NULL text writes nothing at all. */
void kn_writer_text(kn_writer *writer, const char *prefix, const char *local, const char *text);
/* A JSON object as elements: objects nest, arrays repeat the element, null and members whose name is
 * no element name make the document fail; true, false and integers as text; null is left out. */
void kn_write_json(kn_writer *writer, const char *prefix, const json_t *object);

/* Ends all open elements but the root's own end included, gives the document and resets the writer.
 * Characters XML cannot carry were written as U+FFFD.
 * false: KN_E_ENGINE_ERROR, something written was no XML (bad name, unknown prefix, a real number);
 * the writer is reset then, too. */
bool kn_writer_take(kn_writer *writer, kn_canonical **out, GError **err);

#endif
