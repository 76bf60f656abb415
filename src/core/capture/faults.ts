import { OnAirError, type MediaErrorCode, type OnAirErrorCode } from '../errors.js';
import { fault, type FaultKey } from '../faults.js';
import { deviceKey, featuresOf, type Asked } from './asked.js';
import type { CaptureFeature, CapturePlatform } from './platform.js';

/** Names what `getUserMedia` or `getDisplayMedia` threw. */
export async function captureFault(thrown: unknown, asked: Asked, platform: CapturePlatform): Promise<OnAirError> {
  if (thrown instanceof OnAirError) return thrown;
  const { name, text, constraint } = read(thrown);
  const say = (code: OnAirErrorCode, device = asked, values = {}) =>
    fault(code, { device: deviceKey(device), ...values }, { cause: thrown });

  switch (name) {
    case 'NotAllowedError':
    case 'PermissionDeniedError':
      return refusal(thrown, text, asked, platform);
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return say('none', await missing(asked, platform));
    case 'NotReadableError':
    case 'TrackStartError':
      return say(/system/i.test(text) ? 'system' : 'busy');
    case 'AbortError':
      // Chromium "Timeout starting video source", Firefox "Starting videoinput failed": the hardware, not a person.
      return say(/start/i.test(text) ? 'busy' : 'aborted');
    case 'OverconstrainedError':
    case 'ConstraintNotSatisfiedError':
      return say('overconstrained', asked, { constraint: constraint || 'device' });
    case 'SecurityError':
      return say(platform.secure ? 'policy' : 'insecure');
    case 'InvalidStateError':
      // getDisplayMedia without a gesture.
      return asked === 'screen'
        ? fault('invalid-state', {}, { key: 'invalid-state.screen', cause: thrown })
        : say('aborted');
    case 'NotSupportedError':
      return say('unsupported', asked, { feature: deviceKey(asked) });
    case 'TypeError':
      return platform.secure ? say('unsupported', asked, { feature: deviceKey(asked) }) : say('insecure');
    default:
      return say('aborted');
  }
}

/**
 * All refusals come as NotAllowedError. What tells them apart, surest first: the policy of the page, Chromium's texts
 * ("Permission dismissed", "Permission denied by system"), what the Permissions API says afterwards.
 */
async function refusal(thrown: unknown, text: string, asked: Asked, platform: CapturePlatform): Promise<OnAirError> {
  const features = featuresOf[asked];
  const say = (code: MediaErrorCode, device = asked, key: FaultKey = code) =>
    fault(code, { device: deviceKey(device) }, { key, cause: thrown });

  const forbidden = features.filter((feature) => !platform.allows(feature));
  if (forbidden.length > 0) return say('policy', narrow(asked, forbidden));
  if (/system/i.test(text)) return say('system');

  const states = await Promise.all(features.map((feature) => platform.permission(feature)));
  const denied = features.filter((_, i) => states[i] === 'denied');
  if (asked === 'screen') {
    // Closing the picker is "Permission denied by user" in Chromium; the lasting state is what tells a block.
    return denied.length > 0 ? say('denied', asked, 'denied.screen') : say('dismissed', asked, 'dismissed.screen');
  }
  if (denied.length > 0) return say('denied', narrow(asked, denied));
  if (/dismiss/i.test(text) || states.includes('prompt')) return say('dismissed');
  // Allowed for the page and refused all the same: the system stands in between.
  if (states.every((state) => state === 'granted')) return say('system');
  return say('denied');
}

/** Of a camera and a microphone asked for together, the one that the fault is about. */
function narrow(asked: Asked, features: readonly CaptureFeature[]): Asked {
  if (asked !== 'both' || features.length !== 1) return asked;
  return features[0] === 'camera' ? 'camera' : 'microphone';
}

async function missing(asked: Asked, platform: CapturePlatform): Promise<Asked> {
  if (asked !== 'both') return asked;
  const devices = await platform.mediaDevices?.enumerateDevices().catch(() => []);
  const has = (kind: MediaDeviceKind) => devices?.some((device) => device.kind === kind) === true;
  if (has('videoinput') === has('audioinput')) return asked;
  return has('videoinput') ? 'microphone' : 'camera';
}

function read(thrown: unknown): { name: string; text: string; constraint: string } {
  const { name, message, constraint } = (thrown ?? {}) as { name?: unknown; message?: unknown; constraint?: unknown };
  return {
    name: typeof name === 'string' ? name : '',
    text: typeof message === 'string' ? message : '',
    constraint: typeof constraint === 'string' ? constraint : '',
  };
}
