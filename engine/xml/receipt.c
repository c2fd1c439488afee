/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/receipt.h"

#include <string.h>

#define R "rcp"
#define NAME_MAX_CHARS 64

/* Text of at most max characters; a longer one is cut and says so.  NULL and "" write nothing. */
static void
bounded(kn_writer *writer, const char *name, const char *text, long max)
{
    g_autofree char *valid = NULL, *cut = NULL;

    if (!text || !*text)
        return;
    /* More bytes than max + 1 characters can have are never looked at. */
    valid = g_utf8_make_valid(text, (gssize)strnlen(text, ((size_t)max + 1) * 4));
    if (g_utf8_strlen(valid, -1) <= max) {
        kn_writer_text(writer, R, name, valid);
        return;
    }
    *g_utf8_offset_to_pointer(valid, max - 1) = '\0';
    cut = g_strconcat(valid, "…", NULL);
    kn_writer_text(writer, R, name, cut);
}

static void
name_text(kn_writer *writer, const char *name, const char *text)
{
    bounded(writer, name, text, NAME_MAX_CHARS);
}

static void
long_text(kn_writer *writer, const char *name, const char *text)
{
    bounded(writer, name, text, KN_RECEIPT_INFO_MAX);
}

static void
flag(kn_writer *writer, const char *name, bool value)
{
    kn_writer_text(writer, R, name, value ? "true" : "false");
}

static void
number(kn_writer *writer, const char *name, int64_t value)
{
    char text[32];

    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, value);
    kn_writer_text(writer, R, name, text);
}

static void
write_head(kn_writer *writer, const kn_receipt_data *data)
{
    kn_writer_start(writer, R, "Head", NULL);
    kn_writer_text(writer, R, "receiptKind", data->business ? "business" : "technical");
    name_text(writer, "oriGuid", data->ori_guid);
    name_text(writer, "oriType", data->ori_type && *data->ori_type ? data->ori_type : "Unknown");
    name_text(writer, "senderId", data->sender_id);
    name_text(writer, "receiverId", data->receiver_id);
    flag(writer, "final", data->final);
    kn_writer_end(writer);
}

static void
write_keys(kn_writer *writer, const kn_receipt_data *data)
{
    if (data->n_keys == 0)
        return;
    kn_writer_start(writer, R, "Keys", NULL);
    for (size_t i = 0; i < data->n_keys; i++)
        kn_writer_text(writer, R, data->keys[i].name,
                       data->keys[i].value ? data->keys[i].value : "");
    kn_writer_end(writer);
}

static void
write_result(kn_writer *writer, const kn_receipt_data *data)
{
    const kn_error_row *row = data->own ? data->own : kn_error_row_of(data->code);
    const char *told = data->return_info && *data->return_info ? data->return_info : row->text;
    g_autofree char *info = g_strconcat(told, data->trap ? "：" : "",
                                        data->trap ? data->trap->text : "", NULL);

    number(writer, "returnStatus", data->return_status);
    kn_writer_text(writer, R, "returnTime", data->return_time);
    if (*info)
        long_text(writer, "returnInfo", info);
    else
        kn_writer_text(writer, R, "returnInfo", "");
    /* Where an error tells no partner anything, the partner reads: a fault of ours. */
    kn_writer_text(writer, R, "resultCode", *row->receipt ? row->receipt : "3999");
    if (data->code != KN_E_OK)
        name_text(writer, "errorName", row->name);
    name_text(writer, "rule", data->rule);
    long_text(writer, "field", data->field);
    long_text(writer, "detail", data->detail);
}

static void
write_errors(kn_writer *writer, const kn_receipt_data *data)
{
    if (data->n_errors == 0)
        return;
    kn_writer_start(writer, R, "Errors", NULL);
    for (size_t i = 0; i < data->n_errors; i++) {
        const kn_receipt_error *error = &data->errors[i];
        const kn_error_row *row = kn_error_row_of(error->code);

        kn_writer_start(writer, R, "Error", NULL);
        long_text(writer, "path", error->path);
        name_text(writer, "rule", error->rule);
        kn_writer_text(writer, R, "code", *row->receipt ? row->receipt : "3999");
        name_text(writer, "name", row->name);
        if (*row->text)
            long_text(writer, "text", row->text);
        else
            kn_writer_text(writer, R, "text", "");
        long_text(writer, "detail", error->detail);
        flag(writer, "warning", error->warning);
        kn_writer_end(writer);
    }
    kn_writer_end(writer);
}

static void
write_finding(kn_writer *writer, const kn_receipt_data *data)
{
    const kn_why *why = data->why;

    if (!why)
        return;
    kn_writer_start(writer, R, "SignatureFinding", NULL);
    name_text(writer, "expected", why->expected);
    name_text(writer, "found", why->found);
    name_text(writer, "algorithm", kn_alg_row_of(why->alg)->name);
    long_text(writer, "certificateSerial", data->certificate_serial);
    long_text(writer, "keyName", why->key_name);
    number(writer, "signedInfoLength", (int64_t)why->signed_info_len);
    name_text(writer, "signedInfoSha256", why->signed_info_sha256);
    number(writer, "canonicalLength", (int64_t)why->document_len);
    name_text(writer, "canonicalSha256", why->document_sha256);
    kn_writer_end(writer);
}

static void
write_trap(kn_writer *writer, const kn_receipt_data *data)
{
    if (!data->trap)
        return;
    kn_writer_start(writer, R, "Trap", NULL);
    name_text(writer, "name", data->trap->name);
    long_text(writer, "text", data->trap->text);
    kn_writer_end(writer);
}

static void
write_rest(kn_writer *writer, const kn_receipt_data *data)
{
    if (data->state_code && *data->state_code) {
        kn_writer_start(writer, R, "State", NULL);
        name_text(writer, "code", data->state_code);
        name_text(writer, "name", data->state_name);
        long_text(writer, "label", data->state_label);
        kn_writer_end(writer);
    }
    if (data->n_actions > 0) {
        kn_writer_start(writer, R, "Actions", NULL);
        for (size_t i = 0; i < data->n_actions; i++)
            name_text(writer, "action", data->actions[i]);
        kn_writer_end(writer);
    }
    if (data->card_no && *data->card_no) {
        name_text(writer, "cardNo", data->card_no);
        flag(writer, "cardFactsStated", data->card_facts_stated);
    }
    if (data->body) {
        kn_writer_start(writer, R, "Body", NULL);
        kn_write_json(writer, R, data->body);
        kn_writer_end(writer);
    }
}

bool
kn_receipt_write(kn_writer *writer, const kn_receipt_data *data, kn_canonical **out, GError **err)
{
    static const kn_ns ns[] = { { R, KN_RECEIPT_NS },
                                { "xsi", "http://www.w3.org/2001/XMLSchema-instance" },
                                { NULL, NULL } };

    kn_writer_root_guid(writer, R, "Receipt", ns, data->guid, "1.0");
    write_head(writer, data);
    write_keys(writer, data);
    write_result(writer, data);
    write_errors(writer, data);
    write_finding(writer, data);
    write_trap(writer, data);
    write_rest(writer, data);
    return kn_writer_take(writer, out, err);
}
