import { accessSync } from 'node:fs';

/** May this user do what is asked (`constants.R_OK`, `W_OK`, `X_OK` of `node:fs`) with what is there? What is not there, no. */
export function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
