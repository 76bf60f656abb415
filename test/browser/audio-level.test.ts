import { aTimeout, expect, oneEvent } from '@open-wc/testing';
import { ClipEvent, SilenceEvent, StateChangeEvent } from '../../dist/components/events.js';
import type { OaMediaProducer } from '../../dist/components/media-producer/media-producer.js';
import { configureMessages } from '../../dist/core/messages.js';
import '../../dist/define/audio-level.js';
import {
  all,
  announced,
  button,
  connection,
  context,
  hear,
  holdOf,
  lengthOf,
  level,
  loud,
  part,
  place,
  reached,
  rmsOf,
  shown,
  textOf,
  tidy,
  timeOf,
  tone,
  values,
  type OaAudioLevel,
} from './audio-level-support.js';
import { hangAudio } from './hang-audio.js';
import { virtualDevices } from './virtual-devices.js';
import { waitUntil } from './wait.js';

afterEach(tidy);

describe('audio-level, before its producer is defined', () => {
  // Once for this page: what is defined stays defined.
  it('says what it is for, and finds the producer when that is defined', async () => {
    const root = place('<media-producer video="none"><audio-level></audio-level></media-producer>');
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    await element.updateComplete;
    expect(element.state).to.equal('idle');
    expect(element.levels).to.equal(null);
    expect(textOf(part(element, 'hint')!)).to.match(/^There is nothing to meter\. Put this element into/);
    await import('../../dist/define/media-producer.js');
    await waitUntil(() => textOf(part(element, 'hint')!).startsWith('The level is shown as soon as'), 'the producer');
    await root.querySelector('media-producer')!.start();
    await reached(element, 'running');
  });
});

