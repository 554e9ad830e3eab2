import { launch } from '../../topology/launcher.ts';
import { ask } from '../ask.ts';
import type { Stack, Topology } from '../topology.ts';

const noEdge = 'the shape has no edge, which the case names';

/** The shape without an edge whose front runs the application itself, two processes of it; `edge` is where clients ask. */
export const embedded: Topology = {
  name: 'embedded',
  unavailable: () => undefined,
  gaps: {
    'each answer says which tiers made it': noEdge,
    'the client’s address and one request id reach the application through all tiers': noEdge,
  },
  async up(): Promise<Stack> {
    const complaints: string[] = [];
    const shape = await launch({
      wishes: { shape: 'embedded', port: 0, isolated: true },
      inherited: { ...process.env, LOG_LEVEL: 'silent', APP_WORKERS: '2' },
      output: { line: () => undefined, complaint: (_tier, line) => complaints.push(line), event: () => undefined },
    });
    return {
      edge: new URL(shape.url),
      admin(tier, path, question) {
        const { addresses } = shape.process(tier);
        if (addresses === undefined) throw new Error(`${tier} has not begun to listen`);
        return ask(new URL(path, addresses.admin), question);
      },
      policy: () => Promise.reject(new Error('there is no edge that has a policy')),
      async stop(tier) {
        await shape.process(tier).stop();
      },
      async kill(tier) {
        await shape.process(tier).stop('SIGKILL');
      },
      async start(tier) {
        await shape.process(tier).start();
      },
      async [Symbol.asyncDispose]() {
        await shape.stop();
        if (complaints.length > 0) console.log(complaints.join('\n'));
      },
    };
  },
};
