/** A.4, from 1: balancing and failures in detail, and the shapes of what was broken elsewhere. */
import { does, type FrontRow } from './row.ts';

export const details: readonly FrontRow[] = [
  does(
    'members are picked in the very order of nginx, by any weights and failures',
    'kit/upstream/smooth.test.ts',
    'kit/upstream/choice-peer.test.ts',
  ),
  does(
    'max_fails and fail_timeout: one failure, 10 s, asked last and never not at all',
    'static-frontend/src/upstream-rules.test.ts',
    'static-frontend/src/upstreams.test.ts',
    'kit/upstream/ejecting.test.ts',
  ),
  does('where there is one address nothing is counted against it', 'static-frontend/src/upstream-rules.test.ts'),
  does('who was out is tried by one request', 'kit/upstream/ejecting.test.ts', 'kit/upstream/ejection.test.ts'),
  does('numbers of connections are those of all workers together', 'static-frontend/src/upstream-rules.test.ts'),
  does(
    'a request of which the client has a byte of the answer is never sent again',
    'kit/upstream/retrying.test.ts',
    'kit/upstream/retry.test.ts',
  ),
  does('a body that went by is never sent again', 'kit/upstream/retrying.test.ts', 'kit/upstream/retry.test.ts'),
  does('a body that is held goes whole to the next address', 'static-frontend/src/proxy/body/request-body.test.ts'),
  does(
    'a retry that was not sent is free, others have a budget',
    'kit/upstream/retrying.test.ts',
    'kit/upstream/retry-budget.test.ts',
  ),
  does(
    'a POST is sent again only where nothing of it was sent',
    'kit/upstream/setback.test.ts',
    'kit/upstream/retry.test.ts',
  ),
  does(
    'an answer that is cut short is cut short for the client (proxy_unfinished), also where only the end of a connection ends it',
    'kit/upstream/faults.test.ts',
    'kit/upstream/last-word.test.ts',
    'static-frontend/src/proxy/failures.test.ts',
  ),
  does('bytes behind an answer are no answer to the next request (proxy_extra_data)', 'kit/upstream/retry.test.ts'),
  does(
    'two lengths, or a length and chunks, in an answer are refused (proxy_duplicate_headers)',
    'kit/upstream/faults.test.ts',
  ),
  does(
    'no request is made of the bytes of another (the shape of CVE-2026-42926, of http-proxy’s DELETE)',
    'kit/upstream/uploads.test.ts',
    'kit/upstream/upstream.test.ts',
    'static-frontend/src/hostile.test.ts',
    'static-frontend/src/refused-body.test.ts',
  ),
  does(
    'a rewrite that doubles its path comes to an end (the shape of CVE-2026-9256, 42945, 42533)',
    'static-frontend/src/rewrite.test.ts',
  ),
  does(
    'an answer’s malformed head is refused, however long (the shape of CVE-2026-42946)',
    'kit/upstream/faults.test.ts',
  ),
];
