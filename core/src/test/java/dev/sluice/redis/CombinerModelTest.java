package dev.sluice.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Model checking: whoever asks a bucket through the combiner, in whatever interleaving, is answered as if the questions had come one after
 * the other, each with its own answer, and nobody is left waiting.
 */
class CombinerModelTest {
    @Test
    void answers_are_those_of_some_order_of_the_questions() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .iterations(8)
                .invocationsPerIteration(100)
                .check(Bucket.class);
    }

    /** One call under way and batches of two, so that three threads meet every case: alone, gathered, too many for one batch. */
    @Param(name = "weight", gen = IntGen.class, conf = "1:3")
    public static class Bucket {
        private final Counting calls = new Counting();
        private final Combiner<Integer, String> combiner =
                new Combiner<>(calls, new Combiner.Bounds(1, 2, 4, 10), Runnable::run);

        @Operation
        public String take(@Param(name = "weight") int weight) {
            return combiner.ask("lane", weight);
        }
    }

    /** Lets pass what adds up to no more than a capacity, and answers what has passed so far. */
    private static final class Counting implements Combiner.Calls<Integer, String> {
        private int used;

        @Override
        public String name() {
            return "test/count";
        }

        @Override
        public Optional<Duration> deadline() {
            return Optional.empty();
        }

        @Override
        public int size(Integer weight) {
            return weight;
        }

        @Override
        public synchronized String alone(Integer weight, Optional<Duration> timeout) {
            if (used + weight > 7) {
                return weight + " denied at " + used;
            }
            used += weight;
            return weight + " passed to " + used;
        }

        @Override
        public synchronized List<String> together(List<Integer> weights, Optional<Duration> timeout) {
            var answers = new ArrayList<String>();
            for (int weight : weights) {
                answers.add(alone(weight, timeout));
            }
            return answers;
        }
    }
}
