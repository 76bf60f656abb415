import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { watchRemoval, type Recording } from '../../core/record/index.js';

export interface Field extends ReactiveControllerHost {
  readonly isConnected: boolean;
  readonly recording: Recording | null;
  formResetCallback(): void;
}

/** Empties a field when its recording is removed: the form must not send a file that is gone, or take it for an answer. */
export class RemovalWatch implements ReactiveController {
  #id: string | null = null;
  #unwatch: () => void = () => {};

  constructor(private readonly field: Field) {
    field.addController(this);
  }

  hostConnected(): void {
    this.hostUpdated();
  }

  /** One that was taken out updates, too, when its take is finished; nobody would tell when to let go of it again. */
  hostUpdated(): void {
    if (this.field.isConnected) this.#follow(this.field.recording?.id ?? null);
  }

  /** It is looked at again when the field is back. */
  hostDisconnected(): void {
    this.#follow(null);
  }

  #follow(id: string | null): void {
    if (id === this.#id) return;
    this.#id = id;
    this.#unwatch();
    this.#unwatch = id === null ? () => {} : watchRemoval(id, () => this.field.formResetCallback());
  }
}
