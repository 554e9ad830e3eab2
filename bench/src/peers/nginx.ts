import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender, Place } from '../contender.ts';
import { freePort } from '../processes/free-port.ts';

/**
 * nginx as a careful operator sets it: one worker, files kept open, connections to the app kept alive, a file wins
 * over the app.
 */
export const nginx: Contender = nginxWith('');

/** The same that compresses text, as fast as the front does (`kit/http1/encoder.ts`). */
export const nginxWithGzip: Contender = nginxWith('gzip on; gzip_comp_level 5; gzip_types text/plain; gzip_vary on;');

function nginxWith(further: string): Contender {
  return {
    name: 'nginx',
    program: { name: 'nginx', file: 'nginx', versionFlag: '-v' },
    async prepare(place, file) {
      const port = await freePort();
      const prefix = join(place.folder, 'nginx');
      mkdirSync(prefix, { recursive: true });
      writeFileSync(join(prefix, 'nginx.conf'), configuration(place, port, further));
      const args = ['-p', prefix, '-c', join(prefix, 'nginx.conf'), '-e', join(prefix, 'error.log')];
      return { name: 'nginx', file, args, port };
    },
  };
}

function configuration({ folder, originPort }: Place, port: number, further: string): string {
  return `daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  types { text/plain txt; }
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=60s;
  open_file_cache_errors on;
  ${further}
  client_body_temp_path temp_body;
  proxy_temp_path temp_proxy;
  fastcgi_temp_path temp_fastcgi;
  uwsgi_temp_path temp_uwsgi;
  scgi_temp_path temp_scgi;
  upstream app {
    server 127.0.0.1:${originPort || 9};
    keepalive 64;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    root ${join(folder, 'site')};
    location / { try_files $uri @app; }
    location @app {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
}
