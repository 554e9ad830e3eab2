import type { AddressRule, UpstreamOptions } from '../upstream/options.ts';
import { ManualClock } from './clock.ts';
import { type Script as Answer, type ScriptedOrigin, scriptedOrigin } from './scripted-origin.ts';
import { send, testUpstream } from './upstream-stand.ts';

export type { Script as Answer } from './scripted-origin.ts';

type Told = Omit<Partial<Extract<AddressRule, { kind: 'tcp' }>>, 'kind' | 'host' | 'port'>;

/** Origins called a, b, c…, each of which answers with its name unless the test says otherwise; the clock is the test's. */
export async function choiceStand(told: readonly Told[], options: Partial<UpstreamOptions> = {}) {
  const building = new AsyncDisposableStack();
  const origins: ScriptedOrigin[] = [];
  const answers: (Answer | undefined)[] = [];
  for (const at of told.keys()) {
    const answer: Answer = (request, reply) => {
      const own = answers[at];
      return own ? own(request, reply) : reply.send(200, [], nameOf(at));
    };
    origins.push(building.use(await scriptedOrigin(answer)));
  }
  const clock = new ManualClock();
  const addresses = (rules: readonly Told[]) =>
    origins.slice(0, rules.length).map(({ address }, at): AddressRule => ({ ...address, ...rules[at] }));
  const all: Partial<UpstreamOptions> = { clock: clock.read, ...options };
  const upstream = building.use(testUpstream(addresses(told), all));
  const timeouts = { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000 };
  /** Who answers so many requests, one after the other. */
  const asked = async (count: number) => {
    let names = '';
    for (let i = 0; i < count; i++) {
      const { body, fault } = await send(upstream);
      names += fault ? '!' : body.toString();
      // A connection is free again a turn of the loop behind the end of the answer.
      await new Promise((done) => setImmediate(done));
    }
    return names;
  };
  const tell = (rules: readonly Told[]) =>
    upstream.reconfigure({ name: 'app', timeouts, retries: 0, ...all, addresses: addresses(rules) });
  return { origins, answers, clock, upstream, asked, tell, [Symbol.asyncDispose]: () => building.disposeAsync() };
}

const nameOf = (at: number) => String.fromCharCode(97 + at);
/** Fails whatever it is asked. */
export const breaks: Answer = (_request, reply) => reply.break();
/** How often a name is among those of `asked`. */
export const count = (names: string, name: string) => names.split(name).length - 1;
