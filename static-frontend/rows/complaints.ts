/** E, from 1: what users of front and app servers complain about. */
import { does, type FrontRow, none } from './row.ts';

const ofApp = 'of what runs the app';

export const complaints: readonly FrontRow[] = [
  does(
    'a 502 or 504 says why, on its page, in the log and in Proxy-Status',
    'kit/upstream/reasons.test.ts',
    'static-frontend/src/proxy/failures.test.ts',
  ),
  none('no request is lost when a worker is recycled', ofApp),
  does(
    'slow clients, and those that say nothing, occupy no worker of the app',
    'static-frontend/src/proxy/body/request-body.test.ts',
    'static-frontend/src/proxy/body/refused-bodies.test.ts',
  ),
  does(
    'the client’s address is the right one, and nobody’s to forge',
    'kit/semantics/forwarding.test.ts',
    'static-frontend/src/proxy/outbound.test.ts',
    'static-frontend/src/limits/client-address.test.ts',
  ),
  does('the app hears of https', 'kit/semantics/forwarding.test.ts', 'static-frontend/src/proxy/outbound.test.ts'),
  does(
    'a root that is not there or cannot be read ends the start, with its name',
    'kit/files/root.test.ts',
    'static-frontend/main.test.ts',
  ),
  does(
    'WebSockets work as they are',
    'static-frontend/src/upgrade.test.ts',
    'kit/upstream/tunnel.test.ts',
    'kit/upstream/tunnel-faults.test.ts',
  ),
  does(
    'large uploads: a limit and a way for each route, 413 before the body',
    'static-frontend/src/proxy/body/refused-bodies.test.ts',
    'static-frontend/src/proxy/body/request-body.test.ts',
    'static-frontend/src/proxy/forward.test.ts',
  ),
  does(
    'a reload loses no request, and what is broken never replaces what works',
    'static-frontend/reload.test.ts',
    'static-frontend/hand-over.test.ts',
  ),
  does(
    'in containers: SIGTERM drains, the readiness goes first, it ends in time',
    'kit/process/tier.test.ts',
    'kit/process/signals.test.ts',
    'kit/process/admin.test.ts',
  ),
  does('tiers start in any order', 'static-frontend/main.test.ts', 'kit/upstream/names.test.ts'),
  does(
    'an app that moved to another address is found there',
    'kit/upstream/names.test.ts',
    'kit/upstream/resolver.test.ts',
  ),
  does(
    'no 502 from an idle connection that the app closed',
    'kit/upstream/idle.test.ts',
    'kit/upstream/retry.test.ts',
    'kit/upstream/ejecting.test.ts',
  ),
  does(
    'events do not arrive in lumps',
    'static-frontend/src/proxy/answer/buffering.test.ts',
    'kit/upstream/relay.test.ts',
  ),
  does('a stale socket file is taken over, that of a living process is not', 'kit/process/bind.test.ts'),
  none('no heartbeat by files', ofApp),
  does('a field that is dropped is named once in the log', 'kit/http1/odd-fields.test.ts'),
  does(
    'health checks need not be logged, and the log is JSON',
    'kit/process/log-skip.test.ts',
    'kit/process/access-log.test.ts',
  ),
  does(
    'numbers of what is full: connections, queues, retries, held bodies',
    'static-frontend/src/measure.test.ts',
    'kit/process/metrics.test.ts',
  ),
  none('no connection of the app is shared by forking', ofApp),
  does('%2F reaches the app as it was sent', 'static-frontend/src/proxy/forward.test.ts'),
  does(
    'WebSockets do not keep an old process or upstream for ever',
    'kit/upstream/tunnel-drain.test.ts',
    'static-frontend/src/upstreams-reload.test.ts',
  ),
  does(
    'the app is told that the client went',
    'kit/upstream/leaving.test.ts',
    'static-frontend/src/proxy/failures.test.ts',
  ),
  does(
    'an answer that cannot be read is named for what it is',
    'kit/upstream/faults.test.ts',
    'kit/upstream/reasons.test.ts',
  ),
  none('no scan of all files at the start', 'files are looked at when they are asked for'),
  does(
    'no leaks, hangs or crashes of http-proxy: no request hangs whose app breaks off, who leaves leaves nothing behind',
    'static-frontend/src/proxy/failures.test.ts',
    'kit/upstream/uploads.test.ts',
    'kit/upstream/tunnel-faults.test.ts',
  ),
  does(
    'fields that a site adds are on errors, too',
    'static-frontend/src/response-rules.test.ts',
    'static-frontend/src/error-answer.test.ts',
  ),
  does(
    'no Range takes the server down',
    'kit/semantics/range.test.ts',
    'static-frontend/src/files/nginx-ranges.test.ts',
  ),
  does(
    'compressed forms have tags and ranges of their own, and Vary is there',
    'static-frontend/src/files/serve.test.ts',
    'static-frontend/src/proxy/answer/compression.test.ts',
  ),
];
