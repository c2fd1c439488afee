/* SPDX-License-Identifier: Apache-2.0 */
#include "decision/receipt.h"

#include <string.h>

static void
pair_free(void *item)
{
    kn_pair *pair = item;

    g_free(pair->name);
    g_free(pair->value);
    g_free(pair);
}

kn_receipt *
kn_receipt_new(bool reply)
{
    kn_receipt *receipt = g_new0(kn_receipt, 1);

    receipt->reply = reply;
    receipt->keys = g_ptr_array_new_with_free_func(pair_free);
    receipt->actions = g_ptr_array_new_with_free_func(g_free);
    return receipt;
}

void
kn_receipt_free(void *item)
{
    kn_receipt *receipt = item;

    if (!receipt)
        return;
    g_free(receipt->partner);
    g_free(receipt->ori_guid);
    g_free(receipt->ori_type);
    g_ptr_array_unref(receipt->keys);
    g_free(receipt->info);
    g_ptr_array_unref(receipt->actions);
    g_free(receipt->card_no);
    json_decref(receipt->body);
    g_free(receipt);
}

/* A refusal keeps who and what was asked about, and nothing that did not happen. */
void
kn_receipt_strip(kn_receipt *receipt)
{
    receipt->has_status = false;
    receipt->status = 0;
    g_clear_pointer(&receipt->info, g_free);
    g_clear_pointer(&receipt->body, json_decref);
}

void
kn_receipt_key(kn_receipt *receipt, const char *name, const char *value)
{
    kn_pair *pair;

    for (unsigned i = 0; i < receipt->keys->len; i++) {
        pair = receipt->keys->pdata[i];
        if (strcmp(pair->name, name) == 0) {
            g_free(pair->value);
            pair->value = g_strdup(value);
            return;
        }
    }
    pair = g_new0(kn_pair, 1);
    pair->name = g_strdup(name);
    pair->value = g_strdup(value);
    g_ptr_array_add(receipt->keys, pair);
}

void
kn_receipt_state(kn_receipt *receipt, const kn_state *state)
{
    receipt->state = state;
}

void
kn_receipt_status(kn_receipt *receipt, int return_status, const char *info)
{
    receipt->has_status = true;
    receipt->status = return_status;
    g_free(receipt->info);
    receipt->info = g_strdup(info);
}

void
kn_receipt_action(kn_receipt *receipt, const char *action)
{
    g_ptr_array_add(receipt->actions, g_strdup(action));
}

void
kn_receipt_card_no(kn_receipt *receipt, const char *card_no, bool stated)
{
    g_free(receipt->card_no);
    receipt->card_no = g_strdup(card_no);
    receipt->card_stated = stated;
}

void
kn_receipt_body(kn_receipt *receipt, json_t *body)
{
    json_decref(receipt->body);
    receipt->body = body;
}
