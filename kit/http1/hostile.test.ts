import { hostileContract } from '../testing/hostile/hostile-contract.ts';
import { testListener } from '../testing/test-listener.ts';

hostileContract('the listener', async () => {
  const read: string[] = [];
  const server = await testListener({
    // What is read to its end has reached the handler as a whole request.
    onRequest: async ({ body, target }, response) => {
      await body?.resume().toArray();
      read.push(target);
      response.end('ok');
    },
  });
  return { port: server.port, reached: () => read, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
});
