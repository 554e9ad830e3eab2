/** What the handlers of every tier share when they answer: standard fields, error pages, notes for the log. */
import type { ExchangeNote } from '../process/exchange-record.ts';
import { errorPage } from '../semantics/error-page.ts';
import { type Fault, faultFields, type Tier } from '../semantics/fault.ts';
import { field } from '../semantics/fields.ts';
import { serverTiming } from '../semantics/server-timing.ts';
import type { Inbound } from './inbound.ts';
import type { Outlet } from './outlet.ts';

type Noted = { -readonly [M in keyof ExchangeNote]: ExchangeNote[M] };

const notes = new WeakMap<Outlet, Noted>();

/** Adds to what the log line of this exchange will say. */
export function note(response: Outlet, extra: ExchangeNote): void {
  const before = notes.get(response);
  if (before === undefined) notes.set(response, { ...extra });
  else Object.assign(before, extra);
}

/** What was noted so far. */
export function noted(response: Outlet): ExchangeNote | undefined {
  return notes.get(response);
}

/** `X-Request-Id`, and `Server-Timing` under this tier's name unless that is switched off. */
export function standardFields(inbound: Inbound, timing: 'edge' | 'front' | 'app' | undefined): string[] {
  const fields = ['X-Request-Id', inbound.id];
  if (timing) fields.push('Server-Timing', serverTiming(timing, performance.now() - inbound.receivedAt));
  return fields;
}

const timingNames = { 'edge-cache': 'edge', 'static-frontend': 'front', 'app-backend': 'app' } as const;

/** Answers with an error page of this tier; see `answerPage`. */
export function answerFault(tier: Tier, inbound: Inbound, response: Outlet, fault: Fault): void {
  answerPage(inbound, response, { tier, fault, fields: [] });
}

/** A page of a tier about a fault, `fields` beside the standard ones. */
export type FaultPage = { readonly tier: Tier; readonly fault: Fault; readonly fields: readonly string[] };

/** The head and the body of such a page. */
export function pageOf(inbound: Inbound, { tier, fault, fields }: FaultPage) {
  const { status, reason, message } = fault;
  const page = errorPage({ tier, status, reason, message, requestId: inbound.id }, field(inbound.fields, 'accept'));
  const own = [...standardFields(inbound, timingNames[tier]), ...fields, ...faultFields(tier, fault)];
  return { status, fields: [...page.fields, ...own], body: page.body };
}

/**
 * Answers with a small page that names the tier and the reason. Once the head is out only one honest thing is left: the
 * connection breaks, so that nobody takes the rest for a whole answer.
 */
export function answerPage(inbound: Inbound, response: Outlet, about: FaultPage): void {
  // Answered already, or the socket is gone: nothing is left to say.
  if (response.writableEnded || response.destroyed) return;
  const { fault } = about;
  note(response, { fault });
  if (response.headersSent) return void response.destroy();
  const { status, fields, body } = pageOf(inbound, about);
  if (closes(fault)) response.shouldKeepAlive = false;
  response.writeHead(status, fields);
  response.end(body);
}

/** After a request whose framing or size is in doubt nothing that follows on the connection can be believed. */
export function closes({ blame, status }: Fault): boolean {
  return blame === 'client' && [400, 408, 413, 414, 417, 431, 501, 505].includes(status);
}
