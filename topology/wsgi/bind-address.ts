/** Where to listen, as Gunicorn's `--bind` has it. Pure. */

export type Bound = { readonly listen: string } | { readonly fd: number };

const defaultPort = '8000';

/**
 * `HOST:PORT`, `HOST`, `:PORT`, `tcp://…`, `[::1]:PORT`, `unix:PATH`, `unix:@NAME`, `fd://N` → what `APP_LISTEN` takes, or the number
 * of a socket. Without a host: all of IPv4, as there. What `APP_LISTEN` refuses, it refuses itself.
 */
export function boundTo(text: string): Bound {
  if (text.startsWith('unix:')) return { listen: text };
  const fd = /^fd:\/\/(\d{1,6})$/.exec(text)?.[1];
  if (fd !== undefined) return { fd: Number(fd) };
  if (text.startsWith('fd:')) throw new Error(`${JSON.stringify(text)} is not fd://NUMBER`);
  const place = text.replace(/^tcp:\/\//, '');
  if (/^\[[^\]]*\]$/.test(place)) return { listen: `${place}:${defaultPort}` };
  const colon = place.startsWith('[') ? place.indexOf(']:') + 1 : place.indexOf(':');
  const [host, port] = colon > 0 || place.startsWith(':') ? [place.slice(0, colon), place.slice(colon + 1)] : [place];
  return { listen: `${host === '' ? '0.0.0.0' : host}:${port ?? defaultPort}` };
}

/**
 * All that are given → what `APP_LISTEN` takes, or how many sockets this process was given: service managers number them
 * from 3 on.
 */
export function boundToAll(texts: readonly string[]): { readonly listen: string } | { readonly fds: number } {
  const all = texts.map(boundTo);
  const listen = all.flatMap((bound) => ('listen' in bound ? [bound.listen] : []));
  const fds = all.flatMap((bound) => ('fd' in bound ? [bound.fd] : [])).sort((a, b) => a - b);
  if (fds.length === 0) return { listen: listen.join(',') };
  if (listen.length > 0) throw new Error('where it is given fd://, all sockets have to be: the others are not opened');
  const odd = fds.findIndex((fd, at) => fd !== FIRST_FD + at);
  if (odd >= 0) {
    const where = `fd://${FIRST_FD}${fds.length > 1 ? ` and the numbers behind it` : ''}`;
    throw new Error(`fd://${fds[odd]}: a socket is taken as ${where}, where service managers put it`);
  }
  return { fds: fds.length };
}

/** The first that a service manager passes. */
const FIRST_FD = 3;
