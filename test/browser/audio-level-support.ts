import { expect, nextFrame } from '@open-wc/testing';
import type { OaAudioLevel } from '../../dist/components/audio-level/audio-level.js';
import { waitUntil } from './wait.js';

export type { OaAudioLevel };

const places: Element[] = [];
const contexts: AudioContext[] = [];
const connections: RTCPeerConnection[] = [];
const urls: string[] = [];

/** What is in the document until the test is over; above all else there, where it can be seen, and so is drawn. */
export function place(markup: string): HTMLElement {
  const made = document.createElement('div');
  made.innerHTML = markup;
  places.push(made);
  document.body.prepend(made);
  return made;
}

export async function level(markup = '<audio-level></audio-level>'): Promise<OaAudioLevel> {
  const element = place(markup).querySelector<OaAudioLevel>('audio-level')!;
  await element.updateComplete;
  return element;
}

export async function tidy(): Promise<void> {
  for (const made of places.splice(0)) made.remove();
  await Promise.all(contexts.splice(0).map((made) => made.close().catch(() => {})));
  for (const made of connections.splice(0)) made.close();
  for (const url of urls.splice(0)) URL.revokeObjectURL(url);
  await nextFrame();
}

export function context(): AudioContext {
  const made = new AudioContext();
  contexts.push(made);
  return made;
}

export interface Tone {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  readonly gain: AudioParam;
}

/** A sine in a stream; `amplitude` 0 is nothing but zeros. */
export function tone(amplitude = 0.5): Tone {
  const from = context();
  const oscillator = new OscillatorNode(from, { frequency: 997 });
  const gain = new GainNode(from, { gain: amplitude });
  const to = new MediaStreamAudioDestinationNode(from);
  oscillator.connect(gain).connect(to);
  oscillator.start();
  return { stream: to.stream, track: to.stream.getAudioTracks()[0]!, gain: gain.gain };
}

/**
 * Lets the element hear seconds of a tone of 1 kHz, faster than they last; one channel for each level (dBFS). The context
 * does not run before and after, which the element says.
 */
export async function hear(element: OaAudioLevel, seconds: number, ...dBFS: number[]): Promise<void> {
  const offline = new OfflineAudioContext(dBFS.length, seconds * 48_000, 48_000);
  const oscillator = new OscillatorNode(offline, { frequency: 1000 });
  const merger = new ChannelMergerNode(offline, { numberOfInputs: dBFS.length });
  dBFS.forEach((decibels, channel) => {
    const gain = new GainNode(offline, { gain: 10 ** (decibels / 20) });
    oscillator.connect(gain).connect(merger, 0, channel);
  });
  oscillator.start();
  element.connectNode(merger);
  await reached(element, 'suspended');
  // It renders all in one go: what the audio thread has not heard by then it hears at the end.
  await waitUntil(() => element.levels, 'the audio thread listens');
  await offline.startRendering();
  await waitUntil(() => (element.levels?.time ?? 0) > seconds - 0.1, 'all of it was heard');
  await element.updateComplete;
  await shown(element);
}

/** Resolves when what was measured last is drawn: values follow up to a second behind it, unless something else changes. */
export async function shown(element: OaAudioLevel): Promise<void> {
  await waitUntil(() => all(element, '.number').some((number) => textOf(number) !== '–'), 'values are shown');
  element.requestUpdate();
  await element.updateComplete;
  for (let frame = 0; frame < 3; frame++) await nextFrame();
}

export const reached = (element: OaAudioLevel, state: string) =>
  waitUntil(() => element.state === state, `state ${state}`, { timeout: 15_000, interval: 20 });

/** Sound is heard, and loud. */
export const loud = (element: OaAudioLevel) =>
  waitUntil(() => element.levels?.channels.some(({ rms }) => rms > -40), 'sound', { timeout: 15_000, interval: 20 });

export const timeOf = (element: OaAudioLevel) => element.levels?.time ?? 0;
export const rmsOf = (element: OaAudioLevel) => element.levels?.channels[0]?.rms ?? -Infinity;
export const textOf = (node: Element) => node.textContent.replace(/\s+/g, ' ').trim();
export const all = <E extends HTMLElement = HTMLElement>(element: Element, selector: string): E[] => [
  ...element.shadowRoot!.querySelectorAll<E>(selector),
];
export const part = <E extends HTMLElement = HTMLElement>(element: Element, name: string): E | undefined =>
  all<E>(element, `[part~="${name}"]`)[0];
export const announced = (element: Element) => textOf(all(element, '[role="status"]')[0]!);
export const nameOf = (button: HTMLElement) => button.ariaLabel ?? textOf(button);
export const button = (element: Element, name: string) =>
  all<HTMLButtonElement>(element, 'button').find((one) => nameOf(one) === name);

/** What is written, by what it is called to the ear: `{ 'Momentary loudness': '−23.0 LUFS' }`. */
export const values = (element: Element): Record<string, string> =>
  Object.fromEntries(
    all(element, 'dl > div').map((row) => [
      textOf(row.querySelector('dt .unseen')!),
      textOf(row.querySelector('.value')!).replace(
        / not yet stable$/,
        row.querySelector('.note:not([hidden])') ? '$&' : '',
      ),
    ]),
  );

type Pixel = readonly [red: number, green: number, blue: number, opacity: number];

