/* SPDX-License-Identifier: Apache-2.0 */
/* Door: the whole gate (R .. B) of a loaded installation.  The first byte chooses a base: 0 to 6 an honest
 * message, edited by the four-byte steps {what, where, where, byte} that follow; anything else the bytes
 * themselves.  Accepted is only what has the content of its base. */
#include "scratch.h"

#include "cli/make.h"
#include "lane/lane.h"
#include "lane/lane_priv.h"
#include "pki/kn_pki.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW_MS 1795312800000
#define PARTS 6
#define BASES 7

static const struct {
    const char *partner, *enterprise;
    bool bare, card;
} bases[BASES] = {
    { "ENTE01", "1", true, false },    { "ENTE02", "2", true, false },
    { "ENTE03", "3", true, false },    { "PORTAL01", "1", false, true },
    { "PORTAL02", "1", false, true },  { "PORTAL03", "2", false, true },
    { "PORTAL01", "1", false, false },
};

static struct {
    kn_engine *engine;
    kn_lane *lane;
    kn_made made[BASES];
    GByteArray *digest[BASES];
} world;
static atomic_bool stop;

static kn_item *
admit(const char *bytes, size_t len, const char *key)
{
    static kn_part part = { .topic = (char *)(uintptr_t) "kouan.in.checkpoint" };
    kn_item *item = g_new0(kn_item, 1);
    g_autoptr(GError) err = NULL;
    bool ok;

    item->part = &part;
    part.set = world.engine->set;
    item->record.bytes = bytes;
    item->record.len = len;
    item->record.key = key;
    item->record.key_len = strlen(key);
    item->record.part = kn_topics_partition(key, strlen(key), PARTS);
    item->time_ms = NOW_MS;
    ok = kn_admit(world.lane, item, &err);
    assert(ok && !err);
    return item;
}

static void
write_config(const char *folder)
{
    static const char text[] =
        "[engine]\ncodes = codes\nschemas = schemas\n[kafka]\npartitions = 6\n"
        "[sign]\necdsa_key = engine/p256.key\necdsa_cert = engine/p256.pem\n"
        "rsa_key = engine/rsa.key\nrsa_cert = engine/rsa.pem\n"
        "sm2_key = engine/sm2.key\nsm2_cert = engine/sm2.pem\n";
    g_autoptr(GString) ini = g_string_new(text);
    g_autofree char *here = g_get_current_dir(); /* the root of the sources */
    g_autofree char *codes = g_strdup_printf("codes = %s/config/codes", here);
    g_autofree char *schemas = g_strdup_printf("schemas = %s/schemas/xsd", here);
    g_autofree char *file = g_build_filename(folder, "kouan.ini", NULL);
    g_autofree char *secret = g_build_filename(folder, "secret.hex", NULL);

    g_string_replace(ini, "codes = codes", codes, 1);
    g_string_replace(ini, "schemas = schemas", schemas, 1);
    if (!g_file_set_contents(file, ini->str, -1, NULL)
        || !g_file_set_contents_full(
            secret, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", -1,
            G_FILE_SET_CONTENTS_NONE, 0600, NULL))
        abort();
}

static void
make_bases(kn_make *make)
{
    for (size_t i = 0; i < BASES; i++) {
        const kn_make_template *t = kn_make_template_of("CKStageMessage");
        json_t *body = kn_make_body(t);
        kn_make_order order = { .type = t->type,
                                .ns = t->ns,
                                .prefix = t->prefix,
                                .body = body,
                                .partner = bases[i].partner,
                                .bare = bases[i].bare,
                                .card = bases[i].card ? kn_make_operator(make, bases[i].enterprise)
                                                      : NULL,
                                .owner = kn_make_orgcode(bases[i].enterprise),
                                .receiver = world.engine->config->id,
                                .time_ms = NOW_MS,
                                .n = 7 };
        kn_item *item;

        if (!kn_make_message(make, &order, &world.made[i], NULL))
            abort();
        json_decref(body);
        item = admit(world.made[i].bytes->str, world.made[i].bytes->len, world.made[i].key);
        assert(!item->why && item->proven); /* otherwise nothing here would ever be accepted */
        world.digest[i] = g_byte_array_ref(item->digest);
        kn_item_free(item);
    }
}

static void
set_up(void)
{
    const kn_pki_plan plan = { .portals = 3, .enterprises = 3, .cards = 6, .now_ms = NOW_MS };
    g_autofree char *ini = g_build_filename(scratch(), "kouan.ini", NULL);
    g_autoptr(GError) err = NULL;
    kn_make *make = NULL;

    if (!kn_pki_make(scratch(), &plan, &err))
        abort();
    write_config(scratch());
    if (!kn_engine_load(ini, true, &world.engine, &err) || !kn_make_open(scratch(), &make, &err)) {
        (void)fprintf(stderr, "%s\n", err->message);
        abort();
    }
    world.lane = kn_lane_new(world.engine, 0, &stop);
    world.lane->xml = kn_xml_new(NULL, world.engine->schemas);
    make_bases(make);
    kn_make_free(make);
}

static void
edit(GString *s, const uint8_t *step)
{
    size_t at = s->len > 0 ? (step[1] * 256U + step[2]) % s->len : 0;
    size_t n = MIN((size_t)step[3] + 1, s->len - at);
    g_autofree char *piece = g_strndup(s->str + at, n);

    switch (step[0] % 5) {
    case 0:
        if (s->len > 0)
            s->str[at] = (char)step[3];
        break;
    case 1: g_string_insert_c(s, (gssize)at, (char)step[3]); break;
    case 2: g_string_erase(s, (gssize)at, (gssize)n); break;
    case 3: g_string_insert_len(s, (gssize)at, piece, (gssize)strlen(piece)); break;
    default: g_string_append(s, piece);
    }
}

static void
judge(const kn_item *item, size_t base)
{
    if (!item->why) {
        assert(base < BASES && item->proven && item->msg && item->partner);
        assert(item->digest->len == world.digest[base]->len);
        assert(memcmp(item->digest->data, world.digest[base]->data, item->digest->len) == 0);
        return;
    }
    assert(kn_error_outcome(item->why) == KN_OUTCOME_REFUSE);
    assert(g_utf8_validate(item->why->message, -1, NULL) && strlen(item->why->message) < 1000);
    assert(g_utf8_validate(item->type, -1, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t base = len > 0 ? data[0] : BASES;
    g_autoptr(GString) bytes = NULL;
    kn_item *item;

    if (!world.engine)
        set_up();
    if (base < BASES) {
        bytes = g_string_new_len(world.made[base].bytes->str, (gssize)world.made[base].bytes->len);
        for (size_t i = 1; i + 4 <= len && i < 64; i += 4)
            edit(bytes, data + i);
    } else {
        bytes = g_string_new_len((const char *)data, (gssize)len);
    }
    item = admit(bytes->str, bytes->len, base < BASES ? world.made[base].key : "MA0000410");
    judge(item, base);
    kn_item_free(item);
    return 0;
}
