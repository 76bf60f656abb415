import { expect, nextFrame, oneEvent } from '@open-wc/testing';
import '../../dist/define/media-producer.js';
import type { FaultEvent, StateChangeEvent } from '../../dist/components/events.js';
import { configureMessages } from '../../dist/core/messages.js';
import {
  answerWith,
  button,
  endingPicture,
  liveTracks,
  part,
  picture,
  producer,
  reached,
  tidy,
  type OaMediaProducer,
} from './media-producer-support.js';
import { waitUntil } from './wait.js';

const video = (element: OaMediaProducer) => part<HTMLVideoElement>(element, 'preview')!;

afterEach(tidy);

describe('media-producer', () => {
  it('captures nothing before a person acts', async () => {
    const asked = answerWith((real) => real());
    const element = await producer();
    await nextFrame();
    asked.restore();
    expect(asked.count).to.equal(0);
    expect(element.state).to.equal('idle');
    expect(element.stream).to.equal(null);
    expect(element.metrics, 'what counts is not loaded yet').to.equal(null);
    expect(element.matches(':state(idle)')).to.equal(true);
    expect(button(element, 'Turn on camera and microphone')).to.be.ok;
  });

  it('goes live, and each event comes after what it tells of can be read', async () => {
    const element = await producer();
    const told: [string, string, boolean][] = [];
    element.addEventListener('oa-statechange', (event: StateChangeEvent) => {
      told.push([
        event.previous,
        event.state,
        element.state === event.state && element.matches(`:state(${event.state})`),
      ]);
    });
    await element.start();
    expect(told).to.deep.equal([
      ['idle', 'requesting', true],
      ['requesting', 'live', true],
    ]);
    expect(element.stream!.getTracks().map(({ kind }) => kind)).to.have.members(['video', 'audio']);
  });

  it('tells figures from the first capture on', async () => {
    const element = await producer();
    await element.start();
    const { frames, pool, score } = element.metrics!;
    expect(pool).to.deep.equal({ created: 1, reused: 0, reuseRate: 0 });
    expect(frames.captured, 'nobody encodes').to.equal(0);
    expect(score).to.equal(null);
  });

  it('shows a muted preview that plays, and says that it is live', async () => {
    const element = await producer();
    await element.start();
    await element.updateComplete;
    const preview = video(element);
    expect(preview.srcObject).to.equal(element.stream);
    expect(preview.muted).to.equal(true);
    await waitUntil(() => preview.currentTime > 0 && !preview.paused, 'the preview plays', { timeout: 10_000 });
    expect(part(element, 'status')!.textContent).to.equal('Live');
    expect(element.shadowRoot!.querySelector('[role=status]')!.textContent).to.equal('Live');
  });

  it('pauses and resumes the tracks, and releases them on stop', async () => {
    const element = await producer();
    await element.start();
    const tracks = element.stream!.getTracks();
    element.pause();
    expect(element.state).to.equal('paused');
    expect(element.matches(':state(paused)')).to.equal(true);
    expect(tracks.map(({ enabled }) => enabled)).to.deep.equal([false, false]);
    element.resume();
    expect(tracks.map(({ enabled }) => enabled)).to.deep.equal([true, true]);
    element.stop();
    element.stop();
    expect(element.state).to.equal('idle');
    expect(liveTracks(tracks)).to.deep.equal([]);
  });

  it('gives a request up: what is granted late is released', async () => {
    let late: MediaStream | undefined;
    let grant!: () => void;
    const granted = new Promise<void>((resolve) => (grant = resolve));
    const asked = answerWith(async (real) => {
      await granted;
      late = await real();
      return late;
    });
    const element = await producer();
    const start = element.start().catch((error: { code: string }) => error.code);
    await element.updateComplete;
    button(element, 'Cancel')!.click();
    expect(await start).to.equal('aborted');
    grant();
    await waitUntil(() => late && liveTracks(late.getTracks()).length === 0, 'released');
    asked.restore();
    expect(element.state).to.equal('idle');
  });

  it('captures sound alone, and says so', async () => {
    const element = await producer('<media-producer video="none"></media-producer>');
    await element.start();
    await element.updateComplete;
    expect(element.stream!.getTracks().map(({ kind }) => kind)).to.deep.equal(['audio']);
    expect(video(element).hidden).to.equal(true);
    expect(element.shadowRoot!.textContent).to.contain('Sound only');
  });

  it('asks for the size that the page names', async () => {
    const element = await producer(
      '<media-producer audio="none" width="640" height="480" frame-rate="15"></media-producer>',
    );
    await element.start();
    const { width, height } = element.stream!.getVideoTracks()[0]!.getSettings();
    expect([width, height]).to.deep.equal([640, 480]);
  });

  it('takes what it does not understand for the default', async () => {
    const element = await producer(
      '<media-producer video="hologram" audio="smell" width="-3" height="tall" frame-rate="" facing-mode="up"></media-producer>',
    );
    await element.start();
    expect(element.stream!.getTracks().length).to.equal(2);
    (element as { srcObject: unknown }).srcObject = 'no stream';
    expect(element.srcObject).to.equal(null);
  });

  it('starts by itself where autostart is set, once', async () => {
    const element = await producer('<media-producer autostart audio="none"></media-producer>');
    await reached(element, 'live');
    element.stop();
    element.requestUpdate();
    await element.updateComplete;
    expect(element.state).to.equal('idle');
  });

  it('mirrors a camera that faces the person, and nothing that is given', async () => {
    const element = await producer('<media-producer audio="none"></media-producer>');
    await element.start();
    await element.updateComplete;
    const facing = element.stream!.getVideoTracks()[0]!.getSettings().facingMode;
    const expected = facing ? facing === 'user' : matchMedia('(pointer: fine)').matches;
    expect(video(element).matches('.mirrored')).to.equal(expected);
    element.srcObject = picture();
    await element.updateComplete;
    expect(video(element).matches('.mirrored')).to.equal(false);
  });
});

