/* SPDX-License-Identifier: Apache-2.0 */
/* kouan-bench-floor: what the parts of the work cost alone, in one thread, beside the yardstick R, one
 * RSA-2048 verify with a cached key. */
#include "bench_report.h"
#include "bench_step.h"

#include "base/clock.h"
#include "pki/pki_file.h"

#include <ftw.h>
#include <kouan/error.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct floor_options {
    char *root, *json, *only, *repeat;
    int bytes, round_ms, sizes, yard;
} floor_options;

typedef struct named_step {
    const char *name;
    kn_bench_step step;
} named_step;

/* clang-format off */
static const named_step per_family[] = {
    { "open (parse)", kn_step_open },
    { "shape", kn_step_shape },
    { "trust (cache hit)", kn_step_trust },
    { "verify (signature and digest)", kn_step_verify },
    { "  of it: C14N and digest of the document", kn_step_digest },
    { "open + shape + trust + verify", kn_step_prove },
    { "validate (XSD)", kn_step_validate },
    { "whole: verify + validate", kn_step_whole },
};
static const named_step once[] = {
    { "handler decides", kn_step_decide },
    { "receipt written", kn_step_receipt_write },
    { "SM3 of the message", kn_step_sm3 },
    { "zstd of the message", kn_step_zstd },
};
static const struct { kn_alg alg; const char *name; } signs[] = {
    { KN_ALG_ECDSA_SHA256, "receipt signed, ECDSA P-256" },
    { KN_ALG_RSA_SHA256, "receipt signed, RSA-2048" },
    { KN_ALG_SM2_SM3, "receipt signed, SM2" },
};
/* clang-format on */

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
    (void)st, (void)flag, (void)where;
    return remove(path);
}

static bool
write_config(const floor_options *o, const char *folder, char **file_out, GError **err)
{
    g_autofree char *root = g_canonicalize_filename(o->root ? o->root : ".", NULL);
    g_autofree char *file = g_build_filename(folder, "kouan.ini", NULL);
    g_autofree char *secret = g_build_filename(folder, "secret.hex", NULL);
    g_autofree char *zeros = g_strnfill(64, '0');
    g_autofree char *text = g_strdup_printf(
        "[engine]\nsecret_file = secret.hex\ncodes = %s/config/codes\nschemas = "
        "%s/schemas/xsd\npartners = partners\n"
        "[sign]\necdsa_key = engine/p256.key\necdsa_cert = engine/p256.pem\nrsa_key = "
        "engine/rsa.key\n"
        "rsa_cert = engine/rsa.pem\nsm2_key = engine/sm2.key\nsm2_cert = engine/sm2.pem\n",
        root, root);

    if (!kn_pki_write_text(secret, zeros, 64, 0600, err)
        || !kn_pki_write_text(file, text, strlen(text), 0644, err))
        return false;
    *file_out = g_steal_pointer(&file);
    return true;
}

static bool
run(kn_bench_kit *kit, const floor_options *o, GArray *rows, const char *group,
    const named_step *step, GError **err)
{
    double us, r;

    if (!kn_bench_measure(kit, step->step, o->round_ms, &us, &r, err)) {
        g_prefix_error(err, "%s, %s: ", group, step->name);
        return false;
    }
    kn_bench_rows_add(rows, group, step->name, kit->bytes->len, us, r);
    return true;
}

static bool
family_rows(kn_bench_kit *kit, const floor_options *o, const kn_bench_parties *parties,
            kn_pki_family family, GArray *rows, GError **err)
{
    for (int shell = 0; shell < 2; shell++) {
        kn_bench_shape shape = { .bytes = (size_t)o->bytes, .shell = shell, .declare = shell };
        g_autofree char *group = NULL;

        if (!kn_bench_kit_message(kit, parties, &shape, err))
            return false;
        group = g_strdup_printf("%s, %s, %zu bytes", kn_pki_family_name(family),
                                shell ? "in a shell" : "bare", kit->bytes->len);
        for (size_t i = 0; i < G_N_ELEMENTS(per_family); i++)
            if (!run(kit, o, rows, group, &per_family[i], err))
                return false;
    }
    return true;
}

