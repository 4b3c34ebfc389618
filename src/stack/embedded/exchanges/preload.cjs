'use strict';
/*
 * Lets a Node process write down what its own connections met: loaded by `NODE_OPTIONS=--require`, it looks on while the
 * program writes to and reads from its TCP connections, and puts the last exchanges of each remote port into a file of the
 * folder LANGFUSE_CHAOS_NOTES, ten times a second if there is news. The program sees no difference. What the
 * file holds is described in exchanges.ts.
 */
const { errorMonitor } = require('node:events');
const { renameSync, writeFileSync } = require('node:fs');
const { Socket } = require('node:net');
const { join } = require('node:path');
const { isMainThread } = require('node:worker_threads');

/** Exchanges kept for each port; a reader looks about as often as the file is written. */
const KEPT = 40;
const WRITE_INTERVAL_MS = 100;
/** While an answer is waited for, the file is written at least so often, so that it tells how long. */
const WAITING_INTERVAL_MS = 400;

/** Taken now: a fault may set the program's clock later. */
const now = Date.now;

const folder = process.env.LANGFUSE_CHAOS_NOTES;
if (folder && isMainThread) lookOn(join(folder, `exchanges-${process.pid}.json`));

function lookOn(file) {
  const notes = { open: new Set(), ended: new Map(), changed: false, writtenAt: 0 };
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function watchedConnect(...args) {
    const result = connect.apply(this, args);
    const port = portOf(args[0]);
    // Not before: connect puts the socket's own write back in place. All that is watched for comes later.
    if (port) watch(this, port, notes);
    return result;
  };
  setInterval(() => {
    const waiting = now() - notes.writtenAt >= WAITING_INTERVAL_MS && someWait(notes.open);
    if (notes.changed || waiting) write(file, notes);
  }, WRITE_INTERVAL_MS).unref();
  process.on('exit', () => write(file, notes));
}

/** The forms of net.Socket.connect: options, a port, or Node's own list of normalised arguments. */
function portOf(first) {
  const target = Array.isArray(first) ? first[0] : first;
  return Number(typeof target === 'object' ? target?.port : target) || undefined;
}

function someWait(open) {
  for (const { firstAt } of open) if (firstAt === undefined) return true;
  return false;
}

function watch(socket, port, notes) {
  const connection = { openedAt: now(), sentInAll: 0, receivedInAll: 0 };
  let exchange;
  let writtenBefore = 0;
  let remoteEnded = false;
  let errorCode;
  let endedOwnSideAt;

  const begin = () => {
    if (exchange) keep(exchange, notes);
    exchange = { port, ...connection, begunAt: now(), sent: 0, received: 0, pieces: 0 };
    notes.open.add(exchange);
  };
  const count = () => {
    const written = socket.bytesWritten ?? 0;
    connection.sentInAll = written;
    if (exchange) Object.assign(exchange, { sent: written - writtenBefore, ...connection });
    notes.changed = true;
  };

  const { write: writeAsBefore, push: pushAsBefore } = socket;
  socket.write = function watchedWrite(...args) {
    if (!exchange || exchange.received > 0) {
      writtenBefore = socket.bytesWritten ?? 0;
      begin();
    }
    const result = writeAsBefore.apply(socket, args);
    count();
    return result;
  };
  // Node hands all that arrives to push, and null at the end.
  socket.push = function watchedPush(chunk, ...rest) {
    if (chunk === null) remoteEnded = true;
    else {
      if (!exchange) begin();
      exchange.firstAt ??= now();
      exchange.lastAt = now();
      exchange.received += chunk.length;
      exchange.pieces += 1;
      connection.receivedInAll += chunk.length;
      count();
    }
    return pushAsBefore.call(socket, chunk, ...rest);
  };
  socket.once('connect', () => {
    connection.connectedAt = now();
  });
  socket.once('finish', () => {
    if (!remoteEnded) endedOwnSideAt = now();
  });
  // A listener for errors would count as one that handles them; this one does not.
  socket.once(errorMonitor, (error) => {
    errorCode = error?.code;
  });
  socket.once('close', () => {
    if (!exchange) begin();
    count();
    exchange.endedAt = now();
    exchange.end = errorCode ?? (remoteEnded && endedOwnSideAt === undefined ? 'remote' : 'local');
    if (endedOwnSideAt !== undefined) exchange.closingMs = exchange.endedAt - endedOwnSideAt;
    keep(exchange, notes);
  });
}

function keep(exchange, notes) {
  notes.open.delete(exchange);
  const kept = notes.ended.get(exchange.port) ?? [];
  kept.push(exchange);
  if (kept.length > KEPT) kept.shift();
  notes.ended.set(exchange.port, kept);
  notes.changed = true;
}

/** Replaced in one step, so that nobody reads half a file. The folder may be gone when the stack is being removed. */
function write(file, notes) {
  notes.changed = false;
  notes.writtenAt = now();
  const exchanges = [...notes.ended.values(), [...notes.open]].flat();
  try {
    writeFileSync(`${file}.new`, JSON.stringify({ writtenAt: notes.writtenAt, exchanges }));
    renameSync(`${file}.new`, file);
  } catch {}
}
