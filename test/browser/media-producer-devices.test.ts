import { expect, nextFrame } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import type { AxeResults, RunOptions } from 'axe-core';
import 'axe-core/axe.min.js';
import { MediaProducer } from '../../dist/core/producer/index.js';
import '../../dist/define/media-producer.js';
import type { DeviceChangeEvent } from '../../dist/components/events.js';
import {
  button,
  endingPicture,
  liveTracks,
  part,
  producer,
  reached,
  tidy,
  type OaMediaProducer,
} from './media-producer-support.js';
import { virtualDevices, type VirtualDevices } from './virtual-devices.js';
import { waitUntil } from './wait.js';

/** The file is a script: it leaves its name on the page. */
const { axe } = globalThis as unknown as { axe: { run(at: Element, options: RunOptions): Promise<AxeResults> } };

let devices: VirtualDevices;

beforeEach(() => {
  localStorage.clear();
  devices = virtualDevices(['Desk Camera', 'Top Camera'], ['Desk Microphone', 'Clip Microphone']);
});

afterEach(async () => {
  await tidy();
  devices.restore();
  localStorage.clear();
});

const select = (element: Element, kind: 'video' | 'audio') => part<HTMLSelectElement>(element, `${kind}-select`);
const opener = (element: Element) => part(element, 'devices-button');

async function live(markup?: string): Promise<OaMediaProducer> {
  const element = await producer(markup);
  await element.start();
  await waitUntil(() => opener(element), 'the menus');
  return element;
}

async function opened(element: OaMediaProducer): Promise<void> {
  part<HTMLDetailsElement>(element, 'devices')!.open = true;
  await nextFrame();
}

