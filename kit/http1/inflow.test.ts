import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { everySplit } from '../testing/every-split.ts';
import { Inflow } from './inflow.ts';

const drained = (inflow: Inflow) => {
  const heads: string[] = [];
  for (let head = inflow.next(); head !== undefined; head = inflow.next()) heads.push(head.toString('latin1'));
  return heads;
};

describe('what has come', () => {
  const text = 'one\r\n\r\ntwo\r\nlines\r\n\r\n\r\n\r\nrest\r\n\r';

  test('is cut into heads, however it was split, and the rest stays', () => {
    for (const parts of everySplit(Buffer.from(text))) {
      const inflow = new Inflow();
      const heads = parts.flatMap((part) => {
        inflow.add(Buffer.from(part));
        return drained(inflow);
      });
      assert.deepEqual(heads, ['one\r\n\r\n', 'two\r\nlines\r\n\r\n', '\r\n\r\n']);
      assert.equal(inflow.length, 7);
      assert.equal(inflow.beginning(4), 'rest');
      assert.equal(inflow.takeAll().toString(), 'rest\r\n\r');
      assert.equal(inflow.length, 0);
    }
  });

  test('can be put back a head at a time, and is found again', () => {
    const inflow = new Inflow();
    inflow.add(Buffer.from(text));
    const head = inflow.next();
    assert.ok(head);
    inflow.putBack(head);
    assert.equal(inflow.length, text.length);
    assert.equal(inflow.next()?.toString(), 'one\r\n\r\n');
    inflow.add(Buffer.from('\n'));
    assert.equal(drained(inflow).at(-1), 'rest\r\n\r\n');
  });

  test('can be given up in the middle, and something else comes', () => {
    const inflow = new Inflow();
    inflow.add(Buffer.from('a\r\n\r'));
    assert.equal(inflow.next(), undefined);
    assert.equal(inflow.takeAll().toString(), 'a\r\n\r');
    inflow.add(Buffer.from('\n\r\n\r\n'));
    assert.equal(inflow.next()?.toString(), '\n\r\n\r\n');
  });

  test('that comes byte by byte is one head', () => {
    const inflow = new Inflow();
    const line = Buffer.alloc(32 * 1024, 'x');
    inflow.add(line);
    for (let i = 0; i < 2_000; i++) {
      inflow.add(Buffer.from('y'));
      assert.equal(inflow.next(), undefined);
    }
    inflow.add(Buffer.from('\r\n\r\n'));
    assert.equal(inflow.next()?.length, 32 * 1024 + 2_004);
  });
});

test('any bytes in any parts come out as they went in', () => {
  const part = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', '\r\n\r\n', 'x'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const inflow = new Inflow();
      const heads = parts.flatMap((text) => {
        inflow.add(Buffer.from(text));
        return drained(inflow);
      });
      const rest = inflow.takeAll().toString();
      assert.equal(heads.join('') + rest, parts.join(''));
      assert.doesNotMatch(rest, /\r\n\r\n/);
      for (const head of heads) assert.equal(head.indexOf('\r\n\r\n'), head.length - 4);
    }),
  );
});
