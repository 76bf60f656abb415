/** The WebRTC end of a session by werift: it takes RTP in from a publisher, and passes it on to viewers. */
import { setTimeout as pause } from 'node:timers/promises';

/** werift is of use only once somebody publishes, and takes a moment to load. */
let loaded;
const werift = () => (loaded ??= import('werift'));

/** Seconds between two words on the bandwidth: they are small, and may be lost. */
const REMB_INTERVAL = 0.5;

/**
 * Viewers show a picture as soon as it is there: browsers keep one back to even out steps that come in a steady stream, and
 * to wait for its sound.
 */
const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';
/** The least and the most, of 12 bits each. */
const AT_ONCE = Buffer.alloc(3);

/** In the order in which they are preferred. werift takes an offer's own parameters for them. */
const CODECS = { video: ['VP8', 'H264'], audio: ['opus'] };

/**
 * The offer as werift is given it. Transport-wide congestion control is left out: by werift's reports Chromium sent 158 kbps
 * of 2500, by REMB 2423, and werift takes up what feedback is offered. Candidates never end: werift would give up at once
 * where none can be reached by its name, as those of browsers that hide their addresses (mDNS) may not, although the
 * browser is about to reach it.
 */
const adapted = (offer) =>
  offer.replace(/^a=(rtcp-fb:\S+ transport-cc|extmap:.*transport-wide-cc.*|end-of-candidates)\r?\n/gm, '');

/**
 * Answers an offer.
 * @param {object} options
 * @param {string} options.offer SDP
 * @param {{ video: string, audio: string } | null} options.codecs that a viewer is sent; null is a publisher
 * @param {() => boolean} options.drops whether the packet that comes in is lost
 * @param {() => number} options.bitrate that a publisher may send, in bits per second
 * @param {(state: string) => void} options.onConnection
 * @param {() => void} options.onHeard something came in
 * @param {() => void} options.onKeyFrameWanted a viewer lost its picture
 * @param {(packet: { kind: 'audio' | 'video', codec: string, layer: string, rtp: any }) => void} options.onRtp
 * @param {(report: { ssrc: number, at: number, rtp: number }) => void} [options.onReport] a publisher says at what moment
 *   (milliseconds since 1970, of its clock) its RTP timestamps were at
 * @returns {Promise<import('./session.mjs').Peer>}
 */
