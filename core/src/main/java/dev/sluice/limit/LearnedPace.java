package dev.sluice.limit;

import java.time.Duration;

/**
 * The pace that Telegram's 429 taught about a bucket: holds beside its limit until it has risen to that.
 *
 * @param perSecond units of weight a second that it lets pass now, more than zero
 * @param toldAt the rate at which Telegram said 429 last
 * @param since how long there has been one
 * @param forgottenIn when it will have reached the limit, if Telegram says no other 429
 */
public record LearnedPace(double perSecond, double toldAt, Duration since, Duration forgottenIn) {}
