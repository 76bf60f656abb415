/** Makes a function that holds up the audio thread of this context for three seconds. */
export async function hangAudio(context: AudioContext): Promise<() => void> {
  const script = `registerProcessor('hang', class extends AudioWorkletProcessor {
    process() {
      for (const end = Date.now() + 3000; Date.now() < end;);
      return false;
    }
  })`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  await context.audioWorklet.addModule(url);
  URL.revokeObjectURL(url);
  return () => void new AudioWorkletNode(context, 'hang').connect(context.destination);
}
