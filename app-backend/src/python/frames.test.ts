import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameParser, frame, frameStart, longestPayload, textFrame } from './frames.ts';

const letters = ['T', 'D', 'H', 'E'] as const;
type Letter = (typeof letters)[number];
type Told = readonly [letter: Letter, payload: string];

/** What a parser tells of these chunks; pieces of one `D` in one. */
function parsed(chunks: readonly Buffer[]): { told: Told[]; why: string | undefined } {
  const told: Told[] = [];
  const parser = new FrameParser(letters, (letter, payload) => {
    const last = told.at(-1);
    const text = payload.toString('latin1');
    if (letter === 'D' && last?.[0] === 'D') told[told.length - 1] = ['D', last[1] + text];
    else told.push([letter, text]);
  });
  for (const chunk of chunks) {
    const why = parser.push(chunk);
    if (why !== undefined) return { told, why };
  }
  return { told, why: undefined };
}

const someFrames = fc.array(
  fc.tuple(
    fc.constantFrom(...letters),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 8 },
);

test('however the bytes are cut, the frames are the same', () => {
  fc.assert(
    fc.property(someFrames, fc.array(fc.nat(60), { maxLength: 60 }), (frames, cuts) => {
      const bytes = Buffer.concat(frames.map(([letter, payload]) => frame(letter, payload)));
      const chunks: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      chunks.push(bytes.subarray(at));
      const whole = parsed([bytes]);
      assert.equal(whole.why, undefined);
      assert.deepEqual(parsed(chunks), whole);
      assert.equal(whole.told.map(([letter, text]) => letter + text).join(''), joinedData(frames));
    }),
  );
});

/** `D` behind `D` is told of as one. */
function joinedData(frames: readonly (readonly [Letter, Buffer])[]): string {
  let text = '';
  let before: Letter | undefined;
  for (const [letter, payload] of frames) {
    text += (letter === 'D' && before === 'D' ? '' : letter) + payload.toString('latin1');
    before = letter;
  }
  return text;
}

test('data is handed on as it comes, and not copied', () => {
  const pieces: Buffer[] = [];
  const parser = new FrameParser(letters, (_, payload) => void pieces.push(payload));
  const chunk = Buffer.concat([frameStart('D', 100), Buffer.from('abc')]);
  parser.push(chunk);
  assert.deepEqual(pieces.map(String), ['abc']);
  assert.equal(pieces[0]?.buffer, chunk.buffer);
});

test('a type that nobody knows is an error, and so is a length beyond the limit', () => {
  assert.match(parsed([frame('Q')]).why ?? '', /unknown type 81/);
  assert.match(parsed([frameStart('H', longestPayload + 1)]).why ?? '', /1048577 bytes/);
  assert.equal(parsed([frameStart('H', longestPayload)]).why, undefined);
});

test('what came before an error is told of', () => {
  const { told, why } = parsed([Buffer.concat([frame('T'), frame('H', Buffer.from('200 OK')), Buffer.from('HTTP/')])]);
  assert.deepEqual(told, [
    ['T', ''],
    ['H', '200 OK'],
  ]);
  assert.match(why ?? '', /of \d+ bytes/);
});

test('text of latin-1 is a frame with a byte for each character', () => {
  const payload = `${'x'.repeat(70_000)}\xff\0`;
  assert.deepEqual(Buffer.from(textFrame('H', payload) ?? '', 'latin1'), frame('H', Buffer.from(payload, 'latin1')));
  assert.equal(textFrame('H', 'x'.repeat(longestPayload + 1)), undefined);
});
