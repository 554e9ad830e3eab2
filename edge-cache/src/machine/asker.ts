import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, has } from '@trivet/kit/semantics/fields.ts';
import type { Refusal } from '../policy/admission.ts';
import { type Directives, noDirectives } from '../policy/directives.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import type { Entry } from '../store/store.ts';
import type { Reader } from './flow.ts';

/** What a fetch brought to one of those who waited for it. */
export type Landing =
  | Streamed
  /** The stored response was found unchanged. */
  | { readonly is: 'renewed'; readonly entry: Entry }
  /** The origin failed, with a fault or an error status, and a stored response stands in. */
  | { readonly is: 'stale'; readonly entry: Entry; readonly failure: Fault | number }
  | { readonly is: 'fault'; readonly fault: Fault }
  /** It is no answer for this one: look again, and `alone` where no other fetch will have one either. */
  | { readonly is: 'again'; readonly isAlone: boolean; readonly why?: 'coalesce-wait' }
  | { readonly is: 'left' };

/** A response that has just begun. */
export type Streamed = {
  readonly is: 'streamed';
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly reader: Reader;
  /** Of the whole body, when the head tells it; bytes. */
  readonly length: number | undefined;
  readonly isStored: boolean;
  /** Its ESI markup is to be processed. */
  readonly isEsi: boolean;
  /** Why it is not stored. */
  readonly why?: Refusal | undefined;
  /** For those it was not fetched for: their answer has an age. */
  readonly life?: Lifetime | undefined;
  /** Of one that is on its way into the store: what is stored beside its fields. */
  readonly held?: string | undefined;
};

/** One exchange that waits for a fetch. */
export class Asker {
  /** The client's request: what its variant is selected by. */
  readonly fields: Fields;
  readonly hasCookie: boolean;
  /** The client's own, where they are honoured. */
  readonly directives: Directives;
  readonly landing: Promise<Landing>;
  /** Passes 1xx responses on. */
  readonly onInterim: ((status: number, fields: Fields) => void) | undefined;
  /** Called when its wait is over. */
  onSettled: (() => void) | undefined;
  readonly #resolve: (landing: Landing) => void;

  constructor(fields: Fields, onInterim?: (status: number, fields: Fields) => void, directives = noDirectives) {
    const { promise, resolve } = Promise.withResolvers<Landing>();
    this.fields = fields;
    this.hasCookie = has(fields, 'cookie');
    this.directives = directives;
    this.onInterim = onInterim;
    this.landing = promise;
    this.#resolve = resolve;
  }

  settle(landing: Landing): void {
    this.onSettled?.();
    this.#resolve(landing);
  }
}
