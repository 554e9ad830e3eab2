import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { loadSite, siteOf } from './load-site.ts';

const application = () => [];
const handler = () => undefined;

test('the sample application is a site with a mount and an upgrade', async () => {
  const site = await loadSite({ file: 'app.ts', name: 'application', folder: `${import.meta.dirname}/..` });
  assert.equal(typeof site.application, 'function');
  assert.deepEqual([Object.keys(site.mounts), Object.keys(site.upgrades)], [['/express'], ['/ws']]);
});

test('an application needs no mounts and no upgrades', () => {
  assert.deepEqual(siteOf(application, {}, 'app.ts:'), { application, mounts: {}, upgrades: {} });
});

for (const [what, value, module, complaint] of [
  ['an application that is no function', {}, {}, /the application is not a function/],
  ['mounts that are no object', application, { mounts: 5 }, /mounts is not an object/],
  ['a mount that is no function', application, { mounts: { '/a': 5 } }, /what is at \/a is not a function/],
  ['a mount at the root', application, { mounts: { '/': handler } }, /"\/" is not a path/],
  ['a mount with a slash at its end', application, { mounts: { '/a/': handler } }, /"\/a\/" is not a path/],
  ['an upgrade without a slash', application, { upgrades: { ws: handler } }, /"ws" is not a path/],
] as const) {
  test(`${what} is a problem at the start`, () => {
    assert.throws(
      () => siteOf(value, module, 'app.ts:'),
      (error) => error instanceof StartProblem && complaint.test(error.message),
    );
  });
}

for (const [file, name, complaint] of [
  ['none.ts', 'application', /there is no file \S+none\.ts$/],
  ['shop.wsgi', 'app', /there is no file \S+shop\.wsgi; a module of Python needs APP_RUNTIME=python$/],
  ['app.ts', 'none', /has no export "none"/],
] as const) {
  test(`${file}:${name} is a problem at the start`, async () => {
    await assert.rejects(loadSite({ file, name, folder: `${import.meta.dirname}/..` }), complaint);
  });
}
