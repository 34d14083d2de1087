/**
 * The workers: what is queued is sent, each message once its limits allow.
 *
 * <p>Start with {@link dev.sluice.server.worker.Workers}; {@code BotWorker} is the loop of one bot, {@code QueuedSends} the
 * attempt at one message and what it means for the queue, {@code Settlements} how its end is written down.
 *
 * <pre>
 *   bots() now and then, enqueues at once    ──► BotWorker ── claim ──► QueuedSends ── Ending ──► Settlements
 *                                                   ▲    as many as may be in flight                 │
 *                                                   └──────────── a place is free, a chat goes on ◄──┘
 * </pre>
 *
 * <p>Failure windows: a worker that dies leaves leases that end by themselves; a message that it had begun to send is then
 * unknown, or sent again if that is its policy. A worker that cannot reach the store keeps what it has to say for a minute,
 * and goes on renewing its leases meanwhile. Nothing is claimed while Telegram cannot be reached, so that an outage does not
 * use up anybody's attempts.
 */
@NullMarked
package dev.sluice.server.worker;

import org.jspecify.annotations.NullMarked;
