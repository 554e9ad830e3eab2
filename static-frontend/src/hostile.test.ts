import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { hostileContract } from '@trivet/kit/testing/hostile/hostile-contract.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { runFront } from './testing/running-front.ts';

hostileContract('the front', async () => {
  await using own = new AsyncDisposableStack();
  const tree = own.use(await fileTree({ 'f.txt': 'f' }));
  const app = own.use(await scriptedOrigin((_request, reply) => reply.send(200, [], 'ok')));
  const site = { routes: [{ path: '/', files: '.', otherwise: { proxy: 'app' } }] };
  const { port } = own.use(await runFront({ root: tree.path, site, app: [app.address] }));
  const open = own.move();
  return {
    port,
    reached: () => app.requests.filter(({ isWhole }) => isWhole).map(({ target }) => target),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
});
