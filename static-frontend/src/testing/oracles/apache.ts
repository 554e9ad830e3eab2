/** Apache httpd over the same files and rules as `site.ts` here, with the modules of Debian's package. */
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Listening, launch } from './program.ts';
import { types } from './site.ts';

/** Runs Apache httpd over the folder `root`, which others may read, in front of the app on `appPort`. */
export async function apache(root: string, appPort: number): Promise<Listening> {
  await using own = new AsyncDisposableStack();
  const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'trivet-apache-')));
  const port = await freePort();
  const config = join(folder.path, 'httpd.conf');
  await writeFile(config, configuration({ folder: folder.path, root, port, appPort }));
  own.use(await launch('apache2', ['-d', folder.path, '-f', config, '-D', 'FOREGROUND'], port));
  const all = own.move();
  return { port, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const modules = ['mpm_event', 'authz_core', 'alias', 'autoindex', 'dir', 'headers', 'mime', 'proxy', 'proxy_http'];

type Places = { readonly folder: string; readonly root: string; readonly port: number; readonly appPort: number };

const configuration = ({ folder, root, port, appPort }: Places) => `
ServerName front.test
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
Mutex file:${folder} default
ErrorLog ${folder}/log
${[...modules, 'rewrite'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
TypesConfig /dev/null
${types.map(({ type, extensions }) => `AddType ${type} ${extensions.map((one) => `.${one}`).join(' ')}`).join('\n')}
AddDefaultCharset utf-8
DocumentRoot ${root}
DirectoryIndex index.html
ErrorDocument 404 /errors/404.html
RewriteEngine On
RewriteCond ${root}%{REQUEST_URI}.html -f
RewriteRule ^/try/ ${root}%{REQUEST_URI}.html [L]
Redirect 308 /old/ /new/
Redirect 308 /away/ /
Redirect gone /gone/
ProxyPass /api/ http://127.0.0.1:${appPort}/api/ nocanon
<Directory ${root}>
  Options FollowSymLinks
  Require all granted
</Directory>
<Location /list/>
  Options +Indexes
</Location>
<Location /spa/>
  FallbackResource /spa/index.html
</Location>
<Location /stamped/>
  Header always set X-Stamp front
  Header set Cache-Control "public, max-age=60"
</Location>
<VirtualHost 127.0.0.1:${port}>
  ServerName front.test
  RewriteEngine On
  RewriteOptions Inherit
</VirtualHost>
<VirtualHost 127.0.0.1:${port}>
  ServerName links-never
  <Directory ${root}>
    Options -FollowSymLinks
  </Directory>
</VirtualHost>
`;
