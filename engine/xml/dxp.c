/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/dxp.h"

#include "xml/internal.h"

#include <string.h>

#define P "dxp"

void
kn_dxp_clear(kn_dxp *dxp)
{
    g_free(dxp->cop_msg_id);
    g_free(dxp->sender);
    for (size_t i = 0; i < KN_DXP_RECEIVERS_MAX; i++)
        g_free(dxp->receivers[i]);
    g_free(dxp->create_time);
    g_free(dxp->msg_type);
    if (dxp->data)
        g_byte_array_unref(dxp->data);
    g_free(dxp->file_name);
    g_free(dxp->ic_card);
    for (size_t i = 0; i < KN_DXP_KEYS_MAX; i++) {
        g_free(dxp->key_names[i]);
        g_free(dxp->key_values[i]);
    }
    *dxp = (kn_dxp){ 0 };
}

static bool
is_dxp(const xmlNode *node, const char *local)
{
    return node && node->type == XML_ELEMENT_NODE && node->ns && node->ns->href
           && strcmp((const char *)node->ns->href, KN_DXP_NS) == 0
           && strcmp((const char *)node->name, local) == 0;
}

bool
kn_dxp_is(const xmlDoc *doc)
{
    return is_dxp(xmlDocGetRootElement(doc), "DxpMsg");
}

