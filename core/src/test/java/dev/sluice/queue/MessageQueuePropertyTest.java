package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Learning;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * Whatever happens in whatever order, memory and Redis do what {@link QueueModel} does and both the same, and after every step
 * the books balance and all that is kept agrees with a recount.
 */
class MessageQueuePropertyTest {
    private static final BotId BOT = new BotId(42);
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final RetryPolicy RETRY = new RetryPolicy(2, Duration.ofSeconds(1), Duration.ofSeconds(60), 0);

    record Scenario(TelegramLimits limits, QueueSettings settings, List<QueueStep> steps) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        return Combinators.combine(limits(), settings(), steps()).as(Scenario::new);
    }

    private static Arbitrary<TelegramLimits> limits() {
        var narrow = Arbitraries.of(2, 3, 5, 100).map(most -> Limit.atMost(most, WINDOW));
        var wide = Arbitraries.of(4, 8, 100).map(most -> Limit.atMost(most, WINDOW));
        return Combinators.combine(wide, wide, narrow, narrow, narrow.optional(0.3), wide.optional(0.5))
                .as((bot, paid, chat, group, user, replies) ->
                        new TelegramLimits(bot, paid, chat, group, user, replies, false));
    }

    private static Arbitrary<QueueSettings> settings() {
        return Arbitraries.of(1_000, 1_000, 6)
                .map(bound ->
                        QueueSettings.DEFAULT.withRetry(RETRY).withBound(bound).withLearning(Learning.OFF));
    }

    private static Arbitrary<List<QueueStep>> steps() {
        return QueueStep.any().list().ofMinSize(5).ofMaxSize(80);
    }

    @Property(tries = 500, shrinking = ShrinkingMode.BOUNDED)
    void memory_agrees_with_the_plain_model(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        replay(scenario, clock, Map.of("memory", inMemory(scenario, clock)), 1);
    }

    /** On Redis results are forgotten by Redis' own clock, which no test can set. */
    @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
    void what_has_ended_is_forgotten_in_memory_as_in_the_plain_model(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        var shortly =
                new Scenario(scenario.limits(), scenario.settings().withKeep(Duration.ofSeconds(4)), scenario.steps());
        replay(shortly, clock, Map.of("memory", inMemory(shortly, clock)), 1);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void redis_and_memory_agree_with_the_plain_model_and_each_other(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        var queues = new LinkedHashMap<String, MessageQueue>();
        queues.put("memory", inMemory(scenario, clock));
        queues.put("redis", onRedis(scenario, byClock(clock)));
        replay(scenario, clock, queues, 7);
        new RedisQueueAudit(RedisFixture.shared().commands(), BOT)
                .check(queues.get("redis").statistics(BOT));
    }

    /** Each step that fails on what another program wrote has this done, whatever else is whole. */
    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void mending_and_rebuilding_a_queue_of_which_all_is_whole_changes_nothing(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        ScriptRunner runner = byClock(clock);
        MessageQueue queue = onRedis(scenario, (script, keys, args) -> {
            mendAndRebuild(runner);
            return runner.run(script, keys, args);
        });
        replay(scenario, clock, Map.of("redis", queue), 7);
    }

    private static void mendAndRebuild(ScriptRunner runner) {
        List<String> keys = QueueScripts.keys(BOT, KeySpace.DEFAULT);
        ScriptReply mended = runner.run(QueueScripts.MEND, keys, List.of());
        for (int i = 0; i < mended.size(); i++) {
            assertThat(mended.number(i)).as("what was taken out, place %d", i).isZero();
        }
        String cursor = "0";
        do {
            ScriptReply step = runner.run(
                    QueueScripts.REBUILD,
                    keys,
                    List.of(MessageRecord.ascii(cursor), MessageRecord.ascii("10"), MessageRecord.ascii("10000000")));
            assertThat(step.number(1)).as("what had no place").isZero();
            cursor = step.text(0);
        } while (!cursor.equals("0"));
    }

    private static ScriptRunner byClock(SettableMicros clock) {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        TestClockRunner runner = redis.clockRunner().withLongerTtls();
        return (script, keys, args) -> {
            runner.setNow(clock.getAsLong());
            return runner.run(script, keys, args);
        };
    }

    private static MessageQueue onRedis(Scenario scenario, ScriptRunner runner) {
        return MessageQueues.onRedis(
                runner,
                runner,
                KeySpace.DEFAULT,
                bot -> scenario.limits(),
                scenario.settings(),
                RandomGenerator.getDefault());
    }

    private static InMemoryMessageQueue inMemory(Scenario scenario, SettableMicros clock) {
        return (InMemoryMessageQueue) MessageQueues.inMemory(
                clock,
                RateLimiters.inMemory(clock),
                bot -> scenario.limits(),
                scenario.settings(),
                RandomGenerator.getDefault());
    }

    /** @param oneOf how many steps for one after which every single message is looked at */
    private static void replay(Scenario scenario, SettableMicros clock, Map<String, MessageQueue> queues, int oneOf) {
        var model = new QueueModel(BOT, scenario.limits(), scenario.settings(), clock.getAsLong());
        var replay = new QueueReplay(BOT, model, clock, queues);
        int done = 0;
        for (QueueStep step : scenario.steps()) {
            replay.step(step);
            queues.values().forEach(queue -> balanced(queue.statistics(BOT)));
            queues.values().forEach(queue -> {
                if (queue instanceof InMemoryMessageQueue memory) {
                    new HeldQueueAudit(memory.held(BOT)).check(memory.statistics(BOT));
                }
            });
            replay.compareStatistics();
            if (++done % oneOf == 0) {
                replay.compareMessages();
            }
        }
        replay.compareMessages();
        replay.conforms();
    }

    private static void balanced(QueueStatistics now) {
        assertThat(now.accepted())
                .as("%s", now)
                .isEqualTo(now.sent() + now.failedInAll() + now.unknown() + now.pending());
    }
}
