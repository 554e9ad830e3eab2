/** How figures are written. */
export const microseconds = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
export const milliseconds = (value: number): string => `${value.toFixed(2)} ms`;
export const whole = (value: number): string => value.toFixed(0);
/** `1,000,000`: the same on every machine. */
export const grouped = (value: number): string => value.toLocaleString('en-GB');
