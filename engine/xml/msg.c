/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/msg.h"

#include "base/hex.h"
#include "xml/internal.h"

#include <string.h>

struct kn_msg {
    xmlDoc *doc;
    char *guid, *partner, *digest;
    bool in_shell;
    kn_card card;       /* members point into strings */
    GPtrArray *strings; /* card members */
    GHashTable *texts;  /* node -> trimmed copy, where the tree's own text does not do */
};

/* kn_node is the tree's element under a name that says nothing of libxml2. */
static const xmlNode *
tree_node(const kn_node *node)
{
    return (const xmlNode *)(const void *)node;
}

static kn_node *
public_node(const xmlNode *node)
{
    return (kn_node *)(void *)(xmlNode *)node;
}

static const char *
keep(GPtrArray *strings, const char *text)
{
    char *copy = g_strdup(text ? text : "");

    g_ptr_array_add(strings, copy);
    return copy;
}

static void
copy_card(kn_msg *msg, const kn_card *card)
{
    GPtrArray *s = msg->strings;

    msg->card = (kn_card){
        .number = keep(s, card->number),
        .holder_class = keep(s, card->holder_class),
        .uscc = keep(s, card->uscc),
        .orgcode = keep(s, card->orgcode),
        .customs10 = { keep(s, card->customs10[0]), keep(s, card->customs10[1]) },
        .enterprise = keep(s, card->enterprise),
        .serial = keep(s, card->serial),
        .signed_ = card->signed_,
        .stated = card->stated,
    };
}

kn_msg *
kn_msg_new(xmlDoc *doc, const kn_msg_facts *facts, GError **err)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    xmlChar *guid = NULL;
    kn_msg *msg = NULL;

    if (!root) {
        kn_fail(err, KN_E_MSG_UNKNOWN_ROOT, "no root element");
        return NULL;
    }
    guid = xmlGetNoNsProp(root, (const xmlChar *)"guid");
    if (!guid || !kn_hex_is_uuid((const char *)guid)) {
        kn_fail(err, guid ? KN_E_FIELD_FORMAT : KN_E_FIELD_MISSING,
                "guid of the root: 36 characters, upper case");
        xmlFree(guid);
        return NULL;
    }
    msg = g_new0(kn_msg, 1);
    msg->doc = doc;
    msg->guid = g_strdup((const char *)guid);
    xmlFree(guid);
    msg->partner = g_strdup(facts->partner ? facts->partner : "");
    msg->digest = g_strdup(facts->digest ? facts->digest : "");
    msg->in_shell = facts->in_shell;
    msg->strings = g_ptr_array_new_with_free_func(g_free);
    msg->texts = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    copy_card(msg, &facts->card);
    return msg;
}

void
kn_msg_free(kn_msg *msg)
{
    if (!msg)
        return;
    xmlFreeDoc(msg->doc);
    g_free(msg->guid);
    g_free(msg->partner);
    g_free(msg->digest);
    g_ptr_array_unref(msg->strings);
    g_hash_table_unref(msg->texts);
    g_free(msg);
}

xmlDoc *
kn_msg_doc(const kn_msg *msg)
{
    return msg->doc;
}

const char *
kn_msg_type(const kn_msg *msg)
{
    return (const char *)xmlDocGetRootElement(msg->doc)->name;
}

const char *
kn_msg_ns(const kn_msg *msg)
{
    const xmlNode *root = xmlDocGetRootElement(msg->doc);

    return root->ns && root->ns->href ? (const char *)root->ns->href : "";
}

const char *
kn_msg_guid(const kn_msg *msg)
{
    return msg->guid;
}

const char *
kn_msg_partner(const kn_msg *msg)
{
    return msg->partner;
}

const char *
kn_msg_digest(const kn_msg *msg)
{
    return msg->digest;
}

bool
kn_msg_in_shell(const kn_msg *msg)
{
    return msg->in_shell;
}

const kn_card *
kn_msg_card(const kn_msg *msg)
{
    return &msg->card;
}

/* Elements of the signature namespace are no content, even if one is still in its place. */
static bool
named(const xmlNode *node, const char *name, size_t len)
{
    return node->type == XML_ELEMENT_NODE && strncmp((const char *)node->name, name, len) == 0
           && node->name[len] == '\0'
           && !(node->ns && node->ns->href && strcmp((const char *)node->ns->href, KN_DS_NS) == 0);
}

static const xmlNode *
walk_path(const xmlNode *node, const char *path)
{
    while (node && *path) {
        size_t len = strcspn(path, "/");
        const xmlNode *child = node->children;

        while (child && !named(child, path, len))
            child = child->next;
        node = child;
        path += len;
        if (*path == '/')
            path++;
    }
    return node;
}

kn_node *
kn_msg_node(const kn_msg *msg, const char *path)
{
    return public_node(walk_path(xmlDocGetRootElement(msg->doc), path));
}

static const char *
cached_text(const kn_msg *msg, const xmlNode *node)
{
    const xmlNode *first = node->children;
    char *copy = g_hash_table_lookup(msg->texts, node);
    GString *joined = NULL;

    if (copy)
        return copy;
    if (!first)
        return "";
    if (!first->next && first->type == XML_TEXT_NODE && first->content) {
        const char *text = (const char *)first->content;
        size_t len = strlen(text);

        if (len == 0 || (!g_ascii_isspace(text[0]) && !g_ascii_isspace(text[len - 1])))
            return text;
    }
    joined = g_string_new(NULL);
    for (; first; first = first->next)
        if (first->type == XML_TEXT_NODE && first->content)
            g_string_append(joined, (const char *)first->content);
    copy = g_strstrip(g_string_free(joined, FALSE));
    g_hash_table_insert(msg->texts, (gpointer)node, copy);
    return copy;
}

const char *
kn_node_text(const kn_msg *msg, kn_node *parent, const char *path)
{
    const xmlNode *node = parent ? walk_path(tree_node(parent), path) : NULL;

    return node ? cached_text(msg, node) : NULL;
}

const char *
kn_msg_text(const kn_msg *msg, const char *path)
{
    return kn_node_text(msg, kn_msg_node(msg, ""), path);
}

kn_node *
kn_node_next(kn_node *parent, const char *name, kn_node *prev)
{
    const xmlNode *node = prev     ? tree_node(prev)->next
                          : parent ? tree_node(parent)->children
                                   : NULL;

    while (node && !named(node, name, strlen(name)))
        node = node->next;
    return public_node(node);
}