static bool
once_rows(kn_bench_kit *kit, const floor_options *o, const kn_bench_parties *parties, GArray *rows,
          GError **err)
{
    kn_bench_shape shape = { .bytes = (size_t)o->bytes };

    if (!kn_bench_kit_message(kit, parties, &shape, err))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(once); i++)
        if (!run(kit, o, rows, "the rest of the way", &once[i], err))
            return false;
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        named_step step = { signs[i].name, kn_step_receipt_sign };

        kit->receipt_alg = signs[i].alg;
        if (!run(kit, o, rows, "the rest of the way", &step, err))
            return false;
    }
    return true;
}

/* Cost must grow with the message and no faster. */
static bool
size_rows(kn_bench_kit *kit, const floor_options *o, const kn_bench_parties *parties, GArray *rows,
          GError **err)
{
    static const size_t sizes[] = { 2048, 4500, 16384, 65536, 262144, 1000000 };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        kn_bench_shape shape = { .bytes = sizes[i] };
        g_autofree char *name = NULL;
        named_step step = { NULL, kn_step_whole };

        if (!kn_bench_kit_message(kit, parties, &shape, err))
            return false;
        name = g_strdup_printf("whole: verify + validate, %zu bytes", kit->bytes->len);
        step.name = name;
        if (!run(kit, o, rows, "growth, bare", &step, err))
            return false;
    }
    return true;
}

static bool
load_family(const char *folder, const char *config, kn_pki_family family, kn_engine **engine,
            kn_bench_parties *parties, kn_bench_kit *kit, GError **err)
{
    return kn_bench_parties_make(folder, family, 1, KN_ALG_ECDSA_SHA256, err)
           && kn_engine_load(config, true, engine, err)
           && kn_bench_parties_load(folder, family, 1, parties, err)
           && kn_bench_kit_init(kit, *engine, err);
}

/* For a profiler: one step over and over. */
static bool
repeat_step(kn_bench_kit *kit, const floor_options *o, GError **err)
{
    for (int i = 0; i < 200000 && strcmp(o->repeat, "whole") == 0; i++)
        if (!kn_step_whole(kit, err))
            return false;
    for (int i = 0; i < 200000 && strcmp(o->repeat, "decide") == 0; i++)
        if (!kn_step_decide(kit, err))
            return false;
    return true;
}

static bool
floor_family(const floor_options *o, const char *folder, const char *config, kn_pki_family family,
             GArray *rows, GError **err)
{
    static const named_step yard = { "R: one RSA-2048 verify, key cached", kn_step_yardstick };
    g_autoptr(kn_engine) engine = NULL;
    kn_bench_parties parties = { 0 };
    kn_bench_kit kit = { 0 };
    bool ok = load_family(folder, config, family, &engine, &parties, &kit, err);

    if (ok) {
        kit.now_ms = kn_clock_wall_ms();
        ok = (rows->len > 0 || run(&kit, o, rows, "yardstick", &yard, err))
             && family_rows(&kit, o, &parties, family, rows, err)
             && (family != KN_PKI_P256 || once_rows(&kit, o, &parties, rows, err))
             && (family != KN_PKI_P256 || !o->sizes || size_rows(&kit, o, &parties, rows, err));
        if (ok && o->repeat
            && kn_bench_kit_message(&kit, &parties, &(kn_bench_shape){ .bytes = (size_t)o->bytes },
                                    err))
            ok = repeat_step(&kit, o, err);
    }
    if (kit.xml)
        kn_bench_kit_clear(&kit);
    kn_bench_parties_clear(&parties);
    return ok;
}

