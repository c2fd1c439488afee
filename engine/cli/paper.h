/* SPDX-License-Identifier: Apache-2.0 */
/* A message as it lies there: what it says of itself, nothing proven.  For tools that send, show and
 * explain; nobody may decide by it.
 * threads  one
 */
#ifndef KOUAN_CLI_PAPER_H
#define KOUAN_CLI_PAPER_H

#include "xml/dxp.h"
#include "xml/open.h"

#include <kouan/error.h>

typedef struct kn_paper {
    xmlDoc *outer; /* the document; the shell when there is one */
    xmlDoc *inner; /* the business message inside the shell, or NULL */
    kn_dxp shell;  /* when in_shell */
    bool in_shell;
    char *type, *ns, *guid; /* of the business message; guid "" when it has none */
    char *sender;           /* of the shell, or of the head */
    char *orgcode; /* of the certificate in the business message, else of its head; "" = none */
} kn_paper;

/* false: errors of kn_xml_open and kn_dxp_open. */
bool kn_paper_read(kn_xml *xml, const char *bytes, size_t len, bool gb18030, kn_paper *out,
                   GError **err);
void kn_paper_clear(kn_paper *paper);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_paper, kn_paper_clear)

/* The business message. */
xmlDoc *kn_paper_business(const kn_paper *paper);
/* Element at a path of local names below node; NULL = none. */
xmlNode *kn_paper_at(xmlNode *node, const char *path);
/* Its text, trimmed; "" when there is no such element; owned by the caller. */
char *kn_paper_text(xmlNode *node, const char *path);

#endif
