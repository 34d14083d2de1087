package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Learning;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.SendLane;
import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * Random messages of all lanes, some of which are told 429, under limits that change: memory and Redis claim and learn alike. One thing at a
 * time, since of chats that become ready in the same microsecond either may go first.
 */
class QueueLearningPropertyTest {
    private static final BotId BOT = new BotId(43);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final List<TelegramLimits> LIMITS = List.of(
            limits(30, Optional.of(Limit.atMost(20, SECOND)), false),
            limits(7, Optional.empty(), false),
            limits(7, Optional.of(Limit.atMost(6, SECOND)), false),
            limits(15, Optional.empty(), true));

    private enum Kind {
        ADD,
        CLAIM,
        SEND,
        FLOOD,
        CHANGE
    }

    /** @param number which of what there is, and how long a park is */
    record Step(Kind kind, long later, int number, SendLane lane) {}

    private static TelegramLimits limits(int bot, Optional<Limit> replies, boolean shadow) {
        return new TelegramLimits(
                Limit.atMost(bot, SECOND),
                Limit.atMost(40, SECOND),
                Limit.atMost(2, SECOND),
                Limit.atMost(20, Duration.ofSeconds(10)),
                Optional.empty(),
                replies,
                shadow);
    }

    @Provide
    Arbitrary<List<Step>> scenarios() {
        var kinds = Arbitraries.frequency(
                Tuple.of(10, Kind.ADD),
                Tuple.of(20, Kind.CLAIM),
                Tuple.of(8, Kind.SEND),
                Tuple.of(8, Kind.FLOOD),
                Tuple.of(1, Kind.CHANGE));
        var later = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.longs().between(0, 30_000)),
                Tuple.of(3, Arbitraries.longs().between(0, 1_500_000)),
                Tuple.of(1, Arbitraries.longs().between(0, 40_000_000)));
        return Combinators.combine(kinds, later, Arbitraries.integers().between(0, 40), Arbitraries.of(SendLane.class))
                .as(Step::new)
                .list()
                .ofMinSize(20)
                .ofMaxSize(200);
    }

    /** One queue, with what it has under way and what it has told. */
    private static final class Side {
        final MessageQueue queue;
        final RateLimiter limiter;
        final List<String> lowered = new ArrayList<>();
        final List<Leased> leased = new ArrayList<>();

        Side(RateLimiter limiter, Function<QueueSettings, MessageQueue> queue) {
            this.limiter = limiter;
            // A lease that runs out would say no more about learning.
            this.queue = queue.apply(QueueSettings.DEFAULT
                    .withLease(Duration.ofHours(1))
                    .withLearning(Learning.ON.heardBy(lowered::add)));
        }

        /** What is to be seen after a step. */
        List<Object> does(Step step, TelegramLimits limits) {
            var seen = new ArrayList<Object>();
            switch (step.kind()) {
                case ADD -> queue.enqueueAll(BOT, messages(step));
                case CLAIM -> {
                    Claims claims = queue.claim(BOT, 1);
                    seen.add(claims.messages().stream()
                            .map(it -> it.id().number())
                            .toList());
                    seen.add(claims.shadowDenied());
                    leased.addAll(claims.messages());
                }
                case SEND -> settle(step, new Ending.Sent(new byte[0]));
                case FLOOD -> settle(step, new Ending.Flooded(Duration.ofMillis(1L + 100L * step.number())));
                case CHANGE -> {} // for the next decision
            }
            seen.add(List.copyOf(lowered));
            ChatId chat = chat(step.number());
            seen.add(limiter.statistics(TelegramLimits.botBucket(BOT), limits.bot()));
            seen.add(limiter.statistics(TelegramLimits.paidBucket(BOT), limits.paid()));
            seen.add(limiter.statistics(TelegramLimits.repliesBucket(BOT), limits.paid()));
            seen.add(limiter.statistics(TelegramLimits.chatBucket(BOT, chat), limits.chat()));
            seen.add(limiter.statistics(TelegramLimits.groupBucket(BOT, chat), limits.group()));
            return seen;
        }

        private static ChatId chat(int number) {
            return ChatId.of(number % 4 == 0 ? -1 - number : 1 + number);
        }

        private static List<NewMessage> messages(Step step) {
            var messages = new ArrayList<NewMessage>();
            for (int i = 0; i <= step.number() % 7; i++) {
                messages.add(NewMessage.to(chat((step.number() + 3 * i) % 41), new byte[0])
                        .withPriority(List.of(Priority.values()).get(i % Priority.values().length))
                        .in(step.lane()));
            }
            return messages;
        }

        /** One of those that are under way. */
        private void settle(Step step, Ending ending) {
            if (!leased.isEmpty()) {
                Leased ended = leased.remove(step.number() % leased.size());
                queue.settle(BOT, List.of(ended.ends(ending)));
            }
        }
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void memory_and_redis_claim_and_learn_alike(@ForAll("scenarios") List<Step> steps) {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        var clock = new SettableMicros();
        TestClockRunner clockRunner = redis.clockRunner().withLongerTtls();
        ScriptRunner runner = (script, keys, args) -> {
            clockRunner.setNow(clock.getAsLong());
            return clockRunner.run(script, keys, args);
        };
        int[] which = {0};
        var local = RateLimiters.inMemory(clock);
        var memory = new Side(
                local,
                settings -> MessageQueues.inMemory(clock, local, bot -> LIMITS.get(which[0]), settings, new Random(1)));
        var shared = new Side(
                RateLimiters.onRedis(runner, KeySpace.DEFAULT),
                settings -> MessageQueues.onRedis(
                        runner, runner, KeySpace.DEFAULT, bot -> LIMITS.get(which[0]), settings, new Random(1)));
        for (Step step : steps) {
            clock.advanceMicros(1 + step.later());
            if (step.kind() == Kind.CHANGE) {
                which[0] = step.number() % LIMITS.size();
            }
            TelegramLimits limits = LIMITS.get(which[0]);
            assertThat(shared.does(step, limits)).isEqualTo(memory.does(step, limits));
        }
    }
}
