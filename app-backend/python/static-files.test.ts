// Django's admin with its static files by APP_STATIC: what people put WhiteNoise, or a web server, in front of it for.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { djangoSite } from '../src/testing/django-site.ts';
import { whyNotPackages } from '../src/testing/python-peers.ts';
import { ownPython, programsFolder } from '../src/testing/python-servers.ts';

const skip = whyNotPackages('django');

/** The project, which serves no files itself, behind the folder that `collectstatic` filled. */
async function served(mount = '') {
  await using own = new AsyncDisposableStack();
  const { environment, staticFolder } = own.use(await djangoSite());
  const server = own.use(
    await ownPython({
      application: 'djangoproject.wsgi:application',
      chdir: programsFolder,
      environment: { ...environment, APP_STATIC: `/static/=${staticFolder}`, APP_MOUNT: mount, LOG_FORMAT: 'json' },
    }),
  );
  const all = own.move();
  return { ...server, staticFolder, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

test('the admin has its style, which no worker is asked for, and pages are Django’s', { skip }, async () => {
  await using site = await served();
  const page = await fetch(`${site.url}/admin/login/`);
  assert.equal(page.status, 200);
  const links = [...(await page.text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, link = '']) => link);
  assert.ok(links.length >= 3, String(links));
  for (const link of links) {
    const file = await fetch(site.url + link);
    assert.equal(file.status, 200, link);
    assert.match(file.headers.get('content-type') ?? '', link.endsWith('.css') ? /^text\/css/ : /javascript/, link);
    const stored = await readFile(join(site.staticFolder, link.slice('/static/'.length)));
    assert.deepEqual(Buffer.from(await file.arrayBuffer()), stored);
  }
});

test('files answer HEAD, ranges and conditions, and no other methods', { skip }, async () => {
  await using site = await served();
  const url = `${site.url}/static/admin/css/base.css`;
  const whole = await fetch(url);
  const body = Buffer.from(await whole.arrayBuffer());
  const head = await fetch(url, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(body.length));
  const part = await fetch(url, { headers: { Range: 'bytes=5-9' } });
  assert.deepEqual([part.status, await part.text()], [206, body.toString('latin1', 5, 10)]);
  const same = await fetch(url, { headers: { 'If-None-Match': whole.headers.get('etag') ?? '' } });
  assert.equal(same.status, 304);
  const posted = await fetch(url, { method: 'POST', body: 'x' });
  assert.deepEqual([posted.status, posted.headers.get('allow')?.includes('GET')], [405, true]);
});

test('a file that is not there is a 404 whose log line says where it was looked for', { skip }, async () => {
  await using site = await served();
  assert.equal((await fetch(`${site.url}/static/admin/none.css`)).status, 404);
  await eventually(() => assert.ok(site.said().includes(`no file ${site.staticFolder}/admin/none.css`), site.said()));
});

test('files, pages and uploads take turns on one connection, below a mount', { skip }, async () => {
  await using site = await served('/shop');
  const asked = (line: string, more = '') => `${line} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
  const answer = await rawExchange(
    site.port,
    [
      asked('GET /shop/static/admin/css/base.css'),
      asked('HEAD /shop/admin/login/'),
      `${asked('POST /shop/static/admin/css/base.css', 'Content-Length: 5\r\n')}GET /`,
      asked('GET /static/admin/css/base.css'),
      asked('GET /shop/static/../admin/login/'),
      asked('HEAD /shop/static/admin/css/base.css', 'Connection: close\r\n'),
    ].join(''),
  );
  const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  assert.deepEqual(statuses, ['200', '200', '405', '404', '404', '200']);
});