describe('media-producer with a given stream', () => {
  it('uses it at once, and never stops it', async () => {
    const given = picture();
    const element = await producer();
    element.srcObject = given;
    expect(element.state).to.equal('live');
    expect(element.stream).to.equal(given);
    element.stop();
    expect(element.state).to.equal('idle');
    await element.start();
    expect(element.stream).to.equal(given);
    element.remove();
    await waitUntil(() => element.state === 'idle', 'let go');
    expect(liveTracks(given.getTracks()).length).to.equal(1);
  });

  it('honours what was set before it was upgraded', async () => {
    const template = document.createElement('template');
    template.innerHTML = '<media-producer video="screen"></media-producer>';
    // In a template an element is not upgraded yet: the property is an own one.
    const element = template.content.querySelector<OaMediaProducer>('media-producer')!;
    const given = picture();
    element.srcObject = given;
    const place = await producer();
    place.replaceWith(element);
    await element.updateComplete;
    expect(element.stream).to.equal(given);
    expect(element.video).to.equal('screen');
    element.remove();
  });

  it('honours it, too, where a script starts it in the moment in which it is defined', async () => {
    const template = document.createElement('template');
    template.innerHTML = '<media-producer></media-producer>';
    const element = template.content.querySelector<OaMediaProducer>('media-producer')!;
    const given = picture();
    element.srcObject = given;
    (await producer()).replaceWith(element);
    // What `whenDefined` tells comes before the first update, too.
    await element.start();
    expect(element.stream).to.equal(given);
    element.remove();
  });

  it('says so where it is over', async () => {
    const element = await producer();
    const stream = picture();
    for (const track of stream.getTracks()) track.stop();
    element.srcObject = stream;
    const refused = await element.start().catch((error: unknown) => error);
    expect(refused).to.equal(element.error);
    expect(element.error!.code).to.equal('no-source');
    expect(element.state).to.equal('failed');
  });

  it('is ended with its last track, as when sharing is stopped', async () => {
    const { stream, end } = await endingPicture();
    const element = await producer();
    element.srcObject = stream;
    const ended = oneEvent(element, 'oa-statechange');
    await end();
    expect(((await ended) as Event as StateChangeEvent).state).to.equal('ended');
    expect(element.stream).to.equal(null);
    expect(element.matches(':state(ended)')).to.equal(true);
    await element.updateComplete;
    expect(element.shadowRoot!.textContent).to.contain('The capture has ended.');
  });
});

describe('media-producer that fails', () => {
  const refuse = (name: string) =>
    answerWith(() => Promise.reject(new DOMException('Could not start video source', name)));

  it('says what happened and what to do, in place, by event and by property, and offers to try again', async () => {
    const asked = refuse('NotReadableError');
    const element = await producer();
    const heard = oneEvent(document, 'oa-error') as unknown as Promise<FaultEvent>;
    button(element, 'Turn on camera and microphone')!.click();
    const event = await heard;
    expect(event.code).to.equal('busy');
    expect(event.source).to.equal(element);
    expect(event.fatal).to.equal(true);
    expect(event.message).to.contain('in use by another program');
    expect((event.cause as DOMException).name).to.equal('NotReadableError');
    expect(element.error!.code).to.equal('busy');
    expect(element.matches(':state(failed)')).to.equal(true);
    await element.updateComplete;
    expect(part(element, 'error')!.textContent).to.contain('Camera or microphone is in use by another program.');
    expect(element.shadowRoot!.querySelector('[role=status]')!.textContent).to.contain('in use');
    asked.restore();
    button(element, 'Try again')!.click();
    await reached(element, 'live');
    expect(part(element, 'error')).to.equal(null);
  });

  it('leaves no rejection behind when a page does not listen', async () => {
    const unhandled: unknown[] = [];
    const listen = (event: PromiseRejectionEvent) => unhandled.push(event.reason);
    window.addEventListener('unhandledrejection', listen);
    const asked = refuse('NotAllowedError');
    const element = await producer();
    void element.start();
    await reached(element, 'failed');
    await nextFrame();
    window.removeEventListener('unhandledrejection', listen);
    asked.restore();
    expect(unhandled).to.deep.equal([]);
  });

  it('names a device that is not there', async () => {
    const element = await producer('<media-producer video-device="Garden Camera"></media-producer>');
    const thrown = await element.start().catch((error: { code: string }) => error.code);
    expect(thrown).to.equal('overconstrained');
    await element.updateComplete;
    expect(part(element, 'error')!.textContent).to.contain('“Garden Camera” was not found');
  });

  it('follows the nearest lang, and the sentences of the page', async () => {
    configureMessages('de', { 'producer.start.both': 'Kamera und Mikrofon einschalten', 'state.live': 'Auf Sendung' });
    const element = await producer('<div lang="de-CH"><media-producer></media-producer></div>');
    expect(button(element, 'Kamera und Mikrofon einschalten')).to.be.ok;
    element.parentElement!.lang = 'en';
    await waitUntil(() => button(element, 'Turn on camera and microphone'), 'English again');
  });
});

