import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { pageFor, wantsPage } from './error-page.ts';

const report = {
  tier: 'static-frontend',
  status: 404,
  reason: 'not-found',
  message: '<b> & "quotes"',
  requestId: 'id-1',
} as const;

test('a page of the site says where and why, and what it says cannot become markup', () => {
  const body = Buffer.from('{{status}} {{reason}} {{tier}} {{request-id}} {{message}} {{other}} {{constructor}}');
  const page = pageFor(report, undefined, { type: 'text/html; charset=utf-8', body });
  assert.equal(
    page.body.toString(),
    '404 not-found static-frontend id-1 &#60;b&#62; &#38; &#34;quotes&#34; {{other}} {{constructor}}',
  );
  assert.equal(field(page.fields, 'content-length'), String(page.body.length));
  assert.equal(field(page.fields, 'cache-control'), 'no-store');
});

test('a page that is no HTML goes out as it is', () => {
  const body = Buffer.from('{{status}} \xff', 'latin1');
  assert.deepEqual(pageFor(report, undefined, { type: 'image/png', body }).body, body);
});

test('without a page of the site there is the kit’s', () => {
  assert.match(pageFor(report, 'text/html', undefined).body.toString(), /static-frontend/);
});

for (const [accept, expected] of [
  [undefined, true],
  ['*/*', true],
  ['text/html,application/json;q=0.9', true],
  ['application/json', false],
] as const) {
  test(`Accept: ${accept} ${expected ? 'wants' : 'does not want'} a page`, () =>
    assert.equal(wantsPage(accept), expected));
}
