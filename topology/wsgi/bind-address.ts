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
