import { applied } from '../edit.ts';
import type { CacheOutcome } from '../policy/cache-status.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import { ageAt } from '../policy/reuse.ts';
import { responseView } from '../policy/views.ts';
import { conclude, ownFields } from './conclude.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import type { Shape } from './shape.ts';

export type Head = Shape & {
  readonly outcome: CacheOutcome;
  /** Of a response that was not fetched for this client: it has an age. */
  readonly life: Lifetime | undefined;
  readonly reason?: string;
};

/** Writes the head of an answer: its own fields, its age, the policy's changes, and what is said of this exchange. */
export function writeHead(x: Exchange, edge: Edge, { status, fields, life, outcome, reason = '' }: Head): void {
  const aged = life === undefined ? fields : [...fields, 'Age', String(ageAt(life, edge.clock()))];
  const edit = x.rules.editsDelivery ? x.rules.deliver(responseView(status, aged), x.view) : undefined;
  const shown = edit === undefined ? aged : applied(edit, aged);
  const head = [...shown, ...conclude(x, edge, status, outcome), ...ownFields(x, edge)];
  if (reason === '') x.response.writeHead(status, head);
  else x.response.writeHead(status, reason, head);
}
