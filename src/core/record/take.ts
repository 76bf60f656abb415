import { OnAirError, type OnAirErrorCode } from '../errors.js';
import { fault } from '../faults.js';
import { Metrics, showStretch } from '../metrics/index.js';
import type { ConditionName, QualityMove } from './adapt.js';
import { ChunkEngine } from './chunk-engine.js';
import { CodecEngine } from './codec-engine.js';
import type { Disk } from './disk.js';
import type { Engine, EngineHost, EngineStart } from './engine.js';
import { finishTake } from './finish-take.js';
import type { JournalEntry, JournalSummary } from './journal.js';
import type { FromWorker, TakeRequest } from './protocol.js';
import { QuotaWatch } from './quota-watch.js';
import { recoverRecording } from './recover.js';
import { probeMemoryOnly } from './storage-state.js';
import { TakeFiles } from './take-files.js';
import { TakeTeller } from './take-teller.js';

/** Bytes that the head of a file without media may have. */
const MOST_HEAD = 64 * 1024;
/** Seconds that an engine may take to let go of everything when nothing of it is needed any more. */
const LET_GO = 5;

type Head = Pick<JournalEntry, 'format' | 'mimeType' | 'head'>;

/**
 * One take, from its first byte to its name in the library; the only owner of its state, lock, journal and file.
 *
 *     opening -> recording <-> paused -> finishing -> (saved)
 *                     '-> discarding -> (gone)
 *
 * Each step is in the journal before it is taken. Whatever goes wrong after the first byte leads to `finishing`: what is
 * on disk is made a whole file.
 */
export class Take implements EngineHost {
  readonly metrics = new Metrics();
  readonly #files: TakeFiles;
  readonly #teller: TakeTeller;
  #state: 'opening' | 'recording' | 'paused' | 'finishing' | 'discarding' | 'over' = 'opening';
  #engine: Engine | null = null;
  #quota: QuotaWatch | null = null;
  #format: EngineStart['format'] = 'webm';
  /** What the journal is to say once something is in the file: see `neverBegun`. */
  #unsaid: Head | null = null;
  /** The encoders are gone, and what comes is to come from MediaRecorder. */
  #handedOver = false;
  /** What is to be done when the take has begun: the source ended before it had, or an encoder or a write failed. */
  #soon: (() => void)[] = [];
  #steps: Promise<void> = Promise.resolve();
  #opened: Promise<void> = Promise.resolve();

