import { classic } from './cases/classic.ts';
import { files } from './cases/files.ts';
import { frontFiles } from './cases/front-files.ts';
import { frontGuards } from './cases/front-guards.ts';
import { frontPaths } from './cases/front-paths.ts';
import { frontProxy } from './cases/front-proxy.ts';
import { frontReload } from './cases/front-reload.ts';
import { hostile } from './cases/hostile.ts';
import { namespace } from './cases/namespace.ts';
import { streams } from './cases/streams.ts';
import { trust } from './cases/trust.ts';
import { describeTopology } from './suite.ts';
import { embedded } from './topologies/embedded.ts';

describeTopology(embedded, [
  ...namespace,
  ...files,
  ...frontFiles,
  ...frontPaths,
  ...frontGuards,
  ...frontProxy,
  ...frontReload,
  ...trust,
  ...hostile,
  ...classic,
  ...streams,
]);
