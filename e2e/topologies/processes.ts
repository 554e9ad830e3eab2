import { launch } from '../../topology/launcher.ts';
import type { Stack, Topology } from '../topology.ts';

/** The default shape as local processes, every port picked by the system. */
export const processes: Topology = {
  name: 'processes',
  unavailable: () => undefined,
  gaps: {},
  async up(): Promise<Stack> {
    const complaints: string[] = [];
    const shape = await launch({
      wishes: { shape: 'edge', port: 0, isolated: true },
      inherited: { ...process.env, LOG_LEVEL: 'silent' },
      output: {
        line: () => undefined,
        complaint: (_tier, line) => complaints.push(line),
        event: () => undefined,
      },
    });
    return {
      edge: new URL(shape.url),
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
