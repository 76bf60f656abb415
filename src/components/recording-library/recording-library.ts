import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from '../shared/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { OnAirError } from '../../core/errors.js';
import { fault } from '../../core/faults.js';
import { message, retold } from '../../core/messages.js';
import {
  type Recording,
  RecordingStore,
  type RecordingStoreState,
  type Recovery,
  type StorageState,
} from '../../core/record/index.js';
import { RecordingsChangeEvent, RecoveredEvent } from '../events.js';
import { OnAirElement } from '../shared/element.js';
import { icon } from '../shared/icons.js';
import { nearestLang } from '../shared/lang.js';
import { base, tokens } from '../shared/styles.js';
import { AutoRecovery } from './auto-recovery.js';
import { formatsFor } from '../shared/format.js';
import { Playback } from './playback.js';
import { type Intent, row } from './row.js';
import { storageLine } from './storage-line.js';
import { styles } from './styles.js';
import { type Word, words } from './words.js';

const STATES = ['loading', 'empty', 'recovering', 'failed'];
/** Rows that are made at a time: five hundred at once take 90 ms on a slow machine, in which the page stands still. */
const BATCH = 60;
/** Milliseconds of reading after which it is said: most of it is over sooner. */
const PATIENCE = 300;
const NOTHING: RecordingStoreState = { recordings: [], storage: null, loaded: false, recovering: null, copied: null };

/**
 * Lists the recordings on this origin: to play, download and delete them, and to finish those that a crash interrupted.
 *
 * What is being recorded, here or in another tab, is shown and left alone. Interrupted recordings are recovered one
 * after the other as soon as they are seen, unless `recover` says otherwise. Playing needs `media-src blob:` where the
 * page has a Content-Security-Policy.
 *
 * @element recording-library
 *
 * @attr {string} collection - Shows only recordings of this collection. Default: those of none.
 * @attr {'auto'|'manual'|'off'} recover - `auto` recovers what was interrupted; `manual` shows a button for each; `off`
 *   only shows it. Default `auto`.
 * @attr {boolean} no-remove - Offers no deleting.
 *
 * @fires {RecordingsChangeEvent} oa-recordingschange - The list changed; carries `recordings`. Does not bubble.
 * @fires {RecoveredEvent} oa-recovered - An interrupted recording was finished; carries `recording`. Bubbles.
 * @fires {FaultEvent} oa-error - Something failed; carries `code`, `message`, `cause`, `fatal`. Bubbles.
 *
 * @slot empty - Replaces the words that are shown while there are no recordings.
 *
 * @csspart list - The list of recordings.
 * @csspart recording - One recording.
 * @csspart name - Its name.
 * @csspart details - Date, duration and size.
 * @csspart state - Its state in words.
 * @csspart progress - How much of it is recovered.
 * @csspart actions - Its buttons.
 * @csspart question - Asks before it is deleted.
 * @csspart player - The `video` it is played in.
 * @csspart storage - How much there is and how much is left.
 * @csspart empty - What is shown while there are no recordings.
 * @csspart loading - What is shown while reading takes long.
 * @csspart error - The sentence of a fault.
 * @csspart button - Each button.
 * @csspart play-button - Plays, closes.
 * @csspart download-button - Downloads.
 * @csspart recover-button - Recovers.
 * @csspart remove-button - Asks whether to delete.
 * @csspart keep-button - Does not delete.
 * @csspart confirm-button - Deletes.
 *
 * @cssprop [--oa-color-text] - Text.
 * @cssprop [--oa-color-muted] - Text of less weight.
 * @cssprop [--oa-color-surface] - Background.
 * @cssprop [--oa-color-raised] - Background of buttons.
 * @cssprop [--oa-color-line] - Borders.
 * @cssprop [--oa-color-accent] - Focus rings.
 * @cssprop [--oa-color-record] - What is being recorded.
 * @cssprop [--oa-color-warn] - Trouble that is worked around.
 * @cssprop [--oa-color-bad] - Trouble that lost something; deleting.
 * @cssprop [--oa-radius=12px] - Corners.
 * @cssprop [--oa-control-size=44px] - Height of buttons.
 * @cssprop [--oa-font=system-ui] - Font family.
 *
 * @cssstate loading - The disks have not been read yet.
 * @cssstate empty - There are no recordings.
 * @cssstate recovering - A recording is being recovered.
 * @cssstate failed - The recordings cannot be read.
 */
export class OaRecordingLibrary extends OnAirElement {
  static override styles = [tokens, base, styles];

  /** Shows only recordings of this collection; empty for those of none. */
  @property() collection = '';
  /** `auto`, `manual` or `off`; anything else counts as `auto`. */
  @property({ attribute: 'recover' }) recoverMode: string = 'auto';
  /** Offers no deleting. */
  @property({ type: Boolean }) noRemove = false;

  #store: RecordingStore | null = null;
  #unsubscribe: () => void = () => {};
  /** Why the recordings cannot be read. */
  #unreadable: OnAirError | null = null;
  /** What last failed of what was asked for. */
  #failure: OnAirError | null = null;
  #asking: string | null = null;
  #drawn = BATCH;
  #slow = false;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #recovery: AutoRecovery | null = null;
  readonly #playback = new Playback(this);

