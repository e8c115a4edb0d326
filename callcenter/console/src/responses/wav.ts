/** A WAV file of one channel of 16-bit samples. */

export const HEADER_BYTES = 44;

/** `blocks` hold samples from -1 to 1. */
export function wavOf(blocks: readonly Float32Array[], rateHz: number): ArrayBuffer {
  const count = blocks.reduce((sum, block) => sum + block.length, 0);
  const file = new ArrayBuffer(HEADER_BYTES + count * 2);
  const view = new DataView(file);
  const text = (at: number, word: string) =>
    [...word].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + count * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, count * 2, true);
  let at = HEADER_BYTES;
  for (const block of blocks)
    for (const sample of block) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
      at += 2;
    }
  return file;
}
