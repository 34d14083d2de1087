/**
 * Read-through caches of two levels: copies in this process, and Redis, which all replicas share.
 *
 * <p>Start with {@link dev.sluice.cache.Cache} and {@link dev.sluice.cache.Caches}, then {@code Flight} (how a read goes), {@code Levels}
 * (which copies count) and {@code look.lua}.
 *
 * <h2>A read</h2>
 *
 * <pre>
 *   a copy here that holds, and the link to others' news stands ──► it          (shortly before its end: one read renews it unseen)
 *      │ no
 *   somebody of this process is on the way already ───────────────► share it
 *      │ no: a flight sets off
 *   look.lua ─┬─ keep:  the value ───────────────────────────────► it
 *             ├─ renew: the value, and the lease to load it again ► it, then load unseen
 *             ├─ wait:  another replica loads ──► news, or a while ──► look.lua
 *             ├─ load:  the lease ──► loader ──► fill.lua ─┬─ taken ─► it
 *             │                          │ failed         └─ the lease is gone ──► look.lua, once more
 *             │                          └──► an old value within its grace, or LoadFailedException
 *             └─ Redis does not answer ──► a copy that may still count, or the loader, alone
 * </pre>
 *
 * <h2>Why nobody reads what was invalidated</h2>
 *
 * <em>In Redis</em> what is loaded is written only by whoever still has the lease it was loaded under (a fencing token, new for each
 * lease). Writing and forgetting delete value and lease in one script. So a loader that began before finds its fence gone, however late
 * it comes: no record of the invalidation has to outlive it, and a lease that vanished (its time was over, FLUSHALL, a failover) refuses
 * as well. Proof is what is there, never what is missing.
 *
 * <p><em>In the process</em> a copy carries a stamp taken before it was asked for ({@code Epochs}), and counts only as long as nothing
 * was heard since. Whoever invalidates moves the epoch on before and after Redis is told, and parts flights under way from those who
 * come later. So in this process the guarantee has no window.
 *
 * <p><em>On other replicas</em> there is a message's way in between. Redis pushes the names of keys that were written, removed, evicted
 * or have expired (client-side caching: {@code CLIENT TRACKING} with {@code BCAST}, Redis 6); the same scripts also announce it by
 * {@code PUBLISH}, for a Cluster and for hosted Redis without tracking, where copies live for at most 30 s since nobody tells of
 * evictions. A link that is lost is noticed within 1.5 s even if Redis only fell silent. From then on Redis is asked about each value;
 * if it cannot be asked, copies count for {@link dev.sluice.cache.CacheSettings#withoutNews}. When the link stands again all copies are
 * forgotten first. An invalidation that could not be told is owed: told before this process asks for that key again, and tried until
 * it succeeds.
 *
 * <h2>Failure windows</h2>
 *
 * A loader that dies leaves its lease, which passes on within {@link dev.sluice.cache.CacheSettings#lease}. A process that dies with
 * owed news takes them along, and a failover of Redis may lose a deletion it has acknowledged: then the old value lives until its end.
 * What matters more than its TTL belongs in no cache.
 */
@NullMarked
package dev.sluice.cache;

import org.jspecify.annotations.NullMarked;
