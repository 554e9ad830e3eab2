import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from './body.ts';

const pieces = () =>
  ['ab', 'c'].map((text) => Object.assign(Buffer.allocUnsafeSlow(text.length), { ...Buffer.from(text) }));
const isFreed = (body: Body) => body.pieces.every((piece) => piece.length === 0);
const ignore = () => undefined;

test('the memory of a body is freed when its entry goes', () => {
  const body = new Body(pieces());
  assert.equal(body.length, 3);
  assert.equal(body.store(), true);
  assert.equal(isFreed(body), false);
  assert.equal(body.unstore(ignore), false);
  assert.equal(isFreed(body), true);
  assert.equal(body.lend(), undefined);
  assert.equal(body.store(), false);
});

test('lent, it is freed when the last borrower gives it back', () => {
  const body = new Body(pieces());
  body.store();
  const loans = [body.lend(), body.lend()];
  let calls = 0;
  const lentOnly = body.unstore(() => {
    calls += 1;
  });
  assert.equal(lentOnly, true);
  loans[0]?.giveBack();
  loans[0]?.giveBack();
  assert.equal(isFreed(body), false);
  assert.equal(Buffer.concat(loans[1]?.pieces ?? []).toString(), 'abc');
  loans[1]?.giveBack();
  assert.deepEqual([isFreed(body), calls], [true, 1]);
});

test('two entries share it while one takes the place of the other', () => {
  const body = new Body(pieces());
  body.store();
  body.store();
  assert.equal(body.unstore(ignore), false);
  assert.equal(isFreed(body), false);
});

test('stored again, it is nobody’s to free', () => {
  const body = new Body(pieces());
  body.store();
  const loan = body.lend();
  let calls = 0;
  body.unstore(() => {
    calls += 1;
  });
  assert.equal(body.store(), true);
  assert.equal(calls, 1);
  loan?.giveBack();
  assert.deepEqual([isFreed(body), calls], [false, 1]);
});
