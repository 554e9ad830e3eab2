import { hostileContract } from '@trivet/kit/testing/hostile/hostile-contract.ts';
import { serve } from './testing/serving.ts';

hostileContract('the app', async () => {
  const read: string[] = [];
  const serving = await serve(async (environ, start) => {
    await environ['wsgi.input'].read();
    read.push(environ.RAW_URI);
    start('200 OK', []);
    return [Buffer.from('ok')];
  });
  return { port: serving.port, reached: () => read, [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose]() };
});
