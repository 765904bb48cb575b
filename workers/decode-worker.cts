// Piscina's threads require this file. It imports the worker: Node 20 and 22 abort the whole process where a thread is ended
// while it requires an ES module (module_wrap.cc, InstantiateSync), as by a pool that is closed while it starts.
module.exports = import("./decode-worker.js").then(({ default: decodeWorker }) => decodeWorker);
