import { hostileContract } from '@trivet/kit/testing/hostile/hostile-contract.ts';
import { edgeStand } from './testing/stand.ts';

hostileContract('the edge', async () => {
  const stand = await edgeStand((_request, reply) => reply.send(200, ['Cache-Control', 'no-store'], 'ok'));
  return {
    port: stand.port,
    reached: () => stand.origin.requests.filter(({ isWhole }) => isWhole).map(({ target }) => target),
    [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose](),
  };
});
