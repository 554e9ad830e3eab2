import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chart, escaped } from './chart.ts';
import { outcome, side } from './testing/outcomes.ts';
import { malformed } from './testing/xml.ts';

const widths = (svg: string): number[] => [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, w]) => Number(w));

for (const [broken, complaint] of [
  ['<a><b></a>', /closes b/],
  ['<a>', /not closed/],
  ['<a>1 & 2</a>', /not XML/],
  ['<a b="<"/>', /not XML/],
  ['<a/>x', /outside/],
] as const) {
  test(`the check of these tests sees that ${broken} is no XML`, () =>
    assert.match(malformed(broken) ?? '', complaint));
}

test('the bars of a row are as long as their figures, the longer one fills the width', () => {
  const [ours = 0, peer = 0] = widths(chart([outcome()], 'CPU'));
  assert.equal(ours / peer, 25 / 50);
  const [again = 0, longer = 0] = widths(chart([outcome({ ours: side('edge', [100]) })], 'CPU'));
  assert.deepEqual([again, longer], [peer, peer / 2]);
});

test('the figures stand beside the bars, the names before them', () => {
  const svg = chart([outcome()], 'CPU');
  for (const words of ['edge: hit', 'Varnish', '25.0', '50.0']) assert.ok(svg.includes(`>${words}</text>`), words);
});

for (const [goal, kind, share] of [
  [0.5, 'goal', 0.5],
  [0.4, 'goal missed', 0.4],
] as const) {
  test(`a goal of ${goal} at a ratio of 0.5 is a line of the kind ${kind}, where that many of the peer's bar end`, () => {
    const svg = chart([outcome({ goal })], 'CPU');
    const line = /<line class="(goal[^"]*)" x1="([\d.]+)"/.exec(svg);
    const start = Number(/<rect class="ours" x="(\d+)"/.exec(svg)?.[1]);
    assert.equal(line?.[1], kind);
    assert.ok(svg.includes(`>25.0 (goal ${(goal * 50).toFixed(1)})</text>`));
    assert.equal((Number(line?.[2]) - start) / (widths(svg)[1] ?? 0), share);
  });
}

test('a goal beyond both bars is still within the picture', () => {
  const svg = chart([outcome({ goal: 3 })], 'CPU');
  const width = Number(/<svg [^>]*width="(\d+)"/.exec(svg)?.[1]);
  assert.ok(Number(/x1="([\d.]+)"/.exec(svg)?.[1]) < width);
});

test('a figure stands clear of a goal beyond its bar', () => {
  const svg = chart([outcome({ goal: 3 })], 'CPU');
  const figure = Number(/<text x="([\d.]+)"[^>]*>25\.0 /.exec(svg)?.[1]);
  assert.ok(figure > Number(/x1="([\d.]+)"/.exec(svg)?.[1]) + 3);
});

test('what has no peer, or was not measured, has no bars', () => {
  const { peer: _, ...floor } = outcome();
  const missing = outcome({ peer: side('Varnish', [], { missing: 'Varnish is not installed' }) });
  assert.deepEqual(widths(chart([floor, missing], 'CPU')), []);
  assert.equal(malformed(chart([], 'CPU')), undefined);
});

test('every label is escaped, and the picture is well-formed whatever it says', () => {
  const nasty = `<&>"'\u0000\ud800]]>`;
  const svg = chart([outcome({ what: nasty, peer: side(nasty, [4]), goal: 1 })], nasty);
  assert.equal(malformed(svg), undefined);
  assert.equal(svg.split(`>&lt;&amp;&gt;&quot;']]&gt;</text>`).length - 1, 3);
});

test('the same figures give the same picture', () => {
  assert.equal(chart([outcome(), outcome({ goal: 2 })], 'CPU'), chart([outcome(), outcome({ goal: 2 })], 'CPU'));
});

test('the picture has colours for both modes, and words for those who do not see it', () => {
  const svg = chart([outcome()], 'CPU');
  assert.match(svg, /@media \(prefers-color-scheme: dark\)/);
  assert.match(svg, /<desc id="description">[^<]*edge: hit: 25\.0 µs, Varnish 50\.0 µs<\/desc>/);
});

test('letters of any script stay as they are', () => {
  assert.equal(escaped('µs – 漢字 🙂'), 'µs – 漢字 🙂');
});
