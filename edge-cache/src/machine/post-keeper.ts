import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { passableTrailers } from '@trivet/kit/upstream/relay.ts';
import type { ResponseHead, ResponseSink, Upstream } from '@trivet/kit/upstream/upstream.ts';
import { postAdmission } from '../policy/post.ts';
import { responseView } from '../policy/views.ts';
import { packFields } from '../store/packed-fields.ts';
import { type Draft, headBytes, type Writer } from '../store/store.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import type { Withdrawable } from './flights.ts';
import { announcedLength, draftOf } from './head-fields.ts';
import { keyOf } from './invalidate.ts';
import { Withdrawal } from './withdrawal.ts';

/** The upstream for a POST: what it answers passes by, and is stored on the way where a GET may have it. RFC 9110 §9.3.3. */
export function keepingPosts(x: Exchange, edge: Edge): Pick<Upstream, 'send'> {
  if (x.method !== 'POST' || x.directives.noStore) return edge.upstream;
  return { send: (outbound, sink) => edge.upstream.send(outbound, new PostKeeper(x, edge, { outbound, sink })) };
}

type Sent = { readonly outbound: Withdrawable['order']['outbound']; readonly sink: ResponseSink };

class PostKeeper implements ResponseSink, Withdrawable {
  readonly order: Withdrawable['order'];
  readonly withdrawal = new Withdrawal();
  readonly #x: Exchange;
  readonly #edge: Edge;
  readonly #sink: ResponseSink;
  readonly #requestedAt: number;
  #kept: { readonly draft: Draft; readonly writer: Writer } | undefined;

  constructor(x: Exchange, edge: Edge, { outbound, sink }: Sent) {
    this.#x = x;
    this.#edge = edge;
    this.#sink = sink;
    this.#requestedAt = edge.clock();
    const { fields, directives, resource, lane } = x;
    const key = keyOf(x, x.inbound.host, x.inbound.target);
    const request = { method: 'GET', fields, directives };
    const sinceBan = edge.bans.newest;
    const alone = {
      rules: x.rules,
      sinceBan,
      stale: undefined,
      isConditional: false,
      isBackground: false,
      isShared: false,
      part: '',
    };
    this.order = { key, resource, lane, request, view: () => x.view, outbound, ...alone };
    edge.flights.watch(this);
    // Nothing that is left half-way may stay behind.
    x.response.once('close', () => this.#over());
  }

  onInterim(status: number, fields: Fields): void {
    this.#sink.onInterim?.(status, fields);
  }

  onHead(head: ResponseHead): void {
    const { flights } = this.#edge;
    // What it changes itself outdates everything but its own answer.
    flights.unwatch(this);
    this.#sink.onHead(head);
    flights.watch(this);
    this.#kept = this.#begin(head);
  }

  onData(chunk: Buffer): boolean {
    if (this.#kept?.writer.write(chunk) === false) this.#drop();
    return this.#sink.onData(chunk);
  }

  onEnd(trailers: Fields): void {
    this.#store(passableTrailers(trailers));
    this.#over();
    this.#sink.onEnd(trailers);
  }

  onFault(fault: Fault): void {
    this.#over();
    this.#sink.onFault(fault);
  }

  #begin({ status, fields: received }: ResponseHead) {
    const { store, admission: rules, clock } = this.#edge;
    const { inbound, rules: policy, view } = this.#x;
    const fields = endToEnd(received);
    const respondedAt = clock();
    const candidate = {
      request: { ...this.order.request, method: 'POST' },
      response: { status, fields },
      timing: { requestedAt: this.#requestedAt, respondedAt },
    };
    const advice = policy.admit(responseView(status, fields), view);
    const admitted = postAdmission(candidate, inbound, { rules, advice });
    if (admitted.verdict === 'pass') return undefined;
    const { key, resource, request, sinceBan } = this.order;
    const draft = draftOf({ key, resource, request, status, admitted, respondedAt, sinceBan });
    this.withdrawal.arrived(draft);
    const writer = store.begin(headBytes(draft), announcedLength(status, fields));
    return writer && { draft, writer };
  }

  #store(trailers: Fields): void {
    if (this.#kept === undefined || this.withdrawal.isWithdrawn) return;
    const { draft, writer } = this.#kept;
    const entry = writer.finish(trailers.length === 0 ? draft : { ...draft, trailers: packFields(trailers) });
    if (entry === undefined) return;
    this.#edge.counters.stored += 1;
    this.#edge.aliases.note(entry);
  }

  #drop(): void {
    this.#kept?.writer[Symbol.dispose]();
    this.#kept = undefined;
  }

  #over(): void {
    this.#edge.flights.unwatch(this);
    this.#drop();
  }
}
