/** The step that asks an upstream whether a request may come in; nginx's auth_request. */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { lines, without } from '@trivet/kit/semantics/fields.ts';
import type { ResponseHead, ResponseSink, Sending, Upstream } from '@trivet/kit/upstream/upstream.ts';
import { type Affinity, type Wish, withoutOurCookie } from '../proxy/affinity.ts';
import { outboundFields } from '../proxy/outbound.ts';
import type { AuthRequestOptions } from '../site/guard-options.ts';
import type { Stage } from './stage.ts';
import { type Vouched, vouchedFor } from './vouched.ts';

/** What is read of the body of the answer, and for how long, so that the connection can be used again. */
const mostDrained = 64 * 1024;
const drainsMs = 5000;

/** What the upstream vouches for; undefined when the client left before it said so. @throws Fault when it refuses. */
export async function askUpstream(
  upstream: Pick<Upstream, 'send'>,
  options: AuthRequestOptions,
  stage: Stage,
  affinity: Affinity | undefined,
): Promise<Vouched | undefined> {
  const head = await answerHead(upstream, questionOf(options, stage.inbound, affinity), stage);
  if (head === undefined) return undefined;
  const { status, fields } = head;
  if (status >= 200 && status < 300) return vouchedFor(options.copy ?? [], fields);
  if (status === 401) {
    const challenges = lines(fields, 'www-authenticate').flatMap((value) => ['WWW-Authenticate', value]);
    throw new Fault('not-authenticated', 'you have to sign in', { fields: challenges });
  }
  if (status === 403) throw new Fault('not-authorized', 'you may not come in here');
  throw new Fault('auth-failed', `${options.proxy} was asked whether you may come in and answered ${status}`);
}

type Question = {
  readonly method: 'GET';
  readonly target: string;
  readonly fields: string[];
  readonly body: undefined;
} & Wish;

function questionOf({ path }: AuthRequestOptions, inbound: Inbound, affinity: Affinity | undefined): Question {
  const fields = without(withoutOurCookie(outboundFields(inbound), affinity), isOfTheRequestAlone);
  fields.push('X-Original-URI', inbound.target, 'X-Original-Method', inbound.method);
  return { method: 'GET', target: path, fields, body: undefined, ...affinity?.wish };
}

// About a body that is not sent, conditions and parts of another resource, and what is said here anew.
function isOfTheRequestAlone(name: string): boolean {
  return /^(?:content-|if-|x[-_]original[-_](?:uri|method)$)|^(?:range|te|trailer|expect|max-forwards)$/.test(name);
}

async function answerHead(
  upstream: Pick<Upstream, 'send'>,
  question: Question,
  { until, hasLeft, leaveAtEnd }: Stage,
): Promise<ResponseHead | undefined> {
  leaveAtEnd();
  if (hasLeft()) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<ResponseHead | undefined>();
  const sink = new Draining(resolve, reject);
  sink.sending = upstream.send(question, sink);
  const onClose = () => {
    sink.stop();
    resolve(undefined);
  };
  until.once('close', onClose);
  try {
    return await promise;
  } finally {
    until.off('close', onClose);
  }
}

/** Takes the head; the body is of no interest. */
class Draining implements ResponseSink {
  readonly #resolve: (head: ResponseHead) => void;
  readonly #reject: (fault: Fault) => void;
  sending: Sending | undefined;
  #drained = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(resolve: (head: ResponseHead) => void, reject: (fault: Fault) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onHead(head: ResponseHead): void {
    this.#timer = setTimeout(() => this.stop(), drainsMs).unref();
    this.#resolve(head);
  }

  onData(chunk: Buffer): boolean {
    this.#drained += chunk.length;
    if (this.#drained > mostDrained) this.stop();
    return true;
  }

  onEnd(): void {
    clearTimeout(this.#timer);
  }

  onFault(cause: Fault): void {
    clearTimeout(this.#timer);
    this.#reject(new Fault('auth-failed', `who may come in could not be asked: ${cause.message}`, { cause }));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.sending?.abort();
  }
}
