import type { AudioSamples, FrameBatch } from "../index.js";

const types = { uint8: "|u1", float16: "<f2", float32: "<f4" } as const;

/** As NumPy's `save` writes an array: the frames of a clip, or the only one without the first dimension. */
export function npyOf(frames: FrameBatch, isClip: boolean): Uint8Array {
  const shape = isClip ? frames.shape : frames.shape.slice(1);
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const description = `{'descr': '${types[frames.dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Magic, version and length take 10 bytes; what follows begins at a multiple of 64.
  const headerBytes = Math.ceil((10 + description.length + 1) / 64) * 64 - 10;
  const header = `${description.padEnd(headerBytes - 1)}\n`;
  const { data } = frames;
  const file = Buffer.alloc(10 + headerBytes + data.byteLength);
  file.write("\x93NUMPY\x01\x00", 0, "latin1");
  file.writeUInt16LE(headerBytes, 8);
  file.write(header, 10, "latin1");
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + headerBytes);
  return file;
}

/** 16 bits a sample, the channels side by side: what every reader of WAV takes. */
export function wavOf({ data, shape: [channels, samples], sampleRate }: AudioSamples): Uint8Array {
  const frameBytes = 2 * channels;
  const bytes = samples * frameBytes;
  const file = Buffer.alloc(44 + bytes);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(36 + bytes, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(bytes, 40);
  const pcm = new Int16Array(samples * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < samples; i++) {
      const value = Math.round((data[channel * samples + i] ?? 0) * 32768);
      pcm[i * channels + channel] = Math.max(-32768, Math.min(32767, value));
    }
  }
  file.set(new Uint8Array(pcm.buffer), 44);
  return file;
}
