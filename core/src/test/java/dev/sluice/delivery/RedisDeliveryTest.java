package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.privacy.PersonalData;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

    @Test
    void answers_to_a_user_are_found_when_the_user_is_forgotten_and_what_was_sent_is_not_sent_again() throws Exception {
        var sent = new AtomicInteger();
        PersonalData answers = Deliveries.keptAnswers(
                redis.runner(),
                KeySpace.DEFAULT,
                SHARED_KEY,
                reply -> Reply.of(reply.status(), "less".getBytes(UTF_8)),
                reply -> new String(reply.body(), UTF_8).equals("quotes 42") ? Set.of(42L) : Set.of());
        try (var delivery = newPipeline(settings())) {
            for (int i = 0; i < 3; i++) {
                deliver(delivery, keyed(call(42, "text"), "order" + i), answering("what was written"));
            }
            deliver(delivery, keyed(call(43, "text"), "other"), answering("what was written"));
            deliver(delivery, keyed(call(-42, "text"), "group"), answering("what was written"));
            deliver(delivery, keyed(call(-42, "text"), "reply"), answering("quotes 42"));
            String key = redis.commands().keys("*idempotency:{" + bot + "}:*").getFirst();
            long before = redis.commands().pttl(key);

            assertThat(answers.forgetText(42)).isEqualTo(4);
            assertThat(answers.forgetText(42)).isZero();
            assertThat(again(delivery, 42, "order1", sent)).isEqualTo("less");
            assertThat(answers.forget(42)).isEqualTo(3);
            assertThat(answers.forget(42)).isZero();
            assertThat(again(delivery, 42, "order1", sent)).isEqualTo("{\"ok\":true,\"result\":true}");
            assertThat(again(delivery, 43, "other", sent)).isEqualTo("what was written");
            assertThat(again(delivery, -42, "group", sent)).isEqualTo("what was written");
            assertThat(again(delivery, -42, "reply", sent)).isEqualTo("less");
            assertThat(redis.commands().pttl(key)).isBetween(before - 60_000, before);
        }
        assertThat(sent).hasValue(0);
    }

    @Test
    void what_another_program_wrote_into_kept_answers_keeps_nobody_from_being_forgotten() throws Exception {
        PersonalData answers = Deliveries.keptAnswers(
                redis.runner(),
                KeySpace.DEFAULT,
                SHARED_KEY,
                reply -> Reply.of(reply.status(), "less".getBytes(UTF_8)),
                reply -> Set.of());
        try (var delivery = newPipeline(settings())) {
            deliver(delivery, keyed(call(43, "text"), "spoilt"), answering("what was written"));
            String spoilt =
                    redis.commands().keys("*idempotency:{" + bot + "}:*").getFirst();
            byte[] whole = redis.commands().get(spoilt);
            for (String rubbish : List.of("bytes", "hash", "list", "cut 60", "cut 20", "cut 0", "changed", "named")) {
                redis.commands().del(spoilt);
                switch (rubbish) {
                    case "hash" -> redis.commands().hset(spoilt, "secret", whole);
                    case "list" -> redis.commands().lpush(spoilt, whole);
                    case "bytes" -> redis.commands().set(spoilt, "secret".getBytes(UTF_8));
                    case "named" -> redis.commands().set("sluice:idempotency:{x}:" + rubbish, whole);
                    case "changed" -> {
                        byte[] changed = whole.clone();
                        changed[changed.length - 1]++;
                        redis.commands().set(spoilt, changed);
                    }
                    default ->
                        redis.commands().set(spoilt, Arrays.copyOf(whole, Integer.parseInt(rubbish.substring(4))));
                }
                deliver(delivery, keyed(call(42, "text"), "order " + rubbish), answering("what was written"));
                assertThat(answers.forgetText(42)).as(rubbish).isEqualTo(1);
                assertThat(answers.forget(42)).as(rubbish).isPositive();
            }
        }
    }

    private String again(Delivery delivery, long chat, String key, AtomicInteger sent) throws Exception {
        Outcome outcome = deliver(delivery, keyed(call(chat, "text"), key), counting(sent));
        assertThat(outcome).isInstanceOf(Outcome.Duplicate.class);
        return new String(((Outcome.Duplicate) outcome).reply().body(), UTF_8);
    }

    @Test
    void what_is_kept_of_an_answer_is_asked_for_each_and_its_own_caller_gets_all_of_it() throws Exception {
        KeptAnswers less = (call, reply) -> call.user().isPresent() ? Reply.of(reply.status(), new byte[0]) : reply;
        var sent = new AtomicInteger();
        try (var delivery = newPipeline(settings().withKept(less))) {
            Outcome first = deliver(delivery, keyed(call(42, "text"), "order"), answering("what was written"));
            assertThat(new String(((Outcome.Sent) first).reply().body(), UTF_8)).isEqualTo("what was written");
            assertThat(again(delivery, 42, "order", sent)).isEmpty();
            // One whose caller was gone when it was answered is for its twin, of whom no more is kept either.
            var lost = delivery.deliver(call(42, "lost"), new Caller(), answering("what was written"));
            lost.receipt().lost();
            Outcome twin = deliver(delivery, call(42, "lost"), counting(sent));
            assertThat(((Outcome.Duplicate) twin).reply().body()).isEmpty();
        }
        assertThat(sent).hasValue(0);
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
