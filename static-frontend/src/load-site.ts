import { loadUserFile, StartProblem } from '@trivet/kit/process/load-file.ts';
import { defineSite, type Site, SiteProblem } from './define-site.ts';

/** Loads `site.ts`. @throws StartProblem when it is missing, does not load, or describes no site. */
export async function loadSite(path: string, setting: string): Promise<Site> {
  const { value } = await loadUserFile(path, 'default', setting);
  try {
    // Checked here too: a file that exports a bare object never called defineSite.
    return defineSite(value as Site);
  } catch (error) {
    if (!(error instanceof SiteProblem)) throw error;
    throw new StartProblem(`${setting}: ${path}: ${error.message}`, { cause: error });
  }
}
