package dev.sluice.queue;

import dev.sluice.limit.Bucket;
import dev.sluice.limit.Floods;
import dev.sluice.limit.TelegramLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How attempts end in a {@link QueueModel}. */
final class ModelEndings {
    private final QueueModel model;

    /** When each chat was last told 429. */
    private final Map<Bucket, Map<String, Long>> floods = new HashMap<>();

    ModelEndings(QueueModel model) {
        this.model = model;
    }

    Optional<MessageState> settle(Settlement settlement) {
        Lease lease = settlement.lease();
        Optional<ModelMessage> found = model.get(lease.id()).filter(it -> it.fence == lease.fence());
        found.filter(it -> it.state == MessageState.LEASED
                        || it.state == MessageState.UNKNOWN
                        || it.state == MessageState.QUEUED && it.lost)
                .ifPresent(it -> end(it, settlement.ending()));
        found.filter(it -> it.state == MessageState.FAILED
                        && it.failure.orElseThrow().isGivenUp())
                .ifPresent(it -> {
                    if (settlement.ending() instanceof Ending.Sent(byte[] result)) {
                        model.sentAfterAll(it, result);
                    }
                });
        return found.map(it -> it.state);
    }

    private void end(ModelMessage message, Ending ending) {
        boolean inTime = message.state == MessageState.LEASED;
        message.lost = false;
        if (message.along) {
            message.along = false;
            endAlong(message, ending);
            return;
        }
        if (message.state == MessageState.UNKNOWN && message.failure.isPresent() && saysItWasNotSent(ending)) {
            if (!message.doubted) {
                message.attempts -= ending instanceof Ending.Retry || message.attempts == 0 ? 0 : 1;
                model.giveUp(message, message.failure.get());
            }
            return;
        }
        switch (ending) {
            case Ending.Sent(byte[] result) -> model.sent(message, result);
            case Ending.Refused(String reason) -> {
                attemptedIf(inTime, message, reason);
                model.fail(message, FailureClass.REFUSED);
            }
            case Ending.Suppressed(String reason) -> {
                attemptedIf(inTime, message, reason);
                model.fail(message, FailureClass.SUPPRESSED);
            }
            case Ending.Retry(String reason, Optional<Duration> after) -> {
                attemptedIf(inTime, message, reason);
                if (model.hasAttempts(message)) {
                    again(message, inTime, after);
                } else if (message.doubted) {
                    if (message.state != MessageState.UNKNOWN) {
                        model.unknown(message);
                    }
                } else {
                    model.fail(message, FailureClass.EXHAUSTED);
                }
            }
            case Ending.Flooded(Duration retryAfter) -> {
                back(message, inTime);
                flooded(message, retryAfter);
            }
            case Ending.NotSent() -> back(message, inTime);
            case Ending.Unanswered(String reason) -> {
                if (message.state != MessageState.UNKNOWN) {
                    attemptedIf(inTime, message, reason);
                    message.doubted |= message.asked.policy() == DeliveryPolicy.AT_LEAST_ONCE;
                    if (model.mayRepeat(message)) {
                        again(message, inTime, Optional.empty());
                    } else {
                        model.unknown(message);
                    }
                }
            }
        }
    }

    private static boolean saysItWasNotSent(Ending ending) {
        return ending instanceof Ending.Retry || ending instanceof Ending.Flooded || ending instanceof Ending.NotSent;
    }

    private void endAlong(ModelMessage message, Ending ending) {
        switch (ending) {
            case Ending.Sent(byte[] result) -> model.sent(message, result);
            case Ending.Refused(String reason) -> {
                attemptedIf(true, message, reason);
                model.fail(message, FailureClass.REFUSED);
            }
            case Ending.Suppressed(String reason) -> {
                attemptedIf(true, message, reason);
                model.fail(message, FailureClass.SUPPRESSED);
            }
            case Ending.Retry(String reason, Optional<Duration> after) -> {
                attemptedIf(true, message, reason);
                if (model.hasAttempts(message)) {
                    model.queue(message);
                } else {
                    model.fail(message, FailureClass.EXHAUSTED);
                }
            }
            case Ending.Unanswered(String reason) -> {
                attemptedIf(true, message, reason);
                model.unknown(message);
            }
            case Ending.Flooded flooded -> model.queue(message);
            case Ending.NotSent notSent -> model.queue(message);
        }
    }

    private void attemptedIf(boolean inTime, ModelMessage message, String reason) {
        if (inTime) {
            message.attempted(reason, model.now);
        }
    }

    private void again(ModelMessage message, boolean inTime, Optional<Duration> after) {
        if (inTime) {
            message.state = MessageState.RETRYING; // in the lane that it was leased from
            message.until = model.now
                    + ModelMessage.micros(after.orElse(model.settings.retry().delay(message.attempts, 0.5)));
        } else {
            model.queue(message);
        }
    }

    private void back(ModelMessage message, boolean inTime) {
        message.attempts = inTime ? message.attempts : Math.max(0, message.attempts - 1);
        model.queue(message);
    }

    private void flooded(ModelMessage message, Duration retryAfter) {
        long until = model.now + ModelMessage.micros(retryAfter);
        Bucket ofAllChats = model.limits.floodedBucket(model.bot, message.asked.send());
        Map<String, Long> told = floods.computeIfAbsent(ofAllChats, bucket -> new HashMap<>());
        told.put(message.chat.isPresent() ? message.lane() : "-", model.now);
        model.windows.park(
                message.chat
                        .map(chat -> TelegramLimits.chatBucket(model.bot, chat))
                        .orElse(ofAllChats),
                until);
        long lately = told.values().stream()
                .filter(at -> at >= model.now - ModelMessage.micros(Floods.COUNT_FOR))
                .count();
        if (lately >= Floods.THAT_PARK_THE_BOT) {
            model.windows.park(ofAllChats, until);
        }
    }

    boolean extend(Lease lease, Duration by) {
        Optional<ModelMessage> found =
                model.get(lease.id()).filter(it -> it.fence == lease.fence() && it.state == MessageState.LEASED);
        found.ifPresent(it -> it.until = model.now + ModelMessage.micros(by));
        return found.isPresent();
    }
}
