/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/partner.h"

#include "base/clock.h"
#include "trust/card.h"
#include "trust/crl.h"
#include "trust/partner_file.h"
#include "trust/partners.h"
#include "trust/pin.h"

#include <kouan/error.h>
#include <kouan/handler.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define WARN_MS (30 * 86400000LL)
#define CRL_WARN_MS (3 * 86400000LL)

struct kn_partners {
    GPtrArray *boxes; /* of kn_partner_box, sorted by id */
    kn_card_rules *card_rules;
    GPtrArray *hints; /* what was strange when they were read, for people */
};

static int
by_id(const void *a, const void *b)
{
    const kn_partner_box *x = *(const kn_partner_box *const *)a,
                         *y = *(const kn_partner_box *const *)b;

    return g_strcmp0(x->partner.id, y->partner.id);
}

static void
free_box(void *box)
{
    kn_partner_box_free(box);
}

static void
check_unique(const GPtrArray *boxes, GPtrArray *mistakes)
{
    for (guint i = 1; i < boxes->len; i++) {
        const kn_partner_box *a = g_ptr_array_index(boxes, i - 1), *b = g_ptr_array_index(boxes, i);

        if (a->partner.id && g_strcmp0(a->partner.id, b->partner.id) == 0)
            g_ptr_array_add(mistakes, g_strdup_printf("%s: [partner] id: “%s” is in %s too",
                                                      b->file, b->partner.id, a->file));
    }
}

static void
read_one(kn_partners *partners, kn_files *files, const char *name, GPtrArray *mistakes)
{
    unsigned before = mistakes->len;
    kn_partner_box *box = kn_partner_file_read(files, name, mistakes, partners->hints);

    g_ptr_array_add(partners->boxes, box);
    if (mistakes->len > before)
        return;
    kn_pins_check(box, partners->card_rules, mistakes, partners->hints);
    if (box->own->crls->len == 0)
        g_ptr_array_add(partners->hints,
                        g_strdup_printf("%s: [keys] crl: none, revocation is not checked", name));
    if (box->cards && box->cards->crls->len == 0)
        g_ptr_array_add(
            partners->hints,
            g_strdup_printf("%s: [carry] card_crl: none, revocation is not checked", name));
    if (!box->partner.documents[0] && !box->partner.carry_documents[0])
        g_ptr_array_add(partners->hints,
                        g_strdup_printf("%s: [partner] documents: it may send nothing", name));
}

kn_partners *
kn_partners_read(kn_files *files, GPtrArray *mistakes)
{
    kn_partners *partners = g_new0(kn_partners, 1);
    g_auto(GStrv) names = NULL;
    g_autoptr(GError) why = NULL;

    partners->boxes = g_ptr_array_new_with_free_func(free_box);
    partners->hints = g_ptr_array_new_with_free_func(g_free);
    if (!kn_card_rules_load(NULL, "defaults", &partners->card_rules, &why)
        || !kn_files_list(files, KN_AREA_PARTNERS, ".ini", &names, &why)) {
        g_ptr_array_add(mistakes, g_strdup_printf("partners: %s", why->message));
        return partners;
    }
    for (size_t i = 0; names[i]; i++)
        read_one(partners, files, names[i], mistakes);
    if (partners->boxes->len == 0) {
        g_autofree char *folder = kn_files_path(files, KN_AREA_PARTNERS, "");

        g_ptr_array_add(mistakes, g_strdup_printf("partners: no *.ini in %s", folder));
    } else {
        qsort(partners->boxes->pdata, partners->boxes->len, sizeof(void *), by_id);
    }
    check_unique(partners->boxes, mistakes);
    kn_pins_unique(partners->boxes, mistakes);
    return partners;
}

