import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import type { FaultEvent, RecordedEvent, StateChangeEvent, TakeProgressEvent } from '../../dist/components/events.js';
import { CORE_PRODUCER } from '../../dist/components/shared/producer-link.js';
import { readRecording, RecordingStore } from '../../dist/core/record/index.js';
import {
  announced,
  codeOf,
  GIVEN,
  insert,
  live,
  part,
  PATIENCE,
  picture,
  place,
  playable,
  producer,
  reached,
  record,
  recordButton,
  recorded,
  recorder,
  tidy,
  type OaStreamRecorder,
  type OnAirError,
} from './stream-recorder-support.js';
import { wipe } from './recordings-support.js';
import { waitUntil } from './wait.js';

const CAMERA = '<media-producer width="640" height="480"><stream-recorder></stream-recorder></media-producer>';

afterEach(tidy);

describe('a stream-recorder that is there before anything is defined', () => {
  // Once for this page: what is defined stays defined.
  it('takes its attributes and properties, and its producer when that comes', async () => {
    await insert('<media-producer><stream-recorder format="webm" required></stream-recorder></media-producer>');
    const early = recorder();
    Object.assign(early, { recordingName: 'Early', disabled: true });
    await import('../../dist/define/stream-recorder.js');
    await early.updateComplete;
    expect([early.format, early.recordingName, early.disabled, early.required]).to.deep.equal([
      'webm',
      'Early',
      true,
      true,
    ]);
    expect(part('hint')!.textContent).to.contain('There is no producer to record');
    await import('../../dist/define/media-producer.js');
    await waitUntil(() => part('hint')!.textContent!.startsWith('There is nothing to record'), 'its producer is found');
  });
});

