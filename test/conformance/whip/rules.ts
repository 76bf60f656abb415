import assert from 'node:assert/strict';
import type { Tab } from '../../support/browser.js';
import { until, type Asked, type LiveStage } from '../../support/live-stage.js';

/**
 * One row per rule of RFC 9725, or of what people ask of a client. A page is a client when it has
 * `globalThis.client = { start({ url, token }), stop() }`: `start` publishes any picture and sound and settles when it is
 * connected, or rejects.
 */
export interface Rule {
  readonly name: string;
  /** Section of RFC 9725; empty for what it leaves open. */
  readonly section: string;
  /**
   * What has happened when it is looked at. Rules of the same scene, one after the other, share one broadcast: each would
   * wait for the same.
   */
  readonly scene?: (trial: Trial) => Promise<unknown>;
  /** Sets the server up, drives the client, and throws where the rule is not held. */
  check(trial: Trial): Promise<void>;
}

export interface Trial {
  readonly stage: LiveStage;
  /** Where it publishes: one of its own, because the page of an earlier trial may still end what it had. */
  readonly room: string;
  readonly tab: Tab;
  /** Answers `done`, or what was thrown. */
  start(options?: { token?: string; url?: string }): Promise<string>;
  /** The same, without waiting. */
  begin(options?: { token?: string }): Promise<void>;
  stop(): Promise<string>;
}

const requests = ({ stage, room }: Trial, method?: string): Asked[] =>
  stage.asked.filter((one) => one.url.includes(room) && (method ? one.method === method : one.method !== 'OPTIONS'));
const media = ({ stage }: Trial, more = 5) => {
  const before = stage.sessions.reduce((sum, { video }) => sum + video.frames, 0);
  return until(() => stage.sessions.find(({ video }) => video.frames > before + more), 15, 'media at the server');
};
const nobody = ({ stage }: Trial) => until(() => stage.sessions.length === 0, 5, 'no session');

/** Live, with media; whatever the server was set up to do. */
async function goesLive(trial: Trial, options = {}): Promise<void> {
  assert.equal(await trial.start(options), 'done');
  await media(trial);
}

async function endsClean(trial: Trial): Promise<void> {
  assert.equal(await trial.stop(), 'done');
  await nobody(trial);
}

/** The same with a token, from start to end. */
async function guarded(trial: Trial): Promise<void> {
  trial.stage.media.token = 'secret';
  await goesLive(trial, { token: 'secret' });
  // Of a client that sends none another rule tells.
  await until(() => requests(trial, 'PATCH')[0], 5).catch(() => {});
  await endsClean(trial);
}

const isRestart = ({ headers }: Asked) => headers['if-match'] === '*';

/** Live, and ICE is begun anew, because the way has gone: what is sent gets no further, and nobody reports on it. */
async function beginsAnew(trial: Trial): Promise<void> {
  await goesLive(trial);
  const session = trial.stage.sessions[0]!;
  // Reports have begun by then.
  await until(() => session.video.frames > 80, 20);
  session.peer.silence(true);
  await until(() => requests(trial, 'PATCH').find(isRestart), 20, 'ICE that is begun anew');
  session.peer.silence(false);
}

/** What the page did with its connections. */
const callsOf = ({ tab }: Trial) =>
  tab.page.evaluate(() => (globalThis as unknown as { calls: [string, unknown][] }).calls);

const offerOf = (trial: Trial): string => requests(trial, 'POST')[0]!.body;
const mediaOf = (sdp: string): string[] => sdp.split(/(?=^m=)/m).slice(1);

