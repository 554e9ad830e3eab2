import type { SlotUser } from '../python/slot-user.ts';

const nothing = () => undefined;

/** Who has a slot, and does nothing of what it is told. */
export const deafUser: SlotUser = {
  ...{ wants: nothing, hints: nothing, logs: nothing, head: nothing, data: nothing, settle: nothing, ended: nothing },
  ...{ failed: nothing, leaving: nothing, late: nothing, broken: nothing, lost: nothing, hung: nothing },
  isWaitingForClient: () => false,
};
