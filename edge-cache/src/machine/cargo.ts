/** What a fetch carries once its head is here: the body in its flow, and whom it may be given to. */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, field, without } from '@trivet/kit/semantics/fields.ts';
import type { ResponseHead } from '@trivet/kit/upstream/upstream.ts';
import type { Admission, Refusal } from '../policy/admission.ts';
import { packFields, unpackFields } from '../store/packed-fields.ts';
import { type Draft, type Entry, headBytes, type Store, type Writer } from '../store/store.ts';
import type { Asker, Streamed } from './asker.ts';
import { Flow, type FlowOwner } from './flow.ts';
import { announcedLength, passedOn } from './head-fields.ts';
import { isVariantFor } from './waiting-room.ts';

type Admitted = Extract<Admission, { verdict: 'store' }>;
type Kept = { readonly draft: Draft; readonly writer: Writer; readonly admitted: Admitted };

const ignore = () => undefined;

/** A body that is kept, or that only its leader gets. */
export class Cargo {
  readonly flow: Flow;
  readonly #kept: Kept | undefined;
  readonly #head: Omit<Streamed, 'reader'>;
  /** What the length of the body must be in the end; bytes. */
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

  /** May one that comes while the body is on its way have it? Only what is fresh, and is there from its first byte. */
  accepts(asker: Asker, now: number): boolean {
    if (this.#kept === undefined || !this.flow.isKept) return false;
    const { draft, admitted } = this.#kept;
    return admitted.sharing === 'all' && now < draft.life.freshUntil && isVariantFor(draft, asker);
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

  /** The body is at its end: stores it if it may, and closes the flow; a body that is too short breaks it. */
  unload(trailers: Fields, mayStore: boolean, now: number): Entry | undefined {
    const { flow } = this;
    if (this.#expected !== undefined && flow.length !== this.#expected) {
      flow.break(new Fault('reset-mid-body', `the body ended after ${flow.length} of ${this.#expected} bytes`));
      return undefined;
    }
    const entry = mayStore && flow.isKept && this.#kept !== undefined ? store(this.#kept, trailers, now) : undefined;
    flow.end(trailers);
    return entry;
  }
}

function store({ draft, writer }: Kept, trailers: Fields, now: number): Entry | undefined {
  if (now >= draft.life.keepUntil) return undefined;
  return writer.finish(trailers.length === 0 ? draft : { ...draft, trailers: packFields(trailers) });
}

type Loading = {
  readonly fields: Fields;
  readonly draft: Draft;
  readonly admitted: Admitted;
  readonly isStored: boolean;
  readonly owner: FlowOwner;
};

/** A body that is to be kept; undefined when the store has no room for it. */
export function loaded(store: Store, { status, reason }: ResponseHead, loading: Loading): Cargo | undefined {
  const { fields, draft, admitted, isStored, owner } = loading;
  const length = announcedLength(status, fields);
  const writer = store.begin(headBytes(draft), length);
  if (writer === undefined) return undefined;
  const shown = admitted.stripsCookies ? without(fields, (name) => name === 'set-cookie') : fields;
  const { isEsi } = draft;
  const head = { is: 'streamed', status, reason, fields: passedOn(shown), length, isStored, isEsi } as const;
  return new Cargo(new Flow(writer, owner), head, length, { draft, writer, admitted });
}

type Unshared = {
  readonly fields: Fields;
  readonly why: Refusal;
  readonly isEsi: boolean;
  readonly method: string;
  readonly owner: FlowOwner;
};

/** A body for its leader alone. */
export function unshared({ status, reason }: ResponseHead, given: Unshared): Cargo {
  const { fields, why, isEsi, method, owner } = given;
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
  } as const;
  return new Cargo(new Flow(undefined, owner), head, length);
}
