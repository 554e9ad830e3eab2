import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { remembered } from './remembered.ts';

function counting(most: number) {
  const asked: string[] = [];
  const upper = remembered((text) => {
    asked.push(text);
    return text.toUpperCase();
  }, most);
  return { asked, upper };
}

test('what was answered is not asked again', () => {
  const { asked, upper } = counting(2);
  assert.deepEqual(['a', 'b', 'a', 'b'].map(upper), ['A', 'B', 'A', 'B']);
  assert.deepEqual(asked, ['a', 'b']);
});

test('it holds no more texts than it may, and goes on answering', () => {
  const { asked, upper } = counting(2);
  assert.deepEqual(['a', 'b', 'c', 'a', 'c'].map(upper), ['A', 'B', 'C', 'A', 'C']);
  assert.deepEqual(asked, ['a', 'b', 'c', 'a']);
});

for (const [name, text] of [
  ['a long text', 'x'.repeat(513)],
  ['what no field can say', 'w\u0113'],
] as const) {
  test(`${name} is answered and not kept`, () => {
    const { asked, upper } = counting(2);
    assert.deepEqual([upper(text), upper(text)], [text.toUpperCase(), text.toUpperCase()]);
    assert.equal(asked.length, 2);
  });
}

test('it holds on to nothing that a text was cut from', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const { upper } = counting(1000);
  const used = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  for (let i = 0; i < 200; i += 1) upper(Buffer.alloc(200_000, `number ${i}, `).toString('latin1').slice(0, 100));
  assert.ok(used() - before < 10_000_000, `${used() - before} bytes more`);
});