describe('what audio-level meters', () => {
  it('is the sound of the producer that it is in, from start to end, and the last levels stay', async () => {
    const root = place('<media-producer video="none"><audio-level></audio-level></media-producer>');
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    const producer = root.querySelector<OaMediaProducer>('media-producer')!;
    await producer.start();
    await reached(element, 'running');
    await loud(element);
    expect(element.levels).to.be.frozen;
    producer.pause();
    await reached(element, 'muted');
    await element.updateComplete;
    expect(textOf(part(element, 'flags')!)).to.contain('Muted');
    expect(announced(element)).to.equal('Audio level: muted.');
    producer.resume();
    await reached(element, 'running');
    producer.stop();
    await reached(element, 'ended');
    expect(element.levels).to.not.equal(null);
    await producer.start();
    await reached(element, 'running');
  });

  it('is the sound of the producer that `for` names, or `producer` is', async () => {
    const root = place(`<media-producer id="p" video="none"></media-producer>
      <audio-level for="p"></audio-level><audio-level></audio-level>`);
    const producer = root.querySelector<OaMediaProducer>('media-producer')!;
    const [byId, byProperty] = root.querySelectorAll<OaAudioLevel>('audio-level');
    byProperty!.producer = producer;
    await producer.start();
    await Promise.all([reached(byId!, 'running'), reached(byProperty!, 'running')]);
    await Promise.all([loud(byId!), loud(byProperty!)]);
  });

  it('is a stream that it is given, whatever it is in, until that is taken back', async () => {
    const root = place('<media-producer video="none"><audio-level></audio-level></media-producer>');
    const element = root.querySelector<OaAudioLevel>('audio-level')!;
    const { stream } = tone(0.5);
    element.srcObject = stream;
    expect(element.srcObject).to.equal(stream);
    await reached(element, 'running');
    await waitUntil(() => rmsOf(element) > -9.5, 'the tone');
    expect(rmsOf(element)).to.be.closeTo(-9, 0.5);
    element.srcObject = null;
    expect(element.srcObject).to.equal(null);
    await reached(element, 'ended');
    await root.querySelector('media-producer')!.start();
    await reached(element, 'running');
  });

  it('is a node of the page, in its own context, which stays as it is', async () => {
    const element = await level();
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    element.connectNode(source);
    expect(element.srcObject).to.equal(null);
    await reached(element, 'running');
    await waitUntil(() => rmsOf(element) > -6.5, 'the sound');
    element.remove();
    await reached(element, 'idle');
    expect(own.state).to.equal('running');
  });

  it('is said to have no sound where a source has none', async () => {
    const element = await level();
    element.srcObject = new MediaStream();
    await reached(element, 'ended');
    await element.updateComplete;
    expect(textOf(part(element, 'hint')!)).to.equal('This source has no sound.');
    const root = place('<media-producer audio="none"><audio-level></audio-level></media-producer>');
    await root.querySelector('media-producer')!.start();
    const inside = root.querySelector<OaAudioLevel>('audio-level')!;
    await inside.updateComplete;
    expect([inside.state, textOf(part(inside, 'hint')!)]).to.deep.equal(['idle', 'This source has no sound.']);
  });

  it('is not said to have ended where it never had a sound, nor to be measured again with the first', async () => {
    const element = await level();
    const told: string[] = [];
    const observer = new MutationObserver(() => told.push(announced(element)));
    observer.observe(all(element, '[role="status"]')[0]!, { childList: true, subtree: true });
    const stream = new MediaStream();
    element.srcObject = stream;
    await reached(element, 'ended');
    await element.updateComplete;
    expect(textOf(part(element, 'flags')!)).to.equal('');
    const { track } = tone();
    stream.addTrack(track);
    await loud(element);
    stream.removeTrack(track);
    await reached(element, 'ended');
    await waitUntil(() => told.at(-1) === 'Audio level: the sound has ended.', 'the end of what was heard');
    expect(textOf(part(element, 'flags')!)).to.equal('Ended');
    observer.disconnect();
    expect(told).to.deep.equal(['Audio level: the sound has ended.']);
  });

  it('goes on with another microphone in the place of one, and what was measured stays', async () => {
    const devices = virtualDevices(['Desk Camera'], ['Desk Microphone', 'Clip Microphone']);
    try {
      const root = place(`<media-producer video="none" audio-device="Desk Microphone">
        <audio-level></audio-level></media-producer>`);
      const [producer, element] = [
        root.querySelector('media-producer')!,
        root.querySelector<OaAudioLevel>('audio-level')!,
      ];
      await producer.start();
      await waitUntil(() => element.levels && element.levels.time > 0.5, 'levels');
      const states: string[] = [];
      element.addEventListener('oa-statechange', ({ state }) => states.push(state));
      const { time } = element.levels!;
      await producer.switchDevice('audio', 'Clip Microphone');
      await waitUntil(() => element.levels!.time > time + 0.5, 'more');
      expect(states).to.deep.equal([]);
    } finally {
      await tidy();
      devices.restore();
    }
  });

  it('another source begins anew', async () => {
    const element = await level();
    element.srcObject = tone(1.2).stream;
    await waitUntil(() => (element.levels?.clips ?? 0) > 20, 'clips');
    element.srcObject = tone(0.1).stream;
    await waitUntil(() => element.levels?.channels.some(({ rms }) => rms < -20 && rms > -40), 'the other');
    expect(element.levels!.clips).to.equal(0);
  });
});

