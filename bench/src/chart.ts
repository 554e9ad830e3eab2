/**
 * Bars of CPU time per request as SVG, ours above the peer's. Each row has a scale of its own, as rows differ by a
 * factor of a thousand: the longer bar fills the width, and a line stands where the goal is. Colours follow the
 * reader's light or dark mode; the ground is left transparent.
 */
import { median } from './figures.ts';
import { cpuOf, isReached } from './goals.ts';
import type { Outcome } from './measure.ts';
import { microseconds } from './units.ts';

const width = 900;
const left = 340;
const right = 150;
const longest = width - left - right;
const top = 64;
const rowHeight = 52;
const barHeight = 15;

const style = `
    text { font: 13px system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .note, .peer-text { fill: #59636e; }
    .ours { fill: #0969da; }
    .peer { fill: #afb8c1; }
    .halo { stroke: #ffffff; stroke-width: 6; }
    .goal { stroke: #1a7f37; stroke-width: 2; }
    .goal.missed { stroke: #cf222e; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .note, .peer-text { fill: #9198a1; }
      .ours { fill: #4493f8; }
      .peer { fill: #59636e; }
      .halo { stroke: #0d1117; }
      .goal { stroke: #3fb950; }
      .goal.missed { stroke: #f85149; }
    }
  `;

type Row = {
  readonly what: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  /** Microseconds. */
  readonly goal?: number;
  readonly isReached: boolean;
};

/** The rows that have figures of both; the same figures give the same text. */
export function chart(outcomes: readonly Outcome[], title: string): string {
  const rows = outcomes.flatMap(rowOf);
  const height = top + Math.max(1, rows.length) * rowHeight;
  const names = [...new Set(rows.map(({ peerName }) => peerName))].join(', ');
  const description = `${rows.length} rows of bars: ours beside ${names || 'nobody'}; ${rows.map(sentence).join('; ')}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="description">${escaped(description)}</desc>`,
    `  <style>${style}</style>`,
    text({ x: 12, y: 24, kind: 'title' }, title),
    text({ x: 12, y: 44, kind: 'note' }, 'µs, shorter is better; each row has its own scale; the line is the goal'),
    ...(rows.length === 0 ? [text({ x: 12, y: top + 24, kind: 'note' }, 'Nothing was measured beside a peer.')] : []),
    ...rows.flatMap((row, n) => bars(row, top + n * rowHeight)),
    '</svg>\n',
  ].join('\n');
}

function rowOf(outcome: Outcome): Row[] {
  const { what, ours, peer, goal } = outcome;
  if (peer === undefined || ours.rounds.length === 0 || peer.rounds.length === 0) return [];
  const [our, their] = [median(cpuOf(ours)), median(cpuOf(peer))];
  const line = goal === undefined ? {} : { goal: goal * their };
  const plain = what.replaceAll('`', '');
  return [{ what: plain, ours: our, peer: their, peerName: peer.name, ...line, isReached: isReached(outcome) ?? true }];
}

const sentence = ({ what, ours, peer, peerName }: Row): string =>
  `${what}: ${microseconds(ours)} µs, ${peerName} ${microseconds(peer)} µs`;

function bars({ what, ours, peer, peerName, goal, isReached: reached }: Row, y: number): string[] {
  const scale = longest / Math.max(ours, peer, goal ?? 0, Number.MIN_VALUE);
  const [upper, lower] = [y + 8, y + 8 + barHeight + 2];
  const aim = goal === undefined ? '' : ` (goal ${microseconds(goal)})`;
  return [
    text({ x: left - 12, y: upper + 12, anchor: 'end' }, what),
    text({ x: left - 12, y: lower + 12, anchor: 'end', kind: 'peer-text' }, peerName),
    bar('ours', upper, ours * scale),
    bar('peer', lower, peer * scale),
    ...(goal === undefined ? [] : goalLine(left + goal * scale, upper, reached)),
    text({ x: left + Math.max(ours, goal ?? 0) * scale + 8, y: upper + 12 }, microseconds(ours) + aim),
    text({ x: left + peer * scale + 8, y: lower + 12, kind: 'peer-text' }, microseconds(peer)),
  ];
}

function bar(kind: 'ours' | 'peer', y: number, length: number): string {
  return `  <rect class="${kind}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`;
}

/** With a halo, to be seen on a bar of any colour. */
function goalLine(x: number, upper: number, reached: boolean): string[] {
  const at = x.toFixed(1);
  const where = `x1="${at}" y1="${upper - 3}" x2="${at}" y2="${upper + barHeight + 1}"`;
  return [`  <line class="halo" ${where}/>`, `  <line class="${reached ? 'goal' : 'goal missed'}" ${where}/>`];
}

type Place = { readonly x: number; readonly y: number; readonly anchor?: 'end'; readonly kind?: string };

function text({ x, y, anchor, kind }: Place, words: string): string {
  const where = `x="${Number(x.toFixed(1))}" y="${y}"${anchor ? ` text-anchor="${anchor}"` : ''}`;
  return `  <text ${where}${kind ? ` class="${kind}"` : ''}>${escaped(words)}</text>`;
}

/** What stands between tags, or in an attribute, as XML wants it; what XML 1.0 cannot hold at all is left out. */
export function escaped(words: string): string {
  return words
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
