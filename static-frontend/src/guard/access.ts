/** Who may come in by where he comes from. */
import { isIP } from 'node:net';
import { trustList } from '@trivet/kit/process/trusted-peers.ts';
import { plainClient } from '../limits/client-address.ts';
import type { AccessOptions } from '../site/guard-options.ts';

/** Reads the lists once; the answer is a question: may this client come in? Who has no address may not, by any list. */
export function accessList({ deny, allow }: AccessOptions): (client: string) => boolean {
  const isDenied = deny === undefined ? undefined : trustList(deny.join(','));
  const isAllowed = allow === undefined ? undefined : trustList(allow.join(','));
  return (client) => {
    const plain = plainClient(client);
    // Who sends a request and resets at once has no address any more, and must not be let in for that.
    if (isIP(plain) === 0 && plain !== 'unix') return false;
    if (isDenied?.(plain) === true) return false;
    return isAllowed === undefined || isAllowed(plain);
  };
}
