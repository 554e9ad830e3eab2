import type { AppConfig } from '../../settings.ts';
import { StaticPlaces } from './static-places.ts';

/** The folders that the settings say are answered from, before an application. @throws StartProblem naming those that are missing */
export function placesOf(config: AppConfig): StaticPlaces {
  const { static: folders, staticMaxAge, staticSymlinks: symlinks, chdir, mount, serverTiming } = config;
  return new StaticPlaces({ folders, chdir, mount, maxAge: Math.floor(staticMaxAge / 1000), symlinks, serverTiming });
}
