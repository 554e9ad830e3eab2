import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { badPath, nothingHere, type PlaceRequest, StaticPlace } from './static-place.ts';

const entries = {
  'a.txt': 'abc',
  'empty.txt': '',
  'docs/index.html': 'docs',
  'bare/a.txt': 'a',
  '.well-known/x': 'w',
  '.hidden': 'h',
};

const asked = (path: string, over: Partial<PlaceRequest> = {}): PlaceRequest => ({
  ...{ path, opaque: false, method: 'GET', fields: [], query: undefined, base: '', id: 'id' },
  ...over,
});

async function answerTo(request: PlaceRequest, prefix = '/s/') {
  await using tree = await fileTree(entries);
  const place = new StaticPlace({ root: tree.path, prefix, maxAge: 60 }, 'APP_STATIC');
  assert.equal(place.covers(request.path), true);
  const answer = await place.answer(request);
  if (answer.verdict === 'file') await answer.file.handle.close();
  return { answer, root: tree.path };
}

describe('a place answers', () => {
  for (const [path, over, expected] of [
    ['/s/a.txt', {}, 'file 200'],
    ['/s/a.txt', { method: 'HEAD' }, 'answer 200'],
    ['/s/a.txt', { method: 'POST' }, 'answer 405'],
    ['/s/a.txt', { fields: ['if-match', '"x"'] }, 'answer 412'],
    ['/s/a.txt', { fields: ['range', 'bytes=9-'] }, 'answer 416'],
    ['/s/empty.txt', {}, 'answer 200'],
    ['/s/docs/', {}, 'file 200'],
    ['/s/docs', {}, 'answer 301'],
    ['/s/docs', { method: 'POST' }, 'answer 405'],
    ['/s/bare/', {}, 'answer 404'],
    ['/s/gone', {}, 'nothing'],
    ['/s/.hidden', {}, 'answer 404'],
    ['/s/.well-known/x', {}, 'answer 404'],
  ] as const) {
    test(`${path} ${JSON.stringify(over)} with ${expected}`, async () => {
      const { answer } = await answerTo(asked(path, over));
      assert.equal(answer.verdict === 'nothing' ? 'nothing' : `${answer.verdict} ${answer.head.status}`, expected);
    });
  }

  test('what is well-known at the top alone', async () => {
    assert.equal((await answerTo(asked('/.well-known/x'), '/')).answer.verdict, 'file');
  });

  test('what is withheld as if it was not there; the log says why', async () => {
    const { answer, root } = await answerTo(asked('/s/.hidden'));
    assert.ok(answer.verdict === 'answer');
    assert.equal(answer.why, `${root}/.hidden: hidden`);
    assert.ok(!String(answer.body).includes(root));
  });

  test('what is not there with where it was looked for', async () => {
    const { answer, root } = await answerTo(asked('/s/x/gone'));
    assert.deepEqual(answer, { verdict: 'nothing', why: `no file ${root}/x/gone` });
  });
});

describe('a folder without its slash is sent there', () => {
  for (const [over, location] of [
    [{}, '/s/docs/'],
    [{ base: '/m n', query: 'a=1' }, '/m%20n/s/docs/?a=1'],
    // Else a client would take it for a host.
    [{ base: '//evil' }, '/evil/s/docs/'],
  ] as const) {
    test(`${JSON.stringify(over)}: ${location}`, async () => {
      const { answer } = await answerTo(asked('/s/docs', over));
      assert.ok(answer.verdict === 'answer');
      assert.equal(field(answer.head.fields, 'location'), location);
      assert.equal(field(answer.head.fields, 'x-content-type-options'), 'nosniff');
    });
  }
});

test('the pages of refusals name the request, and not more than that', () => {
  const request = { id: 'id-7', fields: ['accept', 'application/json'] };
  const [gone, bad] = [nothingHere(request, 'why'), badPath(request, 'bad-utf8')];
  assert.deepEqual([gone.head.status, gone.why, bad.head.status, bad.why], [404, 'why', 400, 'bad-path']);
  assert.match(String(gone.body), /id-7/);
  assert.doesNotMatch(String(gone.body), /why/);
  assert.match(field(gone.head.fields, 'content-security-policy') ?? '', /default-src/);
});
