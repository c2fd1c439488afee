/* SPDX-License-Identifier: Apache-2.0 */
/* Seals, proofs, entries: from what a third party may hold down to the single payload. */
#include "evidence/verify_priv.h"

#include "base/hex.h"
#include "evidence/export_priv.h"
#include "evidence/fields.h"
#include "evidence/stamp.h"

#include <string.h>

static bool
is_in(const char *name, const char *folder, const char *ending)
{
    return g_str_has_prefix(name, folder) && g_str_has_suffix(name, ending);
}

/* --- seals ----------------------------------------------------------------------------------------- */

static void
check_stamp(kn_verify_run *run, const kn_tar_member *seal)
{
    g_autofree char *stem = g_strndup(seal->name, strlen(seal->name) - 4);
    g_autofree char *name = g_strconcat(stem, ".tsr", NULL);
    const kn_tar_member *token = kn_tar_find(run->members, name);
    g_autoptr(GError) why = NULL;

    if (!token)
        return;
    if (kn_stamp_check(token->bytes, token->len, seal->bytes, seal->len, run->plan->tsa_ca, &why))
        run->report->stamps++;
    else
        kn_verify_wrong(run, name, "%s", why->message);
}

void
kn_verify_seals(kn_verify_run *run)
{
    for (unsigned i = 0; i < run->members->len; i++) {
        const kn_tar_member *m = g_ptr_array_index(run->members, i);
        g_autoptr(GError) why = NULL;
        kn_heads *heads;

        if (!is_in(m->name, "seals/", ".xml"))
            continue;
        heads = g_new0(kn_heads, 1);
        if (!kn_heads_read(run->xml, m->bytes, m->len, heads, &why)) {
            kn_verify_wrong(run, m->name, "%s", why->message);
            g_free(heads);
            continue;
        }
        g_ptr_array_add(run->seals, heads);
        run->report->seals++;
        kn_verify_signer(run, m->name, heads->signer);
        check_stamp(run, m);
    }
}

/* --- proofs ---------------------------------------------------------------------------------------- */

typedef struct proof {
    char *topic;
    int64_t part, off;
    uint8_t head[KN_SM3_BYTES];
    bool begun, ended;
} proof;

static bool
is_sealed(const kn_verify_run *run, const proof *p, int64_t number)
{
    for (unsigned i = 0; i < run->seals->len; i++) {
        const kn_heads *heads = g_ptr_array_index(run->seals, i);
        const kn_heads_row *row = kn_heads_find(heads, p->topic, (int)p->part);

        if (heads->number == number)
            return row && row->off == p->off && memcmp(row->chain, p->head, KN_SM3_BYTES) == 0;
    }
    return false;
}

static bool
read_link(kn_verify_run *run, proof *p, char **words)
{
    uint8_t entry[KN_SM3_BYTES];
    int64_t off;

    if (g_strv_length(words) != 2
        || !g_ascii_string_to_signed(words[0], 10, p->off, INT64_MAX, &off, NULL)
        || !kn_hex_decode(words[1], entry, KN_SM3_BYTES))
        return false;
    kn_chain_link(run->sm3, p->head, entry, p->head);
    p->off = off + 1;
    (void)g_hash_table_insert(
        run->proven,
        g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, p->topic, p->part, off),
        g_strdup(words[1]));
    return true;
}

static bool
read_begin(proof *p, char **words)
{
    p->begun = g_strv_length(words) == 3
               && g_ascii_string_to_signed(words[1], 10, 0, INT64_MAX, &p->off, NULL)
               && kn_hex_decode(words[2], p->head, KN_SM3_BYTES);
    return p->begun && p->topic && p->part >= 0;
}

/* "to OFF HEAD seal N": where the links have led must be what the seal names. */
static bool
read_end(kn_verify_run *run, proof *p, char **words, const char *member)
{
    uint8_t head[KN_SM3_BYTES];
    int64_t off, number;

    if (g_strv_length(words) != 5
        || !g_ascii_string_to_signed(words[1], 10, p->off, INT64_MAX, &off, NULL)
        || !kn_hex_decode(words[2], head, KN_SM3_BYTES) || strcmp(words[3], "seal") != 0
        || !g_ascii_string_to_signed(words[4], 10, 1, INT32_MAX, &number, NULL))
        return false;
    p->ended = true;
    p->off = off;
    if (memcmp(head, p->head, sizeof head) != 0)
        kn_verify_wrong(run, member, "its entries do not lead to the head it ends with");
    else if (!is_sealed(run, p, number))
        kn_verify_wrong(run, member, "seal %d does not name the head it ends with", (int)number);
    return true;
}

static bool
read_line(kn_verify_run *run, proof *p, const char *line, const char *member)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);

    if (p->ended)
        return *line == '\0';
    if (g_str_has_prefix(line, "topic ") && !p->begun && !p->topic) {
        p->topic = g_strdup(line + 6);
        return true;
    }
    if (g_str_has_prefix(line, "partition ") && !p->begun)
        return g_ascii_string_to_signed(line + 10, 10, 0, INT32_MAX, &p->part, NULL);
    if (g_str_has_prefix(line, "from ") && !p->begun)
        return read_begin(p, words);
    if (g_str_has_prefix(line, "to ") && p->begun)
        return read_end(run, p, words, member);
    return p->begun && read_link(run, p, words);
}

