/** The atoms of Gunicorn's access log (`%(h)s`, `%({referer}i)s`), and what each says of an exchange. Pure. */
import { field, lines } from '../semantics/fields.ts';
import { splitQuery } from '../semantics/target.ts';
import type { ExchangeRecord } from './exchange-record.ts';

/** What an atom is made from. `at`: when the line is written; milliseconds since the epoch. */
export type Logged = {
  readonly record: ExchangeRecord;
  readonly at: number;
  readonly pid: number;
};

/** The text of one atom; undefined where it is missing. */
export type Atom = (logged: Logged) => string | number | undefined;

const microseconds = (ms: number): number => Math.round(ms * 1_000);

const protocolOf = ({ version }: ExchangeRecord): string => `HTTP/${version}`;

/** By their letters, as in `gunicorn.glogging.Logger.atoms` of 20.1. */
const letters: Readonly<Record<string, Atom>> = {
  h: ({ record }) => (record.client === 'unix' ? undefined : record.client),
  l: () => undefined,
  u: ({ record }) => userOf(headOf(record, 'request', 'authorization')),
  t: ({ at }) => `[${commonLogTime(at)}]`,
  r: ({ record }) => `${record.method} ${record.target} ${protocolOf(record)}`,
  m: ({ record }) => record.method,
  U: ({ record }) => pathOf(record),
  q: ({ record }) => splitQuery(record.target).query ?? '',
  H: ({ record }) => protocolOf(record),
  s: ({ record }) => record.status,
  b: ({ record }) => record.heads?.bodyBytes,
  B: ({ record }) => record.heads?.bodyBytes,
  f: ({ record }) => record.referer,
  a: ({ record }) => record.userAgent,
  T: ({ record }) => Math.floor(record.ms / 1_000),
  M: ({ record }) => Math.floor(record.ms),
  D: ({ record }) => microseconds(record.ms),
  L: ({ record }) => {
    const whole = microseconds(record.ms);
    return `${Math.floor(whole / 1_000_000)}.${String(whole % 1_000_000).padStart(6, '0')}`;
  },
  p: ({ pid }) => `<${pid}>`,
};

/** All that there are, for a message. */
export const knownAtoms = `${Object.keys(letters).join(' ')} {NAME}i {NAME}o {NAME}e`;

/** Atoms that need more than every record has. */
const ofHeads = /^[ubB]$|^\{/;

/** Does this one need the heads of the exchange? */
export function needsHeads(name: string): boolean {
  return ofHeads.test(name);
}

/** The atom of this name: a letter, or `{field}i` of the request, `{field}o` of the answer, `{variable}e` of the environ. */
export function atomOf(name: string): Atom | undefined {
  if (Object.hasOwn(letters, name)) return letters[name];
  const [, key = '', kind] = /^\{([^{}]+)\}([ioe])$/.exec(name) ?? [];
  const wanted = key.toLowerCase();
  switch (kind) {
    case 'i':
      return ({ record }) => headOf(record, 'request', wanted);
    case 'o':
      return ({ record }) => headOf(record, 'response', wanted);
    case 'e':
      return ({ record }) => variableOf(record, wanted);
    default:
      return undefined;
  }
}

/** The last line of that name, as there. */
function headOf({ heads }: ExchangeRecord, of: 'request' | 'response', name: string): string | undefined {
  return heads && lines(heads[of], name).at(-1);
}

/** `PATH_INFO`: decoded, a character for each byte. */
function pathOf({ target }: ExchangeRecord): string {
  const { path } = splitQuery(target);
  return path.replace(/%([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const variables: Readonly<Record<string, Atom>> = {
  request_method: ({ record }) => record.method,
  request_uri: ({ record }) => record.target,
  raw_uri: ({ record }) => record.target,
  path_info: ({ record }) => pathOf(record),
  query_string: ({ record }) => splitQuery(record.target).query ?? '',
  server_protocol: ({ record }) => protocolOf(record),
  remote_addr: ({ record }) => (record.client === 'unix' ? '' : record.client),
  content_type: ({ record }) => headOf(record, 'request', 'content-type'),
  content_length: ({ record }) => headOf(record, 'request', 'content-length'),
};

/** What CGI makes of a request; what an application puts into its environ is not known here. */
function variableOf(record: ExchangeRecord, name: string): string | number | undefined {
  if (Object.hasOwn(variables, name)) return variables[name]?.({ record, at: 0, pid: 0 });
  if (!name.startsWith('http_') || record.heads === undefined) return undefined;
  return field(record.heads.request, name.slice('http_'.length).replaceAll('_', '-'))?.replaceAll(', ', ',');
}

/** The user of Basic authentication (RFC 7617), whoever checks the password. */
function userOf(authorization: string | undefined): string | undefined {
  const [, encoded = ''] = /^basic\s+(.*)$/is.exec(authorization ?? '') ?? [];
  const bytes = Buffer.from(encoded.trim(), 'base64');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  // What is no UTF-8 has no name there either.
  return colon > 0 && Buffer.from(text).equals(bytes) ? text.slice(0, colon) : undefined;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `02/Jan/2026:03:04:05 +0100`, in the time of this machine, as `strftime` has it. */
function commonLogTime(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${two(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`;
  const east = -date.getTimezoneOffset();
  const zone = `${east < 0 ? '-' : '+'}${two(Math.floor(Math.abs(east) / 60))}${two(Math.abs(east) % 60)}`;
  return `${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}
