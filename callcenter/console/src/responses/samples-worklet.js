/* Gives what the microphone hears to the page, a block at a time. */
class Samples extends AudioWorkletProcessor {
  process(inputs) {
    const heard = inputs[0][0];
    if (heard) this.port.postMessage(heard.slice());
    return true;
  }
}
registerProcessor("samples", Samples);
