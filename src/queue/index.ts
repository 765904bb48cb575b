export { addDataset } from "./add.js";
export type { Added, QueuedDatasetOptions } from "./add.js";
export { work } from "./work.js";
export type { WorkEvent, WorkOptions, WorkSummary } from "./work.js";
export { queueStatus, retryFailed } from "./status.js";
export type { QueueStatus } from "./status.js";
export type { QueueOptions } from "./connection.js";
export type { ShardOutcome } from "./jobs.js";
