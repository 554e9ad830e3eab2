/** The Django project of `app-backend/python/programs`, with a database and collected files of its own. */
import { execFile } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { python } from './python.ts';
import { pythonEnvironment } from './python-peers.ts';
import { programsFolder } from './python-servers.ts';

export type DjangoSite = AsyncDisposable & {
  /** What a server of the project must have in its environment. */
  readonly environment: { readonly DJANGO_DATA: string };
  /** Where the files of its admin were collected. */
  readonly staticFolder: string;
};

/** Who may log in to the admin. */
export const superuser = { username: 'admin', password: 'a-secret-of-the-test' };

/** Makes the database, a superuser, and the folder of static files. */
export async function djangoSite(): Promise<DjangoSite> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-django-'));
  const environment = { DJANGO_DATA: folder.path };
  const manage = (...command: string[]) =>
    promisify(execFile)(python, ['-m', 'djangoproject.manage', ...command], {
      cwd: programsFolder,
      env: { ...pythonEnvironment, ...environment, DJANGO_SUPERUSER_PASSWORD: superuser.password },
    });
  try {
    await manage('migrate', '--verbosity=0');
    await manage('createsuperuser', '--noinput', `--username=${superuser.username}`, '--email=admin@example.org');
    await manage('collectstatic', '--noinput', '--verbosity=0');
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return { environment, staticFolder: join(folder.path, 'static'), [Symbol.asyncDispose]: () => folder.remove() };
}
