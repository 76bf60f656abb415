/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What one side sends and the other one gets: data, and bytes where it has some. */
export interface ChannelMessage {
  data: Json;
  bytes: Uint8Array | null;
}
