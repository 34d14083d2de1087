/**
 * Broadcasts: one call to many chats, fed into the bot's queue a little at a time, so that neither the queue's bound nor the
 * store's memory is eaten up, and counted to the last recipient.
 *
 * <p>Start with {@link dev.sluice.broadcast.BroadcastStore}, then {@link dev.sluice.broadcast.Progress},
 * {@link dev.sluice.broadcast.Tended} and {@link dev.sluice.broadcast.RecipientOutcome}.
 *
 * <pre>
 *   draft ── add, add, ... ──► start ──► RUNNING ◄──► PAUSED ──► CANCELLED
 *     │ 10 min without a chunk              │ all ended
 *     ▼                                     ▼
 *    gone                                 DONE
 *
 *   a recipient:  WAITING ── feed ──► QUEUED ── its message ended ──► SENT, REFUSED, SUPPRESSED, UNKNOWN ...
 *                    ▲  │                │
 *                    │  └► SKIPPED       │ paused: taken back, unless it is leased
 *                    └───────────────────┘ cancelled: taken back, CANCELLED
 * </pre>
 *
 * <h2>Invariants</h2>
 *
 * <ul>
 *   <li>At every moment {@code accepted = waiting + queued + } the sum of all outcomes.
 *   <li>A recipient is fed only while it is WAITING, and in the step that enqueues its message becomes QUEUED. So any number
 *       of processes may feed one broadcast: who comes second finds nothing to feed, and nobody needs a lease.
 *   <li>At most {@link dev.sluice.broadcast.BroadcastSettings#window} of its messages are in the queue at a time.
 *   <li>What an ended message came to is read from its own record, kept by the queue for a while, and written down in the
 *       step that forgets that record. Dead letters and unknown messages stay with the queue.
 * </ul>
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The feeder dies</b> before or after a step: the step is whole or not at all, and whoever feeds next begins where
 *       the marks say.
 *   <li><b>An upload breaks off</b>, or its process dies: a draft that nobody can see goes after
 *       {@link dev.sluice.broadcast.BroadcastSettings#draft}. The reply to a start is lost: repeat it.
 *   <li><b>Nobody tends it</b> for as long as the queue remembers ended messages (a day): what became of those in the window
 *       is then unknown, and counted so.
 *   <li><b>Redis loses writes</b>: a recipient whose step was lost is fed again, as anything in the queue may be.
 *   <li><b>Redis' memory is full</b>: chunks and feeding are refused before they change anything; tending goes on.
 * </ul>
 */
@NullMarked
package dev.sluice.broadcast;

import org.jspecify.annotations.NullMarked;