void
kn_verify_proofs(kn_verify_run *run)
{
    for (unsigned i = 0; i < run->members->len; i++) {
        const kn_tar_member *m = g_ptr_array_index(run->members, i);
        g_auto(GStrv) lines = NULL;
        g_autofree char *text = NULL;
        proof p = { .part = -1 };
        bool ok;

        if (!is_in(m->name, "chain/", ".proof"))
            continue;
        text = g_strndup(m->bytes, m->len);
        lines = g_strsplit(text, "\n", -1);
        ok = strlen(text) == m->len && lines[0] && strcmp(lines[0], "kouan proof 1") == 0;
        for (size_t k = 1; ok && lines[k]; k++)
            ok = read_line(run, &p, lines[k], m->name);
        if (!ok || !p.ended)
            kn_verify_wrong(run, m->name, "is no proof from head to seal");
        g_free(p.topic);
    }
}

/* --- entries --------------------------------------------------------------------------------------- */

/* NNN of chain/NNN.entry. */
static char *
stem_of(const char *entry)
{
    return g_strndup(entry + strlen("chain/"), strlen(entry) - strlen("chain/.entry"));
}

static void
check_payload(kn_verify_run *run, const char *stem, const kn_fields *f, const char *member)
{
    int64_t idx = 0;
    g_autofree char *want = kn_fields_dup(f, KN_M_SM3), *verdict = kn_fields_dup(f, KN_M_VERDICT);
    g_autofree char *name = NULL, *xml = NULL, *text = NULL;
    const kn_tar_member *m;
    uint8_t digest[KN_SM3_BYTES];
    char hex[2 * KN_SM3_BYTES + 1];

    (void)kn_fields_int(f, KN_M_IDX, &idx);
    name = idx == 0 ? g_strdup_printf("messages/%s-in", stem)
                    : g_strdup_printf("messages/%s-out-%d", stem, (int)idx);
    xml = g_strconcat(name, ".xml", NULL);
    text = g_strconcat(name, ".txt", NULL);
    m = kn_tar_find(run->members, xml);
    m = m ? m : kn_tar_find(run->members, text);
    if (!m) {
        kn_verify_wrong(run, member, "%s is not in the file", name);
        return;
    }
    kn_sm3_of(run->sm3, m->bytes, m->len, digest);
    kn_hex_encode(digest, sizeof digest, hex);
    if (g_strcmp0(hex, want) != 0)
        kn_verify_wrong(run, m->name, "is not the payload its entry binds");
    /* What was refused for its signature is kept as it came. */
    kn_verify_documents(run, m->name, idx > 0 || g_strcmp0(verdict, "OK") == 0);
}

static void
add_history(kn_verify_run *run, const kn_fields *f)
{
    g_autofree char *kind = kn_fields_dup(f, KN_H_KIND), *key = kn_fields_dup(f, KN_H_KEY),
                    *from = kn_fields_dup(f, KN_H_FROM), *to = kn_fields_dup(f, KN_H_TO),
                    *event = kn_fields_dup(f, KN_H_EVENT), *row = kn_fields_dup(f, KN_H_ROW),
                    *actor = kn_fields_dup(f, KN_H_ACTOR);
    int64_t version = 0, at = 0;
    kn_store_history h = { .kind = kind,
                           .key = key,
                           .state_from = from,
                           .state_to = to,
                           .event = event,
                           .row = row,
                           .actor = actor };

    (void)kn_fields_int(f, KN_H_VERSION, &version);
    (void)kn_fields_int(f, KN_H_AT, &at);
    h.version = (int)version;
    h.at_ms = at;
    kn_export_history(run->history, &h);
}

static void
check_proven(kn_verify_run *run, const kn_tar_member *m, const kn_fields *first)
{
    g_autofree char *topic = kn_fields_dup(first, KN_M_TOPIC), *place = NULL;
    int64_t part = -1, off = -1;
    uint8_t digest[KN_SM3_BYTES];
    char hex[2 * KN_SM3_BYTES + 1];

    (void)kn_fields_int(first, KN_M_PART, &part);
    (void)kn_fields_int(first, KN_M_OFF, &off);
    place = g_strdup_printf("%s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, topic, part, off);
    kn_sm3_of(run->sm3, m->bytes, m->len, digest);
    kn_hex_encode(digest, sizeof digest, hex);
    if (g_strcmp0(hex, g_hash_table_lookup(run->proven, place)) != 0)
        kn_verify_wrong(run, m->name, "no proof names it");
}

static void
check_entry(kn_verify_run *run, const kn_tar_member *m)
{
    g_autofree char *stem = stem_of(m->name);
    kn_fields f;
    size_t at;
    bool first = true;

    if (!kn_fields_begin(m->bytes, m->len, &at)) {
        kn_verify_wrong(run, m->name, "is no entry");
        return;
    }
    while (kn_fields_next(m->bytes, m->len, &at, &f)) {
        if (first && f.letter == 'M')
            check_proven(run, m, &f);
        first = false;
        if (f.letter == 'M')
            check_payload(run, stem, &f, m->name);
        else
            add_history(run, &f);
    }
    if (at != m->len || first)
        kn_verify_wrong(run, m->name, "cannot be read to its end");
    run->report->messages++;
}

void
kn_verify_entries(kn_verify_run *run)
{
    const kn_tar_member *history = kn_tar_find(run->members, "history.txt");

    for (unsigned i = 0; i < run->members->len; i++) {
        const kn_tar_member *m = g_ptr_array_index(run->members, i);

        if (is_in(m->name, "chain/", ".entry"))
            check_entry(run, m);
    }
    if (run->report->messages == 0)
        kn_verify_wrong(run, "chain/", "there is no entry");
    if (!history || history->len != run->history->len
        || memcmp(history->bytes, run->history->str, history->len) != 0)
        kn_verify_wrong(run, "history.txt", "is not what the entries say");
}
