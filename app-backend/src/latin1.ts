/** Bytes and "native strings" (PEP 3333, "Unicode Issues"): one character per byte, both ways without loss. */

/** Each byte as the character of the same number. */
export function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Each character as the byte of the same number. Throws a RangeError on a character beyond U+00FF, instead of cutting it. */
export function encodeLatin1(text: string): Uint8Array {
  const beyond = /[\u{100}-\u{10ffff}]/u.exec(text);
  if (beyond) throw new RangeError(`${JSON.stringify(beyond[0])} at ${beyond.index} is no latin-1 character`);
  return Buffer.from(text, 'latin1');
}

/** The UTF-8 text whose bytes a native string holds, such as a path; a broken sequence becomes U+FFFD. */
export function utf8OfLatin1(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
