/**
 * Who has a connection of two lanes. `reading`: the lane has it. `giving`: the client has not taken an answer yet. `taken`: the
 * tier makes an answer by and by. `lent`: one request is in the slow lane. `open`: all that comes is the slow lane's. `over`:
 * the last answer is out, or another protocol is spoken.
 */
export type Stage = 'reading' | 'giving' | 'taken' | 'lent' | 'open' | 'over';

const waiting: ReadonlySet<Stage> = new Set(['giving', 'taken', 'lent']);

/** Does what comes in this stage wait for its turn? */
export function waits(stage: Stage): boolean {
  return waiting.has(stage);
}
