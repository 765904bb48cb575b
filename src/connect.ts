import { DecoderPool } from "./decoder-pool.js";
import { argumentError } from "./errors.js";
import { type Endpoint, type Exposure, checkEndpoint, connectTo, serve } from "./sharing/endpoint.js";

/**
 * Lets other threads use a pool: whoever calls connect() at the other end of the endpoint, as often as they like. The
 * endpoint may carry other messages too, and does not keep the process alive by itself. The thread that exposes a pool
 * must be free to pass on what the others ask for; pixels never go through it. `close()` of what it returns ends that, and leaves the
 * pool alone. Throws a FramepoolTypeError for misuse, and for an endpoint on which a pool is exposed already.
 */
export function expose(pool: DecoderPool, endpoint: Endpoint): Exposure {
  if (!(pool instanceof DecoderPool)) throw argumentError("pool", "a DecoderPool", pool);
  checkEndpoint(endpoint);
  return serve(DecoderPool.hostOf(pool), endpoint);
}

/**
 * A pool that another thread exposes at the other end of the endpoint. Frames and samples lie in the memory that the
 * workers wrote into, without a copy. Sources that are asked for their bytes are read in this thread, which must be free to do
 * so; what they throw comes back as the `cause`, by identity. Batches of loaders are this thread's own, which keeps a quarter of
 * the pool's `memoryBudget` free for them. What this thread leaves open when it ends is closed. `close()`
 * ends what was begun through this connection and leaves the pool alone; frames stay valid. When the endpoint or the other
 * thread is gone, everything rejects with E_CLOSED; with E_TIMEOUT as long as nobody has exposed a pool there, each call 15 seconds
 * after it was made. Throws a FramepoolTypeError for misuse.
 */
export function connect(endpoint: Endpoint): DecoderPool {
  checkEndpoint(endpoint);
  return new DecoderPool(undefined, connectTo(endpoint));
}
