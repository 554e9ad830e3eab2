import type { Delivery } from './delivery.ts';
import type { fileSourceOf } from './file-source.ts';
import type { Interruption } from './interruption.ts';
import type { Outlet } from './outlet.ts';

type To = { readonly outlet: Outlet; readonly interruption: Interruption };

/**
 * A body that lies in a file, by an outlet that reads files; undefined where the blocks have to be asked for. The file is
 * found before the head goes out.
 */
export function deliverFile(
  source: ReturnType<typeof fileSourceOf>,
  delivery: Delivery,
  { outlet, interruption }: To,
): Promise<void> | undefined {
  const { file: send } = outlet;
  if (source === undefined || send === undefined) return undefined;
  const sent = async () => delivery.file(await interruption.wait(Promise.try(source)), send.bind(outlet));
  return interruption.wait(sent());
}
