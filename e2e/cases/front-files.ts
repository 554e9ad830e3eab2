import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask } from '../ask.ts';
import { asData, doors, folder, reason, underSite } from '../front.ts';
import type { Case } from '../topology.ts';

const digits = '0123456789'.repeat(100);

/** The hashed names of stylesheets and alike, and names that only look so. */
const lifetimes: readonly (readonly [name: string, control: RegExp | undefined])[] = [
  ['page.html', /^no-cache$/],
  ['app.3f9a2b1c.js', /max-age=31536000.*immutable/],
  ['app-3f9a2b1c.css', /max-age=31536000.*immutable/],
  ['report-20261231.txt', undefined],
  ['plain.txt', undefined],
];

const siblings = [
  { coding: 'zstd', end: 'zst', pack: zstdCompressSync },
  { coding: 'br', end: 'br', pack: brotliCompressSync },
  { coding: 'gzip', end: 'gz', pack: gzipSync },
] as const;

/** The files of a site, as browsers and caches ask for them. */
export const frontFiles: readonly Case[] = [
  {
    name: 'a file is confirmed by tag and by date, and a wrong precondition is 412',
    async run(stack) {
      const place = await folder(stack, { 'a.txt': digits });
      for (const door of doors(stack)) {
        const page = new URL(`${place}a.txt`, door);
        const { status, headers } = await ask(page);
        const [etag, modified] = [String(headers.etag), String(headers['last-modified'])];
        assert.deepEqual([status, /^"[^"]+"$/.test(etag)], [200, true], 'the tag is strong');
        const asked = async (fields: Record<string, string>) => (await ask(page, { headers: fields })).status;
        assert.equal(await asked({ 'if-none-match': etag }), 304);
        assert.equal(await asked({ 'if-none-match': `"other", W/${etag}` }), 304);
        assert.equal(await asked({ 'if-none-match': '"other"', 'if-modified-since': modified }), 200);
        assert.equal(await asked({ 'if-modified-since': modified }), 304);
        assert.equal(await asked({ 'if-modified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' }), 200);
      }
      const page = new URL(`${place}a.txt`, stack.front);
      assert.equal((await ask(page, { headers: { 'if-match': '"other"' } })).status, 412);
      assert.equal((await ask(page, { headers: { 'if-match': '*' } })).status, 200);
    },
  },
  {
    name: 'parts of a file: one, several, none that is there, and only while it is the same file',
    async run(stack) {
      const page = new URL(`${await folder(stack, { 'a.txt': digits })}a.txt`, stack.front);
      const part = (range: string, more = {}) => ask(page, { headers: { range, ...more } });
      const one = await part('bytes=10-19');
      assert.deepEqual([one.status, one.headers['content-range'], one.text], [206, 'bytes 10-19/1000', '0123456789']);
      const several = await part('bytes=990-,0-4');
      const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(String(several.headers['content-type']))?.[1];
      const parts = several.text.split(`--${boundary}`);
      assert.deepEqual([several.status, parts.length], [206, 4]);
      assert.match(parts[1] ?? '', /Content-Range: bytes 990-999\/1000\r\n\r\n0123456789\r\n$/i);
      assert.match(parts[2] ?? '', /Content-Range: bytes 0-4\/1000\r\n\r\n01234\r\n$/i);
      const beyond = await part('bytes=1000-');
      assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */1000']);
      const { etag } = one.headers;
      assert.equal((await part('bytes=0-4', { 'if-range': String(etag) })).status, 206);
      assert.equal((await part('bytes=0-4', { 'if-range': '"other"' })).status, 200);
      const many = Array.from({ length: 17 }, (_, at) => `${at * 20}-${at * 20 + 1}`).join(',');
      assert.equal((await part(`bytes=${many}`)).status, 200, 'more than 16 parts are the whole');
    },
  },
  {
    name: 'a compressed sibling goes to whoever takes it, with a tag of its own and Vary, and not when it is stale',
    async run(stack) {
      const packed = siblings.map(({ end, pack }) => [`a.txt.${end}`, pack(digits)] as const);
      const place = await folder(stack, { 'a.txt': digits, ...Object.fromEntries(packed) });
      for (const door of doors(stack)) {
        const page = new URL(`${place}a.txt`, door);
        const asked = (accepted: string) => ask(page, { headers: { 'accept-encoding': accepted } });
        const tags = new Set<unknown>([(await asked('identity')).headers.etag]);
        for (const { coding, end } of siblings) {
          const { headers, body } = await asked(coding);
          assert.equal(headers['content-encoding'], coding);
          assert.match(String(headers.vary), /accept-encoding/i);
          assert.deepEqual(body, Object.fromEntries(packed)[`a.txt.${end}`]);
          tags.add(headers.etag);
        }
        assert.equal(tags.size, 4);
        assert.equal((await asked('gzip;q=0.1, br;q=0.2')).headers['content-encoding'], 'br');
        assert.equal((await asked('deflate')).text, digits);
      }
      const [old, now] = [new Date(Date.now() - 60_000), new Date()];
      for (const { end } of siblings) await utimes(join(stack.root, place, `a.txt.${end}`), old, old);
      await utimes(join(stack.root, place, 'a.txt'), now, now);
      const page = new URL(`${place}a.txt`, stack.front);
      await eventually(async () => {
        const { headers, text } = await ask(page, { headers: { 'accept-encoding': 'br' } });
        assert.deepEqual([headers['content-encoding'], text], [undefined, digits]);
      });
    },
  },
  {
    name: 'HTML is asked for again, names with a hash are kept for a year, of the rest nothing is said',
    async run(stack) {
      const place = await folder(stack, Object.fromEntries(lifetimes.map(([name]) => [name, 'x'])));
      for (const [name, control] of lifetimes) {
        const { headers } = await ask(new URL(place + name, stack.front));
        if (control === undefined) assert.equal(headers['cache-control'], undefined, name);
        else assert.match(String(headers['cache-control']), control, name);
      }
    },
  },
  {
    name: 'hidden files are not there, but for those of .well-known; the error wears the security headers',
    async run(stack) {
      const place = await folder(stack, { '.env': 'secret', '.git/config': 'secret', 'a.txt': 'a' });
      await underSite(stack, "routes: [{ path: '/', files: '.' }],", async () => {
        for (const door of doors(stack)) {
          for (const path of ['.env', '.git/config', '%2eenv', 'a.txt/.env', 'none.txt']) {
            const { status, headers, text } = await ask(new URL(place, door), { path: place + path });
            assert.equal(status, 404, path);
            assert.doesNotMatch(text, /secret/);
            assert.equal(headers['x-content-type-options'], 'nosniff');
            assert.match(String(headers['x-frame-options']), /^(?:SAMEORIGIN|DENY)$/);
            for (const name of ['referrer-policy', 'permissions-policy', 'content-security-policy']) {
              assert.ok(headers[name], `${name} of ${path}`);
            }
          }
        }
      });
      await folder(stack, { '../.well-known/security.txt': 'Contact: mailto:a@example.org' });
      assert.match((await ask(new URL('/.well-known/security.txt', stack.front))).text, /^Contact/);
    },
  },
  {
    name: 'a folder without its slash is redirected to where the client is, and one with it answers with its index',
    async run(stack) {
      const place = await folder(stack, { 'index.html': '<p>here', 'sub/index.html': '<p>below' });
      for (const door of doors(stack)) {
        const { status, headers } = await ask(new URL(`${place}sub?a=b`, door), { headers: { host: 'example.org' } });
        assert.deepEqual([status, headers.location], [301, `${place}sub/?a=b`]);
        assert.equal((await ask(new URL(`${place}sub/`, door))).text, '<p>below');
      }
      const posted = await ask(new URL(`${place}index.html`, stack.front), { method: 'POST', headers: asData });
      assert.deepEqual([posted.status, posted.headers.allow, reason(posted)], [405, 'GET, HEAD', 'method-not-allowed']);
    },
  },
  {
    name: 'a listing is a page for people and a list for programs, without what is hidden',
    async run(stack) {
      const place = await folder(stack, { 'b & c.txt': 'xyz', '.hidden': '', 'sub/x': '' });
      await underSite(stack, "routes: [{ path: '/', files: '.', listing: true }],", async () => {
        for (const door of doors(stack)) {
          const page = await ask(new URL(place, door), { headers: { accept: 'text/html' } });
          assert.match(page.text, /href="sub\/".*href="b%20%26%20c\.txt">b &(?:amp|#38); c\.txt/s);
          assert.doesNotMatch(page.text, /hidden/);
          const list = JSON.parse((await ask(new URL(place, door), { headers: asData })).text);
          assert.deepEqual(
            list.map(({ name, type, size }: Record<string, unknown>) => [name, type, size]),
            [
              ['sub', 'folder', undefined],
              ['b & c.txt', 'file', 3],
            ],
          );
        }
      });
    },
  },
  {
    name: 'names are tried in order, and what is no file is one page for all paths, or a status',
    async run(stack) {
      const place = await folder(stack, { 'about.html': 'about', 'app/index.html': 'app' });
      const members = `routes: [
    { path: '${place}app/', files: '.', otherwise: { file: '${place.slice(1)}app/index.html' } },
    { path: '${place}gone/', files: '.', otherwise: { returns: 410 } },
    { path: '/', files: '.', try: ['{path}', '{path}.html', '{path}/index.html'] },
  ],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const asked = async (path: string) => {
            const { status, text } = await ask(new URL(place + path, door));
            return [status, status === 200 && text];
          };
          assert.deepEqual(await asked('about'), [200, 'about']);
          assert.deepEqual(await asked('app'), [200, 'app']);
          assert.deepEqual(await asked('app/any/where?x=1'), [200, 'app']);
          assert.deepEqual(await asked('gone/x'), [410, false]);
          assert.deepEqual(await asked('nothing'), [404, false]);
        }
      });
    },
  },
  {
    name: 'errors have the site’s page and their own status, and programs get data',
    async run(stack) {
      const place = await folder(stack, { 'e.html': '<h1>{{status}} {{reason}}</h1>' });
      const members = `routes: [{ path: '/', files: '.' }],\n  errorPages: { 404: '${place.slice(1)}e.html' },`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const page = await ask(new URL(`${place}none`, door), { headers: { accept: 'text/html' } });
          assert.deepEqual([page.status, page.text], [404, '<h1>404 not-found</h1>']);
          const data = await ask(new URL(`${place}none`, door), { headers: asData });
          assert.partialDeepStrictEqual(JSON.parse(data.text), { tier: 'static-frontend', reason: 'not-found' });
        }
      });
    },
  },
  {
    name: 'a file that changes while it is asked for again and again is seen within a second',
    async run(stack) {
      const place = await folder(stack, { 'a.txt': 'before' });
      const page = new URL(`${place}a.txt`, stack.front);
      // A file that has just been written is looked at each time; this one may be kept in memory.
      const before = new Date(Date.now() - 60_000);
      await utimes(join(stack.root, place, 'a.txt'), before, before);
      for (let i = 0; i < 20; i++) assert.equal((await ask(page)).text, 'before');
      await writeFile(join(stack.root, place, 'a.txt'), 'after it');
      await eventually(async () => assert.equal((await ask(page)).text, 'after it'), 1000);
    },
  },
];
