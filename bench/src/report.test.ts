import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Side } from './measure.ts';
import { method, problems, report } from './report.ts';

const plan = { requests: 500, rounds: 3, connections: 16, warmUp: 600 };
const machine = { cores: 2, model: 'Some CPU', system: 'Linux 6', node: '26.1.0', load: 0.5, peers: ['Varnish 7.1.1'] };

const side = (name: string, cpu: readonly number[], more: Partial<Side> = {}): Side => ({
  name,
  rounds: cpu.map((cpuUs) => ({ cpuUs, perSecond: 1e6 / cpuUs, p50Ms: 0.5, p99Ms: 1.25 })),
  wrong: {},
  ...more,
});

const tableLines = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('|'));

test('a row tells the medians, the ratio with its spread and the slowest hundredth', () => {
  const outcomes = [{ what: 'edge: hit', ours: side('edge-cache', [20, 30, 25]), peer: side('Varnish', [40, 50, 60]) }];
  const [, , cpu, , , speed] = tableLines(report({ outcomes, plan, machine }));
  assert.equal(cpu, '| edge: hit / Varnish | 25.0 | 50.0 | 0.50 (0.42–0.60) | 1.25 ms | 1.25 ms |');
  assert.equal(speed, '| edge: hit / Varnish | 40000 | 20000 | 0.50 ms | 0.50 ms |');
});

test('a floor has no peer and no ratio', () => {
  const [, , cpu] = tableLines(report({ outcomes: [{ what: 'floor', ours: side('node:net', [150]) }], plan, machine }));
  assert.equal(cpu, '| floor | 150 | – | – | 1.25 ms | – |');
});

test('what is missing has no figures and is named, with the reason', () => {
  const missing = side('Varnish', [], { missing: 'Varnish is not installed' });
  const text = report({ outcomes: [{ what: 'edge: hit', ours: side('edge', [20]), peer: missing }], plan, machine });
  assert.ok(text.includes('| edge: hit / Varnish | 20.0 | – | – | 1.25 ms | – |'), text);
  assert.ok(text.includes('- edge: hit: not measured, Varnish is not installed'), text);
});

test('answers that were not the expected ones are named', () => {
  const ours = side('edge-cache', [20], { wrong: { 'status 502': 7, 'connection lost': 1 } });
  assert.deepEqual(problems([{ what: 'edge: pass', ours }]), [
    'edge: pass: edge-cache gave other answers (status 502: 7, connection lost: 1)',
  ]);
});

test('the report says how and where it was measured', () => {
  const text = report({ outcomes: [], plan, machine });
  assert.ok(text.startsWith(method(plan)));
  assert.match(text, /500 requests.*3 rounds after a warm-up of 600 or more.*16 connections/s);
  assert.ok(text.includes('2 cores (Some CPU), Linux 6, Node 26.1.0, load average 0.50 at the start'), text);
  assert.ok(text.includes('Peers: Varnish 7.1.1.'), text);
});
