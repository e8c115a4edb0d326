import { describe, expect, it } from "vitest";
import { HEADER_BYTES, wavOf } from "./wav";

describe("a dictation", () => {
  it("is a WAV file with all samples, none beyond the range", () => {
    const view = new DataView(wavOf([Float32Array.of(0, 0.5), Float32Array.of(-2, 1)], 16000));
    const word = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((n) => view.getUint8(at + n)));
    expect([word(0), word(8), word(36)]).toEqual(["RIFF", "WAVE", "data"]);
    expect(view.getUint32(24, true)).toBe(16000);
    expect(view.getUint32(40, true)).toBe(8);
    expect(view.byteLength).toBe(HEADER_BYTES + 8);
    const samples = [0, 1, 2, 3].map((n) => view.getInt16(HEADER_BYTES + 2 * n, true));
    expect(samples).toEqual([0, 16384, -32767, 32767]);
  });
});