bool
kn_partners_load(const char *folder, const char *base_dir, kn_partners **out, GError **err)
{
    g_autoptr(GPtrArray) mistakes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(kn_files) files = kn_files_new();
    g_autoptr(kn_partners) partners = NULL;

    kn_files_folder(files, KN_AREA_PARTNERS, folder);
    kn_files_folder(files, KN_AREA_PEM, base_dir ? base_dir : folder);
    partners = kn_partners_read(files, mistakes);
    if (mistakes->len > 0) {
        g_ptr_array_add(mistakes, NULL);
        g_autofree char *all = g_strjoinv("\n", (char **)mistakes->pdata);

        return kn_fail(err, KN_E_CONFIG, "%s", all);
    }
    *out = g_steal_pointer(&partners);
    return true;
}

bool
kn_partners_card_rules(kn_partners *partners, GKeyFile *file, const char *file_name, GError **err)
{
    kn_card_rules *rules = NULL;

    if (!kn_card_rules_load(file, file_name, &rules, err))
        return false;
    kn_card_rules_free(partners->card_rules);
    partners->card_rules = rules;
    return true;
}

const kn_card_rules *
kn_partners_rules_of_cards(const kn_partners *partners)
{
    return partners->card_rules;
}

void
kn_partners_free(kn_partners *partners)
{
    if (!partners)
        return;
    if (partners->boxes)
        g_ptr_array_unref(partners->boxes);
    if (partners->hints)
        g_ptr_array_unref(partners->hints);
    kn_card_rules_free(partners->card_rules);
    g_free(partners);
}

size_t
kn_partners_count(const kn_partners *partners)
{
    return partners->boxes->len;
}

const kn_partner *
kn_partners_at(const kn_partners *partners, size_t i)
{
    const kn_partner_box *box = g_ptr_array_index(partners->boxes, i);

    return &box->partner;
}

