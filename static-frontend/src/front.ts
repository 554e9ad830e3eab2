/** What the parts of the tier share while it runs. Built once, in `main.ts` or by a test. */
import type { ServerResponse } from 'node:http';
import type { OpenFiles } from '@trivet/kit/files/open-files.ts';
import type { Root } from '@trivet/kit/files/root.ts';
import { standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Tunnel } from '@trivet/kit/upstream/tunnel.ts';
import type { Upstream } from '@trivet/kit/upstream/upstream.ts';
import type { ResponseRules, Site } from './define-site.ts';
import type { HotFiles } from './files/hot-files.ts';
import type { Guards } from './guard/guards.ts';
import type { Vouched } from './guard/vouched.ts';
import type { Proxying } from './proxy/proxying.ts';

export type Front = {
  readonly site: Site;
  readonly root: Root;
  /** Who may come in, by the routes of `site`. */
  readonly guards: Guards;
  /** By the names that routes use. */
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** By the same names. */
  readonly tunnels: ReadonlyMap<string, Tunnel>;
  /** How requests go to upstreams, and their answers back, by the options of their routes. */
  readonly proxying: Proxying;
  readonly serverTiming: boolean;
  /** Told of every file that the slow lane answers with; undefined where the fast lane is off. */
  readonly hotFiles?: HotFiles | undefined;
  /** Opens what requests ask for, in place of the root; undefined where no file is kept open. */
  readonly openFiles?: OpenFiles | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
};

/** The front that requests go by from now on: a reload puts another in its place, and each request keeps its own. */
export type Live = { front: Front };

/** One request and its answer. */
export type Exchange = {
  /** Its target is the one that the site makes of what was asked for. */
  readonly inbound: Inbound;
  readonly response: ServerResponse;
  /** Was something else asked for? */
  readonly isRewritten?: boolean;
  /** The route's last word on the fields of the answer. */
  readonly rules?: ResponseRules | undefined;
  /** Is the answer for this client alone, unless app or route say otherwise? */
  readonly isPrivate?: boolean;
  /** What a guard of the route knows of the client, for the app. */
  readonly vouched?: Vouched | undefined;
};

export const tier = 'static-frontend';

/** What this tier puts on every answer: the request's id, and how long it took here. */
export function ownFields(front: Front, inbound: Inbound): string[] {
  return standardFields(inbound, front.serverTiming ? 'front' : undefined);
}
