/** What Python's `wsgiref.validate` asks of the arguments of start_response. Pure; stricter than what the gateway refuses. */

export type HeadReport = { readonly fault: string | undefined; readonly warnings: readonly string[] };

/** Checks what start_response was called with. */
export function validateHead(status: unknown, headers: unknown, failure: unknown): HeadReport {
  const fault = badStatus(status) ?? badHeaders(headers) ?? badType(status, headers) ?? badFailure(failure);
  const isOdd = fault === undefined && String(status)[3] !== ' ';
  return { fault, warnings: isOdd ? [`the status ${JSON.stringify(status)} has no space behind its code`] : [] };
}

function badStatus(status: unknown): string | undefined {
  if (typeof status !== 'string') return 'the status is not a string';
  if (!/^\d{3}/.test(status) || Number(status.slice(0, 3)) < 100) return 'the status does not begin with a code';
  return undefined;
}

function badHeaders(headers: unknown): string | undefined {
  if (!Array.isArray(headers)) return 'the headers are not an array';
  for (const header of headers) {
    const fault = badHeader(header);
    if (fault) return fault;
  }
  return undefined;
}

function badHeader(header: unknown): string | undefined {
  if (!Array.isArray(header) || header.length !== 2) return 'a header is not a pair';
  const [name, value] = header as unknown[];
  if (typeof name !== 'string' || typeof value !== 'string') return 'a header is not a pair of strings';
  if (name.toLowerCase() === 'status') return 'the status is no header';
  if (!/^[a-z][a-z0-9_-]*$/i.test(name) || /[-_]$/.test(name)) return `${JSON.stringify(name)} is no header name`;
  // All but 00 to 1F: Python lets DEL pass, which the gateway refuses.
  if (/[^\x20-\uffff]/.test(value)) return `the value of ${name} has a control character`;
  return undefined;
}

function badType(status: unknown, headers: unknown): string | undefined {
  const pairs = headers as [string, string][];
  const hasType = pairs.some(([name]) => name.toLowerCase() === 'content-type');
  const isBodyless = /^(?:204|304)/.test(String(status));
  if (hasType && isBodyless) return `Content-Type is given with ${String(status).slice(0, 3)}, which has no content`;
  return hasType || isBodyless ? undefined : 'Content-Type is missing';
}

function badFailure(failure: unknown): string | undefined {
  if (failure === undefined) return undefined;
  const isWrapped = typeof failure === 'object' && failure !== null && 'error' in failure;
  return isWrapped ? undefined : 'the third argument of start_response is not { error }';
}
