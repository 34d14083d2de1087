/**
 * Streams of events of which each counts once: analytics, redelivered webhooks, anything that has an id and comes again.
 *
 * <p>Start with {@link dev.sluice.event.EventDeduplicator} and {@link dev.sluice.event.DedupeWindow}. It says which ids are new and keeps no
 * result; what needs one, or must not be lost when its process dies in the midst, is work for
 * {@link dev.sluice.execution.IdempotentExecutor}.
 *
 * <h2>Two generations</h2>
 *
 * Ids are kept as digests of 16 bytes in two sets, the current one and the one before. New ids go into the current; when it is a window old,
 * or holds as many as a window may, it becomes the one before, and the one before that is dropped whole. So an id is known for one
 * window at least and two at most, memory is bounded by twice a window's number, and forgetting costs nothing per event.
 *
 * <p>An id takes 67 bytes of Redis, for a window and a half on average. A sorted set would end each id's window to the second, at 124 bytes an id
 * and a logarithm for adding as for forgetting it, where nobody can tell a window of a day from one of a day and a half. A Bloom filter would take some 4 bytes and now and then drop an event that is
 * new, which nobody could find out.
 *
 * <pre>
 *   ids ──▶ current ──window old, or full──▶ before ──the same again, or two windows after it began──▶ forgotten
 * </pre>
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>Whoever was told that an id is new dies</b> before the event was counted: it is not counted. At most once.
 *   <li><b>The answer is lost</b>: the ids may be marked. Asked again they would look like repeats;
 *       {@link dev.sluice.event.EventDeduplicator#forget} takes them back.
 *   <li><b>Redis loses writes</b> (a crash before fsync, a fail-over) or evicts keys: ids are new once more.
 *   <li><b>The backend's clock jumps</b>: forward, windows end early by as much; back, none lasts longer than two from now.
 * </ul>
 */
@NullMarked
package dev.sluice.event;

import org.jspecify.annotations.NullMarked;
