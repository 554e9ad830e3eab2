import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pythonApplication } from './settings.ts';

for (const [given, name] of [
  ['shop', 'shop:application'],
  ['shop.wsgi', 'shop.wsgi:application'],
  ['shop.wsgi:app', 'shop.wsgi:app'],
  ['shop.wsgi:make_app()', 'shop.wsgi:make_app()'],
  ['shop:site.app', 'shop:site.app'],
  ["shop:make('x', debug=True)", "shop:make('x', debug=True)"],
  ['shop:make(', undefined],
  ['ladé.größe:α', 'ladé.größe:α'],
  ['', undefined],
  [':app', undefined],
  ['shop:', undefined],
  ['shop:app:app', undefined],
  ['shop..wsgi', undefined],
  ['shop/wsgi.py:app', undefined],
  ['1shop:app', undefined],
  ['shop;import os', undefined],
] as const) {
  test(`the Python application ${JSON.stringify(given)} is ${name}`, () => {
    assert.equal(pythonApplication(given), name);
  });
}
