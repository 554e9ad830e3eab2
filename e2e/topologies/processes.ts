import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { launch, reachable } from '../../topology/launcher.ts';
import type { Environment, ShapeName } from '../../topology/shapes.ts';
import { ask } from '../ask.ts';
import { withoutStrangers } from '../strangers.ts';
import type { Stack, Topology } from '../topology.ts';
import { checkCommand, outcomeOf } from './checked.ts';
import { noPython, pythonGaps, pythonSettings } from './python.ts';
import { repository, userFiles } from './user-files.ts';

/** All of 127.0.0.0/8 is this machine on Linux; elsewhere clients have 127.0.0.1 alone. */
const askAsStranger: Stack['askAsStranger'] =
  process.platform === 'linux' ? (url, question) => ask(url, { ...question, from: '127.0.0.2' }) : undefined;

type Asked = {
  readonly name: string;
  readonly shape?: ShapeName;
  readonly settings?: Environment;
  readonly gaps?: Topology['gaps'];
  readonly unavailable?: Topology['unavailable'];
};

const noStrangers = askAsStranger === undefined ? withoutStrangers('clients have one address on this system') : {};

/** A shape, the default one if not told, as local processes with these settings, every port picked by the system. */
export const processesOf = ({
  name,
  shape: of = 'edge',
  settings = {},
  gaps = noStrangers,
  unavailable = () => undefined,
}: Asked): Topology => ({
  ...{ name, gaps, unavailable },
  async up(): Promise<Stack> {
    const complaints: string[] = [];
    const files = await userFiles();
    const inherited = {
      ...process.env,
      LOG_LEVEL: 'silent',
      EDGE_POLICY: files.policy.path,
      FRONT_SITE: files.site.path,
      FRONT_ROOT: files.root,
      EDGE_PURGE_FROM: '127.0.0.1',
      ...settings,
    };
    const shape = await launch({
      wishes: { shape: of, port: 0, isolated: true },
      inherited,
      output: {
        line: () => undefined,
        complaint: (_tier, line) => complaints.push(line),
        event: () => undefined,
      },
    });
    const addressesOf = (tier: Tier) => {
      const { addresses } = shape.process(tier);
      if (addresses === undefined) throw new Error(`${tier} has not begun to listen`);
      return addresses;
    };
    const admin: Stack['admin'] = (tier, path, question) => ask(new URL(path, addressesOf(tier).admin), question);
    return {
      edge: new URL(shape.url),
      front: new URL(reachable(addressesOf('static-frontend').address)),
      root: files.root,
      neighbourhood: { listenOn: '127.0.0.1', host: '127.0.0.1' },
      admin,
      ...(askAsStranger && { askAsStranger }),
      policy: (source) => files.policy.load(source, admin),
      site: (source) => files.site.load(source, admin),
      check: () => outcomeOf([process.execPath, ...checkCommand.slice(1)], { cwd: repository, env: inherited }),
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
        await files[Symbol.asyncDispose]();
        if (complaints.length > 0) console.log(complaints.join('\n'));
      },
    };
  },
});

export const processes = processesOf({ name: 'processes' });

/** Where no tier answers before `node:http` has read the request. */
export const slowProcesses = processesOf({
  name: 'processes, without the fast lane',
  settings: { EDGE_FAST_LANE: 'off', FRONT_FAST_LANE: 'off' },
});

/** With the Python application in Python workers. */
export const pythonProcesses = processesOf({
  name: 'processes, Python',
  settings: pythonSettings,
  gaps: { ...noStrangers, ...pythonGaps },
  unavailable: noPython,
});
