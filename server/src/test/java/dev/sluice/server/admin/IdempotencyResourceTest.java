package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.encryption.Sealer;
import dev.sluice.execution.KeptResults;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.server.admin.AdminFixture.Answer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Claims over HTTP, on the guard in memory and a clock that the test sets. */
@Timeout(60)
class IdempotencyResourceTest {
    private final AtomicLong clock = new AtomicLong(1_800_000_000_000_000L);
    private final InMemoryIdempotencyGuard guard = new InMemoryIdempotencyGuard(clock::get);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final PatientClaims claims =
            new PatientClaims(guard, guard, new Random(17), (kind, claim) -> told.add(kind + " " + name(claim)));
    private final PrivacyLevels levels = PrivacyLevels.inMemory();
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new IdempotencyResource(
                    claims,
                    new KeptResults<>(ResultCodec.TEXT, Sealer.NONE, KeptResults.LARGEST),
                    Duration.ofMinutes(30),
                    levels));

    private static String name(Claim claim) {
        return claim.getClass().getSimpleName();
    }

    @AfterEach
    void close() {
        api.close();
        claims.close();
    }

    @Test
    void the_first_caller_does_it_and_repeats_get_its_result_until_it_is_forgotten() throws Exception {
        JsonNode mine = claim("order-17", "{\"fingerprint\":\"17 EUR\"}").json();
        assertThat(mine.path("claimed").asBoolean()).isTrue();
        assertThat(mine.path("state").asString()).isEqualTo("processing");
        JsonNode twin = claim("order-17", "{\"fingerprint\":\"17 EUR\"}").json();
        assertThat(twin.path("claimed").asBoolean()).isFalse();
        assertThat(twin.path("state").asString()).isEqualTo("processing");
        assertThat(twin.path("fence").isNull()).isTrue();
        assertThat(twin.path("lease_remaining_ms").asLong()).isEqualTo(30_000);

        String end = "{\"fence\":" + mine.path("fence").asLong() + ",\"result\":\"receipt\\n5\"}";
        assertThat(post("order-17", "/complete", end).status()).isEqualTo(204);
        assertThat(post("order-17", "/complete", end).status())
                .as("the same once more")
                .isEqualTo(204);
        JsonNode repeat = claim("order-17", "{\"fingerprint\":\"17 EUR\"}").json();
        assertThat(repeat.path("state").asString()).isEqualTo("completed");
        assertThat(repeat.path("result").asString()).isEqualTo("receipt\n5");
        assertThat(look("order-17")).isEqualTo(repeat);
        clock.addAndGet(Duration.ofMinutes(30).toMillis() * 1_000);
        assertThat(look("order-17").path("state").asString()).isEqualTo("free");
        assertThat(claim("order-17", "").json().path("claimed").asBoolean()).isTrue();
        assertThat(told).containsExactly("work New", "work Processing", "work Completed", "work New");
    }

    @Test
    void other_content_under_the_key_is_refused_and_other_kinds_do_not_meet() throws Exception {
        claim("a", "{\"fingerprint\":\"one\"}");

        Answer other = claim("a", "{\"fingerprint\":\"two\"}");
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.type()).isEqualTo("key-mismatch");
        assertThat(api.json("POST", "/v1/idempotency/a?kind=refund", "{}")
                        .json()
                        .path("claimed")
                        .asBoolean())
                .isTrue();
        assertThat(told).containsExactly("work New", "work Mismatch", "refund New");
    }

    @Test
    void a_failure_is_told_to_repeats_and_what_was_released_is_done_again() throws Exception {
        long fence = fence(claim("a", "{}"));
        assertThat(post("a", "/fail", "{\"fence\":" + fence + ",\"reason\":\"declined\",\"keep_ms\":1000}")
                        .status())
                .isEqualTo(204);
        assertThat(look("a").path("state").asString()).isEqualTo("failed");
        assertThat(look("a").path("result").asString()).isEqualTo("declined");
        clock.addAndGet(1_000_000);

        long second = fence(claim("a", "{}"));
        assertThat(second).isGreaterThan(fence);
        assertThat(post("a", "/release", "{\"fence\":" + second + "}").status()).isEqualTo(204);
        long third = fence(claim("a", "{}"));
        assertThat(post("a", "/fail", "{\"fence\":" + third + "}").status()).isEqualTo(204);
        assertThat(claim("a", "{}").json().path("result").isNull()).isTrue();
    }

    @Test
    void results_that_may_hold_the_text_of_a_user_with_privacy_none_are_not_kept_and_the_key_still_is()
            throws Exception {
        levels.set(42, PrivacyLevel.NONE);
        for (String user : List.of("42", "43")) {
            long done = fence(claim("a" + user, "{}"));
            String completed = "{\"fence\":" + done + ",\"result\":\"said\",\"user\":" + user + "}";
            assertThat(post("a" + user, "/complete", completed).status()).isEqualTo(204);
            assertThat(post("a" + user, "/complete", completed).status()).isEqualTo(204);
            long failed = fence(claim("b" + user, "{}"));
            assertThat(post("b" + user, "/fail", "{\"fence\":" + failed + ",\"reason\":\"said\",\"user\":" + user + "}")
                            .status())
                    .isEqualTo(204);
        }
        assertThat(look("a42").path("state").asString()).isEqualTo("completed");
        assertThat(look("a42").path("result").isNull()).isTrue();
        assertThat(look("b42").path("state").asString()).isEqualTo("failed");
        assertThat(look("b42").path("result").isNull()).isTrue();
        assertThat(look("a43").path("result").asString()).isEqualTo("said");
        assertThat(look("b43").path("result").asString()).isEqualTo("said");
    }

    @Test
    void what_a_dead_caller_left_is_unknown_or_done_again_and_its_fence_is_refused() throws Exception {
        long atMostOnce = fence(claim("a", "{\"lease_ms\":1000}"));
        long atLeastOnce = fence(claim("b", "{\"lease_ms\":1000,\"abandoned\":\"retry\"}"));
        clock.addAndGet(1_000_000);

        assertThat(claim("a", "{}").json().path("state").asString()).isEqualTo("unknown");
        assertThat(fence(claim("b", "{}"))).isGreaterThan(atLeastOnce);
        for (String end : List.of("complete", "fail", "release")) {
            for (String late : List.of("a " + atMostOnce, "b " + atLeastOnce)) {
                String[] parts = late.split(" ", -1);
                Answer lost = post(parts[0], "/" + end, "{\"fence\":" + parts[1] + "}");
                assertThat(lost.status()).isEqualTo(409);
                assertThat(lost.type()).isEqualTo("claim-lost");
            }
        }
        assertThat(post("b", "/renew", "{\"fence\":" + atLeastOnce + ",\"lease_ms\":1000}")
                        .type())
                .isEqualTo("claim-lost");
    }

    @Test
    void a_late_end_is_refused_although_the_successors_was_the_same() throws Exception {
        for (String end : List.of("complete", "fail")) {
            long late = fence(claim(end, "{\"lease_ms\":1000,\"abandoned\":\"retry\"}"));
            clock.addAndGet(1_000_000);
            long successor = fence(claim(end, "{}"));
            assertThat(post(end, "/" + end, "{\"fence\":" + successor + "}").status())
                    .isEqualTo(204);

            assertThat(post(end, "/" + end, "{\"fence\":" + late + "}").type()).isEqualTo("claim-lost");
            assertThat(post(end, "/" + end, "{\"fence\":" + successor + "}").status())
                    .isEqualTo(204);
        }
    }

    @Test
    void a_fingerprint_may_be_any_text_whatever_the_width_of_its_characters() throws Exception {
        String mixed = "a\uD83D\uDE00".repeat(12_000);

        assertThat(claim("a", "{\"fingerprint\":\"" + mixed + "\"}")
                        .json()
                        .path("claimed")
                        .asBoolean())
                .isTrue();
        assertThat(claim("a", "{\"fingerprint\":\"" + mixed + "b\"}").type()).isEqualTo("key-mismatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%FF", "%C3", "%ED%A0%80", "%C0%AF"})
    void a_key_that_is_no_text_is_refused_or_two_would_be_one(String key) throws Exception {
        assertThat(AdminFixture.errors(claim(key, "{}"))).containsEntry("key", "must be percent-encoded UTF-8");
    }

    @Test
    void a_lease_is_renewed() throws Exception {
        long fence = fence(claim("a", "{\"lease_ms\":1000}"));
        clock.addAndGet(900_000);
        assertThat(post("a", "/renew", "{\"fence\":" + fence + ",\"lease_ms\":2000}")
                        .status())
                .isEqualTo(204);
        clock.addAndGet(1_900_000);

        assertThat(look("a").path("lease_remaining_ms").asLong()).isEqualTo(100);
    }

    @Test
    void a_twin_waits_for_the_result() throws Exception {
        long fence = fence(claim("a", "{}"));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var twin = threads.submit(() -> claim("a", "{\"wait_ms\":30000}"));
            await().atMost(Duration.ofSeconds(20)).until(() -> claims.waiting() == 1);
            post("a", "/complete", "{\"fence\":" + fence + ",\"result\":\"done\"}");

            assertThat(twin.get().json().path("result").asString()).isEqualTo("done");
        }
        assertThat(claims.waiting()).isZero();
    }

    @Test
    void a_twin_that_leaves_while_it_waits_claims_nothing() throws Exception {
        long fence = fence(claim("a", "{}"));
        try (Socket leaving = api.connect()) {
            String body = "{\"wait_ms\":30000}";
            leaving.getOutputStream()
                    .write(("POST /v1/idempotency/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                    + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            await().atMost(Duration.ofSeconds(20)).until(() -> claims.waiting() == 1);
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> claims.waiting() == 0);
        post("a", "/release", "{\"fence\":" + fence + "}");

        assertThat(look("a").path("state").asString()).isEqualTo("free");
    }

    @Test
    void keys_are_any_text() throws Exception {
        for (String key : List.of("%2E%2E%2Fx", "a%20b%3Fc%2Fcomplete", "%F0%9F%98%80", "x".repeat(255))) {
            assertThat(claim(key, "{}").json().path("claimed").asBoolean())
                    .as(key)
                    .isTrue();
            assertThat(claim(key, "{}").json().path("claimed").asBoolean())
                    .as(key)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a?kind=Two%20Words | {} | kind | must be 1 to 32 of a-z 0-9 _ -",
                "a | {'lease_ms':99} | /lease_ms | must be a whole number from 100 to 3600000",
                "a | {'wait_ms':30001} | /wait_ms | must be a whole number from 0 to 30000",
                "a | {'abandoned':'ignore'} | /abandoned | must be one of retry, unknown",
                "a | {'keep_ms':0} | /keep_ms | must be a whole number from 1 to 2678400000",
                "a | {'key':'b'} | \"\" | has an unknown member",
                "a/complete | {} | /fence | is missing",
                "a/complete | {'fence':0} | /fence | must be a whole number from 1 to 9007199254740992",
                "a/complete | {'fence':1,'result':5} | /result | must be a text",
                "a/renew | {'fence':1} | /lease_ms | is missing"
            })
    void what_is_malformed_is_said_and_changes_nothing(String path, String body, String at, String problem)
            throws Exception {
        Answer answer = api.json("POST", "/v1/idempotency/" + path, body.replace('\'', '"'));

        assertThat(answer.type()).isEqualTo("malformed");
        assertThat(AdminFixture.errors(answer).get(at)).startsWith(problem);
        assertThat(look("a").path("state").asString()).isEqualTo("free");
    }

    @Test
    void a_key_that_is_too_long_is_refused_without_being_repeated() throws Exception {
        Answer answer = claim("secret".repeat(50), "{}");

        assertThat(AdminFixture.errors(answer)).containsEntry("key", "must be 1 to 255 characters");
        assertThat(answer.http().body()).doesNotContain("secret");
    }

    private Answer claim(String key, String body) throws Exception {
        String path = "/v1/idempotency/" + key;
        return body.isEmpty() ? api.send("POST", path, "") : api.json("POST", path, body);
    }

    private Answer post(String key, String verb, String body) throws Exception {
        return api.json("POST", "/v1/idempotency/" + key + verb, body);
    }

    private JsonNode look(String key) throws Exception {
        return api.get("/v1/idempotency/" + key).json();
    }

    private static long fence(Answer claimed) {
        assertThat(claimed.json().path("claimed").asBoolean()).isTrue();
        return claimed.json().path("fence").asLong();
    }
}
