/* SPDX-License-Identifier: Apache-2.0 */
/* What a message that passes the gate can make the rest do: a handler that finds everything wrong, and
 * the receipt that says so.  Bounded in number, in bytes and in CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include "hostile.h"

#include "base/clock.h"

#include <cmocka.h>
#include <kouan/field.h>
#include <stdio.h>
#include <string.h>

#define RECEIPT_MAX (2L * 1024 * 1024)

static const kn_record *
nothing_known(void *arg, const char *kind, const char *key, bool *known)
{
    (void)arg, (void)kind, (void)key;
    *known = true;
    return NULL;
}

static void
decide(const kn_item *item, kn_decision *out)
{
    static const uint8_t secret[16] = "for tests only!";
    g_autoptr(kn_context) ctx = kn_context_new();
    g_autoptr(kn_ask) ask = kn_ask_new(nothing_known, NULL);
    g_autoptr(GHashTable) counters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    ctx->time_ms = hostile_now_ms;
    ctx->conf = item->route->conf;
    ctx->codes = hostile_engine->set->codes;
    ctx->op = item->route->doctype->op;
    ctx->owner = item->owner;
    ctx->topic = "kouan.in.checkpoint";
    ctx->secret = secret;
    ctx->secret_len = sizeof secret;
    ctx->counters = counters;
    ctx->slot = 1;
    kn_context_enter(ctx);
    kn_ask_enter(ask);
    kn_decision_reset(out);
    assert_int_equal(item->route->handler->decide(ctx, item->msg, ask, out), KN_DONE);
    assert_true(kn_decision_finish(out, NULL));
}

/* A receipt with these errors, signed; its length. */
static size_t
write_receipt(const kn_receipt_error *errors, size_t n, kn_error code)
{
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) err = NULL;
    char digest[64];
    kn_receipt_data data = { .guid = "0A1B2C3D-0000-4000-8000-000000000001",
                             .sender_id = "KOUAN",
                             .receiver_id = "HOSTA",
                             .final = true,
                             .return_time = "20260715100000000",
                             .code = code,
                             .errors = errors,
                             .n_errors = n };

    if (!kn_receipt_write(writer, &data, &doc, &err)
        || !kn_xml_sign_canonical(hostile_lane->xml, hostile_engine->signers[KN_ALG_ECDSA_SHA256],
                                  doc, out, digest, &err))
        fail_msg("%s", err->message);
    return out->len;
}

static void
within_budget(const char *name, int64_t us, size_t bytes, size_t errors)
{
    (void)printf("# %-32s %8.1f ms, %zu errors, receipt of %zu bytes\n", name, (double)us / 1000,
                 errors, bytes);
    if (us > (int64_t)HOSTILE_BUDGET_US * hostile_budget_factor)
        fail_msg("%s: the receipt is over the budget", name);
    assert_true(bytes > 0 && bytes < RECEIPT_MAX);
}

static void
answer(const hostile_row *row)
{
    hostile_draft d = { 0 };
    g_autoptr(kn_decision) decision = kn_decision_new();
    g_autoptr(GArray) errors = g_array_new(FALSE, FALSE, sizeof(kn_receipt_error));
    kn_item *item;
    int64_t before;
    size_t bytes;

    hostile_make(row, &hostile_bases[0], &d);
    item = hostile_admit(&d, NULL);
    assert_null(item->why);
    before = kn_clock_thread_cpu_us();
    decide(item, decision);
    for (unsigned i = 0; i < decision->errors->len; i++) {
        const kn_field_error *e = g_ptr_array_index(decision->errors, i);
        kn_receipt_error one = { e->code, e->path, e->rule, e->detail, e->warning };

        g_array_append_val(errors, one);
    }
    assert_true(errors->len <= KN_FIELD_ERRORS_MAX);
    if (errors->len == 0)
        fail_msg("%s: %s %s", row->name, kn_error_row_of(decision->code)->name, decision->field);
    bytes = write_receipt((const kn_receipt_error *)(const void *)errors->data, errors->len,
                          decision->code);
    within_budget(row->name, kn_clock_thread_cpu_us() - before, bytes, errors->len);
    kn_item_free(item);
    hostile_draft_clear(&d);
}

/* More errors than a handler may report, each with names that nobody would write. */
static void
long_errors(void)
{
    enum { ERRORS = 10000 };
    g_autofree char *name = g_strnfill(16000, 'n');
    g_autofree kn_receipt_error *errors = g_new0(kn_receipt_error, ERRORS);
    int64_t before = kn_clock_thread_cpu_us();
    g_autoptr(kn_writer) writer = kn_writer_new();
    g_autoptr(kn_canonical) doc = NULL;
    kn_receipt_data data = { .guid = "0A1B2C3D-0000-4000-8000-000000000001",
                             .sender_id = "KOUAN",
                             .return_time = "20260715100000000",
                             .code = KN_E_FIELDS_WRONG,
                             .field = name,
                             .detail = name,
                             .errors = errors,
                             .n_errors = ERRORS };

    for (size_t i = 0; i < ERRORS; i++)
        errors[i] = (kn_receipt_error){ KN_E_FIELD_FORMAT, name, "CK-H01", name, false };
    assert_true(kn_receipt_write(writer, &data, &doc, NULL));
    (void)printf("# %d errors of 16,000 characters  %8.1f ms, %zu bytes\n", ERRORS,
                 (double)(kn_clock_thread_cpu_us() - before) / 1000, doc->text->len);
    if (kn_clock_thread_cpu_us() - before > (int64_t)HOSTILE_BUDGET_US * hostile_budget_factor)
        fail_msg("ten thousand errors are over the budget");
    assert_true(doc->text->len < ERRORS * 1000U);
}

void
hostile_receipts(void **unused)
{
    unsigned n = 0;

    (void)unused;
    for (const hostile_row *r = hostile_dear; r->name; r++)
        if (g_str_has_prefix(r->name, "dear_rows")) {
            answer(r);
            n++;
        }
    assert_int_equal(n, 4);
    long_errors();
}
