package dev.sluice.limit;

import dev.sluice.limit.CombinedScript.Answer;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** Model checking: however notes, looks and the clock interleave, what is remembered is what some order of them would have left. */
class DeniedUntilModelTest {
    @Test
    void a_denial_is_remembered_as_if_one_came_after_the_other() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .iterations(8)
                .invocationsPerIteration(100)
                .check(Memory.class);
    }

    /** Two slots, so that three buckets get into each other's way. */
    @Param(name = "bucket", gen = IntGen.class, conf = "1:3")
    @Param(name = "time", gen = IntGen.class, conf = "1:4")
    public static class Memory {
        private static final Limit LIMIT = Limit.atMost(1, Duration.ofSeconds(1));

        private final AtomicLong clock = new AtomicLong();
        private final DeniedUntil denials = new DeniedUntil(DeniedUntil.LONGEST, clock::get, 2);

        @Operation
        public void note(@Param(name = "bucket") int bucket, @Param(name = "time") int until) {
            Acquisition question = question(bucket);
            var denied = new Denied(question.charges().getFirst().bucket(), Cause.LIMIT, Duration.ofMillis(until), 0);
            denials.note(question, new Answer(denied, true), 0);
        }

        @Operation
        public boolean isDenied(@Param(name = "bucket") int bucket) {
            return denials.find(question(bucket)).isPresent();
        }

        @Operation
        public void pass(@Param(name = "time") int millis) {
            clock.addAndGet(Duration.ofMillis(millis).toNanos());
        }

        private static Acquisition question(int bucket) {
            return Acquisition.of(new Charge(new Bucket("1", "chat", Integer.toString(bucket)), LIMIT, 1));
        }
    }
}
