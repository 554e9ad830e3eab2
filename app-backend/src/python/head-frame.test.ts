import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Giving, headFrame } from './head-frame.ts';

const plain: Giving = { body: '', takesEarlyHints: false, ageMs: 0, mostMs: 30_000 };

function fieldsOf(text: string | undefined): string[] {
  return (text ?? '').slice(5).split('\0');
}

for (const [giving, flags] of [
  [plain, 'q30000'],
  [{ ...plain, body: 'b', takesEarlyHints: true }, 'beq30000'],
  [{ ...plain, body: 's' }, 'sq30000'],
] as const) {
  test(`the flags of ${JSON.stringify(giving)} are ${flags}`, () => {
    assert.deepEqual(fieldsOf(headFrame(giving, {})), [flags, '0']);
  });
}

test('variables that are text go, others do not', () => {
  const variables = { A: 'a', 'wsgi.version': [1, 0], 'wsgi.multithread': false, B: '', C: undefined };
  assert.deepEqual(fieldsOf(headFrame({ ...plain, ageMs: 12.7 }, variables)), ['q30000', '13', 'A', 'a', 'B', '']);
});

test('a value with a NUL goes encoded, under a name that says so', () => {
  const fields = fieldsOf(headFrame(plain, { PATH_INFO: '/a\0%b', X: '%' }));
  assert.deepEqual(fields.slice(2), ['PATH_INFO=', '/a%00%25b', 'X', '%']);
});

test('whatever the values are, they come back', () => {
  const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_.*!]{1,9}$/), latin1), (variables) => {
      const bytes = Buffer.from(headFrame(plain, variables) ?? '', 'latin1');
      assert.equal(bytes.readUInt32BE(1), bytes.length - 5);
      const fields = bytes.toString('latin1', 5).split('\0').slice(2);
      const back: Record<string, string> = {};
      for (let i = 0; i < fields.length; i += 2) {
        const [name = '', value = ''] = fields.slice(i, i + 2);
        if (name.endsWith('=')) back[name.slice(0, -1)] = value.replaceAll('%00', '\0').replaceAll('%25', '%');
        else back[name] = value;
      }
      assert.deepEqual(back, { ...variables });
    }),
  );
});

test('a head beyond a mebibyte is none', () => {
  assert.equal(headFrame(plain, { QUERY_STRING: 'x'.repeat(1024 * 1024) }), undefined);
});
