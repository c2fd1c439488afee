/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/identity.h"

#include "lane/action.h"

#include <string.h>

static void
id_free(void *p)
{
    kn_seen_id *id = p;

    g_free(id->name);
    g_free(id);
}

GHashTable *
kn_identity_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, id_free);
}

static char *
id_name(const char *sender, const char *msgid)
{
    return g_strconcat(sender, "\n", msgid, NULL);
}

static bool
has_id(const kn_item *item)
{
    return item->proven && item->partner && *item->guid;
}

bool
kn_identity_read(kn_work *work, GError **err)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(kn_store_id));
    g_autoptr(GPtrArray) none = kn_store_record_array();

    for (size_t i = 0; i < work->n; i++) {
        kn_store_id id = { .msgid = work->items[i]->guid };

        if (!has_id(work->items[i]))
            continue;
        id.sender = work->items[i]->partner->id;
        g_array_append_val(ids, id);
    }
    if (!kn_store_begin(work->lane->store, (const kn_position *const *)work->before->pdata,
                        work->before->len, (kn_store_id *)(void *)ids->data, ids->len, NULL, 0,
                        work->seen, none, err))
        return false;
    for (unsigned i = 0; i < work->seen->len; i++) {
        kn_seen_id *id = g_new0(kn_seen_id, 1);

        id->stored = g_ptr_array_index(work->seen, i);
        id->name = id_name(id->stored->sender, id->stored->msgid);
        (void)g_hash_table_insert(work->ids, id->name, id);
    }
    return true;
}

static bool
is_itself(const kn_seen_id *id, const kn_item *item)
{
    const kn_act *act = item->act;

    return act && id->stored && id->stored->topic == act->topic_id && id->stored->part == act->part
           && id->stored->off == act->off;
}

const kn_seen_id *
kn_identity_of(const kn_work *work, const kn_item *item)
{
    g_autofree char *name = NULL;
    const kn_seen_id *id;

    if (!has_id(item))
        return NULL;
    name = id_name(item->partner->id, item->guid);
    id = g_hash_table_lookup(work->ids, name);
    return id && !is_itself(id, item) ? id : NULL;
}

bool
kn_identity_same_digest(const kn_seen_id *id, const kn_item *item)
{
    size_t len = 0;
    const void *bytes = id->item ? id->item->digest->data
                                 : g_bytes_get_data(id->stored->digest, &len);

    if (id->item)
        len = id->item->digest->len;
    return len == item->digest->len && memcmp(bytes, item->digest->data, len) == 0;
}

bool
kn_identity_has_receipt(const kn_seen_id *id)
{
    return id->item || id->stored->receipt;
}

/* The original receipt again: from the archive, or from an earlier message of this very batch. */
void
kn_identity_answer(kn_lane *lane, const kn_seen_id *id, kn_item *item)
{
    if (!id->item) {
        if (id->stored->receipt)
            kn_answer_again(lane, item, id->stored->dest, id->stored->key, id->stored->header,
                            id->stored->receipt);
        return;
    }
    if (id->item->outs->len > 0) {
        const kn_store_message *m = g_ptr_array_index(id->item->outs, 0);

        if (m->idx == 1)
            kn_answer_again(lane, item, m->dest, m->key, m->header, m->payload);
    }
}

void
kn_identity_note(kn_work *work, kn_item *item)
{
    kn_seen_id *id;
    kn_store_inbox row = {
        .day = item->day,
        .topic = item->part->position.topic,
        .part = item->part->position.part,
        .off = item->record.offset,
    };

    if (!has_id(item) || strcmp(item->verdict, "REPEAT") == 0
        || strcmp(item->verdict, kn_error_row_of(KN_E_MSG_ID_REUSED)->name) == 0
        || strcmp(item->verdict, kn_error_row_of(KN_E_RECEIPT_GONE)->name) == 0
        || strcmp(item->verdict, kn_error_row_of(KN_E_KEY_PARTITION)->name) == 0
        || (item->act && (!item->act->done || item->parked)))
        return; /* an action moves the id when it brings the last word */
    row.sender = item->partner->id;
    row.msgid = item->guid;
    row.digest = item->digest->data;
    row.digest_len = item->digest->len;
    id = g_new0(kn_seen_id, 1);
    id->item = item;
    id->name = id_name(row.sender, row.msgid);
    row.moves = g_hash_table_contains(work->ids, id->name);
    (void)g_hash_table_replace(work->ids, id->name, id);
    g_array_append_val(work->batch.inbox, row);
}
