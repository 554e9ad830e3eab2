import { allCases } from './cases/all.ts';
import { describeTopology } from './suite.ts';
import { compose } from './topologies/compose.ts';

describeTopology(compose, allCases);
