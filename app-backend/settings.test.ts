import assert from 'node:assert/strict';
import { test } from 'node:test';
import { underPreset } from '@trivet/kit/process/preset.ts';
import { load, SettingsProblem } from '@trivet/kit/process/settings.ts';
import { SLACK_MS } from '@trivet/kit/process/workers/crew.ts';
import { presets, rules, settings } from './settings.ts';

for (const [env, listen] of [
  [{}, { kind: 'tcp', host: '127.0.0.1', port: 8000 }],
  [{ PORT: '5000' }, { kind: 'tcp', host: '0.0.0.0', port: 5000 }],
  [
    { PORT: '5000', APP_LISTEN: '127.0.0.1:6000' },
    { kind: 'tcp', host: '127.0.0.1', port: 6000 },
  ],
  [{ APP_LISTEN: 'unix:/run/app.sock' }, { kind: 'unix', path: '/run/app.sock' }],
  [
    { APP_LISTEN: '[::1]:1, unix:/run/app.sock' },
    { kind: 'tcp', host: '::1', port: 1, more: [{ kind: 'unix', path: '/run/app.sock' }] },
  ],
] as const) {
  test(`${JSON.stringify(env)} listens at ${JSON.stringify(listen)}`, () => {
    assert.deepEqual(load(settings, env).listen, listen);
  });
}

for (const [env, workers] of [
  [{}, 1],
  [{ WEB_CONCURRENCY: '3' }, 3],
  [{ WEB_CONCURRENCY: '3', APP_WORKERS: '2' }, 2],
] as const) {
  test(`${JSON.stringify(env)} asks for ${workers} workers`, () => {
    assert.equal(load(settings, env).workers, workers);
  });
}

for (const [text, application] of [
  ['app.ts:application', { file: 'app.ts', name: 'application' }],
  ['/srv/a:b/app.ts:main', { file: '/srv/a:b/app.ts', name: 'main' }],
] as const) {
  test(`the application ${text} is parted at its last colon`, () => {
    assert.deepEqual(load(settings, { APP_APPLICATION: text }, rules).application, { text, ...application });
  });
}

for (const [text, mount] of [
  ['', ''],
  ['/', ''],
  ['/shop/', '/shop'],
] as const) {
  test(`the mount ${JSON.stringify(text)} is the SCRIPT_NAME ${JSON.stringify(mount)}`, () => {
    assert.equal(load(settings, { APP_MOUNT: text }).mount, mount);
  });
}

test('peers on this machine are believed, and nobody is when the list is empty', () => {
  const usual = load(settings, {}).trustedProxies;
  assert.deepEqual(['127.0.0.1', '::1', 'unix', '192.0.2.1'].map(usual), [true, true, true, false]);
  const nobody = load(settings, { APP_TRUSTED_PROXIES: '' }).trustedProxies;
  assert.deepEqual(['127.0.0.1', 'unix'].map(nobody), [false, false]);
});

for (const [env, complaint] of [
  [{ APP_RUNTIME: 'python' }, /APP_APPLICATION: "app-backend\/app.ts:application" is not MODULE:CALLABLE/],
  [{ APP_RUNTIME: 'python', APP_APPLICATION: 'shop:' }, /APP_APPLICATION: "shop:" is not/],
  [{ APP_RUNTIME: 'python', APP_APPLICATION: 'shop:app(' }, /APP_APPLICATION/],
  [{ APP_RUNTIME: 'python', APP_APPLICATION: 'shop', APP_PYTHON: '' }, /APP_PYTHON: must name a program/],
  [{ APP_THREADS: '0' }, /APP_THREADS/],
  [{ APP_PRELOAD: 'yes' }, /APP_PRELOAD/],
  [{ APP_HOOKS: 'hooks.py/' }, /APP_HOOKS: "hooks.py\/" is no name of a module/],
  [{ APP_RUNTIME: 'ruby' }, /APP_RUNTIME: "ruby" is no runtime/],
  [{ APP_APPLICATION: 'app.ts' }, /APP_APPLICATION: "app.ts" is not FILE:NAME/],
  [{ APP_APPLICATION: 'app.ts:' }, /APP_APPLICATION/],
  [{ APP_APPLICATION: ':application' }, /APP_APPLICATION/],
  [{ APP_WORKERS: '0' }, /APP_WORKERS/],
  [{ WEB_CONCURRENCY: 'many' }, /WEB_CONCURRENCY/],
  [{ PORT: 'eighty' }, /PORT/],
  [{ APP_MOUNT: '//evil.example' }, /APP_MOUNT/],
  [{ APP_REQUEST_TIMEOUT: '5' }, /APP_REQUEST_TIMEOUT/],
] as const) {
  test(`${JSON.stringify(env)} is a problem that is named`, () => {
    assert.throws(
      () => load(settings, env, rules),
      (error) => error instanceof SettingsProblem && complaint.test(error.message),
    );
  });
}

const paas = underPreset(settings, presets, 'paas');

test('the preset paas is for a platform that waits 30 s for an answer, and keeps its own connections for 90 s', () => {
  const { listen, idleTimeout, requestTimeout, gracefulTimeout, logFormat, workers } = load(paas, {
    PORT: '5000',
    WEB_CONCURRENCY: '2',
  });
  assert.deepEqual(listen, { kind: 'tcp', host: '0.0.0.0', port: 5000 });
  assert.deepEqual([idleTimeout, requestTimeout, gracefulTimeout], [95_000, 25_000, 20_000]);
  assert.deepEqual([logFormat, workers], ['json', 2]);
  assert.ok(gracefulTimeout + SLACK_MS < 30_000, 'a worker that hangs is ended before the platform ends the server');
  assert.equal(load(paas, { APP_LISTEN: '127.0.0.1:1', APP_IDLE_TIMEOUT: '5s' }).idleTimeout, 5_000);
});

for (const [rows, env, complaint] of [
  [paas, {}, /^PORT: it is not set, .* APP_PRESET=paas/],
  [settings, { APP_PRESET: 'heroku' }, /^APP_PRESET: "heroku" is no preset; there is paas$/],
] as const) {
  test(`${JSON.stringify(env)} is a problem of presets`, () => {
    assert.throws(() => load(rows, env), { message: complaint });
  });
}
