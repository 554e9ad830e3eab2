import { parseLine, prettyLine } from '@trivet/kit/process/log-lines.ts';
import type { TierOutput } from './tier-process.ts';

const width = 'static-frontend'.length;

/** The logs of all tiers side by side, each line with the name of its tier; as they come, or for people to read. */
export function terminal(
  format: string | undefined,
  write: { out(line: string): void; error(line: string): void },
): TierOutput {
  const isJson = format === 'json';
  return {
    line(tier, line) {
      const record = isJson ? undefined : parseLine(line);
      // A front that runs the app itself has the lines of both.
      const whose = typeof record?.tier === 'string' ? record.tier : tier;
      write.out(isJson ? line : `${whose.padEnd(width)} | ${record ? prettyLine(record) : line}`);
    },
    // Complaints name their tier themselves.
    complaint: (tier, line) => write.error(line.startsWith(`${tier}: `) ? line : `${tier}: ${line}`),
    event: (tier, text) => write.error(`${tier} ${text}`),
  };
}
