import { Registry } from 'prom-client';
import { type Admin, type AdminOptions, openAdmin } from '../process/admin.ts';
import { silentLog } from './silent.ts';

/** An admin API on a free port, of an edge that has nothing to say unless the test gives it something. */
export function testAdmin(more: Partial<AdminOptions> = {}): Promise<Admin> {
  return openAdmin({
    tier: 'edge-cache',
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    token: '',
    registry: new Registry(),
    log: silentLog,
    ready: () => true,
    stats: () => ({}),
    config: () => ({}),
    ...more,
  });
}
