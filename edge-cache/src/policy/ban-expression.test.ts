import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Ban, parseBan } from './ban-expression.ts';
import { type BanObject, banMatches } from './ban-match.ts';

function parsed(text: string): Ban {
  const reading = parseBan(text);
  assert.equal(reading.verdict, 'ban', JSON.stringify(reading));
  return reading.verdict === 'ban' ? reading.ban : assert.fail();
}

const AT = 1_000_000;
const fields: Readonly<Record<string, string>> = { 'content-type': 'image/png', 'x-a': '1', empty: '' };
const life = {
  born: AT - 60_000,
  freshUntil: AT + 30_000,
  graceUntil: AT + 90_000,
  errorUntil: AT,
  keepUntil: AT + 100_000,
};
const object: BanObject = {
  host: 'example.com:8080',
  path: '/a/b.png?x=1',
  head: { status: 200, life, field: (name) => fields[name] },
};
const request = ['Cookie', 'a=1', 'Cookie', 'b=2', 'Accept-Language', 'de'];

describe('what a ban is meant for', () => {
  const cases: readonly (readonly [expression: string, isMeant: boolean])[] = [
    ['req.url == /a/b.png?x=1', true],
    ['req.url == "/a/b.png?x=1"', true],
    ['req.url == /a', false],
    ['req.url != /a', true],
    ['req.url ~ ^/a', true],
    ['req.url ~ ^/b', false],
    ['req.url ~ "\\.png(\\?|$)"', true],
    ['req.url !~ "\\.png"', false],
    ['req.url !~ "\\.gif"', true],
    ['req.url ~ B.PNG', false],
    ['req.url ~ (?i)B.PNG', true],
    ['req.http.host == example.com:8080', true],
    ['req.http.Host == EXAMPLE.com:8080', true],
    ['req.http.host ~ ^EXAMPLE', true],
    ['req.http.host == example.com', false],
    ['req.http.cookie ~ b=2', true],
    ['req.http.cookie == "a=1, b=2"', true],
    ['req.http.accept-language != de', false],
    ['obj.status == 200', true],
    ['obj.status != 200', false],
    ['obj.status ~ ^2', true],
    ['obj.status >= 200', true],
    ['obj.status > 200', false],
    ['obj.status < 300', true],
    ['obj.http.Content-Type ~ "^image/"', true],
    ['obj.http.content-type == image/png && obj.http.x-a == 1', true],
    ['obj.http.content-type == image/png && obj.http.x-a == 2', false],
    ['obj.http.empty == ""', true],
    ['obj.http.empty ~ ""', true],
    // A field that is not there is unlike everything.
    ['obj.http.none == ""', false],
    ['obj.http.none ~ ""', false],
    ['obj.http.none != ""', true],
    ['obj.http.none !~ ""', true],
    ['req.http.none == 1', false],
    ['req.http.none !~ 1', true],
    ['obj.age == 60s', true],
    ['obj.age > 1m', false],
    ['obj.age >= 1m', true],
    ['obj.age > 59999ms', true],
    ['obj.age < 1.5m', true],
    ['obj.ttl == 30s', true],
    ['obj.ttl <= 29s', false],
    ['obj.ttl > -1s', true],
    ['obj.grace == 60s', true],
    ['obj.keep <= 10s', true],
    ['obj.keep != 10s', false],
    ['obj.age < 1h && obj.ttl < 1d && obj.grace < 1w && obj.keep < 1y', true],
    ['  req.url\t~ ^/a\n  && obj.status == 200 ', true],
  ];
  for (const [expression, isMeant] of cases) {
    test(`[case 41] ${JSON.stringify(expression)}: ${isMeant}`, () => {
      assert.equal(banMatches(parsed(expression), object, request, AT), isMeant);
    });
  }
});

for (const [expression, withoutRequest, withoutHead] of [
  ['req.url ~ ^/a', true, true],
  ['req.http.cookie ~ a', 'unknown', true],
  ['req.http.cookie ~ a && req.url ~ ^/b', false, false],
  ['obj.status == 200', true, 'unknown'],
  ['obj.status == 404', false, 'unknown'],
  ['obj.http.x-a == 1 && req.http.cookie ~ none', 'unknown', false],
  ['obj.http.x-a == 1 && req.http.cookie ~ a', 'unknown', 'unknown'],
  ['obj.age > 1s && req.http.host ~ ^example', true, 'unknown'],
] as const) {
  test(`${expression}: ${withoutRequest} without a request, ${withoutHead} before the head is here`, () => {
    assert.equal(banMatches(parsed(expression), object, undefined, AT), withoutRequest);
    assert.equal(banMatches(parsed(expression), { ...object, head: undefined }, request, AT), withoutHead);
  });
}

