/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/heads.h"

#include "base/hex.h"
#include "lane/seal.h"

#include <kouan/error.h>
#include <string.h>

static void
row_clear(void *row)
{
    g_free(((kn_heads_row *)row)->topic);
}

void
kn_heads_clear(kn_heads *heads)
{
    g_clear_pointer(&heads->time, g_free);
    g_clear_pointer(&heads->rows, g_array_unref);
    g_clear_pointer(&heads->sets, g_array_unref);
}

static bool
number_of(const xmlNode *parent, const char *name, int64_t max, int64_t *out)
{
    return g_ascii_string_to_signed(kn_signed_text(parent, name), 10, 0, max, out, NULL);
}

static bool
read_row(const xmlNode *n, kn_heads *out)
{
    kn_heads_row row = { 0 };
    int64_t part;

    if (!number_of(n, "partition", INT32_MAX, &part) || !number_of(n, "offset", INT64_MAX, &row.off)
        || !number_of(n, "history", INT64_MAX, &row.seq)
        || !kn_hex_decode(kn_signed_text(n, "chain"), row.chain, KN_SM3_BYTES))
        return false;
    row.part = (int)part;
    row.topic = g_strdup(kn_signed_text(n, "topic"));
    g_array_append_val(out->rows, row);
    return true;
}

static bool
read_set(const xmlNode *n, kn_heads *out)
{
    kn_store_set set = { 0 };
    int64_t version;

    if (!number_of(n, "version", INT32_MAX, &version)
        || !kn_hex_decode(kn_signed_text(n, "digest"), set.digest, KN_SM3_BYTES))
        return false;
    set.version = (int)version;
    g_array_append_val(out->sets, set);
    return true;
}

static bool
read_all(const xmlDoc *doc, kn_heads *out)
{
    const xmlNode *root = xmlDocGetRootElement(doc);
    const xmlNode *previous = kn_signed_next(root->children, "previous");
    int64_t number;

    if (!number_of(root, "number", INT32_MAX, &number))
        return false;
    out->number = (int)number;
    out->has_previous = previous != NULL;
    if (previous && !kn_hex_decode(kn_signed_text(root, "previous"), out->previous, KN_SM3_BYTES))
        return false;
    out->time = g_strdup(kn_signed_text(kn_signed_next(root->children, "Head"), "createTime"));
    for (const xmlNode *n = kn_signed_next(root->children, "Partition"); n;
         n = kn_signed_next(n->next, "Partition"))
        if (!read_row(n, out))
            return false;
    for (const xmlNode *n = kn_signed_next(root->children, "TrustSet"); n;
         n = kn_signed_next(n->next, "TrustSet"))
        if (!read_set(n, out))
            return false;
    return true;
}

bool
kn_heads_read(kn_xml *xml, const char *bytes, size_t len, kn_heads *out, GError **err)
{
    g_auto(kn_signed) s = { 0 };
    kn_heads heads = { 0 };

    if (!kn_signed_open(xml, KN_SEAL_TYPE, bytes, len, &s, err))
        return false;
    heads.rows = g_array_new(FALSE, TRUE, sizeof(kn_heads_row));
    g_array_set_clear_func(heads.rows, row_clear);
    heads.sets = g_array_new(FALSE, TRUE, sizeof(kn_store_set));
    kn_signed_fingerprint(s.cert, heads.signer);
    if (!read_all(s.doc, &heads)) {
        kn_heads_clear(&heads);
        return kn_fail(err, KN_E_EVIDENCE, "a value of the signed heads cannot be read");
    }
    *out = heads;
    return true;
}

const kn_heads_row *
kn_heads_find(const kn_heads *heads, const char *topic, int part)
{
    for (unsigned i = 0; i < heads->rows->len; i++) {
        const kn_heads_row *row = &g_array_index(heads->rows, kn_heads_row, i);

        if (row->part == part && strcmp(row->topic, topic) == 0)
            return row;
    }
    return NULL;
}

const uint8_t *
kn_heads_set(const kn_heads *heads, int version)
{
    for (unsigned i = 0; i < heads->sets->len; i++)
        if (g_array_index(heads->sets, kn_store_set, i).version == version)
            return g_array_index(heads->sets, kn_store_set, i).digest;
    return NULL;
}
