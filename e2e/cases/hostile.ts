import { hostileRequests } from '@trivet/kit/testing/hostile/all-requests.ts';
import { deliveries, holds, isDeliverable } from '@trivet/kit/testing/hostile/holds.ts';
import type { Case } from '../topology.ts';

/** What two hops could read differently, sent to the whole stack: the same table that every tier is held to alone. */
export const hostile: readonly Case[] = hostileRequests.map((request) => ({
  name: `${request.what}: ${request.outcome}`,
  async run({ edge }) {
    for (const delivery of deliveries.filter((one) => isDeliverable(request, one))) {
      await holds({ host: edge.hostname, port: Number(edge.port) }, request, delivery);
    }
  },
}));
