/** Where the bodies of requests to Python workers wait for their last byte. */
import { tmpdir } from 'node:os';
import type { BodyPlaces } from '@trivet/kit/http1/body/intake.ts';
import { Room } from '@trivet/kit/http1/body/room.ts';
import { TempFolder } from '@trivet/kit/http1/body/temp-folder.ts';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import type { AppConfig } from '../../settings.ts';

/** Most memory for all that wait there; beyond it they are on the disk as well. */
const bodiesMemory = 64 * 1024 * 1024;

/** Makes the folder for large bodies. @throws StartProblem where it cannot be made. */
export async function openBodyPlaces({
  bodyMemory,
  bodiesDisk,
  tempDir,
}: Pick<AppConfig, 'bodyMemory' | 'bodiesDisk' | 'tempDir'>): Promise<BodyPlaces & AsyncDisposable> {
  const base = tempDir === '' ? tmpdir() : tempDir;
  try {
    const folder = await TempFolder.open(base, 'trivet-app-bodies-');
    return {
      most: bodyMemory,
      room: new Room(bodiesMemory),
      folder,
      disk: new Room(bodiesDisk),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new StartProblem(`APP_TEMP_DIR: there can be no folder in ${base}: ${why}`, { cause });
  }
}
