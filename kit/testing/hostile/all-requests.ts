import { chunks, trailers, wishes } from './chunks.ts';
import { codings, lengths } from './framings.ts';
import type { HostileRequest } from './hostile-request.ts';
import { fieldLines, hosts } from './hosts-and-fields.ts';
import { methods, requestLines, targets } from './request-lines.ts';

/** The whole table: what nginx, Apache and Gunicorn were seen to disagree about, and its neighbours. */
export const hostileRequests: readonly HostileRequest[] = [
  ...requestLines,
  ...methods,
  ...targets,
  ...hosts,
  ...fieldLines,
  ...lengths,
  ...codings,
  ...chunks,
  ...trailers,
  ...wishes,
];
