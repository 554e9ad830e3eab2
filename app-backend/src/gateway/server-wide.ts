import type { ServerResponse } from 'node:http';
import { standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';

/** Answers `OPTIONS *`, a question to the server and not to anything on it. RFC 9110 §9.3.7. */
export function answerServerWide(inbound: Inbound, response: ServerResponse, serverTiming: boolean): void {
  response.writeHead(200, ['Content-Length', '0', ...standardFields(inbound, serverTiming ? 'app' : undefined)]).end();
}
