/** Members that come (back) have their share little by little, so that cold caches and pools are not run over. Pure. */

/** What it begins with. */
const leastPart = 0.1;

/** What a weight is `sinceMs` after its member came: from a tenth in a straight line to the whole in `slowStartMs`. */
export function slowShare(weight: number, sinceMs: number, slowStartMs: number): number {
  if (sinceMs >= slowStartMs) return weight;
  return weight * (leastPart + (1 - leastPart) * (Math.max(0, sinceMs) / slowStartMs));
}