static bool
floor_all(const floor_options *o, const char *folder, GArray *rows, GError **err)
{
    static const kn_pki_family order[] = { KN_PKI_RSA, KN_PKI_P256, KN_PKI_SM2 };
    kn_pki_plan plan = { .portals = 1, .enterprises = 1, .cards = 2 };
    g_autofree char *config = NULL;

    if (!kn_pki_make(folder, &plan, err) || !write_config(o, folder, &config, err))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        if (!o->only || strcmp(o->only, kn_pki_family_name(order[i])) == 0)
            if (!floor_family(o, folder, config, order[i], rows, err))
                return false;
    return true;
}

/* R beside a running load: a busy neighbour on the same core makes everything dearer, R as well. */
static bool
yard_forever(GError **err)
{
    kn_bench_kit kit = { 0 };

    if (!kn_bench_yardstick_init(&kit, err))
        return false;
    for (;;) {
        int64_t start = kn_clock_thread_cpu_us();

        for (int i = 0; i < 50; i++)
            if (!kn_step_yardstick(&kit, err))
                return false;
        (void)printf("%.2f\n", (double)(kn_clock_thread_cpu_us() - start) / 50);
        (void)fflush(stdout);
        (void)usleep(250000);
    }
}

static bool
write_json(const char *file, const GArray *rows, GError **err)
{
    json_t *list = kn_bench_rows_json(rows);
    char *text = json_dumps(list, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    bool ok = text && kn_pki_write_text(file, text, strlen(text), 0644, err);

    free(text); /* allow: jansson allocated it */
    json_decref(list);
    return ok;
}

int
main(int argc, char **argv)
{
    floor_options o = { .bytes = KN_BENCH_BYTES, .round_ms = 20 };
    const GOptionEntry entries[] = {
        { "root", 0, 0, G_OPTION_ARG_FILENAME, &o.root, "folder with config/ and schemas/ (here)",
          "DIR" },
        { "json", 0, 0, G_OPTION_ARG_FILENAME, &o.json, "write the rows to FILE too", "FILE" },
        { "bytes", 0, 0, G_OPTION_ARG_INT, &o.bytes, "size of a message (4500)", "N" },
        { "round-ms", 0, 0, G_OPTION_ARG_INT, &o.round_ms, "least length of a round (20)", "N" },
        { "sizes", 0, 0, G_OPTION_ARG_NONE, &o.sizes, "growth from 2 KB to 1 MB too", NULL },
        { "yard", 0, 0, G_OPTION_ARG_NONE, &o.yard, "only R, a sample each 250 ms, until killed",
          NULL },
        { "only", 0, 0, G_OPTION_ARG_STRING, &o.only, "one family: rsa, p256, sm2", "NAME" },
        { "repeat", 0, 0, G_OPTION_ARG_STRING, &o.repeat,
          "then 200000 times: whole or decide (for a profiler)", "STEP" },
        { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
    };
    g_autoptr(GOptionContext) context = g_option_context_new(
        "- CPU of each step alone, beside one RSA-2048 verify");
    g_autoptr(GError) err = NULL;
    g_autoptr(GArray) rows = kn_bench_rows_new();
    g_autofree char *folder = NULL;
    bool ok;

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err) || argc > 1) {
        (void)fprintf(stderr, "kouan-bench-floor: %s\n", err ? err->message : "too many arguments");
        return 2;
    }
    if (o.yard && !yard_forever(&err))
        return 1;
    folder = g_dir_make_tmp("kouan-floor-XXXXXX", &err);
    ok = folder && floor_all(&o, folder, rows, &err);
    if (folder)
        (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (ok)
        kn_bench_rows_print(rows);
    ok = ok && (!o.json || write_json(o.json, rows, &err));
    if (!ok)
        (void)fprintf(stderr, "kouan-bench-floor: %s\n", err ? err->message : "failed");
    return ok ? 0 : 1;
}
