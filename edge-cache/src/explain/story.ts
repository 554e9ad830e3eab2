/** An explanation to be read: a line for each step, with its why. */
import type { Admitted, Explained } from './explained.ts';
import type { Instant, Variant } from './variants.ts';

type Line = readonly [what: string, text: string];

/** The whole walk, one line per step, ending with a line break. */
export function story(told: Explained): string {
  const { variants, lookup } = told;
  const all: Line[] = [
    ...requestLines(told),
    ...keyLines(told),
    ...(variants.length === 0 ? [['stored', 'nothing under this key'] as const] : []),
    ...variants.flatMap((variant, index) => variantLines(variant, index, lookup?.selected === index)),
    ...lookupLines(told),
    ...(told.would === undefined ? [] : wouldLines(told.would)),
    ...lastLines(told),
  ];
  return all.map(([what, text]) => `${what.padEnd(16)}${text}\n`).join('');
}

function requestLines({ at, request, reception }: Explained): Line[] {
  const { method, scheme, host, path, client, fields, withheld, directives } = request;
  const honoured = directives.honoured ? 'honoured' : 'not honoured';
  const status = reception.status === undefined ? '' : ` ${reception.status}`;
  return [
    ['at', at],
    ['request', `${method} ${scheme}://${host}${path} from ${client}`],
    ...fields.map((line): Line => ['', line]),
    ...withheld.map((line): Line => ['', `(does not count as it was sent) ${line}`]),
    ['directives', directives.given.length === 0 ? directives.why : `${honoured}: ${directives.why}`],
    ['received', `${reception.do}${status}: ${reception.says} (${reception.by})`],
  ];
}

function keyLines({ key, keyParts, hosts }: Explained): Line[] {
  const { by, host, path, removed } = keyParts;
  const lines: Line[] = [
    ['key', key],
    ['', by === 'policy' ? 'made by the policy' : `host ${host} and path ${path}`],
  ];
  if (hosts !== undefined) lines.push(['', `no host was given; something is stored for ${hosts.join(', ') || 'none'}`]);
  if (removed.length > 0) lines.push(['', `without ${removed.join(', ')}, which the policy does not count`]);
  return lines;
}

function variantLines(variant: Variant, index: number, isSelected: boolean): Line[] {
  const { status, bytes, tags, bans, now, backOff, matches, why, selecting, part } = variant;
  const { rules, instants, ageSeconds } = variant;
  const { fresh, grace, staleIfError, keep } = rules;
  const differing = selecting.map(
    (one): Line => ['', `  ${one.field}: stored ${quoted(one.stored)}, asked ${quoted(one.request)}`],
  );
  const changed = rules.wasChanged ? '; changed since: purged softly, or policy or settings are new' : '';
  const optional: [boolean, string][] = [
    [tags.length > 0, `  tags ${tags.join(' ')}`],
    [backOff, '  back-off: a refresh failed a moment ago, the origin is left alone'],
    ...bans.map((ban): [boolean, string] => [true, `  banned by ban ${ban.id}, given ${ban.added}: ${ban.expression}`]),
  ];
  return [
    [
      `stored ${index + 1}`,
      `${status}, ${bytes} bytes, ${ageSeconds} s old${isSelected ? '; this one is selected' : ''}`,
    ],
    ...(part === null ? [] : [['', `  a part: bytes ${part.first} to ${part.last} of ${part.size}`] as const]),
    ['', `  ${matches ? 'matches' : 'does not match'}: ${why}`],
    ...differing,
    ['', `  born ${when(instants.born)}`],
    ['', `  fresh ${fresh.seconds} s (${fresh.says}${changed}), until ${when(instants.freshUntil)}`],
    ['', `  grace ${grace.seconds} s (${grace.says}), until ${when(instants.graceUntil)}`],
    ['', `  stale on error ${staleIfError.seconds} s (${staleIfError.says}), until ${when(instants.errorUntil)}`],
    ['', `  keep ${keep.seconds} s (${keep.says}), until ${when(instants.keepUntil)}`],
    ['', `  now ${now.verdict}: ${now.says}`],
    ...optional.filter(([holds]) => holds).map(([, text]): Line => ['', text]),
  ];
}

function lookupLines({ lookup, fetchUnderWay, uncacheable }: Explained): Line[] {
  const lines: Line[] = [];
  if (lookup !== undefined) {
    const forward = lookup.fwd === undefined ? '' : ` (fwd=${lookup.fwd})`;
    lines.push(['lookup', `${lookup.do}${forward}: ${lookup.says}`]);
  }
  if (uncacheable !== null) {
    const { says, secondsLeft } = uncacheable;
    lines.push(['uncacheable', `${says}; nobody waits for another's answer for ${secondsLeft} s more`]);
  }
  if (fetchUnderWay) lines.push(['fetch', 'one is under way for this key']);
  return lines;
}

function wouldLines(would: Admitted): Line[] {
  if (would.verdict === 'pass') return [['such a response', `would not be stored: ${would.says}`]];
  const { says, instants, vary, tags } = would;
  return [
    ['such a response', `would be stored: ${says}`],
    ['', `  fresh until ${when(instants.freshUntil)}, kept until ${when(instants.keepUntil)}`],
    ...(vary.length > 0 ? [['', `  selected by ${vary.join(', ')}`] as const] : []),
    ...(tags.length > 0 ? [['', `  tags ${tags.join(' ')}`] as const] : []),
  ];
}

function lastLines({ last, lastArrival }: Explained): Line[] {
  const lines: Line[] = [];
  if (last !== null) {
    lines.push(['last answer', `${last.status} at ${last.at}: ${last.cacheStatus}`]);
    lines.push(['', `  ${last.trail.join(' ')}; request ${last.requestId}`]);
  }
  if (lastArrival !== null) {
    const { status, at, verdict, says } = lastArrival;
    lines.push(['last fetch', `the origin said ${status} at ${at}: ${verdict}, ${says}`]);
  }
  return lines.length > 0 ? lines : [['last answer', 'nothing is remembered']];
}

function when({ at, inSeconds }: Instant): string {
  return inSeconds < 0 ? `${at} (${-inSeconds} s ago)` : `${at} (in ${inSeconds} s)`;
}

function quoted(value: string | null): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}
