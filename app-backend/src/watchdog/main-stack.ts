import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/** For code that does not come to a point where it could be stopped: a call into the system that does not return. */
const patienceMs = 1_000;
const mostFrames = 30;

/** Where the main thread of this process stands, innermost call first, as lines like `name (file:line)`; stops it there. */
export async function mainStack(): Promise<readonly string[]> {
  const session = new Session();
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => resolve(['not known: the code is inside a call to the system']), patienceMs);
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params: { callFrames } }) =>
    resolve(callFrames.slice(0, mostFrames).map((frame) => lineOf(frame, urls.get(frame.location.scriptId) ?? ''))),
  );
  try {
    session.connectToMainThread();
    session.post('Debugger.enable');
    session.post('Debugger.pause');
    return await promise;
  } catch (error) {
    return [`not known: ${error instanceof Error ? error.message : error}`];
  } finally {
    clearTimeout(timer);
  }
}

type Frame = {
  readonly functionName: string;
  readonly location: { readonly lineNumber: number };
};

function lineOf({ functionName, location }: Frame, url: string): string {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  return `${functionName || '(anonymous)'} (${file}:${location.lineNumber + 1})`;
}
