import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../contender.ts';
import { freePort } from '../processes/free-port.ts';

/** Varnish as it comes, with the built-in rules: `no-store` from the origin makes it pass. */
export const varnish: Contender = {
  name: 'Varnish',
  program: { name: 'Varnish', file: 'varnishd', versionFlag: '-V' },
  async prepare({ folder, originPort }, file) {
    const policy = join(folder, 'default.vcl');
    writeFileSync(policy, `vcl 4.1;\nbackend default { .host = "127.0.0.1"; .port = "${originPort}"; }\n`);
    const port = await freePort();
    const listen = ['-a', `127.0.0.1:${port}`, '-T', 'none'];
    const args = ['-F', '-n', join(folder, 'varnish'), '-f', policy, ...listen, '-s', 'malloc,256m'];
    return { name: 'varnish', file, args, port };
  },
};