/* First element from node on, or NULL. */
static const xmlNode *
element_from(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

/* Elements are taken in order: the next one if it has this name, else NULL and nothing is taken. */
static const xmlNode *
take(const xmlNode **at, const char *local)
{
    const xmlNode *node = element_from(*at);

    if (!is_dxp(node, local))
        return NULL;
    *at = node->next;
    return node;
}

static char *
text_of(const xmlNode *node)
{
    const char *text = node ? kn_only_text(node) : NULL;

    return text ? g_strstrip(g_strdup(text)) : NULL;
}

static bool
read_trans_info(const xmlNode *info, kn_dxp *out, GError **err)
{
    const xmlNode *at = info->children, *ids = NULL, *id = NULL;

    out->cop_msg_id = text_of(take(&at, "CopMsgId"));
    out->sender = text_of(take(&at, "SenderId"));
    ids = take(&at, "ReceiverIds");
    out->create_time = text_of(take(&at, "CreatTime"));
    id = take(&at, "MsgType");
    if (!out->cop_msg_id || !out->sender || !ids || !out->create_time || !id || element_from(at))
        return kn_fail(err, KN_E_SHELL_BAD, "TransInfo is not complete and in order");
    out->msg_type = text_of(id);
    if (!out->msg_type)
        out->msg_type = g_strdup("");
    at = ids->children;
    while ((id = take(&at, "ReceiverId"))) {
        if (out->n_receivers == KN_DXP_RECEIVERS_MAX)
            return kn_fail(err, KN_E_SHELL_BAD, "more than %d ReceiverId", KN_DXP_RECEIVERS_MAX);
        out->receivers[out->n_receivers] = text_of(id);
        if (!out->receivers[out->n_receivers])
            return kn_fail(err, KN_E_SHELL_BAD, "empty ReceiverId");
        out->n_receivers++;
    }
    if (out->n_receivers == 0 || element_from(at))
        return kn_fail(err, KN_E_SHELL_BAD, "ReceiverIds holds no ReceiverId, or something else");
    return true;
}

static bool
read_data(const xmlNode *data, kn_dxp *out, GError **err)
{
    const char *text = kn_only_text(data);
    size_t max = text ? strlen(text) / 4 * 3 + 3 : 0, len = 0;

    if (!text)
        return kn_fail(err, KN_E_SHELL_BAD, "Data is empty");
    out->data = g_byte_array_sized_new((guint)max);
    g_byte_array_set_size(out->data, (guint)max);
    if (!kn_base64_decode(text, out->data->data, max, &len) || len == 0)
        return kn_fail(err, KN_E_SHELL_BAD, "Data is not base64");
    g_byte_array_set_size(out->data, (guint)len);
    return true;
}

static bool
read_add_info(const xmlNode *info, kn_dxp *out, GError **err)
{
    const xmlNode *at = info->children, *keys = NULL, *key = NULL;

    out->file_name = text_of(take(&at, "FileName"));
    out->ic_card = text_of(take(&at, "IcCard"));
    keys = take(&at, "BizKey");
    if (!keys)
        return true;
    at = keys->children;
    while ((key = take(&at, "Key"))) {
        const xmlAttr *name = key->properties;

        if (out->n_keys == KN_DXP_KEYS_MAX)
            return kn_fail(err, KN_E_SHELL_BAD, "more than %d Key", KN_DXP_KEYS_MAX);
        out->key_names[out->n_keys] = g_strdup(
            name && name->children ? (const char *)name->children->content : "");
        out->key_values[out->n_keys] = text_of(key);
        if (!out->key_values[out->n_keys])
            out->key_values[out->n_keys] = g_strdup("");
        out->n_keys++;
    }
    return true;
}

bool
kn_dxp_open(const xmlDoc *doc, kn_dxp *out, GError **err)
{
    const xmlNode *at = NULL, *info = NULL, *data = NULL, *add = NULL;
    kn_dxp dxp = { 0 };

    if (!kn_dxp_is(doc))
        return kn_fail(err, KN_E_SHELL_BAD, "the root is not DxpMsg");
    at = xmlDocGetRootElement(doc)->children;
    info = take(&at, "TransInfo");
    data = take(&at, "Data");
    add = take(&at, "AddInfo");
    if (!info || !data)
        return kn_fail(err, KN_E_SHELL_BAD, "TransInfo or Data is missing");
    if (!read_trans_info(info, &dxp, err) || !read_data(data, &dxp, err)
        || (add && !read_add_info(add, &dxp, err))) {
        kn_dxp_clear(&dxp);
        return false;
    }
    *out = dxp;
    return true;
}

static bool
length_ok(const char *text, long min, long max)
{
    long n = text ? g_utf8_strlen(text, -1) : 0;

    return n >= min && n <= max;
}

static bool
write_ok(const kn_dxp *dxp, size_t len)
{
    bool ok = length_ok(dxp->cop_msg_id, 1, 255) && length_ok(dxp->sender, 1, 16)
              && length_ok(dxp->create_time, 19, 35) && length_ok(dxp->msg_type, 0, 30)
              && dxp->n_receivers >= 1 && dxp->n_receivers <= KN_DXP_RECEIVERS_MAX
              && dxp->n_keys <= KN_DXP_KEYS_MAX && len > 0;

    for (size_t i = 0; ok && i < dxp->n_receivers; i++)
        ok = length_ok(dxp->receivers[i], 1, 16);
    for (size_t i = 0; ok && i < dxp->n_keys; i++)
        ok = length_ok(dxp->key_names[i], 1, 32) && length_ok(dxp->key_values[i], 1, 64);
    return ok && (!dxp->file_name || length_ok(dxp->file_name, 1, 255))
           && (!dxp->ic_card || length_ok(dxp->ic_card, 1, 13));
}

static void
write_add_info(kn_writer *writer, const kn_dxp *dxp)
{
    if (!dxp->file_name && !dxp->ic_card && dxp->n_keys == 0)
        return;
    kn_writer_start(writer, P, "AddInfo", NULL);
    kn_writer_text(writer, P, "FileName", dxp->file_name);
    kn_writer_text(writer, P, "IcCard", dxp->ic_card);
    if (dxp->n_keys > 0) {
        kn_writer_start(writer, P, "BizKey", NULL);
        for (size_t i = 0; i < dxp->n_keys; i++) {
            const kn_attr attrs[] = { { "name", dxp->key_names[i] }, { NULL, NULL } };

            kn_writer_start(writer, P, "Key", attrs);
            kn_writer_chars(writer, dxp->key_values[i]);
            kn_writer_end(writer);
        }
        kn_writer_end(writer);
    }
    kn_writer_end(writer);
}

bool
kn_dxp_write(kn_writer *writer, const kn_dxp *dxp, const char *bytes, size_t len,
             kn_canonical **out, GError **err)
{
    static const kn_ns ns[] = { { P, KN_DXP_NS },
                                { "xsi", "http://www.w3.org/2001/XMLSchema-instance" },
                                { NULL, NULL } };
    static const kn_attr attrs[] = { { "ver", "1.0" }, { NULL, NULL } };
    g_autofree char *data = NULL;

    if (!write_ok(dxp, len))
        return kn_fail(err, KN_E_SHELL_BAD, "a member of the shell is empty or too long");
    kn_writer_root(writer, P, "DxpMsg", ns, attrs);
    kn_writer_start(writer, P, "TransInfo", NULL);
    kn_writer_text(writer, P, "CopMsgId", dxp->cop_msg_id);
    kn_writer_text(writer, P, "SenderId", dxp->sender);
    kn_writer_start(writer, P, "ReceiverIds", NULL);
    for (size_t i = 0; i < dxp->n_receivers; i++)
        kn_writer_text(writer, P, "ReceiverId", dxp->receivers[i]);
    kn_writer_end(writer);
    kn_writer_text(writer, P, "CreatTime", dxp->create_time);
    kn_writer_text(writer, P, "MsgType", dxp->msg_type);
    kn_writer_end(writer);
    data = g_base64_encode((const uint8_t *)bytes, len);
    kn_writer_text(writer, P, "Data", data);
    write_add_info(writer, dxp);
    return kn_writer_take(writer, out, err);
}
