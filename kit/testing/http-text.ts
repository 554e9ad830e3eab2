/** What tests read from the raw bytes of several responses. */

/** The status codes, in order. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
}

/** The targets that `laneStand` says it answered, in order. */
export function answered(text: string): string[] {
  return [...text.matchAll(/^X-Asked: \S+ \S+ (\S+)\r$/gm)].map((match) => match[1] ?? '');
}

/** A request without a body. */
export function get(target: string, more = ''): string {
  return `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
}
