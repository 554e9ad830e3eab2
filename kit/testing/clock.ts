type Alarm = { readonly at: number; readonly run: () => void };

/**
 * A clock the test moves, in milliseconds since the epoch; hand `clock.read` to what asks for the time, and `clock.after`
 * to what waits for it.
 */
export class ManualClock {
  now: number;
  readonly read = (): number => this.now;
  readonly #alarms = new Set<Alarm>();

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.now = now;
  }

  /** Calls `run` once the clock is moved so far, unless what it returns is called before. */
  readonly after = (ms: number, run: () => void): (() => void) => {
    const alarm = { at: this.now + ms, run };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  };

  advance(ms: number): void {
    this.now += ms;
    for (const alarm of [...this.#alarms].sort((a, b) => a.at - b.at)) {
      // One that ran before may have called it off.
      if (alarm.at <= this.now && this.#alarms.delete(alarm)) alarm.run();
    }
  }
}
