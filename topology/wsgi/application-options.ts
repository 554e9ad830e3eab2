/** Options of the application, and those that Gunicorn does not have. */
import { resolve } from 'node:path';
import { boundTo } from './bind-address.ts';
import { last, type Option, sets, switches, type Variables } from './option.ts';

export const ofApplication: readonly Option[] = [
  {
    names: '--chdir',
    value: 'FOLDER',
    about: 'where the application is looked up from (here)',
    setting: 'APP_CHDIR',
    file: 'app-backend/src/load-site.ts',
    translate: (values, { cwd }) => ({ APP_CHDIR: resolve(cwd, last(values)) }),
  },
  {
    names: '--preload',
    about: 'import the application before workers are forked',
    ...switches('APP_PRELOAD'),
    file: 'app-backend/settings.ts',
    only: 'python',
  },
  {
    names: '--pythonpath',
    value: 'LIST',
    about: 'folders to import from, parted by commas',
    setting: 'PYTHONPATH',
    file: 'app-backend/settings.ts',
    only: 'python',
    translate(values, { cwd, env }): Variables {
      // As there: each is put before those that came before it.
      const folders = last(values)
        .split(',')
        .map((folder) => resolve(cwd, folder.trim()));
      const before = env.PYTHONPATH ? [env.PYTHONPATH] : [];
      return { PYTHONPATH: [...folders.reverse(), ...before].join(':') };
    },
  },
  {
    names: '-e, --env',
    value: 'NAME=VALUE',
    about: 'a variable for the application; may be given several times',
    setting: 'the environment',
    file: 'topology/wsgi/translate.ts',
    translate(values): Variables {
      const pairs = values.map((pair) => {
        const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
        if (name === undefined || value === undefined) throw new Error(`${JSON.stringify(pair)} is not NAME=VALUE`);
        return [name, value] as const;
      });
      return Object.fromEntries(pairs);
    },
  },
  {
    names: '--reload',
    about: 'reload when a source below --chdir changes; for development',
    ...switches('APP_RELOAD'),
    file: 'app-backend/src/watch-sources.ts',
  },
  {
    names: '--reload-extra-file',
    value: 'FILE',
    about: 'another file that is watched; may be given several times',
    setting: 'APP_RELOAD_FILES',
    file: 'app-backend/src/watch-sources.ts',
    translate: (values, { cwd }) => ({ APP_RELOAD_FILES: values.map((file) => resolve(cwd, file)).join(',') }),
  },
];

export const ours: readonly Option[] = [
  {
    names: '--admin',
    value: 'ADDRESS',
    about: 'where the admin API listens (127.0.0.1:9000)',
    isOurs: true,
    setting: 'APP_ADMIN_LISTEN',
    file: 'kit/process/admin.ts',
    translate(values): Variables {
      // Where Gunicorn's --bind means every interface, the admin API stays on this machine.
      const bound = boundTo(last(values).replace(/^:/, '127.0.0.1:'));
      if (!('listen' in bound)) throw new Error(`${JSON.stringify(last(values))} is not HOST:PORT or unix:PATH`);
      return { APP_ADMIN_LISTEN: bound.listen };
    },
  },
  {
    names: '--preset',
    value: 'NAME',
    about: 'other defaults: paas',
    isOurs: true,
    ...sets('APP_PRESET'),
    file: 'app-backend/settings.ts',
  },
  {
    names: '--python',
    value: 'FILE',
    about: 'the Python that runs the application (python3)',
    isOurs: true,
    ...sets('APP_PYTHON'),
    file: 'app-backend/settings.ts',
    only: 'python',
  },
];
