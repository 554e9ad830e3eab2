import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTag, type Tag } from './tag.ts';

const include = (src: string, rest: { alt?: string; isOptional?: boolean } = {}): Tag => ({
  is: 'include',
  include: { src, isOptional: false, ...rest },
});
const wrong = (why: string): Tag => ({ is: 'nothing', why });

const tags: readonly [text: string, tag: Tag][] = [
  ['<esi:include src="/a"/>', include('/a')],
  ["<esi:include src='/a' />", include('/a')],
  ['<esi:include src=/a />', include('/a')],
  ['<esi:include src="/a">', include('/a')],
  ['<esi:include\n\tsrc = "/a"\n>', include('/a')],
  ['<esi:include src="/a"alt="/b"/>', include('/a', { alt: '/b' })],
  ['<esi:include onerror="continue" foo bar=1 src="/a"/>', include('/a', { isOptional: true })],
  ['<esi:include src="/a" onerror="abort"/>', include('/a')],
  ['<esi:include src="/a" alt=""/>', include('/a')],
  ['<esi:include src="/a?b&amp;c=&lt;&gt;&quot;&apos;&#38;&#x2F;"/>', include('/a?b&c=<>"\'&/')],
  ['<esi:include src="/a&nbsp;&#233;&#xfff;&amp"/>', include('/a&nbsp;&#233;&#xfff;&amp')],
  ['<esi:include src="/a&amp;amp;"/>', include('/a&amp;')],
  ['</esi:include>', { is: 'nothing' }],
  ['<esi:comment text="x"/>', { is: 'nothing' }],
  ['<esi:comment text="x">', { is: 'nothing' }],
  ['</esi:comment>', { is: 'nothing' }],
  ['<esi:remove>', { is: 'remove' }],
  ['<esi:remove >', { is: 'remove' }],
  ['</esi:remove>', { is: 'remove-end' }],
  ['<esi:remove/>', wrong('an empty remove')],
  ['<esi:include/>', wrong('an include without src')],
  ['<esi:include src=""/>', wrong('an include without src')],
  ['<esi:include src/>', wrong('an include without src')],
  ['<esi:include alt="/b"/>', wrong('an include without src')],
  ['<esi:include src="/a" src="/b"/>', wrong('two attributes src')],
  ['<esi:include src="/a/>', wrong('an attribute that cannot be read')],
  ['<esi:include src=/a/>', wrong('an attribute that cannot be read')],
  ['<esi:include src="/a"/ >', wrong('an attribute that cannot be read')],
  ['<esi:include src="/a" 1="2"/>', wrong('an attribute that cannot be read')],
  ['<esi:vars>', { is: 'unknown' }],
  ['<esi:includes src="/a"/>', { is: 'unknown' }],
  ['<esi:INCLUDE src="/a"/>', { is: 'unknown' }],
  ['<esi:>', { is: 'unknown' }],
];

for (const [text, tag] of tags) {
  test(`[case 49] ${JSON.stringify(text)} is ${JSON.stringify(tag)}`, () => assert.deepEqual(readTag(text), tag));
}

test('a tag made to be slow to read is not', () => {
  for (const hard of [' '.repeat(16_000), 'a '.repeat(8_000), 'a='.repeat(8_000), `a=${'b'.repeat(16_000)}`]) {
    const begun = process.cpuUsage();
    assert.notEqual(readTag(`<esi:include ${hard}"/>`).is, 'include');
    assert.ok(process.cpuUsage(begun).user < 500_000);
  }
});
