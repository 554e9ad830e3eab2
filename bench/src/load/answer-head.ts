export type BodyForm = 'length' | 'chunked' | 'until-close';

export type AnswerHead = {
  readonly status: number;
  readonly body: BodyForm;
  /** Bytes of the body when its form is `length`; else 0. */
  readonly length: number;
  /** Does the server close the connection after this answer? */
  readonly isLast: boolean;
};

/** What must be known of the head of an answer to a GET to find the answer's end (RFC 9112 §6.3, §9.3). */
export function parseHead(head: string): AnswerHead {
  const start = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |\r|$)/.exec(head);
  if (!start) throw new Error(`not the head of an HTTP/1.x answer: ${JSON.stringify(head.slice(0, 60))}`);
  const status = Number(start[2]);
  const connection = /\r\nconnection:[ \t]*([^\r]*)/i.exec(head)?.[1]?.toLowerCase() ?? '';
  const isLast = start[1] === '0' ? !connection.includes('keep-alive') : connection.includes('close');
  if (status < 200 || status === 204 || status === 304) return { status, body: 'length', length: 0, isLast };
  if (/\r\ntransfer-encoding:[^\r]*chunked/i.test(head)) return { status, body: 'chunked', length: 0, isLast };
  const length = /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1];
  if (length === undefined) return { status, body: 'until-close', length: 0, isLast: true };
  return { status, body: 'length', length: Number(length), isLast };
}