export const rules: readonly Rule[] = [
  {
    name: 'the offer is posted as application/sdp',
    section: '4.2',
    scene: goesLive,
    async check(trial) {
      const [post] = requests(trial);
      assert.equal(post!.method, 'POST');
      assert.equal(post!.headers['content-type'], 'application/sdp');
    },
  },
  {
    name: 'it only sends: one sound and one picture at most',
    section: '4.2',
    scene: goesLive,
    async check(trial) {
      const parts = mediaOf(offerOf(trial));
      for (const part of parts) assert.match(part, /^a=sendonly\r$/m);
      for (const kind of ['audio', 'video'])
        assert.ok(parts.filter((part) => part.startsWith(`m=${kind}`)).length <= 1, kind);
    },
  },
  {
    name: 'all media are bundled, with rtcp-mux-only',
    section: '4.4.1',
    scene: goesLive,
    async check(trial) {
      const offer = offerOf(trial);
      assert.match(offer, /^a=group:BUNDLE /m);
      for (const part of mediaOf(offer)) {
        assert.match(part, /^a=rtcp-mux\r$/m);
        assert.match(part, /^a=rtcp-mux-only\r$/m);
      }
    },
  },
  {
    name: 'candidates are trickled, with the ETag in If-Match',
    section: '4.3.1',
    scene: goesLive,
    async check(trial) {
      const patch = await until(() => requests(trial, 'PATCH')[0], 5, 'a PATCH');
      assert.equal(patch.headers['content-type'], 'application/trickle-ice-sdpfrag');
      assert.equal(patch.headers['if-match'], trial.stage.sessions[0]!.etag);
      assert.equal(patch.status, 204);
      assert.match(patch.body, /^a=ice-ufrag:\S+\r\na=ice-pwd:\S+\r$/m);
      assert.match(patch.body, /^a=candidate:/m);
    },
  },
  {
    name: 'those that are there together go in one request',
    section: '4.3.1',
    scene: goesLive,
    async check(trial) {
      const last = await until(() => requests(trial, 'PATCH').find(({ body }) => /end-of-candidates/.test(body)), 5);
      assert.ok(last);
      assert.ok(requests(trial, 'PATCH').length <= 2, `${requests(trial, 'PATCH').length} requests`);
    },
  },
  {
    name: 'OPTIONS is sent by the browser only',
    section: '4.6',
    scene: goesLive,
    async check(trial) {
      for (const { headers } of trial.stage.of('OPTIONS')) assert.ok(headers['access-control-request-method']);
    },
  },
  {
    name: 'the session is deleted at the end',
    section: '4.2',
    scene: goesLive,
    async check(trial) {
      await endsClean(trial);
      const { status } = await until(() => requests(trial, 'DELETE')[0], 5, 'a DELETE');
      assert.equal(status, 200);
    },
  },
  {
    name: 'it is deleted when the page is left',
    section: '',
    async check(trial) {
      await goesLive(trial);
      await trial.tab.page.goto('about:blank');
      await nobody(trial);
      await until(() => requests(trial, 'DELETE')[0], 5, 'a DELETE');
    },
  },
  {
    name: 'the token goes with every request: POST, PATCH and DELETE',
    section: '4.7',
    scene: guarded,
    async check(trial) {
      assert.deepEqual([...new Set(requests(trial).map(({ method }) => method))].sort(), ['DELETE', 'PATCH', 'POST']);
      for (const { method, headers } of requests(trial)) assert.equal(headers.authorization, 'Bearer secret', method);
    },
  },
  {
    name: 'and never with a preflight',
    section: '4.7',
    scene: guarded,
    async check(trial) {
      for (const { headers } of trial.stage.of('OPTIONS')) assert.equal(headers.authorization, undefined);
    },
  },
  {
    name: 'a refused token is a fault that is told',
    section: '4.7',
    async check(trial) {
      trial.stage.media.token = 'right';
      assert.notEqual(await trial.start({ token: 'wrong' }), 'done');
    },
  },
  ...[307, 308].map((status) => ({
    name: `${status} is followed with the offer`,
    section: '4.5',
    async check(trial: Trial) {
      trial.stage.media.faults.redirect({ status });
      await goesLive(trial);
      assert.equal(requests(trial, 'POST').length, 2);
      await endsClean(trial);
    },
  })),
  ...[301, 302].map((status) => ({
    name: `${status} is a fault, and nothing is begun`,
    section: '4.5',
    async check(trial: Trial) {
      trial.stage.media.faults.redirect({ status, times: Infinity });
      assert.notEqual(await trial.start(), 'done');
      assert.equal(trial.stage.sessions.length, 0);
    },
  })),
  {
    name: '503 with Retry-After is obeyed',
    section: '4.5',
    async check(trial) {
      trial.stage.media.faults.refuse({ method: 'POST', status: 503, retryAfter: 2 });
      await trial.begin();
      await media(trial);
      const [refused, next] = requests(trial, 'POST');
      assert.ok(next!.at - refused!.at >= 2000, `${Math.round(next!.at - refused!.at)} ms`);
    },
  },
  ...[400, 404, 422, 499].map((status) => ({
    name: `${status} is a fault that is told${status === 499 ? ': an unknown one by its class' : ''}`,
    section: '4.2',
    async check(trial: Trial) {
      trial.stage.media.faults.refuse({ method: 'POST', status, times: Infinity });
      assert.notEqual(await trial.start(), 'done');
    },
  })),
  {
    name: '599 is a server that fails, as 500 is',
    section: '4.2',
    async check(trial) {
      const offers = async (status: number) => {
        const before = requests(trial, 'POST').length;
        trial.stage.media.faults.refuse({ method: 'POST', status, times: Infinity });
        assert.notEqual(await trial.start(), 'done', String(status));
        trial.stage.media.faults.clear();
        return requests(trial, 'POST').length - before;
      };
      assert.equal(await offers(599), await offers(500), 'as many trials');
    },
  },
  {
    name: 'servers of Link are taken up before the local description, quotes and all',
    section: '4.6',
    async check(trial) {
      const link =
        '<turn:127.0.0.1:3479?transport=udp>; rel="ice-server"; username="a;b,c"; credential="d\\"e", <stun:127.0.0.1:3479>; rel="ice-server"';
      trial.stage.media.faults.answer({ method: 'POST', headers: { Link: link } });
      await goesLive(trial);
      const calls = await callsOf(trial);
      const configured = calls.findIndex(([, value]) => JSON.stringify(value)?.includes('turn:127.0.0.1:3479'));
      const described = calls.findIndex(([name]) => name === 'setLocalDescription');
      assert.ok(configured >= 0, 'it is used');
      assert.ok(configured < described, 'in time');
      assert.match(JSON.stringify(calls[configured]), /"username":"a;b,c".*"credential":"d\\"e"/);
    },
  },
  {
    name: 'links of other kinds are passed over',
    section: '5',
    async check(trial) {
      const link = '<stun:127.0.0.1:3480>; rel="urn:ietf:params:whip:ext:z", <stun:127.0.0.1:3481>; rel="ice-server"';
      trial.stage.media.faults.answer({ method: 'POST', headers: { Link: link } });
      await goesLive(trial);
      const used = JSON.stringify(await callsOf(trial));
      assert.ok(used.includes('stun:127.0.0.1:3481'), 'what is beside them is used');
      assert.ok(!used.includes('stun:127.0.0.1:3480'), 'they are not');
    },
  },
  {
    name: 'a Location that is missing does not keep it from being live',
    section: '',
    async check(trial) {
      trial.stage.media.faults.noLocation();
      await goesLive(trial);
    },
  },
  {
    name: 'a PATCH that is refused does not, either',
    section: '4.3',
    async check(trial) {
      trial.stage.media.faults.noPatch();
      await goesLive(trial);
      await endsClean(trial);
    },
  },
  {
    name: 'nor a wrong ETag (412)',
    section: '4.3.1',
    async check(trial) {
      trial.stage.media.faults.wrongEtag({ method: 'POST' });
      await goesLive(trial);
      await endsClean(trial);
    },
  },
  {
    name: 'nor one that is missing (428)',
    section: '4.3.1',
    async check(trial) {
      trial.stage.media.faults.answer({ method: 'POST', headers: { ETag: null } });
      await goesLive(trial);
      await endsClean(trial);
    },
  },
  {
    name: 'a server that takes no PATCH and cannot be reached gets the candidates in another offer',
    section: '4.3',
    async check(trial) {
      trial.stage.media.faults.noPatch();
      // A page that does not learn where the server is cannot reach it: the server has to come.
      await trial.tab.page.evaluate(() => {
        const real = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp = '' }: RTCSessionDescriptionInit) {
          return Reflect.apply(real, this, [
            { type, sdp: sdp.replace(/^a=(candidate:.*|end-of-candidates)\r\n/gm, '') },
          ]) as Promise<void>;
        };
      });
      await goesLive(trial);
      assert.match(requests(trial, 'POST').at(-1)!.body, /^a=candidate:/m);
      await endsClean(trial);
    },
  },
  {
    name: 'a restart is a PATCH with a bare star and new credentials',
    section: '4.3.3',
    scene: beginsAnew,
    async check(trial) {
      const restart = requests(trial, 'PATCH').find(isRestart)!;
      const ufrag = /^a=ice-ufrag:(\S+)/m;
      assert.notEqual(ufrag.exec(restart.body)?.[1], ufrag.exec(offerOf(trial))?.[1]);
      assert.equal(restart.status, 200);
    },
  },
  {
    name: 'after a restart the new ETag is used',
    section: '4.3.3',
    scene: beginsAnew,
    async check(trial) {
      const restart = requests(trial, 'PATCH').find(isRestart)!;
      const next = await until(
        () => requests(trial, 'PATCH').find(({ at }) => at > restart.at),
        5,
        'candidates after that',
      );
      assert.equal(next.headers['if-match'], trial.stage.sessions[0]!.etag);
    },
  },
  {
    name: 'a session that is lost is taken up again',
    section: '',
    async check(trial) {
      await goesLive(trial);
      await until(() => trial.stage.sessions[0]!.video.frames > 80, 20);
      await trial.stage.sessions[0]!.kill();
      await media(trial);
      assert.equal(trial.stage.sessions.length, 1);
      await endsClean(trial);
    },
  },
  {
    name: 'a stop before the answer leaves no session',
    section: '',
    async check(trial) {
      trial.stage.media.faults.delay({ method: 'POST', seconds: 1 });
      const posted = trial.tab.page.waitForRequest((request) => request.method() === 'POST');
      await trial.begin();
      await posted;
      await trial.stop();
      await until(() => requests(trial, 'POST').length > 0, 5);
      await nobody(trial);
    },
  },
];
