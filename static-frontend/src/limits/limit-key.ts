/** By which text a limit counts a request: pure. */
import { hash } from 'node:crypto';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { cookiesNamed } from '@trivet/kit/semantics/cookies.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { remembered } from '@trivet/kit/semantics/remembered.ts';
import type { LimitKey } from '../site/guard-options.ts';
import { plainClient } from './client-address.ts';

/** Longer values are told apart by their beginning alone; characters. */
const LONGEST_VALUE = 4096;

/** What a request is counted under: no two kinds of keys are ever the same. */
export function limitKey(by: LimitKey, { client, fields }: Pick<Inbound, 'client' | 'fields'>): string {
  if (by === 'all') return '';
  if (by === 'client') return network(client);
  const value = 'header' in by ? field(fields, by.header.toLowerCase()) : firstCookie(fields, by.cookie);
  return value === undefined || value === '' ? network(client) : digest(value);
}

/** Of clients that are here; each asks more than once. */
const network = remembered(networkOf, 10_000);

// Who has one IPv6 address has all of its /64.
function networkOf(client: string): string {
  const plain = plainClient(client);
  return plain.includes(':') ? plain.split(':').slice(0, 4).join(':') : plain;
}

// Of one length whatever was sent, and no session is readable in memory.
function digest(value: string): string {
  return `#${hash('sha256', value.slice(0, LONGEST_VALUE), 'base64url')}`;
}

function firstCookie(fields: Inbound['fields'], name: string): string | undefined {
  const [first] = cookiesNamed(fields, name);
  return first;
}
