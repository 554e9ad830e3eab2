/**
 * What a front server is trusted with, row by row: three tables, of features (A.1), of paths (A.2) and of malformed
 * requests (A.3). A test names the rows that it shows, as `A.2 #7`; `docs/front-rows.md` is made from both, and a row
 * without a test is an error.
 */

export type FrontRow = {
  /** What the front does. */
  readonly does: string;
  /** Tests that show it without naming it. */
  readonly tests?: readonly string[];
  /** Why there is nothing to show. */
  readonly none?: string;
};

const does = (what: string, ...tests: readonly string[]): FrontRow => ({ does: what, tests });
const none = (what: string, why: string): FrontRow => ({ does: what, none: why });

/** A.1, from 1. */
const features: readonly FrontRow[] = [
  does('candidates in order, then a file, the app or a status', 'static-frontend/src/files/find.test.ts'),
  does('index files, without a second reading of the path', 'static-frontend/src/files/resolve.test.ts'),
  does('301 with a relative Location for a folder without its slash'),
  does('listings off; HTML and JSON where asked for', 'static-frontend/src/files/serve-listing.test.ts'),
  does('strong ETag for each representation, from nanoseconds', 'static-frontend/src/files/etag.test.ts'),
  does('If-Modified-Since: not modified when not later'),
  does('If-None-Match before If-Modified-Since'),
  does('If-Match and If-Unmodified-Since: 412, strong comparison'),
  does('If-Range: the strong tag, or the very date'),
  does('single ranges'),
  does('several ranges as multipart, 16 at most', 'static-frontend/src/files/several-ranges.test.ts'),
  does('bad range syntax is ignored; 416 for what cannot be satisfied'),
  does('siblings .zst, .br, .gz by q-values', 'static-frontend/src/files/serve.test.ts'),
  does('files are not compressed on the way'),
  does('open files are kept, within bounds', 'static-frontend/src/files/open-files.test.ts'),
  does(
    'small files in memory, large ones in pieces; one that is cut while it is sent breaks the transfer',
    'static-frontend/src/files/hot-files.test.ts',
    'static-frontend/src/files/send.test.ts',
  ),
  does('a year for names with a hash, no-cache for HTML', 'static-frontend/src/files/answer.test.ts'),
  does('a table of media types, charset, nosniff', 'static-frontend/src/files/content-type.test.ts'),
  does('pages for errors, with their status', 'static-frontend/src/error-answer.test.ts'),
  does('errors of the app are its own unless a route says so', 'static-frontend/src/proxy/forward.test.ts'),
  does('redirects and rewrites', 'static-frontend/src/route.test.ts'),
  does('security headers, on errors too; those of the app count', 'static-frontend/src/security-headers.test.ts'),
  does('hidden names are nobody’s but for /.well-known/'),
  does('links inside the root; never, inside, any', 'static-frontend/src/files/symlinks.test.ts'),
  does('a path is decoded once: A.2 #1 to #7', 'kit/semantics/path.test.ts'),
  does('%00 is refused: A.2 #8', 'kit/semantics/path.test.ts'),
  does('climbing above the root is refused: A.2 #3, #6', 'kit/semantics/path.test.ts'),
  does('a backslash names no file: A.2 #7', 'kit/semantics/path.test.ts'),
  does('what is not UTF-8 is refused: A.2 #15, #16', 'kit/semantics/path.test.ts'),
  does('doubled slashes are one for files, untouched for the app: A.2 #10', 'kit/semantics/path.test.ts'),
  does('long names are 404, long targets 414: A.2 #19'),
  does('GET and HEAD for files; 405 with Allow'),
  does('groups of upstreams by name', 'static-frontend/src/site-problems.test.ts'),
  does('smooth weighted round robin', 'kit/upstream/smooth.test.ts'),
  does('least connections, peak EWMA', 'kit/upstream/balance.test.ts', 'kit/upstream/peak-ewma.test.ts'),
  does('rendezvous hashing by a key', 'kit/upstream/rendezvous.test.ts'),
  does('the better of two at random', 'kit/upstream/choosing.test.ts'),
  does('backup, down, a bound on connections', 'kit/upstream/choice.test.ts'),
  does('sticky by a signed cookie', 'kit/upstream/sticky.test.ts'),
  does('connections to the app are kept', 'kit/upstream/upstream.test.ts'),
  does('a kept connection that has gone costs one replay', 'kit/upstream/retry.test.ts'),
  does('members that fail are left out, never the last', 'kit/upstream/ejection.test.ts'),
  does('probes, with jitter', 'kit/upstream/probing.test.ts'),
  does('a member that returns starts slowly', 'kit/upstream/slow-start.test.ts'),
  does('tries again only what is safe', 'kit/upstream/retry.test.ts'),
  does('what counts as a failure', 'kit/upstream/ejecting.test.ts'),
  does('bodies of requests stream', 'kit/upstream/uploads.test.ts'),
  does('answers stream', 'kit/upstream/relay.test.ts'),
  does('times for clients, in all and by rate', 'kit/http1/limits.test.ts', 'kit/http1/pace.test.ts'),
  does('times for upstreams', 'kit/upstream/timeouts.test.ts'),
  does('413 beyond the limit of a body', 'static-frontend/src/refused-body.test.ts'),
  does('414 and 431 beyond the limits of a head', 'kit/http1/head-watch.test.ts'),
  does('limits by rate and at once, 429', 'static-frontend/src/limits/limits.test.ts'),
  does('X-Forwarded-* are said anew unless the peer is trusted', 'static-frontend/src/proxy/outbound.test.ts'),
  does('Forwarded, beside them', 'kit/semantics/forwarding.test.ts'),
  does('hop-by-hop fields end here, both ways', 'kit/semantics/hop-by-hop.test.ts'),
  does('names with an underscore end here', 'static-frontend/src/proxy/outbound.test.ts'),
  does('WebSockets without a setting', 'static-frontend/src/upgrade.test.ts'),
  none('HTTP/1.1 on both sides', 'HTTP/2 and HTTP/3 are for what stands in front of it'),
  does('server-sent events as they come', 'kit/upstream/relay.test.ts'),
  does('100 Continue when somebody reads', 'kit/http1/listener.test.ts'),
  does('103 Early Hints are passed on', 'kit/upstream/relay.test.ts'),
  does('trailers for who takes them', 'kit/upstream/relay.test.ts'),
  does('names are resolved anew', 'kit/upstream/resolver.test.ts'),
  does('the PROXY protocol from trusted peers', 'kit/http1/proxy-header.test.ts'),
  does('ends after what is under way', 'kit/http1/drain.test.ts'),
  does('workers that die are replaced on the same port', 'kit/process/workers/crew.test.ts'),
  does('access log, combined and JSON', 'kit/process/access-log.test.ts'),
  does('metrics and numbers', 'kit/process/metrics.test.ts'),
  does('the app gets the target byte for byte: A.2', 'static-frontend/src/proxy/forward.test.ts'),
  does('Location and cookies of the app pass as they are', 'static-frontend/src/proxy/forward.test.ts'),
  does('a client that leaves takes the request with it', 'kit/upstream/leaving.test.ts'),
];

