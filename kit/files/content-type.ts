/** What a file's name says about its bytes. One table; what is not in it is bytes, and `nosniff` keeps it so. */

type Row = readonly [extensions: string, type: string];

// Compressible: the types for which siblings (.zst, .br, .gz) are looked for. The others are compressed by themselves.
const compressible: readonly Row[] = [
  ['html htm', 'text/html; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['js mjs cjs', 'text/javascript; charset=utf-8'],
  ['txt text log', 'text/plain; charset=utf-8'],
  ['md markdown', 'text/markdown; charset=utf-8'],
  ['csv', 'text/csv; charset=utf-8'],
  ['tsv', 'text/tab-separated-values; charset=utf-8'],
  ['vtt', 'text/vtt; charset=utf-8'],
  ['ics', 'text/calendar; charset=utf-8'],
  ['vcf', 'text/vcard; charset=utf-8'],
  // These name their charset themselves, or have only one (RFC 8259 §8.1, RFC 7303 §3).
  ['json map', 'application/json'],
  ['webmanifest', 'application/manifest+json'],
  ['jsonld', 'application/ld+json'],
  ['geojson', 'application/geo+json'],
  ['xml xsl', 'application/xml'],
  ['xhtml', 'application/xhtml+xml'],
  ['atom', 'application/atom+xml'],
  ['rss', 'application/rss+xml'],
  ['svg', 'image/svg+xml'],
  ['wasm', 'application/wasm'],
  ['ttf', 'font/ttf'],
  ['otf', 'font/otf'],
  ['ico', 'image/x-icon'],
  ['bmp', 'image/bmp'],
];

const dense: readonly Row[] = [
  ['png', 'image/png'],
  ['jpg jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['jxl', 'image/jxl'],
  ['tif tiff', 'image/tiff'],
  ['woff', 'font/woff'],
  ['woff2', 'font/woff2'],
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
  ['ogg oga opus', 'audio/ogg'],
  ['wav', 'audio/wav'],
  ['flac', 'audio/flac'],
  ['mp4 m4v', 'video/mp4'],
  ['webm', 'video/webm'],
  ['mov', 'video/quicktime'],
  ['pdf', 'application/pdf'],
  ['epub', 'application/epub+zip'],
  ['zip', 'application/zip'],
  ['gz', 'application/gzip'],
  ['zst', 'application/zstd'],
  ['7z', 'application/x-7z-compressed'],
  ['tar', 'application/x-tar'],
];

export type ContentType = { readonly type: string; readonly isCompressible: boolean };

const unknown: ContentType = { type: 'application/octet-stream', isCompressible: false };

const byExtension = new Map<string, ContentType>([...rows(compressible, true), ...rows(dense, false)]);

/** The media type of a file by its name, `application/octet-stream` when nothing is known. RFC 9110 §8.3. */
export function contentType(name: string): ContentType {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  return (dot > 0 ? byExtension.get(base.slice(dot + 1).toLowerCase()) : undefined) ?? unknown;
}

function rows(table: readonly Row[], isCompressible: boolean): [string, ContentType][] {
  return table.flatMap(([extensions, type]) =>
    extensions.split(' ').map((extension): [string, ContentType] => [extension, { type, isCompressible }]),
  );
}
