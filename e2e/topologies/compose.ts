import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { DockerComposeEnvironment, Wait } from 'testcontainers';
import type { Answer, Question } from '../ask.ts';
import type { Stack, Topology } from '../topology.ts';
import { checkCommand, outcomeOf } from './checked.ts';
import { noDocker } from './docker.ts';
import { pythonGaps } from './python.ts';
import { repository, userFiles } from './user-files.ts';

/** Any port, so that a stack of the user's may go on running; and cases purge through Docker's gateway address. */
const fixed = {
  TRIVET_PORT: '127.0.0.1:0',
  EDGE_PURGE_FROM: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16',
  LOG_LEVEL: 'warn',
};

const adminPort: Readonly<Record<Tier, number>> = { 'edge-cache': 9080, 'static-frontend': 9081, 'app-backend': 9000 };

/** The admin ports listen inside their containers alone, so they are asked from there. */
const askInside = `
const { body, ...question } = JSON.parse(process.argv[1]);
const request = require('node:http').request({ host: '127.0.0.1', ...question }, async (answer) => {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  console.log(JSON.stringify({ status: answer.statusCode, headers: answer.headers, text }));
});
request.end(body);
`;

/** The very file that users start, and what lets cases reach the front. */
const composeFiles = ['docker-compose.yml', 'e2e/topologies/compose-with-front.yml'];

type Asked = {
  readonly name: string;
  /** Beside those of the default shape. */
  readonly files?: readonly string[];
  readonly gaps?: Topology['gaps'];
};

const composeOf = ({ name, files: more = [], gaps = {} }: Asked): Topology => ({
  name,
  unavailable: noDocker,
  gaps,
  async up(): Promise<Stack> {
    const all = [...composeFiles, ...more];
    const project = `trivet-e2e-${process.pid}`;
    const files = await userFiles();
    const environment = {
      ...fixed,
      COMPOSE_FILE: all.join(delimiter),
      TRIVET_POLICY: files.policy.path,
      TRIVET_ROUTES: files.site.path,
      TRIVET_SITE: files.root,
    };
    const started = await new DockerComposeEnvironment(repository, all)
      .withProjectName(project)
      .withEnvironment(environment)
      .withBuild()
      .withWaitStrategy('app-backend-1', Wait.forHealthCheck())
      .withWaitStrategy('static-frontend-1', Wait.forHealthCheck())
      .withWaitStrategy('edge-cache-1', Wait.forHealthCheck())
      .withStartupTimeout(180_000)
      .up();
    const docker = ['docker', 'compose', '-p', project] as const;
    const place = { cwd: repository, env: { ...process.env, ...environment } };
    const run = async (...command: string[]) => {
      const { stdout } = await promisify(execFile)(docker[0], [...docker.slice(1), ...command], place);
      return stdout.trim();
    };
    const addressOf = async (tier: Tier, port: number) => new URL(`http://${await run('port', tier, String(port))}`);
    const addresses = async () => ({
      edge: await addressOf('edge-cache', 8080),
      front: await addressOf('static-frontend', 8081),
    });
    let { edge, front } = await addresses();
    const inside = async (tier: Tier, port: number, { body = '', ...question }: Question): Promise<Answer> => {
      const asked = JSON.stringify({ port, ...question, body: String(body) });
      const { status, headers, text } = JSON.parse(await run('exec', '-T', tier, 'node', '-e', askInside, asked));
      return { status, headers, body: Buffer.from(text), text };
    };
    const admin: Stack['admin'] = (tier, path, question) => inside(tier, adminPort[tier], { ...question, path });
    return {
      get edge() {
        return edge;
      },
      get front() {
        return front;
      },
      root: files.root,
      neighbourhood: { listenOn: '0.0.0.0', host: 'host.docker.internal' },
      admin,
      /** Inside its container the edge sees 127.0.0.1, which is no address of Docker's. */
      askAsStranger: ({ host, pathname, search }, question) =>
        inside('edge-cache', 8080, { ...question, path: pathname + search, headers: { ...question?.headers, host } }),
      policy: (source) => files.policy.load(source, admin),
      site: (source) => files.site.load(source, admin),
      check: () => outcomeOf([...docker, 'exec', '-T', 'static-frontend', ...checkCommand], place),
      async stop(tier) {
        await run('stop', tier);
      },
      async kill(tier) {
        await run('kill', tier);
      },
      async start(tier) {
        await run('up', '-d', '--wait', '--no-deps', '--no-recreate', tier);
        ({ edge, front } = await addresses());
      },
      async [Symbol.asyncDispose]() {
        await started.down({ removeVolumes: true });
        await files[Symbol.asyncDispose]();
      },
    };
  },
});

/** The default shape as containers. */
export const compose = composeOf({ name: 'compose' });

/** The same with the Python application in Python workers. */
export const pythonCompose = composeOf({
  name: 'compose, Python',
  files: ['compose/python.yml'],
  gaps: pythonGaps,
});
