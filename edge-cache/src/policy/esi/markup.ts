/**
 * The ESI markup of a body, read as its bytes come: what is found does not depend on how they were cut. Everything that is
 * no markup goes on untouched, and so does what is not understood. As in Varnish, tags are looked for in text alone: not in
 * other tags, comments and CDATA, and not at all in a body that does not begin with `<`.
 */
import { beginsTag, isSpace, matchAt, placeOf } from './bytes.ts';
import { type Include, readTag } from './tag.ts';

export type Piece =
  | { readonly is: 'text'; readonly bytes: Buffer }
  | { readonly is: 'include'; readonly include: Include }
  /** Something was left out or left alone that its author may have meant otherwise. */
  | { readonly is: 'warning'; readonly why: string };

/** A tag that has not ended after so many bytes is text. */
export const LONGEST_TAG_BYTES = 16 * 1024;

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const LESS = 0x3c;
const openers = ['<esi:', '</esi:', '<!--esi', '<!--', '<![CDATA['].map((text) => Buffer.from(text));
/** What stands behind the first character of those. */
const afterLess = new Set(openers.map((opener) => opener[1]));
const commentEnd = Buffer.from('-->');
const nothing = Buffer.alloc(0);

/** Where the reader is: before the first character, in text, in what goes on untouched until `until`, or in no XML. */
type Place =
  | { readonly in: 'start' | 'leading-space' }
  | { readonly in: 'text' }
  | { readonly in: 'verbatim'; readonly until: Buffer }
  | { readonly in: 'no-markup' };

const text: Place = { in: 'text' };
const tag: Place = { in: 'verbatim', until: Buffer.from('>') };
const comment: Place = { in: 'verbatim', until: commentEnd };
const cdata: Place = { in: 'verbatim', until: Buffer.from(']]>') };

/** Reads one body. */
export class Markup {
  #place: Place = { in: 'start' };
  #isRemoving = false;
  /** Is an `<!--esi` open? They do not nest, as no comment does. */
  #isInEsiComment = false;
  /** What is being read: what was undecided of the chunks before, no more than a tag, and the last chunk. */
  #data: Buffer = nothing;
  /** Up to where it is decided upon. */
  #at = 0;
  /** From where on it is text that was not given out yet: as much as hangs together goes out in one piece. */
  #from = 0;
  #pieces: Piece[] = [];

  /** What can be said of the body so far, beyond what was said before. */
  push(chunk: Buffer): Piece[] {
    this.#data = this.#at === this.#data.length ? chunk : Buffer.concat([this.#data.subarray(this.#at), chunk]);
    this.#at = 0;
    this.#from = 0;
    while (this.#at < this.#data.length && this.#step()) {
      // Each step goes on, or says that more has to come first.
    }
    return this.#given();
  }

  /** The body has ended: what was undecided is text. */
  end(): Piece[] {
    if (/^<\/?esi:/.test(this.#data.toString('latin1', this.#at))) this.#warn('a tag without an end');
    this.#from = this.#at;
    this.#at = this.#data.length;
    if (this.#isRemoving) this.#warn('a remove without an end');
    return this.#given();
  }

  #given(): Piece[] {
    this.#flush();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Gives out the text up to here, or drops it. */
  #flush(): void {
    const bytes = this.#data.subarray(this.#from, this.#at);
    if (bytes.length > 0 && !this.#isRemoving) this.#pieces.push({ is: 'text', bytes });
    this.#from = this.#at;
  }

  /** Passes over bytes that are no text. */
  #skip(length: number): void {
    this.#flush();
    this.#at += length;
    this.#from = this.#at;
  }

  #warn(why: string): void {
    this.#pieces.push({ is: 'warning', why });
  }

  /** Decides on some bytes; false when more have to come first. */
  #step(): boolean {
    const place = this.#place;
    switch (place.in) {
      case 'start':
        return this.#start();
      case 'leading-space':
        return this.#leadingSpace();
      case 'text':
        return this.#inText();
      case 'verbatim':
        return this.#verbatim(place.until);
      case 'no-markup':
        this.#at = this.#data.length;
        return true;
    }
  }