  constructor() {
    super();
    this.setStates(STATES, 'loading');
  }

  /** Newest first; the same array until something has changed. */
  get recordings(): readonly Recording[] {
    return this.#state.recordings;
  }

  /** What the browser tells of the storage; null while that is not known. */
  get storage(): StorageState | null {
    return this.#state.storage;
  }

  /**
   * Reads the recordings again; only needed after other programs have changed them.
   * @throws OnAirError `invalid-state` when the element is not in the document; `storage-unavailable`, `disk-failed`
   */
  async refresh(): Promise<readonly Recording[]> {
    return this.#connectedStore().refresh();
  }

  /**
   * Finishes an interrupted recording.
   * @throws OnAirError `recording-live`, `recording-missing`, `disk-full`, `disk-failed`, `storage-unavailable`,
   *   `worker-blocked`, `worker-failed`, `invalid-state` when the element is not in the document; `aborted` when it was
   *   removed, or given another `collection`, meanwhile
   */
  async recover(id: string): Promise<Recording> {
    const store = this.#connectedStore();
    const recording = await store.recover(id);
    this.#tellRecovery(store, { id, recording, error: null });
    return recording;
  }

  /** Takes the element out of the document, as every element's `remove()` does. */
  override remove(): void;
  /**
   * Deletes a recording, without asking.
   * @throws OnAirError `recording-live`, `recording-missing`, `disk-failed`, `invalid-state`
   */
  override remove(id: string): Promise<void>;
  override remove(id?: string): void | Promise<void> {
    return id === undefined ? super.remove() : this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    await this.#connectedStore().remove(id);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated && !this.#store) this.#open();
  }

  protected override release(): void {
    this.#close();
  }

