import type { RemoteLink } from "../feed/source-link.js";
import type { PoolResources } from "../pool/resources.js";
import type { FileFacts } from "../pool/saved-index.js";
import type { FrameIndex } from "../protocol/frame-index.js";
import type { OutputRequest, OutputSpec } from "../protocol/output.js";
import type { StreamInfo } from "../protocol/stream-info.js";
import type { VideoJobBase } from "../protocol/video.js";
import type { FrameRequests } from "./frame-requests.js";
import type { VideoStreamMetadata } from "./metadata.js";
import type { DecoderSettings } from "./options.js";
import type { Cursor } from "./plan/request-plan.js";

/** A video that was opened on a pool: everything its decoder needs to ask for frames. */
export interface OpenVideo {
  readonly resources: PoolResources;
  readonly settings: DecoderSettings;
  readonly base: VideoJobBase & { readonly readerKey: string };
  readonly label: string;
  /** undefined: workers read the source by themselves. */
  readonly link: RemoteLink | undefined;
  /** What frames are decoded by; undefined in approximate mode where one would have cost reading, and with mappings. */
  readonly index: FrameIndex | undefined;
  /** The frames' times as they were handed over, without their packets. */
  readonly mappings: FrameIndex | undefined;
  /** Which bytes it is. */
  readonly facts: FileFacts;
  readonly metadata: VideoStreamMetadata;
  readonly info: StreamInfo;
  /** What frames are made of pictures. */
  readonly request: OutputRequest;
  readonly spec: OutputSpec;
  /** Aborted with E_CLOSED when the decoder is closed. */
  readonly closing: AbortController;
  readonly cursor: Cursor;
  /** Frames that were asked for and are not there yet. */
  readonly requests: FrameRequests;
  /** Closes it in every worker, and lets go of the source. */
  readonly release: () => Promise<void>;
}
