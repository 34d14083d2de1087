/**
 * The idempotency guard: of equal requests one acts, the others get its result.
 *
 * <p>Start with {@link dev.sluice.idempotency.IdempotencyGuard}, then {@link dev.sluice.idempotency.Claim} and
 * {@link dev.sluice.idempotency.Settlement}. Backends: {@link dev.sluice.idempotency.InMemoryIdempotencyGuard} and
 * {@link dev.sluice.idempotency.RedisIdempotencyGuard}, whose steps stand in {@code claims.lua}; other scripts claim
 * through {@link dev.sluice.idempotency.ClaimScript}. Keys and fingerprints come from
 * {@link dev.sluice.idempotency.IdempotencyKey} and {@link dev.sluice.idempotency.CanonicalParameters}.
 *
 * <h2>The life of a record</h2>
 *
 * <pre>
 *                  claim: New(fence)            heartbeat(fence)
 *     (no record) ------------------> processing &lt;------------+
 *                                      |  |   |  \____________/
 *              settle(fence, ...)      |  |   |
 *      +-----------+-----------+-------+  |   +--- lease over, found by a claim ---+
 *      |           |           |          |             |                          |
 *   Complete      Fail     HandOver    Release       TakeOver                BecomesUnknown
 *      v           v           v          v             v                          v
 *  completed    failed    to hand over  (none)   processing, New(greater fence)  unknown  &lt;--- MarkUnknown
 *      |           |           |                                                   |
 *  every twin  every twin  one twin, then (none)                              every twin
 *      +-----------+-----------+----------------- keep over: (none) ---------------+
 * </pre>
 *
 * <p>On any record, whatever its state, the fingerprint is compared first: other content is
 * {@link dev.sluice.idempotency.Claim.Mismatch} and changes nothing.
 *
 * <p>A lease's end by itself changes nothing either. Whoever comes next decides: a claim takes over or makes it unknown,
 * as the holder had said when it claimed; but if nobody came meanwhile, the late holder may still renew or settle, since
 * its knowledge is better than none. After that its fence is refused.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The holder dies.</b> Twins wait out its lease. With {@code TakeOver} the work may be done twice, with
 *       {@code BecomesUnknown} never: nobody repeats it and nobody is told that it was done.
 *   <li><b>The holder is slow</b> (a long pause of its JVM) and acts after its lease ended. The guard refuses its
 *       settlement, but cannot stop what it does outside; a resource that remembers the greatest fence can.
 *   <li><b>The reply to a claim is lost.</b> It may stand; nobody knows its fence, so it ends with its lease. Keep leases
 *       short and renew them.
 *   <li><b>The reply to a settlement is lost.</b> Send it again: the same settlement of the same fence is true again as
 *       long as its record is there. A repeated {@code Release}, or a {@code HandOver} whose result was taken meanwhile, is
 *       false, since nothing is left to compare with.
 *   <li><b>The reply of a hand-over is lost.</b> The record is gone: the one twin's caller gets an error and the next
 *       claim is new. Exactly one is at most one here.
 *   <li><b>The backend's clock jumps.</b> Forward: leases and results end early by as much. Back: late. Fences of a record
 *       that is still there grow regardless; after a release, a clock set back by more than the claim lasted may give a
 *       smaller number than before.
 *   <li><b>Redis loses writes</b> (fail-over, a crash before fsync). A lost claim can be won again, a lost result is done
 *       again. What is lost cannot be known here.
 *   <li><b>Redis' memory is full.</b> New claims are refused; renewing, settling and turning abandoned claims
 *       unknown still work: see {@code claims.lua}.
 *   <li><b>Redis evicts</b> (a {@code maxmemory-policy} other than {@code noeviction}). Every record is volatile by its
 *       TTL and may go: use {@code noeviction}.
 * </ul>
 */
@NullMarked
package dev.sluice.idempotency;

import org.jspecify.annotations.NullMarked;
