import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everySplit } from '@trivet/kit/testing/every-split.ts';
import fc from 'fast-check';
import { LONGEST_TAG_BYTES, Markup, type Piece } from './markup.ts';

/** What came of a body: includes as `{src}`, warnings apart, so that texts may be cut anywhere. */
function read(chunks: Iterable<Uint8Array>): { page: string; warnings: string[] } {
  const markup = new Markup();
  const pieces: Piece[] = [];
  for (const chunk of chunks) pieces.push(...markup.push(Buffer.from(chunk)));
  pieces.push(...markup.end());
  let page = '';
  const warnings: string[] = [];
  for (const piece of pieces) {
    if (piece.is === 'text') page += piece.bytes.toString('latin1');
    if (piece.is === 'include') page += `{${piece.include.src}}`;
    if (piece.is === 'warning') warnings.push(piece.why);
  }
  return { page, warnings };
}

const one = (body: string) => [Buffer.from(body, 'latin1')];
const a = '<esi:include src="/a"/>';
const bom = '\xef\xbb\xbf';

const bodies: readonly [body: string, page: string, ...warnings: string[]][] = [
  [`<p>1${a}2</p>`, '<p>1{/a}2</p>'],
  [`${a}${a}`, '{/a}{/a}'],
  ['<p>1<esi:include src="/a"></esi:include>2', '<p>1{/a}2'],
  ['<p>1<esi:remove>no<b>no</b></esi:remove>2', '<p>12'],
  ['<p>1<esi:comment text="no"/>2', '<p>12'],
  [`<p>1<!--esi 2${a}3-->4`, '<p>1 2{/a}34'],
  ['<p>1<!--esi<p>2--3</p>--->4-->', '<p>1<p>2--3</p>-4-->'],
  [`<p><!--esi 1<!--esi 2${a}-->3-->4`, '<p> 1 2{/a}3-->4'],
  [`<p><!--esi 1<!-- ${a} -->2-->3`, `<p> 1<!-- ${a} -->23`],
  [`<p>1<!-- ${a} -->2${a}`, `<p>1<!-- ${a} -->2{/a}`],
  [`<p><!--- ${a} --->${a}`, `<p><!--- ${a} --->{/a}`],
  [`<p><![CDATA[ ${a} ]] ]]>${a}`, `<p><![CDATA[ ${a} ]] ]]>{/a}`],
  [`<p title="${a}">${a}`, `<p title="${a}">{/a}`],
  [`<script>if (1 < 2 && 3 <4) x</script>${a}`, '<script>if (1 < 2 && 3 <4) x</script>{/a}'],
  [`<a>1<2${a}`, '<a>1<2{/a}'],
  [`<!DOCTYPE html><?xml ?>${a}`, '<!DOCTYPE html><?xml ?>{/a}'],
  [`${bom} \r\n\t${a}`, `${bom} \r\n\t{/a}`],
  [` ${bom}${a}`, ` ${bom}${a}`, 'the body does not begin with "<"'],
  [`\xef\xbb${a}`, `\xef\xbb${a}`, 'the body does not begin with "<"'],
  [`{"html": "${a}"}`, `{"html": "${a}"}`, 'the body does not begin with "<"'],
  ['', ''],
  [' \n', ' \n'],
  [bom, bom],
  ['\xef', '\xef'],
  ['<p>\xe4\xff\0</p>', '<p>\xe4\xff\0</p>'],
  ['<p>1<esi:vars>2</esi:vars>3', '<p>1<esi:vars>2</esi:vars>3', 'an unknown element', 'an unknown element'],
  ['<p>1<esi:include/>2', '<p>12', 'an include without src'],
  ['<p>1<esi:include src="/a>2', '<p>12', 'an attribute that cannot be read'],
  ['<p>1<esi:include src="/a"', '<p>1<esi:include src="/a"', 'a tag without an end'],
  ['<p>1</esi:rem', '<p>1</esi:rem', 'a tag without an end'],
  ['<p>1<es', '<p>1<es'],
  ['<p>1<!--es', '<p>1<!--es'],
  ['<p>1<!--esi 2--', '<p>1 2--'],
  ['<p>1</esi:remove>2', '<p>12', 'a remove that is open already, or not open'],
  [
    `<p>1<esi:remove>${a}<esi:remove></esi:remove>2`,
    '<p>12',
    'an include inside a remove',
    'a remove that is open already, or not open',
  ],
  ['<p>1<esi:remove><!-- </esi:remove> -->no</esi:remove>2', '<p>12'],
  ['<p>1<esi:remove>2', '<p>1', 'a remove without an end'],
];

for (const [body, page, ...warnings] of bodies) {
  test(`[case 45] [case 49] ${JSON.stringify(body)} becomes ${JSON.stringify(page)}, however it is cut`, () => {
    const bytes = Buffer.from(body, 'latin1');
    for (const chunks of everySplit(bytes)) assert.deepEqual(read(chunks), { page, warnings });
  });
}

const scraps = ['<', '>', '/', '-', '<!--', '-->', '<!--esi', '<esi:', '</esi:', 'include', 'remove', ' src="/a"', '"'];
const more = ['<![CDATA[', ']]>', '<esi:remove>', '</esi:remove>', a, 'x', ' ', '<p>', '\n', '\xef\xbb\xbf', '!', ']'];
const body = fc.array(fc.constantFrom(...scraps, ...more), { maxLength: 30 }).map((parts) => parts.join(''));

test('[case 45] what is found does not depend on how the bytes were cut', () => {
  fc.assert(
    fc.property(body, fc.array(fc.nat(40)), (text, lengths) => {
      const bytes = Buffer.from(text, 'latin1');
      const chunks: Buffer[] = [];
      let at = 0;
      for (const length of [...lengths, bytes.length]) {
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      assert.deepEqual(read(chunks), read([bytes]));
    }),
    { numRuns: 3000 },
  );
});

test('[case 49] bytes that are no markup come out as they went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from(bytes).toString('latin1').replaceAll('esi', '');
      assert.equal(read(one(`<p>${text}`)).page, `<p>${text}`);
    }),
  );
});

test('[case 45] a tag of 16 KB is read, and a longer one is text, however it is cut', () => {
  const start = '<esi:include src="/a" x="';
  const tag = (length: number) => `${start}${'x'.repeat(length - start.length - 3)}"/>`;
  for (const size of [1000, 16_384, 1_000_000]) {
    for (const [length, page] of [
      [LONGEST_TAG_BYTES, '<p>{/a}{/a}'],
      [LONGEST_TAG_BYTES + 1, `<p>${tag(LONGEST_TAG_BYTES + 1)}{/a}`],
    ] as const) {
      const bytes = Buffer.from(`<p>${tag(length)}${a}`);
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      assert.equal(read(chunks).page, page);
    }
  }
});
