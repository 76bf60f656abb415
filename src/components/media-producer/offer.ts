import type { CaptureConfig } from '../../core/capture/index.js';
import type { MessageKey } from '../../core/messages.js';
import type { ProducerPhase } from '../../core/producer/index.js';
import type { IconName } from '../shared/icons.js';

/** The one thing to do next, for each state; the words name what would be captured. */
export interface Offer {
  readonly icon: IconName;
  readonly name: MessageKey;
  readonly act: 'start' | 'stop';
}

/** What a start would capture. `config` is null for a given stream. */
export function startOffer(config: CaptureConfig | null): Offer {
  const offer = (icon: IconName, name: MessageKey): Offer => ({ icon, name, act: 'start' });
  if (!config) return offer('play', 'producer.start');
  const microphone = config.audio.includes('microphone');
  switch (config.video) {
    case 'screen':
      return offer('screen', 'producer.start.screen');
    case 'camera':
      return offer('camera', microphone ? 'producer.start.both' : 'producer.start.camera');
    default:
      return microphone
        ? offer('microphone', 'producer.start.microphone')
        : offer('sound', config.audio.length > 0 ? 'producer.start.system' : 'producer.start');
  }
}

export function nextOffer(state: ProducerPhase, config: CaptureConfig | null): Offer {
  switch (state) {
    case 'requesting':
      return { icon: 'close', name: 'producer.cancel', act: 'stop' };
    case 'live':
    case 'paused':
      return { icon: 'stop', name: 'producer.stop', act: 'stop' };
    case 'failed':
      return { icon: 'again', name: 'producer.retry', act: 'start' };
    default:
      return startOffer(config);
  }
}
