/** Name and password for a route. RFC 7617. */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { basicCredentials } from './credentials.ts';
import type { PasswordCheck } from './password-check.ts';
import type { UserList } from './user-list.ts';

export type BasicAuth = { readonly realm: string; readonly list: UserList; readonly check: PasswordCheck };

/** Resolves for a user with his password. @throws Fault `not-authenticated` for everybody else. */
export async function askForPassword({ realm, list, check }: BasicAuth, fields: Fields): Promise<void> {
  const credentials = basicCredentials(fields);
  if (credentials !== undefined && (await check.isRight(await list.users(), credentials))) return;
  throw new Fault('not-authenticated', 'name and password are needed here', {
    fields: ['WWW-Authenticate', `Basic realm="${realm}", charset="UTF-8"`],
  });
}
