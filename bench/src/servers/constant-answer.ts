import { randomOf } from '../load/random.ts';
import { bodyBytes as usualBytes } from './announce.ts';

export type Constant = {
  /** `no-store` without one. */
  readonly cacheControl?: string;
  /** Of the body; 1 KiB without one. */
  readonly bodyBytes?: number;
  /** Words as in a text, that there is something to compress; without, one letter again and again. */
  readonly isProse?: boolean;
  /** Further fields of the head, a line each. */
  readonly fields?: readonly string[];
};

/** The bytes that a server of constants answers with; head and body are latin-1. */
export function constantAnswer({ cacheControl = 'no-store', bodyBytes = usualBytes, isProse, fields = [] }: Constant): {
  readonly head: string;
  readonly body: string;
} {
  const lines = [
    'HTTP/1.1 200 OK',
    'Content-Type: text/plain',
    `Content-Length: ${bodyBytes}`,
    `Cache-Control: ${cacheControl}`,
    ...fields,
  ];
  return { head: `${lines.join('\r\n')}\r\n\r\n`, body: isProse ? prose(bodyBytes) : 'x'.repeat(bodyBytes) };
}

/** Of a thousand words, short ones more often: gzip takes it to about a third, as it does a page. */
function prose(bytes: number): string {
  const random = randomOf(1);
  const letters = (length: number) =>
    Array.from({ length }, () => String.fromCharCode(97 + Math.floor(26 * random() ** 2))).join('');
  const words = Array.from({ length: 1000 }, (_, n) => letters(2 + Math.floor(n / 125)));
  let text = '';
  while (text.length < bytes) text += `${words[Math.floor(1000 * random() ** 3)]} `;
  return text.slice(0, bytes);
}

/** The arguments with which `constant-net.ts` answers so. */
export function constantArguments({
  cacheControl = 'no-store',
  bodyBytes = usualBytes,
  isProse = false,
  fields = [],
}: Constant): string[] {
  return [cacheControl, String(bodyBytes), isProse ? 'prose' : 'x', ...fields];
}
