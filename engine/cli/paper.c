/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/paper.h"

#include "trust/card.h"
#include "xml/shape.h"

#include <openssl/x509.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kn_shape, kn_shape_clear)

void
kn_paper_clear(kn_paper *p)
{
    if (p->in_shell)
        kn_dxp_clear(&p->shell);
    xmlFreeDoc(p->inner);
    xmlFreeDoc(p->outer);
    g_free(p->type);
    g_free(p->ns);
    g_free(p->guid);
    g_free(p->sender);
    g_free(p->orgcode);
    *p = (kn_paper){ 0 };
}

xmlDoc *
kn_paper_business(const kn_paper *p)
{
    return p->inner ? p->inner : p->outer;
}

xmlNode *
kn_paper_at(xmlNode *node, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, "/", -1);

    for (size_t i = 0; node && names[i]; i++) {
        xmlNode *child = node->children;

        while (child
               && (child->type != XML_ELEMENT_NODE
                   || strcmp((const char *)child->name, names[i]) != 0))
            child = child->next;
        node = child;
    }
    return node;
}

char *
kn_paper_text(xmlNode *node, const char *path)
{
    xmlNode *at = kn_paper_at(node, path);
    xmlChar *text = at ? xmlNodeGetContent(at) : NULL;
    char *copy = g_strdup(text ? g_strstrip((char *)text) : "");

    xmlFree(text);
    return copy;
}

/* --- the enterprise --------------------------------------------------------------------------------- */

static char *
orgcode_of_cert(const kn_shape *shape)
{
    g_autoptr(kn_card_rules) rules = NULL;
    g_autoptr(X509) cert = NULL;
    const uint8_t *der = shape->cert;
    kn_card_facts facts = { { NULL } };
    char *orgcode;

    if (!shape->cert || !kn_card_rules_load(NULL, "", &rules, NULL))
        return g_strdup("");
    cert = d2i_X509(NULL, &der, (long)shape->cert_len);
    if (!cert)
        return g_strdup("");
    kn_card_read(rules, cert, &facts);
    orgcode = g_strdup(facts.values[KN_FACT_ORGCODE]);
    if (!*orgcode && strlen(facts.values[KN_FACT_USCC]) == 18) {
        g_free(orgcode);
        orgcode = g_strndup(facts.values[KN_FACT_USCC] + 8, 9);
    }
    kn_card_facts_clear(&facts);
    return orgcode;
}

static char *
find_orgcode(xmlDoc *doc)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    g_autofree char *found = NULL, *uscc = kn_paper_text(root, "Head/uscc");
    g_auto(kn_shape) shape = { 0 };

    if (kn_xml_has_signature(doc)
        && (kn_xml_shape(doc, &shape, NULL) || kn_xml_shape_w3c(doc, &shape, NULL)))
        found = orgcode_of_cert(&shape);
    if (found && *found)
        return g_steal_pointer(&found);
    g_free(found);
    found = kn_paper_text(root, "Head/orgCode");
    if (!*found && strlen(uscc) == 18)
        return g_strndup(uscc + 8, 9);
    return g_steal_pointer(&found);
}

/* --- reading ------------------------------------------------------------------------------------------ */

static void
note(kn_paper *p)
{
    xmlDoc *doc = kn_paper_business(p);
    xmlNode *root = xmlDocGetRootElement(doc);
    xmlChar *guid = xmlGetNoNsProp(root, BAD_CAST "guid");

    p->type = g_strdup((const char *)root->name);
    p->ns = g_strdup(root->ns ? (const char *)root->ns->href : "");
    p->guid = g_strdup(guid ? (const char *)guid : "");
    xmlFree(guid);
    p->sender = p->in_shell ? g_strdup(p->shell.sender) : kn_paper_text(root, "Head/senderId");
    p->orgcode = find_orgcode(doc);
}

bool
kn_paper_read(kn_xml *xml, const char *bytes, size_t len, bool gb18030, kn_paper *out, GError **err)
{
    g_auto(kn_paper) p = { 0 };

    if (!kn_xml_open(xml, bytes, len, gb18030, &p.outer, err))
        return false;
    if (kn_dxp_is(p.outer)) {
        if (!kn_dxp_open(p.outer, &p.shell, err))
            return false;
        p.in_shell = true;
        if (!kn_xml_open(xml, (const char *)p.shell.data->data, p.shell.data->len, gb18030,
                         &p.inner, err))
            return false;
    }
    note(&p);
    *out = p;
    p = (kn_paper){ 0 };
    return true;
}
