// The wire between a client and the gateway: passes every byte on, keeps what went over it, and can be cut.

import { once } from "node:events";
import { connect, createServer } from "node:net";

const REQUEST_HEAD = /(?:GET|POST) \/\S* HTTP\/1\.1\r\n[\s\S]*?\r\n\r\n/g;
const ANSWER_HEAD = /HTTP\/1\.1 \d{3} [\s\S]*?\r\n\r\n/g;

export class Wire {
  #server;
  #sockets = new Set();
  #connections = [];

  /** A wire to where the gateway listens; clients are given its url instead. */
  static async to(gateway) {
    const wire = new Wire();
    const { hostname, port } = new URL(gateway);
    wire.#server = createServer((client) => wire.#join(client, connect(Number(port), hostname)));
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** The heads of the requests that called a method, in this spelling, each with the head of its answer, if one came. */
  callsOf(method) {
    const called = new RegExp(`^\\S+ \\S+/${method}[ ?]`);
    return this.#connections
      .flatMap(({ sent, answered }) => {
        const answers = heads(answered, ANSWER_HEAD);
        return heads(sent, REQUEST_HEAD).map((request, i) => ({ request, answer: answers[i] }));
      })
      .filter(({ request }) => called.test(request));
  }

  /** Resets whatever is connected now; new connections are served. */
  cut() {
    for (const socket of this.#sockets) {
      socket.resetAndDestroy();
    }
  }

  close() {
    this.#server.close();
    this.cut();
  }

  #join(client, gateway) {
    const connection = { sent: [], answered: [] };
    this.#connections.push(connection);
    this.#pass(client, gateway, connection.sent);
    this.#pass(gateway, client, connection.answered);
  }

  #pass(from, to, kept) {
    this.#sockets.add(from);
    from.on("data", (bytes) => kept.push(bytes));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }
}

function heads(chunks, pattern) {
  return Buffer.concat(chunks).toString("latin1").match(pattern) ?? [];
}
