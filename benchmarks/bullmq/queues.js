// BullMQ as a process that obeys: a line with a command and its numbers on standard input, a line with the answer on standard
// output. It ends with its input.
//
//   node queues.js <URL of Redis> <queues> <chats of each> <bytes of a message>
//
//   add <messages> <batch>             to queues in turn, to chats of theirs at random
//   finish <messages> <concurrency>    by a worker for each queue, until so many are done
//
// Both are answered with how many it were and the seconds that it took.
//
// What it is given is in its favour where there is a choice: jobs are removed at once when done, nothing is kept of them.
import { createInterface } from 'node:readline';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const url = process.argv[2];
const [queueCount, chats, bytes] = process.argv.slice(3).map(Number);
const FIRST_CHAT = 1_000_000_000;
const PRIORITY = { priority: 2, removeOnComplete: true, removeOnFail: true };
const ADDERS = 4;

const connect = () => new Redis(url, { maxRetriesPerRequest: null });
const connection = connect();
const names = Array.from({ length: queueCount }, (_, bot) => `bot${bot}`);
const queues = names.map((name) => new Queue(name, { connection }));

const padding = 'x'.repeat(bytes - JSON.stringify(message(0, '')).length);
let processed = 0;
let wanted = Infinity;
let reached;

async function noOp() {
  processed += 1;
  if (processed === wanted) reached();
}

function message(queue, text) {
  return { chat_id: FIRST_CHAT + queue * chats + Math.floor(Math.random() * chats), text };
}

function job(queue) {
  return { name: 'm', data: message(queue, padding), opts: PRIORITY };
}

let turn = 0;
async function add(count, batch) {
  let left = count;
  const adder = async () => {
    while (left > 0) {
      const size = Math.min(batch, left);
      left -= size;
      const to = turn++ % queueCount;
      if (size === 1) {
        const { name, data, opts } = job(to);
        await queues[to].add(name, data, opts);
      } else {
        await queues[to].addBulk(Array.from({ length: size }, () => job(to)));
      }
    }
  };
  await Promise.all(Array.from({ length: batch === 1 ? 1 : ADDERS }, adder));
  return count;
}

let workers;
async function finish(count, concurrency) {
  const before = processed;
  const done = new Promise((resolve) => {
    wanted = before + count;
    reached = resolve;
  });
  workers ??= names.map((name) => new Worker(name, noOp, { connection }));
  workers.forEach((worker) => {
    worker.concurrency = concurrency;
    worker.resume();
  });
  await done;
  await Promise.all(workers.map((worker) => worker.pause()));
  return processed - before;
}

const commands = {
  add,
  finish,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...numbers] = line.split(' ');
  const began = process.hrtime.bigint();
  const count = await commands[name](...numbers.map(Number));
  console.log(count, Number(process.hrtime.bigint() - began) / 1e9);
}
process.exit(0);
