import { LADDER, type QualityLevel } from '../quality/index.js';
import type { PublisherSettings } from './settings.js';

type Caps = Pick<PublisherSettings, 'maxBitrate' | 'maxFrameRate' | 'simulcast'>;

/** The whole picture first: it is what stays where a server wants only one. Shares are of the bitrate. */
const LAYERS = [
  { rid: 'f', scale: 1, share: 0.7 },
  { rid: 'h', scale: 2, share: 0.23 },
  { rid: 'q', scale: 4, share: 0.07 },
] as const;
const WHOLE = { scale: 1, share: 1 } as const;

const BOUNDS = ['scaleResolutionDownBy', 'maxBitrate', 'maxFramerate'] as const;

/** What one layer of the picture may be. */
function limits({ maxBitrate, maxFrameRate }: Caps, layer: { scale: number; share: number }, quality: QualityLevel) {
  return {
    scaleResolutionDownBy: layer.scale / quality.size,
    ...(maxBitrate === null ? {} : { maxBitrate: Math.round(maxBitrate * layer.share * quality.bitrate) }),
    ...(maxFrameRate === null ? {} : { maxFramerate: maxFrameRate * quality.frameRate }),
  };
}

/** Codecs in another order: those of that name first, whatever their parameters are. Null where there are none. */
export function preferring<C extends { readonly mimeType: string }>(codecs: readonly C[], name: string): C[] | null {
  const is = ({ mimeType }: C) => mimeType.toLowerCase().endsWith(`/${name.toLowerCase()}`);
  return codecs.some(is) ? [...new Set([...codecs.filter(is), ...codecs])] : null;
}

/** Sends one track of each kind at most, of a stream of its own. Tracks are only read. */
export function addSenders(
  connection: RTCPeerConnection,
  tracks: readonly MediaStreamTrack[],
  settings: Caps & Pick<PublisherSettings, 'codec'>,
  codecs: readonly RTCRtpCodec[],
): void {
  const streams = [new MediaStream()];
  for (const kind of ['audio', 'video'] as const) {
    const track = tracks.find((one) => one.kind === kind);
    if (!track) continue;
    const layers = settings.simulcast ? LAYERS : [WHOLE];
    const sendEncodings = layers.map(({ scale, share, ...rid }) => ({
      ...rid,
      ...limits(settings, { scale, share }, LADDER[0]!),
    }));
    const transceiver = connection.addTransceiver(track, {
      direction: 'sendonly',
      streams,
      ...(kind === 'video' ? { sendEncodings } : {}),
    });
    const order = kind === 'video' ? preferring(codecs, settings.codec) : null;
    try {
      if (order) transceiver.setCodecPreferences(order);
    } catch {
      // Nor where it is missing: a preference is no condition.
    }
  }
}

const pending = new WeakMap<RTCRtpSender, Promise<unknown>>();

/** Bounds what is sent, from now on. Of a server that takes one layer only that one is left, and it gets all. */
export async function limitSenders(connection: RTCPeerConnection, caps: Caps, quality: QualityLevel): Promise<void> {
  const sender = connection.getSenders().find(({ track }) => track?.kind === 'video');
  if (!sender) return;
  // What was got has to be set before it is got again.
  const set = (pending.get(sender) ?? Promise.resolve()).then(async () => {
    const parameters = sender.getParameters();
    let changed = false;
    for (const encoding of parameters.encodings) {
      const layer = parameters.encodings.length > 1 ? LAYERS.find(({ rid }) => rid === encoding.rid) : WHOLE;
      const wanted: RTCRtpEncodingParameters = limits(caps, layer ?? WHOLE, quality);
      for (const bound of BOUNDS) {
        if (encoding[bound] === wanted[bound]) continue;
        changed = true;
        delete encoding[bound];
        if (wanted[bound] !== undefined) encoding[bound] = wanted[bound];
      }
    }
    // The encoder begins anew with what is the same, too.
    if (changed) await sender.setParameters(parameters);
  });
  // A connection that has ended meanwhile needs no bounds.
  pending.set(
    sender,
    set.catch(() => {}),
  );
  await pending.get(sender);
}

/** Puts other tracks in the place of those that are sent; says whether that could be done. */
export async function replaceTracks(
  connection: RTCPeerConnection,
  tracks: readonly MediaStreamTrack[],
): Promise<boolean> {
  const senders = connection.getTransceivers().map(({ sender, receiver }) => ({ sender, kind: receiver.track.kind }));
  // A server is told of a medium by an offer, and by nothing else.
  if (tracks.some(({ kind }) => !senders.some((one) => one.kind === kind))) return false;
  try {
    await Promise.all(
      senders.map(async ({ sender, kind }) => {
        const track = tracks.find((one) => one.kind === kind) ?? null;
        if (sender.track !== track) await sender.replaceTrack(track);
      }),
    );
    return true;
  } catch {
    return false;
  }
}

const HINTS = { video: ['motion', 'detail', 'text'], audio: ['speech', 'speech-recognition', 'music'] };

/**
 * Says of tracks what they are, where nobody has, and takes that back of those that are not sent any more.
 * @param hinted those of which it was said; kept here
 */
export function hint(tracks: readonly MediaStreamTrack[], hints: string, hinted: Set<MediaStreamTrack>): void {
  for (const track of hinted) {
    if (tracks.includes(track)) continue;
    track.contentHint = '';
    hinted.delete(track);
  }
  for (const track of tracks) {
    const known = HINTS[track.kind as keyof typeof HINTS];
    const said = hints.split(/\s+/).find((word) => known.includes(word));
    if (said === undefined || track.contentHint !== '') continue;
    track.contentHint = said;
    hinted.add(track);
  }
}
