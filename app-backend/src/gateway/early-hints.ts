import type { Header } from '../wsgi.ts';
import { checkHeaders } from './check-head.ts';
import type { ClientOutlet } from './outlet.ts';
import { WsgiViolation } from './wsgi-violation.ts';

/** `wsgi.early_hints`: a 103 ahead of the answer. */
export function earlyHints(outlet: Pick<ClientOutlet, 'hint'>): (headers: readonly Header[]) => void {
  return (headers) => {
    const checked = checkHeaders(headers);
    if (checked.verdict === 'bad') throw new WsgiViolation(checked.why);
    outlet.hint(checked.fields);
  };
}
