/** What a fetch carries once its head is here: the body in its flow, and whom it may be given to. */

import type { Encoder } from '@trivet/kit/http1/encoder.ts';
import type { Coding } from '@trivet/kit/semantics/content-coding.ts';
import { encodedFields, ofTheForm, withVary } from '@trivet/kit/semantics/encoded-fields.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, field, without } from '@trivet/kit/semantics/fields.ts';
import type { ResponseHead } from '@trivet/kit/upstream/upstream.ts';
import type { Admission, Candidate, Refusal } from '../policy/admission.ts';
import type { Arrival } from '../policy/arrival.ts';
import { compression } from '../policy/compression.ts';
import { reuse } from '../policy/reuse.ts';
import { packFields, unpackFields } from '../store/packed-fields.ts';
import { type Draft, type Entry, headBytes, type Writer } from '../store/store.ts';
import type { Asker, Streamed } from './asker.ts';
import { decodableDraft, encodedDraft, isDecodable, withPlainLength } from './coded-form.ts';
import type { Crew } from './flight-order.ts';
import { Flow, type FlowOwner } from './flow.ts';
import { announcedLength, passedOn } from './head-fields.ts';
import { isVariantFor } from './waiting-room.ts';

type Admitted = Extract<Admission, { verdict: 'store' }>;
type Kept = {
  readonly draft: Draft;
  readonly writer: Writer;
  readonly admitted: Admitted;
  /** What compresses the body before it is kept. */
  readonly encoder: Encoder | undefined;
};

const ignore = () => undefined;

/** A body that is kept, or that only its leader gets. */
export class Cargo {
  readonly flow: Flow;
  readonly #kept: Kept | undefined;
  readonly #head: Omit<Streamed, 'reader'>;
  /** What the length of the body as it comes must be in the end; bytes. */
  readonly #expected: number | undefined;

  constructor(flow: Flow, head: Omit<Streamed, 'reader'>, expected: number | undefined, kept?: Kept) {
    this.flow = flow;
    this.#head = head;
    this.#expected = expected;
    this.#kept = kept;
  }

  /** What is to be stored; undefined when nothing is. */
  get draft(): Draft | undefined {
    return this.#kept?.draft;
  }

  /** Is it all of the response, and answered as such? */
  get isWhole(): boolean {
    return this.#head.status !== 206;
  }

