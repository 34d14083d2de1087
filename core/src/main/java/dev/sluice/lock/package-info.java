/**
 * Locks that processes share: one holder at a time, a fencing token for its writes, and elections on top.
 *
 * <p>Start with {@link dev.sluice.lock.Locks} and {@link dev.sluice.lock.HeldLock}; {@link dev.sluice.lock.Leases} is for holders that
 * renew by themselves, {@link dev.sluice.lock.LeaderElection} for what one of many processes does, {@link dev.sluice.lock.Fences} for what
 * is written under a lock. The steps stand in {@code lock.lua} and the scripts beside it.
 *
 * <h2>The life of a lock</h2>
 *
 * <pre>
 *                      acquire: Taken, fence = max(last + 1, the store's clock in microseconds)
 *         free -----------------------------------------------------------------&gt; held &lt;---+
 *          ^ ^                                                                    |  |  \__| renew, each third of the lease
 *          | +---------------- release by its owner; the next in line is told ---+  |
 *          +------------------ lease over, by the store's clock ---------------------+
 * </pre>
 *
 * A lease that ran out is not revived, even if nobody came meanwhile: its holder had been told that the lock is lost.
 *
 * <p>The fence of a lock is taken from the clock, so that it grows although the lock was forgotten, or Redis wiped: a counter that began
 * at 1 again would let an old holder's write pass. Until an hour after it was held a lock is remembered, so that a clock that is set back
 * by less than that, or a replica with a slower one that takes over, does not make it smaller either.
 *
 * <h2>The line</h2>
 *
 * Whoever waits has a place, kept for 5 s after each look. Once the lock is free, the first may take it at once and each further one
 * 100 ms later, so those who died while they waited cost a moment each, and nobody races. A release names the first eight on one channel
 * that all processes hear; who has not heard (news may be lost, a lease may run out unsaid) looks when its turn can come at the earliest, and each second at
 * least, or ten times a second while nothing can be heard. Whoever does not wait goes behind all who do.
 *
 * <h2>Failure windows</h2>
 *
 * <ul>
 *   <li><b>The holder dies.</b> The others wait out its lease.
 *   <li><b>The holder is stopped or paused</b> beyond its lease and goes on writing. The store has given the lock to another by then; the
 *       resource must refuse the lesser fence.
 *   <li><b>Redis does not answer.</b> Nobody takes a lock, whoever holds one is told that it is lost a tenth of the lease before it can end,
 *       by this process' monotonic clock. There is no local substitute: nobody alone can know that a lock is free.
 *   <li><b>The answer to an attempt is lost.</b> The same owner asks again and finds that it has it; whoever does not, gives it back behind
 *       the scenes, or it ends with its lease.
 *   <li><b>The store's clock jumps.</b> Ahead: leases end early by as much, and two may believe to hold one. Back: they end late, and a
 *       dead holder keeps others waiting for as long.
 *   <li><b>Redis loses writes</b> (a failover, a crash before fsync): a lock that was acknowledged can be taken again. Its old holder is
 *       told at its next renewal, a third of its lease later at most; the later one's fence is greater.
 *   <li><b>Redis' memory is full.</b> No lock is taken; renewing and releasing still work.
 *   <li><b>Redis evicts</b> (a {@code maxmemory-policy} other than {@code noeviction}): as if it lost writes.
 * </ul>
 *
 * The lease with renewals is that of Gray and Cheriton, "Leases" (SOSP 1989); why a lock without a fence protects nothing says Kleppmann,
 * "How to do distributed locking" (2016). One Redis decides, as for all else here; majorities of several (Redlock) would not spare the fence.
 */
@NullMarked
package dev.sluice.lock;

import org.jspecify.annotations.NullMarked;
