/** The process that makes the load: its own CPU time must not be the bench's, nor the server's. */
import type { LoadJob } from './load-job.ts';
import { runLoad } from './run-load.ts';

process.on('message', (job: LoadJob) => {
  runLoad(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
