/** Whether an answer is taken off the app's hands for a client that is slower: pure. */
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';

/** nginx's field: the app says of one answer what a route says of all, and the client never sees it. */
export const accelBuffering = 'x-accel-buffering';

/** Event streams never are; else the app's `X-Accel-Buffering: yes | no` decides, or the route. */
export function isBuffered(fields: Fields, byRoute: boolean): boolean {
  if (isEventStream(fields)) return false;
  const told = field(fields, accelBuffering)?.trim().toLowerCase();
  return told === 'no' ? false : told === 'yes' || byRoute;
}

const eventStream = /^[\t ]*text\/event-stream[\t ]*(?:;|$)/i;

/** An event stream is read event by event as it is made. */
function isEventStream(fields: Fields): boolean {
  const type = field(fields, 'content-type');
  return type !== undefined && eventStream.test(type);
}
