import { bodyBytes as usualBytes } from './announce.ts';

export type Constant = {
  /** `no-store` without one. */
  readonly cacheControl?: string;
  /** Of the body; 1 KiB without one. */
  readonly bodyBytes?: number;
  /** Further fields of the head, a line each. */
  readonly fields?: readonly string[];
};

/** The bytes that a server of constants answers with; head and body are latin-1. */
export function constantAnswer({ cacheControl = 'no-store', bodyBytes = usualBytes, fields = [] }: Constant): {
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
  return { head: `${lines.join('\r\n')}\r\n\r\n`, body: 'x'.repeat(bodyBytes) };
}

/** The arguments with which `constant-net.ts` answers so. */
export function constantArguments({
  cacheControl = 'no-store',
  bodyBytes = usualBytes,
  fields = [],
}: Constant): string[] {
  return [cacheControl, String(bodyBytes), ...fields];
}
