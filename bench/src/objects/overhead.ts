/** What a store has grown by, and what was put into it. */
export type Growth = {
  readonly objects: number;
  /** Body and head as the origin sent them, of one object. */
  readonly contentBytes: number;
  readonly residentBefore: number;
  readonly residentAfter: number;
};

/** Resident memory (bytes) that an object takes beyond its own body and head. */
export function overheadPerObject({ objects, contentBytes, residentBefore, residentAfter }: Growth): number {
  return (residentAfter - residentBefore) / objects - contentBytes;
}
