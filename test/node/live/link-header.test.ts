import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { iceServersIn, parseLinks } from '../../../src/core/live/link-header.js';

const plain = (header: string) =>
  parseLinks(header).map(({ target, params }) => [target, Object.fromEntries(params)] as const);

describe('a Link header', () => {
  for (const [what, header, expected] of [
    ['one link', '<https://a/>; rel=next', [['https://a/', { rel: 'next' }]]],
    [
      'several, some of them empty',
      ' , <a>; rel="x",, <b>;rel=y ,',
      [
        ['a', { rel: 'x' }],
        ['b', { rel: 'y' }],
      ],
    ],
    ['";" and "," in quotes', '<a>; title="x; y, <z>"; rel=r', [['a', { title: 'x; y, <z>', rel: 'r' }]]],
    ['escaped quotes', String.raw`<a>; u="say \"no\" \\ now"`, [['a', { u: 'say "no" \\ now' }]]],
    ['names in any case, the first of which counts', '<a>; REL=x; rel=y', [['a', { rel: 'x' }]]],
    ['parameters without a value', '<a>; flag; rel=x', [['a', { flag: '', rel: 'x' }]]],
    [
      'spaces around everything',
      '<a> ; rel = "x" , <b> ; rel = y',
      [
        ['a', { rel: 'x' }],
        ['b', { rel: 'y' }],
      ],
    ],
    [
      '";" at the end',
      '<a>; rel=x; , <b>',
      [
        ['a', { rel: 'x' }],
        ['b', {}],
      ],
    ],
    ['a comma in the target', '<a,b;c>; rel=x', [['a,b;c', { rel: 'x' }]]],
    ['nothing', '', []],
    ['what is no link', 'nonsense, <a>', []],
    ['what is torn', '<a>; rel=x, <b', [['a', { rel: 'x' }]]],
    ['a quote that never ends', '<a>; rel="x', [['a', { rel: '' }]]],
  ] as const)
    it(`is read: ${what}`, () => assert.deepEqual(plain(header), expected));
});

describe('ICE servers of a Link header', () => {
  it('are STUN, and TURN with its credentials, of all links of that kind and no other', () => {
    const header = [
      '<stun:stun.example:3478>; rel="ice-server"',
      '<turn:turn.example?transport=udp>; rel="ice-server"; username="a;b,c"; credential="x\\"y"; credential-type="password"',
      '<https://example/layers>; rel="urn:ietf:params:whip:ext:x"',
      '<turns:turn.example>; rel="other ICE-SERVER"; username=u; credential=c',
    ].join(', ');
    assert.deepEqual(iceServersIn(header), [
      { urls: 'stun:stun.example:3478' },
      { urls: 'turn:turn.example?transport=udp', username: 'a;b,c', credential: 'x"y' },
      { urls: 'turns:turn.example', username: 'u', credential: 'c' },
    ]);
  });

  it('are left out where a browser would refuse all of them', () => {
    assert.deepEqual(iceServersIn('<turn:a>; rel=ice-server, <https://a>; rel=ice-server, <stun:b>; rel=ice-server'), [
      { urls: 'stun:b' },
    ]);
    assert.deepEqual(iceServersIn(null), []);
  });
});
