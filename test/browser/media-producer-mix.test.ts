import { expect } from '@open-wc/testing';
import { mixAudio, type AudioMix } from '../../dist/core/audio/index.js';

/** Tones of the page, and what comes out of a mix of them. */
class Bench {
  readonly context = new AudioContext({ sampleRate: 48_000 });

  tone(frequency: number, gain: number): MediaStreamTrack {
    const oscillator = new OscillatorNode(this.context, { frequency });
    const level = new GainNode(this.context, { gain });
    const out = new MediaStreamAudioDestinationNode(this.context);
    oscillator.connect(level).connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0]!;
  }

  /** Highest sample of a track over half a second, once it carries sound. */
  async peak(track: MediaStreamTrack): Promise<number> {
    const analyser = new AnalyserNode(this.context, { fftSize: 4096 });
    new MediaStreamAudioSourceNode(this.context, { mediaStream: new MediaStream([track]) }).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const level = () => {
      analyser.getFloatTimeDomainData(samples);
      return samples.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
    };
    await until(() => level() > 0.01);
    // Past the attack of the limiter.
    const start = this.context.currentTime;
    await until(() => this.context.currentTime - start > 0.5);
    let highest = 0;
    const from = this.context.currentTime;
    await until(() => {
      highest = Math.max(highest, level());
      return this.context.currentTime - from > 0.5;
    });
    return highest;
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => requestAnimationFrame(resolve));
}

describe('a mix of sounds', () => {
  let bench: Bench;
  let mix: AudioMix | undefined;

  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => {
    mix?.close();
    return bench.context.close();
  });

  it('of one track is that track, without an AudioContext', () => {
    const track = bench.tone(440, 0.5);
    mix = mixAudio([track]);
    expect(mix.track).to.equal(track);
    expect(mix.context).to.equal(null);
    mix.close();
    expect(track.readyState).to.equal('live');
  });

  it('keeps the level of what is not limited', async () => {
    mix = mixAudio([bench.tone(440, 0.2), bench.tone(1000, 0.2)]);
    expect(mix.context!.sampleRate).to.equal(48_000);
    expect(await bench.peak(mix.track)).to.be.within(0.36, 0.44);
  });

  it('goes on, the same track, with another sound in the place of one', async () => {
    const [first, second, third] = [bench.tone(440, 0.2), bench.tone(1000, 0.2), bench.tone(700, 0.05)];
    mix = mixAudio([first, second]);
    const { track } = mix;
    expect(mix.replace(third, first), 'it is not part of the mix').to.equal(false);
    expect(mix.replace(first, third)).to.equal(true);
    expect(mix.track).to.equal(track);
    expect(await bench.peak(track)).to.be.within(0.22, 0.28);
    expect(first.readyState, 'it is left as it is').to.equal('live');
  });

  it('is not louder for a sound that it has already, and that takes the place of another one', async () => {
    const [first, second] = [bench.tone(440, 0.2), bench.tone(1000, 0.1)];
    mix = mixAudio([first, second]);
    expect(mix.replace(first, second)).to.equal(true);
    expect(await bench.peak(mix.track)).to.be.within(0.08, 0.12);
  });

  it('tells of one of its sounds whether it is there, behind the others', async () => {
    const silent = new MediaStreamAudioDestinationNode(bench.context).stream.getAudioTracks()[0]!;
    const [tone, other] = [bench.tone(440, 0.2), bench.tone(700, 0.1)];
    mix = mixAudio([silent, tone]);
    await until(() => mix!.peak(tone)! > 0.1);
    expect(mix.peak(silent)).to.equal(0);
    expect(mix.peak(other), 'it is not part of the mix').to.equal(null);
    mix.replace(silent, other);
    await until(() => mix!.peak(other)! > 0.05);
    expect(mix.peak(silent)).to.equal(null);
  });

  it('of two sounds at full scale does not clip', async () => {
    mix = mixAudio([bench.tone(440, 1), bench.tone(1000, 1)]);
    expect(await bench.peak(mix.track)).to.be.within(0.5, 1);
  });

  it('tells while the browser holds it back, and goes on with a gesture', async () => {
    mix = mixAudio([bench.tone(440, 0.2), bench.tone(1000, 0.2)]);
    const told: boolean[] = [];
    await until(() => !mix!.suspended);
    mix.onstatechange = () => told.push(mix!.suspended);
    await mix.context!.suspend();
    await until(() => mix!.suspended);
    document.body.click();
    await until(() => !mix!.suspended);
    expect(told).to.deep.equal([true, false]);
  });

  it('of a microphone and another sound is one live track, and leaves both alone when closed', async () => {
    const microphone = (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0]!;
    const tone = bench.tone(440, 0.2);
    mix = mixAudio([microphone, tone]);
    expect(mix.track.readyState).to.equal('live');
    mix.close();
    expect([mix.track.readyState, microphone.readyState, tone.readyState]).to.deep.equal(['ended', 'live', 'live']);
    microphone.stop();
  });

  it('of nothing is refused by name', () => {
    expect(() => mixAudio([]))
      .to.throw()
      .with.property('code', 'no-source');
  });
});
