import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { DockerComposeEnvironment, Wait } from 'testcontainers';
import type { Answer, Question } from '../ask.ts';
import type { Stack, Topology } from '../topology.ts';
import { noDocker } from './docker.ts';
import { policyFile } from './policy-file.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

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

/** The default shape as containers, from the very file that users start. */
export const compose: Topology = {
  name: 'compose',
  unavailable: noDocker,
  gaps: {},
  async up(): Promise<Stack> {
    const project = `trivet-e2e-${process.pid}`;
    const file = await policyFile();
    const environment = { ...fixed, TRIVET_POLICY: file.path };
    const started = await new DockerComposeEnvironment(repository, 'docker-compose.yml')
      .withProjectName(project)
      .withEnvironment(environment)
      .withBuild()
      .withWaitStrategy('app-backend-1', Wait.forHealthCheck())
      .withWaitStrategy('static-frontend-1', Wait.forHealthCheck())
      .withWaitStrategy('edge-cache-1', Wait.forHealthCheck())
      .withStartupTimeout(180_000)
      .up();
    const run = async (...command: string[]) => {
      const { stdout } = await promisify(execFile)('docker', ['compose', '-p', project, ...command], {
        cwd: repository,
        env: { ...process.env, ...environment },
      });
      return stdout.trim();
    };
    const address = async () => new URL(`http://${await run('port', 'edge-cache', '8080')}`);
    let edge = await address();
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
      admin,
      /** Inside its container the edge sees 127.0.0.1, which is no address of Docker's. */
      askAsStranger: ({ host, pathname, search }, question) =>
        inside('edge-cache', 8080, { ...question, path: pathname + search, headers: { ...question?.headers, host } }),
      policy: (source) => file.load(source, admin),
      async stop(tier) {
        await run('stop', tier);
      },
      async kill(tier) {
        await run('kill', tier);
      },
      async start(tier) {
        await run('up', '-d', '--wait', '--no-deps', '--no-recreate', tier);
        edge = await address();
      },
      async [Symbol.asyncDispose]() {
        await started.down({ removeVolumes: true });
        await file[Symbol.asyncDispose]();
      },
    };
  },
};