describe('media-producer in the document', () => {
  it('keeps its session when it is moved', async () => {
    const element = await producer();
    await element.start();
    const stream = element.stream!;
    const elsewhere = (await producer()).parentElement!;
    elsewhere.append(element);
    await nextFrame();
    element.remove();
    await Promise.resolve();
    elsewhere.prepend(element);
    await nextFrame();
    await nextFrame();
    expect(element.stream).to.equal(stream);
    expect(element.state).to.equal('live');
    expect(liveTracks(stream.getTracks()).length).to.equal(2);
    const preview = video(element);
    await waitUntil(() => !preview.paused, 'the preview plays on');
  });

  it('releases its devices when it is removed, and may start again', async () => {
    const element = await producer();
    await element.start();
    const tracks = element.stream!.getTracks();
    const parent = element.parentElement!;
    element.remove();
    await waitUntil(() => liveTracks(tracks).length === 0, 'released');
    expect(element.state).to.equal('idle');
    parent.append(element);
    await element.start();
    expect(element.state).to.equal('live');
  });

  it('gives a request up when it is removed', async () => {
    const element = await producer();
    const start = element.start().catch((error: { code: string }) => error.code);
    element.remove();
    const outcome = await start;
    await waitUntil(() => element.state === 'idle', 'idle');
    expect(element.stream).to.equal(null);
    expect([undefined, 'aborted']).to.include(outcome);
  });

  it('works twice on a page, each for itself', async () => {
    const one = await producer('<media-producer audio="none"></media-producer>');
    const two = await producer('<media-producer video="none"></media-producer>');
    await Promise.all([one.start(), two.start()]);
    one.stop();
    expect(two.state).to.equal('live');
    expect(liveTracks(two.stream!.getTracks()).length).to.equal(1);
  });

  it('works in a shadow root', async () => {
    const host = document.createElement('div');
    host.attachShadow({ mode: 'open' }).innerHTML = '<media-producer audio="none"></media-producer>';
    document.body.append(host);
    const element = host.shadowRoot!.querySelector<OaMediaProducer>('media-producer')!;
    await element.start();
    expect(element.state).to.equal('live');
    host.remove();
    await reached(element, 'idle');
  });

  it('is not disturbed by a second load', async () => {
    const url = new URL('../../dist/define/media-producer.js?again', import.meta.url);
    await import(url.href);
    const element = await producer();
    expect(element.state).to.equal('idle');
  });

  it('adds no attributes and no children to itself', async () => {
    const element = await producer();
    await element.start();
    expect(element.outerHTML).to.equal('<media-producer></media-producer>');
  });

  it('says nothing on the console and needs nothing that a strict Content-Security-Policy forbids', async () => {
    const frame = document.createElement('iframe');
    frame.allow = 'camera; microphone';
    frame.src = new URL('media-producer-csp.html', import.meta.url).href;
    const violations: string[] = [];
    document.body.append(frame);
    await oneEvent(frame, 'load');
    const inside = frame.contentWindow as unknown as Window & typeof globalThis;
    inside.document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
    inside.console.error = inside.console.warn = (...args: unknown[]) => violations.push(args.join(' '));
    await inside.customElements.whenDefined('media-producer');
    const element = inside.document.querySelector<OaMediaProducer>('media-producer')!;
    await element.start();
    await element.updateComplete;
    const preview = video(element);
    await waitUntil(() => preview.videoWidth > 0, 'a picture', { timeout: 10_000 });
    expect(inside.getComputedStyle(part(element, 'frame')!).display).to.equal('grid');
    element.stop();
    frame.remove();
    expect(violations).to.deep.equal([]);
  });
});
