/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/trust_book.h"

#include "store/trust.h"

#include <assert.h>
#include <kouan/error.h>
#include <string.h>

struct kn_trust_book {
    const kn_config *config;
    GMutex lock;
    GPtrArray *sets; /* kn_trust_set, by version, newest last; a reference each */
};

static void
drop_set(void *set)
{
    kn_trust_set_unref(set);
}

kn_trust_book *
kn_trust_book_new(const kn_config *config)
{
    kn_trust_book *book = g_new0(kn_trust_book, 1);

    book->config = config;
    g_mutex_init(&book->lock);
    book->sets = g_ptr_array_new_with_free_func(drop_set);
    return book;
}

void
kn_trust_book_free(kn_trust_book *book)
{
    if (!book)
        return;
    g_ptr_array_unref(book->sets);
    g_mutex_clear(&book->lock);
    g_free(book);
}

/* Under the lock.  A set nobody else holds can be got only from here, so its count stays one. */
static void
forget_unused(kn_trust_book *book)
{
    for (unsigned i = book->sets->len; i-- > 1;)
        if (atomic_load(&((kn_trust_set *)g_ptr_array_index(book->sets, i - 1))->refs) == 1)
            (void)g_ptr_array_remove_index(book->sets, i - 1);
}

static kn_trust_set *
look(kn_trust_book *book, int version)
{
    for (unsigned i = 0; i < book->sets->len; i++) {
        kn_trust_set *set = g_ptr_array_index(book->sets, i);

        if (set->version == version)
            return set;
    }
    return NULL;
}

void
kn_trust_book_put(kn_trust_book *book, kn_trust_set *set)
{
    unsigned at = 0;

    assert(set->version > 0);
    g_mutex_lock(&book->lock);
    if (!look(book, set->version)) {
        while (at < book->sets->len
               && ((kn_trust_set *)g_ptr_array_index(book->sets, at))->version < set->version)
            at++;
        g_ptr_array_insert(book->sets, (int)at, kn_trust_set_ref(set));
        forget_unused(book);
    }
    g_mutex_unlock(&book->lock);
}

kn_trust_set *
kn_trust_book_newest(kn_trust_book *book)
{
    kn_trust_set *set = NULL;

    g_mutex_lock(&book->lock);
    if (book->sets->len > 0)
        set = kn_trust_set_ref(g_ptr_array_index(book->sets, book->sets->len - 1));
    g_mutex_unlock(&book->lock);
    return set;
}

static kn_trust_set *
find(kn_trust_book *book, int version)
{
    kn_trust_set *set;

    g_mutex_lock(&book->lock);
    set = look(book, version);
    if (set)
        (void)kn_trust_set_ref(set);
    g_mutex_unlock(&book->lock);
    return set;
}

static bool
fetch(kn_trust_book *book, kn_store *store, int version, kn_trust_set **out, GError **err)
{
    g_autoptr(GBytes) files = NULL;
    g_autoptr(kn_trust_set) set = NULL;
    uint8_t digest[KN_SM3_BYTES];

    if (!kn_store_trust_get(store, version, digest, &files, err))
        return false;
    if (!kn_trust_set_unpack(book->config, files, &set, err)) {
        g_prefix_error(err, "trust set %d: ", version);
        return false;
    }
    if (memcmp(digest, set->digest, sizeof digest) != 0)
        return kn_fail(err, KN_E_STORE_WRONG, "trust set %d: its files are not those of its digest",
                       version);
    set->version = version;
    kn_trust_book_put(book, set);
    *out = g_steal_pointer(&set);
    return true;
}

bool
kn_trust_book_get(kn_trust_book *book, kn_store *store, int version,
                  const uint8_t digest[KN_SM3_BYTES], kn_trust_set **out, GError **err)
{
    g_autoptr(kn_trust_set) set = find(book, version);

    if (!set && !store)
        return kn_fail(err, KN_E_STORE_WRONG, "trust set %d is not known here", version);
    if (!set && !fetch(book, store, version, &set, err))
        return false;
    assert(set);
    if (digest && memcmp(digest, set->digest, KN_SM3_BYTES) != 0)
        return kn_fail(err, KN_E_STORE_WRONG,
                       "trust set %d of the database is not the one the switch names", version);
    *out = g_steal_pointer(&set);
    return true;
}
