/** The options of Gunicorn that mean nothing here, each with what to use in its place. They are refused, not ignored. */
import type { Refusal } from './option.ts';

const all = (names: readonly string[], instead: string): Refusal[] =>
  names.map((line) => {
    const [, flags = line, value] = /^(.*?)(?: ([A-Z_]+))?$/.exec(line) ?? [];
    return { names: flags, instead, ...(value === undefined ? {} : { value }) };
  });

const user =
  'Have the service manager start the server as that user (User= of systemd, USER of Docker), and give it its socket (LISTEN_FDS) where the port needs privileges';
const tls =
  'TLS is ended by what stands in front: a load balancer, nginx, a CDN. It is believed about that in X-Forwarded-Proto (--forwarded-allow-ips)';
const syslog =
  'The log goes to standard output or to a file (--access-logfile); the service manager passes it on to syslog';
const numbers = 'GET /metrics on the admin address (--admin) has the numbers, in the form of Prometheus';
const proxy = 'The PROXY protocol is spoken to the tiers in front: EDGE_PROXY_PROTOCOL, FRONT_PROXY_PROTOCOL';
const paste = 'Write a module that makes the application, application = loadapp("config:…"), and name that';
const log = 'LOG_FORMAT, LOG_LEVEL, LOG_SAMPLE, LOG_SKIP say what is logged, and how';
const http2 = [
  '--http2-cleartext STRING',
  '--http2-max-concurrent-streams INT',
  '--http2-initial-window-size INT',
  '--http2-max-frame-size INT',
  '--http2-max-header-list-size INT',
];
const strict = 'Such requests are refused (400), for what other servers take them for, differs';

/** Those that some versions of Gunicorn have, from 20.1 to 26.2, and others have not. */
export const ofSomeVersions: readonly Refusal[] = [
  ...all(
    [
      '--tolerate-dangerous-framing',
      '--permit-obsolete-folding',
      '--permit-unconventional-http-method',
      '--permit-unconventional-http-version',
      '--casefold-http-method',
    ],
    strict,
  ),
  ...all(['--log-config-json FILE'], log),
  ...all(['--enable-backlog-metric'], numbers),
  ...all(
    ['--header-map ACTION'],
    'Fields with an underscore in their name are always left out (drop), and named in the log once',
  ),
  ...all(
    ['--forwarder-headers LIST'],
    'SCRIPT_NAME is APP_MOUNT, and what peers of --forwarded-allow-ips say in X-Forwarded-Prefix',
  ),
  ...all(['--root-path STRING'], 'APP_MOUNT, the prefix that is SCRIPT_NAME'),
  ...all(
    ['--protocol STRING', '--uwsgi-allow-from LIST', '--http-protocols STRING', '--http-parser STRING', ...http2],
    'HTTP/1.1 is spoken here, by one parser; HTTP/2 and TLS are ended by what stands in front',
  ),
  ...all(
    ['--asgi-loop STRING', '--asgi-lifespan STRING', '--asgi-disconnect-grace-period SECONDS'],
    'Applications are WSGI ones; in TypeScript they may be asynchronous',
  ),
  ...all(
    [
      '--dirty-app STRING',
      '--dirty-workers INT',
      '--dirty-timeout SECONDS',
      '--dirty-threads INT',
      '--dirty-graceful-timeout SECONDS',
    ],
    'What takes long is for a queue of tasks with workers of its own',
  ),
  ...all(
    ['--control-socket FILE', '--control-socket-mode INT', '--no-control-socket'],
    'The admin API is at --admin, which may be a Unix socket: GET /stats, POST /reload',
  ),
];

/** In the order of Gunicorn's help. */
export const refusals: readonly Refusal[] = [
  ...all(
    ['-c, --config FILE'],
    'There is no configuration file: what can be set are variables (node app-backend/main.ts --help), options, and those in GUNICORN_CMD_ARGS',
  ),
  ...all(
    ['--worker-connections INT'],
    'APP_MAX_CONNECTIONS, which counts the connections of the whole server: idle ones take no worker',
  ),
  ...all(
    ['--limit-request-field_size INT'],
    'APP_MAX_HEAD, the longest head with all of its fields, and with it the longest field',
  ),
  ...all(['--reload-engine STRING'], 'Sources are looked at twice a second'),
  ...all(['--spew'], 'python -m trace, or node --cpu-prof, say what runs'),
  ...all(['--no-sendfile'], 'There is nothing to switch off: what sendfile cannot send, is read'),
  ...all(
    ['--reuse-port'],
    'Workers share one socket, and a new server takes it over at SIGUSR2: no second socket is needed on a port',
  ),
  ...all(['-D, --daemon'], 'Run it under a service manager, or with setsid or nohup'),
  ...all(['--worker-tmp-dir DIR'], 'Workers are asked over a socket whether they live; no file is touched for it'),
  ...all(['-u, --user USER', '-g, --group GROUP', '--initgroups'], user),
  ...all(['--disable-redirect-access-to-syslog'], syslog),
  ...all(
    ['--capture-output'],
    'What Python workers print is in the log in any case; what a TypeScript application prints goes where the log goes by default',
  ),
  ...all(['--logger-class STRING', '--log-config FILE'], log),
  ...all(
    [
      '--log-syslog-to SYSLOG_ADDR',
      '--log-syslog',
      '--log-syslog-prefix SYSLOG_PREFIX',
      '--log-syslog-facility SYSLOG_FACILITY',
    ],
    syslog,
  ),
  ...all(['-R, --enable-stdio-inheritance'], 'What workers print is passed on at once in any case'),
  ...all(['--statsd-host STATSD_ADDR', '--dogstatsd-tags DOGSTATSD_TAGS', '--statsd-prefix STATSD_PREFIX'], numbers),
  ...all(['-n, --name STRING'], 'A process is found by its pid file (--pid), and by GET /stats'),
  ...all(['--paste, --paster STRING', '--paste-global CONF'], paste),
  ...all(['--proxy-protocol', '--proxy-allow-from PROXY_ALLOW_IPS'], proxy),
  ...all(
    [
      '--keyfile FILE',
      '--certfile FILE',
      '--ssl-version SSL_VERSION',
      '--cert-reqs CERT_REQS',
      '--ca-certs FILE',
      '--suppress-ragged-eofs',
      '--do-handshake-on-connect',
      '--ciphers CIPHERS',
    ],
    tls,
  ),
  ...all(['--strip-header-spaces'], strict),
  ...ofSomeVersions,
];
