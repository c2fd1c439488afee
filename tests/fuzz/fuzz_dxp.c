/* SPDX-License-Identifier: Apache-2.0 */
/* Door: the terminal-node shell and its base64 payload. */
#include "xml/dxp.h"

#include "xml/open.h"

#include <assert.h>
#include <kouan/error.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
within_limits(const kn_dxp *dxp)
{
    assert(dxp->cop_msg_id && *dxp->cop_msg_id && dxp->sender && *dxp->sender);
    assert(dxp->create_time && dxp->msg_type && dxp->data && dxp->data->len > 0);
    assert(dxp->n_receivers >= 1 && dxp->n_receivers <= KN_DXP_RECEIVERS_MAX);
    assert(dxp->n_keys <= KN_DXP_KEYS_MAX);
    for (size_t i = 0; i < dxp->n_receivers; i++)
        assert(dxp->receivers[i] && *dxp->receivers[i]);
    for (size_t i = 0; i < dxp->n_keys; i++)
        assert(dxp->key_names[i] && dxp->key_values[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const kn_dxp empty;
    static kn_xml *xml;
    xmlDoc *doc = NULL;
    kn_dxp dxp = { 0 };
    g_autoptr(GError) err = NULL;

    if (!xml) {
        bool ready = kn_xml_setup(NULL);

        assert(ready);
        xml = kn_xml_new(NULL, NULL);
    }
    if (!kn_xml_open(xml, (const char *)data, len, false, &doc, NULL))
        return 0;
    if (kn_dxp_is(doc)) {
        bool ok = kn_dxp_open(doc, &dxp, &err);

        assert(ok == (err == NULL));
        if (ok)
            within_limits(&dxp);
        else
            assert(kn_error_code(err) == KN_E_SHELL_BAD && memcmp(&dxp, &empty, sizeof dxp) == 0);
        kn_dxp_clear(&dxp);
        if (kn_dxp_head(kn_dxp_msg(doc), &dxp))
            assert(dxp.cop_msg_id && !dxp.data && dxp.n_receivers >= 1);
        kn_dxp_clear(&dxp);
    }
    xmlFreeDoc(doc);
    return 0;
}
