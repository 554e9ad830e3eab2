// Said by what is none: a class of control characters looks like a slip, to readers and to the linter.
const control = /[^\x20-\x7e\x80-\uffff]/;

/** Has a text a control character, 00 to 1F or DEL (CTL of RFC 5234 Appendix B.1)? Those of C1, 80 to 9F, are none. */
export function hasControl(text: string): boolean {
  return control.test(text);
}