describe('the devices of media-producer', () => {
  it('are listed with labels, told when they change, and not when they do not', async () => {
    const element = await producer();
    const told: number[] = [];
    element.addEventListener('oa-devicechange', (event: DeviceChangeEvent) => {
      expect(event.devices).to.equal(element.devices);
      told.push(event.devices.length);
    });
    element.parentElement!.addEventListener('oa-devicechange', () => told.push(-1));
    expect(element.devices).to.deep.equal([]);
    await element.start();
    await waitUntil(() => element.devices.length === 4);
    expect(element.devices.map(({ label }) => label)).to.include('Top Camera');
    expect(element.activeVideoDevice).to.equal('Desk Camera');
    await waitUntil(() => select(element, 'video'), 'the menus, which are loaded with the first choice');
    const before = select(element, 'video');
    devices.change();
    devices.change();
    devices.plug('audio', 'Third Microphone');
    await waitUntil(() => element.devices.length === 5);
    await element.updateComplete;
    // As a truth value: a node in the failure cannot be sent, and the runner would wait for it until it gives up.
    expect(select(element, 'video') === before, 'the same node').to.equal(true);
    expect(told).to.deep.equal([4, 5]);
  });

  it('are chosen by keyboard alone', async () => {
    const element = await live();
    element.tabIndex = -1;
    element.focus();
    await sendKeys({ press: 'Tab' });
    expect(element.shadowRoot!.activeElement).to.equal(opener(element));
    await sendKeys({ press: 'Enter' });
    expect(part<HTMLDetailsElement>(element, 'devices')!.open).to.equal(true);
    await sendKeys({ press: 'Tab' });
    expect(element.shadowRoot!.activeElement).to.equal(select(element, 'video'));
    await sendKeys({ press: 'ArrowDown' });
    await waitUntil(() => element.activeVideoDevice === 'Top Camera', 'the other camera');
    expect(element.shadowRoot!.activeElement, 'the focus stays').to.equal(select(element, 'video'));
    await sendKeys({ press: 'Tab' });
    await sendKeys({ press: 'ArrowDown' });
    await waitUntil(() => element.activeAudioDevice === 'Clip Microphone', 'the other microphone');
    await sendKeys({ press: 'Escape' });
    expect(part<HTMLDetailsElement>(element, 'devices')!.open).to.equal(false);
    expect(element.shadowRoot!.activeElement).to.equal(opener(element));
  });

  it('are swapped in the same stream, and the preview plays on', async () => {
    const element = await live();
    const preview = part<HTMLVideoElement>(element, 'preview')!;
    const { stream } = element;
    const old = stream!.getVideoTracks()[0]!;
    // By its name, or as the list has it.
    await element.switchDevice('video', 'Top Camera');
    const other = element.devices.find(({ deviceId }) => deviceId === element.activeVideoDevice)!;
    await element.switchDevice('video', other);
    expect(element.error).to.equal(null);
    await element.updateComplete;
    expect(element.stream).to.equal(stream);
    expect(preview.srcObject).to.equal(stream);
    expect(old.readyState).to.equal('ended');
    const { currentTime } = preview;
    await waitUntil(() => preview.currentTime > currentTime && !preview.paused, 'it plays on', { timeout: 5000 });
    expect(element.state).to.equal('live');
  });

  it('are swapped by one request for the one alone, and nobody is asked', async () => {
    const element = await live();
    const { permissions } = navigator;
    const states = () =>
      Promise.all(
        ['camera', 'microphone'].map((name) =>
          permissions.query({ name: name as PermissionName }).then(
            ({ state }) => state,
            () => null, // Not every engine tells.
          ),
        ),
      );
    const before = await states();
    for (const [kind, name, other] of [
      ['video', 'Top Camera', 'audio'],
      ['audio', 'Clip Microphone', 'video'],
    ] as const) {
      const asked = devices.asked.length;
      await element.switchDevice(kind, name);
      expect(devices.asked.length).to.equal(asked + 1);
      const constraints = devices.asked[asked]!;
      expect((constraints[kind] as MediaTrackConstraints).deviceId).to.deep.equal({ exact: name });
      expect(constraints[other]).to.equal(false);
      expect(await states()).to.deep.equal(before);
    }
    expect(before).not.to.include('denied');
  });

  it('stay as they are when another one cannot be had, and the menu and a sentence say so', async () => {
    const element = await live();
    await opened(element);
    devices.broken.push('Top Camera');
    const menu = select(element, 'video')!;
    menu.value = 'Top Camera';
    menu.dispatchEvent(new Event('change'));
    await waitUntil(() => element.error, 'the fault');
    await element.updateComplete;
    expect(element.error!.code).to.equal('busy');
    expect(element.error!.fatal).to.equal(false);
    expect(menu.value).to.equal('Desk Camera');
    expect(part(element, 'error')!.textContent).to.contain('in use by another program');
    expect(element.state).to.equal('live');
  });

  it('are remembered for the next time, and what the page names wins', async () => {
    const element = await live('<media-producer audio="none"></media-producer>');
    await element.switchDevice('video', 'Top Camera');
    element.stop();
    await element.start();
    await waitUntil(() => element.activeVideoDevice);
    expect(element.activeVideoDevice).to.equal('Top Camera');
    element.stop();
    element.videoDevice = 'Desk Camera';
    await element.start();
    await waitUntil(() => element.activeVideoDevice);
    expect(element.activeVideoDevice).to.equal('Desk Camera');
  });

  it('are processed as the page says', async () => {
    await producer(
      '<media-producer video="none" echo-cancellation="off" channel-count="2" autostart></media-producer>',
    );
    await waitUntil(() => devices.asked.length > 0);
    const { audio } = devices.asked[0]!;
    expect(audio).to.deep.include({ echoCancellation: { ideal: false }, channelCount: { ideal: 2 } });
    expect(audio).to.deep.include({ sampleRate: { ideal: 48000 } });
    expect(audio).not.to.have.property('noiseSuppression');
  });

  it('are offered only where there is a choice', async () => {
    devices.set(['Only Camera'], ['Desk Microphone', 'Clip Microphone']);
    const element = await live();
    expect(select(element, 'video')).to.equal(null);
    expect(select(element, 'audio')).to.be.ok;
    devices.set(['Only Camera'], ['Desk Microphone']);
    await waitUntil(() => !opener(element), 'no choice, no menu');
    element.stop();
    await element.updateComplete;
    expect(opener(element)).to.equal(null);
  });

  it('give way to a menu of the page', async () => {
    const element = await live('<media-producer><button slot="devices">Mine</button></media-producer>');
    expect(element.querySelector('button')!.checkVisibility()).to.equal(true);
    expect(opener(element)!.checkVisibility()).to.equal(false);
  });

  it('move nothing when their menu comes', async () => {
    for (const markup of ['<media-producer></media-producer>', '<media-producer no-preview></media-producer>']) {
      const element = await producer(markup);
      for (const width of [240, 600]) {
        element.style.inlineSize = `${width}px`;
        devices.set(['One Camera'], ['One Microphone']);
        await element.start();
        await waitUntil(() => element.devices.length === 2);
        const preview = part<HTMLVideoElement>(element, 'preview');
        if (preview) await waitUntil(() => preview.videoWidth > 0 && preview.currentTime > 0);
        await nextFrame();
        const boxes = () =>
          ['frame', 'start-button', 'pause-button'].map((name) => {
            const { x, y, width, height } = part(element, name)!.getBoundingClientRect();
            return [x, y, width, height].map(Math.round);
          });
        const before = boxes();
        devices.set(['One Camera', 'Two'], ['One Microphone', 'Two']);
        await waitUntil(() => opener(element), 'the menus');
        await nextFrame();
        expect(boxes(), `${markup} at ${width}`).to.deep.equal(before);
        element.stop();
        await element.updateComplete;
      }
    }
  });

  for (const markup of ['<media-producer></media-producer>', '<media-producer no-preview></media-producer>']) {
    it(`are accessible and fit into 240 px with text at 200 %: ${markup}`, async () => {
      const element = await live(markup);
      await opened(element);
      for (const scheme of ['light', 'dark']) {
        element.style.colorScheme = scheme;
        element.style.backgroundColor = 'Canvas';
        await nextFrame();
        await Promise.allSettled(element.shadowRoot!.getAnimations().map(({ finished }) => finished));
        const { violations } = await axe.run(element, { resultTypes: ['violations'] });
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).to.deep.equal([]);
      }
      element.style.inlineSize = '240px';
      document.documentElement.style.fontSize = '200%';
      await nextFrame();
      const box = element.getBoundingClientRect();
      for (const inner of element.shadowRoot!.querySelectorAll('select, summary, .panel, .frame')) {
        const { left, right } = inner.getBoundingClientRect();
        expect(left, inner.outerHTML).to.be.at.least(box.left - 0.5);
        expect(right, inner.outerHTML).to.be.at.most(box.right + 0.5);
      }
      document.documentElement.style.fontSize = '';
      expect(select(element, 'video')!.labels![0]!.textContent).to.contain('Camera');
      expect(select(element, 'audio')!.labels![0]!.textContent).to.contain('Microphone');
    });
  }
});

