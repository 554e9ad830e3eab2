import { allCases } from './cases/all.ts';
import { describeTopology } from './suite.ts';
import { processes } from './topologies/processes.ts';

describeTopology(processes, allCases);
