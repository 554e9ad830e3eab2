import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { signSticky, stickyId, verifySticky } from './sticky.ts';

const secret = 'sixteen letters!';
const id = stickyId({ kind: 'tcp', host: '10.0.0.1', port: 80 });
const signed = signSticky(id, secret);

describe('the id of a member', () => {
  test('is the same for the same address, of eight characters that a cookie may have', () => {
    assert.equal(id, stickyId({ kind: 'tcp', host: '10.0.0.1', port: 80 }));
    assert.match(id, /^[\w-]{8}$/);
  });

  test('differs between hosts, ports and sockets', () => {
    const ids = [
      id,
      stickyId({ kind: 'tcp', host: '10.0.0.1', port: 81 }),
      stickyId({ kind: 'tcp', host: '10.0.0.2', port: 80 }),
      stickyId({ kind: 'unix', path: '/run/app.sock' }),
    ];
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('a signed cookie', () => {
  test('is the id and its HMAC-SHA256 in base64url, cut off', () => {
    const mac = createHmac('sha256', secret).update(id).digest('base64url');
    assert.equal(signed, `${id}.${mac.slice(0, 22)}`);
    assert.equal(verifySticky(signed, secret), id);
  });

  for (const [what, value] of [
    ['of another secret', signSticky(id, 'another secret!!')],
    ['of another id', `${stickyId({ kind: 'unix', path: '/a' })}${signed.slice(8)}`],
    ['without a signature', id],
    ['with an empty signature', `${id}.`],
    ['cut off', signed.slice(0, -1)],
    ['with something behind it', `${signed}A`],
    ['in quotes', `"${signed}"`],
    ['that is empty', ''],
    ['with the dot elsewhere', `${signed.slice(0, 7)}.${signed.slice(7, 8)}${signed.slice(9)}`],
    ['with characters beyond latin-1', `${signed.slice(0, -1)}${String.fromCharCode(0x100 + signed.charCodeAt(30))}`],
    ['with characters of many bytes', '€'.repeat(31)],
  ] as const) {
    test(`${what} is none`, () => assert.equal(verifySticky(value, secret), undefined));
  }

  test('is none with any one character changed, also where base64 does not look at it', () => {
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = `${signed.slice(0, at)}${character}${signed.slice(at + 1)}`;
        assert.equal(verifySticky(changed, secret), changed === signed ? id : undefined);
      }),
    );
    const last = signed.at(-1) ?? '';
    for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      if (other !== last) assert.equal(verifySticky(signed.slice(0, -1) + other, secret), undefined);
    }
  });
});
