import { allCases } from './cases/all.ts';
import { describeTopology } from './suite.ts';
import { slowProcesses } from './topologies/processes.ts';

// The behaviours do not depend on the lane. One shape shows it: the lanes are the tiers' own, whatever starts them.
describeTopology(slowProcesses, allCases);
