package dev.sluice.queue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is left in Redis of messages to users of whom no text may be kept. */
class EphemeralMessagesTest extends QueueFixture {
    private static final String TEXT = "meet me at seven";

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner clockRunner = redis.clockRunner();
    private final ScriptRunner runner = (script, keys, args) -> {
        clockRunner.setNow(clock.getAsLong());
        return clockRunner.run(script, keys, args);
    };
    private final PrivacyLevels levels = PrivacyLevels.inMemory();

    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        return MessageQueues.onRedis(
                runner,
                runner,
                KeySpace.DEFAULT,
                limitsOfBots,
                settings.withLevels(levels),
                RandomGenerator.getDefault());
    }

    @BeforeEach
    void flush() {
        redis.flush();
        levels.set(1, PrivacyLevel.NONE);
    }

    private boolean isThere() {
        return redis.commands().keys("*:m:*").stream()
                .anyMatch(key -> new String(redis.commands().get(key), ISO_8859_1).contains(TEXT));
    }

    @Test
    void it_is_there_until_it_is_sent() {
        MessageId id = add(ANN, TEXT);
        assertThat(isThere()).isTrue();
        settle(claimOne(), new Ending.Sent(bytes("42")));
        assertThat(isThere()).isFalse();
        assertThat(state(id)).isEqualTo(MessageState.SENT);
    }

    @Test
    void what_cannot_be_sent_is_failed_and_no_dead_letter() {
        MessageId refused = add(ANN, TEXT);
        settle(claimOne(), new Ending.Refused("refused-400"));
        MessageId exhausted = add(ANN, TEXT);
        for (int attempt = 0; attempt < 4; attempt++) {
            settle(claimOne(), new Ending.Retry("unreachable"));
            clock.advance(SECOND.multipliedBy(60));
        }
        assertThat(isThere()).isFalse();
        assertThat(find(refused).failure()).contains(FailureClass.REFUSED);
        assertThat(find(exhausted).failure()).contains(FailureClass.EXHAUSTED);
        assertThat(queue.deadLetters()
                        .page(BOT, ListFilter.ALL, DeadLetters.START, 10)
                        .items())
                .isEmpty();
        assertThat(queue.deadLetters().requeue(refused)).isEqualTo(Change.NOT_POSSIBLE);
        levels.set(2, PrivacyLevel.FULL);
        MessageId others = add(BOB, TEXT);
        settle(claimOne(), new Ending.Refused("refused-400"));
        assertThat(isThere()).isTrue();
        assertThat(queue.deadLetters().requeue(others)).isEqualTo(Change.DONE);
    }

    @Test
    void what_is_unknown_has_no_text_and_is_not_sent_again_whoever_asks_or_says_so_late() {
        MessageId id = add(ANN, TEXT);
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        assertThat(isThere()).isFalse();
        assertThat(queue.unknowns().resolve(id, Resolution.REQUEUE)).isEqualTo(Change.NOT_POSSIBLE);
        assertThat(queue.unknowns().resolve(id, Resolution.SENT)).isEqualTo(Change.DONE);

        for (Ending late : List.of(new Ending.NotSent(), new Ending.Flooded(SECOND), new Ending.Retry("unreachable"))) {
            MessageId lost = add(ANN, TEXT);
            Leased leased = claimOne();
            clock.advance(LEASE.plus(SECOND));
            assertThat(claim(1)).isEmpty();
            assertThat(state(lost)).isEqualTo(MessageState.UNKNOWN);
            assertThat(isThere()).isFalse();
            assertThat(settle(leased, late)).contains(MessageState.FAILED);
            assertThat(claim(1)).isEmpty();
        }
        MessageId lost = add(ANN, TEXT);
        Leased leased = claimOne();
        clock.advance(LEASE.plus(SECOND));
        assertThat(claim(1)).isEmpty();
        assertThat(settle(leased, new Ending.Sent(bytes("42")))).contains(MessageState.SENT);
        assertThat(state(lost)).isEqualTo(MessageState.SENT);
    }

    @Test
    void what_may_be_sent_twice_is_there_until_that_is_over() {
        MessageId id = add(message(ANN, TEXT).atLeastOnce());
        Leased first = claimOne();
        clock.advance(LEASE.plus(SECOND));
        Leased second = claimOne();
        assertThat(second.payload()).isEqualTo(bytes(TEXT));
        assertThat(settle(second, new Ending.Sent(bytes("42")))).contains(MessageState.SENT);
        assertThat(settle(first, new Ending.NotSent())).isEqualTo(Optional.empty());
        assertThat(isThere()).isFalse();
        assertThat(state(id)).isEqualTo(MessageState.SENT);
    }

    @Test
    void whoever_becomes_none_loses_what_has_ended_at_once_and_what_is_pending_when_it_ends() {
        MessageId dead = add(message(BOB, TEXT).toldTo(bytes("target")));
        settle(claimOne(), new Ending.Refused("refused-400"));
        MessageId unknown = add(BOB, TEXT);
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        MessageId answered = add(BOB, "question");
        settle(claimOne(), new Ending.Sent(bytes(TEXT)));
        assertThat(isThere()).isTrue();
        MessageId pending = add(BOB, "pending");
        assertThat(queue.personalData().forgetText(2)).isEqualTo(3);
        assertThat(isThere()).isFalse();
        assertThat(find(dead).failure()).contains(FailureClass.REFUSED);
        assertThat(redis.commands().keys("*:callback:*"))
                .allSatisfy(key -> assertThat(redis.commands().pttl(key)).isPositive());
        assertThat(state(unknown)).isEqualTo(MessageState.UNKNOWN);
        assertThat(state(answered)).isEqualTo(MessageState.SENT);
        for (MessageId id : List.of(dead, answered)) {
            assertThat(redis.commands().pttl("sluice:msg_queue:{42}:m:" + id.number()))
                    .isPositive();
        }
        settle(claimOne(), new Ending.Refused("refused-400"));
        assertThat(find(pending).content()).isEmpty();
        assertThat(queue.personalData().forgetText(2)).isZero();
    }

    @Test
    void a_snapshot_from_before_does_not_bring_a_text_back() {
        add(BOB, TEXT);
        settle(claimOne(), new Ending.Refused("refused-400"));
        add(BOB, TEXT);
        settle(claimOne(), new Ending.Unanswered("no-answer"));
        add(BOB, TEXT + " in the lane");
        List<SavedMessage> saved = queue.snapshots().read(BOT, Snapshots.START).messages();
        assertThat(saved).hasSize(3);
        redis.flush();
        reopen(SETTINGS);
        levels.set(2, PrivacyLevel.NONE);
        assertThat(queue.snapshots().restore(BOT, saved))
                .containsExactlyInAnyOrder(Restored.ADDED, Restored.ADDED, Restored.ADDED);
        Leased leased = claimOne();
        assertThat(leased.payload()).isEqualTo(bytes(TEXT + " in the lane"));
        settle(leased, new Ending.Refused("refused-400"));
        assertThat(isThere()).isFalse();
    }
}
