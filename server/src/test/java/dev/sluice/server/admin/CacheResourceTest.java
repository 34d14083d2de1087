package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Caches that callers fill, over HTTP. */
class CacheResourceTest {
    private static final String ANN = "/v1/cache/user/42";

    private final Caches caches = Caches.inMemory();
    private final AdminFixture api = new AdminFixture(
            new AdminAccess(Optional.empty(), true, "127.0.0.1"),
            System::nanoTime,
            new CacheResource(CacheResource.open(
                    caches, List.of(CacheSettings.USER, CacheSettings.SERVERS.withMode(CacheMode.OFF)))));

    @AfterEach
    void close() {
        api.close();
        caches.close();
    }

    private JsonNode ask(String path) throws Exception {
        var answer = api.get(path);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private String fill(String path) throws Exception {
        JsonNode answer = ask(path);
        assertThat(answer.path("state").asString()).isEqualTo("load");
        assertThat(answer.path("lease_ms").asLong()).isPositive();
        return answer.path("fill").asString();
    }

    private int put(String path, String fill, String what) throws Exception {
        return api.json("PUT", path, "{\"fill\":\"" + fill + "\"," + what + "}").status();
    }

    @Test
    void who_misses_loads_and_all_others_read_what_it_brings() throws Exception {
        String fill = fill(ANN);
        var busy = api.get(ANN + "?wait_ms=0");
        assertThat(busy.json().path("state").asString()).isEqualTo("wait");
        assertThat(busy.json().path("fill").isNull()).isTrue();
        assertThat(busy.json().path("remaining_ms").asLong()).isPositive();
        assertThat(Integer.parseInt(
                        busy.http().headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(1, 4);

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> ask(ANN));
            assertThat(put(ANN, fill, "\"value\":{\"name\":\"Ann\",\"rank\":1.50}"))
                    .isEqualTo(204);
            assertThat(waiting.get(20, TimeUnit.SECONDS).path("state").asString())
                    .isEqualTo("hit");
        }
        var hit = api.get(ANN);
        assertThat(hit.json().path("state").asString()).isEqualTo("hit");
        assertThat(hit.http().body()).contains("\"value\":{\"name\":\"Ann\",\"rank\":1.5");
        assertThat(hit.json().path("stale").asBoolean(true)).isFalse();
        assertThat(hit.json().path("remaining_ms").asLong()).isBetween(500_000L, 600_000L);
        assertThat(put(ANN, fill, "\"value\":2")).isEqualTo(409);
    }

    @Test
    void that_there_is_none_and_null_are_told_apart() throws Exception {
        assertThat(put(ANN, fill(ANN), "\"none\":true")).isEqualTo(204);
        assertThat(ask(ANN).path("state").asString()).isEqualTo("none");
        String other = "/v1/cache/user/43";
        assertThat(put(other, fill(other), "\"value\":null")).isEqualTo(204);
        JsonNode hit = ask(other);
        assertThat(hit.path("state").asString()).isEqualTo("hit");
        assertThat(hit.path("value").isNull()).isTrue();
    }

    @Test
    void who_could_not_load_says_so_who_takes_longer_renews() throws Exception {
        String failing = fill(ANN);
        assertThat(put(ANN, failing, "\"failed\":true")).isEqualTo(204);
        String slow = fill(ANN);
        assertThat(put(ANN, failing, "\"renew\":true")).isEqualTo(409);
        assertThat(put(ANN, slow, "\"renew\":true")).isEqualTo(204);
        assertThat(put(ANN, slow, "\"value\":[1,2]")).isEqualTo(204);
    }

    @Test
    void what_is_put_or_deleted_meanwhile_is_not_overwritten() throws Exception {
        String slow = fill(ANN);
        assertThat(api.json("PUT", ANN, "{\"value\":\"new\"}").status()).isEqualTo(204);
        assertThat(put(ANN, slow, "\"value\":\"old\"")).isEqualTo(409);
        assertThat(ask(ANN).path("value").asString()).isEqualTo("new");
        assertThat(api.send("DELETE", ANN, "").status()).isEqualTo(204);
        String again = fill(ANN);
        assertThat(api.send("DELETE", ANN, "").status()).isEqualTo(204);
        var late = api.json("PUT", ANN, "{\"fill\":\"" + again + "\",\"value\":\"old\"}");
        assertThat(late.type()).isEqualTo("fill-lost");
        assertThat(late.http().body()).doesNotContain(again);
    }

    @Test
    void a_cache_that_is_off_is_loaded_by_each_and_takes_everything() throws Exception {
        String server = "/v1/cache/servers/1";
        for (int i = 0; i < 2; i++) {
            JsonNode miss = ask(server);
            assertThat(miss.path("state").asString()).isEqualTo("load");
            assertThat(miss.path("fill").isNull()).isTrue();
            assertThat(api.json("PUT", server, "{\"fill\":null,\"value\":1}").status())
                    .isEqualTo(204);
            assertThat(api.json("PUT", server, "{\"value\":1}").status()).isEqualTo(204);
            assertThat(api.send("DELETE", server, "").status()).isEqualTo(204);
        }
    }

    @Test
    void what_was_loaded_without_a_lease_is_not_kept() throws Exception {
        assertThat(api.json("PUT", ANN, "{\"fill\":null,\"value\":1}").status()).isEqualTo(204);
        assertThat(ask(ANN).path("state").asString()).isEqualTo("load");
    }

    @Test
    void ids_are_the_keys_of_java_and_of_other_texts_only_a_digest_is() throws Exception {
        var user = caches.all().stream()
                .filter(cache -> cache.settings().name().equals("user"))
                .findFirst()
                .orElseThrow();
        api.json("PUT", "/v1/cache/user/42_-100", "{\"value\":1}");
        api.json("PUT", "/v1/cache/user/Z%C3%BCrich%20Main%20St%2F1", "{\"value\":2}");
        assertThat(user.get(CacheKey.of(42, -100), Optional::empty)).isPresent();
        assertThat(user.get(CacheKey.ofTexts("Zürich Main St/1"), Optional::empty))
                .isPresent();
        assertThat(ask("/v1/cache/user/Z%C3%BCrich%20Main%20St%2F1")
                        .path("value")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void an_unknown_cache_is_told_which_there_are() throws Exception {
        for (String method : List.of("GET", "DELETE")) {
            var answer = api.send(method, "/v1/cache/secretname/42", "");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.json().path("detail").asString()).isEqualTo("caches are user, servers");
            assertThat(answer.http().body()).doesNotContain("secretname");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | value, none, failed, renew",
                "{\"value\":1,\"none\":true} | value, none, failed, renew",
                "{\"none\":false} | value, none, failed, renew",
                "{\"none\":true} | /fill",
                "{\"failed\":true} | /fill",
                "{\"fill\":\"a secret\",\"value\":1} | /fill",
                "{\"fill\":7,\"value\":1} | /fill",
                "{\"value\":1e999} | IEEE doubles",
                "{\"value\":1,\"ttl\":5} | unknown member",
                "[] | must be an object"
            })
    void what_is_malformed_is_told_and_changes_nothing(String body, String wrong) throws Exception {
        var answer = api.json("PUT", ANN, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().toString()).contains(wrong).doesNotContain("secret");
        assertThat(ask(ANN).path("state").asString()).isEqualTo("load");
    }

    @ParameterizedTest
    @CsvSource({
        "?wait_ms=10001, wait_ms",
        "?wait_ms=-1, wait_ms",
        "?early=yes, early",
        "?within=5, query",
    })
    void what_is_asked_for_wrongly_is_told(String query, String wrong) throws Exception {
        var answer = api.get(ANN + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(AdminFixture.errors(answer)).containsKey(wrong);
    }

    @Test
    void keys_and_values_have_bounds() throws Exception {
        assertThat(api.get("/v1/cache/user/" + "x".repeat(256)).status()).isEqualTo(400);
        assertThat(api.get("/v1/cache/user/%FF").status()).isEqualTo(400);
        assertThat(api.json("PUT", ANN, "{\"value\":\"" + "x".repeat(BodyReader.LARGEST) + "\"}")
                        .status())
                .isEqualTo(413);
        String deep = "[".repeat(101) + "]".repeat(101);
        assertThat(api.json("PUT", ANN, "{\"value\":" + deep + "}").status()).isEqualTo(400);
    }
}
