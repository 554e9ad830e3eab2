// The page a tier answers with when it is itself the author of the error: small, without scripts, never stored.
import type { Tier } from './fault.ts';
import { prefers } from './negotiate.ts';
import { reasonPhrase } from './status.ts';

export type ErrorReport = {
  readonly tier: Tier;
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly requestId: string;
};

/** The error as JSON when `accept` prefers it, else as HTML, with all fields but those of the connection. */
export function errorPage(page: ErrorReport, accept: string | undefined): { fields: string[]; body: Buffer } {
  const asJson = prefers(accept, ['text/html', 'application/json']) === 'application/json';
  const body = Buffer.from(asJson ? json(page) : html(page));
  const fields = [
    ...['Content-Type', asJson ? 'application/json' : 'text/html; charset=utf-8'],
    ...['Content-Length', String(body.length)],
    ...['Cache-Control', 'no-store'],
    ...['X-Content-Type-Options', 'nosniff'],
    ...['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
    ...['Referrer-Policy', 'no-referrer'],
    ...['X-Frame-Options', 'DENY'],
  ];
  return { fields, body };
}

function json({ tier, status, reason, message, requestId }: ErrorReport): string {
  return `${JSON.stringify({ tier, status, reason, message, requestId })}\n`;
}

function html({ tier, status, reason, message, requestId }: ErrorReport): string {
  const title = `${status} ${reasonPhrase(status)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #222; background: #fff }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem } dt { color: #666 } dd { margin: 0 } code { overflow-wrap: anywhere }
</style>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(message)}</p>
<dl>
<dt>Tier</dt><dd><code>${escapeHtml(tier)}</code></dd>
<dt>Reason</dt><dd><code>${escapeHtml(reason)}</code></dd>
<dt>Request</dt><dd><code>${escapeHtml(requestId)}</code></dd>
</dl>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
