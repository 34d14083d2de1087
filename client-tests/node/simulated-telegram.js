// The simulator's control API, asked directly and not through the gateway.

import { setTimeout } from "node:timers/promises";

export class SimulatedTelegram {
  #url;

  constructor(url) {
    this.#url = url;
  }

  /** All that a chat was sent, refused calls included, in order: `method outcome weight text`. */
  async ledger(bot, chat) {
    const entries = await this.#call("GET", `/simulator/ledger/${bot}/${chat}`);
    return entries.map((entry) => `${entry.method} ${entry.outcome} ${entry.weight} ${entry.text}`.trim());
  }

  /**
   * What a chat has: the accepted calls of its ledger. A call that leaves late and one that leaves early can meet at Telegram
   * closer together than they were let go; then Telegram says 429, and the gateway waits and sends again.
   */
  async received(bot, chat) {
    return (await this.ledger(bot, chat)).filter((line) => line.includes(" accepted "));
  }

  floodChat(chat, retryAfter) {
    return this.#call("POST", `/simulator/chats/${chat}`, { state: "flooded", retry_after: retryAfter });
  }

  /** An effect of the simulator's faults on the next call that goes to a chat. */
  nextCallSuffers(chat, effect, details = {}) {
    return this.#call("POST", "/simulator/faults", { effect, chat, times: 1, ...details });
  }

  /** Waits until a chat has this many messages. */
  async hasReceived(bot, chat, number, patienceMillis = 10_000) {
    const deadline = Date.now() + patienceMillis;
    while ((await this.received(bot, chat)).length < number) {
      if (Date.now() > deadline) {
        throw new Error(`the chat did not receive ${number} within ${patienceMillis} ms`);
      }
      await setTimeout(20);
    }
  }

  userWrites(user, bot, text) {
    return this.#call("POST", `/simulator/users/${user}/messages`, { bot, text });
  }

  async #call(method, path, parameters) {
    const answer = await fetch(this.#url + path, {
      method,
      headers: parameters && { "content-type": "application/json" },
      body: parameters && JSON.stringify(parameters),
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) {
      throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
    }
    return (await answer.json()).result;
  }
}
