/** What the microphone hears, until it is stopped. */

import workletUrl from "./samples-worklet.js?url";
import { wavOf } from "./wav";

const RATE_HZ = 16000;
/** The service takes three minutes. */
export const LONGEST_MS = 170_000;

export interface Dictating {
  /** End it; the sound as a WAV file. */
  stop: () => Promise<ArrayBuffer>;
}

/** Begin to listen. Fails when the browser or the person does not allow it. */
export async function listen(): Promise<Dictating> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const context = new AudioContext({ sampleRate: RATE_HZ });
  const blocks: Float32Array[] = [];
  const end = async () => {
    stream.getTracks().forEach((track) => track.stop());
    await context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
    const samples = new AudioWorkletNode(context, "samples");
    samples.port.onmessage = (event: MessageEvent<Float32Array>) => blocks.push(event.data);
    context.createMediaStreamSource(stream).connect(samples);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    stop: async () => {
      await end();
      return wavOf(blocks, RATE_HZ);
    },
  };
}
