/**
 * What somebody behind this tier may take a path for. The raw path is what an app gets, and apps do not agree: some leave
 * dot segments or %2F alone, some take a backslash for a slash (the URL Standard does), some cut `;` off (servlets), some do
 * not merge slashes. A guard must not be passed by a path that is guarded in another reading. Pure.
 */

import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Route } from '../define-site.ts';
import type { Front } from '../front.ts';
import { matches } from '../route.ts';

/** To be asked of what goes to an app. @throws Fault `bad-path` when the path, read in another way, is one of a guarded route other than the `chosen` one. */
export function refuseAmbiguous(
  { guards, site }: Pick<Front, 'guards' | 'site'>,
  { path, rawPath }: RoutedPath,
  chosen: Route | undefined,
): void {
  if (guards.size === 0) return;
  for (const reading of otherReadings(rawPath)) {
    const other = reading === path ? chosen : site.routes.find((candidate) => matches(candidate, reading));
    if (other === chosen || !guards.has(other)) continue;
    throw new Fault(
      'bad-path',
      'the path can be read as another one, which is guarded: write it without dot segments, backslashes, %2F and `;`',
    );
  }
}

/** Nearly every path has but one reading, and this tells. */
const isOdd = /[\\;]|%5c|%2f|%3b|%2e|\/[/.]/i;

/** The paths that a raw path, whose hex and UTF-8 are good, may be read as. */
export function otherReadings(rawPath: string): readonly string[] {
  if (!isOdd.test(rawPath)) return [];
  const readings = spellings(rawPath).flatMap((text) => {
    const segments = text.split('/').slice(1);
    return [
      text,
      walked(segments),
      walked(segments.filter((segment, at) => segment !== '' || at === segments.length - 1)),
    ];
  });
  return [...new Set(readings.filter((reading) => reading !== undefined))];
}

// With what is no slash left alone or taken for one, with parameters and without.
function spellings(rawPath: string): string[] {
  const raw = [rawPath.replace(/%2f/gi, '%252F'), rawPath];
  const decoded = raw.map((text) => decodeURIComponent(text));
  const slashed = decoded.flatMap((text) => [text, text.replaceAll('\\', '/')]);
  return slashed.flatMap((text) => [text, text.replace(/;[^/]*/g, '')]);
}

// As RFC 3986 §5.2.4 has it, empty segments being segments: what would climb stays at the top.
function walked(segments: readonly string[]): string {
  const kept: string[] = [];
  for (const [at, segment] of segments.entries()) {
    const isLast = at === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '..' && segment !== '.') kept.push(segment);
    else if (isLast) kept.push('');
  }
  return `/${kept.join('/')}`;
}
