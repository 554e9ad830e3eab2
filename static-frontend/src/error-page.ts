/** The page of an error that this tier makes: the site's own where it has one for the status, else the kit's. Pure. */

import { isHtmlType } from '@trivet/kit/files/security-headers.ts';
import { type ErrorReport, errorPage } from '@trivet/kit/semantics/error-page.ts';
import { prefers } from '@trivet/kit/semantics/negotiate.ts';

/** A page of the site: the bytes of its file and their media type. */
export type SitePage = { readonly type: string; readonly body: Buffer };

/** Programs get JSON whatever pages the site has: they look for the reason, not for the design. */
export function wantsPage(accept: string | undefined): boolean {
  return prefers(accept, ['text/html', 'application/json']) === 'text/html';
}

/** Body and the fields that describe it; every page may say where and why with `{{tier}}`, `{{reason}}` and so on. */
export function pageFor(
  report: ErrorReport,
  accept: string | undefined,
  site: SitePage | undefined,
): { fields: string[]; body: Buffer } {
  if (site === undefined) return errorPage(report, accept);
  const body = isHtmlType(site.type) ? Buffer.from(filled(site.body.toString(), report)) : site.body;
  const fields = [
    ...['Content-Type', site.type, 'Content-Length', String(body.length)],
    ...['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'no-referrer'],
    ...['X-Frame-Options', 'DENY'],
  ];
  return { fields, body };
}

function filled(template: string, report: ErrorReport): string {
  const values: Readonly<Record<string, string>> = {
    tier: report.tier,
    status: String(report.status),
    reason: report.reason,
    message: report.message,
    'request-id': report.requestId,
  };
  return template.replace(/\{\{([a-z-]+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? escapeHtml(values[name] ?? '') : whole,
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