describe('a device of media-producer that goes away', () => {
  it('gives way to another one, in the same stream, when its track ends by itself', async () => {
    const { stream: remote, end } = await endingPicture();
    const [track] = remote.getVideoTracks();
    track!.getSettings = () => ({ deviceId: 'Desk Camera' });
    devices.instead.set('Desk Camera', () => remote);
    const element = await producer('<media-producer audio="none" device-fallback></media-producer>');
    await element.start();
    const { stream } = element;
    await waitUntil(() => element.devices.length === 4);
    devices.broken.push('Desk Camera');
    await end();
    await waitUntil(() => element.activeVideoDevice === 'Top Camera', 'the other camera', { timeout: 5000 });
    expect(track!.readyState).to.equal('ended');
    expect(element.state).to.equal('live');
    expect(element.stream).to.equal(stream);
    expect(liveTracks(stream!.getTracks()).length).to.equal(1);
    await element.updateComplete;
    expect(part(element, 'error')!.textContent).to.contain('“Top Camera” is used until it is back');
  });

  it('comes back when it is plugged in again', async () => {
    const element = await live('<media-producer device-fallback></media-producer>');
    devices.unplug('Desk Microphone');
    await waitUntil(() => element.activeAudioDevice === 'Clip Microphone', 'the other one');
    devices.plug('audio', 'Desk Microphone');
    await waitUntil(() => element.activeAudioDevice === 'Desk Microphone', 'the first one');
    expect(element.error).to.equal(null);
  });
});

describe('a microphone that makes nothing but zeros', () => {
  it('is taken again, as the same capture, as soon as it makes a sound', async () => {
    const context = new AudioContext();
    await context.resume();
    const level = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context);
    const output = new MediaStreamAudioDestinationNode(context);
    tone.connect(level).connect(output);
    tone.start();
    const [track] = output.stream.getAudioTracks();
    track!.getSettings = () => ({ deviceId: 'Desk Microphone' });
    devices.instead.set('Desk Microphone', () => output.stream);
    const microphone = new MediaProducer();
    microphone.deviceFallback = true;
    await microphone.start({ video: 'none', audio: ['microphone'] });
    const active = () => microphone.store.get().active.audio;
    try {
      await waitUntil(() => active() === 'Desk Microphone');
      microphone.silent();
      await waitUntil(() => active() === 'Clip Microphone', 'the other one');
      expect(track!.readyState).to.equal('live');
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(active(), 'zeros are no reason').to.equal('Clip Microphone');
      level.gain.value = 0.01;
      await waitUntil(() => active() === 'Desk Microphone', 'the first one', { timeout: 5000 });
      expect(devices.asked.length).to.equal(2);
      expect(microphone.error).to.equal(null);
      expect(microphone.stream!.getTracks().map(({ readyState }) => readyState)).to.deep.equal(['live']);
      await waitUntil(() => devices.live() === 0, 'the other one is let go');
    } finally {
      microphone.destroy();
      await context.close();
    }
    expect(track!.readyState).to.equal('ended');
  });
});

describe('a start of media-producer of which only a half can be had', () => {
  it('is offered as that half, and nothing is open meanwhile', async () => {
    devices.set([], ['Desk Microphone']);
    const element = await producer();
    await element.start().catch(() => {});
    await waitUntil(() => part(element, 'instead-button'), 'the offer');
    expect(element.error!.message).to.contain('The camera was not found');
    expect(devices.live()).to.equal(0);
    button(element, 'Start with sound only')!.click();
    await reached(element, 'live');
    expect(element.stream!.getTracks().map(({ kind }) => kind)).to.deep.equal(['audio']);
    expect(part(element, 'instead-button')).to.equal(null);
  });

  it('is offered as a whole again when the camera is plugged in', async () => {
    devices.set([], ['Desk Microphone']);
    const element = await producer();
    await element.start().catch(() => {});
    expect(element.state).to.equal('failed');
    devices.plug('video', 'New Camera');
    await reached(element, 'idle');
    expect(button(element, 'Turn on camera and microphone')).to.be.ok;
  });

  it('releases everything when it is removed', async () => {
    const element = await live();
    await element.switchDevice('video', 'Top Camera');
    element.remove();
    await waitUntil(() => devices.live() === 0, 'released');
    devices.plug('video', 'New Camera');
    await nextFrame();
    expect(element.devices.length).to.equal(4);
  });
});