describe('the states of audio-level', () => {
  it('are told by an event that does not bubble, by a property and by `:state()`', async () => {
    const element = await level();
    const states: string[] = [];
    const outside: Event[] = [];
    element.addEventListener('oa-statechange', (event) => {
      expect(event).to.be.instanceOf(StateChangeEvent);
      expect(event.state).to.equal(element.state);
      states.push(`${event.previous} > ${event.state}`);
    });
    element.parentElement!.addEventListener('oa-statechange', (event) => outside.push(event));
    const { stream, track } = tone();
    element.srcObject = stream;
    await reached(element, 'running');
    expect(element.matches(':state(running)')).to.equal(true);
    expect(element.matches(':state(idle)')).to.equal(false);
    track.enabled = false;
    await reached(element, 'muted');
    track.enabled = true;
    await reached(element, 'running');
    track.stop();
    await reached(element, 'ended');
    // A busy machine may take its time to let sound in, which is told.
    const [first, ...rest] = states.slice(states.findIndex((told) => told.endsWith('> running')));
    expect([states[0], rest]).to.deep.equal([
      'idle > starting',
      ['running > muted', 'muted > running', 'running > ended'],
    ]);
    expect(first).to.match(/^(starting|suspended) > running$/);
    expect(outside.length).to.equal(0);
  });

  it('say politely what happened, and nothing while levels move', async () => {
    const element = await level('<audio-level label="Desk"></audio-level>');
    const region = element.shadowRoot!.querySelector('[role="status"]')!;
    const { stream, track } = tone();
    element.srcObject = stream;
    await reached(element, 'running');
    const said = announced(element);
    const time = timeOf(element);
    await waitUntil(() => timeOf(element) > time + 1, 'a second');
    expect(announced(element)).to.equal(said);
    track.enabled = false;
    await waitUntil(() => announced(element) === 'Desk: muted.', 'muted is told');
    track.enabled = true;
    await waitUntil(() => announced(element) === 'Desk: it is measured again.', 'that it goes on is told');
    expect(region.isConnected, 'the same region').to.equal(true);
    expect(region.closest('[aria-live], [role="alert"]') === null).to.equal(true);
  });

  it('tell that the browser holds sound back, with a button, and a press lets it in', async () => {
    let allowed = false;
    const own = context();
    const resume = own.resume.bind(own);
    own.resume = () => (allowed ? resume() : own.suspend());
    await own.suspend();
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    const element = await level();
    element.connectNode(source);
    await reached(element, 'suspended');
    await element.updateComplete;
    expect(announced(element)).to.equal('Audio level: the sound is held back. A button lets it in.');
    await expect(element).to.be.accessible();
    const press = button(element, 'Let the sound in')!;
    press.focus();
    allowed = true;
    press.click();
    await reached(element, 'running');
    await loud(element);
    await element.updateComplete;
    expect(button(element, 'Let the sound in') === undefined).to.equal(true);
    expect(element.shadowRoot!.activeElement?.className, 'the focus stays in the element').to.equal('frame');
  });

  it('come back by any gesture where the context is its own', async () => {
    const { AudioContext: Real } = window;
    let allowed = false;
    window.AudioContext = class extends Real {
      constructor(options?: AudioContextOptions) {
        super(options);
        void super.suspend();
      }
      override resume(): Promise<void> {
        return allowed ? super.resume() : super.suspend();
      }
    };
    try {
      const element = await level();
      const from = new Real();
      const source = new OscillatorNode(from);
      const to = new MediaStreamAudioDestinationNode(from);
      source.connect(to);
      source.start();
      element.srcObject = to.stream;
      await reached(element, 'suspended');
      allowed = true;
      document.body.click();
      await reached(element, 'running');
      await from.close();
    } finally {
      window.AudioContext = Real;
    }
  });

  it('tell politely that levels are old while the audio thread hangs, and that it is over', async () => {
    const own = context();
    const hang = await hangAudio(own);
    const source = new ConstantSourceNode(own, { offset: 0.5 });
    source.start();
    const element = await level();
    element.connectNode(source);
    await loud(element);
    hang();
    await reached(element, 'stale');
    await element.updateComplete;
    expect(announced(element)).to.equal('Audio level: not up to date.');
    expect(textOf(part(element, 'flags')!)).to.contain('Not up to date');
    await waitUntil(() => announced(element) === 'Audio level: it is measured again.', 'it goes on', {
      timeout: 15_000,
    });
  });

  it('tell why less is measured, where no worklet may run', async () => {
    const { addModule } = AudioWorklet.prototype;
    AudioWorklet.prototype.addModule = () => Promise.reject(new DOMException('not here', 'AbortError'));
    try {
      const element = await level('<audio-level mode="loudness"></audio-level>');
      const heard = oneEvent(element.parentElement!, 'oa-error');
      element.srcObject = tone().stream;
      await heard;
      expect(element.error).to.include({ code: 'worker-blocked', fatal: false });
      await element.updateComplete;
      expect(textOf(part(element, 'error')!)).to.match(/^Only peak and RMS are shown/);
      expect(announced(element)).to.equal(element.error!.message);
      await waitUntil(() => element.levels, 'levels');
      await waitUntil(() => values(element)['Momentary loudness'] === '– LUFS', 'what is not measured is a dash');
      expect(values(element)['How often it clipped']).to.equal('–');
      await expect(element).to.be.accessible();
    } finally {
      AudioWorklet.prototype.addModule = addModule;
    }
  });
});

