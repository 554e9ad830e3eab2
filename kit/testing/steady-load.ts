import { Agent, request } from 'node:http';

type Where = { readonly port: number } | { readonly socketPath: string };

export type SteadyLoad = AsyncDisposable & {
  /** How often each process answered, by what it calls itself in `X-Pid`. */
  readonly answers: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
  /** The longest that an answer took so far, milliseconds. */
  slowestMs(): number;
  /** Resolves when the last request is over. */
  stop(): Promise<void>;
};

/** Asks all the time, one after another: two clients on connections that they keep, two on new ones for each request. */
export function steadyLoad(where: Where): SteadyLoad {
  const answers = new Map<string, number>();
  const failures: string[] = [];
  const kept = new Agent({ keepAlive: true });
  let isOver = false;
  let slowestMs = 0;
  const client = async (agent: Agent | false) => {
    while (!isOver) {
      const begun = performance.now();
      try {
        const pid = await ask(where, agent);
        answers.set(pid, (answers.get(pid) ?? 0) + 1);
      } catch (error) {
        failures.push(`${agent === false ? 'new' : 'kept'}: ${String(error)}`);
      }
      slowestMs = Math.max(slowestMs, performance.now() - begun);
    }
  };
  const clients = [kept, kept, false as const, false as const].map(client);
  const stop = async () => {
    isOver = true;
    await Promise.all(clients);
    kept.destroy();
  };
  return { answers, failures, slowestMs: () => slowestMs, stop, [Symbol.asyncDispose]: stop };
}

function ask(where: Where, agent: Agent | false): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asking = request({ host: '127.0.0.1', ...where, agent, path: '/' }, (response) => {
    response.once('error', reject);
    response.resume().once('end', () => {
      if (response.statusCode === 200) resolve(String(response.headers['x-pid']));
      else reject(new Error(`status ${response.statusCode}`));
    });
  });
  asking.once('error', reject).end();
  return promise;
}
