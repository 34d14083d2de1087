package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.access.AccessState;
import dev.sluice.access.AccessStates;
import dev.sluice.access.AccessTruth;
import dev.sluice.cache.Caches;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether users have access, over HTTP. */
class AccessResourceTest {
    private static final String ANN = "/v1/access/123456/42";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2027-01-15T12:00:00Z"));
    private final AtomicBoolean losesAnswers = new AtomicBoolean();
    private final AccessTruth.Settable truth = new LosingAnswers(AccessTruth.inMemory());
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new AccessResource(new AccessStates(Caches.inMemory(), AccessStates.DEFAULT, truth, now::get), truth));

    /** Does what it is told, of which the answer may be lost. */
    private final class LosingAnswers implements AccessTruth.Settable {
        private final AccessTruth.Settable kept;

        LosingAnswers(AccessTruth.Settable kept) {
            this.kept = kept;
        }

        @Override
        public Optional<AccessState> find(BotId bot, long user) {
            return kept.find(bot, user);
        }

        @Override
        public void set(BotId bot, long user, AccessState state) {
            kept.set(bot, user, state);
            answer();
        }

        @Override
        public boolean remove(BotId bot, long user) {
            boolean removed = kept.remove(bot, user);
            answer();
            return removed;
        }

        @Override
        public Set<BotId> bots(long user) {
            return kept.bots(user);
        }

        private void answer() {
            if (losesAnswers.get()) {
                throw new RedisUnavailableException("the answer was lost", true, null);
            }
        }
    }

    @Test
    void what_was_said_holds_at_once_although_nobody_knows_that_it_was_heard() throws Exception {
        assertThat(api.get(ANN).json().path("reason").asString()).isEqualTo("unknown");
        losesAnswers.set(true);
        assertThat(api.json("PUT", ANN, "{\"has_access\":false,\"reason\":\"banned\"}")
                        .status())
                .isEqualTo(503);
        assertThat(api.get(ANN).json().path("reason").asString()).isEqualTo("banned");
        assertThat(api.send("DELETE", ANN, "").status()).isEqualTo(503);
        assertThat(api.get(ANN).json().path("reason").asString()).isEqualTo("unknown");
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void what_was_said_of_a_user_holds_at_once_and_until_it_is_forgotten() throws Exception {
        var unknown = api.get(ANN).json();
        assertThat(unknown.path("has_access").asBoolean(true)).isFalse();
        assertThat(unknown.path("reason").asString()).isEqualTo("unknown");

        var set = api.json("PUT", ANN, "{\"has_access\":true,\"reason\":\"subscription\"}");
        assertThat(set.status()).isEqualTo(200);
        assertThat(set.json().path("bot").asLong()).isEqualTo(123_456);
        assertThat(set.json().path("user").asLong()).isEqualTo(42);
        assertThat(set.json().path("has_access").asBoolean()).isTrue();
        assertThat(set.json().path("trial_ends_at").isNull()).isTrue();
        assertThat(api.get(ANN).json()).isEqualTo(set.json());
        assertThat(api.get("/v1/access/123457/42").json().path("reason").asString())
                .isEqualTo("unknown");

        assertThat(api.send("DELETE", ANN, "").status()).isEqualTo(204);
        assertThat(api.send("DELETE", ANN, "").status()).isEqualTo(204);
        assertThat(api.get(ANN).json()).isEqualTo(unknown);
    }

    @Test
    void a_trial_ends_by_itself() throws Exception {
        api.json("PUT", ANN, "{\"has_access\":true,\"reason\":\"trial\",\"trial_ends_at\":\"2027-01-15T12:00:05Z\"}");
        assertThat(api.get(ANN).json().path("has_access").asBoolean()).isTrue();
        now.set(Instant.parse("2027-01-15T12:00:05Z"));
        var ended = api.get(ANN).json();
        assertThat(ended.path("has_access").asBoolean(true)).isFalse();
        assertThat(ended.path("reason").asString()).isEqualTo("trial_ended");
        assertThat(ended.path("trial_ends_at").asString()).isEqualTo("2027-01-15T12:00:05Z");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"reason\":\"paid\"} | /has_access",
                "{\"has_access\":true} | /reason",
                "{\"has_access\":true,\"reason\":\"a secret name\"} | /reason",
                "{\"has_access\":true,\"reason\":\"trial\",\"trial_ends_at\":\"tomorrow\"} | /trial_ends_at",
                "{\"has_access\":true,\"reason\":\"trial\",\"trial_ends_at\":\"+1000000000-12-31T23:59:59Z\"} | /trial_ends_at",
                "{\"has_access\":true,\"reason\":\"paid\",\"until\":1} | unknown member"
            })
    void what_is_malformed_is_told_and_changes_nothing(String body, String wrong) throws Exception {
        var answer = api.json("PUT", ANN, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().toString()).contains(wrong).doesNotContain("secret");
        assertThat(api.get(ANN).json().path("reason").asString()).isEqualTo("unknown");
        assertThat(api.get("/v1/access/0/42").status()).isEqualTo(400);
        assertThat(api.get("/v1/access/123456/ann").status()).isEqualTo(400);
    }
}
