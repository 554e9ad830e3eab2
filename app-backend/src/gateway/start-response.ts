import type { StartResponse, Write } from '../wsgi.ts';
import { checkHead, type SoundHead } from './check-head.ts';
import { WsgiViolation } from './wsgi-violation.ts';

/**
 * The head of one answer, from the first start_response to the moment it is sent. PEP 3333, "The start_response()
 * Callable": kept until there is something to send, replaced on failure while it is kept, never replaced once sent.
 */
export class ResponseStart {
  // In an object of its own: V8 keeps each function that lies in a field until all of its memory is looked through.
  readonly #body: { readonly write: Write };
  #wasCalled = false;
  #state: 'kept' | 'sent' | 'over' = 'kept';
  #head: SoundHead | undefined;
  #refusal: string | undefined;

  constructor(write: Write) {
    this.#body = { write };
  }

  startResponse(...[status, headers, failure]: Parameters<StartResponse>): Write {
    if (this.#state === 'over') throw new WsgiViolation('start_response was called after the exchange was over');
    if (failure === undefined && this.#wasCalled) {
      throw new WsgiViolation('start_response was called again without the failure that would explain it');
    }
    if (failure !== undefined && this.#state === 'sent') throw failure.error;
    this.#wasCalled = true;
    const checked = checkHead(status, headers);
    this.#head = checked.verdict === 'sound' ? checked : undefined;
    this.#refusal = checked.verdict === 'bad' ? checked.why : undefined;
    if (checked.verdict === 'bad') throw new WsgiViolation(checked.why);
    return this.#body.write;
  }

  /** The head as it stands. Throws when there is none, also when the application ignored that it was refused. */
  get head(): SoundHead {
    if (this.#head) return this.#head;
    if (this.#refusal !== undefined) throw new WsgiViolation(this.#refusal);
    throw new WsgiViolation('start_response was not called before the first block of the body');
  }

  get isSent(): boolean {
    return this.#state === 'sent';
  }

  markSent(): void {
    this.#state = 'sent';
  }

  /** start_response is of no use any more, whoever kept it. */
  end(): void {
    this.#state = 'over';
  }
}
