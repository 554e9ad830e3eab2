import assert from 'node:assert/strict';
import { test } from 'node:test';
import { method } from './method.ts';
import { problems, type Report, report } from './report.ts';
import { outcome, side } from './testing/outcomes.ts';

const plan = { requests: 500, rounds: 3, connections: 16, warmUp: 600 };
const machine = { cores: 2, model: 'Some CPU', system: 'Linux 6', node: '26.1.0', load: 0.5, peers: ['Varnish 7.1.1'] };
const textOf = (more: Partial<Report>): string =>
  report({ outcomes: [], claims: [], plan, machine, isPinned: false, ...more });

const tableLines = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('|'));

test('a row tells the medians and the ratio with its spread, another the throughput and the slowest hundredth', () => {
  const [, , cpu, , , speed] = tableLines(textOf({ outcomes: [outcome()] }));
  assert.equal(cpu, '| edge: hit / Varnish | 25.0 | 50.0 | 0.50 (0.42–0.60) | – | – |');
  assert.equal(speed, '| edge: hit / Varnish | 40000 | 20000 | 0.50 ms | 0.50 ms | 1.25 ms | 1.25 ms |');
});

for (const [goal, reached] of [
  [0.5, 'yes'],
  [0.49, '**no**'],
] as const) {
  test(`a ratio of 0.5 with a goal of ${goal} says: ${reached}`, () => {
    const [, , cpu] = tableLines(textOf({ outcomes: [outcome({ goal })] }));
    assert.ok(cpu?.endsWith(`| 0.50 (0.42–0.60) | ≤ ${goal} | ${reached} |`), cpu ?? 'no row');
  });
}

test('a floor has no peer and no ratio', () => {
  const { peer: _, ...floor } = outcome({ what: 'floor', ours: side('node:net', [150]) });
  const [, , cpu] = tableLines(textOf({ outcomes: [floor] }));
  assert.equal(cpu, '| floor | 150 | – | – | – | – |');
});

test('what is missing has no figures and reaches nothing; it is named, once, with the reason', () => {
  const peer = side('Varnish', [], { missing: 'Varnish is not installed' });
  const text = textOf({ outcomes: [outcome({ peer, goal: 0.5 }), outcome({ peer, goal: 1 })] });
  assert.ok(text.includes('| edge: hit / Varnish | 25.0 | – | – | ≤ 0.5 | – |'), text);
  assert.equal(text.split('- edge: hit: not measured, Varnish is not installed').length, 2, text);
});

test('answers that were not the expected ones are named', () => {
  const ours = side('edge-cache', [20], { wrong: { 'status 502': 7, 'connection lost': 1 } });
  assert.deepEqual(problems([{ what: 'edge: pass', ours }]), [
    'edge: pass: edge-cache gave other answers (status 502: 7, connection lost: 1)',
  ]);
});

test('what is claimed beside the ratios has a table of its own, and none without claims', () => {
  const claims = [
    { what: 'memory', seen: '700 bytes', goal: '≤ 1024 bytes', isReached: true },
    { what: 'pause', seen: '9 ms', goal: '≤ 8 ms', isReached: false },
    { what: 'longest', seen: '12 ms' },
  ];
  const before = tableLines(textOf({}));
  assert.deepEqual(tableLines(textOf({ claims })).slice(before.length), [
    '| what | seen | goal | reached |',
    '| --- | ---: | ---: | ---: |',
    '| memory | 700 bytes | ≤ 1024 bytes | yes |',
    '| pause | 9 ms | ≤ 8 ms | **no** |',
    '| longest | 12 ms | – | – |',
  ]);
});

test('the report says how and where it was measured, and on which cores', () => {
  const text = textOf({});
  assert.ok(text.startsWith(method(plan, false)));
  assert.match(text, /500 requests.*3 rounds after a\nwarm-up of 600 or more.*16 connections/s);
  assert.match(text, /Nothing is pinned/);
  assert.ok(text.includes('2 cores (Some CPU), Linux 6, Node 26.1.0, load average 0.50 at the start'), text);
  assert.ok(text.includes('Peers: Varnish 7.1.1.'), text);
  assert.match(textOf({ isPinned: true }), /one core of its own, the load and the origin share another/);
});

test('the page refers to its chart, where there is one', () => {
  assert.ok(textOf({ chart: 'performance.svg' }).includes('](performance.svg)'));
  assert.ok(!textOf({}).includes(']('));
});
