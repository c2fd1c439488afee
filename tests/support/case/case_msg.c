/* SPDX-License-Identifier: Apache-2.0 */
/* A plain reading of <kouan/msg.h>, only for a build without engine/xml. */
#include "xml/msg.h"

#include <string.h>

struct kn_msg {
    xmlDoc *doc;
    kn_msg_facts facts;
    char *guid;
    GHashTable *texts; /* node -> trimmed text */
};

kn_msg *
kn_msg_new(xmlDoc *doc, const kn_msg_facts *facts, GError **err)
{
    kn_msg *msg = g_new0(kn_msg, 1);
    xmlChar *guid = xmlGetProp(xmlDocGetRootElement(doc), BAD_CAST "guid");

    (void)err;
    msg->doc = doc;
    msg->facts = *facts;
    msg->guid = g_strdup(guid ? (const char *)guid : "");
    xmlFree(guid);
    msg->texts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    return msg;
}

void
kn_msg_free(kn_msg *msg)
{
    if (!msg)
        return;
    xmlFreeDoc(msg->doc);
    g_free(msg->guid);
    g_hash_table_unref(msg->texts);
    g_free(msg);
}

const char *
kn_msg_type(const kn_msg *msg)
{
    return (const char *)xmlDocGetRootElement(msg->doc)->name;
}

const char *
kn_msg_guid(const kn_msg *msg)
{
    return msg->guid;
}

const char *
kn_msg_partner(const kn_msg *msg)
{
    return msg->facts.partner;
}

bool
kn_msg_in_shell(const kn_msg *msg)
{
    return msg->facts.in_shell;
}

const kn_card *
kn_msg_card(const kn_msg *msg)
{
    return &msg->facts.card;
}

kn_node *
kn_node_next(kn_node *parent, const char *name, kn_node *prev)
{
    xmlNode *node = prev ? ((xmlNode *)prev)->next : ((xmlNode *)parent)->children;

    while (node && !(node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, BAD_CAST name)))
        node = node->next;
    return (kn_node *)node;
}

static kn_node *
walk(kn_node *node, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (size_t i = 0; node && parts[i]; i++)
        node = kn_node_next(node, parts[i], NULL);
    return node;
}

kn_node *
kn_msg_node(const kn_msg *msg, const char *path)
{
    return walk((kn_node *)xmlDocGetRootElement(msg->doc), path);
}

const char *
kn_node_text(const kn_msg *msg, kn_node *parent, const char *path)
{
    kn_node *node = walk(parent, path);
    xmlChar *content = node ? xmlNodeGetContent((xmlNode *)node) : NULL;
    char *text = content ? g_strstrip(g_strdup((const char *)content)) : NULL;

    xmlFree(content);
    if (text)
        (void)g_hash_table_replace(msg->texts, node, text);
    return text;
}

const char *
kn_msg_text(const kn_msg *msg, const char *path)
{
    return kn_node_text(msg, (kn_node *)xmlDocGetRootElement(msg->doc), path);
}
