import { isAudioNode } from '../../core/audio-node.js';
import type { LevelMeterPhase } from '../../core/audio/index.js';
import type { MediaProducer } from '../../core/producer/index.js';
import type { StateChangeEvent } from '../events.js';
import { property } from '../shared/decorators.js';
import { OnAirElement } from '../shared/element.js';
import type { ProducerElement } from '../shared/producer-link.js';
import { SourceLink } from './sources.js';

/** An element that meters what it finds, or is given. */
export abstract class SourcedElement extends OnAirElement<StateChangeEvent<LevelMeterPhase>> {
  /** Id of a producer or a media element; wins over nesting. */
  @property({ attribute: 'for' }) htmlFor = '';
  /** The producer, as an element or a core `MediaProducer`; wins over `for`. */
  @property({ attribute: false }) producer: ProducerElement | MediaProducer | HTMLElement | null = null;

  protected readonly sources = new SourceLink(this, () => this.follow());

  /** Meters this stream, whatever else there is; null for what there is otherwise. */
  @property({ attribute: false })
  get srcObject(): MediaStream | null {
    const { given } = this.sources;
    return isAudioNode(given) ? null : given;
  }
  set srcObject(stream: MediaStream | null) {
    // Anything else counts as none.
    this.sources.given = typeof stream?.getTracks === 'function' ? stream : null;
  }

  /**
   * Meters a node of an AudioContext of the page, in the place of `srcObject`; null for what there is otherwise. What the
   * node is connected to stays as it is.
   */
  connectNode(node: AudioNode | null): void {
    this.sources.given = isAudioNode(node) ? node : null;
  }

  /** Called when what is to be metered may be another. */
  protected abstract follow(): void;
}
