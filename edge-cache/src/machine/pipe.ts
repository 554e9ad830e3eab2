import { standardFields } from '@trivet/kit/http1/answer.ts';
import type { UpgradeHandler } from '@trivet/kit/http1/listener.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import type { Backends } from '../backends.ts';
import { cacheStatus } from '../policy/cache-status.ts';
import { type Edge, honours } from './edge.ts';
import { tunnelOutbound } from './outbound.ts';
import { Question } from './question.ts';
import { received } from './receive.ts';

/** Hands an upgraded connection to the origin, unless the policy refuses it. Nothing of it is looked up or stored. */
export function pipe(edge: Edge, tunnel: Tunnel, backends: Pick<Backends, 'endpoints'>): UpgradeHandler {
  return async (inbound, socket, head) => {
    edge.counters.pipes += 1;
    const asked = new Question(inbound, edge.rules, honours(edge, inbound));
    const verdict = received(asked, edge, { hasBody: false, isUpgrade: true });
    if (verdict.do === 'synth' || verdict.do === 'purge') {
      const status = verdict.do === 'synth' ? { status: verdict.status } : {};
      throw new Fault('denied', 'the policy of this edge refuses the upgrade', status);
    }
    const said = cacheStatus({ fwd: 'bypass', detail: 'upgrade' });
    const own = standardFields(inbound, edge.serverTiming ? 'edge' : undefined);
    const { fields, backend } = tunnelOutbound(asked);
    return await tunnel.open(inbound, socket, head, {
      fields,
      addresses: backends.endpoints(backend),
      answerFields: [...own, 'Via', '1.1 edge-cache', 'Cache-Status', said],
    });
  };
}
