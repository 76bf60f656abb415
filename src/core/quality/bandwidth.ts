/** The way out of whoever publishes; bits per second. */
export interface Bandwidth {
  /** What is to be sent at the quality of the moment. */
  readonly wanted: number;
  /** What can be, by the congestion control (`availableOutgoingBitrate` of WebRTC's statistics); null before it is known. */
  readonly available: number | null;
}

/**
 * The pressure of a network: 1 where all of it is wanted. By the square, because a step up asks for a quarter more: below
 * three quarters it is safe.
 */
export function bandwidthPressure({ wanted, available }: Bandwidth): number | null {
  if (available === null || !(wanted >= 0) || !(available >= 0)) return null;
  return available > 0 ? (wanted / available) ** 2 : Infinity;
}
