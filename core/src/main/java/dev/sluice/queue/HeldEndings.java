package dev.sluice.queue;

import dev.sluice.limit.Charge;
import dev.sluice.limit.Flood;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.HeldMessage.Stage;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/** How attempts end, as {@code settle.lua}. Guarded by the lock of its queue. */
final class HeldEndings {
    private final BotId bot;
    private final HeldMessages messages;
    private final HeldLanes lanes;
    private final RateLimiter limiter;
    private final QueueSettings settings;
    private final RetryPolicy retry;
    private final RandomGenerator random;

    HeldEndings(BotId bot, HeldMessages messages, RateLimiter limiter, QueueSettings settings, RandomGenerator random) {
        this.bot = bot;
        this.messages = messages;
        this.lanes = messages.lanes;
        this.limiter = limiter;
        this.settings = settings;
        this.retry = settings.retry();
        this.random = random;
    }

    /** Ends one lease, unless its fence is no longer the holder's. */
    Optional<MessageState> settle(Settlement settlement, TelegramLimits limits, long now) {
        Lease lease = settlement.lease();
        Optional<HeldMessage> held = messages.find(lease.id()).filter(message -> message.fence == lease.fence());
        held.ifPresent(message -> {
            switch (message.stage) {
                case LEASED, AGAIN, UNKNOWN -> end(message, settlement.ending(), limits, now);
                case FAILED -> endGivenUp(message, settlement.ending(), now);
                case QUEUED, DELAYED, RETRYING, DEAD, SENT -> {} // settled before: a repetition
            }
        });
        return held.map(message -> message.stage.state);
    }

    /** One that was given up although its last lease said that it was not sent; whoever says that it was knows better. */
    private void endGivenUp(HeldMessage message, Ending ending, long now) {
        if (ending instanceof Ending.Sent(byte[] result)
                && message.fence > 0
                && message.failure.orElseThrow().isGivenUp()) {
            messages.sentAfterAll(message, result, now);
        }
    }

    /** The same for one that is unknown since then: it goes nowhere again, and is failed if no other attempt is in doubt. */
    private void notSentGivenUp(HeldMessage message, boolean counts, long now) {
        if (!message.doubted) {
            message.attempts = counts ? message.attempts : Math.max(0, message.attempts - 1);
            messages.take(message);
            messages.giveUp(message, message.failure.orElseThrow(), now);
        }
    }

    private void end(HeldMessage message, Ending ending, TelegramLimits limits, long now) {
        if (Lanes.isAlong(message.lane)) {
            endAlong(message, ending, now);
            return;
        }
        boolean givenUp = message.stage == Stage.UNKNOWN && message.failure.isPresent();
        switch (ending) {
            case Ending.Sent(byte[] result) -> {
                messages.take(message);
                messages.sent(message, result, now);
            }
            case Ending.Refused(String reason) -> fail(message, FailureClass.REFUSED, reason, now);
            case Ending.Suppressed(String reason) -> fail(message, FailureClass.SUPPRESSED, reason, now);
            case Ending.Retry r when givenUp -> notSentGivenUp(message, true, now);
            case Ending.Flooded f when givenUp -> notSentGivenUp(message, false, now);
            case Ending.NotSent n when givenUp -> notSentGivenUp(message, false, now);
            case Ending.Retry(String reason, var after)
            when message.doubted -> {
                if (message.stage != Stage.UNKNOWN || message.attempts <= retry.maxRetries()) {
                    retry(message, reason, after, messages::doubt, now);
                }
            }
            case Ending.Retry(String reason, var after) -> retry(message, reason, after, this::exhaust, now);
            case Ending.Flooded(Duration retryAfter) -> flooded(message, retryAfter, limits, now);
            case Ending.NotSent() -> putBack(message);
            case Ending.Unanswered(String reason) -> unanswered(message, reason, now);
        }
    }