/** A.2, from 1. */
const paths = [
  'an encoded letter is the letter',
  'encoded twice is decoded once',
  'above the root: 400',
  'dot segments inside the root are resolved after decoding',
  'an encoded slash names no file',
  'an encoded slash does not climb: 400',
  'a backslash names no file',
  'NUL: 400',
  'a % without two hexadecimal digits: 400',
  'doubled slashes are one for files, untouched for the app',
  'hidden names: 404',
  'a link out of the root: 404',
  'nothing lies below a file',
  'UTF-8, encoded',
  'bytes beyond ASCII: 400',
  'overlong UTF-8: 400',
  'a fragment: 400',
  'an encoded line end: 400, in no field',
  'a name of 300 characters: 404',
  'absolute form: the host is the authority',
  'an asterisk or no slash: 400',
].map((what) => does(what));

/** A.3, from 1. */
const malformed = [
  'Content-Length and Transfer-Encoding: 400',
  'two lengths, equal or not: 400',
  'two hosts: 400',
  'no host on HTTP/1.1: 400',
  'a host that is none: 400',
  'gzip, chunked: 501',
  'xchunked and a length: 400',
  'an empty member before chunked: 400',
  'Transfer-Encoding on HTTP/1.0: 400',
  'a folded field: 400',
  'a space before the colon: 400',
  'line feeds alone: 400',
  'a length with a sign, NUL in a value: 400',
  'a chunk size in C: 400',
  'a line feed alone in a chunk extension: 400',
  'HTTP/2.0 as text: 505',
  'HTTP/0.9: 400',
  'a method in small letters: 400',
  'CONNECT, TRACE: 405',
].map((what) => does(what));

export const frontTables: Readonly<Record<'A.1' | 'A.2' | 'A.3', { about: string; rows: readonly FrontRow[] }>> = {
  'A.1': { about: 'Features', rows: features },
  'A.2': { about: 'Paths', rows: paths },
  'A.3': { about: 'Malformed requests', rows: malformed },
};
