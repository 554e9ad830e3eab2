import { allCases } from './cases/all.ts';
import { describeTopology } from './suite.ts';
import { pythonProcesses } from './topologies/processes.ts';

// The very cases that the TypeScript application is held to.
describeTopology(pythonProcesses, allCases);
