/**
 * A Telegram Bot API server for tests: it computes flood control, breaks what it is told to break, and keeps a ledger of what each
 * chat received. Start reading at {@link dev.sluice.simulator.Simulator}, then {@code BotApi} (which method runs), {@code
 * FloodControl} (whether it may) and {@link dev.sluice.simulator.Ledger} (what is written down).
 *
 * <h2>One call</h2>
 *
 * <pre>
 * HttpFrontend -> RequestReader -> Faults -> BotApi -> one method -> FloodControl -> MessageStore -> Ledger -> Answering
 *                                            |------------- under its bot's lock -------------------|
 * </pre>
 *
 * The clock is read once per call, under the lock, and both flood control and ledger see that time: what the ledger says is exactly
 * what was decided. Nothing blocks an event loop: long polls and faults are timers. Bots share no lock.
 *
 * <h2>Flood control</h2>
 *
 * Strict sliding windows on a monotonic clock. A call is admitted if every limit that it falls under has room, and then spends its
 * weight from each; otherwise it spends nothing.
 *
 * <ul>
 *   <li>Metered are send* (but sendChatAction), copy*, forward* and edit*: 1 each, an album its length, a batch its {@code
 *       message_ids}; long texts more, if so set.
 *   <li>Limits: the bot's 30 in 1 s, or with {@code allow_paid_broadcast} a lane of 1000 in 1 s; the chat's 1 in 1 s; and, for negative
 *       ids and {@code @usernames}, 20 in 60 s.
 *   <li>A weight above a limit's number goes into an empty window.
 *   <li>Every window counts as 50 ms shorter than written: a sender that paces itself correctly meets a network that delays one call
 *       more than the next, and Telegram tolerates that, too.
 *   <li>A call that is wrong in itself (400, 403) costs nothing.
 * </ul>
 *
 * The answer to a call without room names whole seconds, rounded up. Until they have passed the chat (or the bot, if its limit was
 * the one) is blocked:
 *
 * <pre>
 *            no room: 429, retry_after = N
 *   open ------------------------------------> blocked for N
 *    ^                                          |      |  a call within the grace (200 ms): 429, the rest of N
 *    |            N passed without a call       |      |  a later call: N doubles (up to the cap), counted from now
 *    +------------------------------------------+      +--> blocked
 * </pre>
 *
 * The grace is for calls that were under way when the first 429 was answered. Who waits is forgiven: the next N is what the window
 * demands, not a multiple of the last. Source of the numbers: the Bots FAQ, <i>My bot is hitting limits</i>; escalation is observed
 * behaviour that Telegram does not document.
 *
 * <h2>Differences from Telegram</h2>
 *
 * <ul>
 *   <li>Telegram's limits vary and tolerate bursts; these are exact, so that a test that passes here proves something.
 *   <li>Message ids ascend over all chats of a bot, in supergroups and channels, too, and bots do not see each other's messages.
 *   <li>Every chat exists (but see {@link dev.sluice.simulator.ChatState} and the magic ids in {@link
 *       dev.sluice.simulator.SimulatorSettings}); everybody is a member; no updates tell of joining, leaving or blocking.
 *   <li>Media are not decoded and URLs not fetched; a file of any size can be downloaded. HTML is parsed, Markdown is kept as it is.
 *   <li>An edit by {@code inline_message_id} is answered, not kept. A batch counts all ids that it names, found or not.
 *   <li>Webhooks may be plain HTTP, on any port, with any certificate.
 *   <li>logOut and close answer and do nothing. Methods that are not listed in {@code BotApi} answer 404.
 * </ul>
 */
@NullMarked
package dev.sluice.simulator;

import org.jspecify.annotations.NullMarked;
