/** A MediaRecorder that answers in tasks of its own, as browsers do. */
export class FakeRecorder {
  static made: FakeRecorder[] = [];
  state: 'inactive' | 'recording' = 'inactive';
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;

  /** Whether nothing comes of it. */
  mute = false;

  constructor(readonly stream: { dead?: boolean }) {
    FakeRecorder.made.push(this);
  }

  static get running(): number {
    return FakeRecorder.made.filter(({ state }) => state === 'recording').length;
  }

  start(): void {
    if (this.stream.dead) throw new DOMException('No live track', 'NotSupportedError');
    this.state = 'recording';
  }

  stop(): void {
    this.state = 'inactive';
    setImmediate(() => {
      const last = this.mute ? [] : [`end of ${FakeRecorder.made.indexOf(this)}`];
      this.ondataavailable?.({ data: new Blob(last) });
      this.onstop?.();
    });
  }

  /** As the standard has it: it is inactive, tells of that, and hands over what it has gathered. */
  fail(error: Error): void {
    this.stop();
    this.onerror?.({ error });
  }

  slice(data = new Blob([`slice of ${FakeRecorder.made.indexOf(this)}`])): void {
    this.ondataavailable?.({ data });
  }

  /** Its tracks have ended. */
  end = this.stop;

  static isTypeSupported(): boolean {
    return true;
  }
}

/** Until everything that was promised has been delivered. */
export const tasks = async (count = 4): Promise<void> => {
  for (let task = 0; task < count; task++) await new Promise((resolve) => setImmediate(resolve));
};