const kn_partner *
kn_partners_find(const kn_partners *partners, const char *id)
{
    size_t low = 0, high = partners->boxes->len;

    while (id && low < high) {
        size_t mid = low + (high - low) / 2;
        const kn_partner *partner = kn_partners_at(partners, mid);
        int order = strcmp(id, partner->id);

        if (order == 0)
            return partner;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static void
warn_end(GPtrArray *list, const kn_partner *p, const char *what, int64_t last_ms, int64_t now_ms)
{
    char day[32];

    if (last_ms == INT64_MAX || last_ms - now_ms > WARN_MS)
        return;
    kn_time_text(last_ms, KN_TIME_DATE, day);
    g_ptr_array_add(list, g_strdup_printf("%s: %s %s on %s", p->id, what,
                                          last_ms < now_ms ? "ended" : "ends", day));
}

/* A list is late when a quarter of its time is left, and no new one is here. */
static void
warn_crl(GPtrArray *list, const kn_partner *p, const kn_anchor_crl *crl, const char *what,
         int64_t now_ms)
{
    int64_t quarter = MIN((crl->next_ms - crl->this_ms) / 4, CRL_WARN_MS);
    char when[32];

    if (now_ms <= crl->next_ms - quarter)
        return;
    kn_time_text(crl->next_ms, KN_TIME_STAMP, when);
    g_ptr_array_add(list,
                    now_ms > crl->next_ms
                        ? g_strdup_printf("%s: a CRL of %s is stale since %s", p->id, what, when)
                        : g_strdup_printf("%s: a CRL of %s ends at %s", p->id, what, when));
}

static void
warn_anchors(GPtrArray *list, const kn_partner *p, const kn_anchors *anchors, const char *what,
             int64_t now_ms)
{
    STACK_OF(X509) *const stacks[] = { anchors->roots, anchors->intermediates };
    int64_t last;

    for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
        for (int i = 0; i < sk_X509_num(stacks[s]); i++) {
            X509 *cert = sk_X509_value(stacks[s], i);
            const kn_anchor_crl *crl = kn_crl_of(anchors, cert);

            if (kn_anchors_time(X509_get0_notAfter(cert), &last))
                warn_end(list, p, what, last, now_ms);
            if (anchors->crls->len > 0 && !crl && X509_check_ca(cert) > 0)
                g_ptr_array_add(list, g_strdup_printf("%s: a CA of %s has no CRL", p->id, what));
            if (crl)
                warn_crl(list, p, crl, what, now_ms);
        }
    for (unsigned i = 0; i < anchors->shown->len; i++) {
        const kn_anchor_pin *pin = g_ptr_array_index(anchors->shown, i);
        g_autofree char *name = g_strdup_printf("certificate %s", pin->file);

        warn_end(list, p, name, pin->last_ms, now_ms);
    }
}

char **
kn_partners_warnings(const kn_partners *partners, int64_t now_ms)
{
    GPtrArray *list = g_ptr_array_new();

    for (guint i = 0; i < partners->hints->len; i++)
        g_ptr_array_add(list, g_strdup(g_ptr_array_index(partners->hints, i)));
    for (guint i = 0; i < partners->boxes->len; i++) {
        const kn_partner *p = kn_partners_at(partners, i);

        if (!p->id || !p->own)
            continue; /* an entry with mistakes */
        for (int a = KN_ALG_NONE + 1; a < KN_ALG_COUNT; a++)
            if (p->algorithms[a].on && p->algorithms[a].end_ms != INT64_MAX)
                warn_end(list, p, kn_alg_row_of((kn_alg)a)->name, p->algorithms[a].end_ms - 1,
                         now_ms);
        warn_anchors(list, p, p->own, "anchors", now_ms);
        if (p->cards)
            warn_anchors(list, p, p->cards, "card_anchors", now_ms);
    }
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, FALSE);
}

bool
kn_partner_algorithm(const kn_partner *partner, kn_alg alg, int64_t at_ms, GError **err)
{
    char day[32];

    if (alg <= KN_ALG_NONE || alg >= KN_ALG_COUNT || !partner->algorithms[alg].on)
        return kn_fail(err, KN_E_SIG_ALG_REFUSED, "%s is not switched on for %s",
                       alg > KN_ALG_NONE && alg < KN_ALG_COUNT ? kn_alg_row_of(alg)->name
                                                               : "this pair",
                       partner->id);
    if (at_ms < partner->algorithms[alg].end_ms)
        return true;
    kn_time_text(partner->algorithms[alg].end_ms - 1, KN_TIME_DATE, day);
    return kn_fail(err, KN_E_SIG_ALG_EXPIRED, "%s was good for %s until %s",
                   kn_alg_row_of(alg)->name, partner->id, day);
}

static bool
listed(const char *const *list, const char *value)
{
    return list[0] && (strcmp(list[0], "*") == 0 || g_strv_contains(list, value));
}

bool
kn_partner_may_send(const kn_partner *partner, const char *document, GError **err)
{
    if (listed(partner->documents, document))
        return true;
    return kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s may not send %s", partner->id, document);
}

bool
kn_partner_may_carry(const kn_partner *partner, const char *document, const char *orgcode,
                     bool card_signed, GError **err)
{
    if (!listed(partner->carry_documents, document))
        return kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s may not carry %s", partner->id, document);
    if (!listed(partner->carry_enterprises, orgcode))
        return kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s may not carry for enterprise “%s”",
                       partner->id, orgcode);
    if (!card_signed && !g_strv_contains(partner->unsigned_documents, document))
        return kn_fail(err, KN_E_CARD_REQUIRED, "%s needs a card's signature", document);
    return true;
}

bool
kn_partner_may_address(const kn_partner *partner, const char *receiver, GError **err)
{
    if (g_strv_contains(partner->receivers, receiver))
        return true;
    return kn_fail(err, KN_E_MSG_NOT_ALLOWED, "%s may not address %s", partner->id, receiver);
}

bool
kn_partner_is_sender(const kn_partner *partner, const char *value)
{
    if (!value || *value == '\0')
        return false;
    return strcmp(value, partner->id) == 0 || strcmp(value, partner->uscc) == 0
           || g_strv_contains(partner->cop_codes, value);
}
