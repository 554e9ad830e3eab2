import { spawnSync } from 'node:child_process';

/** Why no container can be run here, or undefined. `REQUIRE_DOCKER=1` makes that an error instead of a skip. */
export function noDocker(): string | undefined {
  const why = missing();
  if (why !== undefined && process.env.REQUIRE_DOCKER === '1') throw new Error(`REQUIRE_DOCKER=1, but ${why}`);
  return why;
}

function missing(): string | undefined {
  const engine = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { encoding: 'utf8', timeout: 10_000 });
  if (engine.error) return 'the docker command is not installed';
  if (engine.status !== 0) return 'no Docker engine answers';
  const compose = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8', timeout: 10_000 });
  return compose.status === 0 ? undefined : 'docker compose (version 2) is not installed';
}
