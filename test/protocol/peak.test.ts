import assert from "node:assert/strict";
import { it } from "node:test";
import { outputSpec } from "../../src/protocol/output.js";
import type { StreamInfo } from "../../src/protocol/stream-info.js";

it("tone mapping goes by the peak that was asked for, else by the file's, else by 1000", () => {
  const peakOf = (peakNits: number | undefined, peakLuminance: number | null): number => {
    const info = { width: 16, height: 16, rotation: null, pixelAspectRatio: null, peakLuminance } as StreamInfo;
    const transforms = [{ type: "toneMap", to: "sdr", peakNits }] as const;
    const request = { pixelFormat: "rgb24", dtype: "uint8", dimensionOrder: "NHWC", transforms } as const;
    return outputSpec(info, request, 1e6).processing.toneMapPeak;
  };
  assert.deepEqual([peakOf(4000, 600), peakOf(undefined, 600), peakOf(undefined, null)], [4000, 600, 1000]);
});
