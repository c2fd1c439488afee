/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical forms of profile w3c, by libxml2: nobody else needs them, so speed is no matter, and its
 * implementation is the one that xmlsec1 uses too. */
#include "xml/internal.h"

#include <libxml/c14n.h>
#include <string.h>

static bool
execute(xmlDoc *doc, const kn_c14n_form *form, GString *out)
{
    xmlChar *bytes = NULL;
    int mode = form->exclusive ? XML_C14N_EXCLUSIVE_1_0 : XML_C14N_1_0;
    int len = xmlC14NDocDumpMemory(doc, NULL, mode, (xmlChar **)form->prefixes, 0, &bytes);

    if (len > 0)
        g_string_append_len(out, (const char *)bytes, len);
    xmlFree(bytes);
    return len > 0;
}

bool
kn_c14n_exclusive_part(const GString *inclusive, const kn_c14n_form *form, GString *out)
{
    g_autoptr(xmlDoc) doc = NULL;

    if (inclusive->len > INT_MAX)
        return false;
    doc = xmlReadMemory(inclusive->str, (int)inclusive->len, NULL, "UTF-8",
                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    return doc && execute(doc, form, out);
}

bool
kn_c14n_document(xmlDoc *doc, xmlNode *detached, const kn_c14n_form *form, GString *out)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    bool ok = false;

    if (detached)
        xmlUnlinkNode(detached); /* at document level libxml2 would write it too */
    ok = execute(doc, form, out);
    if (detached)
        xmlAddNextSibling(root, detached);
    return ok;
}
