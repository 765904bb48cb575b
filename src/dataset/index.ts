export { writeDataset } from "./write.js";
export type { DatasetSummary } from "./write.js";
export type { DatasetOptions, DatasetProgress } from "./options.js";
export { mergeDataset } from "./merge.js";
export type { MergedDataset } from "./merge.js";
export { readShard } from "./read.js";
export type { ShardSample } from "./read.js";
export type { DatasetFailure, SampleRecord, ShardRecord } from "./records.js";
