/** Whether this is a node of Web Audio; also where a browser has none of that, and so no class to ask for. */
export const isAudioNode = (value: unknown): value is AudioNode =>
  typeof AudioNode === 'function' && value instanceof AudioNode;
