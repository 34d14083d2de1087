package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.CombinedScript.Answer;
import dev.sluice.limit.RateLimiterPropertyTest.Step;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Random questions in one call: each is answered as if it had been asked by itself, in their order, by the plain model and by the script
 * for single ones, and what is left in Redis is the same to the byte, but for when an empty bucket goes. The clock jumps back now and then, and buckets have learned paces, where
 * the model cannot follow.
 */
class CombinedDecisionsPropertyTest {
    private static final KeySpace TOGETHER = new KeySpace("together:");
    private static final KeySpace ALONE = new KeySpace("alone:");
    private static final String TAG = "combined";

    private static final Script LOWER = Script.of(
            "test/lower",
            BucketScript.BUCKETS,
            BucketScript.DECISION,
            BucketScript.CORRECTIONS,
            BucketScript.FLOODS,
            BucketScript.LEARNING,
            new Script.Part(CombinedDecisionsPropertyTest.class, "lower.lua"));

    /** What happens besides. */
    enum Besides {
        NOTHING,
        JUMPS_BACK,
        PACES,
        BOTH;

        boolean jumpsBack(int number) {
            return (this == JUMPS_BACK || this == BOTH) && number % 4 == 0;
        }

        boolean lowers(int number) {
            return (this == PACES || this == BOTH) && number % 3 == 1;
        }
    }

    private final SharedRedis redis = RedisFixture.shared();

    /**
     * What is asked in one call.
     *
     * @param step when, and what the first one asks or whether the bucket is parked before
     * @param others what others ask; the times of their steps do not matter
     * @param times how many ask the same, one after the other
     */
    record Batch(Step step, List<Step> others, int times) {}

