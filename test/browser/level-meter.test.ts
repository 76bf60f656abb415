import { aTimeout, expect, oneEvent } from '@open-wc/testing';
import { AnalyserMeter } from '../../dist/core/audio/analyser-meter.js';
import type { LevelMeter } from '../../dist/core/audio/index.js';
import { configureWorklets, loadWorklet } from '../../dist/core/load-worklet.js';
import { context, levels, loud, meter, sounding, tidy, until } from './level-meter-support.js';

afterEach(tidy);

/** As on a page that lets none run. */
function withoutWorklets(made: AudioContext): AudioContext {
  const addModule = () => Promise.reject(new DOMException('not here', 'AbortError'));
  Object.defineProperty(made, 'audioWorklet', { value: { addModule } });
  return made;
}

describe('LevelMeter', () => {
  it('tells peak and RMS of a stream, and nothing that was not asked for', async () => {
    const one = meter();
    expect(one.state).to.equal('idle');
    await one.use(sounding().stream);
    const told = await levels(one, 'sound', ({ time }) => time > 1);
    expect(one.state).to.equal('running');
    expect(one.error).to.equal(null);
    expect(told.channels[0]!.peak).to.be.closeTo(-6, 0.5);
    expect(told.channels[0]!.rms).to.be.closeTo(-9, 0.5);
    expect(told.loudness).to.equal(null);
    expect(told.truePeak).to.equal(null);
    expect(told.clips).to.equal(0);
    expect(told).to.be.frozen;
  });

  it('measures loudness; pause, resume and reset are of integrated loudness and range', async () => {
    const one = meter({ loudness: true });
    await one.use(sounding().stream);
    await levels(one, 'loudness', ({ loudness }) => loudness!.integrated > -Infinity);
    one.pause();
    const { loudness } = await levels(one, 'a pause', ({ loudness }) => loudness!.paused);
    await aTimeout(200);
    expect(one.levels!.loudness!.measured).to.equal(loudness!.measured);
    expect(one.store.get().paused).to.equal(true);
    one.resume();
    await levels(one, 'more', (now) => now.loudness!.measured > loudness!.measured);
    one.reset();
    await levels(one, 'a new beginning', (now) => now.loudness!.measured < 0.4);
  });

  it('counts each clipped sample while the page hangs in stalls of 120 ms', async () => {
    const own = context();
    const seconds = 2.5;
    const buffer = new AudioBuffer({ length: seconds * own.sampleRate, sampleRate: own.sampleRate });
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < 89; i++) samples[Math.round((0.05 + (i * 2.3) / 89) * own.sampleRate)] = i % 2 ? 1 : -1;
    const source = new AudioBufferSourceNode(own, { buffer });
    const one = meter();
    await one.use(source);
    await levels(one, 'a beginning', () => true);
    source.start();
    const end = performance.now() + seconds * 1000 + 300;
    while (performance.now() < end) {
      const stall = performance.now() + 120;
      while (performance.now() < stall);
      await aTimeout(0);
    }
    const told = await levels(one, 'all of them', ({ clippedSamples }) => clippedSamples! >= 89);
    expect(told.clippedSamples).to.equal(89);
    expect(told.clips).to.equal(89);
  });

  it('says when its track is muted by the page, and when it has ended', async () => {
    const { stream, track } = sounding();
    const one = meter();
    await one.use(stream);
    await levels(one, 'sound', loud);
    track.enabled = false;
    await until('muted', () => one.state === 'muted');
    track.enabled = true;
    await until('running', () => one.state === 'running');
    // The window of its RMS is full again.
    await levels(one, 'all of the sound', ({ channels }) => channels[0]!.rms > -9.2);
    track.stop();
    await until('ended', () => one.state === 'ended');
    expect(one.levels!.channels[0]!.rms).to.be.closeTo(-9, 0.5);
    await one.use(null);
    expect(one.state).to.equal('idle');
    expect(one.levels).to.equal(null);
  });

  it('goes on with another track in the place of one, and keeps what it has counted', async () => {
    const [first, second] = [sounding(1.2), sounding(0.1)];
    const one = meter();
    await one.use(first.track);
    const { clips } = await levels(one, 'clips', (told) => told.clips! > 20);
    await one.use(second.track);
    const told = await levels(one, 'the other', ({ channels }) => channels[0]!.rms < -20 && channels[0]!.rms > -40);
    expect(told.clips).to.be.at.least(clips!);
    expect(one.state).to.equal('running');
  });

  it('meters what it was given last by the time that it says so, be it while the first one was on its way', async () => {
    const [first, second] = [sounding(0.5), sounding(0.05)];
    const one = meter();
    const started = one.use(first.track);
    await one.use(second.track);
    expect([one.state === 'starting', one.source === second.track]).to.deep.equal([false, true]);
    await started;
    await levels(one, 'the second', (told) => told.time > 0.5 && loud(told));
    expect(one.levels!.maxPeak).to.be.closeTo(-26, 0.5);
  });

  it('meters the tracks of a stream together, and follows them', async () => {
    const [one, two] = [sounding(0.2), sounding(0.2)];
    const stream = new MediaStream([one.track]);
    const both = meter();
    await both.use(stream);
    await levels(both, 'one', loud);
    stream.addTrack(two.track);
    one.track.stop();
    const before = both.levels!.time;
    await levels(both, 'the other', (told) => told.time > before + 0.5 && loud(told));
    expect(both.state).to.equal('running');
  });

  it('falls back to an AnalyserNode where the page lets no worklet run, and says what that cannot measure', async () => {
    const createContext = () => withoutWorklets(context());
    const one = meter({ loudness: true, createContext });
    await one.use(sounding().stream);
    const told = await levels(one, 'sound', ({ time }) => time > 0.5);
    expect(told.channels[0]!.peak).to.be.closeTo(-6, 0.5);
    expect(told.channels[0]!.rms).to.be.closeTo(-9, 0.5);
    for (const figure of ['loudness', 'truePeak', 'clips', 'clippedSamples', 'silent', 'noiseFloor'] as const)
      expect(told[figure], figure).to.equal(null);
    expect(one.state).to.equal('running');
    expect(one.error).to.include({ code: 'worker-blocked', fatal: false });
    expect(one.error!.message).to.include("script-src 'self'");
  });

  it('keeps by an AnalyserNode more than comes between two looks, at every sample rate', () => {
    const kept = [8000, 44_100, 48_000, 96_000, 192_000].map((sampleRate) => {
      const one = new AnalyserMeter(new OfflineAudioContext(1, 1, sampleRate), {
        levels: () => {},
        changed: () => {},
        failed: () => {},
      });
      one.command('stop');
      return one.node.fftSize / sampleRate;
    });
    for (const seconds of kept) expect(seconds).to.be.within(0.085, 0.17);
  });

  it('stands still by an AnalyserNode, too, while there is nothing to meter, and goes on from there', async () => {
    const own = withoutWorklets(context());
    const { stream, track } = sounding();
    const one = meter({ createContext: () => own });
    await one.use(stream);
    await levels(one, 'sound', loud);
    track.stop();
    await until('ended', () => one.state === 'ended');
    const { time } = one.levels!;
    // Its own rests.
    const clock = context();
    await until('two seconds', () => clock.currentTime > 2);
    stream.addTrack(sounding().track);
    await until('running', () => one.state === 'running');
    const next = await levels(one, 'new levels', (told) => told.time > time);
    expect(next.time - time).to.be.below(0.6);
    await levels(one, 'more', (told) => told.time > next.time + 0.3 && loud(told));
  });

  it('measures all of it on a page whose policy allows nothing but its own files', async () => {
    const frame = document.createElement('iframe');
    frame.src = new URL('level-meter-csp.html', import.meta.url).href;
    document.body.append(frame);
    await oneEvent(frame, 'load');
    const inside = frame.contentWindow as unknown as Window & typeof globalThis & { LevelMeter: typeof LevelMeter };
    const violations: string[] = [];
    inside.document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
    const own = new inside.OfflineAudioContext(1, 48_000, 48_000);
    const source = new inside.ConstantSourceNode(own, { offset: 0.5 });
    const one = new inside.LevelMeter({ loudness: true });
    await one.use(source);
    source.start();
    await own.startRendering();
    const told = await levels(one, 'sound', loud);
    expect(told.loudness).to.not.equal(null);
    expect(one.error).to.equal(null);
    one.close();
    frame.remove();
    expect(violations).to.deep.equal([]);
  });

  it('says with a code that there is no Web Audio, and may be tried again', async () => {
    let able = false;
    const createContext = () => {
      if (!able) throw new Error('none');
      return context();
    };
    const one = meter({ createContext });
    const { stream } = sounding();
    await one.use(stream);
    expect(one.state).to.equal('failed');
    expect(one.error!.code).to.equal('unsupported');
    able = true;
    await one.use(stream);
    await levels(one, 'sound', loud);
    expect(one.error).to.equal(null);
  });
});

