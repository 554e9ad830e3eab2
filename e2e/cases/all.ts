import type { Case } from '../topology.ts';
import { caching } from './caching.ts';
import { classic } from './classic.ts';
import { edge } from './edge.ts';
import { edgeAdmin } from './edge-admin.ts';
import { edgeContent } from './edge-content.ts';
import { edgeEsi } from './edge-esi.ts';
import { edgePolicy } from './edge-policy.ts';
import { edgeRequests } from './edge-requests.ts';
import { edgeStale } from './edge-stale.ts';
import { failures } from './failures.ts';
import { files } from './files.ts';
import { frontFaults } from './front-faults.ts';
import { frontFiles } from './front-files.ts';
import { frontGuards } from './front-guards.ts';
import { frontLoad } from './front-load.ts';
import { frontPaths } from './front-paths.ts';
import { frontProxy } from './front-proxy.ts';
import { frontReload } from './front-reload.ts';
import { frontUpstreams } from './front-upstreams.ts';
import { hostile } from './hostile.ts';
import { namespace } from './namespace.ts';
import { streams } from './streams.ts';
import { trust } from './trust.ts';

/** Every behaviour of the three-tier shape; what takes tiers down comes last. */
export const allCases: readonly Case[] = [
  ...namespace,
  ...files,
  ...caching,
  ...edge,
  ...edgeContent,
  ...edgeEsi,
  ...edgeRequests,
  ...edgeAdmin,
  ...edgePolicy,
  ...frontFiles,
  ...frontPaths,
  ...frontGuards,
  ...frontProxy,
  ...frontFaults,
  ...frontUpstreams,
  ...frontReload,
  ...frontLoad,
  ...trust,
  ...hostile,
  ...classic,
  ...streams,
  ...edgeStale,
  ...failures,
];
