import { oneEvent } from '@open-wc/testing';
import type { OaMediaProducer } from '../../dist/components/media-producer/media-producer.js';
import type { OaStreamRecorder } from '../../dist/components/stream-recorder/stream-recorder.js';
import type { OnAirError } from '../../dist/core/index.js';
import { RecordingStore, type Recording } from '../../dist/core/record/index.js';
import { waitUntil } from './wait.js';
import { movingPicture } from './picture.js';

export type { OaMediaProducer, OaStreamRecorder, OnAirError };

export const GIVEN = '<media-producer><stream-recorder></stream-recorder></media-producer>';
export const PATIENCE = { timeout: 15_000, interval: 20 };

/** Holds what the running test has put into the document. */
export let place: HTMLElement;
const letGo: (() => void)[] = [];

export const recorder = () => place.querySelector<OaStreamRecorder>('stream-recorder')!;
export const producer = () => place.querySelector<OaMediaProducer>('media-producer')!;
export const part = (name: string) => recorder().shadowRoot!.querySelector<HTMLElement>(`[part~="${name}"]`);
export const recordButton = () => part('record-button') as HTMLButtonElement;
export const announced = () => recorder().shadowRoot!.querySelector('[role=status]')!.textContent;

export async function insert(markup: string): Promise<OaStreamRecorder> {
  place = document.createElement('div');
  place.innerHTML = markup;
  document.body.append(place);
  await recorder()?.updateComplete;
  return recorder();
}

export function picture(): MediaStream {
  const { stream, end } = movingPicture();
  letGo.push(end);
  return stream;
}

/** A recorder whose producer has a picture of the page. */
export async function live(markup = GIVEN): Promise<OaStreamRecorder> {
  const element = await insert(markup);
  producer().srcObject = picture();
  await element.updateComplete;
  return element;
}

export async function reached(element: OaStreamRecorder, state: string): Promise<void> {
  await waitUntil(() => element.state === state, `state ${state}`, PATIENCE);
  await element.updateComplete;
}

/** Until there are media in the take, and so many seconds of them: it tells of its first ones, and of each whole second. */
export const recorded = (element: OaStreamRecorder, seconds = 0) =>
  waitUntil(() => element.duration > 0 && element.duration >= seconds, `${seconds} s of media`, PATIENCE);

export async function record(element: OaStreamRecorder, seconds = 0): Promise<Recording> {
  await element.start();
  await recorded(element, seconds);
  return element.stop();
}

/** Duration as a player sees it. */
export async function playable(file: Blob): Promise<number> {
  const video = document.createElement('video');
  video.src = URL.createObjectURL(file);
  await oneEvent(video, 'loadedmetadata');
  URL.revokeObjectURL(video.src);
  return video.duration;
}

export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: OnAirError) => error.code,
  );

/** Nothing of a test stays, on the page or on disk. */
export async function tidy(): Promise<void> {
  const elements = [...place.querySelectorAll<OaStreamRecorder>('stream-recorder')];
  await Promise.all(elements.map((element) => element.discard()));
  place.remove();
  for (const end of letGo.splice(0)) end();
  document.documentElement.lang = 'en';
  const store = new RecordingStore();
  for (const { id } of await store.refresh()) await store.remove(id);
  store.destroy();
}
