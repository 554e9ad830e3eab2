import type { Handler } from '@trivet/kit/http1/listener.ts';
import type { StaticPlaces } from './static-places.ts';

/** A handler, the gateway of either runtime, behind the folders that the server answers from itself. */
export function behind(places: Pick<StaticPlaces, 'tryStatic'>, handler: Handler): Handler {
  return (inbound, response) => {
    const isAnswered = places.tryStatic(inbound, response);
    if (isAnswered === false) return handler(inbound, response);
    return Promise.resolve(isAnswered).then((answered) => (answered ? undefined : handler(inbound, response)));
  };
}
