import datachannel, { type Track } from 'node-datachannel';
import type { openPeer } from '../../demo/server/peer.mjs';
import { Refusal } from '../../demo/server/limits.mjs';
import { eventually, parseRtp } from './rtc-client.js';

/** libdatachannel behind the HTTP of the embedded server, in place of werift; for publishers only. */
export const openDatachannelPeer: typeof openPeer = async ({ offer, bitrate, onConnection, onHeard, onRtp }) => {
  const pc = new datachannel.PeerConnection('server', { iceServers: [], disableAutoNegotiation: true });
  const tracks: Track[] = [];
  const picture = /VP8\/90000/.test(offer) ? 'VP8' : 'H264';
  pc.onStateChange((state) => onConnection(state));
  pc.onTrack((track) => {
    tracks.push(track);
    const kind = track.type() as 'audio' | 'video';
    track.setMediaHandler(new datachannel.RtcpReceivingSession());
    track.onOpen(() => track.requestBitrate(bitrate()));
    track.onMessage((packet) => {
      onHeard();
      const rtp = parseRtp(packet);
      if (rtp) onRtp({ kind, codec: kind === 'audio' ? 'opus' : picture, layer: '', rtp });
    });
  });
  pc.setRemoteDescription(offer, 'offer');
  pc.setLocalDescription('answer');
  await eventually(() => pc.gatheringState() === 'complete');
  return {
    answer: pc.localDescription()!.sdp,
    addCandidate: async ({ candidate, mid }) => pc.addRemoteCandidate(candidate, mid ?? '0'),
    restart: async () => {
      throw new Refusal(422, 'libdatachannel does not restart ICE.');
    },
    askKeyFrame: () => tracks.forEach((track) => track.isOpen() && track.requestKeyframe()),
    silence: () => {},
    close: async () => pc.close(),
  };
};
