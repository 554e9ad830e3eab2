import { allCases } from './cases/all.ts';
import { describeTopology } from './suite.ts';
import { pythonCompose } from './topologies/compose.ts';

describeTopology(pythonCompose, allCases);
