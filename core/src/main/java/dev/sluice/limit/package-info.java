/**
 * Limits: may an action pass all of its buckets now, and if not, when?
 *
 * <p>Start with {@link dev.sluice.limit.RateLimiter}, then {@link dev.sluice.limit.Limit} and
 * {@link dev.sluice.limit.Decision}; callers that wait go through {@link dev.sluice.limit.PatientRateLimiter}.
 *
 * <h2>Two algorithms</h2>
 *
 * A strict window keeps the times of its last N admissions: the next one fits when the N-th last is one window old. That is
 * exact for every window, wherever it begins, which a counter per fixed window and a token bucket are not: both let nearly
 * 2N through around a boundary or after a rest. GCRA keeps one number, the theoretical arrival time, and spaces evenly;
 * after a rest it admits its burst.
 *
 * <h2>All or nothing</h2>
 *
 * A decision reads all buckets, asks each for the earliest time at which the action fits, and takes the latest. Now? All are
 * charged. Later? None is, and the latest bucket is named with its time. {@code buckets.lua} and
 * {@link dev.sluice.limit.BucketState} do the same arithmetic, and one test suite holds both to one plain model.
 *
 * <h2>Who is next</h2>
 *
 * <pre>
 *   within a process   lanes (chats) ── head of each ── gates (full buckets) ── tries the store
 *   between processes  a line inside the bucket: whoever came first goes first, for 100 ms after its turn
 * </pre>
 *
 * Who says when it came ({@link dev.sluice.limit.Acquisition#cameAgo()}) has its place by that, others by when they were denied.
 * A message of the queue needs no place at its chat's buckets ({@link dev.sluice.limit.LocalRateLimiter#tryAcquireQueued}).
 *
 * Without the line the process nearest to Redis would win every race for a freed slot. A place is not a reservation: it costs
 * no capacity, and who does not come loses only the place.
 *
 * <h2>Fewer round trips</h2>
 *
 * On Redis, questions that are asked at once share a call ({@link dev.sluice.redis.Combiner}, {@code combined.lua}): the same results as
 * one by one, with each bucket read and written once. {@code DeniedUntil} says which denials are remembered, and when one may be wrong.
 *
 * <h2>What Telegram taught</h2>
 *
 * A 429 parks, and lowers a pace that holds beside the limit ({@link dev.sluice.limit.RateLimiter#flooded}): {@code learning.lua}
 * and {@code FloodLessons} say whose limit it was and how low it goes, {@code buckets.lua} and {@code Pace} how it rises with time.
 *
 * <h2>Clocks</h2>
 *
 * Time is the backend's. A clock that jumps back is noticed by the time of the bucket's last write: all times move back
 * with it, as if no time had passed, so nobody waits longer than one window more. One that jumps forward makes earlier
 * admissions look old: one more burst of N may pass.
 *
 * <h2>Without Redis</h2>
 *
 * {@link dev.sluice.limit.LocalShare} says what a replica may still spend, and why the beginning and the end of an outage
 * are the hard part.
 */
@NullMarked
package dev.sluice.limit;

import org.jspecify.annotations.NullMarked;
