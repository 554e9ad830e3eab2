/** What a worker whose event loop stands still writes to its standard error before it ends itself: a line of JSON. */

export type HangNote = {
  readonly pid: number;
  readonly msg: string;
  /** Ids of those that were answered in its stead. */
  readonly requests: readonly string[];
  /** Innermost call first. */
  readonly stack: readonly string[];
};

/** It has to fit into what is kept of a worker's last words, with what the application wrote before. */
const mostBytes = 3 * 1024;
const mostRequests = 16;

/** The line, without its end; calls are left out where there are too many, the outermost first. */
export function hangLine({ pid, msg, requests, stack }: HangNote): string {
  const named = requests.slice(0, mostRequests);
  for (let frames = stack.length; ; frames -= 1) {
    const line = JSON.stringify({ level: 'error', msg, pid, requests: named, stack: stack.slice(0, frames) });
    if (Buffer.byteLength(line) <= mostBytes || frames === 0) return line;
  }
}

/** That of this process among its last words, if it wrote one. */
export function readHangNote(lines: readonly string[], pid: number): HangNote | undefined {
  const noted = lines.findLast(
    (line) => line.startsWith('{"level":"error"') && line.includes(`"pid":${pid},"requests"`),
  );
  if (noted === undefined) return undefined;
  try {
    const { msg, requests, stack }: Partial<HangNote> = JSON.parse(noted);
    return { pid, msg: String(msg), requests: texts(requests), stack: texts(stack) };
  } catch {
    // Cut off, or somebody else's.
    return undefined;
  }
}

function texts(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.map(String) : [];
}
