/** nginx over the same files and rules as `site.ts` here, each directive being what its README names for the front's. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Listening, launch } from './program.ts';
import { types } from './site.ts';

/** Runs nginx over the folder `root`, in front of the app on `appPort`. */
export async function nginx(root: string, appPort: number): Promise<Listening> {
  await using own = new AsyncDisposableStack();
  const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-nginx-')));
  const port = await freePort();
  const config = join(folder.path, 'nginx.conf');
  await writeFile(config, configuration({ folder: folder.path, root, port, appPort }));
  const args = ['-p', folder.path, '-c', config, '-e', 'stderr', '-g', 'daemon off; master_process off;'];
  own.use(await launch('nginx', args, port));
  const all = own.move();
  return { port, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

type Places = { readonly folder: string; readonly root: string; readonly port: number; readonly appPort: number };

const configuration = ({ folder, root, port, appPort }: Places) => `
pid ${folder}/pid;
error_log stderr crit;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
  uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
  types { ${types.map(({ type, extensions }) => `${type} ${extensions.join(' ')};`).join(' ')} }
  default_type application/octet-stream;
  charset utf-8; charset_types text/plain text/css text/javascript;
  gzip_static on; gzip_vary on;
  root ${root};
  index index.html;
  absolute_redirect off;
  error_page 404 /errors/404.html;
  error_page 403 =404 /errors/404.html;
  server {
    listen 127.0.0.1:${port} default_server;
    location / { }
    location ~ ^/old/(.*)$ { return 308 /new/$1$is_args$args; }
    location ~ ^/away/(.*)$ { return 308 /$1$is_args$args; }
    location /gone/ { return 410; }
    location /drop/ { return 444; }
    location /list/ { autoindex on; }
    location /json/ { autoindex on; autoindex_format json; }
    location /spa/ { try_files $uri /spa/index.html; }
    location /try/ { try_files $uri $uri.html =404; }
    location /app/ { try_files $uri @app; }
    location /stamped/ { add_header X-Stamp front always; add_header Cache-Control "public, max-age=60"; }
    location /api/ { proxy_pass http://127.0.0.1:${appPort}; }
    location @app { proxy_pass http://127.0.0.1:${appPort}; }
  }
  server {
    listen 127.0.0.1:${port};
    server_name links-never;
    disable_symlinks on from=${root};
  }
}`;
