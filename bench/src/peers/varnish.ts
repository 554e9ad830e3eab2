import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../contender.ts';
import { freePort } from '../processes/free-port.ts';

/** Varnish as it comes, with the built-in rules: `no-store` from the origin makes it pass. */
export function varnishWith(name: string, storage: string): Contender {
  return {
    name,
    program: { name: 'Varnish', file: 'varnishd', versionFlag: '-V' },
    async prepare({ folder, originPort }, file) {
      const port = await freePort();
      const own = `varnish-${port}`;
      const policy = join(folder, `${own}.vcl`);
      writeFileSync(policy, `vcl 4.1;\nbackend default { .host = "127.0.0.1"; .port = "${originPort}"; }\n`);
      const listen = ['-a', `127.0.0.1:${port}`, '-T', 'none'];
      const args = ['-F', '-n', join(folder, own), '-f', policy, ...listen, '-s', storage];
      return { name: own, file, args, port };
    },
  };
}

export const varnish = varnishWith('Varnish', 'malloc,256m');
