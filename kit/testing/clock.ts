/** A clock the test moves, in milliseconds since the epoch; hand `clock.read` to what asks for the time. */
export class ManualClock {
  now: number;
  readonly read = (): number => this.now;

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.now = now;
  }

  advance(ms: number): void {
    this.now += ms;
  }
}
