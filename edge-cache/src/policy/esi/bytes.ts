/** Small questions about bytes that may be cut anywhere. */

/** White space, as C has it. */
export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

/** May it stand behind the `<` of a tag? */
export function beginsTag(byte = 0): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x2f || byte === 0x21 || byte === 0x3f;
}

/** Is `mark` at that place, or as much of it as there are bytes? */
export function matchAt(data: Buffer, at: number, mark: Buffer): 'whole' | 'cut' | 'no' {
  for (let n = 0; n < mark.length; n++) {
    if (at + n === data.length) return 'cut';
    if (data[at + n] !== mark[n]) return 'no';
  }
  return 'whole';
}

/** Where `mark` is from `from` on, or where its first bytes are at the very end; -1 when neither. */
export function placeOf(mark: Buffer, data: Buffer, from: number): number {
  const at = data.indexOf(mark, from);
  if (at >= 0) return at;
  for (let start = Math.max(from, data.length - mark.length + 1); start < data.length; start++) {
    if (matchAt(data, start, mark) !== 'no') return start;
  }
  return -1;
}
