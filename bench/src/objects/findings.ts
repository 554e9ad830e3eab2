/** What the figures of many objects say: ratios for the tables, and what is claimed beside them. */
import { atMost, type Claim } from '../claim.ts';
import { ratioOf } from '../figures.ts';
import { cpuOf } from '../goals.ts';
import type { Outcome } from '../measure.ts';
import type { Collections } from '../processes/collections.ts';
import { constantAnswer } from '../servers/constant-answer.ts';
import type { Round, Side } from '../side.ts';
import { grouped } from '../units.ts';
import { type Filling, few, type KindFigures, newShare, type ObjectFigures, type Stores } from './measure-objects.ts';
import { overheadPerObject } from './overhead.ts';
import { constant } from './stores.ts';

export type Findings = { readonly outcomes: readonly Outcome[]; readonly claims: readonly Claim[] };

const mostOverhead = 1_024;
const mostPauseMs = 100;
const contentBytes = Object.values(constantAnswer(constant)).join('').length;
const memoryWords = `memory of an object beyond its body and head (${contentBytes} bytes)`;
const newWords = `${newShare * 100} % new`;

/** The goals are: no dearer than 1.2 times a hit among a thousand, 1 KiB beside an object, 100 ms at p99. */
export function findings(figures: ObjectFigures): Findings {
  const { objects, edge, varnish } = figures;
  const among = (stores: Stores): Side => ({ ...stores.few, name: `among ${grouped(few)}` });
  const [all, some] = [`edge: hit among ${grouped(objects)}`, `edge: hit among ${grouped(few)}`];
  const outcomes: Outcome[] = [
    { what: all, ours: edge.hits.many, peer: among(edge.hits), goal: 1.2 },
    { what: all, ours: edge.hits.many, peer: varnish.hits.many, goal: 0.5 },
    { what: some, ours: edge.hits.few, peer: varnish.hits.few, goal: 0.5 },
    { what: `${all}, ${newWords}`, ours: edge.mixed.many, peer: among(edge.mixed) },
  ];
  return { outcomes, claims: [...edgeClaims(figures), ...varnishClaims(varnish, objects)] };
}

function edgeClaims({ objects, edge: { filling, mixed }, mixedCollections }: ObjectFigures): Claim[] {
  const [from, to] = filling.range;
  const mix = (many: number) => `edge: hits among ${grouped(many)}, ${newWords}`;
  const overhead = overheadOf(filling, objects);
  return [
    ...(overhead === undefined ? [] : [atMost(`edge: ${memoryWords}`, overhead, mostOverhead, bytes)]),
    ...latencies(`edge: objects ${grouped(from)} to ${grouped(to)} are stored`, filling.last, mostPauseMs),
    ...collections(`edge: objects ${grouped(few)} to ${grouped(to)} are stored`, filling.last, filling.collections),
    ...latencies(mix(objects), mixed.many, mostPauseMs),
    ...collections(mix(objects), mixed.many, mixedCollections.many),
    ...latencies(mix(few), mixed.few),
    ...collections(mix(few), mixed.few, mixedCollections.few),
  ];
}

function varnishClaims({ filling, mixed, hits }: KindFigures, objects: number): Claim[] {
  const overhead = overheadOf(filling, objects);
  const growth = ratioOf(cpuOf(hits.many), cpuOf(hits.few)).median;
  const what = `Varnish: CPU time of a hit among ${grouped(objects)} over one among ${grouped(few)}`;
  return [
    ...(overhead === undefined ? [] : [{ what: `Varnish: ${memoryWords}`, seen: bytes(overhead) }]),
    ...(Number.isNaN(growth) ? [] : [{ what, seen: growth.toFixed(2) }]),
    ...latencies(`Varnish: hits among ${grouped(objects)}, ${newWords}`, mixed.many),
  ];
}

function overheadOf({ last, residentBefore, residentAfter }: Filling, objects: number): number | undefined {
  if (last.rounds.length === 0) return undefined;
  return overheadPerObject({ objects: objects - few, contentBytes, residentBefore, residentAfter });
}

/** The worst round counts: a pause of the collector need not come in each. */
function latencies(what: string, { rounds }: Side, mostMs?: number): Claim[] {
  if (rounds.length === 0) return [];
  const worst = (name: keyof Round) => Math.max(...rounds.map((round) => round[name]));
  const [p99, named] = [worst('p99Ms'), `${what}: p99 of the worst round`];
  return [
    mostMs === undefined ? { what: named, seen: tenths(p99) } : atMost(named, p99, mostMs, tenths),
    { what: `${what}: the longest answer`, seen: tenths(worst('longestMs')) },
  ];
}

function collections(what: string, { rounds }: Side, { full, longestMs }: Collections): Claim[] {
  if (rounds.length === 0) return [];
  return [{ what: `${what}: the longest pause of the collector`, seen: `${tenths(longestMs)} (${full} full)` }];
}

const bytes = (value: number): string => `${value.toFixed(0)} bytes`;
const tenths = (value: number): string => `${value.toFixed(1)} ms`;
