import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Listing } from './list-folder.ts';
import { listingJson, listingPage } from './listing-page.ts';

const mtime = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const time = '2026-01-02T03:04:05.006Z';

function listing(entries: readonly Entry[], isWhole = true): Listing {
  return { entries, isWhole };
}

function file(name: string): Entry {
  return { name, type: 'file', size: 1, mtime };
}

function rows(page: string): string[] {
  return page.split('\n').filter((line) => line.startsWith('<tr><td>'));
}

test('a folder has a slash and no size, a file its size in bytes, both their time', () => {
  const entries: Entry[] = [
    { name: 'd', type: 'folder', mtime },
    { name: 'f', type: 'file', size: 0, mtime },
  ];
  assert.deepEqual(rows(listingPage('/', listing(entries))), [
    `<tr><td><a href="d/">d/</a><td><td>${time}`,
    `<tr><td><a href="f">f</a><td>0<td>${time}`,
  ]);
  assert.equal(
    listingJson(listing(entries)),
    `[{"name":"d","type":"folder","mtime":"${time}"},{"name":"f","type":"file","size":0,"mtime":"${time}"}]\n`,
  );
});

test('entries come in the order in which they are given', () => {
  const given = listing(['b', 'a'].map(file));
  assert.deepEqual(
    rows(listingPage('/', given)).map((row) => /href="(.)"/.exec(row)?.[1]),
    ['b', 'a'],
  );
  assert.match(listingJson(given), /"b".*"a"/);
});

for (const [path, up] of [
  ['/', 0],
  ['/d/', 1],
  ['/d/e/', 1],
] as const) {
  test(`from ${path} ${up === 1 ? 'a row leads up' : 'nothing leads up'}, empty or not`, () => {
    const page = listingPage(path, listing([]));
    assert.deepEqual(rows(page), up === 1 ? ['<tr><td><a href="../">../</a><td><td>'] : []);
    assert.equal(listingJson(listing([])), '[]\n');
  });
}

for (const [name, href, text] of [
  ['a b', 'a%20b', 'a b'],
  ['javascript:x', 'javascript%3Ax', 'javascript:x'],
  ['?q#f', '%3Fq%23f', '?q#f'],
  ['100%', '100%25', '100%'],
  ['é😀', '%C3%A9%F0%9F%98%80', 'é😀'],
  [`<"'&>`, `%3C%22'%26%3E`, '&#60;&#34;&#39;&#38;&#62;'],
  ['&lt;', '%26lt%3B', '&#38;lt;'],
] as const) {
  test(`the link to ${name} leads to it, and its text is text`, () => {
    assert.equal(
      rows(listingPage('/', listing([file(name)])))[0],
      `<tr><td><a href="${href}">${text}</a><td>1<td>${time}`,
    );
    assert.equal(decodeURIComponent(href), name);
    assert.equal(JSON.parse(listingJson(listing([file(name)])))[0].name, name);
  });
}

test('the path is text in title and heading', () => {
  const page = listingPage('/</title><script>/', listing([]));
  assert.match(page, /<title>Index of \/&#60;\/title&#62;&#60;script&#62;\/<\/title>/);
  assert.match(page, /<h1>Index of \/&#60;\/title&#62;&#60;script&#62;\/<\/h1>/);
  assert.doesNotMatch(page, /<script/);
});

test('a page that is not whole says of how many it tells; one that is says nothing', () => {
  assert.match(listingPage('/', listing([file('a'), file('b')], false)), /There is more: these are 2 of the entries/);
  assert.doesNotMatch(listingPage('/', listing([file('a')])), /There is more/);
});

test('a time that no calendar has does not take the listing down', () => {
  for (const [at, expected] of [
    [9e15, '+275760-09-13T00:00:00.000Z'],
    [-9e15, '-271821-04-20T00:00:00.000Z'],
    [0.9, '1970-01-01T00:00:00.000Z'],
  ] as const) {
    const given = listing([{ name: 'f', type: 'file', size: 1, mtime: at }]);
    assert.ok(listingPage('/', given).includes(expected), expected);
    assert.equal(JSON.parse(listingJson(given))[0].mtime, expected);
  }
});
