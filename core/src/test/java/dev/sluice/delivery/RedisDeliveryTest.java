package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RedisDeliveryTest extends DeliveryContract {
    private static final KeyRing SHARED_KEY = KeyRing.of(List.of("ab".repeat(32)));

    private final SharedRedis redis = RedisFixture.shared();

    @Override
    Deliveries.Closeable newPipeline(DeliverySettings settings) {
        return newPipeline(settings, SHARED_KEY);
    }

    @Test
    void a_kept_answer_cannot_be_read_in_redis() throws Exception {
        try (var delivery = newPipeline(settings())) {
            deliver(delivery, keyed(call(1, "text"), "order"), answering("what was written to whom"));
        }

        var keys = redis.commands().keys("*idempotency:{" + bot + "}:*");
        assertThat(keys).hasSize(1);
        assertThat(new String(redis.commands().get(keys.getFirst()), UTF_8)).doesNotContain("written");
    }

    @Test
    void an_answer_whose_key_is_gone_is_unknown_and_nothing_is_sent_again() throws Exception {
        var sent = new AtomicInteger();
        try (var before = newPipeline(settings());
                var after = newPipeline(settings(), KeyRing.random())) {
            deliver(before, keyed(call(1, "text"), "order"), counting(sent));

            assertThat(deliver(after, keyed(call(1, "text"), "order"), counting(sent)))
                    .isInstanceOf(Outcome.Unknown.class);
        }
        assertThat(sent).hasValue(1);
    }

    private Deliveries.Closeable newPipeline(DeliverySettings settings, KeyRing keys) {
        return new Pipeline(
                new RedisAdmission(redis.runner(), redis.runner(), KeySpace.DEFAULT, scope -> {}),
                settings,
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new Random(7),
                keys);
    }

    private static Sender answering(String text) {
        return dispatch -> new Attempt.Answered(Reply.of(200, text.getBytes(UTF_8)));
    }
}
