import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadUserFile, StartProblem } from '@trivet/kit/process/load-file.ts';
import type { Site } from './gateway/gateway.ts';

export type SiteFile = { readonly file: string; readonly name: string; readonly folder: string };

/** `shop.wsgi`, and neither `app.ts` nor a path. */
const ofModule = /^(?!.*\.[mc]?[jt]s$)\w+(?:\.\w+)*$/;

/**
 * Loads the file that a user edits. The export that is named is the application; `mounts` and `upgrades` beside it are
 * taken where they are.
 * @throws StartProblem when there is nothing that could be run.
 */
export async function loadSite({ file, name, folder }: SiteFile): Promise<Site> {
  const path = resolve(folder, file);
  if (ofModule.test(file) && !existsSync(path)) {
    throw new StartProblem(`APP_APPLICATION: there is no file ${path}; a module of Python needs APP_RUNTIME=python`);
  }
  const { value, module } = await loadUserFile(file, name, 'APP_APPLICATION', folder);
  return siteOf(value, module, `APP_APPLICATION: ${file}:`);
}

/** The site in what a file exports; `where` begins the complaint. */
export function siteOf(application: unknown, module: Readonly<Record<string, unknown>>, where: string): Site {
  if (typeof application !== 'function') throw new StartProblem(`${where} the application is not a function`);
  return {
    application: application as Site['application'],
    mounts: handlers<Site['mounts']>(module.mounts, `${where} mounts`),
    upgrades: handlers<Site['upgrades']>(module.upgrades, `${where} upgrades`),
  };
}

function handlers<T extends Readonly<Record<string, unknown>>>(value: unknown, where: string): T {
  const table: unknown = value ?? {};
  if (typeof table !== 'object' || table === null) throw new StartProblem(`${where} is not an object`);
  for (const [path, handler] of Object.entries(table)) {
    if (!/^\/[^?#]*[^/?#]$/.test(path))
      throw new StartProblem(`${where}: ${JSON.stringify(path)} is not a path like /chat`);
    if (typeof handler !== 'function') throw new StartProblem(`${where}: what is at ${path} is not a function`);
  }
  return table as T;
}
