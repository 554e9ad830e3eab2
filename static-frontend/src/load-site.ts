/** Reads `site.ts`: all that can be wrong with it is found here, before a request meets it. */
import { loadUserFile, problemsIn, StartProblem, type UserFile } from '@trivet/kit/process/load-file.ts';
import { defineSite, type Site, SiteProblem } from './define-site.ts';
import { type Guards, type GuardsOptions, openGuards } from './guard/guards.ts';

/** A site, and what guards its routes, made ready. */
export type ReadySite = { readonly site: Site; readonly guards: Guards };

/** Loads `site.ts`. @throws StartProblem when it is missing, does not load, or describes no site. */
export async function loadSite(path: string, setting: string): Promise<Site> {
  return siteOf(await loadUserFile(path, 'default', setting), setting);
}

/** What a site file exports, with the files that it names. Changes nothing. @throws StartProblem */
export async function readySite(file: UserFile, setting: string, options: GuardsOptions): Promise<ReadySite> {
  const site = siteOf(file, setting);
  try {
    return { site, guards: await openGuards(site, options) };
  } catch (cause) {
    if (!(cause instanceof StartProblem)) throw cause;
    const [path = ''] = file.files.keys();
    throw problemsIn(path, cause.problems, { setting, cause, files: cause.files });
  }
}

function siteOf({ value, files }: UserFile, setting: string): Site {
  try {
    // Checked here too: a file that exports a bare object never called defineSite.
    return defineSite(value as Site);
  } catch (cause) {
    if (!(cause instanceof SiteProblem)) throw cause;
    const [path = ''] = files.keys();
    throw problemsIn(path, cause.problems, { setting, cause, files });
  }
}
