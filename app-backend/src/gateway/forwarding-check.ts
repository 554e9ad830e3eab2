import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { forwardedElements } from '@trivet/kit/semantics/forwarding.ts';
import { ipAddress } from '@trivet/kit/semantics/ip-address.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';

/**
 * Do X-Forwarded-* and Forwarded (RFC 7239) of a trusted peer tell two stories? Undefined when they do not. A proxy that
 * writes one of them and passes the client's own version of the other would let the client choose which one is believed.
 */
export function forwardingContradiction(fields: Fields): string | undefined {
  const forwarded = field(fields, 'forwarded');
  if (forwarded === undefined) return undefined;
  const hops = forwardedElements(forwarded);
  return (
    differentSchemes(field(fields, 'x-forwarded-proto'), hops) ??
    differentClients(field(fields, 'x-forwarded-for'), hops)
  );
}

function differentSchemes(claim: string | undefined, hops: readonly Map<string, string>[]): string | undefined {
  const told = hops.map((hop) => hop.get('proto')?.toLowerCase()).filter((scheme) => scheme !== undefined);
  const [nearest] = splitList(claim ?? '').slice(-1);
  // A hop may have spoken http behind one that spoke https: only a scheme that no hop tells of contradicts.
  if (nearest === undefined || told.length === 0 || told.includes(nearest.toLowerCase())) return undefined;
  return `X-Forwarded-Proto says ${nearest}, Forwarded says ${told.join(', ')}`;
}

/** Compared from the nearest hop on, as far as both tell; hops without an address are in neither list. */
function differentClients(claim: string | undefined, hops: readonly Map<string, string>[]): string | undefined {
  const claimed = addresses(splitList(claim ?? ''));
  const told = addresses(hops.map((hop) => hop.get('for') ?? ''));
  const both = Math.min(claimed.length, told.length);
  for (let back = 1; back <= both; back++) {
    const [ours, theirs] = [claimed.at(-back), told.at(-back)];
    if (ours !== theirs) return `X-Forwarded-For says ${ours}, Forwarded says ${theirs}`;
  }
  return undefined;
}

function addresses(nodes: readonly string[]): string[] {
  return nodes.map(ipAddress).filter((address) => address !== undefined);
}
