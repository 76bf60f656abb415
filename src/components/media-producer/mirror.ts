import type { VideoKind } from '../../core/capture/index.js';

/**
 * Whether a preview is shown as in a mirror: people adjust themselves that way, and text to be read must not be.
 * A camera says where it looks on phones; on desktops none does, and there it looks at the person in front of it.
 *
 * @param captured What was opened here; null for a given stream, of which only what the track says counts.
 */
export function mirrored(track: MediaStreamTrack, captured: VideoKind | null): boolean {
  const { facingMode, displaySurface } = track.getSettings();
  if (displaySurface !== undefined) return false;
  if (facingMode) return facingMode === 'user';
  return captured === 'camera' && matchMedia('(pointer: fine)').matches;
}
