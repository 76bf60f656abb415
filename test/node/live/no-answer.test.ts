import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whyNoAnswer, type Unanswered } from '../../../src/core/live/no-answer.js';

const URL_ = 'https://media.example/whip/room';
const HEADERS = { 'Content-Type': 'application/sdp', Authorization: 'Bearer x' };

/** What a page is told whose requests get an answer where the server, and what it allows, lets them. */
async function told(
  method: Unanswered['method'],
  answers: (init: RequestInit, names: readonly string[]) => boolean,
): Promise<{ code: string; message: string; methods: string[] }> {
  const methods: string[] = [];
  const fetch = (_: unknown, init: RequestInit = {}) => {
    methods.push(init.method ?? 'GET');
    return answers(init, Object.keys(init.headers ?? {}))
      ? Promise.resolve(new Response())
      : Promise.reject(new TypeError());
  };
  const fault = await whyNoAnswer({ url: URL_, method, headers: HEADERS, cause: null, fetch });
  return { code: fault.told.code, message: fault.told.message, methods };
}

describe('a request without an answer', () => {
  it('is of a server that is away, where nothing else is answered either', async () => {
    assert.equal((await told('POST', () => false)).code, 'unreachable');
  });

  it('is told with the header that is missing', async () => {
    const { code, message } = await told('POST', ({ mode }) => mode === 'no-cors');
    assert.equal(code, 'cors');
    assert.match(message, /Access-Control-Allow-Origin/);
    const other = await told('POST', (_, names) => !names.includes('Authorization'));
    assert.match(other.message, /Access-Control-Allow-Headers: Authorization/);
  });

  it('was of a server that is back, where a POST lacks nothing: nobody has to allow that', async () => {
    const { code, methods } = await told('POST', () => true);
    assert.equal(code, 'unreachable');
    assert.ok(!methods.includes('POST'), 'no session is begun to find out');
  });

  for (const method of ['PATCH', 'DELETE'] as const)
    it(`is told with the method that is not allowed, and only where it is not: ${method}`, async () => {
      const { code, message } = await told(method, (init) => init.method !== method);
      assert.equal(code, 'cors');
      assert.match(message, new RegExp(`lets this page publish, but .*Access-Control-Allow-Methods: ${method}`));
      assert.equal((await told(method, () => true)).code, 'unreachable');
    });
});
