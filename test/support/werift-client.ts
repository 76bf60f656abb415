import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, useVP8 } from 'werift';
import { fragmentOf } from '../../demo/server/fragment.mjs';
import { ask, FRAGMENT, type Exchange } from './rtc-client.js';

/** A publisher of WHIP that can do what libdatachannel cannot: trickle, and restart ICE. */
export class WeriftClient {
  readonly #pc = new RTCPeerConnection({
    codecs: { video: [useVP8()], audio: [] },
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
  });
  readonly #track = new MediaStreamTrack({ kind: 'video' });
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  url = '';
  etag = '';
  offer = '';
  answer = '';

  private constructor() {
    this.#pc.addTransceiver(this.#track, { direction: 'sendonly' });
  }

  static async publish(endpoint: string, { trickle = false } = {}): Promise<WeriftClient> {
    const client = new WeriftClient();
    await client.#connect(endpoint, trickle);
    return client;
  }

  play(): void {
    this.#timer ??= setInterval(() => {
      const sequenceNumber = this.#sequence++;
      const header = new RtpHeader({
        marker: true,
        sequenceNumber,
        timestamp: sequenceNumber * 3000,
        payloadType: 96,
        ssrc: 1,
      });
      this.#track.writeRtp(new RtpPacket(header, Buffer.from([0x10, 1, ...Array<number>(500).fill(0)])));
    }, 33);
  }

  /** Restarts ICE; answers what the server said. */
  async restart(): Promise<Exchange> {
    await this.#offerAnew({ iceRestart: true });
    const answered = await this.patch({ ...FRAGMENT, 'If-Match': '*' }, fragmentOf(this.offer));
    if (answered.status !== 200) return answered;
    const line = (name: string) => new RegExp(`^a=${name}:.*$`, 'm').exec(answered.text)![0];
    const candidates = answered.text.match(/^a=candidate:.*$/gm)!.map((candidate) => candidate.trim());
    const sdp = this.answer
      .replace(/^a=(candidate:|end-of-candidates).*\r?\n/gm, '')
      .replace(/^a=ice-ufrag:.*$/gm, line('ice-ufrag').trim())
      .replace(/^a=ice-pwd:.*$/gm, [line('ice-pwd').trim(), ...candidates].join('\r\n'));
    await this.#pc.setRemoteDescription({ type: 'answer', sdp });
    // werift starts ICE only ahead of DTLS, which stands already.
    this.#pc.dtlsTransports[0]!.iceTransport.start().catch(() => {});
    return answered;
  }

  patch(headers: Record<string, string>, body: string): Promise<Exchange> {
    return ask(this.url, 'PATCH', headers, body);
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.#pc.close();
  }

  async #connect(endpoint: string, trickle: boolean): Promise<void> {
    await this.#offerAnew({});
    const early = trickle ? this.offer.replace(/^a=(candidate:|end-of-candidates).*\r?\n/gm, '') : this.offer;
    const { headers, text } = await ask(endpoint, 'POST', { 'Content-Type': 'application/sdp' }, early);
    this.url = new URL(headers.get('location')!, endpoint).href;
    this.etag = headers.get('etag')!;
    this.answer = text;
    await this.#pc.setRemoteDescription({ type: 'answer', sdp: text });
    if (trickle) await this.patch({ ...FRAGMENT, 'If-Match': this.etag }, fragmentOf(this.offer));
  }

  async #offerAnew(options: { iceRestart?: boolean }): Promise<void> {
    await this.#pc.setLocalDescription(await this.#pc.createOffer(options));
    this.offer = this.#pc.localDescription!.sdp;
  }
}