  /** The first button of the same row, of the next, or of the one before; a row without any takes it itself. */
  protected override nextFocus(focused: Element): () => HTMLElement | null {
    const row = focused.closest<HTMLElement>('.row');
    const rows = [row, row?.nextElementSibling, row?.previousElementSibling].filter(
      (one) => one instanceof HTMLElement,
    );
    return () => {
      const near = rows.find(({ isConnected }) => isConnected);
      return near?.querySelector('button') ?? near ?? this.renderRoot.querySelector('.row, .empty');
    };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.hasUpdated || changed.has('collection')) {
      this.#close();
      if (this.isConnected) this.#open();
    } else if (changed.has('recoverMode')) this.#recovery?.[this.#recoversItself ? 'look' : 'stop']();
  }

  protected override updated(): void {
    if (this.#drawn >= this.recordings.length) return;
    requestAnimationFrame(() => {
      this.#drawn += BATCH;
      this.requestUpdate();
    });
  }

  protected override render(): TemplateResult {
    const { recordings, loaded } = this.#state;
    return html`
      <section class="library" aria-label=${this.#word('library.label')}>
        ${this.renderFault(this.#unreadable ?? this.#failure)}
        ${recordings.length > 0 ? this.#renderList() : loaded ? this.#renderEmpty() : this.#renderLoading()}
        ${loaded ? storageLine(recordings, this.storage, formatsFor(nearestLang(this)), this.#word) : nothing}
      </section>
      ${this.renderAnnouncer()}
    `;
  }

  #renderList(): TemplateResult {
    const { recordings, recovering, copied } = this.#state;
    const { id: open, source, failure } = this.#playback;
    const formats = formatsFor(nearestLang(this));
    return html`<ul class="list" part="list">
      ${repeat(
        recordings.slice(0, this.#drawn),
        ({ id }) => id,
        (recording) =>
          row({
            recording,
            formats,
            say: this.#word,
            recovering: recovering === recording.id || this.#recovery?.isWaiting(recording.id) === true,
            copied: recovering === recording.id ? copied : null,
            source: open === recording.id ? source : null,
            unplayable: open === recording.id ? failure : null,
            asking: this.#asking === recording.id,
            recoverable: this.recoverMode !== 'off',
            removable: !this.noRemove,
            act: this.#act,
            playbackFailed: this.#playback.fail,
          }),
      )}
    </ul>`;
  }

  #renderLoading(): TemplateResult | typeof nothing {
    if (!this.#slow || this.#unreadable) return nothing;
    return html`<p class="loading" part="loading">${this.#word('library.loading')}</p>`;
  }

  #renderEmpty(): TemplateResult {
    return html`<div class="empty" part="empty" tabindex="-1">
      <slot name="empty"
        >${icon('camera')}
        <p>${this.#word('library.empty')}</p></slot
      >
    </div>`;
  }

  #word = (word: Word, values: Readonly<Record<string, string>> = {}): string =>
    message(word, nearestLang(this), values, words);

  get #state(): Readonly<RecordingStoreState> {
    return this.#store?.store.get() ?? NOTHING;
  }

  #connectedStore(): RecordingStore {
    if (!this.isConnected) throw fault('invalid-state');
    this.takeUp();
    return this.#store ?? this.#open();
  }

  #open(): RecordingStore {
    const store = new RecordingStore({ collection: String(this.collection ?? '').trim() });
    this.#store = store;
    this.#unsubscribe = store.store.subscribe((now, before) => {
      if (now.loaded && !before.loaded) {
        clearTimeout(this.#patience);
        this.#unreadable = null;
      }
      this.#showState();
      this.requestUpdate();
      if (now.recordings !== before.recordings || now.loaded !== before.loaded) {
        const { id: played } = this.#playback;
        if (played !== null && now.recordings.every(({ id }) => id !== played)) this.#playback.close();
        this.dispatchEvent(new RecordingsChangeEvent(now.recordings));
        if (this.#recoversItself) this.#recovery?.look();
      }
    });
    this.#recovery = new AutoRecovery(store, (recovery) => this.#tellRecovery(store, recovery));
    this.#slow = false;
    this.#patience = setTimeout(() => {
      this.#slow = true;
      this.requestUpdate();
    }, PATIENCE);
    store.refresh().catch((error: unknown) => {
      if (this.#store !== store) return;
      this.#unreadable = OnAirError.from(error, 'storage-unavailable');
      this.#showState();
      this.announce(this.explain(this.#unreadable));
      this.emitFault(this.#unreadable);
    });
    return store;
  }

  #close(): void {
    clearTimeout(this.#patience);
    this.#unsubscribe();
    this.#recovery?.stop();
    this.#store?.destroy();
    this.#store = this.#recovery = null;
    this.#unreadable = this.#failure = null;
    this.#asking = null;
    this.#drawn = BATCH;
    this.#playback.close();
  }

  #showState(): void {
    const { loaded, recordings, recovering } = this.#state;
    this.setStates(
      STATES,
      this.#unreadable ? 'failed' : loaded ? '' : 'loading',
      loaded && recordings.length === 0 ? 'empty' : '',
      recovering ? 'recovering' : '',
    );
  }

  get #recoversItself(): boolean {
    return this.recoverMode !== 'manual' && this.recoverMode !== 'off';
  }

  #tellRecovery(store: RecordingStore, { recording, error }: Recovery): void {
    // Of a list that is shown no more.
    if (store !== this.#store) return;
    this.requestUpdate();
    if (error) {
      // Somebody else is at it, or nothing was ever recorded: neither is a fault.
      if (error.code !== 'recording-live' && error.code !== 'recording-missing') this.#report(error);
    } else if (recording.state === 'damaged') {
      this.announce(this.#word('library.told.damaged', { name: recording.name }));
      this.emitFault(fault('recording-damaged', {}, { fatal: false }));
    } else {
      const formats = formatsFor(nearestLang(this));
      this.announce(
        this.#word('library.told.recovered', { name: recording.name, duration: formats.duration(recording.duration) }),
      );
      this.dispatchEvent(new RecoveredEvent(recording));
    }
  }

  #report(error: OnAirError): void {
    this.#failure = retold(error, false);
    this.announce(this.explain(error));
    this.emitFault(this.#failure);
  }

  #act = (intent: Intent, recording: Recording): void => {
    this.#failure = null;
    const store = this.#store;
    this.#carryOut(intent, recording).catch((error: unknown) => {
      // Of a list that is shown no more.
      if (store === this.#store) this.#report(asError(error));
    });
    this.requestUpdate();
  };

  async #carryOut(intent: Intent, recording: Recording): Promise<void> {
    const { id } = recording;
    switch (intent) {
      case 'play':
        return this.#playback.open(recording);
      case 'close':
        return this.#playback.close();
      case 'download':
        return recording.download();
      case 'recover':
        return this.#recoverAsked(id);
      case 'ask':
        this.#asking = id;
        return this.#focus(id, '.keep');
      case 'keep':
        this.#asking = null;
        return this.#focus(id, '[data-intent="ask"]');
      case 'remove':
        return this.#removeAsked(recording);
    }
  }

  /** Meanwhile the row has no button, and the focus that was on one; it is given back. */
  async #recoverAsked(id: string): Promise<void> {
    try {
      await this.recover(id);
    } finally {
      await this.updateComplete;
      const focused = this.shadowRoot?.activeElement;
      if (focused instanceof HTMLElement && focused.dataset.id === id) focused.querySelector('button')?.focus();
    }
  }

  async #removeAsked(recording: Recording): Promise<void> {
    const { id, name } = recording;
    if (this.#playback.id === id) this.#playback.close();
    try {
      await this.#remove(id);
      this.announce(this.#word('library.told.removed', { name }));
    } catch (error) {
      if (this.#asking === id) await this.#carryOut('keep', recording);
      throw error;
    }
    // Another one may be asked about by now.
    if (this.#asking === id) this.#asking = null;
  }

  /** Focus stays where the work is. */
  async #focus(id: string, selector: string): Promise<void> {
    this.requestUpdate();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(`[data-id="${id}"] ${selector}`)?.focus();
  }
}

const asError = (error: unknown): OnAirError =>
  error instanceof OnAirError ? error : fault('disk-failed', {}, { cause: error });

declare global {
  interface HTMLElementTagNameMap {
    'recording-library': OaRecordingLibrary;
  }
}
