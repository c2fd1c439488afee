/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/pin.h"

#include "trust/facts.h"

#include <openssl/x509v3.h>

static X509_STORE *
store_of(const kn_anchors *anchors)
{
    X509_STORE *store = X509_STORE_new();

    for (int i = 0; store && i < sk_X509_num(anchors->roots); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(anchors->roots, i)) != 1)
            g_clear_pointer(&store, X509_STORE_free);
    return store;
}

static bool
fits_a_row(const kn_facts *facts, const kn_partner *partner)
{
    for (int alg = KN_ALG_NONE + 1; alg < KN_ALG_COUNT; alg++)
        if (partner->algorithms[alg].on && kn_facts_fit(facts, partner, (kn_alg)alg))
            return true;
    return false;
}

/* What every message with it would end in; NULL: nothing. */
static const char *
trouble_of(const kn_facts *facts, const kn_partner *partner)
{
    if (facts->refused != KN_E_OK)
        return facts->refused_why;
    if (!facts->may_sign)
        return "its usage is not signing";
    return fits_a_row(facts, partner) ? NULL : "no row of algorithms takes its key";
}

static void
check(const kn_partner_box *box, kn_anchor_pin *pin, X509_STORE *store, const kn_card_rules *rules,
      const uint8_t *fingerprint, GPtrArray *mistakes, GPtrArray *hints)
{
    unsigned char *der = NULL;
    int len = i2d_X509(pin->cert, &der);
    kn_facts *facts = kn_facts_find(store, box->own, rules, &box->partner, KN_ROLE_PARTNER, der,
                                    len > 0 ? (size_t)len : 0, fingerprint);
    const char *why = trouble_of(facts, &box->partner);

    if (why)
        g_ptr_array_add(mistakes, g_strdup_printf("%s: [keys] certificates: %s: %s", box->file,
                                                  pin->file, why));
    else if (facts->revoked)
        g_ptr_array_add(
            hints, g_strdup_printf("%s: [keys] certificates: %s is revoked", box->file, pin->file));
    if (facts->refused == KN_E_OK)
        pin->last_ms = facts->cert.not_after_ms;
    kn_facts_free(facts);
    OPENSSL_free(der);
}

void
kn_pins_check(kn_partner_box *box, const kn_card_rules *rules, GPtrArray *mistakes,
              GPtrArray *hints)
{
    X509_STORE *store = store_of(box->own);

    for (unsigned i = 0; store && i < box->own->shown->len; i++)
        check(box, g_ptr_array_index(box->own->shown, i), store, rules,
              box->own->pinned->data + (size_t)i * KN_FINGERPRINT, mistakes, hints);
    X509_STORE_free(store);
}

void
kn_pins_unique(const GPtrArray *boxes, GPtrArray *mistakes)
{
    g_autoptr(GHashTable) owners = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
                                                         (GDestroyNotify)g_bytes_unref, NULL);

    for (unsigned b = 0; b < boxes->len; b++) {
        const kn_partner_box *box = g_ptr_array_index(boxes, b), *other;

        for (unsigned i = 0; box->own && i < box->own->shown->len; i++) {
            const kn_anchor_pin *pin = g_ptr_array_index(box->own->shown, i);
            g_autoptr(GBytes) print = g_bytes_new(
                box->own->pinned->data + (size_t)i * KN_FINGERPRINT, KN_FINGERPRINT);

            other = g_hash_table_lookup(owners, print);
            if (other && other != box)
                g_ptr_array_add(mistakes,
                                g_strdup_printf("%s: [keys] certificates: %s is bound to %s too",
                                                box->file, pin->file, other->file));
            else if (!other)
                (void)g_hash_table_insert(owners, g_steal_pointer(&print), (void *)(uintptr_t)box);
        }
    }
}