describe('audio-level where there is no Web Audio', () => {
  it('says so', async () => {
    const { stream } = tone();
    const names = ['AudioNode', 'BaseAudioContext', 'AudioContext'] as const;
    const had = names.map((name) => [name, Object.getOwnPropertyDescriptor(window, name)!] as const);
    for (const name of names) delete (window as Partial<Window & typeof globalThis>)[name];
    try {
      const element = await level();
      element.srcObject = stream;
      await reached(element, 'failed');
      expect([element.error!.code, element.srcObject === stream]).to.deep.equal(['unsupported', true]);
    } finally {
      for (const [name, descriptor] of had) Object.defineProperty(window, name, descriptor);
    }
  });
});

describe('clipping and silence in audio-level', () => {
  it('are counted sample by sample while the page hangs, and told with times and counts', async () => {
    const own = context();
    const seconds = 2.5;
    const buffer = new AudioBuffer({ length: seconds * own.sampleRate, sampleRate: own.sampleRate });
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < 89; i++) samples[Math.round((0.05 + (i * 2.3) / 89) * own.sampleRate)] = i % 2 ? 1 : -1;
    const source = new AudioBufferSourceNode(own, { buffer });
    const element = await level();
    const told: ClipEvent[] = [];
    place('').append(element);
    element.parentElement!.addEventListener('oa-clip', (event) => told.push(event));
    element.connectNode(source);
    await waitUntil(() => element.levels, 'a beginning');
    source.start();
    const end = performance.now() + seconds * 1000 + 300;
    while (performance.now() < end) {
      const stall = performance.now() + 120;
      while (performance.now() < stall);
      await aTimeout(0);
    }
    await waitUntil(() => told.at(-1)?.samples === 89, 'all of them are told');
    const last = told.at(-1)!;
    expect(last).to.be.instanceOf(ClipEvent);
    expect([last.count, last.target === element]).to.deep.equal([89, true]);
    expect(last.composed).to.equal(true);
    expect(last.time).to.be.closeTo(element.levels!.clippedAt!, 0.001);
    for (const [i, event] of told.slice(1).entries()) expect(event.count).to.be.greaterThan(told[i]!.count);
    expect(element.matches(':state(clipped)')).to.equal(true);
    await waitUntil(() => values(element)['How often it clipped'] === '89', 'shown');
    expect(textOf(part(element, 'flags')!)).to.contain('Clipped');
    expect(announced(element)).to.equal('Audio level: clipping.');
    element.reset();
    await waitUntil(() => element.levels!.clips === 0, 'the counts begin anew');
    await waitUntil(() => !element.matches(':state(clipped)'), 'and so does the state');
  });

  it('are told once while they go on', async () => {
    const element = await level();
    const { stream, gain } = tone(0);
    const told: SilenceEvent[] = [];
    element.parentElement!.addEventListener('oa-silence', (event) => told.push(event));
    element.srcObject = stream;
    await waitUntil(() => told.length > 0, 'a silence', { timeout: 15_000 });
    expect(told[0]).to.be.instanceOf(SilenceEvent);
    expect([told[0]!.count, element.matches(':state(silent)')]).to.deep.equal([1, true]);
    expect(told[0]!.time).to.be.within(0, element.levels!.time - 2.9);
    await element.updateComplete;
    expect(announced(element)).to.equal('Audio level: silence.');
    expect(textOf(part(element, 'flags')!)).to.contain('Silence');
    const { time } = element.levels!;
    await waitUntil(() => element.levels!.time > time + 1, 'more of it');
    expect(told.length).to.equal(1);
    gain.value = 0.5;
    await waitUntil(() => !element.matches(':state(silent)'), 'sound');
    await waitUntil(() => announced(element) === 'Audio level: there is sound again.', 'that is told');
  });

  it('are told of a silence that comes after another while the page hangs', async () => {
    const element = await level();
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 0 });
    source.start();
    const told: SilenceEvent[] = [];
    element.addEventListener('oa-silence', (event) => told.push(event));
    element.connectNode(source);
    await waitUntil(() => told.length > 0, 'a silence');
    const { currentTime } = own;
    source.offset.setValueAtTime(0.5, currentTime + 0.3).setValueAtTime(0, currentTime + 0.4);
    // Firefox tells the audio thread of it at the end of a task.
    await aTimeout(0);
    const end = performance.now() + 3800;
    while (performance.now() < end);
    await waitUntil(() => told.length > 1, 'the other');
    expect(told.map(({ count }) => count)).to.deep.equal([1, 2]);
    expect(told[1]!.time).to.equal(element.levels!.silentSince);
    expect(told[1]!.time - told[0]!.time).to.be.greaterThan(3);
  });

  it('a silence that is over, or held back, is none any more, nor does sound come again with another track', async () => {
    const element = await level();
    const { stream, track } = tone(0);
    element.srcObject = stream;
    const silent = () => waitUntil(() => element.matches(':state(silent)'), 'a silence', { timeout: 15_000 });
    await silent();
    track.stop();
    await reached(element, 'ended');
    await element.updateComplete;
    expect([element.matches(':state(silent)'), textOf(part(element, 'flags')!)]).to.deep.equal([false, 'Ended']);
    stream.addTrack(tone().track);
    await loud(element);
    expect(announced(element)).to.equal('Audio level: it is measured again.');
    const own = context();
    const zeros = new ConstantSourceNode(own, { offset: 0 });
    zeros.start();
    element.connectNode(zeros);
    await silent();
    await own.suspend();
    await reached(element, 'suspended');
    await element.updateComplete;
    expect([element.matches(':state(silent)'), textOf(part(element, 'flags')!)]).to.deep.equal([false, '']);
  });

  it('a track that is muted is not said to be silent, nor counted', async () => {
    const element = await level();
    const { stream, track, gain } = tone(0.5);
    let silences = 0;
    element.addEventListener('oa-silence', () => silences++);
    element.srcObject = stream;
    await loud(element);
    track.enabled = false;
    await reached(element, 'muted');
    const { time } = element.levels!;
    await waitUntil(() => element.levels!.time > time + 3.5, 'more than a silence takes', { timeout: 15_000 });
    track.enabled = true;
    await reached(element, 'running');
    await loud(element);
    expect([silences, element.matches(':state(silent)')]).to.deep.equal([0, false]);
    const heard = oneEvent(element, 'oa-silence');
    gain.value = 0;
    const { count, time: from } = (await heard) as Event as SilenceEvent;
    expect([count, element.levels!.silences, from]).to.deep.equal([1, 2, element.levels!.silentSince]);
  });
});

