import { parseAuthority } from './host.ts';

/** A request target by its form; `path` is path and query exactly as received. RFC 9112 §3.2. */
export type Target =
  | { form: 'origin'; path: string }
  | { form: 'absolute'; scheme: 'http' | 'https'; authority: string; path: string }
  | { form: 'asterisk' }
  | { form: 'authority' }
  | { form: 'bad'; why: string };

/** Reads a request target, whose form depends on the method. RFC 9112 §3.2. */
export function parseTarget(method: string, target: string): Target {
  const why = forbidden(target);
  if (why !== undefined) return { form: 'bad', why };
  if (method === 'CONNECT') return authorityForm(target);
  if (target[0] === '/') return { form: 'origin', path: target };
  if (target === '*') return asteriskForm(method);
  return absoluteForm(target);
}

/** A path and what follows its first '?'; undefined is no '?' at all. RFC 3986 §3.4. */
export function splitQuery(path: string): { path: string; query: string | undefined } {
  const mark = path.indexOf('?');
  return mark < 0 ? { path, query: undefined } : { path: path.slice(0, mark), query: path.slice(mark + 1) };
}

// Refused rather than cut or escaped: two hops that repair such a target in different ways would see two resources.
function forbidden(target: string): string | undefined {
  if (target === '') return 'the target is empty';
  const at = target.search(/[^\x21\x22\x24-\x7e]/);
  if (at < 0) return undefined;
  const code = target.charCodeAt(at);
  if (code === 0x23) return 'the target has a fragment';
  if (code === 0x20) return 'the target has a space';
  return code < 0x80 ? 'the target has a control character' : 'the target has a byte outside ASCII';
}

function authorityForm(target: string): Target {
  if (parseAuthority(target)?.port === undefined) return { form: 'bad', why: 'CONNECT needs host:port' };
  return { form: 'authority' };
}

function asteriskForm(method: string): Target {
  return method === 'OPTIONS' ? { form: 'asterisk' } : { form: 'bad', why: "'*' is for OPTIONS only" };
}

function absoluteForm(target: string): Target {
  const match = /^(https?):\/\/([^/?]*)(.*)$/i.exec(target);
  if (match === null) return { form: 'bad', why: "the target begins with neither '/' nor http://" };
  const [, scheme = '', authority = '', rest = ''] = match;
  if (parseAuthority(authority) === undefined) return { form: 'bad', why: 'the target has a bad authority' };
  return {
    form: 'absolute',
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    authority,
    path: rest[0] === '/' ? rest : `/${rest}`,
  };
}
