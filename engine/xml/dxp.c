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
    g_free(dxp->text_encode);
    g_free(dxp->rec_map_id);
    *dxp = (kn_dxp){ 0 };
}

bool
kn_dxp_element(const xmlNode *node, const char *local)
{
    return node && node->type == XML_ELEMENT_NODE && node->ns && node->ns->href
           && strcmp((const char *)node->ns->href, KN_DXP_NS) == 0
           && strcmp((const char *)node->name, local) == 0;
}

/* First element from node on, or NULL. */
static const xmlNode *
element_from(const xmlNode *node)
{
    while (node && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

const xmlNode *
kn_dxp_msg(const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement(doc), *msg = NULL;

    if (!kn_dxp_element(root, "DxpMsgSv"))
        return kn_dxp_element(root, "DxpMsg") ? root : NULL;
    msg = element_from(root->children); /* SvNo */
    msg = msg ? element_from(msg->next) : NULL;
    return kn_dxp_element(msg, "DxpMsg") ? msg : NULL;
}

bool
kn_dxp_is(const xmlDoc *doc)
{
    return kn_dxp_msg(doc) != NULL;
}

bool
kn_dxp_is_sv(const xmlDoc *doc)
{
    return kn_dxp_element(xmlDocGetRootElement(doc), "DxpMsgSv");
}

/* Elements are taken in order: the next one if it has this name, else NULL and nothing is taken. */
static const xmlNode *
take(const xmlNode **at, const char *local)
{
    const xmlNode *node = element_from(*at);

    if (!kn_dxp_element(node, local))
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

/* Value of the only attribute, or "". */
static char *
attribute_of(const xmlNode *node)
{
    const xmlAttr *attr = node->properties;

    return g_strdup(attr && attr->children ? (const char *)attr->children->content : "");
}

static bool
read_keys(const xmlNode *keys, kn_dxp *out, GError **err)
{
    const xmlNode *at = keys->children, *key = NULL;

    while ((key = take(&at, "Key"))) {
        if (out->n_keys == KN_DXP_KEYS_MAX)
            return kn_fail(err, KN_E_SHELL_BAD, "more than %d Key", KN_DXP_KEYS_MAX);
        out->key_names[out->n_keys] = attribute_of(key);
        out->key_values[out->n_keys] = text_of(key);
        if (!out->key_values[out->n_keys])
            out->key_values[out->n_keys] = g_strdup("");
        out->n_keys++;
    }
    return true;
}

static bool
read_add_info(const xmlNode *info, kn_dxp *out, GError **err)
{
    const xmlNode *at = info->children, *node = NULL;

    out->file_name = text_of(take(&at, "FileName"));
    out->ic_card = text_of(take(&at, "IcCard"));
    if ((node = take(&at, "BizKey")) && !read_keys(node, out, err))
        return false;
    if ((node = take(&at, "IsText")))
        out->text_encode = attribute_of(node);
    out->rec_map_id = text_of(take(&at, "RecMapId"));
    return true;
}

static bool
open_msg(const xmlNode *msg, kn_dxp *out, GError **err)
{
    const xmlNode *at = NULL, *info = NULL, *data = NULL, *add = NULL;
    kn_dxp dxp = { 0 };

    if (!kn_dxp_element(msg, "DxpMsg"))
        return kn_fail(err, KN_E_SHELL_BAD, "there is no DxpMsg");
    at = msg->children;
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

bool
kn_dxp_open(const xmlDoc *doc, kn_dxp *out, GError **err)
{
    return open_msg(kn_dxp_msg(doc), out, err);
}

static bool
length_ok(const char *text, long min, long max)
{
    long n = text ? g_utf8_strlen(text, -1) : 0;

    return n >= min && n <= max;
}

static bool
head_ok(const kn_dxp *dxp)
{
    bool ok = length_ok(dxp->cop_msg_id, 1, 255) && length_ok(dxp->sender, 1, 16)
              && length_ok(dxp->create_time, 19, 35) && length_ok(dxp->msg_type, 0, 30)
              && dxp->n_receivers >= 1 && dxp->n_receivers <= KN_DXP_RECEIVERS_MAX;

    for (size_t i = 0; ok && i < dxp->n_receivers; i++)
        ok = length_ok(dxp->receivers[i], 1, 16);
    return ok;
}

bool
kn_dxp_head(const xmlNode *msg, kn_dxp *out)
{
    const xmlNode *at = msg ? msg->children : NULL, *info = NULL;
    kn_dxp dxp = { 0 };

    info = kn_dxp_element(msg, "DxpMsg") ? take(&at, "TransInfo") : NULL;
    if (info && read_trans_info(info, &dxp, NULL) && head_ok(&dxp)) {
        *out = dxp;
        return true;
    }
    kn_dxp_clear(&dxp);
    return false;
}

static bool
write_ok(const kn_dxp *dxp, size_t len)
{
    bool ok = head_ok(dxp) && dxp->n_keys <= KN_DXP_KEYS_MAX && len > 0;

    for (size_t i = 0; ok && i < dxp->n_keys; i++)
        ok = length_ok(dxp->key_names[i], 1, 32) && length_ok(dxp->key_values[i], 1, 64);
    return ok && (!dxp->file_name || length_ok(dxp->file_name, 1, 255))
           && (!dxp->ic_card || length_ok(dxp->ic_card, 1, 13))
           && (!dxp->text_encode || length_ok(dxp->text_encode, 0, 50));
}

static void
write_add_info(kn_writer *writer, const kn_dxp *dxp)
{
    if (!dxp->file_name && !dxp->ic_card && dxp->n_keys == 0 && !dxp->text_encode
        && !dxp->rec_map_id)
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
    if (dxp->text_encode) {
        const kn_attr attrs[] = { { "Encode", dxp->text_encode }, { NULL, NULL } };

        kn_writer_start(writer, P, "IsText", attrs);
        kn_writer_end(writer);
    }
    kn_writer_text(writer, P, "RecMapId", dxp->rec_map_id);
    kn_writer_end(writer);
}

static void
write_info(kn_writer *writer, const char *name, const kn_dxp *dxp)
{
    kn_writer_start(writer, P, name, NULL);
    kn_writer_text(writer, P, "CopMsgId", dxp->cop_msg_id);
    kn_writer_text(writer, P, "SenderId", dxp->sender);
    kn_writer_start(writer, P, "ReceiverIds", NULL);
    for (size_t i = 0; i < dxp->n_receivers; i++)
        kn_writer_text(writer, P, "ReceiverId", dxp->receivers[i]);
    kn_writer_end(writer);
    kn_writer_text(writer, P, "CreatTime", dxp->create_time);
    kn_writer_text(writer, P, "MsgType", dxp->msg_type);
    kn_writer_end(writer);
}

static void
write_content(kn_writer *writer, const kn_dxp *dxp, const char *bytes, size_t len)
{
    g_autofree char *data = g_base64_encode((const uint8_t *)bytes, len);

    write_info(writer, "TransInfo", dxp);
    kn_writer_text(writer, P, "Data", data);
    write_add_info(writer, dxp);
}

bool
kn_dxp_write(kn_writer *writer, const kn_dxp *dxp, const char *bytes, size_t len,
             kn_canonical **out, GError **err)
{
    static const kn_ns ns[] = { { P, KN_DXP_NS },
                                { "xsi", "http://www.w3.org/2001/XMLSchema-instance" },
                                { NULL, NULL } };
    static const kn_attr attrs[] = { { "ver", "1.0" }, { NULL, NULL } };

    if (!write_ok(dxp, len))
        return kn_fail(err, KN_E_SHELL_BAD, "a member of the shell is empty or too long");
    kn_writer_root(writer, P, "DxpMsg", ns, attrs);
    write_content(writer, dxp, bytes, len);
    return kn_writer_take(writer, out, err);
}

bool
kn_dxp_write_rep(kn_writer *writer, const kn_dxp_rep *rep, kn_canonical **out, GError **err)
{
    static const kn_ns ns[] = { { P, KN_DXP_NS }, { NULL, NULL } };
    static const kn_attr attrs[] = { { "ver", "1.0" }, { NULL, NULL } };

    if (!head_ok(rep->head) || !length_ok(rep->receiver, 1, 16) || !length_ok(rep->code, 1, 9)
        || (rep->info && !length_ok(rep->info, 0, 300)))
        return kn_fail(err, KN_E_SHELL_BAD, "a member of the answer is empty or too long");
    kn_writer_root(writer, P, "DxpRep", ns, attrs);
    kn_writer_text(writer, P, "RecevierId", rep->receiver);
    kn_writer_start(writer, P, "Response", NULL);
    kn_writer_text(writer, P, "ResponseCode", rep->code);
    kn_writer_text(writer, P, "ResponseInfo", rep->info);
    if (rep->head->n_receivers > 1) {
        kn_writer_start(writer, P, "Results", NULL);
        for (size_t i = 0; i < rep->head->n_receivers; i++) {
            kn_writer_start(writer, P, "Result", NULL);
            kn_writer_text(writer, P, "RecId", rep->head->receivers[i]);
            kn_writer_text(writer, P, "Code", rep->code);
            kn_writer_end(writer);
        }
        kn_writer_end(writer);
    }
    kn_writer_text(writer, P, "NoticeTime", rep->date);
    write_info(writer, "OriHead", rep->head);
    kn_writer_end(writer);
    return kn_writer_take(writer, out, err);
}