/** What is painted over a bar, pixel by pixel from its foot. */
export function coverOf(element: Element, index = 0): Pixel[] {
  const cover = all<HTMLCanvasElement>(element, '.cover')[0]!;
  const bar = all(element, '.bar')[index]!;
  const [frame, box] = [cover.getBoundingClientRect(), bar.getBoundingClientRect()];
  const pixel = cover.width / frame.width;
  const [x, y, width, height] = [
    box.left + bar.clientLeft - frame.left,
    box.top + bar.clientTop - frame.top,
    box.width - 2 * bar.clientLeft,
    box.height - 2 * bar.clientTop,
  ].map((size) => Math.round(size * pixel)) as [number, number, number, number];
  // What was not displayed has no pixels yet.
  if (cover.width === 0) return [];
  const vertical = height > width;
  const context = cover.getContext('2d')!;
  const { data } = vertical
    ? context.getImageData(x + (width >> 1), y, 1, height)
    : context.getImageData(x, y + (height >> 1), width, 1);
  const pixels = Array.from({ length: data.length / 4 }, (_, i) => [...data.slice(4 * i, 4 * i + 4)] as never as Pixel);
  return vertical ? pixels.reverse() : pixels;
}

/** A colour as it is painted. */
function painted(color: string): Pixel {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')!;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data] as never as Pixel;
}

/** What the pixels of a bar are: its own, covered, or a mark with its rims. */
function readBar(element: Element, index: number): ('bar' | 'cover' | 'mark')[] {
  const { color, borderTopColor, borderLeftColor } = getComputedStyle(all(element, '.cover')[0]!);
  const [none, line, rim] = [color, borderTopColor, borderLeftColor].map((one) => painted(one).join());
  return coverOf(element, index).map((pixel) => {
    const seen = pixel.join();
    if (seen === none) return 'cover';
    if (seen === line || seen === rim) return 'mark';
    expect(pixel[3], `${seen} is neither ${none}, ${line} nor ${rim}`).to.equal(0);
    return 'bar';
  });
}

/** Where the mark of the highest stands in a bar, 0 to 1, as it is painted; null for none. One rim lies outside at both ends. */
export function holdOf(element: Element, index = 0): number | null {
  const seen = readBar(element, index);
  const [first, last] = [seen.indexOf('mark'), seen.lastIndexOf('mark')];
  if (first < 0) return null;
  // Of four pixels those on the outside may be cut off.
  const foot = last === seen.length - 1 ? first : last - 3;
  return (foot + 1) / (seen.length - 2);
}

/** How long a bar is, 0 to 1, as it is painted; what is covered is covered to its end. */
export function lengthOf(element: Element, index = 0): number {
  const seen = readBar(element, index);
  const from = seen.indexOf('cover');
  if (from < 0) return 1;
  expect(seen.slice(from).includes('bar'), 'covered to its end').to.equal(false);
  // Of a bar that is as long as its mark the end is under that.
  return seen[from - 1] === 'mark' ? holdOf(element, index)! : from / seen.length;
}

/**
 * Sends a track to this very page; the browser itself mutes and unmutes what arrives, when the direction of it is another.
 * Resolves once it is heard.
 */
export async function connection(sent: MediaStreamTrack) {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  connections.push(from, to);
  from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined);
  to.onicecandidate = ({ candidate }) => void from.addIceCandidate(candidate ?? undefined);
  const sender = from.addTransceiver(sent, { direction: 'sendonly' });
  const negotiate = async () => {
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription!);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription!);
  };
  await negotiate();
  const { track } = to.getReceivers()[0]!;
  await waitUntil(() => !track.muted, 'what is sent arrives');
  return {
    track,
    direct: async (direction: RTCRtpTransceiverDirection) => {
      sender.direction = direction;
      await negotiate();
    },
  };
}

/** Counts how often bars are painted, and how many pixels of their lengths, until it is stopped. */
export function watchCovers() {
  const { prototype } = CanvasRenderingContext2D;
  const { clearRect } = prototype;
  const covers = { painted: 0, pixels: 0, stop: () => void (prototype.clearRect = clearRect) };
  // What is painted is cleared first.
  prototype.clearRect = function (x, y, width, height) {
    covers.painted++;
    covers.pixels += width;
    clearRect.call(this, x, y, width, height);
  };
  return covers;
}

/** Counts the frames that are asked for, and those that have not come yet at one time, until it is stopped. */
export function watchFrames() {
  const { requestAnimationFrame: real } = window;
  const frames = { asked: 0, waiting: 0, most: 0, stop: () => void (window.requestAnimationFrame = real) };
  window.requestAnimationFrame = (callback) => {
    frames.asked++;
    frames.most = Math.max(frames.most, ++frames.waiting);
    return real((now) => {
      frames.waiting--;
      callback(now);
    });
  };
  return frames;
}

/** A sound file of a sine, as an address. */
export function soundFile(seconds: number, amplitude = 0.5, sampleRate = 48_000): string {
  const frames = seconds * sampleRate;
  const view = new DataView(new ArrayBuffer(44 + frames * 2));
  const write = (at: number, text: string) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  write(0, 'RIFF');
  view.setUint32(4, 36 + frames * 2, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, 'data');
  view.setUint32(40, frames * 2, true);
  for (let i = 0; i < frames; i++)
    view.setInt16(44 + i * 2, Math.round(32_767 * amplitude * Math.sin((2 * Math.PI * 997 * i) / sampleRate)), true);
  const url = URL.createObjectURL(new Blob([view.buffer], { type: 'audio/wav' }));
  urls.push(url);
  return url;
}
