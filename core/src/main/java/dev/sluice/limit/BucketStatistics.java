package dev.sluice.limit;

import java.time.Duration;
import java.util.Optional;

/**
 * A bucket at one moment.
 *
 * @param bucket which
 * @param limit what it lets through
 * @param used the weight that still counts
 * @param remaining how many of weight 1 would pass now, not counting parks, the line and the learned pace
 * @param resetAfter until it is empty; zero if it is
 * @param parkedFor until its park ends; zero if it is not parked
 * @param waiting how many processes stand in line
 * @param learned the pace that Telegram's 429 taught, if any
 */
public record BucketStatistics(
        Bucket bucket,
        Limit limit,
        int used,
        int remaining,
        Duration resetAfter,
        Duration parkedFor,
        int waiting,
        Optional<LearnedPace> learned) {}
