import type { Metrics } from '../metrics/index.js';
import { CopyRoom } from './copy-room.js';
import type { Disk, DiskFile } from './disk.js';
import { JournalFile } from './journal-file.js';
import { fileNames, lockName } from './journal.js';
import { holdLock } from './lock.js';
import type { TakeRequest } from './protocol.js';
import { finishMp4, type MovieIndex } from './repair/index.js';
import { TakeWriter } from './take-writer.js';

export interface TakeFilesTold {
  /** Takes what `TakeWriter` counts. */
  metrics: Metrics;
  /** As of `TakeWriter`. */
  onLonger(): void;
  onFailure(thrown: unknown): void;
}

/** What of a take lies on its disk, and its lock: held from `open()` until it is closed, or removed. */
export class TakeFiles {
  /** For the copy that it takes in the end, where it takes one. */
  readonly room: CopyRoom;
  #release: () => Promise<void> = () => Promise.resolve();
  #journal: JournalFile | null = null;
  #file: DiskFile | null = null;
  #writer: TakeWriter | null = null;

  constructor(
    private readonly disk: Disk,
    private readonly request: TakeRequest,
    private readonly told: TakeFilesTold,
  ) {
    this.room = new CopyRoom(disk, fileNames.remux(request.id));
  }

  /** @throws OnAirError as `Disk.open` does; what was opened by then is there to be removed */
  async open(): Promise<void> {
    const { id, name, collection, engine } = this.request;
    this.#release = await holdLock(lockName(id));
    this.#journal = await JournalFile.open(this.disk, id);
    await this.#journal.append({ step: 'open', v: 1, id, name, collection, engine });
    this.#file = await this.disk.open(fileNames.recording(id));
    this.#writer = this.#openWriter(this.#file);
  }

  /** Writes a line of the journal, as `JournalFile.append` does; nothing where there is none. */
  async append(entry: Parameters<JournalFile['append']>[0]): Promise<void> {
    await this.#journal?.append(entry);
  }

  /** Null before it is opened, and once it is closed. */
  get journal(): JournalFile | null {
    return this.#journal;
  }

  /** There from `open()` on, and told of when nothing more is written, too. */
  get writer(): TakeWriter {
    return this.#writer!;
  }

  /** Empties the file. Who writes to it needs the writer that is there then. */
  async empty(): Promise<void> {
    this.writer.end();
    await this.#file!.truncate(0);
    this.#writer = this.#openWriter(this.#file!);
  }

  /**
   * Nothing more comes: the media are brought to the device, and let go of. Answers how many bytes they are.
   * @param index of an MP4 that its muxer has ended: it is made a plain one
   */
  async finishMedia(index: MovieIndex | null): Promise<number> {
    this.writer.end();
    if (index) await finishMp4(this.#file!, index);
    await this.#file!.flush();
    const { size } = this.#file!;
    await this.#file!.close();
    this.#file = null;
    await this.room.close();
    return size;
  }

  /** Somebody else is to write it. */
  async closeJournal(): Promise<void> {
    await this.#journal!.close();
    this.#journal = null;
  }

  /**
   * Media first: a journal without media says that nothing was kept, and media without a journal look like somebody's lost
   * recording. What cannot be removed keeps its journal, by which every listing tries again.
   */
  async remove(): Promise<void> {
    await this.#closeFiles().catch(() => {});
    try {
      for (const part of ['remux', 'recording', 'journal'] as const)
        await this.disk.remove(fileNames[part](this.request.id));
    } catch {
      // It is told as gone all the same.
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#closeFiles().finally(() => this.#release());
  }

  async #closeFiles(): Promise<void> {
    const [file, journal] = [this.#file, this.#journal];
    this.#file = this.#journal = null;
    this.#writer?.end();
    try {
      await file?.close();
    } finally {
      await this.room.close().catch(() => {});
      await journal?.close();
    }
  }

  #openWriter(file: DiskFile): TakeWriter {
    const { flushBytes, flushInterval } = this.request;
    return new TakeWriter(file, { flushBytes, flushInterval, ...this.told });
  }
}
