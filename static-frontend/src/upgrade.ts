/** The step that opens a tunnel for a WebSocket: by the same reading of the path and the same routes as every request. */

import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import type { UpgradeHandler } from '@trivet/kit/http1/listener.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { findFile } from './files/find.ts';
import { type Front, type Live, ownFields } from './front.ts';
import { lacksGuardedSlash } from './guard/guarded-folder.ts';
import { letIn } from './guard/let-in.ts';
import { refuseAmbiguous } from './guard/other-readings.ts';
import { stageOfUpgrade } from './guard/stage.ts';
import { affinityOf, tunnelWay, withoutOurCookie } from './proxy/affinity.ts';
import { outboundFields } from './proxy/outbound.ts';
import { swapped } from './proxy/target.ts';
import { readPath } from './read-path.ts';
import { type Asking, type Destination, route } from './route.ts';

/** Hands the sockets of upgrade requests to the tunnel of the upstream their path leads to. */
export function upgradeHandler(live: Live): UpgradeHandler {
  return async (inbound, socket, head) => {
    const { front } = live;
    const { asked, target } = readPath(front.site, inbound.target);
    const destination = route(front.site.routes, asked);
    refuseOtherSpellings(front, asked, destination);
    const guard = front.guards.get(destination.route);
    const admission = guard && (await letIn(front, stageOfUpgrade(inbound, socket), guard));
    if (admission?.verdict === 'left') return { status: 499, outcome: 'client-left' };
    const ask = await askedFor(front, asked, destination);
    const tunnel = ask && front.tunnels.get(ask.proxy);
    if (!ask || !tunnel) throw new Fault('not-found', 'there is no WebSocket of this name here');
    const own = ownFields(front, inbound);
    // By what the site makes of the URL, as every request to this upstream.
    const affinity = affinityOf(front.site, ask.proxy, { ...inbound, target });
    const outbound = { ...inbound, target: swapped(target, front.proxying.planOf(ask).swap) };
    return await tunnel.open(outbound, socket, head, {
      fields: withoutOurCookie(outboundFields(inbound, admission?.vouched), affinity),
      answerFields: [...own, 'Via', '1.1 static-frontend'],
      ...tunnelWay(affinity, front.upstreams.get(ask.proxy)),
    });
  };
}

function refuseOtherSpellings(front: Front, asked: RoutedPath, { route }: Destination): void {
  refuseAmbiguous(front, asked, route);
  if (!lacksGuardedSlash(front, asked, route)) return;
  throw new Fault('not-found', 'there is no WebSocket of this name here, perhaps with a slash at its end');
}

async function askedFor({ root }: Front, asked: RoutedPath, destination: Destination): Promise<Asking | undefined> {
  if (destination.to === 'proxy') return destination.ask;
  if (destination.to !== 'files') return undefined;
  const finding = await findFile(root, destination.files, asked, []);
  if (finding.found === 'file') await finding.file.handle.close();
  return finding.found === 'app' ? finding.ask : undefined;
}
