/** What an access log may ask for beyond the record of each exchange: the heads as they were, and the length of the body. */
import type { ServerResponse } from 'node:http';
import type { ExchangeHeads } from '../process/exchange-record.ts';
import type { Fields } from '../semantics/fields.ts';
import type { Inbound } from './inbound.ts';

/** Counts from now on what is sent of a body, without its framing; asked once, when the answer is over. */
export type HeadsOf = (sentBytes: number) => ExchangeHeads;

/** To be called before anything is written. */
export function watchAnswer(inbound: Inbound, response: ServerResponse): HeadsOf {
  let given = 0;
  const counted = <A extends readonly unknown[], R>(send: (...args: A) => R) =>
    function (this: ServerResponse, ...args: A): R {
      const [chunk, encoding] = args;
      if (typeof chunk === 'string') given += Buffer.byteLength(chunk, encodingOf(encoding));
      else if (chunk instanceof Uint8Array) given += chunk.length;
      return Reflect.apply(send, this, args);
    };
  // No public interface counts; and what is written is not what was said, with HEAD or in chunks.
  response.write = counted(response.write) as ServerResponse['write'];
  response.end = counted(response.end) as ServerResponse['end'];
  return (sentBytes) => {
    const head = headText(response);
    const most = head === undefined ? 0 : Math.max(0, sentBytes - head.length);
    return { request: inbound.fields, response: fieldsIn(head ?? ''), bodyBytes: Math.min(given, most) };
  };
}

/** Of a request that another protocol followed. */
export function requestHeads({ fields }: Inbound): ExchangeHeads {
  return { request: fields, response: [], bodyBytes: 0 };
}

function encodingOf(value: unknown): BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value) ? value : 'utf8';
}

/** The head that was sent; `writeHead` with a list of fields leaves it nowhere else. A test says whether it is still there. */
function headText(response: ServerResponse): string | undefined {
  const head: unknown = Reflect.get(response, '_header');
  return typeof head === 'string' ? head : undefined;
}

function fieldsIn(head: string): Fields {
  return head
    .split('\r\n')
    .slice(1)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
}
