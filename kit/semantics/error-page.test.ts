import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorReport, errorPage } from './error-page.ts';
import { field } from './fields.ts';

const report: ErrorReport = {
  tier: 'edge-cache',
  status: 503,
  reason: 'refused',
  message: 'front at 127.0.0.1:8081 refused the connection',
  requestId: 'abc-1',
};

test('the page names status, tier, reason, message and request', () => {
  const { fields, body } = errorPage(report, 'text/html');
  for (const word of ['503 Service Unavailable', 'edge-cache', 'refused', report.message, 'abc-1']) {
    assert.ok(body.toString().includes(word), word);
  }
  assert.equal(field(fields, 'content-type'), 'text/html; charset=utf-8');
});

for (const [accept, type] of [
  [undefined, 'text/html; charset=utf-8'],
  ['*/*', 'text/html; charset=utf-8'],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
  ['image/png', 'text/html; charset=utf-8'],
  ['application/json', 'application/json'],
  ['application/json, */*;q=0.1', 'application/json'],
  ['text/html;q=0.5, application/json', 'application/json'],
] as const) {
  test(`Accept: ${accept} is answered with ${type}`, () => {
    assert.equal(field(errorPage(report, accept).fields, 'content-type'), type);
  });
}

test('JSON says the same as the page', () => {
  assert.deepEqual(JSON.parse(errorPage(report, 'application/json').body.toString()), report);
});

test('the page is never stored, sniffed, framed or run', () => {
  for (const accept of ['text/html', 'application/json']) {
    const { fields, body } = errorPage(report, accept);
    assert.equal(field(fields, 'cache-control'), 'no-store');
    assert.equal(field(fields, 'x-content-type-options'), 'nosniff');
    assert.equal(field(fields, 'x-frame-options'), 'DENY');
    assert.equal(field(fields, 'referrer-policy'), 'no-referrer');
    assert.equal(field(fields, 'content-security-policy'), "default-src 'none'; style-src 'unsafe-inline'");
    assert.equal(field(fields, 'content-length'), String(body.length));
  }
});

test('nothing that a client sent becomes markup', () => {
  const attack = `<script>alert("1")</script>&'`;
  const { body } = errorPage({ ...report, message: attack, reason: attack, requestId: attack }, undefined);
  assert.ok(!body.toString().includes('<script'));
  assert.ok(body.toString().includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;'));
});

test('the length counts bytes', () => {
  const { fields, body } = errorPage({ ...report, message: 'é漢' }, 'application/json');
  assert.equal(field(fields, 'content-length'), String(body.length));
});