describe('a track that its source mutes, as a system does the microphone', () => {
  it('is told to be muted, and to be heard again', async () => {
    const sent = tone();
    const { track, direct } = await connection(sent.track);
    const element = await level();
    element.srcObject = new MediaStream([track]);
    await reached(element, 'running');
    await direct('inactive');
    expect([track.muted, track.enabled, track.readyState]).to.deep.equal([true, true, 'live']);
    await reached(element, 'muted');
    expect([announced(element), element.matches(':state(muted)')]).to.deep.equal(['Audio level: muted.', true]);
    await direct('sendonly');
    await reached(element, 'running');
    expect(element.matches(':state(muted)')).to.equal(false);
  });
});

describe('pause, resume and reset of audio-level', () => {
  it('are of integrated loudness and range together, by method, button and command', async () => {
    const element = await level('<audio-level id="meter" mode="loudness"></audio-level>');
    element.srcObject = tone().stream;
    await waitUntil(() => element.levels?.loudness && element.levels.loudness.measured > 0.5, 'loudness');
    await element.updateComplete;
    button(element, 'Pause integration')!.focus();
    button(element, 'Pause integration')!.click();
    await waitUntil(() => element.levels!.loudness!.paused, 'a pause');
    expect([element.paused, element.matches(':state(paused)')]).to.deep.equal([true, true]);
    const { measured } = element.levels!.loudness!;
    const { time } = element.levels!;
    await element.updateComplete;
    expect(element.shadowRoot!.activeElement!.getAttribute('aria-label')).to.equal('Continue integration');
    expect(announced(element)).to.equal('Audio level: integration is paused.');
    await waitUntil(() => element.levels!.time > time + 0.3, 'time goes on');
    expect(element.levels!.loudness!.measured).to.equal(measured);
    element.resume();
    await waitUntil(() => element.levels!.loudness!.measured > measured, 'it goes on');
    button(element, 'Reset')!.click();
    await waitUntil(() => element.levels!.loudness!.measured < measured, 'a new beginning');
    expect(element.levels!.loudness!.rangeStable).to.equal(false);
    const command = (name: string) => element.dispatchEvent(Object.assign(new Event('command'), { command: name }));
    command('--pause');
    expect(element.paused).to.equal(true);
    command('--resume');
    expect(element.paused).to.equal(false);
    command('--toString');
    await waitUntil(() => element.levels!.loudness!.measured > 0.5, 'more');
    command('--reset');
    await waitUntil(() => element.levels!.loudness!.measured < 0.5, 'by command');
  });

  it('a reset leaves nothing of what has ended, or is held back', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    const own = context();
    const source = new ConstantSourceNode(own, { offset: 1 });
    source.start();
    element.connectNode(source);
    const clipped = () => waitUntil(() => element.matches(':state(clipped)'), 'a clip');
    const emptied = async () => {
      button(element, 'Reset')!.click();
      await waitUntil(() => announced(element) === 'Audio level: reset.', 'it is told');
      expect([element.levels, element.matches(':state(clipped)')]).to.deep.equal([null, false]);
      await waitUntil(() => Object.values(values(element)).every((text) => text.startsWith('–')), 'dashes');
      expect([lengthOf(element, 0), lengthOf(element, 1)]).to.deep.equal([0, 0]);
      expect(holdOf(element)).to.equal(null);
      expect(textOf(part(element, 'flags')!)).to.not.contain('Clipped');
    };
    await clipped();
    await own.suspend();
    await reached(element, 'suspended');
    await emptied();
    // A run that goes on would be the first after the reset.
    source.offset.value = 0.5;
    await own.resume();
    await waitUntil(() => element.levels, 'levels come again');
    expect(element.levels!.clips).to.equal(0);
    const { stream, track } = tone(1.3);
    element.srcObject = stream;
    await clipped();
    track.stop();
    await reached(element, 'ended');
    await emptied();
    expect(textOf(part(element, 'flags')!)).to.contain('Ended');
  });

  it('a pause that came before the sound holds', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    element.pause();
    expect(element.matches(':state(paused)')).to.equal(true);
    await hear(element, 2, -23, -23);
    expect(element.levels!.loudness!.integrated).to.equal(-Infinity);
    expect(element.levels!.loudness!.momentary).to.be.closeTo(-23, 0.1);
    expect(textOf(part(element, 'flags')!)).to.contain('Integration paused');
  });

  it('integration goes on while another mode is shown', async () => {
    const element = await level('<audio-level mode="loudness"></audio-level>');
    element.srcObject = tone().stream;
    await waitUntil(() => element.levels?.loudness && element.levels.loudness.measured > 0.5, 'loudness');
    const { measured } = element.levels!.loudness!;
    element.mode = 'peak';
    await element.updateComplete;
    await waitUntil(() => element.levels!.loudness!.measured > measured + 0.3, 'it goes on');
    element.mode = 'loudness';
    await element.updateComplete;
    expect(element.levels!.loudness!.measured).to.be.greaterThan(measured + 0.3);
  });
});

describe('the language of audio-level', () => {
  it('is the nearest one, for words and for numbers', async () => {
    configureMessages('de', { 'level.M': 'Momentane Lautheit', 'level.reset': 'Neu beginnen' });
    const element = await level('<div lang="de"><audio-level mode="loudness" target="-24.5"></audio-level></div>');
    await hear(element, 1, -23, -23);
    await shown(element);
    expect(values(element)['Momentane Lautheit']).to.equal('−23,0 LUFS');
    expect(textOf(all(element, '.aim')[0]!)).to.equal('−24,5');
    expect(button(element, 'Neu beginnen') === undefined).to.equal(false);
  });
});
