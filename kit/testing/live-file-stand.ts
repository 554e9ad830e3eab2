// A file of the user that a test writes while it is in force; what it exports has to be a text.
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { LiveFile } from '../process/live-file.ts';
import { ManualClock } from './clock.ts';

export type Files = Readonly<Record<string, string>>;

/** A folder of its own with `site.ts` and what it imports in it, how it is opened, and what the log says of it. */
export async function liveFileStand(files: Files) {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-live-')));
  const write = async (given: Files) => {
    for (const [name, source] of Object.entries(given)) await writeFile(join(folder.path, name), source);
  };
  await write(files);
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const clock = new ManualClock();
  const open = (over: { readonly loadMs?: number } = {}) =>
    LiveFile.open({
      ...over,
      path: 'site.ts',
      base: folder.path,
      name: 'default',
      setting: 'FRONT_SITE',
      log,
      clock: clock.read,
      read: ({ value }) => {
        if (typeof value !== 'string') throw new Error(`FRONT_SITE: ${typeof value} is no text`);
        return value;
      },
    });
  const moved = building.move();
  return {
    path: folder.path,
    write,
    open,
    lines,
    clock,
    log,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

/** The source of a file that exports a text. */
export const text = (value: string): string => `export default ${JSON.stringify(value)};\n`;
