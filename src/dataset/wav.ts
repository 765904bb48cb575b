import type { AudioSamples } from "../index.js";

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
