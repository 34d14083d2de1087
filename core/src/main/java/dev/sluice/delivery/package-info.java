/**
 * One message out: idempotency and limits in one decision, the call, its classification, and settling.
 *
 * <p>Start with {@link dev.sluice.delivery.Delivery}, then {@link dev.sluice.delivery.OutboundCall} and
 * {@link dev.sluice.delivery.Outcome}; {@code CallInFlight} reads from top to bottom.
 *
 * <h2>The claim is the dispatch mark</h2>
 *
 * <pre>
 *                      ┌─ 2xx, refused ──▶ key: kept for its TTL      no key: released once the answer was written,
 *   admitted, claimed ─┤                                              kept for one twin if its caller was gone
 *                      ├─ 429, not reached, withdrawn ──▶ released    (the 429 parks its chat in the same step)
 *                      └─ no answer, 5xx, the replica died ──▶ unknown, until the TTL or the window is over
 * </pre>
 *
 * <h2>Its place among queued messages</h2>
 *
 * A call that keeps the limits is in no lane of the queue, and yet has a place there: the one a message of its priority would
 * have had that was accepted when the call came. Every decision asks what is before it ({@link dev.sluice.queue.LanePlace});
 * {@code docs/order.md} says what follows.
 *
 * <h2>One key for calls and messages</h2>
 *
 * A key belongs to a call or to a message of the queue, never to both. A call that finds a message waits for its end, at the place where it
 * would wait for a twin; when the message is taken back unsent the call goes on. A message that finds a call is not accepted
 * ({@link dev.sluice.queue.Enqueued.Claimed}). Neither holds while Redis cannot be asked and keyed calls are let go without it.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li>Before the admission: nothing is written anywhere, the caller may ask again.
 *   <li>Admission ran, its reply was lost: nothing is sent; the claim is taken back behind the scenes, the limits keep what was
 *       charged.
 *   <li>Between admission and answer: the lease runs out, the claim becomes unknown. It may not have been sent; nobody can
 *       know, so nobody sends it again.
 *   <li>Between answer and settling: the same, although it was sent. Settling is tried for 2 s before the caller gets the
 *       answer, and for a minute after.
 *   <li>Between settling and the caller's answer, with a key: the repeat gets the answer. Without: the receipt is never signed,
 *       the lease runs out, an identical call within the window hears "unknown".
 * </ul>
 */
@NullMarked
package dev.sluice.delivery;

import org.jspecify.annotations.NullMarked;
