import { classic } from './cases/classic.ts';
import { files } from './cases/files.ts';
import { hostile } from './cases/hostile.ts';
import { namespace } from './cases/namespace.ts';
import { streams } from './cases/streams.ts';
import { trust } from './cases/trust.ts';
import { describeTopology } from './suite.ts';
import { embedded } from './topologies/embedded.ts';

describeTopology(embedded, [...namespace, ...files, ...trust, ...hostile, ...classic, ...streams]);