  /** May one that comes while the body is on its way have it? Only what is fresh enough, and there from its first byte. */
  accepts(asker: Asker, now: number): boolean {
    if (this.#kept === undefined || !this.flow.isKept) return false;
    const { draft, admitted } = this.#kept;
    const { verdict } = reuse(draft.life, now, asker.directives);
    return admitted.sharing === 'all' && verdict === 'serve' && isVariantFor(draft, asker);
  }

  /** The response for one reader: as received for the one that it was fetched for, else as it is stored. */
  stream(isLeader: boolean): Streamed {
    const reader = this.flow.reader(ignore);
    if (isLeader || this.#kept === undefined) return { ...this.#head, reader };
    const { sent, life } = this.#kept.draft;
    const place = this.#head.status === 206 ? field(this.#head.fields, 'content-range') : undefined;
    const fields = unpackFields(sent);
    if (place !== undefined) fields.push('Content-Range', place);
    return { ...this.#head, reader, fields, life };
  }

  /** Takes what came; false holds the origin back. */
  write(chunk: Buffer): boolean {
    return (this.#kept?.encoder ?? this.flow).write(chunk);
  }

  /**
   * The body is at its end: stores it if it may once its last byte is there, and closes the flow; a body that is too short
   * breaks it. `over` comes then, and never when it breaks meanwhile.
   */
  unload(trailers: Fields, mayStore: (draft: Draft) => boolean, over: (entry: Entry | undefined) => void): void {
    const { flow } = this;
    const encoder = this.#kept?.encoder;
    const length = encoder?.plainBytes ?? flow.length;
    if (this.#expected !== undefined && length !== this.#expected) {
      this.break(new Fault('reset-mid-body', `the body ended after ${length} of ${this.#expected} bytes`));
      return over(undefined);
    }
    const close = () => {
      const kept = flow.isKept && this.#kept !== undefined && mayStore(this.#kept.draft) ? this.#kept : undefined;
      // A digest is one of the bytes that came (RFC 9530 §3).
      const passed = encoder === undefined ? trailers : without(trailers, (name) => ofTheForm.has(name));
      const entry = kept && store(kept, passed);
      flow.end(passed);
      over(entry);
    };
    if (encoder === undefined) close();
    else encoder.end(close);
  }

  /** What came is all that comes, and is not the whole. */
  break(fault: Fault): void {
    this.#kept?.encoder?.abandon();
    this.flow.break(fault);
  }
}

function store({ draft, writer, encoder }: Kept, trailers: Fields): Entry | undefined {
  const whole = encoder === undefined ? draft : withPlainLength(draft, encoder.plainBytes);
  return writer.finish(trailers.length === 0 ? whole : { ...whole, trailers: packFields(trailers) });
}

type Loading = {
  readonly arrived: Candidate;
  readonly draft: Draft;
  readonly admitted: Admitted;
  readonly isWithdrawn: boolean;
  readonly owner: FlowOwner;
};

/** A body that is to be kept; undefined when the store has no room for it. */
export function loaded(crew: Crew, head: ResponseHead, loading: Loading): Cargo | undefined {
  const { arrived, admitted, owner } = loading;
  const why = notKept(loading);
  const isStored = why === undefined;
  const { status, reason } = head;
  const announced = announcedLength(status, arrived.response.fields);
  const coding = isStored ? codingOf(crew, announced, loading) : undefined;
  const encoder = coding && crew.encoders.begin(coding, announced);
  const form = formed(loading, encoder && coding, crew.compression.isOn);
  const length = encoder === undefined ? announced : undefined;
  const writer = crew.store.begin(headBytes(form.draft), length);
  if (writer === undefined) {
    encoder?.abandon();
    return undefined;
  }
  const flow = new Flow(writer, encoder === undefined ? owner : heldBackBy(encoder, owner));
  encoder?.into({
    onBytes: (bytes) => flow.write(bytes),
    onRoom: () => owner.onRoom(),
    onFault: (fault) => {
      flow.break(fault);
      owner.abandon();
    },
  });
  const { draft } = form;
  const streamed = {
    is: 'streamed',
    status,
    reason,
    fields: form.shown,
    length,
    isStored,
    why,
    isEsi: draft.isEsi,
    held: draft.held,
  } as const;
  return new Cargo(flow, streamed, announced, { draft, writer, admitted, encoder });
}

// Shared with those who ask now, and with nobody later.
function notKept({ arrived, draft, isWithdrawn }: Loading): Refusal | undefined {
  if (isWithdrawn) return 'purged';
  return draft.life.keepUntil > arrived.timing.respondedAt ? undefined : 'stale-at-once';
}

function codingOf({ compression: rules }: Crew, length: number | undefined, { arrived, admitted, draft }: Loading) {
  // Markup is looked for in what is not coded.
  if (draft.isEsi) return undefined;
  const { request, response } = arrived;
  const verdict = compression({ ...response, request: request.fields, length }, rules, admitted.compress);
  return verdict.verdict === 'encode' ? verdict.coding : undefined;
}

// What is stored, and what the client that it is fetched for is shown: in the coding that it is given here, or came in.
function formed({ arrived, draft, admitted }: Loading, coding: Coding | undefined, decodes: boolean) {
  const { fields } = arrived.response;
  const shown = passedOn(admitted.stripsCookies ? without(fields, (name) => name === 'set-cookie') : fields);
  if (coding !== undefined) return { draft: encodedDraft(draft, coding), shown: encodedFields(shown, coding) };
  if (!decodes || arrived.response.status === 206 || !isDecodable(fields)) return { draft, shown };
  return { draft: decodableDraft(draft), shown: withVary(shown) };
}

// What readers leave no room for stays in the encoder, and what it has no room for stays with the origin.
function heldBackBy(encoder: Encoder, owner: FlowOwner): FlowOwner {
  return { onRoom: () => encoder.resume(), abandon: () => owner.abandon() };
}

/** An answer for the one that asked; `held` is of a stored response that is given away. */
export type Passed = Extract<Arrival, { do: 'pass' }> & { readonly held?: string | undefined };
/** One that cannot be shared for a while. */
export const refused = { do: 'pass', isLasting: true } as const;

type Unshared = {
  readonly fields: Fields;
  readonly why: Refusal;
  readonly isEsi: boolean;
  readonly method: string;
  readonly owner: FlowOwner;
  /** Of a stored response that is given away. */
  readonly held?: string | undefined;
};

/** A body for its leader alone. */
export function unshared({ status, reason }: ResponseHead, given: Unshared): Cargo {
  const { fields, why, isEsi, method, owner, held } = given;
  const length = method === 'HEAD' ? undefined : announcedLength(status, fields);
  const head = {
    is: 'streamed',
    status,
    reason,
    fields: passedOn(fields),
    length,
    isStored: false,
    why,
    isEsi,
    held,
  } as const;
  return new Cargo(new Flow(undefined, owner), head, length);
}