  #start(): boolean {
    const match = matchAt(this.#data, this.#at, BOM);
    if (match === 'cut') return false;
    if (match === 'whole') this.#at += BOM.length;
    this.#place = { in: 'leading-space' };
    return true;
  }

  #leadingSpace(): boolean {
    while (isSpace(this.#data[this.#at])) this.#at += 1;
    if (this.#at === this.#data.length) return true;
    this.#place = this.#data[this.#at] === LESS ? text : { in: 'no-markup' };
    if (this.#place !== text) this.#warn('the body does not begin with "<"');
    return true;
  }

  #inText(): boolean {
    const data = this.#data;
    const opening = data.indexOf(LESS, this.#at);
    const end = opening < 0 ? data.length : opening;
    const closing = this.#isInEsiComment ? placeOf(commentEnd, data.subarray(this.#at, end), 0) : -1;
    if (closing >= 0 && (opening < 0 || this.#at + closing + commentEnd.length <= end)) return this.#closing(closing);
    this.#at = end;
    return opening < 0 || this.#opening();
  }

  #closing(distance: number): boolean {
    this.#at += distance;
    if (this.#at + commentEnd.length > this.#data.length) return false;
    this.#isInEsiComment = false;
    this.#skip(commentEnd.length);
    return true;
  }

  #opening(): boolean {
    const next = this.#data[this.#at + 1];
    // A `<` that begins no tag, as in a script, must not hide the markup behind it.
    if (next !== undefined && !afterLess.has(next)) return this.#pass(1, beginsTag(next) ? tag : text);
    const matches = openers.map((opener) => matchAt(this.#data, this.#at, opener));
    if (matches.includes('cut')) return false;
    const opener = openers[matches.indexOf('whole')]?.toString();
    switch (opener) {
      case '<esi:':
      case '</esi:':
        return this.#tag();
      case '<!--esi':
        this.#isInEsiComment = true;
        this.#skip(opener.length);
        return true;
      case '<!--':
        return this.#pass(opener.length, comment);
      case '<![CDATA[':
        return this.#pass(opener.length, cdata);
      default:
        return this.#pass(1, tag);
    }
  }

  /** Takes bytes as text and goes on in another place. */
  #pass(length: number, place: Place): true {
    this.#at += length;
    this.#place = place;
    return true;
  }

  #tag(): boolean {
    const data = this.#data;
    const end = data.indexOf('>', this.#at);
    const length = (end < 0 ? data.length : end + 1) - this.#at;
    if (length > LONGEST_TAG_BYTES) {
      this.#warn('a tag that is too long');
      return this.#pass(1, tag);
    }
    if (end < 0) return false;
    this.#apply(length);
    return true;
  }

  #apply(length: number): void {
    const found = readTag(this.#data.toString('latin1', this.#at, this.#at + length));
    if (found.is === 'unknown') {
      this.#warn('an unknown element');
      this.#at += length;
      return;
    }
    this.#skip(length);
    switch (found.is) {
      case 'include':
        if (this.#isRemoving) this.#warn('an include inside a remove');
        else this.#pieces.push(found);
        return;
      case 'remove':
      case 'remove-end':
        if (this.#isRemoving === (found.is === 'remove')) this.#warn('a remove that is open already, or not open');
        this.#isRemoving = found.is === 'remove';
        return;
      case 'nothing':
        if (found.why !== undefined) this.#warn(found.why);
    }
  }

  #verbatim(until: Buffer): boolean {
    const at = placeOf(until, this.#data, this.#at);
    this.#at = at < 0 ? this.#data.length : at;
    if (at < 0) return true;
    return at + until.length <= this.#data.length && this.#pass(until.length, text);
  }
}
