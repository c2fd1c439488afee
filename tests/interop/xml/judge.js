// SPDX-License-Identifier: Apache-2.0
// sm-crypto verifies our SM2 value, refuses a changed one, and signs our template.
// node judge.js FILES-WITHOUT-ENDING
'use strict';
const fs = require('fs');
const { sm2 } = require('sm-crypto');

const base = process.argv[2];
const read = (ending) => fs.readFileSync(base + ending, 'utf8');
const info = read('.info');
const value = read('.value');
const pub = read('.pubhex');
const options = { hash: true, der: false, userId: '1234567812345678' };

if (!sm2.doVerifySignature(info, value, pub, options)) throw new Error('our value does not verify');
if (sm2.doVerifySignature(info + '\n', value, pub, options)) throw new Error('newline made no difference');
if (sm2.doVerifySignature(info, value, pub, { ...options, userId: '' })) throw new Error('identifier made no difference');
console.log('ok: sm-crypto verifies ' + base);

const raw = sm2.doSignature(info, read('.privhex'), { ...options, publicKey: pub });
const signed = read('.template').replace('@VALUE@', Buffer.from(raw, 'hex').toString('base64'));
fs.writeFileSync(base + '.smcrypto.xml', signed);
// OpenSSL's DER form of the same operation
const der = fs.readFileSync(base + '.der').toString('hex');
if (!sm2.doVerifySignature(info, der, pub, { ...options, der: true })) throw new Error('openssl value does not verify');
console.log('ok: sm-crypto verifies openssl for ' + base);
