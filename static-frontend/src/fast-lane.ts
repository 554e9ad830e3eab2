/**
 * The front's side of the fast lane: files that are hot, whole or not modified. Everything else is the slow lane's: what it
 * has not found twice of late, parts, conditions that fail, errors, redirects, the app.
 */
import type { FastAnswer, FastLane, Given } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { precondition } from '@trivet/kit/semantics/conditional.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import type { HotFile } from './files/hot-file.ts';
import { type Front, type Live, ownFields } from './front.ts';
import { fieldLines } from './head-text.ts';

/** Hears of an exchange that is over; the record of it (`recordOf`) is made where somebody wants one. */
export type Conclude = (inbound: Inbound, status: number, given: Given) => void;

/** The fast lane over the hot files of the front that is in force. */
export function fastLane(live: Live, conclude: Conclude): FastLane {
  return {
    answer(inbound) {
      const { fields, target } = inbound;
      const { front } = live;
      const file = front.hotFiles?.find(target, field(fields, 'accept-encoding'));
      return file === undefined ? undefined : answerWith(file, front, inbound);
    },
    onAnswered(inbound, { status }, given) {
      live.front.hotFiles?.count();
      conclude(inbound, status, given);
    },
  };
}

const noBody: readonly Buffer[] = [];

function answerWith(file: HotFile, front: Front, inbound: Inbound): FastAnswer | undefined {
  const { method, fields } = inbound;
  const isPlain = !asksForMore(fields);
  const verdict = isPlain ? 'proceed' : precondition(method, fields, file.validators).verdict;
  switch (verdict) {
    case 'failed':
      return undefined;
    case 'not-modified':
      return { status: 304, head: file.notModified + own(front, inbound), hasDate: false, body: noBody };
    case 'proceed':
      if (!isPlain && method === 'GET' && field(fields, 'range') !== undefined) return undefined;
      return { status: 200, head: file.whole + own(front, inbound), hasDate: false, body: bodyFor(method, file) };
  }
}

function own(front: Front, inbound: Inbound): string {
  return fieldLines(ownFields(front, inbound));
}

function bodyFor(method: string, { body }: HotFile): readonly Buffer[] {
  return method === 'HEAD' || body.length === 0 ? noBody : [body];
}

// One look at the names instead of one for each condition: `If-…` and `Range`.
function asksForMore(fields: Fields): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const first = name.charCodeAt(0) | 0x20;
    if (first === 0x69 && name.charCodeAt(2) === 0x2d) return true;
    if (first === 0x72 && name.length === 5) return true;
  }
  return false;
}
