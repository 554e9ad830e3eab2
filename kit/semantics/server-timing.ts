/** One `Server-Timing` member (W3C Server Timing), `ms` to a tenth; the clock running backwards counts as no time. */
export function serverTiming(name: string, ms: number): string {
  return `${name};dur=${Math.round(Math.max(0, ms) * 10) / 10}`;
}
