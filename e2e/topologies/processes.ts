import { launch } from '../../topology/launcher.ts';
import type { Environment } from '../../topology/shapes.ts';
import { ask } from '../ask.ts';
import { withoutStrangers } from '../strangers.ts';
import type { Stack, Topology } from '../topology.ts';
import { policyFile } from './policy-file.ts';

/** All of 127.0.0.0/8 is this machine on Linux; elsewhere clients have 127.0.0.1 alone. */
const askAsStranger: Stack['askAsStranger'] =
  process.platform === 'linux' ? (url, question) => ask(url, { ...question, from: '127.0.0.2' }) : undefined;

/** The default shape as local processes with these settings, every port picked by the system. */
const processesWith = (name: string, settings: Environment): Topology => ({
  name,
  unavailable: () => undefined,
  gaps: askAsStranger === undefined ? withoutStrangers('clients have one address on this system') : {},
  async up(): Promise<Stack> {
    const complaints: string[] = [];
    const file = await policyFile();
    const shape = await launch({
      wishes: { shape: 'edge', port: 0, isolated: true },
      inherited: {
        ...process.env,
        LOG_LEVEL: 'silent',
        EDGE_POLICY: file.path,
        EDGE_PURGE_FROM: '127.0.0.1',
        ...settings,
      },
      output: {
        line: () => undefined,
        complaint: (_tier, line) => complaints.push(line),
        event: () => undefined,
      },
    });
    const admin: Stack['admin'] = (tier, path, question) => {
      const { addresses } = shape.process(tier);
      if (addresses === undefined) throw new Error(`${tier} has not begun to listen`);
      return ask(new URL(path, addresses.admin), question);
    };
    return {
      edge: new URL(shape.url),
      admin,
      ...(askAsStranger && { askAsStranger }),
      policy: (source) => file.load(source, admin),
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
        await file[Symbol.asyncDispose]();
        if (complaints.length > 0) console.log(complaints.join('\n'));
      },
    };
  },
});

export const processes = processesWith('processes', {});

/** Where no tier answers before `node:http` has read the request. */
export const slowProcesses = processesWith('processes, without the fast lane', {
  EDGE_FAST_LANE: 'off',
  FRONT_FAST_LANE: 'off',
});