describe('what is wrong is refused with its place', () => {
  const cases: readonly (readonly [expression: string, line: number, column: number, why: RegExp])[] = [
    ['', 1, 1, /expected a test/],
    ['   ', 1, 4, /expected a test/],
    ['req.url', 1, 8, /expected an operator behind req.url/],
    ['req.url ~', 1, 10, /expected a value behind ~/],
    ['req.url ~ && obj.status == 200', 1, 11, /expected a value behind ~/],
    ['req.url = /a', 1, 9, /expected one of == != ~ !~, not =/],
    ['req.url < /a', 1, 9, /expected one of == != ~ !~, not </],
    ['req.url "==" /a', 1, 9, /expected one of/],
    ['req.url == /a &&', 1, 17, /expected a test behind &&/],
    ['req.url == /a && ', 1, 18, /expected a test behind &&/],
    ['req.url == /a && && req.url == /b', 1, 18, /expected a field/],
    ['&& req.url == /a', 1, 1, /expected a field/],
    ['req.url == /a || req.url == /b', 1, 15, /two bans/],
    ['req.url == /a req.url == /b', 1, 15, /expected && or the end, not req.url/],
    ['req.url == /a "&&" req.url == /b', 1, 15, /expected && or the end/],
    ['req.method == GET', 1, 1, /there is no field req.method; there are req.url,/],
    ['url == /a', 1, 1, /there is no field url/],
    ['"req.url" == /a', 1, 1, /not a text in quotes/],
    ['obj.last_hit > 1d', 1, 1, /there is no field obj.last_hit/],
    ['OBJ.status == 200', 1, 1, /there is no field/],
    ['obj.http. == x', 1, 10, /expected the name of a header field behind obj.http./],
    ['req.url ~ x && req.http.a:b == 1', 1, 25, /expected the name of a header field/],
    ['req.url ~ "abc', 1, 11, /not closed/],
    ['req.url ~ "abc\\" && obj.status == 200', 1, 11, /not closed/],
    ['req.url ~ "a\nb"', 1, 11, /not closed/],
    ['req.url ~ "a"b', 1, 14, /expected a space behind the quotes/],
    ['req.url == /ä€', 1, 14, /this character/],
    ['obj.status == abc', 1, 15, /a status of three digits, not abc/],
    ['obj.status == 1000', 1, 15, /a status of three digits/],
    ['obj.age > 10', 1, 11, /a duration such as 1.5h/],
    ['obj.age > 10 s', 1, 11, /a duration/],
    ['obj.age ~ 1', 1, 9, /expected one of == != < <= > >=, not ~/],
    ['obj.ttl > 1.h', 1, 11, /a duration/],
    ['req.url ~ ^/a\n  && obj.stat == 1', 2, 6, /there is no field obj.stat/],
    ['req.url ~ ^/a\n&& obj.status\n== 20', 3, 4, /three digits/],
  ];
  for (const [expression, line, column, why] of cases) {
    test(`[case 41] ${JSON.stringify(expression)}: line ${line}, column ${column}`, () => {
      const reading = parseBan(expression);
      assert.ok(reading.verdict === 'bad', JSON.stringify(reading));
      assert.deepEqual([reading.line, reading.column], [line, column], reading.why);
      assert.match(reading.why, why);
    });
  }

  test('what is longer than can be kept ten thousand times', () => {
    const reading = parseBan(`req.url ~ ${'a'.repeat(9000)}`);
    assert.ok(reading.verdict === 'bad' && reading.why.includes('8192'));
  });
});

test('bans that say the same are the same, whatever their spelling and their order', () => {
  const one = parsed('req.url ~ "^/x"  &&\n obj.http.Content-Type == png && obj.status == 200');
  assert.equal(one.text, 'req.url ~ ^/x && obj.http.content-type == png && obj.status == 200');
  assert.equal(parsed('obj.status == 200 && obj.http.content-type == "png" && req.url ~ ^/x').key, one.key);
  assert.notEqual(parsed('obj.status == 200 && req.url ~ ^/x').key, one.key);
});

for (const [expression, isLasting] of [
  ['req.url == /a', true],
  ['obj.age > 1s && obj.ttl < 1s && obj.grace > 1s', true],
  ['obj.age < 1s', false],
  ['obj.ttl > 1s', false],
  ['obj.age == 1s', false],
] as const) {
  test(`${expression}, given again, is${isLasting ? '' : ' not'} meant for all that it was meant for`, () => {
    assert.equal(parsed(expression).isLasting, isLasting);
  });
}

const value = fc.string({ unit: fc.constantFrom('"', '\\', 'a', ' ', '&', '.', '/', '\xe4', '\t'), maxLength: 12 });

test('whatever is given, reading it does not throw, and says where it is wrong', () => {
  const piece = fc.constantFrom(
    'req.url',
    'obj.age',
    'obj.http.a',
    '==',
    '~',
    '&&',
    '"',
    '\\',
    ' ',
    '\n',
    '1s',
    '[',
    '(',
    'ü',
    '\u{1f600}',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.array(piece).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(text, (expression) => {
      const reading = parseBan(expression);
      if (reading.verdict === 'ban') return;
      const line = expression.split('\n')[reading.line - 1];
      assert.ok(line !== undefined && reading.column >= 1 && reading.column <= line.length + 1);
    }),
  );
});

test('the spelling of a ban is read as the same ban, and is its own spelling', () => {
  const quoted = value.map((text) => `"${text.replaceAll('\\', '').replaceAll('"', '\\"')}"`);
  const raw = value.map((text) => `"${text}"`);
  const bare = value
    .map((text) => text.replace(/\s/g, ''))
    .filter((text) => text !== '' && text[0] !== '"' && text !== '&&');
  const one = fc
    .tuple(
      fc.constantFrom('req.url', 'obj.http.A', 'req.http.host', 'req.http.b'),
      fc.constantFrom('==', '!=', '~', '!~'),
      fc.oneof(quoted, raw, bare),
    )
    .map((parts) => parts.join(' '));
  let read = 0;
  fc.assert(
    fc.property(
      fc.array(one, { minLength: 1, maxLength: 3 }).map((tests) => tests.join(' && ')),
      (expression) => {
        const first = parseBan(expression);
        if (first.verdict === 'bad') return;
        read += 1;
        const again = parsed(first.ban.text);
        assert.equal(again.text, first.ban.text);
        assert.equal(again.key, first.ban.key);
        assert.deepEqual(
          again.tests.map((test) => test.value),
          first.ban.tests.map((test) => test.value),
        );
      },
    ),
  );
  assert.ok(read > 20, `${read} were bans`);
});
