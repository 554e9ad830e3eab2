/** Answers as they came over a connection, read one after another. */
import type { Status } from './row.ts';

export type Answer = { readonly status: Status; readonly head: string; readonly body: string };

/** All answers to requests of which the first has `method`; interim ones are left out. */
export function answersIn(received: string, method: string): Answer[] {
  const answers: Answer[] = [];
  let rest = received;
  while (rest !== '') {
    const { answer, length } = firstIn(rest, answers.length === 0 ? method : 'GET');
    rest = rest.slice(length);
    if (typeof answer.status === 'string' || answer.status >= 200) answers.push(answer);
  }
  return answers.length > 0 ? answers : [{ status: 'nothing', head: '', body: '' }];
}

function firstIn(text: string, method: string): { readonly answer: Answer; readonly length: number } {
  const match = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text);
  if (match === null) return { answer: { status: 'bare', head: '', body: text }, length: text.length };
  const [head] = match;
  const status = Number(match[1]);
  const { body, length } = hasBody(status, method) ? contentOf(head, text.slice(head.length)) : none;
  return { answer: { status, head, body }, length: head.length + length };
}

/** The value of a field, several lines with commas; undefined when there is none. */
export function fieldOf({ head }: Answer, name: string): string | undefined {
  const lines = [...head.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r$`, 'gim'))];
  return lines.length === 0 ? undefined : lines.map(([, value]) => value).join(', ');
}

/** An answer without what differs from one asking to the next: times, the request's id, the boundary between parts. */
export function lasting({ head, body }: Answer): string {
  const boundary = /boundary=(\S+)/.exec(head)?.[1] ?? 'none';
  const id = /^X-Request-Id: (.*)\r$/im.exec(head)?.[1] ?? 'none';
  const kept = head
    .split('\r\n')
    .filter((line) => !/^(?:Date|Server-Timing|Keep-Alive|Connection):/i.test(line))
    .sort()
    .join('\n');
  return `${kept}\n${body}`.replaceAll(boundary, 'BOUNDARY').replaceAll(id, 'ID');
}

const none = { body: '', length: 0 };

function hasBody(status: number, method: string): boolean {
  return method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
}

function contentOf(head: string, rest: string): { readonly body: string; readonly length: number } {
  if (/^Transfer-Encoding: chunked\r$/im.test(head)) return chunksOf(rest);
  const told = /^Content-Length: (\d+)\r$/im.exec(head)?.[1];
  const length = told === undefined ? rest.length : Number(told);
  return { body: rest.slice(0, length), length };
}

function chunksOf(rest: string): { readonly body: string; readonly length: number } {
  let body = '';
  let at = 0;
  for (;;) {
    const line = /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest.slice(at));
    if (line === null) return { body, length: rest.length };
    at += line[0].length;
    const size = Number.parseInt(line[1] ?? '0', 16);
    body += rest.slice(at, at + size);
    at += size + 2;
    if (size === 0) return { body, length: at };
  }
}
