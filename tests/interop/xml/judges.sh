#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Independent judges of our signatures, and we of theirs: xmlsec1 (RSA, P-256), openssl and sm-crypto
# (SM2, both dialects), xmllint (canonical form).  judges.sh TOOL WORKFOLDER
set -eu
tool=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)
id=1234567812345678

rm -rf "$work/files"
mkdir -p "$work/files" "$work/node"
cd "$work/files"
"$tool" make .

say() { printf 'ok: %s\n' "$1"; }
refuse() { # the command must fail
    what=$1
    shift
    if "$@" >/dev/null 2>&1; then
        printf 'accepted what it must refuse: %s\n' "$what"
        exit 1
    fi
    say "$what refused"
}

# --- digests: xmllint canonicalises the message without its Signature, openssl digests it
for row in sm2-sm3:sm3 sm2-sm3-field:sha1 rsa-sha256:sha256 ecdsa-sha256:sha256; do
    name=${row%%:*}
    xmllint --nonet --c14n "$name.bare.xml" | openssl dgst "-${row##*:}" -binary | base64 >"$name.theirs"
    [ "$(cat "$name.theirs")" = "$(cat "$name.digest")" ]
    say "digest of $name by xmllint and openssl"
done

# --- xmlsec1 and we
for name in rsa-sha256 ecdsa-sha256; do
    xmlsec1 --verify --pubkey-pem "$name.pub" --enabled-reference-uris empty "$name.xml" 2>/dev/null
    say "xmlsec1 verifies our $name"
    sed 's/>100</>101</' "$name.xml" >"$name.bad.xml"
    refuse "xmlsec1: tampered $name" xmlsec1 --verify --pubkey-pem "$name.pub" "$name.bad.xml"
    refuse "we: tampered $name" "$tool" check "$name" . "$name.bad.xml"
    xmlsec1 --sign --privkey-pem "$name.key,$name.crt" --output "$name.theirs.xml" "$name.foreign"
    "$tool" check "$name" . "$name.theirs.xml"
done

# --- openssl and we: SM2 over the canonical SignedInfo
for name in sm2-sm3 sm2-sm3-field; do
    "$tool" check "$name" . "$name.xml"
    openssl dgst -sm3 -sign "$name.key" -sigopt "distid:$id" -out "$name.der" "$name.info"
    "$tool" embed "$name.template" "$name.der" "$name.openssl.xml"
    "$tool" check "$name" . "$name.openssl.xml"
    openssl dgst -sm3 -sign "$name.key" -out "$name.noid" "$name.info"
    "$tool" embed "$name.template" "$name.noid" "$name.noid.xml"
    refuse "we: $name signed by openssl without the identifier" \
        "$tool" check "$name" . "$name.noid.xml"
done

# --- sm-crypto (npm, pinned) and we
cp "$here/package.json" "$here/package-lock.json" "$here/judge.js" "$work/node/"
cd "$work/node"
if [ ! -d node_modules/sm-crypto ] && ! npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1; then
    echo 'skipped: sm-crypto cannot be installed'
    exit 0
fi
for name in sm2-sm3 sm2-sm3-field; do
    node judge.js "$work/files/$name"
    "$tool" check "$name" "$work/files" "$work/files/$name.smcrypto.xml"
done
