/** nginx with a configuration of the test's own. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Listening, launch } from './program.ts';

/** What stands in the `http` block, and in the one `server` there, which listens already. */
export type Blocks = { readonly http?: string; readonly server: string };

/** Runs nginx in the foreground until it is disposed, with a folder of its own for all that it writes. */
export async function ownNginx(blocks: Blocks | ((port: number) => Blocks)): Promise<Listening> {
  await using own = new AsyncDisposableStack();
  const { path } = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-nginx-')));
  const port = await freePort();
  const config = join(path, 'nginx.conf');
  await writeFile(config, configuration(path, port, typeof blocks === 'function' ? blocks(port) : blocks));
  const args = ['-p', path, '-c', config, '-e', 'stderr', '-g', 'daemon off; master_process off;'];
  own.use(await launch('nginx', args, port));
  const all = own.move();
  return { port, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const configuration = (folder: string, port: number, { http = '', server }: Blocks) => `
pid ${folder}/pid;
error_log stderr crit;
events {}
http {
  access_log off; lingering_timeout 300ms;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  ${http}
  server {
    listen 127.0.0.1:${port} default_server;
    ${server}
  }
}`;
