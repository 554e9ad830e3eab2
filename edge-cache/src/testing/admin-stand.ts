// The admin port of an edge that is under test.
import { testAdmin } from '@trivet/kit/testing/test-admin.ts';
import { adminRoutes, report } from '../report.ts';
import type { Stand } from './stand.ts';

export type Told = { readonly status: number; readonly body: Record<string, never>; readonly headers: Headers };
export type Parameters = Record<string, string> | [string, string][];

export type AdminStand = AsyncDisposable & {
  readonly url: string;
  json(path: string, init?: RequestInit): Promise<Told>;
  purge(body: unknown): Promise<Told>;
  explain(query: Parameters): Promise<Told>;
};

export async function adminStand(stand: Stand, token = ''): Promise<AdminStand> {
  const admin = await testAdmin({
    token,
    stats: () => report(stand.edge),
    routes: (app) => adminRoutes(app, stand.edge),
  });
  const json = async (path: string, init?: RequestInit) => {
    const response = await fetch(admin.url + path, init);
    const body = (await response.json()) as Record<string, never>;
    return { status: response.status, body, headers: response.headers };
  };
  return {
    url: admin.url,
    json,
    purge: (body) => json('/purge', { method: 'POST', body: JSON.stringify(body) }),
    explain: (query) => json(`/explain?${new URLSearchParams(query)}`),
    [Symbol.asyncDispose]: () => admin[Symbol.asyncDispose](),
  };
}
