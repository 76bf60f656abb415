import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { muxed, readFragment, restarted, tuned, ufragOf, writeFragment } from '../../../src/core/live/sdp.js';
import { ANSWER, OFFER } from './fakes.js';

const crlf = (...lines: string[]) => lines.join('\r\n') + '\r\n';

describe('an ICE fragment', () => {
  it('has the bundle, the first medium with its credentials, and the candidates', () => {
    assert.equal(
      writeFragment(OFFER, ['candidate:1 1 udp 1 127.0.0.1 5000 typ host'], true),
      crlf(
        'a=group:BUNDLE 0 1',
        'm=audio 9 UDP/TLS/RTP/SAVPF 111',
        'a=mid:0',
        'a=ice-ufrag:mine',
        'a=ice-pwd:secret-of-mine',
        'a=candidate:1 1 udp 1 127.0.0.1 5000 typ host',
        'a=end-of-candidates',
      ),
    );
    assert.doesNotMatch(writeFragment(OFFER, [], false), /candidate/);
  });

  it('takes credentials of the whole session, too', () => {
    const offer = crlf('v=0', 'a=ice-ufrag:all', 'a=ice-pwd:of-all', 'm=video 9 X 96', 'a=mid:v');
    assert.equal(
      writeFragment(offer, [], false),
      crlf('m=video 9 X 96', 'a=mid:v', 'a=ice-ufrag:all', 'a=ice-pwd:of-all'),
    );
    assert.equal(ufragOf(offer), 'all');
  });

  it('is read wherever its lines are, each candidate once', () => {
    const text =
      'a=ice-ufrag:u\na=ice-pwd:p\nm=audio 9 X 0\na=mid:0\na=candidate:1\na=candidate:2\nm=x\na=candidate:1\n';
    assert.deepEqual(readFragment(text), { ufrag: 'u', pwd: 'p', candidates: ['candidate:1', 'candidate:2'] });
    assert.equal(readFragment('a=ice-ufrag:u'), null);
    assert.equal(readFragment(''), null);
  });
});

describe('an answer', () => {
  it('gets other ICE, and keeps nothing of the earlier one', () => {
    const next = restarted(ANSWER, { ufrag: 'new', pwd: 'newer', candidates: ['candidate:9'] });
    assert.doesNotMatch(next, /theirs|candidate:7|end-of-candidates/);
    assert.equal(next.match(/a=ice-ufrag:new\r\n/g)?.length, 2);
    assert.equal(next.match(/a=ice-pwd:newer\r\n/g)?.length, 2);
    assert.equal(next.match(/a=candidate:9\r\n/g)?.length, 1);
    assert.match(next, /a=setup:passive/);
  });

  it('tells where the picture begins, and how Opus sends', () => {
    const next = tuned(ANSWER, { startBitrate: 1_500_000, fec: true, dtx: true });
    assert.match(next, /a=fmtp:96 x-google-start-bitrate=1500\r\n/, 'a codec without parameters');
    assert.match(next, /a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;x-google-start-bitrate=1500\r\n/);
    assert.match(next, /a=fmtp:97 apt=96\r\n/, 'what repeats packets is left alone');
    assert.match(next, /a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n/);
    assert.equal(next.match(/a=fmtp:102/g)?.length, 1);
    const plain = tuned(ANSWER, { startBitrate: null, fec: false, dtx: false });
    assert.doesNotMatch(plain, /x-google/);
    assert.match(plain, /useinbandfec=0;usedtx=0/);
  });
});

describe('an offer', () => {
  it('leaves no way back to RTCP of its own', () => {
    const sent = muxed(OFFER);
    assert.equal(sent.match(/a=rtcp-mux\r\na=rtcp-mux-only\r\n/g)?.length, 2);
    assert.equal(muxed(sent), sent, 'said once');
  });
});
