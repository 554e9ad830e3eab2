import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DockerComposeEnvironment, Wait } from 'testcontainers';
import type { Stack, Topology } from '../topology.ts';
import { noDocker } from './docker.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Any port, so that a stack of the user's may go on running; and cases purge through Docker's gateway address. */
const environment = { TRIVET_PORT: '127.0.0.1:0', EDGE_PURGE_FROM: '0.0.0.0/0', LOG_LEVEL: 'warn' };

/** The default shape as containers, from the very file that users start. */
export const compose: Topology = {
  name: 'compose',
  unavailable: noDocker,
  gaps: {},
  async up(): Promise<Stack> {
    const project = `trivet-e2e-${process.pid}`;
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
    return {
      get edge() {
        return edge;
      },
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
      },
    };
  },
};
