/** A response of several parts: `multipart/byteranges`, RFC 9110 §14.6. */
import { type ByteRange, contentRange } from './range.ts';

export type Byteranges = {
  /** The value of Content-Type. */
  readonly contentType: string;
  /** Of the whole body; bytes. */
  readonly length: number;
  /** What stands before each part's bytes, in order. */
  readonly heads: readonly string[];
  /** What stands behind the last of them. */
  readonly tail: string;
};

export type Framing = {
  /** A token that does not occur in the bytes: random, or as good as. */
  readonly boundary: string;
  /** Of the representation that the parts are of, in bytes and its type. */
  readonly size: number;
  readonly contentType: string | undefined;
};

/** The frame around parts of a representation. */
export function byteranges(ranges: readonly ByteRange[], { boundary, size, contentType }: Framing): Byteranges {
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  const heads = ranges.map((range, at) => {
    const open = at === 0 ? '' : '\r\n';
    return `${open}--${boundary}\r\n${type}Content-Range: ${contentRange(range, size)}\r\n\r\n`;
  });
  const tail = `\r\n--${boundary}--\r\n`;
  const framing = heads.reduce((sum, head) => sum + Buffer.byteLength(head, 'latin1'), tail.length);
  const content = ranges.reduce((sum, { first, last }) => sum + last + 1 - first, 0);
  return { contentType: `multipart/byteranges; boundary=${boundary}`, length: framing + content, heads, tail };
}