export async function openPeer({
  offer,
  codecs,
  drops,
  bitrate,
  onConnection,
  onHeard,
  onKeyFrameWanted,
  onRtp,
  onReport = () => {},
}) {
  const stack = await werift();
  const { RTCPeerConnection, RTCRtpHeaderExtensionParameters, useSdesMid, useSdesRTPStreamId } = stack;
  const hurry = codecs ? [new RTCRtpHeaderExtensionParameters({ uri: PLAYOUT_DELAY })] : [];
  const pc = new RTCPeerConnection({
    codecs: codecsOf(stack, codecs),
    headerExtensions: { video: [useSdesMid(), useSdesRTPStreamId(), ...hurry], audio: [useSdesMid()] },
    // No server of others is asked; a browser on this machine may have nothing but loopback.
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
    bundlePolicy: 'max-bundle',
  });
  const receivers = [];
  const senders = {};
  let silent = false;
  let link = null;

  pc.connectionStateChange.subscribe(onConnection);
  pc.onRemoteTransceiverAdded.subscribe((transceiver) => {
    receivers.push(transceiver);
    const { kind, receiver } = transceiver;
    receiver.onRtcp.subscribe(({ type, ssrc, senderInfo }) => {
      if (type !== stack.RtcpSrPacket.type) return;
      onReport({ ssrc, at: sinceUnix(senderInfo.ntpTimestamp), rtp: senderInfo.rtpTimestamp });
    });
    transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((rtp) => {
        const codec = transceiver.codecs.find(({ payloadType }) => payloadType === rtp.header.payloadType);
        if (codec) onRtp({ kind, codec: codec.name, layer: track.rid ?? '', rtp });
      });
    });
  });
  if (codecs)
    for (const kind of kindsOf(offer)) {
      const track = new stack.MediaStreamTrack({ kind });
      const transceiver = pc.addTransceiver(track, { direction: 'sendonly' });
      transceiver.sender.onPictureLossIndication.subscribe(onKeyFrameWanted);
      senders[kind] = { transceiver, source: NaN };
    }

  const negotiate = async (sdp) => {
    await pc.setRemoteDescription({ type: 'offer', sdp: adapted(sdp) });
    await pc.setLocalDescription(await pc.createAnswer());
    return pc.localDescription.sdp;
  };

  /** Puts itself between the wire and the stack: what is silent or lost is so below RTP, and shows in its reports. */
  const intercept = () => {
    const [dtls] = pc.dtlsTransports;
    dtls.onStateChange.subscribe((state) => {
      // werift's connection state does not tell of a goodbye.
      if (state === 'closed') onConnection(state);
      // The socket is made right after this is told.
      if (state === 'connecting') queueMicrotask(() => hasten(dtls.dtls));
    });
    link = dtls.iceTransport.connection;
    settleEarly(link);
    const { send, onData } = link;
    const execute = onData.execute.bind(onData);
    link.send = (data) => (silent ? Promise.resolve() : send.call(link, data));
    onData.execute = (data) => {
      onHeard();
      const isMedia = data[0] >= 128 && data[0] < 192;
      if (!silent && !(isMedia && !stack.isRtcp(data) && drops())) execute(data);
    };
  };

  const limit = () => {
    for (const { receiver } of receivers) {
      const ssrcs = Object.keys(receiver.trackBySSRC).map(Number);
      if (receiver.kind === 'video' && ssrcs.length > 0)
        void send(pc, remb(stack, receiver.rtcpSsrc, ssrcs, bitrate()));
    }
  };
  const timer = codecs ? undefined : setInterval(limit, REMB_INTERVAL * 1000);
  timer?.unref();

  const close = async (goodbye) => {
    clearInterval(timer);
    if (goodbye) await farewell(pc.dtlsTransports[0]);
    silent ||= !goodbye;
    await pc.close();
  };

  try {
    const answer = await negotiate(offer);
    intercept();
    return {
      answer,
      addCandidate: ({ candidate, mid }) =>
        pc.addIceCandidate({ candidate, sdpMid: mid, sdpMLineIndex: mid === undefined ? 0 : undefined }),
      async restart(sdp) {
        const restarted = await negotiate(sdp);
        // werift starts ICE only ahead of DTLS, which stands already.
        pc.dtlsTransports[0].iceTransport.start().catch(() => {});
        return restarted;
      },
      askKeyFrame() {
        for (const { receiver } of receivers)
          if (receiver.kind === 'video')
            for (const ssrc of Object.keys(receiver.trackBySSRC)) void receiver.sendRtcpPLI(Number(ssrc));
      },
      silence(on) {
        silent = on;
      },
      send({ kind, codec, rtp }) {
        const to = senders[kind];
        return !to || forward(stack, to, codec, rtp);
      },
      close,
    };
  } catch (error) {
    await close(false);
    throw error;
  }
}

/**
 * werift begins a check of one pair each 20 ms and looks only then whether one is nominated already: the more candidates came, the
 * later it was connected, by 120 ms with the four of a browser that trickles them at once.
 */
function settleEarly(ice) {
  const schedule = ice.schedulingChecks.bind(ice);
  ice.schedulingChecks = () => !ice.checkListDone && schedule();
}

/** Milliseconds between two looks whether a part of a handshake is there, and until it will not come any more. */
const [LOOK, LATE] = [2, 4500];

/**
 * werift says hello a tenth of a second after it could, and looks for what it waits for after another one, and two: a
 * handshake of 5 ms took 110 to 250, by chance.
 */
