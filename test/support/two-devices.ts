import type { BrowserSettings, Tab } from './browser.js';

/** Two cameras of Chromium's own. Three microphones it has anyway. */
export const TWO_CAMERAS: BrowserSettings = {
  without: ['--use-fake-device'],
  args: ['--use-fake-device-for-media-stream=device-count=2,fps=30'],
};

/** Keeps what was opened, so that it can be looked at, and taken away with all of its clones. */
export const KEEP = `
  // What another test has chosen.
  localStorage.clear();
  globalThis.opened = [];
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    for (const track of stream.getTracks()) {
      const clones = [];
      track.clone = () => {
        const clone = MediaStreamTrack.prototype.clone.call(track);
        clones.push(clone);
        return clone;
      };
      opened.push({ track, clones });
    }
    return stream;
  };
`;

/** Two of each, every one of them the fake one of the browser, by names that are their ids. */
export const VIRTUAL = `
  {
    const { mediaDevices } = navigator;
    const real = mediaDevices.getUserMedia.bind(mediaDevices);
    globalThis.plugged = ['video 1', 'video 2', 'audio 1', 'audio 2'];
    mediaDevices.enumerateDevices = async () =>
      plugged.map((name) => {
        return { kind: name.slice(0, 5) + 'input', deviceId: name, label: name, groupId: name, toJSON: () => ({}) };
      });
    mediaDevices.getUserMedia = async ({ video, audio }) => {
      const named = (kind, asked) => {
        const id = asked.deviceId?.exact;
        const found = plugged.find((name) => name.startsWith(kind) && (id === undefined || name === id));
        if (!found) throw new DOMException('Requested device not found', 'NotFoundError');
        return found;
      };
      const names = { video: video && named('video', video), audio: audio && named('audio', audio) };
      const stream = await real({ video: Boolean(video), audio: Boolean(audio) });
      for (const track of stream.getTracks()) {
        track.getSettings = () => {
          return { ...MediaStreamTrack.prototype.getSettings.call(track), deviceId: names[track.kind] };
        };
      }
      return stream;
    };
  }
  ${KEEP}
  globalThis.plug = (names) => {
    plugged = names;
    for (const { track, clones } of opened) {
      if (plugged.includes(track.getSettings().deviceId) || track.readyState === 'ended') continue;
      for (const one of [track, ...clones]) one.stop();
      // The platform's own event is for ends that no page has brought about; Firefox delivers none of a page.
      track.dispatchEvent(new Event('ended'));
    }
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
`;

/** Labels of the tracks that were opened and have not ended. */
export const liveTracks = (tab: Tab) =>
  tab.page.evaluate(() =>
    (globalThis as unknown as { opened: { track: MediaStreamTrack }[] }).opened
      .filter(({ track }) => track.readyState === 'live')
      .map(({ track }) => track.label),
  );

/** Lets these be the devices that there are; of `VIRTUAL` only. */
export const plug = (tab: Tab, ...names: string[]) =>
  tab.page.evaluate((names) => (globalThis as unknown as { plug(names: string[]): void }).plug(names), names);

/** What a producer tells of its devices. */
export interface Devices {
  list: { kind: string; label: string; deviceId: string }[];
  active: { video: string | null; audio: string | null };
  error: { code: string } | null;
  state: string;
}
