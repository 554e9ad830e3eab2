/** The step that opens a tunnel for a WebSocket: by the same reading of the path and the same routes as every request. */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { UpgradeHandler } from '@trivet/kit/http1/listener.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import { askedPath } from './asked-path.ts';
import { findFile } from './files/find.ts';
import { type Front, type Live, ownFields } from './front.ts';
import { outboundFields } from './proxy/outbound.ts';
import { route } from './route.ts';

/** Hands the sockets of upgrade requests to the tunnel of the upstream their path leads to. */
export function upgradeHandler(live: Live, tunnels: ReadonlyMap<string, Tunnel>): UpgradeHandler {
  return async (inbound, socket, head) => {
    const { front } = live;
    const upstream = await upstreamFor(front, inbound);
    const tunnel = upstream === undefined ? undefined : tunnels.get(upstream);
    if (tunnel === undefined) throw new Fault('not-found', 'there is no WebSocket of this name here');
    const own = ownFields(front, inbound);
    return await tunnel.open(inbound, socket, head, {
      fields: outboundFields(inbound),
      answerFields: [...own, 'Via', '1.1 static-frontend'],
    });
  };
}

async function upstreamFor({ site, root }: Front, { target }: Inbound): Promise<string | undefined> {
  const asked = askedPath(target);
  const destination = route(site.routes, asked);
  if (destination.to === 'proxy') return destination.ask.proxy;
  if (destination.to !== 'files') return undefined;
  const finding = await findFile(root, destination.files, asked, []);
  if (finding.found === 'file') await finding.file.handle.close();
  return finding.found === 'app' ? finding.ask.proxy : undefined;
}
