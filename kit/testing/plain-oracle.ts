// What a plain request head is, said a second time and slowly: one anchored expression, and the names that are not plain.
import type { HeadLimits } from '../http1/strictness.ts';
import { parseAuthority } from '../semantics/host.ts';

const head =
  /^(GET|HEAD) (\/[\w!$%&'()*+,\-./:;=?@[\]~]*) HTTP\/1\.1\r\n((?:[\w!#$%&'*+\-.^`|~]+:(?: ?[!-~](?:[ -~]*[!-~])?| ?)\r\n)+)\r\n$/;
const notPlain =
  /^(?:content-length|transfer-encoding|trailer|upgrade|http2-settings|expect|range|if-range|proxy-connection|max-forwards)$/i;

/** What `readPlainHead` should give. */
export function slowlyReadPlainHead(text: string, limits: HeadLimits) {
  const [, method = '', target = '', section = ''] = head.exec(text) ?? [];
  const lines = section.split('\r\n').slice(0, -1);
  const pairs = lines.map((line) => /^([^:]+): ?(.*)$/.exec(line)?.slice(1) ?? []);
  const named = (wanted: string) =>
    pairs.filter(([name = '']) => name.toLowerCase() === wanted).map(([, value]) => value);
  const [host, ...otherHosts] = named('host');
  const [connection = 'keep-alive', ...otherConnections] = named('connection');
  if (host === undefined || otherHosts.length > 0 || parseAuthority(host) === undefined) return undefined;
  if (otherConnections.length > 0 || !/^(?:close|[kK]eep-[aA]live)$/.test(connection)) return undefined;
  if (/^(?:keep-Alive|Keep-alive)$/.test(connection) || pairs.some(([name = '']) => notPlain.test(name)))
    return undefined;
  if (text.length > limits.maxHead || target.length > limits.maxTarget || pairs.length > limits.maxFields)
    return undefined;
  return { method, target, host, fields: pairs.flat(), isLast: connection === 'close' };
}
