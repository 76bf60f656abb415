import { nextFrame } from '@open-wc/testing';
import type { OaMediaProducer } from '../../dist/components/media-producer/media-producer.js';
import { waitUntil } from './wait.js';

export type { OaMediaProducer };

/** A producer in the document that is removed, and has let go of its devices, when the test is over. */
export async function producer(markup = '<media-producer></media-producer>'): Promise<OaMediaProducer> {
  const place = document.createElement('div');
  place.innerHTML = markup;
  document.body.append(place);
  const element = place.querySelector<OaMediaProducer>('media-producer')!;
  places.push(place);
  await element.updateComplete;
  return element;
}

const places: Element[] = [];
const streams: MediaStream[] = [];
const answered: { restore: () => void }[] = [];

export async function tidy(): Promise<void> {
  for (const place of places.splice(0)) place.remove();
  for (const stream of streams.splice(0)) for (const track of stream.getTracks()) track.stop();
  document.documentElement.lang = 'en';
  // What a test that has failed would leave to all that follow.
  for (const calls of answered.splice(0).reverse()) calls.restore();
  await nextFrame();
}

/** A picture that the page owns. */
export function picture(): MediaStream {
  const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
  canvas.getContext('2d')!.fillRect(0, 0, 10, 10);
  const stream = canvas.captureStream(10);
  streams.push(stream);
  return stream;
}

export const part = <T extends HTMLElement = HTMLElement>(element: Element, name: string): T | null =>
  element.shadowRoot!.querySelector<T>(`[part~="${name}"]`);

/** The button as a person would name it. */
export function button(element: Element, name: string): HTMLButtonElement | undefined {
  const buttons = [...element.shadowRoot!.querySelectorAll('button')];
  return buttons.find((one) => one.querySelector('.label')?.textContent === name);
}

export const liveTracks = (tracks: readonly MediaStreamTrack[]) =>
  tracks.filter(({ readyState }) => readyState === 'live');

export async function reached(element: OaMediaProducer, state: string): Promise<void> {
  await waitUntil(() => element.state === state, `state ${state}`, { timeout: 10_000, interval: 20 });
  await element.updateComplete;
}

/** Lets `getUserMedia` answer as a test wants, and counts the calls. */
export function answerWith(answer: (real: () => Promise<MediaStream>) => Promise<MediaStream>): {
  count: number;
  restore: () => void;
} {
  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  const calls = {
    count: 0,
    restore: () => {
      devices.getUserMedia = real;
    },
  };
  answered.push(calls);
  devices.getUserMedia = (constraints) => {
    calls.count++;
    return answer(() => real(constraints));
  };
  return calls;
}

/** A picture from elsewhere that can end by itself, as shared screens do: browsers tell of that, and of `stop()` not. */
export async function endingPicture(): Promise<{ stream: MediaStream; end: () => Promise<void> }> {
  const near = new RTCPeerConnection();
  const far = new RTCPeerConnection();
  const source = picture();
  near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined);
  far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined);
  const agree = async () => {
    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription!);
    await far.setLocalDescription();
    await near.setRemoteDescription(far.localDescription!);
  };
  const arrived = new Promise<MediaStream>((resolve) => {
    far.ontrack = ({ track }) => resolve(new MediaStream([track]));
  });
  const transceiver = near.addTransceiver(source.getVideoTracks()[0]!, { direction: 'sendonly' });
  await agree();
  const stream = await arrived;
  return {
    stream,
    end: async () => {
      transceiver.stop();
      await agree();
      near.close();
      far.close();
    },
  };
}
