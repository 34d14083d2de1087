package dev.sluice.server.settings;

import java.time.Duration;
import java.util.List;

/**
 * What waits in queues.
 *
 * @param maxRetries how often a queued message is tried again after a failure, 0 to 100
 * @param most how many messages one bot's queue holds, dead letters and unknown ones included
 * @param keep how long it is remembered what became of a message
 * @param lease how long what a dead worker was sending stays with it
 * @param waitReplicas how many replicas must have a message before its caller is told that it is durable
 * @param waitTimeout how long that is waited for
 */
public record QueueingSettings(
        int maxRetries, long most, Duration keep, Duration lease, int waitReplicas, Duration waitTimeout) {
    /** The source's value: after 1, 2 and 4 seconds. */
    private static final String DEFAULT_MAX_RETRIES = "3";

    /** Some 400 MB of Redis. */
    private static final String DEFAULT_MOST = "1000000";

    /** A day in which results may be asked for. */
    private static final String DEFAULT_KEEP = "1d";

    /** Most have a Redis without replicas. */
    private static final String DEFAULT_WAIT_REPLICAS = "0";

    /** A replica nearby has it within a millisecond or two; one that has not after half a second is not nearby. */
    private static final String DEFAULT_WAIT_TIMEOUT = "500ms";
    /** Long enough for a pause of the process, short enough that its messages soon pass on. */
    private static final String DEFAULT_LEASE = "5s";

    static final Setting<Integer> MAX_RETRIES = Setting.of(
            "SLUICE_QUEUE_MAX_RETRIES",
            Forms.integer(0, 100),
            DEFAULT_MAX_RETRIES,
            "How often a queued message is tried again after a failure: after 1, 2, 4 s and so on.");
    static final Setting<Integer> MOST = Setting.of(
            "SLUICE_QUEUE_MAX",
            Forms.integer(1, 1_000_000_000),
            DEFAULT_MOST,
            "Queued messages per bot, dead letters and unknown ones included; beyond it calls are refused with 429.");
    static final Setting<Duration> KEEP = Setting.of(
            "SLUICE_QUEUE_KEEP",
            Forms.duration(Duration.ofSeconds(1), Duration.ofDays(31)),
            DEFAULT_KEEP,
            "How long it is remembered what became of a queued message, and its `Idempotency-Key` with it.");

    static final Setting<Integer> WAIT_REPLICAS = Setting.of(
            "SLUICE_QUEUE_WAIT_REPLICAS",
            Forms.integer(0, 10),
            DEFAULT_WAIT_REPLICAS,
            "How many of Redis' replicas must have a queued message before its caller is told that it is `durable`; 0 asks none.");
    static final Setting<Duration> WAIT_TIMEOUT = Setting.of(
            "SLUICE_QUEUE_WAIT_TIMEOUT",
            Forms.duration(Duration.ofMillis(1), Duration.ofSeconds(10)),
            DEFAULT_WAIT_TIMEOUT,
            "How long replicas are waited for; then the message is queued all the same, and not called durable.");

    static final Setting<Duration> LEASE = Setting.of(
            "SLUICE_QUEUE_LEASE",
            Forms.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            DEFAULT_LEASE,
            "How long what a worker that died was sending waits until others look after it. A worker that lives renews"
                    + " it.");

    static final List<Setting<?>> ALL = List.of(MAX_RETRIES, MOST, KEEP, LEASE, WAIT_REPLICAS, WAIT_TIMEOUT);

    static QueueingSettings read(Reading reading) {
        return new QueueingSettings(
                reading.get(MAX_RETRIES),
                reading.get(MOST),
                reading.get(KEEP),
                reading.get(LEASE),
                reading.get(WAIT_REPLICAS),
                reading.get(WAIT_TIMEOUT));
    }
}