function hasten(socket) {
  socket.waitForReady = async (holds) => {
    for (const end = performance.now() + LATE; !holds(); await pause(LOOK))
      if (performance.now() > end) throw new Error('A part of the handshake has not come.');
  };
  // A server waits to be greeted.
  if (!socket.connect) return;
  const greeted = socket.connect();
  greeted.catch(() => {});
  socket.connect = () => greeted;
}

/** Of DTLS: what kind of record says so, and what it says: a warning that nothing more comes. */
const [ALERT, CLOSE_NOTIFY] = [21, Buffer.from([1, 0])];

/**
 * Takes back the consent of the other side to be sent to, as a server that ends a session has to (RFC 9725, 4.2; RFC 7675, 5.2). werift
 * leaves that out, and sends but one kind of record: this one goes in its place.
 */
async function farewell(transport) {
  if (transport?.state !== 'connected') return;
  const { cipher } = transport.dtls;
  const encrypt = cipher.encryptPacket.bind(cipher);
  cipher.encryptPacket = (packet) => {
    packet.recordLayerHeader.contentType = ALERT;
    return encrypt(packet);
  };
  await transport.dtls.send(CLOSE_NOTIFY).catch(() => {});
}

function codecsOf({ RTCRtpCodecParameters }, only) {
  const made = (kind, clockRate, channels) =>
    CODECS[kind]
      .filter((name) => !only?.[kind] || name === only[kind])
      .map(
        (name) =>
          new RTCRtpCodecParameters({ mimeType: `${kind}/${name}`, clockRate, ...(channels ? { channels } : {}) }),
      );
  return { video: made('video', 90_000), audio: made('audio', 48_000, 2) };
}

/** NTP counts from 1900, in 2^-32 seconds. @param {bigint} ntp */
const sinceUnix = (ntp) => (Number(ntp) / 2 ** 32 - 2_208_988_800) * 1000;

const kindsOf = (offer) => [...offer.matchAll(/^m=(audio|video) /gm)].map(([, kind]) => kind);

/** Receiver estimated maximum bitrate: 18 bits of mantissa, 6 of exponent. */
function remb({ ReceiverEstimatedMaxBitrate, RtcpPayloadSpecificFeedback }, senderSsrc, ssrcFeedbacks, bitrate) {
  const brExp = Math.max(0, Math.ceil(Math.log2((bitrate + 1) / 2 ** 18)));
  const feedback = new ReceiverEstimatedMaxBitrate({
    senderSsrc,
    mediaSsrc: 0,
    ssrcNum: ssrcFeedbacks.length,
    brExp,
    brMantissa: Math.floor(bitrate / 2 ** brExp),
    ssrcFeedbacks,
  });
  return new RtcpPayloadSpecificFeedback({ feedback });
}

/** Nobody can be told before there is a connection, nor after. */
const send = (pc, packet) => pc.dtlsTransports[0]?.sendRtcp([packet]).catch(() => {});

/**
 * Each viewer gets a copy, because the sender writes its own numbers into it. A new source goes on where the last one was.
 * Answers whether the viewer can take what is sent.
 */
function forward({ RtpHeader, RtpPacket }, to, name, { header, payload }) {
  const { sender, codecs, headerExtensions } = to.transceiver;
  if (sender.codec?.name !== name) sender.codec = codecs.find((codec) => codec.name === name);
  if (!sender.codec) return false;
  const { version, padding, marker, payloadType, sequenceNumber, timestamp } = header;
  const hurry = headerExtensions.find(({ uri }) => uri === PLAYOUT_DELAY);
  const extensions = hurry ? [{ id: hurry.id, payload: AT_ONCE }] : [];
  const copy = new RtpHeader({ version, padding, marker, payloadType, sequenceNumber, timestamp, extensions });
  if (to.source !== header.ssrc) {
    sender.replaceRTP(copy, true);
    to.source = header.ssrc;
  }
  sender.sendRtp(new RtpPacket(copy, payload)).catch(() => {});
  return true;
}
