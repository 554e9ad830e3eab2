/** What an app says of places it knows under other names than its clients do: pure. */
import { type Fields, has } from '@trivet/kit/semantics/fields.ts';
import { onThisHost } from '../../on-this-host.ts';

type Table = readonly (readonly [from: string, to: string])[];

/** What is replaced by what; of several that fit the first counts. */
export type Moves = { readonly location: Table; readonly domain: Table; readonly path: Table };

type MoveOptions = {
  readonly location?: Readonly<Record<string, string>> | undefined;
  readonly cookies?:
    | {
        readonly domain?: Readonly<Record<string, string>>;
        readonly path?: Readonly<Record<string, string>>;
      }
    | undefined;
};

/** Undefined where nothing is to be replaced. */
export function movesOf({ location = {}, cookies = {} }: MoveOptions): Moves | undefined {
  const moves = {
    location: Object.entries(location),
    domain: Object.entries(cookies.domain ?? {}),
    path: Object.entries(cookies.path ?? {}),
  };
  return moves.location.length + moves.domain.length + moves.path.length > 0 ? moves : undefined;
}

/** The fields with `Location`, `Refresh` and `Set-Cookie` as clients know these places. nginx's proxy_redirect, proxy_cookie_*. */
export function moved(fields: Fields, moves: Moves): Fields {
  if (!has(fields, 'location') && !has(fields, 'refresh') && !has(fields, 'set-cookie')) return fields;
  return fields.map((text, at) => (at % 2 === 0 ? text : movedValue(fields[at - 1]?.toLowerCase(), text, moves)));
}

function movedValue(name: string | undefined, value: string, moves: Moves): string {
  switch (name) {
    case 'location':
      return movedPlace(value, moves.location);
    case 'refresh':
      return value.replace(refreshUrl, (_, before, url) => before + movedPlace(url, moves.location));
    case 'set-cookie':
      return movedCookie(value, moves);
    default:
      return value;
  }
}

/** `5; url=http://app/`, HTML's declarative refresh, in quotes or without. */
const refreshUrl = /^([^;,]*[;,]\s*url\s*=\s*["']?)(.*)$/i;

function withBeginning(text: string, table: Table): string {
  const found = table.find(([from]) => text.startsWith(from));
  return found === undefined ? text : found[1] + text.slice(found[0].length);
}

// What stood behind the host that is taken away may begin with a slash of its own: nginx puts a host before it again.
function movedPlace(place: string, table: Table): string {
  const found = table.find(([from]) => place.startsWith(from));
  if (found === undefined) return place;
  const [from, to] = found;
  return to.startsWith('//') ? to + place.slice(from.length) : onThisHost(to + place.slice(from.length));
}

// Behind the first semicolon there are attributes; what is before it is the app's alone. RFC 6265 §4.1.
function movedCookie(cookie: string, moves: Moves): string {
  const [pair = '', ...attributes] = cookie.split(';');
  return [pair, ...attributes.flatMap((attribute) => movedAttribute(attribute, moves))].join(';');
}

function movedAttribute(attribute: string, { domain, path }: Moves): string[] {
  const [, before = '', name = '', value = ''] = /^(\s*(domain|path)\s*=\s*)(.*?)\s*$/i.exec(attribute) ?? [];
  if (name.toLowerCase() === 'path') return [before + withBeginning(value, path)];
  if (name === '') return [attribute];
  const found = domain.find(([from]) => bare(from) === bare(value));
  if (found === undefined) return [attribute];
  // Without a domain the cookie is for the host that the client asked.
  return found[1] === '' ? [] : [before + found[1]];
}

// RFC 6265 §5.2.3: a dot before a domain says nothing, and case does not count.
function bare(domain: string): string {
  return domain.replace(/^\./, '').toLowerCase();
}
