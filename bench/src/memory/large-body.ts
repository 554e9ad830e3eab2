/** A body of 200 MB through all three tiers, down and up, and the memory of each meanwhile. */
import { ServerProcess } from '../processes/server-process.ts';
import { inRepository, type TierEnvironment, type TierName, tierCommand } from '../tiers.ts';
import { type Bound, megabyte } from './bound.ts';
import { ResidentWatch } from './resident-watch.ts';
import { download, upload } from './transfer.ts';

const bodyBytes = 200 * megabyte;
const mostGrowth = 32 * megabyte;
const script = (bytes: number) => `/script?body=${bytes}&cache-control=no-store`;

type Running = { readonly tier: TierName; readonly server: ServerProcess };

export async function largeBody(folder: string): Promise<Bound[]> {
  await using own = new AsyncDisposableStack();
  const running: Running[] = [];
  const start = async (tier: TierName, settings: TierEnvironment): Promise<string> => {
    const server = own.use(await ServerProcess.start(tierCommand(tier, settings), folder));
    running.unshift({ tier, server });
    return `http://127.0.0.1:${server.port}`;
  };
  const app = await start('app-backend', { APP_APPLICATION: `${inRepository('app-backend/app.ts')}:application` });
  const front = await start('static-frontend', { FRONT_UPSTREAM: app, FRONT_BODY_LIMIT: '256MB' });
  const edge = await start('edge-cache', { EDGE_ORIGIN: front });
  await warmUp(edge);
  return [
    ...(await watched('200 MB down', running, async () => {
      expectBytes(await download(edge + script(bodyBytes)));
    })),
    ...(await watched('200 MB up', running, async () => {
      expectBytes(JSON.parse(await upload(`${edge}/echo`, bodyBytes)).bodyBytes);
    })),
  ];
}

/** Code and connections are there before the measuring begins; what a body adds is then the body's. */
async function warmUp(edge: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    await download(edge + script(megabyte / 64));
    await upload(`${edge}/echo`, megabyte / 64);
  }
}

async function watched(what: string, running: readonly Running[], transfer: () => Promise<void>): Promise<Bound[]> {
  using watch = new ResidentWatch(running.map(({ server }) => server.pid));
  await transfer();
  const peaks = watch.peaks();
  return running.map(({ tier }, i) => ({
    what: `${tier}, ${what}`,
    before: watch.before[i] ?? 0,
    peak: peaks[i] ?? 0,
    of: 'growth',
    most: mostGrowth,
  }));
}

function expectBytes(seen: number): void {
  if (seen !== bodyBytes) throw new Error(`${seen} bytes came through instead of ${bodyBytes}`);
}
