import type { Runtime } from './app-name.ts';

/** What a command line is read with. */
export type At = {
  /** Of this process: sockets that it was given are named with it. */
  readonly pid: number;
  /** Where the user stands. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Variables for the tier. */
export type Variables = Readonly<Record<string, string>>;

/** An option of Gunicorn's, or one of our own, that means something here. */
export type Option = {
  /** As in its help: `-w, --workers`. */
  readonly names: string;
  /** What its value is called; without it the option is a flag. */
  readonly value?: string;
  readonly about: string;
  /** What it stands for; several with commas. */
  readonly setting: string;
  /** The file of the app tier, or of kit, where that does something. */
  readonly file: string;
  /** Gunicorn does not know it. */
  readonly isOurs?: true;
  /** Makes no sense with the other. */
  readonly only?: Runtime;
  /** All values, in order, as they were given; a flag's are empty. @throws Error that says what is wrong */
  translate(values: readonly string[], at: At): Variables;
};

/** An option of Gunicorn's that means nothing here. */
export type Refusal = {
  readonly names: string;
  readonly value?: string;
  /** What to use in its place, or why nothing is needed; a sentence, or several. */
  readonly instead: string;
};

/** `-w, --workers` → `--workers`, by which an option is known in what follows. */
export function longName({ names }: { readonly names: string }): string {
  return names.split(', ').at(-1) ?? names;
}

/** The last of several values, as argparse has it. */
export function last(values: readonly string[]): string {
  return values.at(-1) ?? '';
}

/** A whole number, as it stands. @throws Error */
export function whole(values: readonly string[]): number {
  const text = last(values);
  if (!/^\d{1,12}$/.test(text)) throw new Error(`${JSON.stringify(text)} is not a whole number from 0 to 999999999999`);
  return Number(text);
}

/** Sets one variable to the last value. */
export function sets(setting: string, as: (value: string) => string = (value) => value) {
  return { setting, translate: (values: readonly string[]) => ({ [setting]: as(last(values)) }) };
}

/** Sets one variable to a number. */
export function counts(setting: string, as: (value: number) => string = String) {
  return { setting, translate: (values: readonly string[]) => ({ [setting]: as(whole(values)) }) };
}

/** Switches something on. */
export function switches(setting: string) {
  return { setting, translate: () => ({ [setting]: 'on' }) };
}

/** Whole seconds, as all of Gunicorn's times are. */
export function seconds(value: number): string {
  return `${value}s`;
}
