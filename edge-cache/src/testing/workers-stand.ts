// Several workers of an edge in front of a scripted origin.
import { type Script, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { EdgeProcess } from './edge-process.ts';

/** Settings are those of the environment; `EDGE_WORKERS` is one of them. */
export async function workersStand(script: Script, env: Readonly<Record<string, string>>) {
  await using building = new AsyncDisposableStack();
  const origin = building.use(await scriptedOrigin(script));
  const edge = building.use(await EdgeProcess.start({ EDGE_ORIGIN: origin.url, ...env }));
  const whole = building.move();
  return { edge, origin, [Symbol.asyncDispose]: () => whole.disposeAsync() };
}
