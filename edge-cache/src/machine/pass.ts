import { note } from '@trivet/kit/http1/answer.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { relay } from '@trivet/kit/upstream/relay.ts';
import { applied } from '../edit.ts';
import type { Forward } from '../policy/cache-status.ts';
import { isEsi } from '../policy/esi/wanted.ts';
import { responseView } from '../policy/views.ts';
import { changesFor } from './change.ts';
import { conclude, ownFields } from './conclude.ts';
import { type Changing, changing } from './deliver-changed.ts';
import type { Edge } from './edge.ts';
import type { Exchange, Turn } from './exchange.ts';
import { countArrival, countFailure } from './fetch-counters.ts';
import { passedOn } from './head-fields.ts';
import { invalidate } from './invalidate.ts';
import { passOutbound } from './outbound.ts';
import { outdatingFirst } from './outdating-sink.ts';
import { keepingPosts } from './post-keeper.ts';

/** Hands a request to the origin and its answer to the client, both as they come. */
export async function pass(x: Exchange, edge: Edge, why: { fwd: Forward; why: string | undefined }): Promise<Turn> {
  edge.counters.fetched.requests += 1;
  let changed: Changing | undefined;
  await relay({
    upstream: outdatingFirst(x, edge, keepingPosts(x, edge)),
    outbound: passOutbound(x),
    response: x.response,
    dress: ({ status, fields: received }) => {
      countArrival(edge.counters.fetched, { method: x.method, status, fields: received });
      const fields = endToEnd(received);
      if (edge.siblings === undefined) invalidate(x, edge, status, fields);
      const edit = x.rules.editsDelivery ? x.rules.deliver(responseView(status, fields), x.view) : undefined;
      changed = changedOnItsWay(x, edge, status, fields);
      const given = changed?.fields ?? passedOn(fields);
      const shown = edit === undefined ? given : applied(edit, given);
      const outcome = conclude(x, edge, status, { fwd: why.fwd, detail: why.why });
      return { status, fields: [...shown, ...outcome, ...ownFields(x, edge)], into: changed?.into };
    },
    takesTrailers: x.takesTrailers,
    takesInterim: x.takesInterim,
    onBroken: (fault) => {
      countFailure(edge.counters.fetched, fault);
      note(x.response, { fault });
    },
  });
  await changed?.sent;
  return { step: 'done' };
}

/** What is passed stays as it is, but for markup that asks to be processed. */
function changedOnItsWay(x: Exchange, edge: Edge, status: number, fields: Fields): Changing | undefined {
  const advised = x.rules.hasAdmit ? x.rules.admit(responseView(status, fields), x.view).esi : undefined;
  if (!isEsi({ status, fields }, advised)) return undefined;
  const given = passedOn(fields);
  const changes = changesFor(x, edge, { status, fields: given, isEsi: true });
  return changes.length === 0 ? undefined : changing(x, given, changes);
}
