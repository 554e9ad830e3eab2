/** One tag of the language, from `<` to `>`. Which mistakes are forgiven is as in Varnish's `cache_esi_parse.c`. */

export type Include = {
  /** As the page means it: entities are decoded. */
  readonly src: string;
  readonly alt?: string;
  /** `onerror="continue"`: without it the page may do. */
  readonly isOptional: boolean;
};

export type Tag =
  | { readonly is: 'include'; readonly include: Include }
  | { readonly is: 'remove' | 'remove-end' }
  /** It stands for nothing. `why`: it ought not to be there, or is wrong. */
  | { readonly is: 'nothing'; readonly why?: string }
  /** No tag of ESI/1.0 as it is done here. */
  | { readonly is: 'unknown' };

/** Reads a tag, given as `<esi:…>` or `</esi:…>`. */
export function readTag(text: string): Tag {
  const { end, name = '', rest = '' } = /^<(?<end>\/?)esi:(?<name>[^\s/>]*)(?<rest>.*)>$/s.exec(text)?.groups ?? {};
  switch (name) {
    case 'include':
      return end ? { is: 'nothing' } : included(rest);
    case 'remove':
      return removed(end !== '', rest);
    case 'comment':
      return { is: 'nothing' };
    default:
      return { is: 'unknown' };
  }
}

function removed(isEnd: boolean, rest: string): Tag {
  if (isEnd) return { is: 'remove-end' };
  return rest.endsWith('/') ? { is: 'nothing', why: 'an empty remove' } : { is: 'remove' };
}

function included(rest: string): Tag {
  const attributes = readAttributes(rest);
  if (typeof attributes === 'string') return { is: 'nothing', why: attributes };
  const src = attributes.get('src');
  const alt = attributes.get('alt');
  if (!src) return { is: 'nothing', why: 'an include without src' };
  const isOptional = attributes.get('onerror') === 'continue';
  return { is: 'include', include: { src, isOptional, ...(alt ? { alt } : {}) } };
}

// A value without quotes ends at a space: of `src=/a/>` nobody could say whose the last slash is.
const attribute = /\s*([A-Za-z_:][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)(?=\s)))?/y;

/** The attributes of a tag, or what is wrong with them. */
function readAttributes(text: string): ReadonlyMap<string, string> | string {
  const found = new Map<string, string>();
  attribute.lastIndex = 0;
  let end = 0;
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    const [, name = '', doubly, singly, bare] = match;
    if (found.has(name)) return `two attributes ${name}`;
    found.set(name, decodeEntities(doubly ?? singly ?? bare ?? ''));
    end = attribute.lastIndex;
  }
  return /^\s*\/?$/.test(text.slice(end)) ? found : 'an attribute that cannot be read';
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML's own five and the numbers of ASCII characters (XML 1.0 §4.1, §4.6); anything else stays as it is. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,3})|#x([0-9A-Fa-f]{1,2}));/g, (whole, name, decimal, hex) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code < 0x80 ? String.fromCharCode(code) : whole;
  });
}
