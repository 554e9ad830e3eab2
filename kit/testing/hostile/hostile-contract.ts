import { describe, test } from 'node:test';
import { hostileRequests } from './all-requests.ts';
import { deliveries, holdsAndPassesNothing, isDeliverable, type Reached } from './holds.ts';

/** A server under test: where it listens, and the targets of the whole requests that what stands behind it has got. */
export type Hostility = AsyncDisposable & { readonly port: number; readonly reached: Reached };

/** Every request of the table, in every way it may arrive, against a server of its own. */
export function hostileContract(name: string, open: () => Promise<Hostility>): void {
  for (const delivery of deliveries) {
    describe(`${name}: a request and what comes behind it, ${delivery}`, () => {
      for (const request of hostileRequests.filter((one) => isDeliverable(one, delivery))) {
        test(`${request.what}: ${request.outcome}`, async () => {
          await using server = await open();
          await holdsAndPassesNothing(server.port, { request, delivery, reached: server.reached });
        });
      }
    });
  }
}
