import { processesOf } from './processes.ts';

const noEdge = 'the shape has no edge, which the case names';

/** The shape without an edge whose front runs the application itself, two processes of it; `edge` is where clients ask. */
export const embedded = processesOf({
  name: 'embedded',
  shape: 'embedded',
  settings: { APP_WORKERS: '2' },
  gaps: {
    'each answer says which tiers made it': noEdge,
    'the client’s address and one request id reach the application through all tiers': noEdge,
    'an access list knows the client’s address from trusted peers alone': 'the front stands first, and trusts nobody',
  },
});
