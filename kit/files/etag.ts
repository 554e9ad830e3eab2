/** What a representation is made from, as `fstat` tells it. */
export type FileVersion = { readonly mtimeNs: bigint; readonly size: bigint };

/**
 * A strong entity tag from time and size, RFC 9110 §8.8.3. Nanoseconds tell two writes within one second apart; the coding
 * is part of it, because a sibling is another representation even where the numbers happen to agree (§8.8.3.3).
 */
export function entityTag({ mtimeNs, size }: FileVersion, coding: string | undefined): string {
  const version = `${mtimeNs.toString(36)}-${size.toString(36)}`;
  return coding === undefined ? `"${version}"` : `"${version}-${coding}"`;
}
