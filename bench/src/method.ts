import type { Plan } from './measure.ts';
import { quickShare } from './pairs.ts';

/** How it was measured, in Markdown. */
export function method({ requests, rounds, connections, warmUp }: Plan, isPinned: boolean): string {
  const cores = isPinned
    ? `The server that is measured has one core of its own, the load and the origin share another (\`taskset\`);
servers of several workers may use all.`
    : 'Nothing is pinned to a core.';
  return `CPU time per request of each tier beside its peer, lower is better: user and system time of all processes of a
server, ended children included, from \`/proc/<pid>/stat\` before and after ${requests} requests (${quickShare} times as many for hits,
small files and floors, which would otherwise be over within a few clock ticks; a fiftieth for bodies of 5 MiB), divided by
the requests that were answered as expected. Both servers of a row are up at once and are asked in turn, ${rounds} rounds after a
warm-up of ${warmUp} or more (for 5 MiB fewer); a figure is the median of the rounds, the ratio is the median of the rounds'
ratios, in brackets the least and the most. A goal is reached when the median of the ratios is not above it.

Answers of 1 KiB where the row says nothing else, ${connections} connections, one request at a time on each, kept alive except where
the row or the server closes them (Gunicorn's sync worker closes each after one answer); the load comes from another
process on the same machine, whose CPU time counts for nobody. ${cores}
Each server has one worker except where the row says so, and no server writes an access log (tiers: \`LOG_LEVEL=warn\`;
nginx: \`access_log off\`; Gunicorn: its default; Varnish: no \`varnishncsa\`, its log in shared memory cannot be turned
off). nginx keeps files open (\`open_file_cache\`) and connections to the origin alive. The edge and Varnish have the same
origin behind them, so have the front and nginx. \`node:net\` beside the edge writes a body of the same size, made before
the first request; it reads no more of a request than where it ends.

Slow clients: each server is up alone, with one worker (gthread: two threads), and four clients hold a connection with
nothing, half a head, or a first byte of a body sent on it; then one honest request is timed to the first byte of its answer.

Hits among many objects (128 bytes each): four servers are up at once, an edge and a Varnish with a thousand objects, an
edge and a Varnish with all of them, each with a store of 2 GiB. The larger stores are filled in one go but for the last
fifth, which is stored one request at a time on each connection and is measured. Targets are drawn evenly from all
objects, the same ones for an edge and its Varnish. While the hits are measured the origin is gone: what is answered comes
out of the store. In another load 5 % of the requests store a new object, so that there is garbage to collect; pauses of
the collector are those that V8 tells of (\`--trace-gc\`), which nobody asks Varnish for. Memory of an object is what the
resident memory of the server grew by from a thousand objects to all of them, divided by their number, without the body
and the head as the origin sent them.

\`npm run bench -- --write docs/performance.md\` makes this page and its chart anew. What was found on the way of a request
that another server answers, and what was left: \`docs/performance-notes.md\`.`;
}
