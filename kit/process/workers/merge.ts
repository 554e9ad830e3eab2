/** How the answers of several workers become one. Pure: JSON in, JSON out. */

/** A function is given the values of those that have one. */
export type Rule = 'sum' | 'max' | 'first' | 'and' | 'or' | ((values: readonly unknown[]) => unknown);

/** By path, steps with `/` between, `*` for any one step; `''` is the whole. What is not named is merged by its kind. */
export type Rules = Readonly<Record<string, Rule>>;

/**
 * Numbers are added up, objects merged member by member, and of everything else the first is taken; what the rules name
 * goes by them.
 */
export function merged(values: readonly unknown[], rules: Rules = {}): unknown {
  return mergedAt(values, rules, []);
}

function mergedAt(values: readonly unknown[], rules: Rules, path: readonly string[]): unknown {
  const given = values.filter((value) => value !== undefined && value !== null);
  const [first] = given;
  if (first === undefined) return null;
  const rule = ruleFor(rules, path) ?? kindOf(first);
  if (typeof rule === 'function') return rule(given);
  switch (rule) {
    case 'sum':
      return given.reduce<number>((sum, value) => sum + numeric(value), 0);
    case 'max':
      return given.reduce<number>((most, value) => Math.max(most, numeric(value)), Number.NEGATIVE_INFINITY);
    case 'and':
      return given.every((value) => value === true);
    case 'or':
      return given.includes(true);
    case 'members':
      return members(given.filter(isRecord), rules, path);
    case 'first':
      return first;
  }
}

function members(records: readonly Record<string, unknown>[], rules: Rules, path: readonly string[]): object {
  const names = new Set(records.flatMap((record) => Object.keys(record)));
  return Object.fromEntries(
    Array.from(names, (name) => {
      const having = records.filter((record) => Object.hasOwn(record, name));
      return [
        name,
        mergedAt(
          having.map((record) => record[name]),
          rules,
          [...path, name],
        ),
      ];
    }),
  );
}

function kindOf(value: unknown): 'sum' | 'members' | 'first' {
  if (typeof value === 'number') return 'sum';
  return isRecord(value) ? 'members' : 'first';
}

function ruleFor(rules: Rules, path: readonly string[]): Rule | undefined {
  const own = path.join('/');
  if (Object.hasOwn(rules, own)) return rules[own];
  const name = Object.keys(rules).find((pattern) => pattern.includes('*') && fits(pattern.split('/'), path));
  return name === undefined ? undefined : rules[name];
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((step, at) => step === '*' || step === path[at]);
}

/** Lists of objects: those alike in `name` become one, in the order in which they appear first. */
export function byName(name: string, rules: Rules = {}): (values: readonly unknown[]) => unknown[] {
  return (values) => {
    const groups = new Map<unknown, unknown[]>();
    for (const item of values.flat()) {
      const key = isRecord(item) ? item[name] : item;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [item]);
      else group.push(item);
    }
    return Array.from(groups.values(), (group) => merged(group, rules));
  };
}

/** Lists of the same length: what is in the same place becomes one. */
export function byPlace(rules: Rules = {}): (values: readonly unknown[]) => unknown[] {
  return (values) => {
    const lists = values.filter((value): value is unknown[] => Array.isArray(value));
    const longest = lists.reduce<readonly unknown[]>((most, list) => (list.length > most.length ? list : most), []);
    return longest.map((_, at) =>
      merged(
        lists.flatMap((list) => (at < list.length ? [list[at]] : [])),
        rules,
      ),
    );
  };
}

/** An object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numeric(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