    /** The same for one that was sent together with another: it holds nobody, and its chat is parked by that one. */
    private void endAlong(HeldMessage message, Ending ending, long now) {
        messages.take(message);
        message.lane = Lanes.home(message.lane);
        switch (ending) {
            case Ending.Sent(byte[] result) -> messages.sent(message, result, now);
            case Ending.Refused(String reason) -> {
                message.attempted(reason, now);
                messages.fail(message, FailureClass.REFUSED, now);
            }
            case Ending.Suppressed(String reason) -> {
                message.attempted(reason, now);
                messages.fail(message, FailureClass.SUPPRESSED, now);
            }
            case Ending.Retry(String reason, var after) -> {
                message.attempted(reason, now);
                if (message.attempts > retry.maxRetries()) {
                    exhaust(message, now);
                } else {
                    messages.queue(message);
                }
            }
            case Ending.Unanswered(String reason) -> {
                message.attempted(reason, now);
                messages.doubt(message, now);
            }
            case Ending.Flooded flooded -> messages.queue(message);
            case Ending.NotSent notSent -> messages.queue(message);
        }
    }

    private void fail(HeldMessage message, FailureClass failure, String reason, long now) {
        if (message.stage == Stage.LEASED) {
            message.attempted(reason, now);
        }
        messages.take(message);
        messages.fail(message, failure, now);
    }

    private void exhaust(HeldMessage message, long now) {
        messages.fail(message, FailureClass.EXHAUSTED, now);
    }

    private void unanswered(HeldMessage message, String reason, long now) {
        if (message.stage == Stage.UNKNOWN) {
            return;
        }
        if (message.policy == DeliveryPolicy.AT_LEAST_ONCE) {
            message.doubted = true;
            retry(message, reason, Optional.empty(), messages::doubt, now);
        } else {
            message.attempted(reason, now);
            messages.take(message);
            messages.doubt(message, now);
        }
    }

    /** @param last what becomes of it after the last attempt */
    private void retry(
            HeldMessage message,
            String reason,
            Optional<Duration> after,
            BiConsumer<HeldMessage, Long> last,
            long now) {
        boolean inTime = message.stage == Stage.LEASED;
        if (inTime) {
            message.attempted(reason, now);
        }
        if (message.attempts > retry.maxRetries()) {
            messages.take(message);
            last.accept(message, now);
        } else if (inTime) {
            Duration delay = after.orElseGet(() -> retry.delay(message.attempts, random.nextDouble()));
            message.stage = Stage.RETRYING;
            message.until = now + HeldMessage.micros(delay);
            messages.lanes.retrying[message.rank]++;
            messages.expireAgain(message);
            lanes.of(message).move(lanes.waiting, message.until);
        } else {
            // Late: its lane has gone on meanwhile, so it holds nobody.
            messages.take(message);
            messages.queue(message);
        }
    }

    /** Back to its place. Whatever had counted its attempt is undone. */
    private void putBack(HeldMessage message) {
        if (message.stage == Stage.LEASED) {
            lanes.front(message, false);
            message.stage = Stage.QUEUED;
            message.until = 0;
            messages.expireAgain(message);
            lanes.join(lanes.of(message));
        } else {
            message.attempts = Math.max(0, message.attempts - 1);
            messages.take(message);
            messages.queue(message);
        }
    }

    private void flooded(HeldMessage message, Duration retryAfter, TelegramLimits limits, long now) {
        boolean inTime = message.stage == Stage.LEASED;
        String lane = message.lane;
        putBack(message);
        boolean learns = settings.learning().isOn() && !limits.shadow();
        List<Charge> charges = learns ? limits.charges(bot, message.chat, message.cost, message.send) : List.of();
        var flood = new Flood(
                bot,
                message.chat,
                retryAfter,
                limits.floodedBucket(bot, message.send),
                charges,
                Math.min(message.fence, now));
        limiter.flooded(flood).scope().ifPresent(settings.learning().lowered());
        if (inTime && message.chat.isPresent() && message.lane.equals(lane)) { // else it has joined another lane
            lanes.of(message).move(lanes.waiting, now + HeldMessage.micros(retryAfter));
        }
    }
}
