import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appNameOf } from './app-name.ts';

describe('what is to be run', () => {
  for (const [text, forced, runtime, application] of [
    ['app.ts:main', undefined, 'node', 'app.ts:main'],
    ['app.ts', undefined, 'node', 'app.ts:application'],
    ['./dist/app.mjs:x', undefined, 'node', './dist/app.mjs:x'],
    ['/srv/a:b/app.ts', undefined, 'node', '/srv/a:b/app.ts:application'],
    ['shop', undefined, 'python', 'shop:application'],
    ['shop.wsgi:app', undefined, 'python', 'shop.wsgi:app'],
    ['shop:create("a:b")', undefined, 'python', 'shop:create("a:b")'],
    ['shop.ts:app', 'python', 'python', 'shop.ts:app'],
    ['server:app', 'node', 'node', 'server:app'],
  ] as const) {
    test(`${text}${forced ? ` with ${forced}` : ''} is ${application} of ${runtime}`, () => {
      assert.deepEqual(appNameOf(text, forced), { runtime, application });
    });
  }

  for (const [text, forced, why] of [
    ['app.ts:', undefined, /"app.ts:" is not FILE:NAME/],
    [':app', undefined, /is not MODULE:NAME/],
    ['shop:', undefined, /is not MODULE:NAME/],
    ['sh op:app', undefined, /is not MODULE:NAME/],
    ['shop.py:app', undefined, /is a path, and a module is wanted: shop:app$/],
    ['web/shop.py:app', undefined, /is a path, and a module is wanted: shop:app, from web \(--chdir, or APP_CHDIR\)$/],
    ['web/shop.py', undefined, /: shop:application, from web \(/],
    ['shop.py:app', 'node', /is a file of Python: name its module/],
  ] as const) {
    test(`${text} is refused`, () => assert.throws(() => appNameOf(text, forced), { message: why }));
  }
});
