/* SPDX-License-Identifier: Apache-2.0 */
/* Must be accepted: a gate that refuses everything passes none of these. */
#include "edits.h"

#define OK .error = KN_E_OK, .code = "0000", .rule = ""
#define MSG (ON_BARE | ON_SHA1 | ON_INNER)

/* clang-format off */
static const hostile_row rows[] = {
    { "honest", "as it is", ON_ALL | ON_GB | ON_PLAIN, OK },
    { "prefix", "another prefix than ds", ON_ALL, OK, .edit_body = edit_prefix },
    { "default_ns", "the Signature in a default namespace", ON_ALL, OK, .edit_body = edit_default_ns },
    { "spaces", "white space and line breaks inside Signature and base64", ON_ALL, OK, .edit_body = edit_spaces },
    { "key_names", "several KeyName", ON_ALL, OK, .sig = { "<ds:KeyName>",
      "<ds:KeyName>x</ds:KeyName><ds:KeyName>" } },
    { "key_name_wrong", "a KeyName that is not the serial: a hint only", ON_ALL, OK, .sig = { "@SERIAL@", "00" } },
    { "no_key_name", "no KeyName", ON_ALL, OK, .sig = { "<ds:KeyName>@SERIAL@</ds:KeyName>", "" } },
    { "sig_id", "Id on Signature", ON_ALL, OK, .sig = { "<ds:Signature ", "<ds:Signature Id=\"s1\" " } },
    { "comment", "a comment in a text", MSG, OK, .bytes = { "first load", "first<!-- --> load" } },
    { "comment_evil", "A<!---->.evil reads A.evil for everyone", MSG, OK, .body = { "first load", "A.evil" },
      .bytes = { "A.evil", "A<!---->.evil" } },
    { "comment_sig", "comments inside the Signature", ON_ALL, OK, .bytes = { "<ds:SignatureValue>",
      "<!-- x --><ds:SignatureValue><!-- y -->" } },
    { "comment_data", "a comment inside Data", ON_OUTER, OK, .bytes = { "<dxp:Data>", "<dxp:Data><!-- x -->" } },
    { "comment_around", "comments around the root", ON_ALL, OK, .before = "<!-- <!DOCTYPE r> -->",
      .behind = "<!-- > -->" },
    { "cdata", "CDATA for a text", MSG, OK, .bytes = { "first load", "<![CDATA[first load]]>" } },
    { "charref", "a character by reference", MSG, OK, .bytes = { "first load", "&#x66;irst load" } },
    { "attr_order", "attributes in another order", MSG, OK, .edit_bytes = edit_attr_order },
    { "quotes", "other quotes", ON_ALL, OK, .bytes = { "URI=\"\"", "URI=''" } },
    { "tag_blanks", "blanks inside tags", ON_ALL, OK, .bytes = { "</ds:SignedInfo>", "</ds:SignedInfo\n >" } },
    { "empty_tags", "<a></a> for <a/>", ON_ALL, OK, .edit_bytes = edit_long_empty },
    { "declaration", "an XML declaration", ON_ALL, OK, .before = "<?xml version=\"1.0\" encoding=\"utf-8\" "
      "standalone=\"yes\"?>\n" },
    { "bom", "the UTF-8 mark", ON_ALL, OK, .before = "\xEF\xBB\xBF" },
    { "blank_behind", "blanks behind the root", ON_ALL, OK, .behind = "\r\n\n" },
    { "full_size", "exactly msg.max_bytes", ON_P256 | ON_OSM2, OK, .edit_bytes = edit_pad, .n = 1024 * 1024 },
    { "header", "the header names it too", ON_P256 | ON_SM2, OK, .header = "HOSTA" },
    { "ns_more", "ten namespaces more, signed", ON_ALL, OK, .edit_body = edit_ns_ten },
    { "second_key", "another certificate of the same partner", ON_P256, OK, .signer = "a-second" },
    { "rsa3072", "RSA of 3072 bits", ON_RSA, OK, .signer = "a-rsa3072" },
    { "nonrep", "nonRepudiation alone", ON_P256, OK, .signer = "a-nonrep" },
    { "mail", "for TLS and mail", ON_P256, OK, .signer = "a-mail" },
    { "rsa1024_old", "1024 bits, issued with SHA-1, where the entry allows both", ON_SHA1, OK, .signer = "old-1024" },
    { "deep_two", "two CAs between leaf and root", ON_P256, OK, .signer = "deep-good" },
    { "extension", "bound by an extension", ON_P256, OK, .signer = "ext-p256" },
    { "pinned", "bound by its fingerprint", ON_P256, OK, .signer = "pinned" },
    { "last_good_day", "a row on its last good day", ON_FIELD, OK, .signer = "late-sm2", .shift_ms = -86400000 },
    { "not_late", "the row that has no end, later", ON_SM2, OK, .signer = "late-sm2" },
    { "crl_fresh", "an hour and more before nextUpdate", ON_P256, OK, .signer = "stale-p256",
      .shift_ms = -2 * 3600000 },
    { "other_row", "P-256 at the partner of the old row", ON_SHA1, OK, .signer = "old-rsa" },
    { 0 },
};
/* clang-format on */

const hostile_list hostile_good = { "accepted", rows, true };
