import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { ipAddress } from '@trivet/kit/semantics/ip-address.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import { parseTarget } from '@trivet/kit/semantics/target.ts';
import type { Asked } from '../machine/question.ts';

/** What is to be explained. */
export type Query = {
  readonly asked: Asked;
  /** A response to think of: would it be stored? */
  readonly response: { readonly status: number; readonly fields: Fields } | undefined;
  readonly format: 'json' | 'text' | undefined;
};

/** A parameter that cannot be understood. */
export type Mistake = { readonly error: string; readonly parameter: string };

const known = ['url', 'header', 'method', 'client', 'response-header', 'status', 'format'];

/** Reads `url=…&header=Name: value&method=…&client=…&status=…&response-header=Name: value&format=…`. */
export function readQuery(query: URLSearchParams): Query | Mistake {
  const stranger = [...query.keys()].find((name) => !known.includes(name));
  if (stranger !== undefined) {
    return { error: `there is no parameter "${stranger}"; there are ${known.join(', ')}`, parameter: stranger };
  }
  const format = query.get('format') ?? undefined;
  if (format !== undefined && format !== 'json' && format !== 'text') {
    return { error: '"format" must be json or text', parameter: 'format' };
  }
  const response = readResponse(query);
  if (response !== undefined && 'error' in response) return response;
  const asked = readAsked(query);
  return 'error' in asked ? asked : { asked, response, format };
}

function readAsked(query: URLSearchParams): Asked | Mistake {
  const method = query.get('method') ?? 'GET';
  if (!isToken(method)) return { error: '"method" must be a method', parameter: 'method' };
  const fields = readFields(query, 'header');
  if ('error' in fields) return fields;
  const place = readUrl(query.get('url') ?? '', fields);
  if ('error' in place) return place;
  const client = ipAddress(query.get('client') ?? '127.0.0.1');
  if (client === undefined) return { error: '"client" must be an IP address', parameter: 'client' };
  return { method, ...place, version: '1.1', fields, client };
}

function readUrl(url: string, fields: Fields): Pick<Asked, 'target' | 'host' | 'scheme'> | Mistake {
  const target = parseTarget('GET', url);
  switch (target.form) {
    case 'absolute':
      return { target: target.path, host: target.authority, scheme: target.scheme };
    case 'origin':
      return { target: target.path, host: field(fields, 'host') ?? '', scheme: 'http' };
    case 'bad':
      return { error: `"url" must be http://host/path or /path: ${target.why}`, parameter: 'url' };
    case 'asterisk':
    case 'authority':
      return { error: '"url" must be http://host/path or /path', parameter: 'url' };
  }
}

function readResponse(query: URLSearchParams): Query['response'] | Mistake {
  const given = query.get('status');
  if (given === null && !query.has('response-header')) return undefined;
  const status = /^[2-5]\d\d$/.test(given ?? '200') ? Number(given ?? '200') : undefined;
  if (status === undefined) return { error: '"status" must be a final status, 200 to 599', parameter: 'status' };
  const fields = readFields(query, 'response-header');
  return 'error' in fields ? fields : { status, fields };
}

function readFields(query: URLSearchParams, parameter: string): string[] | Mistake {
  const fields: string[] = [];
  for (const line of query.getAll(parameter)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).trim();
    if (!isToken(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      return { error: `"${parameter}" must be "Name: value", not ${JSON.stringify(line)}`, parameter };
    }
    fields.push(name, value);
  }
  return fields;
}
