import { pause, within } from './clock.js';
import { liveFault } from './live-faults.js';
import type { LivePlatform } from './platform.js';
import type { RecoveryPolicy } from './recovery.js';
import { muxed, restarted, tuned, writeFragment } from './sdp.js';
import { addSenders } from './senders.js';
import type { PublisherSettings } from './settings.js';
import { Trickle } from './trickle.js';
import { WhipFault } from './whip-fault.js';
import { WhipSession, type WhipHttp } from './whip-session.js';

export interface PublicationOptions {
  readonly endpoint: string;
  readonly settings: PublisherSettings;
  readonly tracks: readonly MediaStreamTrack[];
  readonly platform: LivePlatform;
  readonly policy: RecoveryPolicy;
  readonly http: WhipHttp;
  /** STUN and TURN that are known already. */
  readonly iceServers: readonly RTCIceServer[];
  /** Whether candidates go with the offer, because the server takes none later. */
  readonly gathered: boolean;
}

/**
 * Whoever sets a configuration has to repeat what may not change, and no more: Firefox refuses what it has told itself. With a
 * pool, Chromium finds its addresses while the server answers, and begins anew where other servers are set meanwhile.
 */
const POLICIES = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceCandidatePoolSize: 1 } as const;

const SETTLED: readonly RTCPeerConnectionState[] = ['connected', 'failed', 'closed'];

/** The server takes no candidates after the offer, and does without them not either. */
export class TrickleRefused extends Error {}

/** One connection with its session at the server: what is given up as a whole when ICE cannot bring it back. */
export class Publication {
  readonly connection: RTCPeerConnection;
  readonly #options: PublicationOptions;
  readonly #trickle: Trickle;
  readonly #over = new AbortController();
  #session: WhipSession | null = null;
  #refuse: (thrown: unknown) => void = () => {};
  #restarting: Promise<unknown> = Promise.resolve();
  /** Servers that are used, and why the browser has refused another one. */
  #servers: readonly RTCIceServer[] = [];
  #unused: unknown;

  constructor(options: PublicationOptions) {
    const { platform, iceServers, settings, tracks } = options;
    this.#options = options;
    this.connection = platform.connect!({ ...POLICIES, iceServers: [] });
    this.#useServers(iceServers);
    this.#trickle = new Trickle(this.connection, {
      clock: platform,
      send: (fragment) => this.#session!.trickle(fragment),
      refused: (thrown) => this.#refuse(thrown),
    });
    try {
      addSenders(this.connection, tracks, settings, settings.codec === '' ? [] : platform.codecs());
    } catch (thrown) {
      this.connection.close();
      throw thrown;
    }
  }

  /** Null before the server has answered. */
  get session(): WhipSession | null {
    return this.#session;
  }

  /**
   * Resolves when media can flow.
   * @throws WhipFault; TrickleRefused; the signal's reason. The session, if there is one, is left to the caller.
   */
  async open(signal: AbortSignal): Promise<void> {
    const { connection } = this;
    const { endpoint, http, gathered } = this.#options;
    const offer = await connection.createOffer();
    if (gathered) await this.#gather(offer, signal);
    const { sdp } = gathered ? connection.localDescription! : offer;
    this.#session = await WhipSession.open(endpoint, muxed(sdp!), http, signal);
    signal.throwIfAborted();
    // Before the local description: what is gathered belongs to the servers that are known by then.
    if (!gathered) this.#useServers(this.#session.iceServers);
    const refused = new Promise<never>((_, reject) => (this.#refuse = reject));
    refused.catch(() => {});
    // The browser takes one after the other by itself.
    await Promise.all([gathered || connection.setLocalDescription(offer), this.#answer(this.#session.answer)]);
    if (!gathered) this.#trickle.begin();
    const connected = this.#connected(signal);
    await Promise.race([connected, refused.catch((thrown: unknown) => this.#untrickled(thrown, connected, signal))]);
    // What is refused from now on was not needed.
    this.#refuse = () => {};
  }

  /**
   * Begins ICE anew in the same session; resolves when the server has taken it up. What was before stays until then.
   * @throws WhipFault; the signal's reason
   */
  restart(signal: AbortSignal): Promise<void> {
    // The answer to one that is on its way belongs to the offer of that one.
    const restarted = this.#restarting.then(() => this.#restart(signal));
    this.#restarting = restarted.catch(() => {});
    return restarted;
  }

  async #restart(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { connection } = this;
    const session = this.#session!;
    this.#trickle.hold();
    connection.restartIce();
    await connection.setLocalDescription();
    signal.throwIfAborted();
    try {
      const ice = await session.restart(writeFragment(connection.localDescription!.sdp, [], false));
      signal.throwIfAborted();
      await this.#answer(restarted(connection.remoteDescription?.sdp ?? session.answer, ice));
    } catch (thrown) {
      if (!signal.aborted) await connection.setLocalDescription({ type: 'rollback' }).catch(() => {});
      throw thrown;
    }
    this.#refuse = () => {};
    this.#trickle.begin();
  }

  /**
   * Sends nothing more, and ends the connection when the session has been ended by whoever has to see to that: a server that
   * sees the connection go first knows of no session any more, and a browser's console tells of that.
   */
  close(ended: Promise<void>): void {
    this.#over.abort();
    this.#trickle.stop();
    for (const sender of this.connection.getSenders()) sender.replaceTrack(null).catch(() => {});
    void ended.finally(() => this.connection.close());
  }

  /** One that the browser refuses (for its port, or because it makes no sense) is done without. */
  #useServers(servers: readonly RTCIceServer[]): void {
    for (const server of servers) {
      const iceServers = [...this.#servers, server];
      try {
        this.connection.setConfiguration({ ...POLICIES, iceServers });
        this.#servers = iceServers;
      } catch (thrown) {
        this.#unused ??= thrown;
      }
    }
  }

  #answer(sdp: string): Promise<void> {
    return this.connection.setRemoteDescription({ type: 'answer', sdp: tuned(sdp, this.#options.settings) });
  }

  async #gather(offer: RTCSessionDescriptionInit, signal: AbortSignal): Promise<void> {
    const { connection } = this;
    const complete = this.#until('icegatheringstatechange', () => connection.iceGatheringState === 'complete');
    await connection.setLocalDescription(offer);
    await Promise.race([complete, pause(this.#options.policy.gathering, this.#options.platform, signal)]);
    signal.throwIfAborted();
  }

  async #connected(signal: AbortSignal): Promise<void> {
    const { connection } = this;
    const { platform, policy } = this.#options;
    const settled = this.#until('connectionstatechange', () => SETTLED.includes(connection.connectionState));
    const late = () => new WhipFault(liveFault('no-route', { cause: this.#unused }));
    await within(settled, policy.connect, { clock: platform, late, signal });
    if (connection.connectionState !== 'connected') throw late();
  }

  /** What the server has refused may not be needed: it learns of our candidates when we reach it. */
  async #untrickled(thrown: unknown, connected: Promise<void>, signal: AbortSignal): Promise<void> {
    const { platform, policy } = this.#options;
    const late = () => new TrickleRefused('', { cause: thrown });
    // It holds another ICE session for the current one than we do.
    if ((thrown as WhipFault).status === 412) {
      await this.restart(signal).catch(() => {
        signal.throwIfAborted();
        throw late();
      });
      return connected;
    }
    return within(connected, policy.untrickled, { clock: platform, late, signal });
  }

  #until(type: string, holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.connection.removeEventListener(type, look);
        resolve();
      };
      this.connection.addEventListener(type, look, { signal: this.#over.signal });
      look();
    });
  }
}
