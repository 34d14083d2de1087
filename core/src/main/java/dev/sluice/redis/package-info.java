/**
 * Redis as a place to run atomic steps: connections of every topology, scripts, deadlines, key names, the breaker.
 *
 * <p>Knows no feature. Start with {@link dev.sluice.redis.ScriptRunner}, then {@link dev.sluice.redis.Script},
 * {@link dev.sluice.redis.RedisStore} (the connection) and {@link dev.sluice.redis.GuardedRunner} (the store behind a
 * breaker: what features are given); {@link dev.sluice.redis.Combiner} lets what is asked at once share a call. Time is the server's: {@code server-time.lua} stands at the top of every script.
 *
 * <h2>Deadlines</h2>
 *
 * Every call ends by its deadline, whatever Redis and the network do. There are two: deciding
 * ({@link dev.sluice.redis.RedisSettings#commandTimeout}, plus the round trip measured when the first connection was made),
 * and settling, which the caller states per call because a lost settlement costs more than a late one. A call that waits
 * holds nothing but its virtual thread. A connection that owes a reply for 5 s is closed and made anew: TCP alone would
 * keep it for minutes, and under Sentinel a frozen master would be waited for while the new one works.
 *
 * <h2>"May have run"</h2>
 *
 * A script runs at most once per call. The client replays nothing after a reconnect and refuses commands while it has no
 * connection. Each command carries one state that writing and giving up race for
 * ({@code SentOnceCommand}), so that {@link dev.sluice.redis.RedisUnavailableException#mayHaveRun} is true to the byte:
 *
 * <pre>
 *                    written                       reply
 *   waiting ─────────────────────────► sent ────────────────────► answered
 *      │   ▲                            │
 *      │   └── MOVED or ASK: not run ───┤
 *      │ deadline, no connection,       │ deadline, connection lost,
 *      │ interrupt                      │ interrupt
 *      ▼                                ▼
 *   withdrawn: has not run,        unknown: may have run, now or
 *   never will                     when a frozen Redis wakes up
 * </pre>
 *
 * Redis' own refusals (out of memory, read-only, loading, no quorum) come before a script's first write: not run. NOSCRIPT
 * likewise: the script is sent whole, which also teaches it to that node. A script that itself failed is a
 * {@link dev.sluice.redis.RedisScriptException}: what it wrote before stays. "At most once" ends where Redis' own promises
 * end: a failover can lose an acknowledged write.
 *
 * <h2>The breaker</h2>
 *
 * One for each part of Redis that can fail alone: the whole of a single Redis, each master of a Cluster.
 *
 * <pre>
 *              3 calls in a row without reply,
 *              or one without connection
 *   CLOSED ────────────────────────────────────► OPEN ◄─────────────┐
 *     ▲      calls pass                           │ calls fail      │ probe failed:
 *     │                                           │ at once         │ pause doubles, to 1 s
 *     │                                           │ after 100 ms    │
 *     │            PONG                           ▼ or more         │
 *     └─────────────────────────────────────── HALF_OPEN ───────────┘
 *                                        one PING in the background
 * </pre>
 *
 * No caller is ever the probe. Answers, also refusals, never open it: they cost nobody time, and with full memory the
 * scripts that only delete must still come through.
 */
@NullMarked
package dev.sluice.redis;

import org.jspecify.annotations.NullMarked;