describe('stream-recorder', () => {
  it('records the camera, and each event comes after what it tells of can be read', async () => {
    const element = await insert(CAMERA);
    const told: string[] = [];
    element.addEventListener('oa-statechange', (event: StateChangeEvent) => {
      expect(element.state).to.equal(event.state);
      expect(element.matches(`:state(${event.state})`)).to.equal(true);
      told.push(`${event.previous} > ${event.state}`);
    });
    element.addEventListener('oa-recorded', (event: RecordedEvent) => {
      expect(element.recording).to.equal(event.recording);
      told.push('recorded');
    });
    element.addEventListener('oa-error', (event: FaultEvent) => void (event.fatal && told.push(event.code)));
    await producer().start();
    const recording = await record(element, 2);
    expect(told).to.deep.equal([
      'idle > starting',
      'starting > recording',
      'recording > finishing',
      'finishing > idle',
      'recorded',
    ]);
    expect(recording).to.equal(element.recording);
    expect(recording.state).to.equal('saved');
    expect(element.duration).to.equal(recording.duration);
    expect(element.duration).to.be.at.least(2);
    expect(element.size).to.equal(recording.size);
    expect(element.size).to.be.above(0);
    expect(element.error?.fatal).not.to.equal(true);
    const file = await recording.file();
    expect(file.size).to.equal(recording.size);
    expect(Math.abs((await playable(file)) - recording.duration)).to.be.below(0.25);
  });

  it('records a stream of the page, and tells what is in use', async () => {
    const element = await live();
    expect([element.activeEngine, element.activeFormat, element.guarantee]).to.deep.equal([null, null, null]);
    await element.start();
    expect(['webcodecs', 'mediarecorder']).to.include(element.activeEngine);
    expect(['webm', 'mp4']).to.include(element.activeFormat);
    expect(element.guarantee).to.include({ engine: element.activeEngine, format: element.activeFormat });
    await recorded(element, 1);
    const recording = await element.stop();
    expect(recording.mimeType).to.contain(`video/${element.activeFormat}`);
    expect(await playable(await recording.file())).to.be.above(0.8);
  });

  it('tells its progress once a second of media, to itself alone', async () => {
    const element = await live();
    const told: TakeProgressEvent[] = [];
    const heard: string[] = [];
    element.addEventListener('oa-progress', (event) => told.push(event));
    for (const type of ['oa-progress', 'oa-statechange']) place.addEventListener(type, () => heard.push(type));
    await record(element, 3);
    expect(told.length).to.be.within(3, 5);
    const durations = told.map(({ duration }) => duration);
    expect(durations).to.deep.equal(durations.toSorted((a, b) => a - b));
    expect(told.at(-1)!.size).to.be.above(0);
    expect(heard).to.deep.equal([]);
  });

  it('shows how long storage still takes', async () => {
    const element = await live();
    const told: TakeProgressEvent[] = [];
    element.addEventListener('oa-progress', (event) => told.push(event));
    await element.start();
    await waitUntil(() => part('left') !== null, 'what is left', PATIENCE);
    expect(part('left')!.textContent.trim()).to.match(/^(more than|about) \d+ (h|min|s) left$/);
    expect(told.at(-1)!.remaining).to.be.above(0);
    await element.stop();
    await element.updateComplete;
    expect(part('left') === null).to.equal(true);
  });

  it('lets ancestors hear what was recorded', async () => {
    const element = await live();
    const heard = oneEvent(document, 'oa-recorded') as Promise<RecordedEvent>;
    const recording = await record(element);
    expect((await heard).recording).to.equal(recording);
    expect((await heard).composed).to.equal(true);
  });

  it('pauses and resumes; time stands still meanwhile', async () => {
    const element = await live();
    await element.start();
    await recorded(element, 1);
    element.pause();
    await reached(element, 'paused');
    expect(part('status')!.textContent).to.equal('Paused');
    expect(announced()).to.equal('Recording is paused.');
    const { duration } = element;
    const since = performance.now();
    await waitUntil(() => performance.now() - since > 1200, 'a while', PATIENCE);
    element.resume();
    await reached(element, 'recording');
    expect(announced()).to.equal('Recording goes on.');
    await recorded(element, duration + 0.5);
    const recording = await element.stop();
    expect(recording.duration).to.be.below(duration + (performance.now() - since) / 1000 - 0.8);
  });

  it('does what it was told last, and its producer with it, before it could tell of what came first', async () => {
    const element = await live();
    await element.start();
    await recorded(element, 1);
    for (const one of [element, producer()]) {
      one.pause();
      one.resume();
      await recorded(element, element.duration + 0.8);
      one.pause();
      await reached(element, 'paused');
      one.resume();
      one.pause();
      const { duration } = element;
      const since = performance.now();
      await waitUntil(() => performance.now() - since > 1200, 'a while', PATIENCE);
      expect(element.state).to.equal('paused');
      expect(element.duration).to.be.below(duration + 0.5);
      one.resume();
      await reached(element, 'recording');
    }
    expect((await element.stop()).state).to.equal('saved');
  });

  it('pauses with its producer, and ends with it', async () => {
    const element = await live();
    await element.start();
    await recorded(element);
    producer().pause();
    await reached(element, 'paused');
    producer().resume();
    await reached(element, 'recording');
    const saved = oneEvent(element, 'oa-recorded') as Promise<RecordedEvent>;
    producer().stop();
    expect((await saved).recording.state).to.equal('saved');
  });

  it('answers the same recording to everyone who stops it', async () => {
    const element = await live();
    await element.start();
    await recorded(element);
    const [one, two] = await Promise.all([element.stop(), element.stop()]);
    expect(one).to.equal(two);
    expect(await codeOf(element.stop()), 'there is no take any more').to.equal('invalid-state');
  });

  it('keeps what was said in the first moment when it is stopped while it starts', async () => {
    const element = await live();
    void element.start();
    expect(element.state).to.equal('starting');
    const result = await element.stop().catch((error: OnAirError) => error.code);
    if (typeof result === 'string')
      expect(result, 'no picture came so soon').to.be.oneOf(['no-media', 'recording-damaged']);
    else expect(result.state).to.equal('saved');
  });

  it('leaves nothing of a take that is discarded', async () => {
    const element = await live();
    const before = await record(element);
    await element.start();
    await recorded(element);
    await element.discard();
    expect(element.state).to.equal('idle');
    expect(element.recording, 'what was saved before').to.equal(before);
    const store = new RecordingStore();
    const ids = (await store.refresh()).map(({ id }) => id);
    store.destroy();
    expect(ids).to.deep.equal([before.id]);
    await element.updateComplete;
    expect(announced()).to.equal('The take is discarded.');
  });

  it('leaves nothing of a take that is discarded while it is being finished', async () => {
    const element = await live();
    const discards: Record<string, () => Promise<unknown>> = {
      'right behind a stop': () => Promise.all([codeOf(element.stop()), element.discard()]),
      'as soon as it says so': async () => {
        const finishing = oneEvent(element, 'oa-statechange');
        const stopped = codeOf(element.stop());
        await finishing;
        expect(element.state).to.equal('finishing');
        return Promise.all([stopped, element.discard()]);
      },
    };
    for (const [when, discard] of Object.entries(discards)) {
      await element.start();
      await recorded(element, 1);
      expect(await discard(), when).to.deep.equal(['aborted', undefined]);
      expect([element.state, element.recording, element.error], when).to.deep.equal(['idle', null, null]);
      const store = new RecordingStore();
      expect(await store.refresh(), when).to.deep.equal([]);
      store.destroy();
      await element.updateComplete;
      expect(announced(), when).to.equal('The take is discarded.');
    }
  });

  it('ends by itself at max-duration', async () => {
    const element = await live(GIVEN.replace('<stream-recorder', '<stream-recorder max-duration="1"'));
    const saved = oneEvent(element, 'oa-recorded') as Promise<RecordedEvent>;
    await element.start();
    await element.updateComplete;
    expect(part('time')!.textContent!.replace(/\s+/g, ' ').trim()).to.match(/^0:0\d \/ 0:01$/);
    expect((await saved).recording.duration).to.be.within(1, 2.5);
    // As it comes from a form; and a bound that is none is not shown.
    for (const [limit, shown] of [
      ['90', /^0:0\d \/ 1:30$/],
      [Infinity, /^0:0\d$/],
    ] as const) {
      Object.assign(element, { maxDuration: limit });
      await element.start();
      await element.updateComplete;
      expect(part('time')!.textContent!.replace(/\s+/g, ' ').trim()).to.match(shown);
      await element.discard();
    }
  });

  it('shows that what it saved is gone, when somebody asks for it', async () => {
    const element = await live();
    await record(element);
    await element.updateComplete;
    await wipe();
    const told = oneEvent(element, 'oa-error') as Promise<Event> as Promise<FaultEvent>;
    part('download-button')!.click();
    expect((await told).code).to.equal('recording-missing');
    await element.updateComplete;
    expect(element.error!.code).to.equal('recording-missing');
    expect(part('error')!.textContent).to.contain('This recording is no longer there.');
    await element.start();
    await element.updateComplete;
    expect([element.error, part('error')]).to.deep.equal([null, null]);
  });

  it('listens for nothing any more when it was removed during a take', async () => {
    const listening = new Set<BroadcastChannel>();
    const { BroadcastChannel: Channel } = globalThis;
    globalThis.BroadcastChannel = class extends Channel {
      constructor(name: string) {
        super(name);
        listening.add(this);
      }
      override close(): void {
        listening.delete(this);
        super.close();
      }
    };
    try {
      const element = await live();
      await element.start();
      await recorded(element);
      const saved = oneEvent(element, 'oa-recorded') as Promise<RecordedEvent>;
      element.remove();
      await saved;
      await element.updateComplete;
      expect(listening.size).to.equal(0);
      producer().append(element);
      await element.updateComplete;
      expect(listening.size, 'its file may be removed').to.equal(1);
      element.remove();
      expect(listening.size).to.equal(0);
    } finally {
      globalThis.BroadcastChannel = Channel;
    }
  });

  it('starts by itself when its producer is live, once each time', async () => {
    const element = await insert(GIVEN.replace('<stream-recorder', '<stream-recorder autostart'));
    const stream = picture();
    producer().srcObject = stream;
    await reached(element, 'recording');
    await recorded(element);
    await element.stop();
    producer().pause();
    producer().resume();
    // What else a producer tells is no new beginning.
    producer()[CORE_PRODUCER].store.set({ network: 0.5 });
    await element.updateComplete;
    expect(element.state, 'not after a stop').to.equal('idle');
    producer().stop();
    producer().srcObject = null;
    producer().srcObject = stream;
    await reached(element, 'recording');
  });

  it('names and files the recording as the page wants', async () => {
    const element = await live(
      GIVEN.replace('<stream-recorder', '<stream-recorder recording-name="Take / one" collection="tests"'),
    );
    const { name, collection } = await record(element);
    expect([name, collection]).to.deep.equal(['Take / one', 'tests']);
    const mine = new RecordingStore({ collection: '' });
    expect(await mine.refresh()).to.deep.equal([]);
    mine.destroy();
  });

  it('uses the engine that the page asks for', async () => {
    const element = await live(GIVEN.replace('<stream-recorder', '<stream-recorder engine="mediarecorder"'));
    const recording = await record(element, 1);
    expect(element.activeEngine).to.equal('mediarecorder');
    expect(await playable(await recording.file())).to.be.above(0.8);
  });

  it('finds its producer by for and by property, element or core', async () => {
    await insert('<media-producer id="p"></media-producer><stream-recorder for="p"></stream-recorder>');
    producer().srcObject = picture();
    expect((await record(recorder())).state).to.equal('saved');

    const byElement = document.createElement('stream-recorder') as unknown as OaStreamRecorder;
    place.append(byElement);
    byElement.producer = producer();
    expect((await record(byElement)).state, 'set in the same task').to.equal('saved');

    byElement.producer = producer()[CORE_PRODUCER];
    expect((await record(byElement)).state).to.equal('saved');
    byElement.producer = null;
    expect(await codeOf(byElement.start())).to.equal('no-source');
  });

  it('goes on when it is moved, and keeps its take', async () => {
    const element = await live(`${GIVEN}<section></section>`);
    await element.start();
    await recorded(element);
    place.querySelector('section')!.append(element);
    await nextFrame();
    expect(element.state).to.equal('recording');
    producer().append(element);
    const { duration } = element;
    await recorded(element, duration + 1);
    expect((await element.stop()).state).to.equal('saved');
  });

  it('finishes and keeps its take when it is removed for good', async () => {
    const element = await live();
    await element.start();
    await recorded(element);
    element.remove();
    await waitUntil(() => element.recording, 'the take is kept', PATIENCE);
    const { id } = element.recording!;
    expect((await readRecording(id)).state).to.equal('saved');
    producer().append(element);
    expect((await record(element)).id, 'it records again').not.to.equal(id);
  });

  it('says what is missing, on the button and in place, as an event and as a property', async () => {
    const element = await insert(GIVEN);
    expect(recordButton().getAttribute('aria-disabled')).to.equal('true');
    expect(recordButton().getAttribute('aria-describedby')).to.equal('hint');
    recordButton().click();
    await element.updateComplete;
    expect(element.state, 'a press explains, and starts nothing').to.equal('idle');
    expect(announced()).to.equal(part('hint')!.textContent);

    const heard = oneEvent(place, 'oa-error') as Promise<FaultEvent>;
    expect(await codeOf(element.start())).to.equal('no-source');
    const event = await heard;
    expect([event.code, event.fatal, event.source]).to.deep.equal(['no-source', true, element]);
    expect(element.error).to.equal(event.error);
    expect(element.matches(':state(failed)')).to.equal(true);
    await element.updateComplete;
    expect(part('error')!.textContent!.trim()).to.equal(event.message);

    producer().srcObject = picture();
    await element.updateComplete;
    expect(part('error'), 'it is there now').to.equal(null);
    expect(recordButton().hasAttribute('aria-disabled')).to.equal(false);
    expect((await record(element)).state).to.equal('saved');
  });

  it('says what is promised, and what is not', async () => {
    const element = await live();
    expect(part('guarantee')).to.equal(null);
    await element.start();
    await element.updateComplete;
    const promised = part('guarantee') as HTMLDetailsElement;
    expect(promised.querySelector('summary')!.textContent).to.contain('A crash costs at most 1\u00a0s');
    expect(promised.querySelectorAll('li').length).to.equal(element.guarantee!.caveats.length + 2);
    await recorded(element);
    await element.stop();
    await element.updateComplete;
    expect(part('guarantee')).to.equal(null);
  });
});
