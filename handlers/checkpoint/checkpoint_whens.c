/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoint_whens.h"

#include <string.h>

#define BIZ_EMPTY_CONTAINER "0000100000"
#define LOCKS_MAX 3

static bool
is(const json_t *values, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(values, name));

    return text && strcmp(text, value) == 0;
}

static const char *
value_of(const json_t *values, const char *name)
{
    return json_string_value(json_object_get(values, name));
}

/* --- obligations: "may" while the field they hang on is not known, so one mistake is one error ---- */

/* CK-H10: grey until the medium type is filled in. */
kn_obligation
kn_checkpoint_when_medium(const kn_field_scope *scope)
{
    return kn_field_given(scope, "bindMediumType") ? KN_MUST : KN_NEVER;
}

/* CK-B03, X-11: must, but for a bill of lading on export. */
kn_obligation
kn_checkpoint_when_object_id(const kn_field_scope *scope)
{
    if (!value_of(scope->values, "bindObjectType"))
        return KN_MAY;
    if (!is(scope->values, "bindObjectType", "B"))
        return KN_MUST;
    return is(scope->parent, "ieFlag", "I") ? KN_MUST : KN_MAY;
}

/* CK-B04: by sea; grey by road and air. */
kn_obligation
kn_checkpoint_when_ship(const kn_field_scope *scope)
{
    if (is(scope->parent, "transportMode", "2"))
        return KN_MUST;
    if (is(scope->parent, "transportMode", "4") || is(scope->parent, "transportMode", "5"))
        return KN_NEVER;
    return KN_MAY;
}

/* CK-B05, X-13 */
kn_obligation
kn_checkpoint_when_voyage(const kn_field_scope *scope)
{
    const ck_conf *conf = scope->conf;

    return conf->voyage_air == 1 && is(scope->parent, "transportMode", "5") ? KN_MAY : KN_MUST;
}

/* CK-B07, CK-B08, X-37: only of a bill of lading. */
kn_obligation
kn_checkpoint_when_bill(const kn_field_scope *scope)
{
    if (!value_of(scope->values, "bindObjectType"))
        return KN_MAY;
    return is(scope->values, "bindObjectType", "B") ? KN_MUST : KN_NEVER;
}

/* CK-B09: the row's business type, not the header's. */
kn_obligation
kn_checkpoint_when_container1(const kn_field_scope *scope)
{
    return is(scope->values, "businessType", BIZ_EMPTY_CONTAINER) ? KN_MUST : KN_MAY;
}

/* CK-B10, X-12 */
kn_obligation
kn_checkpoint_when_container2(const kn_field_scope *scope)
{
    const ck_conf *conf = scope->conf;

    return conf->empty_second_container == 1 ? KN_MAY : kn_checkpoint_when_container1(scope);
}

kn_obligation
kn_checkpoint_when_locks1(const kn_field_scope *scope)
{
    return kn_field_given(scope, "containerNo1") ? KN_MAY : KN_NEVER;
}

kn_obligation
kn_checkpoint_when_locks2(const kn_field_scope *scope)
{
    return kn_field_given(scope, "containerNo2") ? KN_MAY : KN_NEVER;
}

/* --- further checks ------------------------------------------------------------------------------ */

/* CODES §3.2: xx00 is the regional customs; where a subordinate is listed, that one is meant. */
kn_error
kn_checkpoint_district(const kn_field_scope *scope, const char *value, bool *warning)
{
    if (strlen(value) != 4 || strcmp(value + 2, "00") != 0)
        return KN_E_OK;
    for (int i = 1; i < 100; i++) {
        char other[8];

        (void)g_snprintf(other, sizeof other, "%.2s%02d", value, i);
        if (kn_codes_name(scope->codes, "customs", other)) {
            *warning = true;
            return KN_E_FIELD_SUPERIOR;
        }
    }
    return KN_E_OK;
}

/* CK-H12, X-38: of the customs list, those that this deployment takes. */
kn_error
kn_checkpoint_mode(const kn_field_scope *scope, const char *value, bool *warning)
{
    const ck_conf *conf = scope->conf;

    (void)warning;
    for (size_t i = 0; conf->transport_modes[i]; i++)
        if (strcmp(conf->transport_modes[i], value) == 0)
            return KN_E_OK;
    return KN_E_FIELD_CODE;
}

static kn_error
at_level(int level, bool ok, kn_error code, bool *warning)
{
    if (ok || level == CK_CHECK_OFF)
        return KN_E_OK;
    *warning = level == CK_CHECK_WARN;
    return code;
}

/* CK-H10: only a plate has a pattern (CODES §7), and the manual gives none: a warning by default. */
kn_error
kn_checkpoint_plate(const kn_field_scope *scope, const char *value, bool *warning)
{
    const ck_conf *conf = scope->conf;

    if (!is(scope->values, "bindMediumType", "VN"))
        return KN_E_OK;
    return at_level(conf->plate_check, kn_plate_ok(value), KN_E_FIELD_FORMAT, warning);
}

kn_error
kn_checkpoint_container(const kn_field_scope *scope, const char *value, bool *warning)
{
    const ck_conf *conf = scope->conf;

    return at_level(conf->container_check, kn_container_ok(value), KN_E_FIELD_CHECK_DIGIT, warning);
}

/* CK-B03, CK-V05: of type container the id is the container number. */
kn_error
kn_checkpoint_object_id(const kn_field_scope *scope, const char *value, bool *warning)
{
    if (!is(scope->values, "bindObjectType", "C"))
        return KN_E_OK;
    return kn_checkpoint_container(scope, value, warning);
}

kn_error
kn_checkpoint_container2(const kn_field_scope *scope, const char *value, bool *warning)
{
    if (is(scope->values, "containerNo1", value))
        return KN_E_FIELD_DUPLICATE;
    return kn_checkpoint_container(scope, value, warning);
}

/* CK-B11, CK-B12: a|b|c, at most three, none empty, none twice. */
kn_error
kn_checkpoint_locks(const kn_field_scope *scope, const char *value, bool *warning)
{
    g_auto(GStrv) parts = g_strsplit(value, "|", -1);
    unsigned n = g_strv_length(parts);

    (void)scope;
    (void)warning;
    if (n > LOCKS_MAX)
        return KN_E_FIELD_FORMAT;
    for (unsigned i = 0; i < n; i++)
        if (*g_strstrip(parts[i]) == '\0')
            return KN_E_FIELD_FORMAT;
    for (unsigned i = 1; i < n; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(parts[i], parts[k]) == 0)
                return KN_E_FIELD_DUPLICATE;
    return KN_E_OK;
}
