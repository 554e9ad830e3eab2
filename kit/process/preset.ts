/** A preset: fallbacks that belong together, under one name. What is set by hand wins. Pure. */
import type { Setting, Table } from './settings.ts';

export type Preset = {
  /** By the variable of the setting. */
  readonly fallbacks: Readonly<Record<string, string>>;
  /** Settings that have no fallback under it: variable → what is wrong when none is given. */
  readonly required?: Readonly<Record<string, string>>;
};

export type Presets = Readonly<Record<string, Preset>>;

/** The same settings with the fallbacks of the preset; as they are for a name that is none, which its own setting refuses. */
export function underPreset<S extends Table>(rows: S, presets: Presets, name: string | undefined): S {
  const preset = name !== undefined && Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (name === undefined || preset === undefined) return rows;
  const changed = Object.entries(rows).map(([key, setting]) => [key, of(preset, name, setting)] as const);
  return Object.fromEntries(changed) as S;
}

function of({ fallbacks, required = {} }: Preset, name: string, setting: Setting): Setting {
  const [fallback, missing] = [fallbacks[setting.env], required[setting.env]];
  if (missing !== undefined) return { ...setting, fallback: '', missing, preset: name };
  return fallback === undefined ? setting : { ...setting, fallback, preset: name };
}
