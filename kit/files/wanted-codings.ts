/** Which compressed siblings a client would take, best first: all that the disk is asked for on behalf of Accept-Encoding. */
import { bestCoding } from '../semantics/negotiate.ts';

/** In the order of preference among codings that the client likes alike. */
export const siblings: Readonly<Record<string, string>> = { zstd: '.zst', br: '.br', gzip: '.gz' };
const codings = Object.keys(siblings);

// Browsers send a handful of values; strangers send what they like.
const mostRemembered = 256;
const longestRemembered = 256;
const remembered = new Map<string, readonly string[]>();

/** The codings to look for, best first; where none of them is there the file itself is sent. RFC 9110 §12.5.3. */
export function wantedCodings(acceptEncoding: string | undefined): readonly string[] {
  if (acceptEncoding === undefined) return [];
  const known = remembered.get(acceptEncoding);
  if (known !== undefined) return known;
  const wanted = inOrder(acceptEncoding);
  if (remembered.size >= mostRemembered) remembered.clear();
  if (acceptEncoding.length <= longestRemembered) remembered.set(acceptEncoding, wanted);
  return wanted;
}

function inOrder(acceptEncoding: string): readonly string[] {
  const wanted: string[] = [];
  let left = codings;
  for (let best = bestCoding(acceptEncoding, left); best !== undefined; best = bestCoding(acceptEncoding, left)) {
    const coding = best;
    wanted.push(coding);
    left = left.filter((other) => other !== coding);
  }
  return wanted;
}
