/** nginx over the same files and rules as `site.ts` here, each directive being what its README names for the front's. */
import { ownNginx } from './own-nginx.ts';
import type { Listening } from './program.ts';
import { types } from './site.ts';

/** Runs nginx over the folder `root`, in front of the app on `appPort`. */
export async function nginx(root: string, appPort: number): Promise<Listening> {
  return await ownNginx((port) => ({ http: httpOver(root, port), server: serverBefore(appPort) }));
}

const httpOver = (root: string, port: number) => `
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
    listen 127.0.0.1:${port};
    server_name links-never;
    disable_symlinks on from=${root};
  }`;

const serverBefore = (appPort: number) => `
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
    location @app { proxy_pass http://127.0.0.1:${appPort}; }`;
