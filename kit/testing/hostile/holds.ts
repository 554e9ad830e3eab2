/** Sends rows of the table to a server and says whether it does with them what the table says. */
import assert from 'node:assert/strict';
import { type Door, rawConnect } from '../raw-client.ts';
import { asked, behind, type HostileRequest, host } from './hostile-request.ts';

/** How the bytes reach the server. */
export type Delivery = 'with the next request in one packet' | 'before the next request' | 'byte by byte';

export const deliveries: readonly Delivery[] = [
  'with the next request in one packet',
  'before the next request',
  'byte by byte',
];

/** Longer ones are not sent byte by byte: what makes them long is no place where they could be misread. */
const longestTrickle = 300;

/** Can this request be delivered so? */
export function isDeliverable({ bytes }: HostileRequest, delivery: Delivery): boolean {
  return delivery !== 'byte by byte' || bytes.length <= longestTrickle;
}

/** A third one, which is the last. */
export const last = `GET ${asked}?last HTTP/1.1\r\n${host}Connection: close\r\n\r\n`;

/** The answers on a connection, interim ones left out: their statuses. */
export function statusesOf(received: string): number[] {
  const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  return statuses.filter((status) => status >= 200);
}

/** Sends `request` and two more behind it, and gives all that comes back until the server closes. */
export async function exchange(door: Door, { bytes }: HostileRequest, delivery: Delivery): Promise<string> {
  await using client = await rawConnect(door);
  const all = Buffer.from(bytes + behind + last, 'latin1');
  if (delivery === 'with the next request in one packet') await client.write(all);
  if (delivery === 'before the next request') {
    await client.write(bytes);
    await client.write(behind + last);
  }
  if (delivery === 'byte by byte') for (const byte of all) await client.write(Uint8Array.of(byte));
  await client.closed;
  return client.received;
}

/** Rejects unless the server behind `door` does what the table says, and closes. */
export async function holds(door: Door, request: HostileRequest, delivery: Delivery): Promise<void> {
  assertOutcome(await exchange(door, request, delivery), request);
}

/** Is this all that a server may have said? @throws AssertionError */
export function assertOutcome(received: string, { outcome }: HostileRequest): void {
  const statuses = statusesOf(received);
  if (typeof outcome === 'number') {
    assert.deepEqual(statuses, [outcome], received);
    assert.match(received, /^connection: close\r$/im);
    return;
  }
  assert.equal(statuses.length, outcome === 'served' ? 3 : 1, received);
  for (const status of statuses) assert.ok(status < 400, received);
}

/** What reached the next hop: targets of whole requests, in order. */
export type Reached = () => readonly string[];

/** The same, and nothing of a refused request, nor what came behind it, may have reached the next hop as a whole request. */
export async function holdsAndPassesNothing(
  door: Door,
  { request, delivery, reached }: { request: HostileRequest; delivery: Delivery; reached: Reached },
): Promise<void> {
  const before = reached().length;
  await holds(door, request, delivery);
  if (typeof request.outcome === 'number') return assert.deepEqual(reached().slice(before), []);
  assert.ok(reached().length > before);
}