  constructor(
    private readonly disk: Disk,
    private readonly request: TakeRequest,
    private readonly tell: (message: FromWorker) => void,
  ) {
    this.#files = new TakeFiles(disk, request, {
      metrics: this.metrics,
      onLonger: () => this.#teller.tell(),
      onFailure: (thrown) => this.fail(thrown),
    });
    const read = () => [this.#engine!, this.#files.writer, this.#quota?.secondsLeft ?? null] as const;
    this.#teller = new TakeTeller(this.metrics, read, tell);
  }

  /** Opens everything and records. Tells `started`; or `unavailable`, and then nothing is left behind. */
  async start(): Promise<void> {
    const { request } = this;
    const { engine, trials } = request;
    const probe = probeMemoryOnly();
    try {
      await (this.#opened = this.#files.open());
      this.#quota = await QuotaWatch.open();
      // Discarded meanwhile.
      if (this.#state !== 'opening') return;
      this.#engine =
        engine === 'webcodecs'
          ? new CodecEngine(request, this.#files.writer, this)
          : new ChunkEngine(request, this.#files.writer, this);
      // The engine writes the head of the file; MediaRecorder's comes with its first chunk.
      await this.#files.append({ step: 'recording' });
      const { compromises, ...head } = await this.#engine.start();
      if (this.#state !== 'opening') return await this.#abort();
      const { format, mimeType } = head;
      this.#format = format;
      if (this.#files.writer.size > 0) await this.#files.append({ step: 'recording', ...head });
      else this.#unsaid = head;
      const memoryOnly = await probe;
      this.#state = 'recording';
      this.#teller.begin();
      this.tell({ type: 'started', engine, format, mimeType, disk: this.disk.kind, memoryOnly, trials, compromises });
      this.tell({ type: 'state', state: 'recording' });
      for (const act of this.#soon) act();
    } catch (thrown) {
      await this.#abort();
      await this.#end('remove').catch(() => {});
      const error = OnAirError.from(thrown, 'no-encoder');
      this.tell({ type: 'unavailable', code: error.code, detail: error.detail });
    }
  }

  pause(): Promise<void> {
    return this.#step(async () => {
      if (this.#state !== 'recording' || !(await this.#announce('paused'))) return;
      this.#engine!.pause();
      this.#teller.pause();
      this.#state = 'paused';
      // A pause may last, and nothing that comes after it would take what lies there to the device.
      await this.#files.writer.flush().catch((thrown: unknown) => this.fail(thrown));
      this.tell({ type: 'state', state: 'paused' });
      this.#teller.tell();
    });
  }

  resume(): Promise<void> {
    return this.#step(async () => {
      if (this.#state !== 'paused' || !(await this.#announce('recording'))) return;
      this.#engine!.resume();
      this.#teller.resume();
      this.#state = 'recording';
      this.tell({ type: 'state', state: 'recording' });
    });
  }

  /** Ends the take with a whole file. `reason` tells why it was not the person who stopped it. */
  stop(reason?: OnAirErrorCode): Promise<void> {
    if (this.#state === 'opening') this.#soon.push(() => void this.stop(reason));
    return this.#step(async () => {
      if (this.#state !== 'recording' && this.#state !== 'paused') return;
      this.#state = 'finishing';
      this.#teller.end();
      this.tell({ type: 'state', state: 'finishing' });
      await this.#finish(reason).catch((thrown: unknown) => this.#lose(thrown, reason));
    });
  }

  discard(): Promise<void> {
    return this.#step(async () => {
      if (this.#state === 'over' || this.#state === 'finishing') return;
      this.#state = 'discarding';
      this.#teller.end();
      await this.#opened.catch(() => {});
      await this.#files.append({ step: 'discarding' }).catch(() => {});
      await this.#abort();
      await this.#end('remove');
      this.tell({ type: 'discarded' });
    });
  }

  frame(frame: VideoFrame, givenUp: number): void {
    if (this.#engine instanceof CodecEngine) this.#engine.frame(frame, givenUp);
    else frame.close();
  }

  sighted(): void {
    if (this.#engine instanceof CodecEngine) this.#engine.sighted();
  }

  replace(inputs: Partial<Pick<TakeRequest, 'video' | 'audio'>>): void {
    if (this.#engine instanceof CodecEngine) this.#engine.replace(inputs);
  }

  unseen(): void {
    this.tell({ type: 'unseen' });
  }

  replaced(kind: 'video' | 'audio'): void {
    this.tell({ type: 'replaced', kind });
  }

  condition(name: ConditionName, pressure: number | null): void {
    if (this.#engine instanceof CodecEngine) this.#engine.condition(name, pressure);
  }

  time(enabled: boolean, trace: boolean): void {
    this.metrics.enabled = enabled;
    this.metrics.trace = trace ? showStretch : null;
  }

  chunk(data: ArrayBuffer, overlap: number): void {
    if (this.#engine instanceof ChunkEngine) this.#engine.chunk(new Uint8Array(data), overlap);
  }

  /** Without its line the parts are joined one behind the other, and show what is in both of them twice. */
  async overlapped(from: number, seconds: number): Promise<void> {
    await this.#files.append({ step: 'overlap', from, seconds }).catch(() => {});
  }

  async grows(size: number, joined: boolean): Promise<void> {
    // An MP4 is finished where it lies, unless it is to be joined.
    if (this.#format === 'mp4' && !joined) return;
    this.#quota?.copy();
    // IndexedDB sets nothing aside.
    if (this.disk.kind === 'opfs') await this.#files.room.keep(size);
  }

  media(): void {
    if (this.#unsaid) void this.#sayFormat(this.#unsaid);
    if (this.#state !== 'recording') return;
    const { duration } = this.#engine!;
    const { maxDuration } = this.request;
    if (maxDuration !== null && duration >= maxDuration) void this.stop();
    if (!this.#teller.look(duration)) return;
    const { writer, room } = this.#files;
    if (this.#quota?.look(writer.size, room.size, duration)) void this.stop('disk-full');
  }

  /** Its line in the journal is for people: nothing depends on it. */
  moved(move: QualityMove): void {
    const { level } = move.quality;
    this.metrics.counter(level < move.previous ? 'quality:down' : 'quality:up').add();
    const { duration } = this.#engine!;
    void this.#files.append({ step: 'quality', level, cause: move.cause, duration }).catch(() => {});
    this.tell({ type: 'quality', ...move });
  }

  ended(): void {
    if (!this.request.followed) void this.stop();
  }

  fail(thrown: unknown): void {
    if (this.#state === 'opening') {
      this.#soon.push(() => this.fail(thrown));
      return;
    }
    const { code } = OnAirError.from(thrown, 'disk-failed');
    const engine = this.#engine;
    const sequel = code === 'encoder-failed' && engine instanceof CodecEngine ? engine.sequel : null;
    if (!sequel) void this.stop(code);
    else if (!this.#handedOver) {
      this.#handedOver = true;
      void this.#handOver(engine as CodecEngine, sequel);
    }
  }

  /**
   * What the encoders have made is finished, and MediaRecorder goes on behind it: the file then holds two recordings,
   * which are joined when the take ends, or when it is recovered. Where they have made nothing the file begins with it.
   */
  #handOver(engine: CodecEngine, mimeType: string): Promise<void> {
    return this.#step(async () => {
      const state = this.#state;
      if (state !== 'recording' && state !== 'paused') return;
      if (!(await this.#announce(state, { engine: 'mediarecorder' }))) return;
      // What could not be finished is repaired with the rest.
      await engine.stop().catch(() => false);
      const { duration, counts, empty } = engine;
      if (empty) await this.#startOver(mimeType);
      const before = { duration: empty ? 0 : duration, counts };
      this.#engine = new ChunkEngine({ ...this.request, mimeType }, this.#files.writer, this, before);
      this.tell({ type: 'handed-over', mimeType });
    });
  }

  /** A head without media is nothing that could be gone on behind: until the first chunk the take has never begun. */
  async #startOver(mimeType: string): Promise<void> {
    await this.#files.empty();
    await this.#files.append({ step: 'anew' }).catch(() => {});
    this.#unsaid = { format: this.#format, mimeType, head: 0 };
  }

  notice(code: OnAirErrorCode): void {
    this.tell({ type: 'notice', code });
  }

  noticeOver(code: OnAirErrorCode): void {
    this.tell({ type: 'notice-over', code });
  }

  /** Answers whether a step may be taken. Where the disk refuses its line, what there is is made a whole file instead. */
  async #announce(step: 'recording' | 'paused', more: Head | Pick<JournalEntry, 'engine'> = {}): Promise<boolean> {
    try {
      await this.#files.append({ step, ...more });
      return true;
    } catch (thrown) {
      this.fail(thrown);
      return false;
    }
  }

  #sayFormat(head: Head): Promise<void> {
    this.#unsaid = null;
    return this.#step(async () => {
      const state = this.#state;
      if (state === 'recording' || state === 'paused') await this.#announce(state, head);
    });
  }

  /** One step at a time, in the order they were asked for. */
  #step(step: () => Promise<void>): Promise<void> {
    this.#steps = this.#steps.then(step).catch((thrown: unknown) => this.#lose(thrown));
    return this.#steps;
  }

  async #finish(reason?: OnAirErrorCode): Promise<void> {
    const { disk, request } = this;
    const why = reason ? { reason } : {};
    await this.#files.append({ step: 'finishing', ...why }).catch(() => {});
    const whole = await this.#engine!.stop();
    this.#teller.tell();
    const { duration } = this.#engine!;
    const size = await this.#files.finishMedia(whole ? this.#engine!.index : null);
    let summary: JournalSummary;
    if (whole) {
      summary = await finishTake(disk, request.id, this.#files.journal!, {
        format: this.#format,
        duration,
        size,
        ...why,
      });
    } else {
      await this.#files.closeJournal();
      // The lock is ours already.
      summary = await recoverRecording(disk, request.id, {
        locks: null,
        end: 'saved',
        onProgress: (share) => this.tell({ type: 'copied', share }),
      });
      // A head without media is gone by now. From a take that ended at once: nothing was recorded. What our clock cannot
      // read may be media all the same.
      const unread = summary.step === 'damaged' && duration < 1 && size <= MOST_HEAD;
      if (unread || summary.step === 'discarding') throw fault('no-media');
    }
    await this.#end('close');
    this.tell({ type: 'finished', summary });
  }

  /**
   * A step threw: nothing more can be done here. What is on disk stays, for recovery to make a whole file of.
   * @param reason why the take was to end; it is why nothing came, where nothing did
   */
  async #lose(thrown: unknown, reason?: OnAirErrorCode): Promise<void> {
    const error = OnAirError.from(thrown, 'disk-failed');
    const nothing = error.code === 'no-media';
    await this.#abort();
    await this.#end(nothing ? 'remove' : 'close').catch(() => {});
    this.tell({ type: 'failed', code: (nothing && reason) || error.code, detail: error.detail });
  }

  /** Lets the engine go. However that ends, and whether it does, what comes after it must be done and told. */
  async #abort(): Promise<void> {
    let late: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => (late = setTimeout(resolve, LET_GO * 1000)));
    const gone = (async () => this.#engine?.abort())().catch(() => {});
    await Promise.race([gone, deadline]);
    clearTimeout(late);
  }

  #end(how: 'close' | 'remove'): Promise<void> {
    this.#state = 'over';
    this.#teller.end();
    return this.#files[how]();
  }
}
