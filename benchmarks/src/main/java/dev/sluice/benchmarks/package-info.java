/**
 * What the guards and the gateway cost, measured side by side: {@link dev.sluice.benchmarks.Benchmarks} runs the sections one
 * after the other, each section interleaves what it compares ({@link dev.sluice.benchmarks.Rounds}), and what is reported are
 * medians over rounds of ratios within a round, because a machine's mood lasts longer than a round.
 *
 * <p>Reading order: Benchmarks, Rounds, RedisDecisions, PeerDecisions, RedisBytes, MemoryDecisions, GatewayStart, GatewayLatency,
 * OfferedLoad, GatewayUnderLoad, PassThrough, Isolation, QueuePeers, QueuePeer, QueueShares, QueueIsolation, GatewayMemory, Report.
 */
@NullMarked
package dev.sluice.benchmarks;

import org.jspecify.annotations.NullMarked;
