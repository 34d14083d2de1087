package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.CombinedScript.Answer;
import dev.sluice.limit.CombinedScript.Run;
import dev.sluice.redis.Combiner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Linearizability, from a history: many callers over several connections ask a real Redis, and each decision is told its number by the
 * script that makes it. In the order of these numbers a plain model decides the same; and who was answered before another one asked
 * has the lower number.
 */
class DecisionHistoryTest {
    private static final int CONNECTIONS = 4;
    private static final int CALLERS = 64;
    private static final int QUESTIONS = 25;
    private static final KeySpace KEYS = new KeySpace("history:");
    private static final String TAG = "7";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Limit BOT = Limit.atMost(40, Duration.ofMillis(20));
    private static final Limit CHAT = Limit.atMost(3, Duration.ofMillis(7));
    private static final Limit USER = Limit.smooth(5, Duration.ofMillis(2));

    /**
     * One decision.
     *
     * @param order which of all it is
     * @param at the server's time, microseconds
     * @param asked when its caller asked, {@link System#nanoTime}
     * @param answered when its caller had the answer
     */
    private record Event(Acquisition question, Decision decision, long order, long at, long asked, long answered) {}

    @BeforeEach
    void flush() {
        RedisFixture.shared().flush();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void every_decision_is_what_the_order_of_all_decisions_says(boolean combined) throws Exception {
        List<Event> history = record(combined);

        assertThat(history).extracting(Event::order).containsExactlyElementsOf(orders());
        var model = new PlainModel();
        long latestAsked = Long.MIN_VALUE;
        for (Event event : history) {
            assertThat(event.decision()).as("%s", event).isEqualTo(model.tryAcquire(event.question(), event.at()));
            latestAsked = Math.max(latestAsked, event.asked());
            assertThat(event.answered())
                    .as("%s was answered before one of lower number was asked", event)
                    .isGreaterThanOrEqualTo(latestAsked);
        }
        assertThat(history).anyMatch(event -> event.decision() instanceof Decision.Allowed);
        assertThat(history).anyMatch(event -> event.decision() instanceof Decision.Denied);
    }

    private static List<Long> orders() {
        return IntStream.rangeClosed(1, CALLERS * QUESTIONS)
                .mapToObj(order -> (long) order)
                .toList();
    }

    private static List<Event> record(boolean combined) throws Exception {
        var history = new ArrayList<Event>();
        var stores = new ArrayList<RedisStore>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var processes = new ArrayList<Calls>();
            for (int i = 0; i < CONNECTIONS; i++) {
                var settings = RedisSettings.parse(RedisFixture.shared().uri()).withCommandTimeout(PATIENCE);
                RedisStore store = RedisStore.connect(settings, RedisEvents.NONE);
                stores.add(store);
                processes.add(new Calls(store));
            }
            var combiners = processes.stream()
                    .map(calls -> new Combiner<>(calls, CombinedScript.MOST_BUCKETS))
                    .toList();
            var callers = new ArrayList<Future<List<Event>>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                int process = caller % CONNECTIONS;
                var random = new SplittableRandom(caller);
                callers.add(threads.submit(() -> {
                    var events = new ArrayList<Event>();
                    for (int i = 0; i < QUESTIONS; i++) {
                        Acquisition question = question(random, process);
                        long asked = System.nanoTime();
                        Told told = combined
                                ? combiners.get(process).ask(TAG, question)
                                : processes.get(process).alone(question, Optional.of(PATIENCE));
                        events.add(new Event(
                                question, told.decision(), told.order(), told.at(), asked, System.nanoTime()));
                    }
                    return events;
                }));
            }
            for (Future<List<Event>> caller : callers) {
                history.addAll(caller.get(60, TimeUnit.SECONDS));
            }
            long calls = combiners.stream()
                    .mapToLong(combiner -> combiner.statistics().calls())
                    .sum();
            if (combined) {
                assertThat(calls).as("calls of %s questions", history.size()).isLessThan(history.size());
            }
        } finally {
            stores.forEach(RedisStore::close);
        }
        history.sort(Comparator.comparingLong(Event::order));
        return history;
    }

    /** Bot, chat and user; now and then heavier, for the bot alone, or by a process that waits. */
    private static Acquisition question(SplittableRandom random, int process) {
        int weight = random.nextInt(6) == 0 ? 2 : 1;
        var bot = new Charge(new Bucket(TAG, "bot", TAG), BOT, weight);
        if (random.nextInt(4) == 0) {
            return Acquisition.of(bot);
        }
        String chat = Integer.toString(random.nextInt(3));
        var question = Acquisition.of(
                bot,
                new Charge(new Bucket(TAG, "chat", chat), CHAT, weight),
                new Charge(new Bucket(TAG, "user", chat), USER, weight));
        return random.nextInt(8) == 0 ? question.waitingAs(new Waiter("PROCESS" + process)) : question;
    }

    private record Told(Decision decision, long order, long at) {}

    /** As production's, by scripts that tell their order. */
    private record Calls(ScriptRunner redis) implements Combiner.Calls<Acquisition, Told> {
        private static final Script ALONE =
                Script.of("test/acquire", BucketScript.BUCKETS, BucketScript.DECISION, part("acquire-and-tell-order"));
        private static final Script TOGETHER = Script.of(
                "test/acquire-all",
                CombinedScript.HELD,
                BucketScript.BUCKETS,
                BucketScript.DECISION,
                CombinedScript.COMBINED,
                part("acquire-all-and-tell-order"));

        private static Part part(String name) {
            return new Part(DecisionHistoryTest.class, name + ".lua");
        }

        private static List<String> counted(List<String> keys) {
            var names = new ArrayList<>(keys);
            names.add(KEYS.key("rate_limit", TAG, "order"));
            return names;
        }

        @Override
        public String name() {
            return ALONE.name();
        }

        @Override
        public Optional<Duration> deadline() {
            return redis.deadline();
        }

        @Override
        public int size(Acquisition question) {
            return question.charges().size();
        }

        @Override
        public Told alone(Acquisition question, Optional<Duration> timeout) {
            ScriptReply reply = redis.run(
                    ALONE,
                    counted(BucketScript.keys(question, KEYS)),
                    List.of(BucketScript.argument(question)),
                    timeout);
            return new Told(BucketScript.single(question, reply, 2), reply.number(0), reply.number(1));
        }

        @Override
        public List<Told> together(List<Acquisition> questions, Optional<Duration> timeout) {
            List<Run> runs = Run.of(questions);
            var call = CombinedScript.Call.of(runs, KEYS);
            var args = new ArrayList<>(call.args());
            args.add(BucketScript.ascii(Integer.toString(questions.size())));
            ScriptReply reply = redis.run(TOGETHER, counted(call.keys()), args, timeout);
            List<Answer> answers = CombinedScript.answers(runs, reply);
            long last = reply.number(reply.size() - 2);
            long at = reply.number(reply.size() - 1);
            return IntStream.range(0, answers.size())
                    .mapToObj(i -> new Told(answers.get(i).decision(), last - answers.size() + 1 + i, at))
                    .toList();
        }
    }
}