describe('LevelMeter where there is no Web Audio', () => {
  it('says so with a code, of a stream and of a track', async () => {
    const { stream, track } = sounding();
    const names = ['AudioNode', 'BaseAudioContext', 'AudioContext'] as const;
    const had = names.map((name) => [name, Object.getOwnPropertyDescriptor(window, name)!] as const);
    for (const name of names) delete (window as Partial<Window & typeof globalThis>)[name];
    try {
      for (const source of [stream, track]) {
        const one = meter();
        await one.use(source);
        expect([one.state, one.error!.code]).to.deep.equal(['failed', 'unsupported']);
      }
    } finally {
      for (const [name, descriptor] of had) Object.defineProperty(window, name, descriptor);
    }
  });
});

describe('The loader of worklets', () => {
  it('begins with the address that the page has named, and goes on with the file beside the script', async () => {
    const own = context();
    const asked: string[] = [];
    const { audioWorklet } = own;
    const addModule = (file: string | URL) => {
      asked.push(String(file));
      return audioWorklet.addModule(file);
    };
    Object.defineProperty(own, 'audioWorklet', { value: { addModule } });
    const named = new URL('./support/workers/nowhere.js', import.meta.url).href;
    configureWorklets({ level: named });
    await Promise.all([loadWorklet(own, 'level'), loadWorklet(own, 'level')]);
    configureWorklets({ level: undefined });
    expect(asked.length).to.equal(2);
    expect(asked[0]).to.equal(named);
    expect(asked[1]).to.match(/\/worklets\/level\.worklet\.js$/);
  });

  it('comes to a Blob, and then to a data: address', async () => {
    const own = context();
    const asked: string[] = [];
    const { audioWorklet } = own;
    const addModule = (file: string | URL) => {
      asked.push(String(file).split(':')[0]!);
      return asked.length < 3 ? Promise.reject(new DOMException('no', 'AbortError')) : audioWorklet.addModule(file);
    };
    Object.defineProperty(own, 'audioWorklet', { value: { addModule } });
    await loadWorklet(own, 'level');
    expect(asked).to.deep.equal([location.protocol.replace(':', ''), 'blob', 'data']);
    new AudioWorkletNode(own, 'onair-level', { processorOptions: { id: 0 } }).port.postMessage('stop');
  });
});
