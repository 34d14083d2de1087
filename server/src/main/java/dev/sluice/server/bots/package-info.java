/**
 * The bots that are registered: who is served, in whose name the server itself may send, and what holds for each. Also limits that
 * were set for bots while they run, registered or not.
 *
 * <p>Start with {@link dev.sluice.server.bots.Bots}, what everybody else uses; below it {@link dev.sluice.server.bots.BotStore}
 * keeps records, in memory or in Redis, without understanding the sealed token in them.
 *
 * <p>There are few bots and each request asks about one, so every process holds all of them and looks twice a second whether
 * anything changed. A change made through one replica is known to it at once, to the others within half a second; while Redis
 * is away what was known last holds on. Changes name the revision they were made from: of two at a time one is made again.
 */
@NullMarked
package dev.sluice.server.bots;

import org.jspecify.annotations.NullMarked;
