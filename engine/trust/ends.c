/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/anchors.h"
#include "trust/crl.h"
#include "trust/partner.h"

static void
sooner(int64_t *end_ms, int64_t ms)
{
    *end_ms = MIN(*end_ms, ms);
}

static void
look_at(const kn_anchors *anchors, kn_partner_ends *ends)
{
    STACK_OF(X509) *const stacks[] = { anchors->roots, anchors->intermediates };
    int64_t last;

    for (size_t s = 0; s < G_N_ELEMENTS(stacks); s++)
        for (int i = 0; i < sk_X509_num(stacks[s]); i++) {
            X509 *cert = sk_X509_value(stacks[s], i);
            const kn_anchor_crl *crl = kn_crl_of(anchors, cert);

            if (kn_anchors_time(X509_get0_notAfter(cert), &last))
                sooner(&ends->certificate_ms, last);
            if (crl)
                sooner(&ends->crl_ms, crl->next_ms);
        }
    for (unsigned i = 0; i < anchors->shown->len; i++)
        sooner(&ends->certificate_ms,
               ((const kn_anchor_pin *)g_ptr_array_index(anchors->shown, i))->last_ms);
}

kn_partner_ends
kn_partner_ends_of(const kn_partner *partner)
{
    kn_partner_ends ends = { INT64_MAX, INT64_MAX };

    look_at(partner->own, &ends);
    if (partner->cards)
        look_at(partner->cards, &ends);
    return ends;
}
