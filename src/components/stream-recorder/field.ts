import type { PropertyValues } from 'lit';
import { property } from '../shared/decorators.js';
import { readRecording, type RecorderPhase, type Recording } from '../../core/record/index.js';
import type { StateChangeEvent } from '../events.js';
import { OnAirElement } from '../shared/element.js';

/**
 * A form field whose value is a recording. The file is what the form sends; the recording's id is what the browser keeps
 * of it, to bring it back after a reload or a step back in the history.
 */
export abstract class RecordingField extends OnAirElement<StateChangeEvent<RecorderPhase>> {
  static formAssociated = true;

  #recording: Recording | null = null;
  #file: File | null = null;
  #inactive = false;

  /** What the browser points at when the field must not be empty and is. */
  protected abstract get anchor(): HTMLElement | null;

  /** Name of the form field. */
  @property()
  get name(): string {
    return this.getAttribute('name') ?? '';
  }
  set name(name: string) {
    if (this.getAttribute('name') !== name) this.setAttribute('name', name);
  }

  /** Whether the form needs a recording. */
  @property({ type: Boolean })
  get required(): boolean {
    return this.hasAttribute('required');
  }
  set required(required: boolean) {
    this.toggleAttribute('required', Boolean(required));
    this.#validate();
  }

  /** Whether no take can be started, and the form leaves the field out. */
  @property({ type: Boolean })
  get disabled(): boolean {
    return this.hasAttribute('disabled');
  }
  set disabled(disabled: boolean) {
    this.toggleAttribute('disabled', Boolean(disabled));
  }

  /** The last finished take: the value of the field. Null after a reset of the form. */
  get recording(): Recording | null {
    return this.#recording;
  }

  /** The form it belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  /** Its labels. */
  get labels(): NodeList {
    return this.internals.labels;
  }

  /** What is wrong with the value. */
  get validity(): ValidityState {
    return this.internals.validity;
  }

  /** The same as a sentence; empty when all is well. */
  get validationMessage(): string {
    return this.internals.validationMessage;
  }

  /** Whether the form looks at it. */
  get willValidate(): boolean {
    return this.internals.willValidate;
  }

  /** Whether the value will do. */
  checkValidity(): boolean {
    return this.internals.checkValidity();
  }

  /** The same, and tells the person what is wrong. */
  reportValidity(): boolean {
    return this.internals.reportValidity();
  }

  formDisabledCallback(disabled: boolean): void {
    this.#inactive = disabled;
    this.requestUpdate();
  }

  /** Empties the field; the recording stays on disk. A take that runs goes on. */
  formResetCallback(): void {
    this.#set(null, null);
  }

  formStateRestoreCallback(kept: unknown): void {
    // A recording that was removed meanwhile leaves the field empty.
    if (typeof kept === 'string') this.#restore(kept).catch(() => {});
  }

  /** Whether it, or a fieldset around it, is disabled. */
  protected get inactive(): boolean {
    return this.#inactive;
  }

  /** Takes a finished recording for the value. @throws OnAirError `recording-missing` */
  protected async fill(recording: Recording): Promise<void> {
    this.#set(recording, null);
    const file = await recording.file();
    if (this.#recording === recording) this.#set(recording, file);
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    this.#validate(); // The button to point at, and the language.
  }

  async #restore(id: string): Promise<void> {
    const before = this.#recording;
    const recording = await readRecording(id);
    const finished = recording.state === 'saved' || recording.state === 'recovered';
    if (finished && this.#recording === before) await this.fill(recording);
  }

  #set(recording: Recording | null, file: File | null): void {
    this.#recording = recording;
    this.#file = file;
    this.internals.setFormValue(file, recording?.id ?? null);
    this.#validate();
    this.requestUpdate();
  }

  #validate(): void {
    if (!this.required || this.#file) this.internals.setValidity({});
    else this.internals.setValidity({ valueMissing: true }, this.say('recorder.required'), this.anchor ?? undefined);
  }
}
