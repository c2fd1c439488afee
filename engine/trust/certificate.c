/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/certificate.h"

#include "trust/facts.h"
#include "trust/partners.h"

#include <kouan/error.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

/* What the cache is asked for: the same DER is another thing for another partner or role. */
typedef struct cache_key {
    const kn_partner *partner;
    uint64_t role;
    uint8_t fingerprint[KN_FINGERPRINT];
} cache_key;

typedef struct cache_entry {
    cache_key key; /* first: the table hashes it in place */
    kn_facts *facts;
    int64_t found_ms;
    struct cache_list *in;
    struct cache_entry *older, *newer;
} cache_entry;

/* Order of use.  The entries belong to the table. */
typedef struct cache_list {
    cache_entry *newest, *oldest;
    size_t count, most;
} cache_list;

struct kn_trust {
    const kn_partners *partners;
    EVP_MD *sha256;
    GHashTable *stores;  /* kn_anchors * -> X509_STORE * */
    GHashTable *entries; /* cache_key -> cache_entry */
    cache_list good, bad;
    uint64_t hits, misses;
};

static unsigned
hash_key(const void *p)
{
    const cache_key *key = p;
    unsigned hash;

    memcpy(&hash, key->fingerprint, sizeof hash); /* a digest is its own hash */
    return hash ^ g_direct_hash(key->partner) ^ (unsigned)key->role;
}

static int
same_key(const void *a, const void *b)
{
    const cache_key *x = a, *y = b;

    return x->partner == y->partner && x->role == y->role
           && memcmp(x->fingerprint, y->fingerprint, KN_FINGERPRINT) == 0;
}

static void
unlink_entry(cache_entry *entry)
{
    cache_list *list = entry->in;

    *(entry->newer ? &entry->newer->older : &list->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &list->oldest) = entry->newer;
    entry->newer = entry->older = NULL;
    list->count--;
}

static void
link_newest(cache_list *list, cache_entry *entry)
{
    entry->in = list;
    entry->older = list->newest;
    entry->newer = NULL;
    *(list->newest ? &list->newest->newer : &list->oldest) = entry;
    list->newest = entry;
    list->count++;
}

static void
free_entry(void *p)
{
    cache_entry *entry = p;

    kn_facts_free(entry->facts);
    g_free(entry);
}

static void
drop(kn_trust *trust, cache_entry *entry)
{
    unlink_entry(entry);
    (void)g_hash_table_remove(trust->entries, &entry->key);
}

static void
free_store(void *store)
{
    X509_STORE_free(store);
}

kn_trust *
kn_trust_new(const kn_partners *partners)
{
    kn_trust *trust = g_new0(kn_trust, 1);

    trust->partners = partners;
    trust->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    trust->stores = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_store);
    trust->entries = g_hash_table_new_full(hash_key, same_key, NULL, free_entry);
    trust->good.most = KN_TRUST_GOOD_MAX;
    trust->bad.most = KN_TRUST_BAD_MAX;
    return trust;
}

void
kn_trust_free(kn_trust *trust)
{
    if (!trust)
        return;
    g_hash_table_unref(trust->entries);
    g_hash_table_unref(trust->stores);
    EVP_MD_free(trust->sha256);
    g_free(trust);
}

/* One store per partner and role, filled from the configuration only: no default paths, no lookups. */
static X509_STORE *
store_of(kn_trust *trust, const kn_anchors *anchors)
{
    X509_STORE *store = g_hash_table_lookup(trust->stores, anchors);

    if (store)
        return store;
    store = X509_STORE_new();
    for (int i = 0; store && i < sk_X509_num(anchors->roots); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(anchors->roots, i)) != 1) {
            X509_STORE_free(store);
            store = NULL;
        }
    if (store)
        (void)g_hash_table_insert(trust->stores, (void *)anchors, store);
    ERR_clear_error();
    return store;
}

static bool
is_fresh(const cache_entry *entry, const kn_trust *trust, int64_t at_ms)
{
    int64_t age = at_ms > entry->found_ms ? at_ms - entry->found_ms : entry->found_ms - at_ms;

    return entry->in == &trust->good || age < KN_TRUST_BAD_MS;
}

static cache_entry *
look_up(kn_trust *trust, const cache_key *key, int64_t at_ms)
{
    cache_entry *entry = g_hash_table_lookup(trust->entries, key);

    if (entry && !is_fresh(entry, trust, at_ms)) {
        drop(trust, entry);
        entry = NULL;
    }
    if (!entry)
        return NULL;
    cache_list *list = entry->in;

    unlink_entry(entry);
    link_newest(list, entry);
    trust->hits++;
    return entry;
}

static cache_entry *
keep(kn_trust *trust, const cache_key *key, kn_facts *facts, int64_t at_ms)
{
    cache_entry *entry = g_new0(cache_entry, 1);
    cache_list *list = kn_facts_good(facts) ? &trust->good : &trust->bad;

    if (list->count >= list->most)
        drop(trust, list->oldest);
    entry->key = *key;
    entry->facts = facts;
    entry->found_ms = at_ms;
    link_newest(list, entry);
    (void)g_hash_table_insert(trust->entries, &entry->key, entry);
    trust->misses++;
    return entry;
}

bool
kn_trust_key(kn_trust *trust, const kn_partner *partner, kn_role role, kn_alg alg,
             const uint8_t *der, size_t len, int64_t at_ms, const kn_certificate **out,
             GError **err)
{
    const kn_anchors *anchors = role == KN_ROLE_CARD ? partner->cards : partner->own;
    cache_key key = { .partner = partner, .role = (uint64_t)role };
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    cache_entry *entry;
    X509_STORE *store;

    if (len == 0 || len > KN_CERTIFICATE_MAX)
        return kn_fail(err, KN_E_KEY_CERT_BAD, "certificate of %zu bytes", len);
    if (!anchors)
        return kn_fail(err, KN_E_KEY_UNTRUSTED, "%s has no card_anchors", partner->id);
    if (!trust->sha256 || EVP_Digest(der, len, digest, &digest_len, trust->sha256, NULL) != 1)
        return kn_fail(err, KN_E_ENGINE_ERROR, "SHA-256 is not available");
    memcpy(key.fingerprint, digest, KN_FINGERPRINT);
    entry = look_up(trust, &key, at_ms);
    if (!entry) {
        store = store_of(trust, anchors);
        if (!store)
            return kn_fail(err, KN_E_ENGINE_ERROR, "no certificate store");
        entry = keep(trust, &key,
                     kn_facts_find(store, anchors, kn_partners_rules_of_cards(trust->partners),
                                   partner, role, der, len, key.fingerprint),
                     at_ms);
    }
    if (!kn_facts_judge(entry->facts, partner, alg, at_ms, err)) {
        if (entry->facts->refused == KN_E_ENGINE_ERROR)
            drop(trust, entry); /* our fault says nothing about the certificate */
        return false;
    }
    *out = &entry->facts->cert;
    return true;
}

void
kn_trust_read_figures(const kn_trust *trust, kn_trust_figures *out)
{
    *out = (kn_trust_figures){ .hits = trust->hits,
                               .misses = trust->misses,
                               .good = trust->good.count,
                               .bad = trust->bad.count };
}

size_t
kn_partner_keys(const kn_partner *partner, EVP_PKEY *const **out)
{
    *out = (EVP_PKEY *const *)partner->own->keys->pdata;
    return partner->own->keys->len;
}
