/** What a finding goes by: every name that the disk was asked for, and what it led to. */
import type { Glimpsed, Opened } from '@trivet/kit/files/opened.ts';
import type { Opens, Root } from '@trivet/kit/files/root.ts';

/** As long as each name leads to the same, looking again would find the same. */
export type Seen = ReadonlyMap<string, Glimpsed>;

/** A root that is asked afresh each time, and notes down what it was asked. */
export function watched(root: Root): Opens & { readonly seen: Seen } {
  const seen = new Map<string, Glimpsed>();
  return {
    seen,
    async open(relative) {
      const opened = await root.openAfresh(relative);
      seen.set(relative, withoutHandle(opened));
      return opened;
    },
  };
}

function withoutHandle(opened: Opened): Glimpsed {
  if (opened.is !== 'file') return opened;
  const { dev, ino, size, mtimeNs, ctimeNs } = opened.version;
  return { is: 'file', real: opened.real, version: { dev, ino, size, mtimeNs, ctimeNs } };
}
