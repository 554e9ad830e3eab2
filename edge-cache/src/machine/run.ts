import { note } from '@trivet/kit/http1/answer.ts';
import { toFault } from '@trivet/kit/semantics/fault.ts';
import { deliver } from './deliver.ts';
import type { Edge } from './edge.ts';
import type { Answer, Exchange, Turn } from './exchange.ts';
import { fetch } from './fetch.ts';
import { countFailure } from './fetch-counters.ts';
import type { Reader } from './flow.ts';
import { lookup } from './lookup.ts';
import { pass } from './pass.ts';
import { purgeStep } from './purge-step.ts';
import { receive } from './receive.ts';
import { synth } from './synth.ts';

/**
 * Walks one request from step to step, by the rules that it began with. The trail it leaves feeds the log, `explain` and
 * the tests.
 */
export async function run(x: Exchange, edge: Edge): Promise<void> {
  note(x.response, { trail: x.trail });
  edge.counters.requests += 1;
  let turn: Turn = { step: 'receive' };
  x.rules.enter();
  try {
    while (turn.step !== 'done' && !x.isOver) {
      x.trail.push(turn.step);
      turn = await safely(x, edge, turn);
    }
  } finally {
    x.rules.leave();
  }
  // The client left between the head's arrival and its delivery: a reader that never reads would hold the origin up.
  if (turn.step === 'deliver') readerOf(turn.answer)?.close();
}

function readerOf(answer: Answer): Reader | undefined {
  switch (answer.from) {
    case 'store':
      return undefined;
    case 'parts':
      return answer.gap?.reader;
    case 'origin':
      return answer.streamed.reader;
  }
}

/** What a step throws is answered with an error page; what the page throws goes up to the listener. */
async function safely(x: Exchange, edge: Edge, turn: Turn): Promise<Turn> {
  try {
    return await take(x, edge, turn);
  } catch (error) {
    if (turn.step === 'synth') throw error;
    const fault = toFault(error);
    if (turn.step === 'pass') countFailure(edge.counters.fetched, fault);
    if (fault.blame === 'self') edge.log.error({ err: error, id: x.inbound.id, step: turn.step }, fault.message);
    return { step: 'synth', page: { as: 'fault', fault, ...(turn.step === 'pass' ? { fwd: turn.fwd } : {}) } };
  }
}

function take(x: Exchange, edge: Edge, turn: Turn): Promise<Turn> {
  switch (turn.step) {
    case 'receive':
      return receive(x, edge);
    case 'lookup':
      return lookup(x, edge);
    case 'fetch':
      return fetch(x, edge, turn);
    case 'pass':
      return pass(x, edge, turn);
    case 'purge':
      return purgeStep(x, edge, turn.soft);
    case 'deliver':
      return deliver(x, edge, turn.answer);
    case 'synth':
      return synth(x, edge, turn.page);
    case 'done':
      return Promise.resolve(turn);
  }
}