    record Scenario(List<Limit> limits, List<Batch> batches) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        return RateLimiterPropertyTest.limits().list().ofMinSize(1).ofMaxSize(3).flatMap(limits -> {
            Arbitrary<Step> steps = RateLimiterPropertyTest.steps(limits.size());
            return Combinators.combine(
                            steps,
                            steps.list().ofMaxSize(5),
                            Arbitraries.frequency(Tuple.of(3, 1), Tuple.of(2, 2), Tuple.of(2, 4), Tuple.of(2, 7)))
                    .as(Batch::new)
                    .list()
                    .ofMinSize(1)
                    .ofMaxSize(20)
                    .map(batches -> new Scenario(limits, batches));
        });
    }

    /** All ask a bucket that there is often room in, before others. */
    @Provide
    Arbitrary<Scenario> alike() {
        Arbitrary<Limit> first = Combinators.combine(RateLimiterPropertyTest.limits(), Arbitraries.of(1, 4, 20))
                .as((limit, times) -> limit instanceof Limit.StrictWindow window
                        ? Limit.atMost(limit.capacity() * times, window.window())
                        : Limit.smooth(limit.capacity() * times, ((Limit.Gcra) limit).interval()));
        return Combinators.combine(
                        first, RateLimiterPropertyTest.limits().list().ofMaxSize(2))
                .as((one, others) ->
                        Stream.concat(Stream.of(one), others.stream()).toList())
                .flatMap(limits -> {
                    Arbitrary<Step> steps = RateLimiterPropertyTest.steps(limits.size())
                            .map(CombinedDecisionsPropertyTest::askingTheFirst);
                    Arbitrary<Integer> times = Arbitraries.frequency(Tuple.of(3, 1), Tuple.of(1, 2), Tuple.of(1, 5));
                    return Combinators.combine(steps, steps.list().ofMaxSize(12), times)
                            .as(Batch::new)
                            .list()
                            .ofMinSize(1)
                            .ofMaxSize(12)
                            .map(batches -> new Scenario(limits, batches));
                });
    }

    private static Step askingTheFirst(Step step) {
        var weights = new ArrayList<>(step.weights());
        weights.set(0, Math.max(0, weights.getFirst()));
        return new Step(step.later(), weights, step.process(), step.agoMillis(), step.parkMillis());
    }

    @BeforeTry
    void flush() {
        redis.flush();
    }

    @Property(tries = 120, shrinking = ShrinkingMode.BOUNDED)
    void together_they_are_decided_as_one_after_the_other(@ForAll("scenarios") Scenario scenario) {
        check(scenario, Besides.NOTHING);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void the_same_when_the_clock_jumps_back(@ForAll("scenarios") Scenario scenario) {
        check(scenario, Besides.JUMPS_BACK);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void the_same_at_learned_paces(@ForAll("scenarios") Scenario scenario) {
        check(scenario, Besides.PACES);
    }

    @Property(tries = 30, shrinking = ShrinkingMode.BOUNDED)
    void the_same_at_learned_paces_when_the_clock_jumps_back(@ForAll("scenarios") Scenario scenario) {
        check(scenario, Besides.BOTH);
    }

    @Property(tries = 120, shrinking = ShrinkingMode.BOUNDED)
    void the_same_when_all_begin_with_one_bucket(@ForAll("alike") Scenario scenario, @ForAll Besides besides) {
        check(scenario, besides);
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void the_same_when_one_of_them_overdraws_or_knows_another_limit(
            @ForAll("alike") Scenario scenario, @ForAll Besides besides, @ForAll boolean overdraws) {
        check(scenario, besides, false, questions -> {
            Acquisition last = questions.getLast();
            Charge first = last.charges().getFirst();
            var charges = new ArrayList<>(last.charges());
            charges.set(0, new Charge(first.bucket(), Limit.atMost(3, Duration.ofMillis(7)), first.weight()));
            questions.add(overdraws ? last.overdrawing() : Acquisition.of(charges));
        });
    }

    private static void lower(TestClockRunner clock, List<Limit> limits) {
        for (KeySpace keys : List.of(TOGETHER, ALONE)) {
            for (int i = 0; i < limits.size(); i++) {
                lower(clock, RateLimiterPropertyTest.bucket(TAG, i).key(keys), limits.get(i));
            }
        }
    }

    /** As if a message that is admitted now were told 429. */
    static void lower(ScriptRunner redis, String key, Limit limit) {
        redis.run(LOWER, List.of(key), List.of(BucketScript.argument(limit)));
    }

    private void check(Scenario scenario, Besides besides) {
        check(scenario, besides, besides == Besides.NOTHING, questions -> {});
    }

    // modelled: whether the model can follow; more: what else is asked in each call
    private void check(Scenario scenario, Besides besides, boolean modelled, Consumer<List<Acquisition>> more) {
        TestClockRunner clock = redis.clockRunner().withLongerTtls();
        var model = new PlainModel();
        var together = new DecisionCalls(clock, TOGETHER);
        var alone = new DecisionCalls(clock, ALONE);
        int number = 0;
        for (Batch batch : scenario.batches()) {
            number++;
            long later = batch.step().later();
            clock.advance(Duration.ofNanos((besides.jumpsBack(number) ? -later : later) * 1_000));
            if (batch.step().parkMillis() > 0) {
                Duration park = Duration.ofMillis(batch.step().parkMillis());
                Bucket bucket = RateLimiterPropertyTest.bucket(TAG, 0);
                model.park(bucket, clock.nowMicros() + Microseconds.of(park));
                new RedisRateLimiter(clock, TOGETHER).park(bucket, park);
                new RedisRateLimiter(clock, ALONE).park(bucket, park);
            }
            if (besides.lowers(number)) {
                lower(clock, scenario.limits());
            }
            List<Acquisition> questions = questions(scenario.limits(), batch, besides.lowers(number));
            if (questions.isEmpty()) {
                continue;
            }
            more.accept(questions);

            List<Answer> answers = together.together(questions, Optional.empty());

            var oneByOne = new ArrayList<Answer>();
            for (Acquisition question : questions) {
                oneByOne.add(alone.alone(question, Optional.empty()));
            }
            assertThat(answers).isEqualTo(oneByOne);
            if (modelled) {
                for (int i = 0; i < answers.size(); i++) {
                    assertThat(answers.get(i).decision())
                            .isEqualTo(model.tryAcquire(questions.get(i), clock.nowMicros()));
                }
            }
            assertThat(contents(TOGETHER)).isEqualTo(contents(ALONE));
        }
    }

    // plain: whether who asks several times stands in no line, as it must be for them to be decided as one
    private static List<Acquisition> questions(List<Limit> limits, Batch batch, boolean plain) {
        var questions = new ArrayList<Acquisition>();
        RateLimiterPropertyTest.acquisition(limits, batch.step(), TAG)
                .map(first -> plain ? Acquisition.of(first.charges()) : first)
                .ifPresent(first -> questions.addAll(Collections.nCopies(batch.times(), first)));
        for (Step other : batch.others()) {
            RateLimiterPropertyTest.acquisition(limits, other, TAG).ifPresent(questions::add);
        }
        return questions;
    }

    private Map<String, String> contents(KeySpace keys) {
        String prefix = keys.key("rate_limit", TAG, "");
        var contents = new HashMap<String, String>();
        for (String key : redis.commands().keys(prefix.replace("{", "\\{") + "*")) {
            byte[] value = redis.commands().get(key);
            if (value != null) {
                Arrays.fill(value, 2 * Double.BYTES, 3 * Double.BYTES, (byte) 0); // when it goes
                contents.put(key.substring(prefix.length()), new String(value, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }
}
