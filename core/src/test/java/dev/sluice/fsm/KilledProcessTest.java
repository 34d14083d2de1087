package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.redis.ChildJvm;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.state.StateEvents;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes are killed amid their writes. */
@Timeout(120)
class KilledProcessTest {
    private static final int ROUNDS = 4;

    private final SharedRedis redis = RedisFixture.shared();
    private final FsmStorage storage = FsmStorage.onRedis(
            redis.runner(), KeySpace.DEFAULT, FsmStorage.USUAL_KEEP, CountingProcess.RING, StateEvents.NONE);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void what_a_killed_process_was_told_is_there_and_state_and_data_are_of_one_write() throws Exception {
        long before = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long told = toldUntilKilled(before + 20 + round);
            String key = redis.commands().keys("*").getFirst();
            assertThat(redis.commands().pttl(key)).isPositive();
            Conversation found = storage.find(CountingProcess.KEY);
            before = CountingProcess.count(found);
            assertThat(found.state()).contains("s" + before);
            assertThat(before)
                    .as("at most the one write of which it was not told")
                    .isBetween(told, told + 1);
        }
    }

    /** @return the last count that it said */
    private long toldUntilKilled(long enough) throws Exception {
        Process counting = ChildJvm.start(CountingProcess.class, redis.uri());
        try (var said = counting.inputReader()) {
            long last = 0;
            while (last < enough) {
                String line = said.readLine();
                assertThat(line).as("it counts until it is killed").isNotNull();
                // It may also log.
                last = line.matches("\\d+") ? Long.parseLong(line) : last;
            }
            // By its handle, which leaves open what it had said before it died.
            counting.toHandle().destroyForcibly();
            for (String line = said.readLine(); line != null && line.matches("\\d+"); line = said.readLine()) {
                last = Math.max(last, Long.parseLong(line));
            }
            return last;
        } finally {
            counting.destroyForcibly();
            assertThat(counting.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
